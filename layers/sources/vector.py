"""Vector files: GeoPackage, shapefile, GeoJSON, GeoParquet.

Not left to GDAL: a GeoPackage's stored row count (it may be stale; `where 1=1` makes it count), text in number columns (read as 0 without
a word), and the encoding of a shapefile (guessed as Latin when nothing states it; `layers.sources.shapefile`).
"""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from difflib import get_close_matches
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, GeometryError
from pyproj import CRS
from shapely.errors import ShapelyError

from layers.fault_place import in_column
from layers.layer_sources import FileSource
from layers.problems import Findings, reason_of
from layers.projection import crs_name, is_safe, stated_crs
from layers.saying import say
from layers.shortage import pass_on_shortage
from layers.sources.admission import readable_copy
from layers.sources.asked import Asked, text_column
from layers.sources.shapefile import shapefile_encoding

DAMAGES = (
    *(DataSourceError, DataLayerError, FeatureError, GeometryError, CRSError),
    *(UnicodeDecodeError, sqlite3.DatabaseError, json.JSONDecodeError, RecursionError, pa.ArrowException, ShapelyError, OSError),
)
"""What GDAL, SQLite, Arrow, GEOS and the JSON reader raise over a damaged file."""
_NUMBER_TYPES = ("INT", "REAL", "DOUBLE", "FLOAT", "NUMERIC")


def read_vector(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The rows of one layer of a vector file, geometry as it stands there."""
    try:
        with _heard(asked, findings), np.errstate(invalid="ignore"):  # a coordinate that is no number is told when the shapes are looked at
            frame = _read(path, source, asked, findings)
    except DAMAGES as error:
        pass_on_shortage(error)
        remedy = say("The file may be damaged; open it in QGIS and save it again.")
        findings.error(asked.where, say("cannot be read: {reason}", reason=reason_of(error)), remedy)
        return None
    return None if frame is None else with_system(frame, source, asked, findings)


@contextmanager
def _heard(asked: Asked, findings: Findings) -> Iterator[None]:
    """What GDAL only warns of, such as a ring that is not closed, is told with the other faults."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(warning.message) for warning in caught if issubclass(warning.category, RuntimeWarning)):
        findings.warning(asked.where, say("was read with a doubt: {reason}", reason=text), say("Open it in QGIS and save it again."))


def with_system(frame: pd.DataFrame, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The rows as text, in the system that they or the scenario state; None after telling that there is none."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return _no_geometry(frame, asked, findings)
    frame = frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    columns = {name: text_column(frame[name]) for name in frame.columns if name != "geometry"}
    crs = _crs_of(frame, source, asked, findings)
    return (
        None if crs is None else gpd.GeoDataFrame(columns, geometry=shapely.force_2d(frame.geometry.to_numpy()), crs=crs, index=frame.index)
    )


def _read(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    match path.suffix.lower():
        case ".gpkg":
            with readable_copy(path) as copy:
                return _read_geopackage(copy, source, asked, findings)
        case ".shp":
            encoding = shapefile_encoding(path, source.encoding, asked, findings)
            return _named(pyogrio.read_dataframe(path, fid_as_index=True, ENCODING=encoding)) if encoding else None
        case ".parquet":
            return _read_parquet(path, asked, findings)
        case _:
            with path.open("rb") as file:
                json.load(file)  # a cut-off file says so here; GDAL takes what comes before the cut in some forms
            return _named(pyogrio.read_dataframe(path, fid_as_index=True))


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    frame.index = pd.Index([f"feature {fid}" for fid in frame.index], dtype=object)
    return frame


def _read_parquet(path: Path, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    try:
        frame = gpd.read_parquet(path)
    except ValueError as error:
        if asked.geometry == "none":
            return _named(pd.read_parquet(path).reset_index(drop=True))
        remedy = say("Save it with geometry, as GeoPackage or GeoParquet.")
        findings.error(asked.where, say("cannot be read as GeoParquet: {reason}", reason=reason_of(error)), remedy)
        return None
    return _named(frame.reset_index(drop=True))


def _read_geopackage(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    layer = _layer_of(path, source, asked, findings)
    if layer is None:
        return None
    n_rows = _check_number_columns(path, layer, asked, findings)
    frame = pyogrio.read_dataframe(f"GPKG:{path}", layer=layer, where="1=1", fid_as_index=True)
    if len(frame) != n_rows:
        what = say("layer {layer}: of its rows ({n_rows}) only {n} could be read", layer=layer, n_rows=n_rows, n=len(frame))
        findings.error(asked.where, what, say("Save the layer again."))
        return None
    return _named(frame)


def _layer_of(path: Path, source: FileSource, asked: Asked, findings: Findings) -> str | None:
    """The layer to read: the one named, or the only one there is; those without geometry only count when no geometry is needed."""
    layers = {str(name): kind for name, kind in pyogrio.list_layers(f"GPKG:{path}")}
    if source.layer is not None:
        if source.layer in layers:
            return source.layer
        near = get_close_matches(source.layer, layers, n=1)
        what = say("has no layer {layer}; it has {layers}", layer=source.layer, layers=list(layers))
        remedy = (
            say("Correct `layer` in the scenario. Did you mean {word}?", word=near[0])
            if near
            else say("Write one of them as `layer` in the scenario.")
        )
        findings.error(asked.where, what, remedy)
        return None
    fit = [name for name, kind in layers.items() if kind is not None or asked.geometry == "none"]
    if len(fit) == 1:
        return fit[0]
    if fit:
        remedy = say('Say which, e.g. layer = "{layer}".', layer=fit[0])
        findings.error(asked.where, say("has several layers: {layers}", layers=fit), remedy)
    else:
        findings.error(asked.where, say("has no layer with geometry"), say("Give a layer with geometry."))
    return None


def _check_number_columns(path: Path, layer: str, asked: Asked, findings: Findings) -> int:
    """Number of rows of the table; text standing in a number column is a fault, as GDAL would read it as 0."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        table = _quoted(layer)
        for _, name, declared, *_rest in db.execute(f"pragma table_info({table})").fetchall():
            if not str(declared).upper().startswith(_NUMBER_TYPES):
                continue
            column = _quoted(name)
            query = f"select rowid, {column} from {table} where typeof({column}) in ('text', 'blob')"  # noqa: S608 - quoted above
            rows = [f"feature {rowid}: {value}" for rowid, value in db.execute(query)]
            if rows:
                where = in_column(asked.where, name)
                findings.error(where, say("{n} cell(s) of a number column hold text", n=len(rows)), say("Correct the cells."), rows)
        return int(db.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608 - quoted above


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _crs_of(frame: gpd.GeoDataFrame, source: FileSource, asked: Asked, findings: Findings) -> CRS | None:
    if source.crs:
        asked_crs = stated_crs(source.crs, asked.where, findings)
        if asked_crs is not None and frame.crs is not None and frame.crs != asked_crs:
            what = say("states {crs}; the scenario's {ours} is used instead", crs=crs_name(frame.crs), ours=source.crs)
            findings.warning(asked.where, what, say("Take `crs` out if the file is right."))
        return asked_crs
    if frame.crs is None:
        remedy = say('Add it, e.g. crs = "{crs}".', crs="EPSG:4490")
        findings.error(asked.where, say("does not state its coordinate system"), remedy)
        return None
    return frame.crs if is_safe(frame.crs, asked.where, findings) else None


def _no_geometry(frame: pd.DataFrame, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    if asked.geometry == "none":
        return frame.apply(text_column)
    findings.error(asked.where, say("has no geometry"), say("Give a layer with geometry."))
    return None
