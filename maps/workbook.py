"""`tables.xlsx`: every figure of a result in a workbook that prints on A3, with the digits of the page.

Cells hold the full figures; their number formats show as many digits as everywhere else. All text is written as text, so that no name
can become a formula or a link. A new sheet is one `Sheet` in `_sheets`.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from layers.saying import say
from maps.numbers import NO_DATA, shown
from maps.publishing.manifest import PublishError
from maps.tables import closure_tables, district_tables, outlook_tables, place_tables, plan_tables, rule_tables, run_tables, unit_tables
from maps.tables.shown import Heading, ShownTable, cell_text
from maps.words import words
from planner.assessment import Assessment

MAX_ROWS = 1_048_576
"""of a sheet"""
MAX_CHARACTERS = 32_767
"""of a cell"""
PAPER_A3 = 8
DEGREE_DECIMALS = 6
"""a decimetre"""
YES = {"zh": "是", "en": "yes"}
NO = {"zh": "否", "en": "no"}
WIDEST = 60
"""characters; longer texts are wrapped"""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its names, and its tables one below the other."""

    zh: str
    en: str
    tables: tuple[ShownTable, ...]
    filtered: str
    """id of the table whose headings carry the filters (a sheet can have one filter only)"""


@dataclass(frozen=True)
class Cover:
    """What stands above the tables of every sheet."""

    title: str
    as_of: date
    is_synthetic: bool
    """an invented place"""


