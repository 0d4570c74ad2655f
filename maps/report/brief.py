"""`brief.docx`: what was asked, what was found rule by rule, the plan with its costs, and what people still have to answer.

How it looks is told in `office`. Figures are those of the workbook, with the digits of the page.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Hashable, Mapping
from dataclasses import replace
from pathlib import Path

import docx
import pandas as pd
from docx.document import Document

from layers.place_names import place_names
from layers.saying import in_language, say
from maps.credits import credits_of
from maps.numbers import shown, shown_yuan
from maps.publishing.manifest import PublishError
from maps.publishing.record import named_sources
from maps.report.figures import capital, change, clause_of, quoted, with_unit
from maps.report.office import Column, add_heading, add_paragraph, add_picture, add_table, new_document, save
from maps.report.sheet import map_picture, rule_picture, rules_to_show
from maps.tables.closure_tables import closure_tables
from maps.tables.outlook_tables import open_questions
from maps.tables.place_tables import proposals as proposals_table
from maps.tables.plan_lines import plan_lines
from maps.tables.plan_reasons import told_of_plan
from maps.tables.plan_tables import plan_tables
from maps.tables.rule_tables import UNCOMPUTED_KINDS, rules, verdicts
from maps.tables.run_tables import key_figures, sources, statements
from maps.tables.shown import MOMENTS, Heading, ShownTable, cell_text, code_word
from maps.words import unit_word, words
from planner.assessment import Assessment, Finding

MOST_PICTURES = 4
"""rules that get a map"""
MOST_NAMES = 12
"""units named below a map; all stand in the workbook"""
MOST_ROWS = 60
"""of the table of proposals; all stand in the workbook"""
VERDICT_WIDTHS_CM = (5.4, 2.8, 2.9, 2.9, 2.6)
PROPOSAL_WIDTHS_CM = {
    "rank": 1.1, "name": 3.3, "unit_name": 1.9, "kind": 2.5, "phase": 1.2, "cost_yuan": 1.6, "for_whom": 2.3, "people_in_reach": 1.4, "people_gained": 1.3,
}  # fmt: skip
"""columns of the table of proposals"""
BRIEF_TABLES: dict[str, dict[str, float]] = {
    "alternatives": {"alternative": 1.3, "n_sites": 1.3, "cost_yuan": 2.6, "loss_pct": 2.1, "added_names": 4.4, "dropped_names": 4.9},
    "curve": {"budget": 3.8, "n_sites": 2.4, "relieved_pct": 3.4, "left_pct": 3.4, "bound_pct": 3.6},
    "closures": {
        "closes": 3.6, "into": 3.2, "people_lost_before": 2.6, "people_lost_after": 2.6, "rules_worse_before": 2.3, "rules_worse_after": 2.3,
    },
}  # fmt: skip
"""tables on the plan that the brief holds, with the widths [cm] of their columns; all stand in the workbook"""
QUESTION_WIDTHS_CM = {"rule_title": 5.4, "rule_title_en": 5.4, "asks_zh": 11.2, "asks_en": 11.2}
SOURCE_WIDTHS_CM = {"layer_zh": 3.6, "layer": 3.6, "path": 10.8, "rows": 2.2}


def write_brief(assessment: Assessment, path: Path, *, language: str, review_number: str = "") -> None:
    """Write the brief in a language; `review_number` is that of its maps, "" leaves a blank.

    Raises `PublishError` when no font has Chinese characters for its maps.
    """
    word = words(language)
    title = assessment.title.get(language) or assessment.title.get("zh", "")
    document = new_document(language, title, assessment.as_of, f"{word['page.internal']}\t\t{word['brief.page']}")
    _head(document, assessment, title, language)
    _asked(document, assessment, language)
    with tempfile.TemporaryDirectory() as folder:
        _found(document, assessment, language, Path(folder))
        _planned(document, assessment, language, Path(folder))
    _open(document, assessment, language)
    _basis(document, assessment, language, review_number)
    save(document, path)


def check_brief(path: Path) -> None:
    """Read the file back; raises when it is damaged or empty."""
    if not zipfile.is_zipfile(path) or zipfile.ZipFile(path).testzip() is not None or not docx.Document(str(path)).paragraphs:
        raise PublishError(say("{file} cannot be read back. Run again.", file=path.name))


def _head(document: Document, assessment: Assessment, title: str, language: str) -> None:
    word = words(language)
    add_paragraph(document, title, "Title")
    marks = [f"{word['page.as_of']} {assessment.as_of.isoformat()}", word["page.internal"]]
    if assessment.before.area.is_synthetic:
        marks.append(word["page.synthetic_long"])
    add_paragraph(document, "   ".join(marks), "Subtitle")


def _asked(document: Document, assessment: Assessment, language: str) -> None:
    """The policies, and how people were counted."""
    word = words(language)
    add_heading(document, word["brief.asked"], 1)
    for title in dict.fromkeys(rule.pack_title if language == "zh" else rule.pack_title_en for rule in assessment.rules):
        add_paragraph(document, title, "List Bullet")
    minutes = f"{assessment.circle_minutes:g}"
    kinds = code_word(";".join(assessment.circle_kinds), "kind", language)
    add_paragraph(document, word["brief.method"].format(minutes=minutes, kinds=kinds))
    add_heading(document, word["brief.figures"], 2)
    rows = []
    for row in key_figures(assessment).frame.to_dict("records"):
        name = str(row["figure" if language == "zh" else "figure_en"])
        rows.append([capital(name), *(with_unit(float(row[state]), str(row["unit"]), language) for state, *_ in MOMENTS)])
    columns = [Column("", 8.4), *(Column(_moment(moment, language), 4.1, is_figure=True) for moment in MOMENTS)]
    add_table(document, columns, rows)


def _found(document: Document, assessment: Assessment, language: str, folder: Path) -> None:
    """The verdict sheet, then the rules that are not met, each with its sentence and its map."""
    word = words(language)
    add_heading(document, word["brief.found"], 1)
    table = verdicts(assessment)
    computed = table.frame[(table.frame["reading"] == "") & ~table.frame["verdict_before"].isin(UNCOMPUTED_KINDS)]
    titles = [word["rules.rule"], word["rules.required"], *(_moment(moment, language) for moment in MOMENTS), word["rules.shortfall"]]
    rows = [_verdict_row(row, language) for row in computed.to_dict("records")]
    add_table(document, [Column(*column) for column in zip(titles, VERDICT_WIDTHS_CM, strict=True)], rows)
    tallies = [_tally(row, state) for row in computed.to_dict("records") for state, *_ in MOMENTS]
    example = next(filter(None, tallies), "")
    told = word["brief.tally"].format(example=example) + " " if example else ""
    add_paragraph(document, told + word["brief.readings"], "Caption")
    said = rules(assessment).frame.set_index("rule_id")
    for number, (rule, level) in enumerate(rules_to_show(assessment)):
        if number == MOST_PICTURES:
            break
        row = said.loc[rule.full_id]
        title = str(row["rule_title" if language == "zh" else "rule_title_en"])
        add_heading(document, title, 2)
        policy = str(row["pack_title" if language == "zh" else "pack_title_en"])
        quote = str(row["quote"]) if language == "zh" else str(row["gloss"] or row["quote"])
        add_paragraph(document, quoted(policy, str(row["clause"]), quote, language), "Lead")
        picture = folder / f"rule_{number}.png"
        rule_picture(assessment, rule, level, picture, language=language)
        add_picture(document, picture, title)
        add_paragraph(document, _names_short(assessment, rule.full_id, language), "Caption")


def _names_short(assessment: Assessment, rule_id: str, language: str) -> str:
    """The units that do not meet a rule, today and with the plan."""
    found = {
        moment: _short_of(finding, rule_id, language)
        for moment, finding in zip(MOMENTS, (assessment.before, assessment.after), strict=True)
    }
    parts = [f"{_moment(moment, language)}{'：' if language == 'zh' else ': '}{names}" for moment, names in found.items()]
    return f"{words(language)['brief.short']} {('；' if language == 'zh' else '; ').join(parts)}"


def _short_of(finding: Finding, rule_id: str, language: str) -> str:
    rows = finding.measures
    ids = rows.loc[(rows["rule_id"] == rule_id) & (rows["reading"] == "") & (rows["verdict"] == "fail"), "unit_id"]
    names = [place_names(finding.area).get(unit_id) or unit_id for unit_id in ids]
    more = [words(language)["page.more"].format(n=len(names) - MOST_NAMES)] if len(names) > MOST_NAMES else []
    return ("、" if language == "zh" else ", ").join([*names[:MOST_NAMES], *more]) or words(language)["page.nothing"]


def _tally(row: Mapping[Hashable, object], state: str) -> str:
    """How many units meet a rule, of how many that it asks; "" where it asks one only."""
    n_pass, n_fail, n_no_data = (float(str(row[f"{n}_{state}"])) for n in ("n_pass", "n_fail", "n_no_data"))
    n_asked = n_pass + n_fail + n_no_data
    return f"{shown(n_pass)} / {shown(n_asked)}" if n_asked > 1 else ""


def _verdict_row(row: Mapping[Hashable, object], language: str) -> list[str]:
    unit, required = str(row["value_unit"]), float(str(row["required"]))
    states = []
    for state, *_ in MOMENTS:
        said = code_word(str(row[f"verdict_{state}"]), "verdict", language)
        if row[f"overdue_{state}"]:
            said += f" · {words(language)['rules.overdue']}"
        value, tally = float(str(row[f"value_{state}"])), _tally(row, state)
        if tally:
            said += f"\n{tally}"
        elif pd.notna(value):
            said += f"\n{with_unit(value, unit, language, beside=None if pd.isna(required) else required)}"
        states.append(said)
    short = [float(str(row[f"shortfall_{state}"])) for state, *_ in MOMENTS]
    is_open = (bool(row["shortfall_is_open_before"]), bool(row["shortfall_is_open_after"]))
    title = str(row["rule_title" if language == "zh" else "rule_title_en"])
    clause = f"\n{capital(clause_of('', str(row['clause']), language))}" if row["clause"] else ""
    return [
        title + clause,
        with_unit(required, unit, language),
        *states,
        change(short[0], short[1], str(row["shortfall_unit"]), language, at_least=is_open),
    ]


def _planned(document: Document, assessment: Assessment, language: str, folder: Path) -> None:
    """How the sites were chosen, the map, and the sites."""
    word, choice = words(language), assessment.choice
    add_heading(document, word["brief.plan"], 1)
    table = _named(proposals_table(assessment))
    if not len(table.frame):
        add_paragraph(document, word["proposals.none"])
        _told_of_plan(document, assessment, language)
        return
    sentence = word["brief.chosen_best" if choice.status == "optimal" and not choice.gap_share else "brief.chosen"]
    sites, cost, gap = shown(len(table.frame), "sites"), with_unit(choice.cost_yuan, "yuan", language), shown(100 * choice.gap_share, "%")
    add_paragraph(document, sentence.format(n=sites, cost=cost, status=word[f"choice.{choice.status}"], gap=gap), "Lead")
    _told_of_plan(document, assessment, language)
    picture, caption = folder / "plan.png", word["brief.map"].format(minutes=f"{assessment.circle_minutes:g}")
    map_picture(assessment, picture, "after", language=language)
    add_picture(document, picture, caption)
    add_paragraph(document, caption, "Caption")
    _shown(document, table, PROPOSAL_WIDTHS_CM, language, most=MOST_ROWS)
    add_heading(document, word["brief.further"], 2)
    for line in plan_lines(assessment):
        add_paragraph(document, capital(in_language(line, language)), "List Bullet")
    for further in (*plan_tables(assessment), *closure_tables(assessment)):
        if further.id in BRIEF_TABLES and len(further.frame):
            add_heading(document, further.title(language), 2)
            _shown(document, further, BRIEF_TABLES[further.id], language)


def _told_of_plan(document: Document, assessment: Assessment, language: str) -> None:
    """How far its goal was reached, or why it is empty."""
    for line in told_of_plan(assessment):
        add_paragraph(document, capital(in_language(line, language)))


def _named(proposals: ShownTable) -> ShownTable:
    """The proposals, those without a name by their id, and whom each is for in the few words of a narrow column."""
    frame = proposals.frame
    headings = tuple(replace(h, codes="whom") if h.name == "for_whom" else h for h in proposals.headings)
    return replace(proposals, frame=frame.assign(name=frame["name"].where(frame["name"] != "", frame["candidate_id"])), headings=headings)


def _open(document: Document, assessment: Assessment, language: str) -> None:
    """What nobody but people can answer."""
    word = words(language)
    add_heading(document, word["brief.open"], 1)
    if assessment.open_questions:
        _shown(document, open_questions(assessment), QUESTION_WIDTHS_CM, language)
    else:
        add_paragraph(document, capital(word["page.nothing"]))


def _basis(document: Document, assessment: Assessment, language: str, review_number: str) -> None:
    """What every reader has to know: notes, files, whom they come from, and the maps' own marks."""
    word, area = words(language), assessment.before.area
    add_heading(document, word["brief.notes"], 1)
    known = statements(assessment).frame
    for row in known[known["kind"] != "plan"].to_dict("records"):  # told with the plan
        add_paragraph(document, capital(str(row["text_zh" if language == "zh" else "text"])), "List Bullet")
    add_heading(document, word["about.sources"], 1)
    _shown(document, sources(assessment), SOURCE_WIDTHS_CM, language)
    marks = [
        *credits_of(named_sources(assessment)),
        f"{word['about.crs']}: {area.crs.name} ({area.crs.to_string()})",
        word["sheet.review"].format(number=review_number or word["sheet.blank"]),
    ]
    add_paragraph(document, "   ".join(marks), "Caption")


