"""Heights from an elevation raster, brought onto the streets as the rise of every edge.

Only the two junctions of an edge are looked up, so an edge climbs evenly between them: bridges and tunnels keep a straight grade, and
a dip between two junctions far apart is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.errors import RasterioError
from rasterio.windows import Window

from layers.fault_place import of_file
from layers.problems import Findings, reason_of
from layers.saying import say
from layers.shortage import pass_on_shortage
from layers.sources.raster import no_place, opened_raster
from layers.streets import StreetNetwork

Floats = NDArray[np.float64]

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Heights on land lie between these [m]; other values mark cells without data that the file does not declare (-9999, -32768)."""


@dataclass(frozen=True, eq=False)
class _Cells:
    """A part of the raster: heights [m] (NaN for no data), the row and column in the file of its first cell, the way from x, y to cells."""

    heights_m: Floats
    row: int
    column: int
    to_cell: rasterio.Affine


def with_heights(streets: StreetNetwork, path: Path, crs: CRS, findings: Findings) -> StreetNetwork:
    """The streets with `edge_rise_m` from a GeoTIFF of heights above the sea [m] in any system.

    `crs` is the system of the streets. Heights are interpolated between the middles of four cells. Edges of which an end has no
    height (outside the raster, or no data) get a rise of 0 and are told as a warning; a raster that cannot be used is an error.
    """
    where = of_file(say("terrain"), path.name)
    try:
        with opened_raster(path) as raster:
            if not _is_usable(raster, where, findings):
                return streets
            to_raster = Transformer.from_crs(crs, CRS.from_wkt(raster.crs.to_wkt()), always_xy=True)
            xy = np.column_stack(to_raster.transform(*streets.node_xy_m.T))
            xy[~np.isfinite(xy).all(axis=1)] = np.nan
            cells = _read_around(raster, xy)
    except (RasterioError, OSError) as fault:
        pass_on_shortage(fault)
        remedy = say("Give a raster of heights as GeoTIFF (.tif).")
        findings.error(where, say("cannot be read as GeoTIFF: {reason}", reason=reason_of(fault)), remedy)
        return streets
    node_m = _interpolated(cells, xy)
    rise_m = node_m[streets.edge_to] - node_m[streets.edge_from]
    _tell_gaps(rise_m, streets, where, findings)
    return replace(streets, edge_rise_m=np.where(np.isfinite(rise_m), rise_m, 0.0))


def _is_usable(raster: rasterio.DatasetReader, where: str, findings: Findings) -> bool:
    if raster.count != 1:
        findings.error(where, say("has {n} bands", n=raster.count), say("Give a raster of one band, the height [m]."))
        return False
    if raster.crs is None:
        remedy = say("Assign it in QGIS (Raster, Projections) and save it again.")
        findings.error(where, say("does not state its coordinate system"), remedy)
        return False
    if (fault := no_place(raster)) is not None:
        findings.error(where, *fault)
        return False
    return True


def _tell_gaps(rise_m: Floats, streets: StreetNetwork, where: str, findings: Findings) -> None:
    gap = ~np.isfinite(rise_m)
    if not gap.any():
        return
    km = streets.edge_length_m[gap].sum() / 1000
    n, n_all = int(gap.sum()), len(gap)
    remedy = say("Take a raster that covers the streets, in metres above the sea.")
    if gap.all():
        findings.error(where, say("no height for any of the {n} street edges", n=n), remedy, count=n)
    else:
        what = say("no height for {n} of {n_all} street edges ({km:.1f} km); they count as level", n=n, n_all=n_all, km=float(km))
        findings.warning(where, what, remedy, count=n)


def _read_around(raster: rasterio.DatasetReader, xy: Floats) -> _Cells:
    """The cells around some positions given in the system of the raster, one cell more on each side."""
    to_cell = ~raster.transform
    column, row = _cell_positions(to_cell, xy[np.isfinite(xy[:, 0])])
    left, right = _span(column, raster.width)
    top, bottom = _span(row, raster.height)
    window = Window(left, top, right - left, bottom - top)
    if not window.width or not window.height:
        return _Cells(np.empty((0, 0)), top, left, to_cell)
    read = raster.read(1, window=window, masked=True)
    heights_m = read.astype(np.float64).filled(np.nan) * raster.scales[0] + raster.offsets[0]
    heights_m[(heights_m < LOWEST_M) | (heights_m > HIGHEST_M)] = np.nan
    return _Cells(heights_m, top, left, to_cell)


def _cell_positions(to_cell: rasterio.Affine, xy: Floats) -> Floats:
    """(2, n) column and row of positions, in cells from the corner of the raster."""
    x, y = xy.T
    return np.stack([to_cell.a * x + to_cell.b * y + to_cell.c, to_cell.d * x + to_cell.e * y + to_cell.f])


def _span(positions: Floats, size: int) -> tuple[int, int]:
    """First cell and cell after the last that some positions along one side of the raster need."""
    if not len(positions):
        return 0, 0
    first, last = np.floor(positions.min()) - 1, np.ceil(positions.max()) + 1
    return int(np.clip(first, 0, size)), int(np.clip(last, 0, size))


def _interpolated(cells: _Cells, xy: Floats) -> Floats:
    """(n,) heights [m] at positions in the system of the raster; NaN outside it, and where a cell that counts has no data."""
    n_rows, n_columns = cells.heights_m.shape
    column, row = _cell_positions(cells.to_cell, xy) - np.array([[cells.column], [cells.row]])
    inside = (column >= 0) & (column <= n_columns) & (row >= 0) & (row <= n_rows)  # not so for a position that is not a number
    if not inside.any():
        return np.full(len(xy), np.nan)
    # From cell corners to middles; in the outer half of the outermost cells the height of their middle holds.
    column = np.clip(np.where(inside, column, 0.0) - 0.5, 0.0, n_columns - 1.0)
    row = np.clip(np.where(inside, row, 0.0) - 0.5, 0.0, n_rows - 1.0)
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    right, bottom = np.minimum(left + 1, n_columns - 1), np.minimum(top + 1, n_rows - 1)
    across, down = column - left, row - top
    height_m = np.zeros(len(xy))
    for rows, columns, share in (
        (top, left, (1 - down) * (1 - across)),
        (top, right, (1 - down) * across),
        (bottom, left, down * (1 - across)),
        (bottom, right, down * across),
    ):
        height_m += np.where(share > 0, share * cells.heights_m[rows, columns], 0.0)
    return np.where(inside, height_m, np.nan)
