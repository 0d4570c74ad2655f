"""Rasters of counts: every cell with people in it becomes a point at its middle.

Cells are kept as they are, never resampled: a resampled count loses or invents people (measured: 3 % to 300 %).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from layers.layer_sources import FileSource
from layers.problems import Findings
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


def read_raster(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """Points of the cells that hold a number of 0 or more, in the rectangle of the units; cells without data are left out."""
    try:
        with opened_raster(path) as raster:
            crs = _crs_of(raster, source, asked, findings)
            if crs is None or not _is_plain(raster, asked, findings):
                return None
            window = _window(raster, crs, asked.near)
            if window.width * window.height > MAX_CELLS:
                what = say("has {n} cells where the units are", n=int(window.width * window.height))
                findings.error(asked.where, what, say("Up to {most} can be read: take a coarser raster.", most=MAX_CELLS))
                return None
            strips = [_strip(raster, window, row) for row in range(0, window.height, STRIP_ROWS)]
            most = _most_of(raster)
    except (RasterioError, OSError) as error:
        pass_on_shortage(error)
        remedy = say("The file may be damaged; save it again as GeoTIFF.")
        findings.error(asked.where, say("cannot be read: {reason}", reason=str(error)), remedy)
        return None
    if not (window.width and window.height):
        findings.error(asked.where, say("has no cell where the units are"), say("Probably the wrong file, or the wrong `crs`."))
        return None
    rows, columns, x, y, values = (np.concatenate(parts) for parts in zip(*strips, strict=True))
    odd = values >= most
    if odd.any():
        n, largest = int(odd.sum()), float(values[odd].max())
        what = say("{n} cell(s) hold {value:.6g}: that is no count, but a mark of cells without data", n=n, value=largest)
        findings.error(asked.where, what, say("State it as the nodata value of the file (gdal_edit.py -a_nodata)."), count=n)
        return None
    known = values >= 0
    if (values < 0).any():
        n = int((values < 0).sum())
        what = say("{n} cell(s) hold a number below 0; they count as no data", n=n)
        findings.warning(asked.where, what, say("State the nodata value in the file."), count=n)
    index = pd.Index(_names(rows[known], columns[known]), dtype=object)
    points: pd.DataFrame = gpd.GeoDataFrame({VALUE: values[known]}, geometry=gpd.points_from_xy(x[known], y[known]), crs=crs, index=index)
    return points


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


def _names(rows: Ints, columns: Ints) -> NDArray[np.object_]:
    """(n,) what messages call each cell; put together from one text per row and one per column, in a tenth of the time."""
    of_rows = np.array([f"cell {row}," for row in range(int(rows.max(initial=0)) + 1)], dtype=object)
    of_columns = np.array([str(column) for column in range(int(columns.max(initial=0)) + 1)], dtype=object)
    names: NDArray[np.object_] = of_rows[rows] + of_columns[columns]
    return names


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
        findings.error(asked.where, say("holds no plain numbers ({kind})", kind=raster.dtypes[0]), say("Save it as Float64."))
        return False
    if (fault := no_place(raster)) is not None:
        findings.error(asked.where, *fault)
        return False
    if raster.transform.b or raster.transform.d or raster.transform.a <= 0 or raster.transform.e >= 0:
        remedy = say("Warp it to a north-up raster with `sum` resampling.")
        findings.error(asked.where, say("is rotated or stands upside down"), remedy)
        return False
    return True


def _window(raster: rasterio.DatasetReader, crs: CRS, near: Bounds | None) -> Window:
    """The part of the raster in the rectangle of the units, whole cells; the whole raster where there is no rectangle."""
    whole = Window(0, 0, raster.width, raster.height)
    if near is None:
        return whole
    west, south, east, north = Transformer.from_crs(WGS84, crs, always_xy=True).transform_bounds(*near)
    grid = raster.transform
    left, right = (max(0, min(raster.width, edge)) for edge in (math.floor((west - grid.c) / grid.a), math.ceil((east - grid.c) / grid.a)))
    top, bottom = (
        max(0, min(raster.height, edge)) for edge in (math.floor((north - grid.f) / grid.e), math.ceil((south - grid.f) / grid.e))
    )
    return Window(left, top, right - left, bottom - top)


def _strip(raster: rasterio.DatasetReader, window: Window, row: int) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Row and column in the file, x and y of the middles and values (NaN for no data) of a few rows of the window."""
    height = min(STRIP_ROWS, window.height - row)
    part = Window(window.col_off, window.row_off + row, window.width, height)
    read = raster.read(1, window=part, masked=True)
    values = read.astype(np.float64).filled(np.nan) * raster.scales[0] + raster.offsets[0]
    rows, columns = np.nonzero(~np.isnan(values))
    of_file = rows + part.row_off, columns + part.col_off
    x = raster.transform.c + (of_file[1] + 0.5) * raster.transform.a
    y = raster.transform.f + (of_file[0] + 0.5) * raster.transform.e
    return *of_file, x, y, values[rows, columns]
