"""What is still to come, as tables: the target year beside today, and the questions that only people can answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from layers.tables import BASES
from maps.tables.rule_tables import RULE_HEADINGS, titles, verdict_rows
from maps.tables.shown import Heading, ShownTable, table
from planner.assessment import Assessment

MOMENTS_AHEAD = ("now", "then", "then_plan")
"""today; the target year as things stand; the target year with the plan"""
_WORDS = {
    "now": ("现状", "today"),
    "then": ("目标年，不实施规划", "target year, without the plan"),
    "then_plan": ("目标年，规划后", "target year, with plan"),
}

OUTLOOK = (
    *RULE_HEADINGS,
    *(Heading(f"verdict_{m}", f"结论（{zh}）", f"verdict ({en})", codes="verdict") for m, (zh, en) in _WORDS.items()),
    *(Heading(f"value_{m}", f"合计数值（{zh}）", f"overall figure ({en})", unit_column="value_unit") for m, (zh, en) in _WORDS.items()),
    Heading("value_unit", "数值单位", "unit of the figure", codes="unit"),
    *(
        Heading(f"shortfall_{m}", f"缺口合计（{zh}）", f"shortfall in all ({en})", unit_column="shortfall_unit")
        for m, (zh, en) in _WORDS.items()
    ),
    Heading("shortfall_unit", "缺口单位", "unit of the shortfall", codes="unit"),
)
PEOPLE = (
    Heading("base", "基数", "base"),
    Heading("base_zh", "名称", "name", language="zh"),
    Heading("base_en", "名称（英文）", "name", language="en"),
    Heading("base_year", "基准年", "base year"),
    Heading("people", "人口（基准年）", "people (base year)", is_figure=True),
    Heading("year", "目标年", "target year"),
    Heading("people_then", "人口（目标年）", "people (target year)", is_figure=True),
)
QUESTIONS = (
    *RULE_HEADINGS[:3],
    Heading("asks_zh", "须由人回答的条文", "what must be answered", language="zh"),
    Heading("asks_en", "须由人回答的问题", "what must be answered", language="en"),
)


def open_questions(assessment: Assessment) -> ShownTable:
    """The questions that no attested answer settles."""
    rows = [
        {"rule_id": q.rule_id, "rule_title": q.title_zh, "rule_title_en": q.title_en, "asks_zh": q.asks_zh, "asks_en": q.asks_en}
        for q in assessment.open_questions
    ]
    return table(
        "open_questions", "待人回答的问题", "Open questions for people", pd.DataFrame(rows, columns=[h.name for h in QUESTIONS]), QUESTIONS
    )


def outlook_tables(assessment: Assessment) -> tuple[ShownTable, ...]:
    """The target year beside today; none without a projection."""
    ahead = assessment.projected
    if ahead is None:
        return ()
    rules = pd.DataFrame(list(outlook_rows(assessment)), columns=[h.name for h in OUTLOOK])
    people = ahead.people.assign(base_year=str(ahead.base_year), year=str(ahead.year))
    known = {base.name: base for base in BASES}
    people = people.assign(base_zh=[known[b].zh for b in people["base"]], base_en=[known[b].en for b in people["base"]])
    name = f"预测到{ahead.year}年", f"Projected to {ahead.year}"
    return (
        table("outlook", *name, rules, OUTLOOK),
        table("outlook_people", "预测人口", "People then", people[[h.name for h in PEOPLE]], PEOPLE),
    )


def outlook_rows(assessment: Assessment) -> Iterator[dict[str, object]]:
    """One row per rule and reading that was measured: verdict, figure and shortfall today and in the target year."""
    ahead = assessment.projected
    if ahead is None:
        return
    named = titles(assessment)
    found = {"now": verdict_rows(assessment.before), "then": verdict_rows(ahead.before), "then_plan": verdict_rows(ahead.after)}
    for rule_id, reading in dict.fromkeys(key for rows in found.values() for key in rows):
        mine = {moment: rows.get((rule_id, reading), {}) for moment, rows in found.items()}
        row: dict[str, object] = {"rule_id": rule_id, "reading": reading, **named[rule_id, reading]}
        for unit in ("value_unit", "shortfall_unit"):
            row[unit] = next((text for cells in mine.values() if (text := cells.get(unit))), "")
        for moment, cells in mine.items():
            row[f"verdict_{moment}"] = cells.get("verdict", "no_data")
            row[f"value_{moment}"] = cells.get("value", np.nan)
            row[f"shortfall_{moment}"] = cells.get("shortfall", np.nan)
        yield row
