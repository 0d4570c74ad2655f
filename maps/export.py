"""What people take away from a run. A new export is one module in `maps` and one entry in `EXPORTS`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

from pyproj import CRS

from layers.saying import say
from layers.sources.database import shown_address
from maps.gis.geojson import check_geojson, write_geojson
from maps.gis.geopackage import check_geopackage, write_geopackage
from maps.gis.geoparquet import check_geoparquet, write_geoparquet
from maps.gis.minutes_raster import check_minutes_raster, write_minutes_raster
from maps.gis.shapefile import check_shapefiles, untold_characters, write_shapefiles
from maps.matrix import check_matrix, write_matrix
from maps.outputs import Format, Outputs
from maps.page import write_page
from maps.page.edition import edition_of
from maps.publishing.manifest import PublishError
from maps.publishing.publish import Piece, publish
from maps.publishing.record import RunRecord
from maps.result import check_result, write_result
from maps.tables.all_tables import all_tables
from maps.workbook import check_workbook, write_workbook
from planner.assessment import Assessment

RECORD_FILE = "run.json"
"""What the result was made from; part of every result."""


@dataclass(frozen=True)
class Export:
    """One form of a result."""

    file_name: str
    write: Callable[[Assessment, Path, Outputs, RunRecord], None]
    """a file of the same bytes for the same arguments"""
    check: Callable[[Path], None]
    """raises when the file cannot be read back"""
    remark: Callable[[Assessment, Outputs], str | None] = lambda _assessment, _outputs: None
    """what who waits for it should hear"""


def _page(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_page(assessment, path, edition_of(outputs))


def _geopackage(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:
    crs, number = _crs(assessment, outputs), outputs.review_number
    write_geopackage(assessment, path, record=record, language=outputs.language, crs=crs, review_number=number)


def _workbook(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_workbook(assessment, path, language=outputs.language)


def _result(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_result(assessment, path)


def _minutes(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_minutes_raster(assessment, path)


def _matrix(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_matrix(assessment, path)


def _shapefile(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:
    write_shapefiles(assessment, path, record=record, crs=_crs(assessment, outputs), encoding=outputs.shapefile_encoding)


def _of_shapefile(assessment: Assessment, outputs: Outputs) -> str | None:
    return untold_characters(assessment, outputs.shapefile_encoding)


def _geoparquet(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:
    write_geoparquet(assessment, path, record=record, crs=_crs(assessment, outputs))


def _geojson(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_geojson(assessment, path)


def _sheet(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    _report("sheet").write_sheet_pdf(assessment, path, language=outputs.language, review_number=outputs.review_number)


def _sheet_picture(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    _report("sheet").write_sheet_png(assessment, path, language=outputs.language, review_number=outputs.review_number)


def _brief(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    _report("brief").write_brief(assessment, path, language=outputs.language, review_number=outputs.review_number)


def _check_sheet(path: Path) -> None:
    _report("sheet").check_sheet(path)


def _check_brief(path: Path) -> None:
    _report("brief").check_brief(path)


def _report(name: str) -> ModuleType:
    """A module that draws: loaded only when asked for, since matplotlib takes a second and is an extra."""
    return import_module(f"maps.report.{name}")


def _crs(assessment: Assessment, outputs: Outputs) -> CRS:
    return outputs.layer_crs(assessment.before.area.crs)


def check_page(path: Path) -> None:
    """Read a page back; raises when it is cut off."""
    if not path.read_text(encoding="utf-8").rstrip().endswith("</html>"):
        raise PublishError(say("{file} is not a whole page. Run again.", file=path.name))


def check_record(path: Path) -> None:
    """Read a run record back; raises when it is no JSON."""
    json.loads(path.read_bytes())


EXPORTS: dict[Format, Export] = {
    "page": Export("index.html", _page, check_page),
    "geopackage": Export("plan.gpkg", _geopackage, check_geopackage),
    "workbook": Export("tables.xlsx", _workbook, check_workbook),
    "result": Export("result.json", _result, check_result),
    "minutes": Export("travel_minutes.tif", _minutes, check_minutes_raster),
    "matrix": Export("minutes.parquet", _matrix, check_matrix),
    "shapefile": Export("plan_shapefile.zip", _shapefile, check_shapefiles, _of_shapefile),
    "geoparquet": Export("plan_geoparquet.zip", _geoparquet, check_geoparquet),
    "geojson": Export("plan_geojson.zip", _geojson, check_geojson),
    "sheet": Export("sheet_a3.pdf", _sheet, _check_sheet),
    "sheet_picture": Export("sheet_a3.png", _sheet_picture, _check_sheet),
    "brief": Export("brief.docx", _brief, _check_brief),
}


def export(assessment: Assessment, outputs: Outputs, folder: Path, record: RunRecord, progress: Callable[[str], None]) -> list[Path]:
    """Write the chosen forms, the run record and a manifest into a folder, whole or not at all; returns their paths.

    The database of `[outputs] postgis`, if one is named, is tried before anything is written and filled at the end.

    Raises `PublishError` when the folder or the database may not be written to (a file is open, or is somebody else's), told in its
    message.
    """
    database = _database(outputs)
    tables = all_tables(assessment, record, _crs(assessment, outputs)) if database else []
    if database:
        database.check_postgis(tables, outputs)
    asked = [entry for name, entry in EXPORTS.items() if name in outputs.formats]
    for remark in filter(None, (entry.remark(assessment, outputs) for entry in asked)):
        progress(remark)
    pieces = [Piece(entry.file_name, partial(_written, entry, assessment, outputs, record), entry.check) for entry in asked]
    pieces.append(Piece(RECORD_FILE, partial(_write_record, record), check_record))
    written = publish(folder, pieces, lambda name: progress(say("writing {file}", file=name)))
    if database:
        progress(say("writing {file}", file=f"{shown_address(outputs.postgis)}, schema {outputs.postgis_schema}"))
        database.write_postgis(tables, outputs, database.layer_styles(assessment, tables, outputs.language))
    return written


def _database(outputs: Outputs) -> ModuleType | None:
    """What writes into the database that the scenario names: loaded only then, since its driver is an extra."""
    return import_module("maps.gis.postgis") if outputs.postgis else None


def _written(entry: Export, assessment: Assessment, outputs: Outputs, record: RunRecord, path: Path) -> None:
    entry.write(assessment, path, outputs, record)


def _write_record(record: RunRecord, path: Path) -> None:
    path.write_bytes(record.text().encode())
