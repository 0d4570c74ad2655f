"""`quarterhour explain`: what every rule says of one unit, in sentences, with the clause each rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

from layers.place_names import place_names
from layers.problems import InputFaultsError, Problem
from layers.saying import in_language, say
from layers.study_area import StudyArea
from maps.numbers import NO_DATA, shown
from maps.words import unit_word, words
from planner.assessment import Assessment
from planner.measures import TO_CONVERT
from planner.rules import Rule, expand

SYMBOLS = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}

_SAID = {
    "zh": {
        "asked": "要求 {required}", "value": "现为 {value}", "have": "现有 {have}", "of": "，基数 {base}", "short": "，缺 {shortfall}", "people": "，涉及 {people} 人",
        "answer": "{reading}：{verdict}", "reading": "口径 {id}", "base": "基准口径", "overdue": "，已逾期（{day}）", "note": "（{note}）", "stop": "。",
        "comma": "；", "no_limit": "未规定数值", "above": "{unit}（上级单元）", "nothing": "  没有规则评价此单元。",
    },
    "en": {
        "asked": "asks for {required}", "value": "it is {value}", "have": "there are {have}", "of": " for a base of {base}",
        "short": ", {shortfall} short", "people": ", {people} people concerned", "answer": "{reading}: {verdict}", "reading": "reading {id}",
        "base": "base reading", "overdue": ", overdue since {day}", "note": " ({note})", "stop": ".", "comma": "; ", "no_limit": "states no limit",
        "above": "{unit} (a unit above)", "nothing": "  No rule is measured in this unit.",
    },
}  # fmt: skip
"""the parts of a sentence"""


def find_unit(area: StudyArea, asked: str) -> str:
    """The unit (or residential area) of a code or a name; `InputFaultsError` when there is none, or several of that name.

    A name that stands twice is found with the unit above it, as the outputs write it (河口乡向阳村).
    """
    names = place_names(area)
    tables = ((area.units, "unit_id"), (area.residential, "residential_id"))
    own = {str(id_): str(name) for table, key in tables for id_, name in zip(table[key], table["name"], strict=True)}
    found = [id_ for id_ in own if id_ == asked] or [id_ for id_ in own if asked in (own[id_], names[id_])]
    if len(found) == 1:
        return found[0]
    near = found or [id_ for id_ in own if own[id_] and asked in names[id_]]
    listed = [f"{id_} {names[id_]}" for id_ in near[:10]]
    what = say("no unit has the code or the name {text}", text=asked)
    if found:
        what = say("{n} units are called {name}", n=len(found), name=asked)
    remedy = say("Give the code. {units}", units=listed) if listed else say("Give a code of the units layer.")
    raise InputFaultsError([Problem("error", "explain", what, remedy)])


def explain(assessment: Assessment, unit_id: str, language: str) -> str:
    """Paragraphs: the unit, then the units above it that rules speak of; one paragraph per rule, its rival readings after it."""
    area, said = assessment.before.area, _SAID[language]
    names = place_names(area)
    parts = []
    for place_id in _chain(area, unit_id):
        lines = list(_paragraphs(assessment, place_id, language))
        if lines or place_id == unit_id:
            name = f"{names[place_id]} {place_id}"
            heading = name if place_id == unit_id else said["above"].format(unit=name)
            parts += [heading, *(lines or [said["nothing"]]), ""]
    return "\n".join(parts)


def _chain(area: StudyArea, unit_id: str) -> Iterator[str]:
    """The unit and those above it; of a residential area the unit it lies in comes next."""
    parent = dict(zip(area.units["unit_id"], area.units["parent_id"], strict=True))
    within = dict(zip(area.residential["residential_id"], area.residential["unit_id"], strict=True))
    while unit_id:
        yield unit_id
        unit_id = within[unit_id] if unit_id in within and unit_id not in parent else parent.get(unit_id, "")


def _paragraphs(assessment: Assessment, unit_id: str, language: str) -> Iterator[str]:
    rows = assessment.before.measures[assessment.before.measures["unit_id"] == unit_id]
    by_key = {(str(row["rule_id"]), str(row["reading"])): {str(k): v for k, v in row.items()} for row in rows.to_dict("records")}
    late = set(assessment.before.verdicts.query("overdue and reading == ''")["rule_id"])
    for rule in assessment.rules:
        mine = [(read, by_key[key]) for read in expand([rule]) if (key := (read.full_id, read.reading_id)) in by_key]
        if mine:
            yield _paragraph(rule, mine, language, is_late=rule.full_id in late)


def _paragraph(rule: Rule, mine: list[tuple[Rule, dict[str, object]]], language: str, *, is_late: bool) -> str:
    is_zh = language == "zh"
    title = (
        f"《{rule.pack_title}》{rule.clause} {rule.marked_title}"
        if is_zh
        else f"{rule.pack_title_en}, {rule.clause}: {rule.marked_title_en}"
    )
    readings = [_answer(read, row, language, is_late=is_late) for read, row in mine]
    return f"  {title}\n    “{rule.quote if is_zh else rule.gloss}”\n    " + "\n    ".join(readings)


def _answer(rule: Rule, row: dict[str, object], language: str, *, is_late: bool) -> str:
    """One sentence: verdict, requirement, what there is, what is short."""
    said = _SAID[language]
    verdict = words(language)[f"verdict.{row['verdict']}"]
    unit, short_unit = str(row["unit"]), str(row["shortfall_unit"])
    required = float(str(row["required"]))
    op = SYMBOLS.get(rule.op or "", "")
    facts = [
        said["no_limit"] if math.isnan(required) else said["asked"].format(required=f" {op} {_figure(required, unit, language)}".strip())
    ]
    if (value := _figure(float(str(row["value"])), unit, language, beside=required)) != NO_DATA:
        facts.append(said["value"].format(value=value))
    have, base = float(str(row["have"])), float(str(row["base"]))
    if row["verdict"] in ("pass", "fail", "report_only", "no_data") and not math.isnan(have):
        facts.append(
            said["have"].format(have=_figure(have, short_unit.removesuffix(TO_CONVERT), language))
            + ("" if math.isnan(base) else said["of"].format(base=shown(base)))
        )
    text = said["comma"].join(facts)
    if row["verdict"] == "fail":
        text += _short(row, short_unit, language)
        text += said["overdue"].format(day=rule.deadline) if is_late and rule.deadline else ""
    note = said["note"].format(note=in_language(cast("str", row["note"]), language)) if row["note"] else ""
    reading = (
        said["reading"].format(id=rule.reading_title if language == "zh" else rule.reading_title_en) if rule.reading_id else said["base"]
    )
    head = said["answer"].format(reading=reading, verdict=verdict)
    return f"{head}{said['comma']}{text}{note}{said['stop']}"


def _short(row: dict[str, object], unit: str, language: str) -> str:
    said, amount, people = _SAID[language], float(str(row["shortfall"])), float(str(row["people"]))
    short = "" if math.isnan(amount) else said["short"].format(shortfall=_figure(amount, unit, language))
    return short + ("" if math.isnan(people) else said["people"].format(people=shown(people, "people")))


def _figure(value: float, unit: str, language: str, *, beside: float | None = None) -> str:
    digits = shown(value, unit, beside=None if beside is None or math.isnan(beside) else beside)
    return digits if digits == NO_DATA or not unit else f"{digits} {unit_word(unit, language)}"
