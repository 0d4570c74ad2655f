"""`plan.gpkg`: every layer and table of a result in one GeoPackage 1.2 that opens styled in QGIS.

Tables and columns have ASCII names; their names for readers stand in the aliases of the styles, in `gpkg_data_columns` and in the
identifiers of `gpkg_contents`. Figures without data and minutes out of reach are NULL (`minutes_state_...` tells which). The bytes are
the same for the same assessment: no clock, and the file is rewritten in order at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray
from pyproj import CRS

from layers.saying import say
from maps.gis.geopackage_meta import write_meta
from maps.gis.qgis_layout import Edition
from maps.publishing.manifest import PublishError
from maps.publishing.record import RunRecord
from maps.tables.all_tables import all_tables, shape_type, storable
from maps.tables.shown import ShownTable
from planner.assessment import Assessment

VERSION = "1.2"
"""read by ArcGIS Pro from 3.2 on; 1.4, the default of GDAL, only from 3.4 on"""


def write_geopackage(
    assessment: Assessment, path: Path, *, record: RunRecord, language: str, crs: CRS | None = None, review_number: str = ""
) -> None:
    """Write the GeoPackage; `language` is that of aliases, styles and layer names, `crs` of its layers (by default the one of the analysis);
    `review_number` stands on the sheet of its project.

    Raises
    ------
    PublishError
        when what was written cannot be read back as it was
    """
    tables = all_tables(assessment, record, crs or assessment.before.area.crs)
    draft = path.with_name(f"draft-{path.name}")
    for old in (draft, path):
        old.unlink(missing_ok=True)
    with _without_waiting_for_the_disk():
        for number, shown_table in enumerate(tables):
            _write_table(draft, shown_table, language, is_first=number == 0)
    with closing(sqlite3.connect(draft)) as database:
        database.execute("PRAGMA synchronous = OFF")
        write_meta(database, assessment, tables, record, Edition(path.name, language, review_number))
        # how often GDAL commits depends on time and stays in the draft as a count of changes; a copy has none
        database.execute("VACUUM INTO ?", (str(path),))
    draft.unlink()
    _compare(path, tables)


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """GDAL would flush the file after each table; `publish` flushes it once, when it is whole."""
    option = "OGR_SQLITE_SYNCHRONOUS"
    before = pyogrio.get_gdal_config_option(option)
    pyogrio.set_gdal_config_options({option: "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({option: before})


def check_geopackage(path: Path) -> None:
    """Open the file again; raises when it is damaged."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or database.execute("PRAGMA foreign_key_check").fetchall():
            raise PublishError(say("{file} is damaged. Run again.", file=path.name))


def _write_table(path: Path, shown_table: ShownTable, language: str, *, is_first: bool) -> None:
    frame = shown_table.frame.copy()
    for heading in shown_table.headings:
        frame[heading.name] = storable(shown_table, heading)
    geometry: dict[str, object] = {}
    if "geometry" in frame:
        kind = shape_type(shown_table)
        geometry = {"geometry_type": kind, "promote_to_multi": True} if kind == "MultiPolygon" else {"geometry_type": kind}
    pyogrio.write_dataframe(
        frame,
        path,
        layer=shown_table.id,
        driver="GPKG",
        dataset_options={"VERSION": VERSION} if is_first else None,
        layer_options={"IDENTIFIER": shown_table.title(language), "DESCRIPTION": f"{shown_table.zh} / {shown_table.en}"},
        **geometry,
    )


def _compare(path: Path, tables: Sequence[ShownTable]) -> None:
    """Hold the written file against the tables: layers, rows, and the sum of every figure."""
    written = {str(name) for name, _ in pyogrio.list_layers(path)}
    missing = [t.id for t in tables if t.id not in written]
    if missing:
        raise PublishError(say("{file}: {tables} was not written. Run again.", file=path.name, tables=missing))
    for shown_table in tables:
        found = pyogrio.read_dataframe(path, layer=shown_table.id, where="1=1")
        if len(found) != len(shown_table.frame):
            raise PublishError(
                say(
                    "{file} has {n} rows instead of {wanted}. Run again.",
                    file=f"{path.name}, {shown_table.id}",
                    n=len(found),
                    wanted=len(shown_table.frame),
                )
            )
        for heading in shown_table.headings:
            if heading.stored_as != "text" and len(found):
                expected, got = _figures(storable(shown_table, heading)), _figures(found[heading.name])
                if not np.array_equal(expected, got, equal_nan=True):
                    raise PublishError(
                        say(
                            "{file}: {column} does not read back as it was written. Run again.",
                            file=f"{path.name}, {shown_table.id}",
                            column=heading.name,
                        )
                    )


def _figures(values: pd.Series) -> NDArray[np.float64]:
    """Figures, counts and flags as numbers; NaN for none."""
    plain = values if values.dtype == np.float64 else values.astype(object).where(values.notna(), np.nan)
    return plain.to_numpy(dtype=np.float64)
