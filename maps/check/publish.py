"""check.html and check.json, put into a folder whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from layers.saying import say
from maps.check.model import CheckReport
from maps.check.page import check_page
from maps.check.report import report_text
from maps.publishing.manifest import PublishError, listed_files
from maps.publishing.publish import Piece, publish, refuse_shut

PAGE, JSON = "check.html", "check.json"


def refuse_folder(folder: Path) -> None:
    """Raise `PublishError` when a check report could not be put into this folder, or the result of a run stands there: asked before the work."""
    others = sorted(set(listed_files(folder)) - {PAGE, JSON})
    if others:
        what = say(
            "{folder} holds the result of a run ({files}). Name another folder for the check report.", folder=str(folder), files=others
        )
        raise PublishError(what)
    refuse_shut(folder)


def publish_check(report: CheckReport, folder: Path, language: str, progress: Callable[[str], None]) -> list[Path]:
    """The paths written: the page, its JSON, the manifest; refused where `refuse_folder` refuses."""
    refuse_folder(folder)
    page, text = check_page(report, language), report_text(report)
    pieces = (Piece(PAGE, lambda path: _write(path, page), _is_whole), Piece(JSON, lambda path: _write(path, text), _holds_to_schema))
    return publish(folder, pieces, progress)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))  # a name in a damaged file may hold half a character


def _is_whole(path: Path) -> None:
    if not path.read_text(encoding="utf-8").rstrip().endswith("</html>"):
        raise PublishError(say("{file} is not a whole page. Run again.", file=path.name))


def _holds_to_schema(path: Path) -> None:
    CheckReport.model_validate_json(path.read_bytes())