def _shown(document: Document, table: ShownTable, widths_cm: Mapping[str, float], language: str, *, most: int | None = None) -> None:
    """Some columns of a table, in their language; the first rows where there may be too many."""
    headings = [h for name in widths_cm for h in table.headings if h.name == name and h.language in ("", language)]
    columns = [Column(_title(h, language), widths_cm[h.name], is_figure=h.is_number) for h in headings]
    rows = [[_cell(h, row, language) for h in headings] for row in table.frame.head(most or len(table.frame)).to_dict("records")]
    add_table(document, columns, rows)
    if most and len(table.frame) > most:
        add_paragraph(document, words(language)["page.more"].format(n=len(table.frame) - most), "Caption")


def _title(heading: Heading, language: str) -> str:
    """The name of a column, with the unit of its figures where the name does not tell it."""
    title = capital(heading.title(language).removesuffix(" (English)"))
    unit = unit_word(shown_yuan(None, language)[1] if heading.unit == "yuan" else heading.unit, language) if heading.unit else ""
    if not unit or unit.lower() in title.lower():
        return title
    return f"{title} [{unit}]"


def _cell(heading: Heading, row: Mapping[Hashable, object], language: str) -> str:
    """A cell; its unit stands in the heading, or beside it where it differs from row to row."""
    value = row[heading.name]
    if heading.unit_column:
        return with_unit(float(str(value)), str(row[heading.unit_column]), language)
    if heading.unit == "yuan":
        return shown_yuan(float(str(value)), language)[0]
    if heading.is_number:
        return shown(float(str(value)), heading.unit)
    return cell_text(heading, str(value), language)


def _moment(moment: tuple[str, str, str], language: str) -> str:
    return capital(moment[1] if language == "zh" else moment[2])
