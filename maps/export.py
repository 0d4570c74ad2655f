"""What people take away from a run. A new export is one module in `maps` and one entry in `EXPORTS`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from maps.geopackage import check_geopackage, write_geopackage
from maps.manifest import PublishError
from maps.matrix import check_matrix, write_matrix
from maps.minutes_raster import check_minutes_raster, write_minutes_raster
from maps.outputs import Format, Outputs
from maps.page import write_page
from maps.publish import Piece, publish
from maps.record import RunRecord
from maps.result import check_result, write_result
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


def _page(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_page(assessment, path)


def _geopackage(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:
    write_geopackage(assessment, path, record=record, language=outputs.language)


def _workbook(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_workbook(assessment, path, language=outputs.language)


def _result(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_result(assessment, path)


def _minutes(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_minutes_raster(assessment, path)


def _matrix(assessment: Assessment, path: Path, outputs: Outputs, record: RunRecord) -> None:  # noqa: ARG001
    write_matrix(assessment, path)


def _check_page(path: Path) -> None:
    if not path.read_text(encoding="utf-8").rstrip().endswith("</html>"):
        raise PublishError(f"{path.name} is not a whole page")


def _check_record(path: Path) -> None:
    json.loads(path.read_bytes())


EXPORTS: dict[Format, Export] = {
    "page": Export("index.html", _page, _check_page),
    "geopackage": Export("plan.gpkg", _geopackage, check_geopackage),
    "workbook": Export("tables.xlsx", _workbook, check_workbook),
    "result": Export("result.json", _result, check_result),
    "minutes": Export("travel_minutes.tif", _minutes, check_minutes_raster),
    "matrix": Export("minutes.parquet", _matrix, check_matrix),
}


def export(assessment: Assessment, outputs: Outputs, folder: Path, record: RunRecord, progress: Callable[[str], None]) -> list[Path]:
    """Write the chosen forms, the run record and a manifest into a folder, whole or not at all; returns their paths.

    Raises `PublishError` when the folder may not be written to (a file is open, or is somebody else's), told in its message.
    """
    pieces = [
        Piece(entry.file_name, partial(_written, entry, assessment, outputs, record), entry.check)
        for name, entry in EXPORTS.items()
        if name in outputs.formats
    ]
    pieces.append(Piece(RECORD_FILE, partial(_write_record, record), _check_record))
    return publish(folder, pieces, lambda name: progress(f"writing {name}"))


def _written(entry: Export, assessment: Assessment, outputs: Outputs, record: RunRecord, path: Path) -> None:
    entry.write(assessment, path, outputs, record)


def _write_record(record: RunRecord, path: Path) -> None:
    path.write_bytes(record.text().encode())
