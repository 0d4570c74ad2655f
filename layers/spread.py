"""Where inside a unit its people live: spots with weights, and the exact division of a total among them.

A spot is a point and a weight. Points give spots as they are; ground (polygons, or a unit as a whole) is cut into cells of `cell_m`, each
weighing its area or its part of a column. Weights only say how a unit's total is shared out: no total changes.
"""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.problems import Findings
from layers.saying import say
from layers.units import Ground

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

MAX_CELLS = 2_000_000
"""More cells than this are refused before any is made."""
MERGE_ABOVE = 60_000
"""With more spots than this, those of one unit in the same small cell become one."""
MERGE_CELL_M = 25.0


@dataclass(frozen=True, eq=False)
class Spots:
    """`n` places where people of a unit live."""

    unit_row: NDArray[np.intp]
    """(n,) row in `Ground.finest`"""
    xy_m: Floats
    """(n, 2) [m]"""
    weight: Floats
    """(n,) > 0, in any unit"""

    def __len__(self) -> int:
        return len(self.unit_row)

    def taken(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Spots:
        """Some of the spots, or all in another order."""
        return Spots(self.unit_row[which], self.xy_m[which], self.weight[which])

    def ordered(self) -> Spots:
        """By unit, then from west to east and south to north: the order of the input does not matter."""
        return self.taken(np.lexsort((self.weight, self.xy_m[:, 1], self.xy_m[:, 0], self.unit_row)))


def joined(*several: Spots) -> Spots:
    """All spots of several sets."""
    return Spots(
        np.concatenate([s.unit_row for s in several]),
        np.concatenate([s.xy_m for s in several]),
        np.concatenate([s.weight for s in several]),
    )


def points_at(xy_m: Floats) -> Shapes:
    """(n,) points. The collector of circular garbage rests meanwhile: it would go through all points again and again, half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return np.asarray(shapely.points(xy_m), dtype=object)
    finally:
        if was_on:
            gc.enable()


def spots_of_points(points: Shapes, weight: Floats, ground: Ground) -> tuple[Spots, NDArray[np.intp]]:
    """Spots of points with weights, without those that have none; and which of the points lie outside every unit."""
    unit_row = ground.rows_at(points)
    spots = Spots(unit_row, shapely.get_coordinates(points), weight).taken((unit_row >= 0) & (weight > 0))
    return spots, np.flatnonzero(unit_row < 0)


def spots_of_polygons(polygons: Shapes, weight: Floats | None, ground: Ground, cell_m: float) -> tuple[Spots, NDArray[np.intp]]:
    """Spots of ground where people live, and which of the polygons touch no unit: every polygon is parted by the units, large parts by cells.

    A part weighs its area [m2], or its share by area of the polygon's own weight.
    """
    units = ground.finest.geometry.to_numpy()
    polygon_row, unit_row = shapely.STRtree(units).query(polygons, predicate="intersects")
    whole = shapely.covers(units[unit_row], polygons[polygon_row])
    parts = polygons[polygon_row].copy()
    parts[~whole] = shapely.intersection(parts[~whole], units[unit_row][~whole])
    per_m2 = np.ones(len(polygons)) if weight is None else weight / shapely.area(polygons)
    part_row, xy_m, area_m2 = cut_to_cells(parts, cell_m)
    spots = Spots(unit_row[part_row], xy_m, area_m2 * per_m2[polygon_row[part_row]])
    return spots.taken(spots.weight > 0), np.setdiff1d(np.arange(len(polygons)), polygon_row)


def even_spots(unit_rows: NDArray[np.intp], ground: Ground, cell_m: float) -> Spots:
    """Spots evenly over the whole ground of some units; at least one in each."""
    part_row, xy_m, area_m2 = cut_to_cells(ground.finest.geometry.to_numpy()[unit_rows], cell_m)
    return Spots(unit_rows[part_row], xy_m, area_m2)


def n_cells(polygons: Shapes, cell_m: float) -> float:
    """How many cells the rectangles of the polygons hold, before any is made."""
    if not len(polygons):
        return 0.0
    west, south, east, north = shapely.bounds(polygons).T
    return float((np.ceil((east - west) / cell_m) * np.ceil((north - south) / cell_m)).sum())


def cut_to_cells(polygons: Shapes, cell_m: float) -> tuple[NDArray[np.intp], Floats, Floats]:
    """(row of the polygon, point inside, area [m2]) of every cell of a square grid in every polygon; small polygons stay whole."""
    area_m2 = shapely.area(polygons)
    west, south, east, north = shapely.bounds(polygons).T.reshape(4, -1)
    is_small = np.maximum(east - west, north - south) <= cell_m
    small = np.flatnonzero(is_small & (area_m2 > 0))
    rows, points, areas = [small], [shapely.get_coordinates(shapely.point_on_surface(polygons[small]))], [area_m2[small]]
    for row in np.flatnonzero(~is_small & (area_m2 > 0)):
        xy_m, cell_area_m2 = _cells_of(polygons[row], cell_m)
        rows.append(np.full(len(xy_m), row))
        points.append(xy_m)
        areas.append(cell_area_m2)
    return np.concatenate(rows).astype(np.intp), np.concatenate(points).reshape(-1, 2), np.concatenate(areas)


def _cells_of(polygon: shapely.Geometry, cell_m: float) -> tuple[Floats, Floats]:
    """Points and areas of the cells of one polygon; a cell that its border cuts has its point in the part inside."""
    west, south, east, north = shapely.bounds(polygon)
    columns = np.arange(math.floor(west / cell_m), math.ceil(east / cell_m))
    rows = np.arange(math.floor(south / cell_m), math.ceil(north / cell_m))
    x, y = (grid.ravel() * cell_m for grid in np.meshgrid(columns, rows))
    boxes = shapely.box(x, y, x + cell_m, y + cell_m)
    shapely.prepare(polygon)
    whole = shapely.contains_properly(polygon, boxes)
    cut = shapely.intersects(polygon, boxes) & ~whole
    parts = shapely.intersection(polygon, boxes[cut])
    cut_area_m2 = shapely.area(parts)
    kept = cut_area_m2 > 0
    middles = np.column_stack([x, y])[whole] + cell_m / 2
    inside = shapely.get_coordinates(shapely.point_on_surface(parts[kept]))
    return np.concatenate([middles, inside]), np.concatenate([np.full(len(middles), cell_m**2), cut_area_m2[kept]])


def merged(spots: Spots) -> Spots:
    """One spot, at the weighted middle, for all spots of a unit in the same cell of `MERGE_CELL_M`."""
    cell = np.floor(spots.xy_m / MERGE_CELL_M)
    x_y_weight = spots.xy_m * spots.weight[:, None]
    table = pd.DataFrame(
        {"unit": spots.unit_row, "i": cell[:, 0], "j": cell[:, 1], "w": spots.weight, "x": x_y_weight[:, 0], "y": x_y_weight[:, 1]}
    )
    sums = table.groupby(["unit", "i", "j"], sort=True).sum().reset_index()
    weight = sums["w"].to_numpy(dtype=np.float64)
    xy_m = sums[["x", "y"]].to_numpy(dtype=np.float64) / weight[:, None]
    return Spots(sums["unit"].to_numpy(dtype=np.intp), xy_m, weight)


def bounded(spots: Spots, findings: Findings, where: str) -> Spots:
    """The spots, merged if they are too many to work with; a note tells it."""
    if len(spots) <= MERGE_ABOVE:
        return spots
    fewer = merged(spots)
    if len(fewer) < len(spots):
        what = say(
            "{n} places where people live were put together into {n_left} (cells of {cell_m:.0f} m)",
            n=len(spots),
            n_left=len(fewer),
            cell_m=MERGE_CELL_M,
        )
        findings.note(where, what)
    return fewer


def split_exactly(total: float, weight: Floats) -> Floats:
    """(n,) parts of a total in proportion to weights (sum > 0); their sum is the total, what rounding leaves goes to the heaviest."""
    parts: Floats = total * (weight / math.fsum(weight))
    parts[int(weight.argmax())] += total - math.fsum(parts)
    return parts
