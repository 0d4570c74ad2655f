"""Each unit (or residential area) with what is known of it, its people in the shown circle, and what every rule says of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from layers.levels import LEVELS
from layers.place_names import place_names
from layers.tables import TableName
from maps.tables.shown import MOMENTS, Heading, ShownTable, both_states, in_both_states, layer_table, states
from planner.assessment import Assessment
from planner.rules import Rule

LAYER_NAMES = {
    "province": "provinces", "prefecture": "prefectures", "county": "counties", "township": "townships", "village": "villages",
    "residential_area": "residential",
}  # fmt: skip
"""Level -> its layer in the GeoPackage."""


def units(assessment: Assessment, level: str) -> ShownTable:
    """The places of a level (residential areas too): what is known of each, its people in the shown circle, and what each rule says of it."""
    area = assessment.before.area
    layer: TableName
    if level == "residential_area":
        ids, frame, layer = area.residential["residential_id"], area.residential, "residential"
    else:
        frame = area.places(level)
        ids, layer = frame["unit_id"], "units"
    computed = [*_failed(assessment, ids), *_balance(assessment, level, ids), *_rule_columns(assessment, level, ids)]
    if layer == "units":
        parent = Heading("parent_name", "上级名称", "name of the unit above")
        computed.insert(0, (parent, frame["parent_id"].map(place_names(area))))
    return layer_table(LAYER_NAMES[level], (LEVELS[level].zh, LEVELS[level].en), layer, frame, computed)


def measured_rules(assessment: Assessment, level: str) -> list[Rule]:
    """The rules that say something of places of this level by their base reading, in the order of the scenario."""
    found = {
        rule_id
        for _, finding in states(assessment)
        for rule_id in finding.measures.loc[(finding.measures["level"] == level) & (finding.measures["reading"] == ""), "rule_id"]
    }
    return [rule for rule in assessment.rules if rule.full_id in found]


def column_stems(assessment: Assessment) -> dict[str, str]:
    """Full id of a rule -> the stem of its column names: `huitong.land_per_capita` -> `huitong_land_per_capita`; no two alike."""
    stems: dict[str, str] = {}
    for rule in assessment.rules:
        stem = re.sub("[^a-z0-9]+", "_", rule.full_id.lower()).strip("_")
        same = sum(other == stem or other.startswith(f"{stem}__") for other in stems.values())
        stems[rule.full_id] = f"{stem}__{same + 1}" if same else stem
    return stems


def _rule_columns(assessment: Assessment, level: str, ids: pd.Series) -> Iterator[tuple[Heading, pd.Series]]:
    """For every rule of the level: value, required, shortfall and verdict, today and with the plan (base reading)."""
    stems = column_stems(assessment)
    for rule in measured_rules(assessment, level):
        stem = stems[rule.full_id]
        for (state, finding), (_, zh, en) in zip(states(assessment), MOMENTS, strict=True):
            rows = finding.measures[(finding.measures["rule_id"] == rule.full_id) & (finding.measures["reading"] == "")]
            rows = rows[rows["level"] == level].set_index("unit_id")
            unit, short_unit = (next((u for u in rows[c] if u), "") for c in ("unit", "shortfall_unit"))
            for heading in (
                Heading("value", "数值", "value", unit, beside=f"{stem}_required_{state}", is_figure=True),
                Heading("required", "要求", "required", unit, is_figure=True),
                Heading("shortfall", "缺口", "shortfall", short_unit, is_figure=True),
                Heading("verdict", "结论", "verdict", codes="verdict"),
            ):
                of_rule = replace(
                    heading,
                    name=f"{stem}_{heading.name}_{state}",
                    zh=f"{rule.marked_title}·{heading.zh}（{zh}）",
                    en=f"{rule.marked_title_en}: {heading.en} ({en})",
                )
                yield of_rule, ids.map(rows[heading.name])


def _failed(assessment: Assessment, ids: pd.Series) -> Iterator[tuple[Heading, pd.Series]]:
    """How many rules each place does not meet, of those that have a verdict for it; NaN where none has."""
    headings = in_both_states(Heading("rules_failed", "未达标规则数", "rules not met", is_count=True))
    for (_, finding), heading in zip(states(assessment), headings, strict=True):
        judged = finding.measures[(finding.measures["reading"] == "") & finding.measures["verdict"].isin(["pass", "fail"])]
        yield heading, ids.map((judged["verdict"] == "fail").groupby(judged["unit_id"]).sum())


def _balance(assessment: Assessment, level: str, ids: pd.Series) -> Iterator[tuple[Heading, pd.Series]]:
    """People of the shown circle living in each unit: inside it, and in all. NaN in units of which the balance has nobody."""
    if level == "residential_area":
        return
    for name, zh, en in (("served", "圈内人口", "people inside the circle"), ("total", "圈所统计人口", "people the circle counts")):
        for (_, finding), heading in zip(states(assessment), both_states(name, zh, en, unit="people"), strict=True):
            of_units = finding.balance[finding.balance["unit_id"].isin(finding.area.units["unit_id"])]
            above = finding.area.unit_at(level, of_units["unit_id"])
            yield heading, ids.map(of_units[name].groupby(above).agg(math.fsum))
