"""The comparison as tables: what was asked otherwise, key figures, rules, people and units side by side, and who proposes what.

Each scenario has columns of its own, numbered as in the comparison (`value_0` is the reference's) and headed with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from layers.place_names import names_with_township, place_names
from maps.comparison.model import Comparison, proposals_side_by_side
from maps.comparison.notes import notes
from maps.comparison.people import people_differences
from maps.comparison.rules import WHY, standings, unit_differences
from maps.tables import rule_tables, run_tables
from maps.tables.gains import for_whom, people_gained
from maps.tables.place_tables import UNIT_OR_WHOLE, units_or_whole
from maps.tables.shown import Heading, ShownTable, table

_UNIT = (
    Heading("level", "层级", "level", codes="level"),
    Heading("unit_id", "单元代码", "unit code"),
    Heading("unit_name", "单元", "unit"),
)
_WHY = (Heading("why_zh", "不相减的原因", "why there is no difference", language="zh"), Heading("why", "不相减的原因（英文）", "why there is no difference", language="en"))  # fmt: skip


def headed(
    comparison: Comparison, name: str, zh: str, en: str, *, unit: str = "", unit_column: str = "", codes: str = "", is_figure: bool = False
) -> Iterator[Heading]:
    """A heading for each scenario: `<name>_0`, `<name>_1` ..."""
    for i, scenario in enumerate(comparison.names):
        yield Heading(f"{name}_{i}", f"{scenario}：{zh}", f"{scenario}: {en}", unit, unit_column, codes=codes, is_figure=is_figure)


def differing(comparison: Comparison, name: str, zh: str, en: str, *, unit: str = "", unit_column: str = "") -> Iterator[Heading]:
    """A heading for each scenario after the reference: `<name>_1`, `<name>_2` ..."""
    for k, scenario in enumerate(comparison.names[1:], start=1):
        yield Heading(f"{name}_{k}", f"{scenario} − {comparison.names[0]}：{zh}", f"{scenario} - {comparison.names[0]}: {en}", unit, unit_column)  # fmt: skip


def settings(comparison: Comparison) -> ShownTable:
    """What the scenario files set otherwise."""
    headings = (
        Heading("key", "方案设定", "setting"),
        *(Heading(str(i), name, name) for i, name in enumerate(comparison.names)),
    )
    frame = comparison.settings.reindex(columns=[h.name for h in headings])
    return table("settings", "设定的不同", "What is set otherwise", frame, headings)


def statements(comparison: Comparison) -> ShownTable:
    """What every reader must know, of the comparison and of each scenario; what holds for all of them is told once."""
    headings = (
        Heading("scenario", "方案", "scenario"),
        Heading("text_zh", "内容", "text", language="zh"),
        Heading("text", "内容（英文）", "text (English)", language="en"),
    )
    said: dict[tuple[str, str], list[str]] = {(note["zh"], note["en"]): [] for note in notes(comparison)}
    for name, assessment in zip(comparison.names, comparison.assessments, strict=True):
        for _, zh, en in run_tables.statements(assessment).frame.itertuples(index=False, name=None):
            said.setdefault((str(zh), str(en)), []).append(name)
    rows = [("" if len(names) == len(comparison.names) else ", ".join(names), zh, en) for (zh, en), names in said.items()]
    return table("statements", "须知", "Notes", pd.DataFrame(rows, columns=[h.name for h in headings]), headings)


def summary(comparison: Comparison) -> ShownTable:
    """The key figures of every scenario, as its own outputs have them; a figure that only some have stands alone."""
    keys = ["figure", "figure_en", "unit"]
    together: pd.DataFrame | None = None
    for i, assessment in enumerate(comparison.assessments):
        frame = run_tables.key_figures(assessment).frame.rename(columns={"before": f"before_{i}", "after": f"after_{i}"})
        together = frame if together is None else together.merge(frame, on=keys, how="outer", sort=False)
    frame = pd.DataFrame(together)
    for k, _ in comparison.others():
        frame[f"difference_{k}"] = frame[f"after_{k}"] - frame["after_0"]
    order = {row: n for n, row in enumerate(dict.fromkeys(figure for a in comparison.assessments for figure in run_tables.key_figures(a).frame["figure"]))}  # fmt: skip
    frame = frame.sort_values("figure", key=lambda names: names.map(order), kind="stable")
    headings = (
        *run_tables.KEY_FIGURES[:2],
        *headed(comparison, "before", "现状", "today", unit_column="unit"),
        *headed(comparison, "after", "规划后", "with plan", unit_column="unit"),
        *differing(comparison, "difference", "规划后", "with plan", unit_column="unit"),
        run_tables.KEY_FIGURES[-1],
    )
    return table("summary", "方案对照", "Scenarios side by side", frame, headings)


def rules(comparison: Comparison) -> ShownTable:
    """One row per rule and reading, with the plan of each scenario; a lower bound of a shortfall is not differenced."""
    found = [rule_tables.verdict_rows(assessment.after) for assessment in comparison.assessments]
    stand = {k: standings(comparison, k) for k, _ in comparison.others()}
    rows = []
    for key in dict.fromkeys(key for standing in stand.values() for key in standing):
        said = next(standing[key].rule for standing in stand.values() if key in standing)
        verdicts = [verdict.get(key, {}) for verdict in found]
        units = {name: next((str(v[name]) for v in verdicts if v.get(name)), "") for name in ("value_unit", "shortfall_unit")}
        row: dict[str, object] = {
            "rule_id": key[0], "rule_title": said.marked_title, "rule_title_en": said.marked_title_en,
            "reading": key[1], "reading_title": said.reading_title, "reading_title_en": said.reading_title_en, **units,
        }  # fmt: skip
        for i, verdict in enumerate(verdicts):
            row[f"verdict_{i}"] = verdict.get("verdict", "")
            row |= {f"{name}_{i}": _number(verdict, name) for name in ("value", "shortfall", "n_pass", "n_fail", "people_short")}
        for k, standing in stand.items():
            alike = key in standing and standing[key].is_comparable
            row |= {f"{name}_difference_{k}": d if alike else np.nan for name, d in _differences(verdicts[0], verdicts[k])}
            row |= {f"{column}_{k}": standing[key].why(language) if key in standing else "" for column, language in WHY}
        rows.append(row)
    headings = (
        *rule_tables.RULE_HEADINGS,
        *headed(comparison, "verdict", "结论", "verdict", codes="verdict"),
        *headed(comparison, "value", "合计数值", "overall figure", unit_column="value_unit"),
        *differing(comparison, "value_difference", "合计数值", "overall figure", unit_column="value_unit"),
        Heading("value_unit", "数值单位", "unit of the figure", codes="unit"),
        *headed(comparison, "n_pass", "达标单元", "units met", unit="units"),
        *headed(comparison, "n_fail", "未达标单元", "units not met", unit="units"),
        *headed(comparison, "shortfall", "达标所需补足", "to be mended for the rule to be met", unit_column="shortfall_unit"),
        *differing(comparison, "shortfall_difference", "达标所需补足", "to be mended", unit_column="shortfall_unit"),
        Heading("shortfall_unit", "缺口单位", "unit of the shortfall", codes="unit"),
        *headed(comparison, "people_short", "未达标单元涉及人口", "people of the units not met", unit="people"),
        *(heading for k, _ in comparison.others() for heading in _why_of(comparison.names[k], k)),
    )
    return table("rules", "规则对照", "Rules side by side", pd.DataFrame(rows, columns=[h.name for h in headings]), headings)


def _why_of(name: str, k: int) -> tuple[Heading, ...]:
    return tuple(Heading(f"{h.name}_{k}", f"{name}：{h.zh}", f"{name}: {h.en}", language=h.language) for h in _WHY)


def _number(row: Mapping[str, object], name: str) -> float:
    return float(str(row[name])) if name in row else np.nan


def _differences(mine: Mapping[str, object], theirs: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    """Differences of value and shortfall of two verdicts; NaN where units differ, or a shortfall is a lower bound only."""
    for name, unit in (("value", "value_unit"), ("shortfall", "shortfall_unit")):
        is_open = name == "shortfall" and (mine.get("shortfall_is_open") or theirs.get("shortfall_is_open"))
        alike = mine.get(unit) == theirs.get(unit) and not is_open
        yield name, _number(theirs, name) - _number(mine, name) if alike else np.nan


def people(comparison: Comparison) -> ShownTable:
    """People within the circle by unit of every level, with each plan; who gains and who loses against the reference."""
    keys = ["level", "unit_id"]
    sides = {name: (name, f"{name}_reference", f"{name}_scenario") for name in ("served", "total")}
    frame = _side_by_side(comparison, people_differences, keys, sides, ["served_difference", "gained", "lost"])
    frame = frame.assign(**units_or_whole(place_names(comparison.reference.before.area), frame["unit_id"]))
    headings = (
        *_UNIT[:2],
        *UNIT_OR_WHOLE,
        *headed(comparison, "served", "圈内人口", "people inside the circle", unit="people"),
        *differing(comparison, "served_difference", "圈内人口", "people inside the circle", unit="people"),
        *differing(comparison, "gained", "新增圈内", "who gains", unit="people"),
        *differing(comparison, "lost", "退出圈外", "who loses", unit="people"),
        *headed(comparison, "total", "圈所统计人口", "people the circle counts", unit="people"),
    )
    return table("people", "圈内人口对照", "People inside the circle, side by side", frame, headings)


def units(comparison: Comparison) -> ShownTable:
    """Every rule, reading and unit with each plan."""
    keys = ["rule_id", "reading", "level", "unit_id"]
    sides = {name: (name, f"{name}_reference", f"{name}_scenario") for name in ("value", "shortfall", "verdict")}
    frame = _side_by_side(comparison, unit_differences, keys, sides, ["value_difference", "shortfall_difference", *(c for c, _ in WHY)])
    units_ = pd.concat([unit_differences(comparison, k) for k, _ in comparison.others()]).drop_duplicates(keys)
    frame = frame.merge(units_[[*keys, "unit", "shortfall_unit"]], on=keys, how="left", sort=False)
    frame["unit_name"] = frame["unit_id"].map(place_names(comparison.reference.before.area))
    named = {key: title for assessment in comparison.assessments for key, title in rule_tables.titles(assessment).items()}
    for column in rule_tables.TITLES:
        frame[column] = [named[key][column] for key in zip(frame["rule_id"], frame["reading"], strict=True)]
    headings = (
        *rule_tables.RULE_HEADINGS,
        *_UNIT,
        *headed(comparison, "verdict", "结论", "verdict", codes="verdict"),
        *headed(comparison, "value", "数值", "value", unit_column="unit"),
        *differing(comparison, "value_difference", "数值", "value", unit_column="unit"),
        Heading("unit", "单位", "unit of the figure", codes="unit"),
        *headed(comparison, "shortfall", "缺口", "shortfall", unit_column="shortfall_unit"),
        *differing(comparison, "shortfall_difference", "缺口", "shortfall", unit_column="shortfall_unit"),
        Heading("shortfall_unit", "缺口单位", "unit of the shortfall", codes="unit"),
        *(heading for k, _ in comparison.others() for heading in _why_of(comparison.names[k], k)),
    )
    return table("unit_differences", "逐单元对照", "Units side by side", frame, headings)


def _side_by_side(
    comparison: Comparison,
    differences: Callable[[Comparison, int], pd.DataFrame],
    keys: list[str],
    sides: Mapping[str, tuple[str, str, str]],
    more: list[str],
) -> pd.DataFrame:
    """The differences of every scenario to the reference, joined by their keys; columns numbered by scenario."""
    together: pd.DataFrame | None = None
    for k, _ in comparison.others():
        frame = differences(comparison, k)
        names = {theirs: f"{name}_{k}" for name, _, theirs in sides.values()} | {name: f"{name}_{k}" for name in more}
        mine = {mine: f"{name}_0" for name, mine, _ in sides.values()}
        frame = frame.rename(columns=names | mine)[[*keys, *mine.values(), *names.values()]]
        if together is None:
            together = frame
            continue
        together = together.merge(frame, on=keys, how="outer", sort=False, suffixes=("", "_again"))
        for column in mine.values():
            together[column] = together[column].where(together[column].notna(), together.pop(f"{column}_again"))
    return pd.DataFrame(together)


def _gained(comparison: Comparison) -> Iterator[Heading]:
    """As `headed`: for whom, and how many it gains; what is gained may differ from scenario to scenario."""
    for i, (scenario, assessment) in enumerate(zip(comparison.names, comparison.assessments, strict=True)):
        for own in (for_whom(), people_gained(assessment)):
            yield replace(own, name=f"{own.name}_{i}", zh=f"{scenario}：{own.zh}", en=f"{scenario}: {own.en}")


def proposals(comparison: Comparison) -> ShownTable:
    """Every proposed site and its rank in each plan: common to all first."""
    frame = proposals_side_by_side(comparison)
    frame["unit_name"] = frame["unit_id"].map(names_with_township(comparison.reference.before.area))
    frame["in_common"] = frame["n_scenarios"] == len(comparison.names)
    headings = (
        Heading("candidate_id", "候选点编号", "candidate"),
        Heading("name", "名称", "name"),
        Heading("unit_name", "所在单元", "unit"),
        Heading("kind", "设施类别", "kind of facility", codes="kind"),
        Heading("in_common", "各方案共有", "in every plan", is_flag=True),
        Heading("n_scenarios", "方案数", "plans", is_count=True),
        *headed(comparison, "rank", "序次", "rank", is_figure=True),
        *headed(comparison, "cost_yuan", "投资", "cost", unit="yuan"),
        *_gained(comparison),
        Heading("same_id", "编号相同而地点或类别不同", "same code, other place or kind", is_flag=True),
    )
    return table("proposals", "建议设施对照", "Proposals side by side", frame, headings)
