"""People of a raster in units: each cell with people as a point in its unit, since people walk from there, against geopandas' join; and the
sums of units, by the same rule and with cells on borders shared out by area, against rasterstats where it is installed.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from importlib.util import find_spec

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from benchmarks.common import Row, least_seconds
from layers.unit_grid import UnitGrid
from layers.units import Ground
from planner.cell_sums import cell_sums

CELL_M = 100.0
N_UNITS = 500
METRIC = CRS.from_epsg(4546)


def ground_of(side_m: float) -> Ground:
    """Units that fill a square without gap or overlap."""
    points = np.random.default_rng(1).uniform(0, side_m, (N_UNITS, 2))
    box = shapely.box(0, 0, side_m, side_m)
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box)), box)
    ids = [f"u{i:03}" for i in range(len(cells))]
    table = {"unit_id": ids, "name": ids, "level": "village", "parent_id": ""}
    return Ground(METRIC, gpd.GeoDataFrame(table, geometry=cells, crs=METRIC), "village")


def rows(*, large: bool) -> Iterator[Row]:
    """Points in units, then sums of a raster by units; the sum over all units is the sum of the raster."""
    yield from points_in_units(1500 if large else 700)
    yield from sums_by_unit(3163 if large else 1000)


def counts_of(side: int) -> NDArray[np.float64]:
    """People in side x side cells; every other cell has some."""
    rng = np.random.default_rng(2)
    return rng.poisson(2.0, (side, side)).astype(np.float64) * (rng.random((side, side)) < 0.5)


def points_in_units(side: int) -> Iterator[Row]:
    """Every cell with people is a point in its unit."""
    counts, ground = counts_of(side), ground_of(side * CELL_M)
    row, column = np.nonzero(counts)
    points = shapely.points((column + 0.5) * CELL_M, (side - row - 0.5) * CELL_M)
    name = f"{len(points):,} points in {N_UNITS} units"
    seconds, unit = least_seconds(lambda: ground.rows_at(points), 2)
    sums = np.bincount(unit, weights=counts[row, column], minlength=N_UNITS)
    assert_kept(sums, counts)
    yield Row("T6 points in units", name, "ours", seconds, seconds, "sum of people kept to 1e-12")
    frame = gpd.GeoDataFrame({"people": counts[row, column]}, geometry=points, crs=METRIC)
    theirs, joined = least_seconds(lambda: frame.sjoin(ground.finest[["unit_id", "geometry"]], predicate="within"), 1)
    others = joined.groupby("unit_id")["people"].sum().reindex(ground.finest["unit_id"]).to_numpy()
    yield Row("T6 points in units", name, "geopandas sjoin", theirs, seconds, _off(sums, others, 1e-4))


def sums_by_unit(side: int) -> Iterator[Row]:
    """The sums of units: whole cells by their middles, as rasterstats does it, and cells on borders shared out by area, which it cannot."""
    counts, place = counts_of(side), rasterio.Affine(CELL_M, 0.0, 0.0, 0.0, -CELL_M, side * CELL_M)
    units, middle = ground_of(side * CELL_M).finest.geometry.to_numpy(), (np.arange(side) + 0.5) * CELL_M

    def by_middles() -> NDArray[np.float64]:
        unit = UnitGrid(units, counts.size).rows_at(middle, middle[::-1, None])
        return np.bincount(unit.ravel() + 1, weights=counts.ravel(), minlength=N_UNITS + 1)[1:]

    def by_area() -> NDArray[np.float64]:
        return cell_sums(units, counts, (0.0, side * CELL_M), (CELL_M, CELL_M)).total

    name = f"{counts.size:,} cells in {N_UNITS} units"
    by_area()  # compiles
    seconds, exact = least_seconds(by_area, 5)
    middles_seconds, sums = least_seconds(by_middles, 3)
    assert_kept(sums, counts)
    assert_kept(exact, counts)
    yield Row("T6 sums, borders by area", name, "ours", seconds, seconds, "sum of people kept to 1e-12")
    yield Row("T6 sums, borders by area", name, "ours, whole cells by their middles", middles_seconds, seconds, _off(exact, sums))
    if find_spec("rasterstats") is None:
        print("rasterstats is not installed and is left out")
        return
    import rasterstats  # noqa: PLC0415 -- an engine that need not be there

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # of how rasterstats multiplies its affine
        theirs, found = least_seconds(lambda: rasterstats.zonal_stats(list(units), counts, affine=place, stats=["sum"], nodata=-1), 3)
    stats = np.array([float(each["sum"] or 0.0) for each in found])
    note = f"{_off(exact, stats)}; from ours by middles {_off(sums, stats, 1e-4)}"
    yield Row("T6 sums, borders by area", name, "rasterstats, whole cells by their middles", theirs, seconds, note)


def assert_kept(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    """Nobody is lost."""
    if not math.isclose(math.fsum(sums), math.fsum(counts.ravel()), rel_tol=1e-12):
        raise AssertionError("people are lost")


def _off(ours: NDArray[np.float64], theirs: NDArray[np.float64], most: float = 1.0) -> str:
    """How much the sums of single units differ: by all cells on borders, or `most` under one rule, by those with their middle on a border."""
    off = np.abs(ours - theirs).sum() / ours.sum()
    if off > most:
        raise AssertionError(f"sums differ by {off:.2%}")
    return f"sums of units differ by {off:.1e} in all"
