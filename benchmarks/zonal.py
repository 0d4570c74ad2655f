"""People of a raster in units. Each cell with people becomes a point in its unit, since people walk from there: that is set against
geopandas' join. Who only wants the sums of units needs no points; a mask per unit, and rasterstats where it is installed, show what that takes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from importlib.util import find_spec

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.features import geometry_mask

from benchmarks.common import Row
from layers.units import Ground

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


def by_mask(counts: NDArray[np.float64], place: rasterio.Affine, units: NDArray[np.object_]) -> NDArray[np.float64]:
    """A window and a mask per unit: cells whose middle lies inside."""
    sums = np.zeros(len(units))
    for row, unit in enumerate(units):
        west, south, east, north = unit.bounds
        first_row, last_row = max(0, int((place.f - north) / CELL_M)), int((place.f - south) / CELL_M)
        first_column, last_column = max(0, int((west - place.c) / CELL_M)), int((east - place.c) / CELL_M)
        part = counts[first_row : last_row + 1, first_column : last_column + 1]
        corner = place.c + first_column * CELL_M, place.f - first_row * CELL_M
        mask = geometry_mask([unit], part.shape, rasterio.Affine(CELL_M, 0.0, corner[0], 0.0, -CELL_M, corner[1]), invert=True)
        sums[row] = part[mask].sum()
    return sums


def rows(*, large: bool) -> Iterator[Row]:
    """Every cell with people is a point in its unit, and the sum over all units is the sum of the raster."""
    side = 1500 if large else 700
    rng = np.random.default_rng(2)
    counts = rng.poisson(2.0, (side, side)).astype(np.float64) * (rng.random((side, side)) < 0.5)
    place = rasterio.Affine(CELL_M, 0.0, 0.0, 0.0, -CELL_M, side * CELL_M)
    ground = ground_of(side * CELL_M)
    units, (row, column) = ground.finest.geometry.to_numpy(), np.nonzero(counts)
    points = shapely.points((column + 0.5) * CELL_M, (side - row - 0.5) * CELL_M)
    name = f"{len(points):,} points in {N_UNITS} units"
    begin = time.process_time()
    unit = ground.rows_at(points)
    sums = np.bincount(unit, weights=counts[row, column], minlength=len(units))
    seconds = time.process_time() - begin
    if (unit < 0).any() or not math.isclose(math.fsum(sums), math.fsum(counts.ravel()), rel_tol=1e-12):
        raise AssertionError("people are lost")
    yield Row("T6 points in units", name, "ours", seconds, seconds, "sum of people kept to 1e-12")
    begin = time.process_time()
    frame = gpd.GeoDataFrame({"people": counts[row, column]}, geometry=points, crs=METRIC)
    joined = frame.sjoin(ground.finest[["unit_id", "geometry"]], predicate="within")
    theirs = joined.groupby("unit_id")["people"].sum().reindex(ground.finest["unit_id"]).to_numpy()
    yield Row("T6 points in units", name, "geopandas sjoin", time.process_time() - begin, seconds, _difference(sums, theirs))
    begin = time.process_time()
    theirs = by_mask(counts, place, units)
    yield Row("T6 sums only", name, "rasterio mask per unit", time.process_time() - begin, seconds, _difference(sums, theirs))
    if find_spec("rasterstats") is None:
        print("rasterstats is not installed and is left out")
        return
    import rasterstats  # noqa: PLC0415 -- an engine that need not be there

    begin = time.process_time()
    found = rasterstats.zonal_stats(list(units), counts, affine=place, stats=["sum"], nodata=-1)
    stats = np.array([float(each["sum"] or 0.0) for each in found])
    yield Row("T6 sums only", name, "rasterstats", time.process_time() - begin, seconds, _difference(sums, stats))


def _difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> str:
    """How much the sums of single units differ: cells whose middle is on a border to the last bit may go to either side."""
    off = np.abs(ours - theirs).sum() / ours.sum()
    if off > 1e-4:
        raise AssertionError(f"sums differ by {off:.2%}")
    return f"sums of units differ by {off:.1e} in all"
