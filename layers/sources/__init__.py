"""Readers of file formats: `READERS` says which reader takes which file ending; all give text cells and rows with names.

A new format is a module here with a function of the form `asked.Reader`, an entry in `READERS` and one in `admission.ENDINGS`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from layers.layer_sources import FileSource, UnitSource
from layers.problems import Findings, InputFaultsError, reason_of
from layers.saying import say
from layers.shortage import pass_on_shortage
from layers.sources.asked import Asked, Reader, text_column
from layers.sources.database_reading import DATABASE, read_database
from layers.sources.osm import read_osm_boundaries, read_osm_features
from layers.sources.raster import refuse_raster
from layers.sources.table import read_csv, read_workbook
from layers.sources.vector import read_vector


def read_osm(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The features of an OSM file with the tags asked for, or its boundaries of one `admin_level`."""
    if not source.osm and not (isinstance(source, UnitSource) and source.admin_level is not None):
        remedy = say('Give e.g. osm = [["amenity", "clinic"]].')
        findings.error(asked.where, say("is an OSM file, but what to take from it is not said"), remedy)
        return None
    try:
        frame = _osm_frame(path, source, asked, findings)
    except InputFaultsError as faults:
        findings.problems.extend(replace(problem, where=asked.where) for problem in faults.problems)
        return None
    except (RuntimeError, OSError) as error:
        pass_on_shortage(error)
        findings.error(asked.where, say("cannot be read: {reason}", reason=reason_of(error)), say("Download the extract again."))
        return None
    named = frame.set_index(pd.Index(frame["osm_id"].astype(str), dtype=object, name=None))
    return named.assign(**{name: text_column(named[name]) for name in named.columns if name != "geometry"})


def _osm_frame(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame:
    if isinstance(source, UnitSource) and source.admin_level is not None:
        boundaries: pd.DataFrame = read_osm_boundaries(path, source.admin_level, findings=findings)
        return boundaries
    geometry = asked.geometry if asked.geometry != "none" else "any"
    features: pd.DataFrame = read_osm_features(path, source.osm, geometry=geometry, findings=findings)
    return features


READERS: dict[str, Reader] = {
    ".gpkg": read_vector,
    ".shp": read_vector,
    ".geojson": read_vector,
    ".json": read_vector,
    ".parquet": read_vector,
    ".csv": read_csv,
    ".xlsx": read_workbook,
    ".tif": refuse_raster,
    ".tiff": refuse_raster,
    ".osm.pbf": read_osm,
    ".pbf": read_osm,
    ".osm": read_osm,
    DATABASE: read_database,
}
