"""What people take away from a comparison: one page, one workbook, result.json and run.json, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from maps.comparison import tables as comparison_tables
from maps.comparison.model import Comparison
from maps.comparison.result import check_comparison_result, write_comparison_result
from maps.export import RECORD_FILE, check_page, check_record
from maps.page.edition import PageEdition
from maps.page.render import PLAIN
from maps.page.scenarios import comparison_page
from maps.publishing.publish import Piece, publish
from maps.publishing.record import RunRecord
from maps.workbook import Cover, Sheet, check_workbook, write_sheets

RECORD_SCHEMA = "quarterhour-comparison-run/1"


def export_comparison(
    comparison: Comparison,
    records: Sequence[RunRecord],
    folder: Path,
    *,
    language: str,
    progress: Callable[[str], None],
    edition: PageEdition = PLAIN,
) -> list[Path]:
    """Write a comparison into a folder; returns the paths. `records` say what each scenario was made from, in the order of the comparison.

    Raises `PublishError` as `maps.publishing.publish` does.
    """
    pieces = (
        Piece("index.html", partial(_write_page, comparison, edition), check_page),
        Piece("tables.xlsx", partial(_write_workbook, comparison, language), check_workbook),
        Piece("result.json", partial(write_comparison_result, comparison), check_comparison_result),
        Piece(RECORD_FILE, partial(_write_records, comparison, records), check_record),
    )
    return publish(folder, pieces, progress)


def _write_page(comparison: Comparison, edition: PageEdition, path: Path) -> None:
    path.write_bytes(comparison_page(comparison, edition).encode("utf-8"))


def _write_workbook(comparison: Comparison, language: str, path: Path) -> None:
    first = comparison.reference
    is_synthetic = any(assessment.before.area.is_synthetic for assessment in comparison.assessments)
    write_sheets(path, _sheets(comparison), Cover(" / ".join(comparison.names), first.as_of, is_synthetic=is_synthetic), language=language)


def _sheets(comparison: Comparison) -> Iterator[Sheet]:
    tables = comparison_tables
    first = (tables.statements(comparison), tables.summary(comparison), tables.settings(comparison))
    yield Sheet("对照", "Summary", first, "summary")
    yield Sheet("规则对照", "Rules", (tables.rules(comparison),), "rules")
    yield Sheet("圈内人口对照", "People", (tables.people(comparison),), "people")
    yield Sheet("逐单元对照", "Units", (tables.units(comparison),), "unit_differences")
    yield Sheet("建议设施对照", "Proposals", (tables.proposals(comparison),), "proposals")


def _write_records(comparison: Comparison, records: Sequence[RunRecord], path: Path) -> None:
    scenarios = [{"name": name, **json.loads(record.text())} for name, record in zip(comparison.names, records, strict=True)]
    text = json.dumps({"schema": RECORD_SCHEMA, "scenarios": scenarios}, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_bytes((text + "\n").encode())