@dataclass(frozen=True, eq=False)
class _Pen:
    """The workbook that is being written, its language, and its formats."""

    book: Workbook
    language: str
    formats: dict[str, Format] = field(default_factory=dict)

    def style(self, **properties: object) -> Format:
        """The format of these properties; made once."""
        key = repr(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", "font_size": 10, **properties})
        return self.formats[key]


def write_workbook(assessment: Assessment, path: Path, *, language: str) -> None:
    """Write `tables.xlsx`. The same assessment gives the same bytes; figures without data are left empty, never 0.

    Raises
    ------
    PublishError
        when a table has more rows than a sheet holds
    """
    title = assessment.title.get(language) or assessment.title.get("zh", "")
    cover = Cover(title, assessment.as_of, is_synthetic=assessment.before.area.is_synthetic)
    write_sheets(path, _sheets(assessment), cover, language=language)


def write_sheets(path: Path, sheets: Iterable[Sheet], cover: Cover, *, language: str) -> None:
    """Write a workbook of these sheets, each headed by the cover; `PublishError` as for `write_workbook`."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    title, day = cover.title, cover.as_of
    book.set_properties(
        {"title": title, "author": "quarterhour", "created": datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)}
    )
    pen = _Pen(book, language)
    heading = [title, f"{words(language)['page.as_of']} {day.isoformat()}"]
    if cover.is_synthetic:
        heading.append(words(language)["page.synthetic_long"])
    for sheet in sheets:
        _write_sheet(pen, sheet, heading)
    book.close()


def check_workbook(path: Path) -> None:
    """Read every part of the file back; raises when one is damaged or no sheet is there."""
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None or "xl/worksheets/sheet1.xml" not in archive.namelist():
            raise PublishError(say("{file} cannot be read back. Run again.", file=path.name))


def _sheets(assessment: Assessment) -> Iterator[Sheet]:
    run, rule, place, area = run_tables, rule_tables, place_tables, assessment.before.area
    yield Sheet("结论", "Summary", (run.statements(assessment), run.key_figures(assessment), rule.verdicts(assessment)), "verdicts")
    if assessment.open_questions:
        yield Sheet("待人回答", "Open questions", (outlook_tables.open_questions(assessment),), "open_questions")
    if ahead := outlook_tables.outlook_tables(assessment):
        yield Sheet("预测", "Projection", ahead, "outlook")
    yield Sheet("规则", "Rules", (rule.rules(assessment), rule.rule_readings(assessment), rule.rule_numbers(assessment)), "rules")
    for level in (*reversed(area.levels), *(["residential_area"] if len(area.residential) else [])):
        yield Sheet(*_level_names(level), (table := unit_tables.units(assessment, level),), table.id)
    yield Sheet("测算明细", "Measures", (rule.measures(assessment),), "rule_results")
    yield Sheet("建议", "Proposals", (place.proposals(assessment), *run.choice_tables(assessment)), "proposals")
    if plans := plan_tables.plan_tables(assessment):
        yield Sheet("分期与备选", "Phases and other plans", plans, plans[0].id)
    if asked := closure_tables.closure_tables(assessment):
        yield Sheet("关停设问", "If these closed", asked, "closure_losses")
    if districts := district_tables.district_tables(assessment):
        yield Sheet("服务片区", "Service districts", districts, "districts")
    yield Sheet("设施", "Facilities", (place.facilities(assessment),), "facilities")
    yield Sheet("候选点", "Candidates", (place.candidates(assessment),), "candidates")
    yield Sheet("人口平衡", "Balance", (place.people(assessment), place.unassigned(assessment), place.balance(assessment)), "balance")
    yield Sheet("未联网", "Off network", (place.off_network(assessment),), "off_network")
    yield Sheet("数据来源", "Sources", (run.sources(assessment), run.problems(assessment), run.about(assessment)), "sources")


def _level_names(level: str) -> tuple[str, str]:
    zh, en = (words(language)[f"level.{level}"] for language in ("zh", "en"))
    return f"各{zh}", f"Each {en}"


def _write_sheet(pen: _Pen, sheet: Sheet, heading: Iterable[str]) -> None:
    page = pen.book.add_worksheet(sheet.zh if pen.language == "zh" else sheet.en)
    page.set_landscape()
    page.set_paper(PAPER_A3)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    page.set_footer("&L&F&C&A&R&P / &N")
    row = 0
    for text in heading:
        page.write_string(row, 0, text, pen.style(bold=True, font_size=12))
        row += 1
    widths: dict[int, int] = {}
    for table in sheet.tables:
        row = _write_table(pen, page, row + 1, table, widths, with_filter=table.id == sheet.filtered)
    if len(sheet.tables) == 1:
        head = row - max(1, len(sheet.tables[0].frame))
        page.freeze_panes(head, 2)
        page.repeat_rows(head - 1)
    for column, width in widths.items():
        page.set_column(column, column, min(WIDEST, width + 2))


def _write_table(pen: _Pen, page: Worksheet, row: int, table: ShownTable, widths: dict[int, int], *, with_filter: bool) -> int:
    """Write the table from a row on: its name, its headings in both languages, its rows. Returns the row after it."""
    if row + 2 + len(table.frame) > MAX_ROWS:
        raise PublishError(
            say("table {table} has {n} rows, more than a sheet holds; leave out the format workbook", table=table.id, n=len(table.frame))
        )
    headings = _shown_headings(pen, table)
    page.write_string(row, 0, table.title(pen.language), pen.style(bold=True, font_size=11))
    top = pen.style(bold=True, text_wrap=True, bg_color="#e8edf3", bottom=1)
    for column, heading in enumerate(headings):
        text = _both_languages(heading, pen.language)
        page.write_string(row + 1, column, text, top)
        widths[column] = max(widths.get(column, 8), *(min(_width(line), 22) for line in text.split("\n")))
    cells_of = {heading.name: table.frame[heading.name].to_list() for heading in table.headings}
    n_rows = len(table.frame)
    for i, line in enumerate(range(row + 2, row + 2 + n_rows)):
        cells: dict[str, object] = {name: column_cells[i] for name, column_cells in cells_of.items()}
        for column, heading in enumerate(headings):
            written = _write_cell(pen, page, line, column, heading, cells)
            widths[column] = max(widths[column], min(written, WIDEST))
    last = row + 1 + n_rows
    if with_filter:
        page.autofilter(row + 1, 0, max(last, row + 1), len(headings) - 1)
    if not n_rows:
        page.write_string(row + 2, 0, words(pen.language)["page.nothing"], pen.style(font_color="#777777"))
        last += 1
    return last + 1


def _write_cell(pen: _Pen, page: Worksheet, row: int, column: int, heading: Heading, cells: dict[str, object]) -> int:
    """Write one cell; returns how many characters wide it reads."""
    cell = cells[heading.name]
    if isinstance(cell, float):
        return _write_number(pen, page, row, column, heading, cells)
    if isinstance(cell, bool):
        text = YES[pen.language] if cell else NO[pen.language]
    else:
        text = "" if cell is None else cell_text(heading, str(cell), pen.language)
    if text:
        kept = text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
        page.write_string(row, column, kept, pen.style(text_wrap=_width(text) > WIDEST or "\n" in text))
    return max(_width(line) for line in text.split("\n"))


def _write_number(pen: _Pen, page: Worksheet, row: int, column: int, heading: Heading, cells: dict[str, object]) -> int:
    value, unit, beside = float(str(cells[heading.name])), heading.unit, None
    if heading.unit_column:
        unit = str(cells[heading.unit_column])
    if heading.beside:
        limit = float(str(cells[heading.beside]))
        beside = None if math.isnan(limit) else limit
    digits = shown(value, unit, beside=beside)
    if digits == NO_DATA:
        return 1
    if math.isinf(value):
        page.write_string(row, column, digits, pen.style(align="right"))
        return 1
    decimals = DEGREE_DECIMALS if unit == "degrees" else len(digits.partition(".")[2])
    digits_format = "#,##0" + ("." + "0" * decimals if decimals else "")
    page.write_number(
        row, column, value, pen.style(num_format=f"{digits_format};-{digits_format};" if heading.hides_zero else digits_format)
    )
    return len(digits) + (DEGREE_DECIMALS if unit == "degrees" else 0)


def _shown_headings(pen: _Pen, table: ShownTable) -> list[Heading]:
    """The columns, without those whose text stands in another column in the reader's language."""
    return [heading for heading in table.headings if heading.language in ("", pen.language)]


def _both_languages(heading: Heading, language: str) -> str:
    other = "en" if language == "zh" else "zh"
    title, unit = heading.title(language), words(language).get(f"unit.{heading.unit}", heading.unit)
    first = f"{title} [{unit}]" if unit else title
    return first if heading.title(other) == title else f"{first}\n{heading.title(other)}"


def _width(text: str) -> int:
    """Width in digits: characters beyond Latin are two wide."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
