"""`brief.docx`: what was asked, what was found rule by rule, the plan with its costs, and what people still have to answer.

Plain Word styles throughout (Title, Heading 1, Normal, Caption, List Bullet, Table Grid), with fonts for Chinese and Latin text, so that an office restyles it as
its own letters. Figures are those of the workbook, with the digits of the page. The same assessment gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import zipfile
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path

import docx
import pandas as pd
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from layers.saying import in_language, say
from maps.numbers import NO_DATA, shown, shown_yuan
from maps.publishing.manifest import PublishError
from maps.report.sheet import map_picture, rule_picture, rules_to_show
from maps.tables.closure_tables import closure_tables
from maps.tables.outlook_tables import open_questions
from maps.tables.place_tables import proposals as proposals_table
from maps.tables.plan_lines import plan_lines
from maps.tables.plan_tables import plan_tables
from maps.tables.rule_tables import UNCOMPUTED_KINDS, rules, verdicts
from maps.tables.run_tables import key_figures, sources, statements
from maps.tables.shown import MOMENTS, Heading, ShownTable, code_word
from maps.words import unit_word, words
from planner.assessment import Assessment

LATIN, CHINESE = "Arial", "Microsoft YaHei"
"""Fonts that offices have; where one is missing Word takes another of its kind."""
FIXED = (1980, 1, 1, 0, 0, 0)
"""date of every part inside the file"""
MOST_PICTURES = 4
"""rules that get a map"""
PROPOSAL_WIDTHS_CM = {"rank": 1.2, "name": 4.4, "unit_name": 2.6, "kind": 3.4, "phase": 1.6, "cost_yuan": 2.2, "people_gained": 2.0}
"""columns of the table of proposals"""
BRIEF_TABLES = {
    "alternatives": ("alternative", "n_sites", "cost_yuan", "loss_pct", "added_names", "dropped_names"),
    "curve": ("budget", "n_sites", "relieved_pct", "left_pct", "bound_pct"),
    "closures": ("closes", "into", "people_lost_before", "people_lost_after", "rules_worse_before", "rules_worse_after"),
}
"""tables on the plan that the brief holds, with their columns; all stand in the workbook"""
MOST_ROWS = 60
"""of the table of proposals; all stand in the workbook"""


def write_brief(assessment: Assessment, path: Path, *, language: str) -> None:
    """Write the brief in a language. Raises `PublishError` when no font has Chinese characters for its maps."""
    document = docx.Document()
    _styles(document, language)
    _properties(document, assessment, language)
    _head(document, assessment, language)
    _asked(document, assessment, language)
    with tempfile.TemporaryDirectory() as folder:
        _found(document, assessment, language, Path(folder))
        _planned(document, assessment, language, Path(folder))
    _open(document, assessment, language)
    _basis(document, assessment, language)
    draft = path.with_name(f"draft-{path.name}")
    document.save(str(draft))
    _with_fixed_dates(draft, path)
    draft.unlink()


def check_brief(path: Path) -> None:
    """Read the file back; raises when it is damaged or empty."""
    if not zipfile.is_zipfile(path) or zipfile.ZipFile(path).testzip() is not None or not docx.Document(str(path)).paragraphs:
        raise PublishError(say("{file} cannot be read back", file=path.name))


def _styles(document: Document, language: str) -> None:
    """Page and fonts; East Asian fonts are a property of their own in Word."""
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.0)
    for name, size, colour in (
        ("Normal", 10.5, None), ("Title", 20, "1F3864"), ("Subtitle", 11, "5A6472"), ("Heading 1", 14, "1F3864"),
        ("Heading 2", 11.5, "2171B5"), ("Caption", 9, "5A6472"), ("List Bullet", 10.5, None),
    ):  # fmt: skip
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            style.element.rPr.rFonts.attrib.pop(qn(theme), None)
        if colour:
            style.font.color.rgb = RGBColor.from_string(colour)
    language_tag = OxmlElement("w:lang")
    language_tag.set(qn("w:val"), "en-GB")
    language_tag.set(qn("w:eastAsia"), "zh-CN" if language == "zh" else "en-GB")
    document.styles["Normal"].element.get_or_add_rPr().append(language_tag)


def _properties(document: Document, assessment: Assessment, language: str) -> None:
    core = document.core_properties
    day = dt.datetime.combine(assessment.as_of, dt.time(), tzinfo=dt.UTC)
    core.title, core.author, core.comments = _title(assessment, language), "quarterhour", ""
    core.created = core.modified = day
    core.last_modified_by, core.revision = "quarterhour", 1


def _head(document: Document, assessment: Assessment, language: str) -> None:
    word = words(language)
    _paragraph(document, _title(assessment, language), style="Title")
    marks = [f"{word['page.as_of']} {assessment.as_of.isoformat()}", word["page.internal"]]
    if assessment.before.area.is_synthetic:
        marks.append(word["page.synthetic_long"])
    _paragraph(document, "   ".join(marks), style="Subtitle")


def _asked(document: Document, assessment: Assessment, language: str) -> None:
    """The policies, and how people were counted."""
    word = words(language)
    _heading(document, word["brief.asked"], 1)
    for title in dict.fromkeys(rule.pack_title if language == "zh" else rule.pack_title_en for rule in assessment.rules):
        _paragraph(document, title, style="List Bullet")
    minutes = f"{assessment.circle_minutes:g}"
    kinds = code_word(";".join(assessment.circle_kinds), "kind", language)
    figures = key_figures(assessment)
    _paragraph(document, word["brief.method"].format(minutes=minutes, kinds=kinds))
    _heading(document, word["brief.figures"], 2)
    rows = []
    for row in figures.frame.to_dict("records"):
        name = str(row["figure" if language == "zh" else "figure_en"])
        rows.append([name, *(_figure(float(row[state]), str(row["unit"]), language) for state, *_ in MOMENTS)])
    _table(document, ["", *(_moment(moment, language) for moment in MOMENTS)], rows, widths_cm=(8.4, 4.1, 4.1))


def _found(document: Document, assessment: Assessment, language: str, folder: Path) -> None:
    """The verdict sheet, then the rules that are not met, each with its sentence and its map."""
    word = words(language)
    _heading(document, word["brief.found"], 1)
    table = verdicts(assessment)
    computed = table.frame[(table.frame["reading"] == "") & ~table.frame["verdict_before"].isin(UNCOMPUTED_KINDS)]
    head = [word["rules.rule"], word["rules.required"], *(_moment(moment, language) for moment in MOMENTS), word["rules.shortfall"]]
    _table(document, head, [_verdict_row(row, language) for row in computed.to_dict("records")], widths_cm=(5.8, 2.6, 2.9, 2.9, 2.6))
    _paragraph(document, word["brief.readings"])
    said = rules(assessment).frame.set_index("rule_id")
    for number, (rule, level) in enumerate(rules_to_show(assessment)):
        if number == MOST_PICTURES:
            break
        row = said.loc[rule.full_id]
        _heading(document, str(row["rule_title" if language == "zh" else "rule_title_en"]), 2)
        policy = str(row["pack_title" if language == "zh" else "pack_title_en"])
        quote = str(row["quote"]) if language == "zh" else str(row["gloss"] or row["quote"])
        _paragraph(document, f"{policy} {row['clause']}: {quote}").paragraph_format.keep_with_next = True
        picture = folder / f"rule_{number}.png"
        rule_picture(assessment, rule, level, picture, language=language)
        document.add_picture(str(picture), width=Cm(16.4))
        short = table.frame[(table.frame["rule_id"] == rule.full_id) & (table.frame["reading"] == "")].iloc[0]
        names = "; ".join(f"{_moment(moment, language)}: {short[f'units_short_{moment[0]}'] or word['page.nothing']}" for moment in MOMENTS)
        _paragraph(document, f"{word['brief.short']} {names}", style="Caption")


def _verdict_row(row: Mapping[Hashable, object], language: str) -> list[str]:
    unit = str(row["value_unit"])
    required = _figure(float(str(row["required"])), unit, language)
    states = []
    for state, *_ in MOMENTS:
        said = code_word(str(row[f"verdict_{state}"]), "verdict", language)
        if row[f"overdue_{state}"]:
            said += f" · {words(language)['rules.overdue']}"
        value = float(str(row[f"value_{state}"]))
        n_pass, n_all = float(str(row[f"n_pass_{state}"])), sum(float(str(row[f"{n}_{state}"])) for n in ("n_pass", "n_fail", "n_no_data"))
        if n_all > 1:
            said += f"\n{shown(n_pass)} / {shown(n_all)}"
        elif pd.notna(value):
            limit = float(str(row["required"]))
            said += f"\n{shown(value, unit, beside=None if pd.isna(limit) else limit)} {unit_word(unit, language)}"
        states.append(said)
    short = [
        ("≥ " if row[f"shortfall_is_open_{state}"] else "")
        + _figure(float(str(row[f"shortfall_{state}"])), str(row["shortfall_unit"]), language)
        for state, *_ in MOMENTS
    ]
    title = str(row["rule_title" if language == "zh" else "rule_title_en"])
    clause = f"\n{row['clause']}" if row["clause"] else ""
    return [title + clause, required, *states, short[0] if short[0] == short[1] else f"{short[0]} → {short[1]}"]


def _planned(document: Document, assessment: Assessment, language: str, folder: Path) -> None:
    """How the sites were chosen, the map, and the sites."""
    word, choice = words(language), assessment.choice
    _heading(document, word["brief.plan"], 1)
    table = proposals_table(assessment)
    if not len(table.frame):
        _paragraph(document, word["proposals.none"])
        return
    cost = _figure(choice.cost_yuan, "yuan", language)
    gap = shown(100 * choice.gap_share, "%")
    status = word[f"choice.{choice.status}"]
    _paragraph(document, word["brief.chosen"].format(n=len(table.frame), cost=cost, status=status, gap=gap))
    picture = folder / "plan.png"
    map_picture(assessment, picture, "after", language=language)
    document.add_picture(str(picture), width=Cm(16.4))
    _paragraph(document, word["brief.map"].format(minutes=f"{assessment.circle_minutes:g}"), style="Caption")
    headings = [heading for name in PROPOSAL_WIDTHS_CM for heading in table.headings if heading.name == name]
    rows = [[_cell(heading, row, language) for heading in headings] for row in table.frame.head(MOST_ROWS).to_dict("records")]
    _table(document, [heading.title(language) for heading in headings], rows, [PROPOSAL_WIDTHS_CM[heading.name] for heading in headings])
    if len(table.frame) > MOST_ROWS:
        _paragraph(document, word["page.more"].format(n=len(table.frame) - MOST_ROWS), style="Caption")
    _beyond(document, assessment, language)


def _beyond(document: Document, assessment: Assessment, language: str) -> None:
    """What else was asked of the plan: phases, what more money would mend, other plans, closures, and who goes where."""
    for line in plan_lines(assessment):
        _paragraph(document, in_language(line, language), style="List Bullet")
    for table in (*plan_tables(assessment), *closure_tables(assessment)):
        if table.id not in BRIEF_TABLES or not len(table.frame):
            continue
        _heading(document, table.title(language), 2)
        headings = [h for name in BRIEF_TABLES[table.id] for h in table.headings if h.name == name and h.language in ("", language)]
        _table(document, [h.title(language) for h in headings], _rows(table, headings, language))


def _open(document: Document, assessment: Assessment, language: str) -> None:
    """What nobody but people can answer, and what every reader has to know."""
    word = words(language)
    _heading(document, word["brief.open"], 1)
    if not assessment.open_questions:
        _paragraph(document, word["page.nothing"])
        return
    table = open_questions(assessment)
    shown_headings = [h for h in table.headings if h.language in ("", language)]
    _table(document, [h.title(language) for h in shown_headings], _rows(table, shown_headings, language))


def _basis(document: Document, assessment: Assessment, language: str) -> None:
    word = words(language)
    _heading(document, word["about.notes"], 1)
    for row in statements(assessment).frame.to_dict("records"):
        _paragraph(document, str(row["text_zh" if language == "zh" else "text"]), style="List Bullet")
    _heading(document, word["about.sources"], 1)
    table = sources(assessment)
    headings = [h for h in table.headings if h.name in ("layer_zh", "layer", "path", "rows") and h.language in ("", language)]
    _table(document, [h.title(language) for h in headings], _rows(table, headings, language))


def _heading(document: Document, text: str, level: int) -> None:
    document.add_heading(_printable(text), level)


def _paragraph(document: Document, text: str, style: str | None = None) -> Paragraph:
    return document.add_paragraph(_printable(text), style)


def _rows(table: ShownTable, headings: Sequence[Heading], language: str) -> list[list[str]]:
    return [[_cell(heading, row, language) for heading in headings] for row in table.frame.to_dict("records")]


def _cell(heading: Heading, row: Mapping[Hashable, object], language: str) -> str:
    value = row[heading.name]
    if heading.is_number:
        unit = str(row[heading.unit_column]) if heading.unit_column else heading.unit
        return _figure(float(str(value)), unit, language, with_unit=bool(heading.unit_column) or unit == "yuan")
    return code_word(str(value), heading.codes, language) if heading.codes else str(value)


def _figure(value: float, unit: str, language: str, *, with_unit: bool = True) -> str:
    """A figure with its unit, as everywhere; money in 万元 in Chinese."""
    digits, shown_unit = shown_yuan(value, language) if unit == "yuan" else (shown(value, unit), unit)
    return digits if digits == NO_DATA or not with_unit or not unit else f"{digits} {unit_word(shown_unit, language)}"


def _table(document: Document, head: Sequence[str], rows: Iterable[Sequence[str]], widths_cm: Sequence[float] | None = None) -> None:
    """A table with a head that is repeated on every page."""
    filled = list(rows)
    table = document.add_table(rows=1 + len(filled), cols=len(head), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    cells = table._cells  # noqa: SLF001 - row.cells takes quadratic time
    for number, text in enumerate([*head, *(text for row in filled for text in row)]):
        _write(cells[number], text, is_head=number < len(head))
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(mark)  # noqa: SLF001
    for column, width in zip(table.columns, widths_cm or (), strict=False):
        column.width = Cm(width)
        for cell in cells[column._index :: len(head)]:  # noqa: SLF001
            cell.width = Cm(width)
    document.add_paragraph()


def _write(cell: _Cell, text: str, *, is_head: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(_printable(text))
    run.font.size, run.font.bold = Pt(9), is_head or None
    if is_head:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), "DCE6F1")
        cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001


def _printable(text: str) -> str:
    """Text without control characters, which XML cannot hold."""
    return "".join(character for character in text if character in "\n\t" or ord(character) >= 32)


def _moment(moment: tuple[str, str, str], language: str) -> str:
    return moment[1] if language == "zh" else moment[2]


def _title(assessment: Assessment, language: str) -> str:
    return _printable(assessment.title.get(language) or assessment.title.get("zh", ""))


def _with_fixed_dates(draft: Path, path: Path) -> None:
    """The same parts with one date for all, so that the same brief has the same bytes."""
    with zipfile.ZipFile(draft) as read, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            part = zipfile.ZipInfo(name, FIXED)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            written.writestr(part, read.read(name))
