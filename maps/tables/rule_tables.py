"""What the rules say, as tables: the rules and their numbers, the verdicts, and every measure. Units stand in `unit_tables`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from layers.place_names import place_names
from layers.saying import in_language
from maps.tables.shown import Heading, ShownTable, both_states, in_both_states, states, table, told
from planner.assessment import Assessment, Finding, Judged
from planner.rules import Rule, expand

UNCOMPUTED_KINDS = ("site_rule", "attestation")
"""Kinds of rules without a figure of their own: unless somebody has attested the answer, their name stands in place of a verdict."""

UNITS_SHOWN = 20
"""units that the table of verdicts lists by name"""

RULE_HEADINGS = (
    Heading("rule_id", "规则编号", "rule id"),
    Heading("rule_title", "规则", "rule", language="zh"),
    Heading("rule_title_en", "规则（英文）", "rule (English)", language="en"),
    Heading("reading", "口径编号", "reading id"),
    Heading("reading_title", "口径", "reading", language="zh"),
    Heading("reading_title_en", "口径（英文）", "reading (English)", language="en"),
)

TITLES = ("rule_title", "rule_title_en", "reading_title", "reading_title_en")
"""Columns of `RULE_HEADINGS` that name a rule and its reading for readers."""

RULES = (
    *RULE_HEADINGS[:3],
    Heading("pack_title", "依据文件", "policy", language="zh"),
    Heading("pack_title_en", "依据文件（英文）", "policy (English)", language="en"),
    Heading("clause", "条款", "clause"),
    Heading("quote", "原文", "text"),
    Heading("gloss", "英文释义", "in English"),
    Heading("strength", "约束力", "strength", codes="strength"),
    Heading("level", "评价单元", "measured per", codes="level"),
    Heading("op", "比较", "compared"),
    Heading("value", "限值", "limit", unit_column="value_unit"),
    Heading("value_unit", "单位", "unit", codes="unit"),
    Heading("units_pct", "须达标单元比例", "share of units that must pass", unit="%"),
    Heading("deadline", "期限", "due"),
    Heading("unverified", "含未经核实数字", "uses a number that is not verified", is_flag=True),
    Heading("ambiguity_zh", "待明确之处", "open questions", language="zh"),
    Heading("ambiguity", "待明确之处（英文）", "open questions (English)", language="en"),
)
NUMBERS = (
    *RULE_HEADINGS,
    Heading("at", "项", "key", codes="rule_key"),
    Heading("number", "数字", "number"),
    Heading("status", "来源类别", "status", codes="status"),
    Heading("quote", "出处原文", "source text"),
    Heading("url", "网址", "address"),
    Heading("note_zh", "说明", "note", language="zh"),
    Heading("note", "说明（英文）", "note (English)", language="en"),
)
READINGS = (
    *RULE_HEADINGS,
    Heading("why_zh", "理由", "why", language="zh"),
    Heading("why", "理由（英文）", "why (English)", language="en"),
)
VERDICTS = (
    *RULE_HEADINGS,
    Heading("clause", "条款", "clause"),
    *both_states("verdict", "结论", "verdict", codes="verdict"),
    *in_both_states(Heading("overdue", "逾期", "overdue", is_flag=True)),
    Heading("deadline", "期限", "due"),
    *in_both_states(Heading("n_pass", "达标单元", "units met", unit="units", is_count=True)),
    *in_both_states(Heading("n_fail", "未达标单元", "units not met", unit="units", is_count=True)),
    *in_both_states(Heading("n_no_data", "无数据单元", "units without data", unit="units", is_count=True)),
    *in_both_states(Heading("n_not_applicable", "不适用单元", "units it does not apply to", unit="units", is_count=True)),
    Heading("units_pct", "须达标单元比例", "share of units that must pass", unit="%"),
    Heading("units_needed", "须达标单元数", "units that must pass", unit="units", is_count=True),
    *both_states("lower_pct", "达标比例下限", "share met, at least", unit="%"),
    *both_states("upper_pct", "达标比例上限", "share met, at most", unit="%"),
    *both_states("value", "合计数值", "overall figure", unit_column="value_unit", beside="required"),
    Heading("required", "要求", "required", unit_column="value_unit"),
    Heading("value_unit", "数值单位", "unit of the figure", codes="unit"),
    *both_states("shortfall", "达标所需补足", "to be mended for the rule to be met", unit_column="shortfall_unit"),
    *in_both_states(Heading("shortfall_is_open", "补足量为下限（有单元无数据）", "a lower bound (units without data)", is_flag=True)),
    Heading("shortfall_unit", "缺口单位", "unit of the shortfall", codes="unit"),
    *both_states("people_short", "未达标单元涉及人口", "people of the units not met", unit="people"),
    *(replace(heading, is_list=True) for heading in both_states("units_short", "未达标单元", "units not met, by name")),
    Heading("unverified", "含未经核实数字", "uses a number that is not verified", is_flag=True),
)
MEASURES = (
    Heading("state", "状态", "state", codes="state"),
    *RULE_HEADINGS,
    Heading("unit_id", "单元代码", "unit code"),
    Heading("unit_name", "单元", "unit"),
    Heading("level", "层级", "level", codes="level"),
    Heading("value", "数值", "value", unit_column="unit", beside="required"),
    Heading("required", "要求", "required", unit_column="unit"),
    Heading("unit", "单位", "unit of the figure", codes="unit"),
    Heading("have", "分子（现有量）", "numerator", is_figure=True),
    Heading("base", "分母（基数）", "denominator", is_figure=True),
    Heading("shortfall", "缺口", "shortfall", unit_column="shortfall_unit"),
    Heading("shortfall_unit", "缺口单位", "unit of the shortfall", codes="unit"),
    Heading("people", "涉及人口", "people concerned", unit="people"),
    Heading("verdict", "结论", "verdict", codes="verdict"),
    Heading("note_zh", "说明", "note", language="zh"),
    Heading("note", "说明（英文）", "note (English)", language="en"),
)


def rules(assessment: Assessment) -> ShownTable:
    """The clauses, as the policies state them."""
    rows = [
        {
            "rule_id": rule.full_id, "rule_title": rule.marked_title, "rule_title_en": rule.marked_title_en,
            "pack_title": rule.pack_title, "pack_title_en": rule.pack_title_en, "clause": rule.clause, "quote": rule.quote,
            "gloss": rule.gloss, "strength": rule.strength, "level": rule.unit, "op": rule.op, "value": _number(rule.value),
            "value_unit": rule.value_unit, "units_pct": float(rule.units_pct), "deadline": _day(rule),
            "unverified": rule.has_unverified_number,
            "ambiguity_zh": "\n".join(rule.ambiguity_zh or rule.ambiguity), "ambiguity": "\n".join(rule.ambiguity),
        }
        for rule in assessment.rules
    ]  # fmt: skip
    return table("rules", "规则", "Rules", _frame(rows, RULES), RULES)


def rule_numbers(assessment: Assessment) -> ShownTable:
    """Where each number of a rule comes from."""
    named = titles(assessment)
    rows = [
        {
            "rule_id": rule.full_id,
            **named[rule.full_id, reading],
            "reading": reading,
            "at": n.at,
            "number": str(n.is_),
            "note_zh": in_language(n.note, "zh"),
            **n.model_dump(include={"status", "quote", "url", "note"}),
        }
        for rule in assessment.rules
        for reading, numbers in (("", rule.numbers), *((r.id, r.numbers) for r in rule.readings))
        for n in numbers
    ]
    return table("rule_numbers", "数字来源", "Numbers of the rules", _frame(rows, NUMBERS), NUMBERS)


def rule_readings(assessment: Assessment) -> ShownTable:
    """The rival readings of the rules, and why they exist."""
    named = titles(assessment)
    rows = [
        {
            "rule_id": rule.full_id,
            **named[rule.full_id, reading.id],
            "reading": reading.id,
            "why_zh": reading.why_zh or reading.why,
            "why": reading.why,
        }
        for rule in assessment.rules
        for reading in rule.readings
    ]
    return table("rule_readings", "不同口径", "Rival readings", _frame(rows, READINGS), READINGS)


def verdicts(assessment: Assessment) -> ShownTable:
    """One row per rule and reading, today and with the plan; rules without a figure have their kind as verdict."""
    by_key: dict[str, dict[tuple[str, str], dict[str, object]]] = {state: verdict_rows(finding) for state, finding in states(assessment)}
    found_keys = dict.fromkeys(key for state in by_key for key in by_key[state])
    rows = []
    read = {(rule.full_id, rule.reading_id): rule for rule in expand(assessment.rules)}
    for rule in assessment.rules:
        for reading in dict.fromkeys(["", *(reading for rule_id, reading in found_keys if rule_id == rule.full_id)]):
            found = {state: by_key[state].get((rule.full_id, reading), {}) for state in by_key}
            said = read.get((rule.full_id, reading), rule)
            rows.append({"rule_id": rule.full_id, **_title(said), "reading": reading, **_verdict_cells(said, found)})
    if not found_keys.keys() <= {(row["rule_id"], row["reading"]) for row in rows}:
        raise ValueError("a verdict names a rule that the assessment does not hold")
    return table("verdicts", "结论", "Verdicts", _frame(rows, VERDICTS), VERDICTS)


def measures(assessment: Assessment) -> ShownTable:
    """One row per state, rule, reading and unit: the long table that everything else is taken from."""
    named = titles(assessment)
    names = place_names(assessment.before.area)
    frames = []
    for state, finding in states(assessment):
        frame = finding.measures.assign(state=state, unit_name=finding.measures["unit_id"].map(names))
        for column in TITLES:
            frame[column] = [named[key][column] for key in zip(frame["rule_id"], frame["reading"], strict=True)]
        frames.append(told(frame, "note"))
    return table("rule_results", "测算明细", "Measures", pd.concat(frames, ignore_index=True), MEASURES)


def verdict_rows(finding: Finding | Judged) -> dict[tuple[str, str], dict[str, object]]:
    """(rule, reading) -> the row of its verdict, with the unit and the limit that its measures have in common.

    Where one unit alone was measured, its figure is the overall figure.
    """
    rows: dict[tuple[str, str], dict[str, object]] = {}
    names = place_names(finding.area) if isinstance(finding, Finding) else {}
    for row in finding.verdicts.to_dict("records"):
        mine = finding.measures[(finding.measures["rule_id"] == row["rule_id"]) & (finding.measures["reading"] == row["reading"])]
        measured = mine[mine["verdict"] != "not_applicable"]
        limits = mine["required"].dropna().unique()
        cells: dict[str, object] = {str(name): cell for name, cell in row.items()}
        rows[str(row["rule_id"]), str(row["reading"])] = {
            **cells,
            "n_rows": len(mine),
            "people_short": short["people"].sum(skipna=False) if len(short := mine[mine["verdict"] == "fail"]) else 0.0,
            "units_short": _listed([names.get(unit_id, unit_id) or unit_id for unit_id in short["unit_id"]]),
            "value": measured["value"].iloc[0] if len(measured) == 1 else row["value"],
            "value_unit": mine["unit"].iloc[0] if len(mine) else "",
            "required": limits[0] if len(limits) == 1 else np.nan,
        }
    return rows


def _verdict_cells(rule: Rule, found: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    before, after = found["before"], found["after"]
    cells: dict[str, object] = {
        "clause": rule.clause, "deadline": _day(rule), "unverified": rule.has_unverified_number,
        "value_unit": before.get("value_unit") or after.get("value_unit") or rule.value_unit, "required": before.get("required", np.nan),
        "units_pct": float(rule.units_pct), "units_needed": before.get("units_needed", np.nan),
        "shortfall_unit": before.get("shortfall_unit") or after.get("shortfall_unit") or "",
    }  # fmt: skip
    for state, row in found.items():
        verdict = row.get("verdict", "no_data")
        cells[f"verdict_{state}"] = rule.kind if rule.kind in UNCOMPUTED_KINDS and not row.get("n_rows") else verdict
        for name in ("n_pass", "n_fail", "n_no_data", "n_not_applicable", "lower_pct", "upper_pct", "value", "shortfall", "people_short"):
            cells[f"{name}_{state}"] = row.get(name, np.nan)
        cells[f"units_short_{state}"] = row.get("units_short", "")
        for name in ("overdue", "shortfall_is_open"):
            cells[f"{name}_{state}"] = bool(row.get(name, False))
    return cells


def _listed(names: Sequence[str]) -> str:
    """The first names, and how many more: all stand among the measures."""
    more = len(names) - UNITS_SHOWN
    return "、".join(names[:UNITS_SHOWN]) + (f" +{more}" if more > 0 else "")


def titles(assessment: Assessment) -> dict[tuple[str, str], dict[str, str]]:
    """(rule, reading) -> its `TITLES`, marked where a number of it is not verified."""
    return {(rule.full_id, rule.reading_id): _title(rule) for rule in expand(assessment.rules)}


def _title(rule: Rule) -> dict[str, str]:
    names = (rule.marked_title, rule.marked_title_en, rule.reading_title, rule.reading_title_en)
    return dict(zip(TITLES, names, strict=True))


def _day(rule: Rule) -> str:
    return "" if rule.deadline is None else rule.deadline.isoformat()


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _frame(rows: Sequence[Mapping[str, object]], headings: tuple[Heading, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[h.name for h in headings])
