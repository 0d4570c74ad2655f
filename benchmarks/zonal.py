"""People of a raster in units: points in their unit against geopandas' join; and cells shared out by area where a border passes through them,
as the line does it, against cutting them as polygons, and against whole cells by their middles (rasterstats, where it is installed).
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
from layers.cell_shares import sums_of
from layers.cells_on_ground import CellsOnGround
from layers.sources.raster import KEYS_PER_ROW, CellGrid
from layers.units import Ground

CELL_M = 100.0
N_UNITS = 500
N_CUT = 20
"""units whose cells are cut one by one; the time is scaled up"""
METRIC = CRS.from_epsg(4546)
Floats = NDArray[np.float64]


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


def counts_of(side: int) -> Floats:
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
    """The people of units from the cells that have some: shared out by area, by two roads that must agree, and whole by their middles."""
    counts, place = counts_of(side), rasterio.Affine(CELL_M, 0.0, 0.0, 0.0, -CELL_M, side * CELL_M)
    ground = ground_of(side * CELL_M)
    units = ground.finest.geometry.to_numpy()
    row, column = np.nonzero(counts)
    people, key = counts[row, column], row * KEYS_PER_ROW + column

    def by_the_line() -> Floats:
        return sums_of(CellsOnGround(key, CellGrid(METRIC, place), ground).runs("share"), people, N_UNITS)

    def by_cutting() -> Floats:
        west, north = column * CELL_M, (side - row) * CELL_M
        cells = shapely.box(west, north - CELL_M, west + CELL_M, north)
        unit, cell = shapely.STRtree(cells).query(units[:N_CUT], predicate="intersects")
        share = shapely.area(shapely.intersection(units[unit], cells[cell])) / CELL_M**2
        return np.asarray(np.bincount(unit, people[cell] * share, minlength=N_CUT))

    task, name = "T6 cells in units, borders by area", f"{len(key):,} of {counts.size:,} cells in {N_UNITS} units"
    by_the_line()  # compiles
    seconds, ours = least_seconds(by_the_line, 3)
    assert_kept(ours, counts)
    yield Row(task, name, "ours", seconds, seconds, "sum of people kept to 1e-12")
    cut_seconds, cut = least_seconds(by_cutting, 1)
    yield Row(task, name, "every cell cut as a polygon", cut_seconds * N_UNITS / N_CUT, seconds, _off(ours[:N_CUT], cut, 1e-9))
    if find_spec("rasterstats") is None:
        print("rasterstats is not installed and is left out")
        return
    import rasterstats  # noqa: PLC0415 -- an engine that need not be there

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # of how rasterstats multiplies its affine
        theirs, found = least_seconds(lambda: rasterstats.zonal_stats(list(units), counts, affine=place, stats=["sum"], nodata=-1), 3)
    stats = np.array([float(each["sum"] or 0.0) for each in found])
    yield Row(task, name, "rasterstats, whole cells by their middles", theirs, seconds, _off(ours, stats))


def assert_kept(sums: Floats, counts: Floats) -> None:
    """Nobody is lost."""
    if not math.isclose(math.fsum(sums), math.fsum(counts.ravel()), rel_tol=1e-12):
        raise AssertionError("people are lost")


def _off(ours: Floats, theirs: Floats, most: float = 1.0) -> str:
    """How much the sums of single units differ, at most `most`."""
    off = np.abs(ours - theirs).sum() / ours.sum()
    if off > most:
        raise AssertionError(f"sums differ by {off:.2%}")
    return f"sums of units differ by {off:.1e} in all"
