"""Rasters of counts, as the cells that hold a number: where each lies in the file, and the number.

Cells are kept as they are, never resampled: a resampled count loses or invents people (measured: 3 % to 300 %). They stay plain columns of
numbers (16 bytes a cell), since a million points as objects would take half a gigabyte.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from layers.layer_sources import FileSource
from layers.problems import Findings, reason_of
from layers.projection import WGS84, Bounds, is_safe, stated_crs
from layers.saying import Said, say
from layers.shortage import pass_on_shortage
from layers.sources.asked import Asked

VALUE = "value"
"""The column that holds what a cell counts."""
STRIP_ROWS = 512
MAX_CELLS = 50_000_000
"""More are refused before any is read."""
MOST_PER_CELL = 1e7
"""More than a city in one cell is no count of people: mostly the mark of cells without data (3.4e38, 4294967295) that the file does not declare."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


KEYS_PER_ROW = 1 << 32
"""The key of a cell is its row times this plus its column: the same for any width of the file, and rising row by row."""


@dataclass(frozen=True, eq=False)
class CellGrid:
    """Where the cells of a north-up raster lie."""

    crs: CRS
    place: rasterio.Affine
    """from columns and rows of the file, southwards, to the system of the raster"""

    def places(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Places in columns and rows as x and y in the system of the raster."""
        return self.place.c + column * self.place.a, self.place.f + row * self.place.e

    def cells_at(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The other way round."""
        return (x - self.place.c) / self.place.a, (y - self.place.f) / self.place.e

    def is_beside(self, other: CellGrid) -> bool:
        """Whether cells of the same key are the same ground."""
        return self.crs == other.crs and self.place.almost_equals(other.place, precision=1e-9)


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a raster that hold a number of 0 or more, row by row."""

    grid: CellGrid
    key: Ints
    """(n,) rising"""
    value: Floats
    """(n,)"""


def read_cells(path: Path, source: FileSource, asked: Asked, findings: Findings) -> Cells | None:
    """The cells of a raster in the rectangle of the units, but those without data; None after telling a fault."""
    try:
        with opened_raster(path) as raster:
            crs = _crs_of(raster, source, asked, findings)
            window = _window(raster, crs, asked, findings) if crs is not None and _is_plain(raster, asked, findings) else None
            if crs is None or window is None:
                return None
            strips = [_strip(raster, window, row) for row in range(0, window.height, STRIP_ROWS)]
            most, grid = _most_of(raster), CellGrid(crs, raster.transform)
    except (RasterioError, OSError) as error:
        pass_on_shortage(error)
        remedy = say("The file may be damaged; save it again as GeoTIFF.")
        findings.error(asked.where, say("cannot be read: {reason}", reason=reason_of(error)), remedy)
        return None
    key, values = (np.concatenate(parts) for parts in zip(*strips, strict=True))
    return _with_counts(Cells(grid, key, values), most, asked, findings)


def _with_counts(cells: Cells, most: float, asked: Asked, findings: Findings) -> Cells | None:
    """The cells but those below 0; None after telling that some hold no count."""
    odd = cells.value >= most
    if odd.any():
        n, largest = int(odd.sum()), float(cells.value[odd].max())
        what = say("{n} cell(s) hold {value:.6g}: that is no count, but a mark of cells without data", n=n, value=largest)
        findings.error(asked.where, what, say("State it as the nodata value of the file (gdal_edit.py -a_nodata)."), count=n)
        return None
    known = cells.value >= 0
    if known.all():
        return cells
    n = int((~known).sum())
    what = say("{n} cell(s) hold a number below 0; they count as no data", n=n)
    findings.warning(asked.where, what, say("State the nodata value in the file."), count=n)
    return Cells(cells.grid, cells.key[known], cells.value[known])


def cell_name(key: int) -> str:
    """What messages call a cell: its row and column in the file."""
    return f"cell {key // KEYS_PER_ROW},{key % KEYS_PER_ROW}"


def refuse_raster(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:  # noqa: ARG001 - the form of a reader
    """Nothing: a raster where rows are needed is told as a fault."""
    findings.error(asked.where, say("is a raster; rows are needed here"), say("Give a vector file or a table."))
    return None


@contextmanager
def opened_raster(path: Path) -> Iterator[rasterio.DatasetReader]:
    """A GeoTIFF that is open; whether it lies anywhere is for `no_place` to tell, not for a warning of the library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        raster = rasterio.open(path, driver="GTiff")
    with raster:
        yield raster


def no_place(raster: rasterio.DatasetReader) -> tuple[Said, Said] | None:
    """(what, remedy) of a raster that does not say where its cells lie."""
    if not raster.transform.is_identity:
        return None
    return say("does not say where on the ground its cells lie"), say("Georeference it in QGIS and save it as GeoTIFF.")


def _most_of(raster: rasterio.DatasetReader) -> float:
    """From which value on a cell is no count: the largest that the type of the file holds, or what no cell can hold."""
    kind = np.dtype(raster.dtypes[0])
    largest = float(np.iinfo(kind).max) if kind.kind in "iu" else MOST_PER_CELL
    return min(MOST_PER_CELL, largest)


def _crs_of(raster: rasterio.DatasetReader, source: FileSource, asked: Asked, findings: Findings) -> CRS | None:
    if source.crs:
        return stated_crs(source.crs, asked.where, findings)
    if raster.crs is None:
        findings.error(asked.where, say("does not state its coordinate system"), say('Add it, e.g. crs = "{crs}".', crs="EPSG:4326"))
        return None
    crs = CRS.from_wkt(raster.crs.to_wkt())
    return crs if is_safe(crs, asked.where, findings) else None


def _is_plain(raster: rasterio.DatasetReader, asked: Asked, findings: Findings) -> bool:
    if raster.count != 1:
        findings.error(asked.where, say("has {n} bands", n=raster.count), say("Give a raster of one band; one entry per base."))
        return False
    if np.dtype(raster.dtypes[0]).kind not in "iuf":
        findings.error(
            asked.where,
            say("holds pairs of numbers, as radar images do, and no counts"),
            say("Give the raster of people, as whole or decimal numbers (Float64)."),
        )
        return False
    if (fault := no_place(raster)) is not None:
        findings.error(asked.where, *fault)
        return False
    if raster.transform.b or raster.transform.d or raster.transform.a <= 0 or raster.transform.e >= 0:
        remedy = say("Warp it to a north-up raster with `sum` resampling.")
        findings.error(asked.where, say("is rotated or stands upside down"), remedy)
        return False
    return True


def _window(raster: rasterio.DatasetReader, crs: CRS, asked: Asked, findings: Findings) -> Window | None:
    """The part of the raster in the rectangle of the units, whole cells; None after telling that it has no cell or too many."""
    window = Window(0, 0, raster.width, raster.height) if asked.near is None else _cells_near(raster, crs, asked.near)
    if not (window.width and window.height):
        remedy = say("Probably the wrong file or the wrong coordinate system: check `path` and `crs`.")
        findings.error(asked.where, say("has no cell where the units are"), remedy)
        return None
    if window.width * window.height > MAX_CELLS:
        what = say("has {n} cells where the units are", n=int(window.width * window.height))
        findings.error(asked.where, what, say("Up to {most} can be read: take a coarser raster.", most=MAX_CELLS))
        return None
    return window


def _cells_near(raster: rasterio.DatasetReader, crs: CRS, near: Bounds) -> Window:
    west, south, east, north = Transformer.from_crs(WGS84, crs, always_xy=True).transform_bounds(*near)
    grid = raster.transform
    left, right = (max(0, min(raster.width, edge)) for edge in (math.floor((west - grid.c) / grid.a), math.ceil((east - grid.c) / grid.a)))
    top, bottom = (
        max(0, min(raster.height, edge)) for edge in (math.floor((north - grid.f) / grid.e), math.ceil((south - grid.f) / grid.e))
    )
    return Window(left, top, right - left, bottom - top)


def _strip(raster: rasterio.DatasetReader, window: Window, row: int) -> tuple[Ints, Floats]:
    """Keys and values of the cells with data in a few rows of the window."""
    height = min(STRIP_ROWS, window.height - row)
    part = Window(window.col_off, window.row_off + row, window.width, height)
    read = raster.read(1, window=part, masked=True)
    values = read.astype(np.float64).filled(np.nan) * raster.scales[0] + raster.offsets[0]
    rows, columns = np.nonzero(~np.isnan(values))
    return (rows + part.row_off) * KEYS_PER_ROW + columns + part.col_off, values[rows, columns]
