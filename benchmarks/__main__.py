"""`python -m benchmarks`: the table of ratios. Some minutes by default; `--large` adds 200,000 and 1,000,000 junctions, `--growth` the great
searches with their peak memory, `--streets FILE` a network of your own (OSM extract, whose utm zone is given by `--crs`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from pyproj import CRS

from benchmarks import circles, county, growth, travel, zonal
from benchmarks.common import Row, show
from layers.problems import Findings
from layers.sources.osm import read_osm_streets
from tests.towns import town


def _rows(arguments: argparse.Namespace) -> Iterator[Row]:
    if arguments.streets:
        streets = read_osm_streets(arguments.streets, CRS.from_user_input(arguments.crs), Findings())
        yield from travel.rows(travel.Size(0, 2_000, 50_000, 100, 20, 5), streets)
        return
    for size in (travel.SMALL, *(travel.LARGE if arguments.large else ())):
        yield from travel.rows(size, town(size.side, seed=1))
    yield from circles.rows(large=arguments.large)
    yield from zonal.rows(large=arguments.large)
    yield from county.rows(large=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="also 200,000 and 1,000,000 junctions (half an hour, 6 GB)")
    parser.add_argument("--growth", action="store_true", help="only how time and memory grow with size (some minutes, 4 GB)")
    parser.add_argument("--streets", type=Path, help="only on the streets of an OSM extract")
    parser.add_argument("--crs", default="EPSG:4546", help="metric system for --streets")
    arguments = parser.parse_args()
    if arguments.growth:
        growth.main()
    else:
        show(_rows(arguments))


if __name__ == "__main__":
    main()
