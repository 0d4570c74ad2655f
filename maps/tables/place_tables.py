"""The place and the plan as tables: people and their minutes, facilities, candidates, proposals, the balance of people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.place_names import names_with_township, place_names
from layers.tables import BASES
from maps.tables.gains import other_groups, people_per_10k_yuan, whom_and_how_many
from maps.tables.plan_tables import ACTION, PHASE, actions, phase_of
from maps.tables.shown import Heading, ShownTable, both_states, heading_of, layer_table, sentences, states, table, told
from planner.assessment import Assessment, Finding
from planner.balance import OUTSIDE

_UNIT_NAME = Heading("unit_name", "所在单元", "unit")
_PROPOSALS = (
    Heading("rank", "序次", "rank", is_count=True),
    _UNIT_NAME,
    PHASE,
    ACTION,
    Heading("reason_zh", "理由", "why", language="zh"),
    Heading("reason_en", "理由（英文）", "why", language="en"),
    Heading("next_best_id", "次优候选点编号", "next best candidate"),
    Heading("next_best_loss", "改用次优的损失（占全部缺口的比例）", "loss with the next best (share of all needs)", is_figure=True),
    Heading("longitude", "经度", "longitude", unit="degrees"),
    Heading("latitude", "纬度", "latitude", unit="degrees"),
)
_PROPOSALS_FIRST = (
    "rank",
    "candidate_id",
    "name",
    "unit_name",
    "kind",
    "phase",
    "action",
    "for_whom",
    "people_in_reach",
    "people_gained",
    "cost_yuan",
    "reason_zh",
    "reason_en",
)
_BALANCE_PARTS = (
    ("served", "圈内", "inside the circle"),
    ("too_far", "圈外", "outside the circle"),
    ("off_network", "不在路网", "off the network"),
    ("unassigned", "未落位", "without a point"),
    ("total", "合计", "total"),
)
UNIT_OR_WHOLE = (
    Heading("unit_name", "单元", "unit", language="zh"),
    Heading("unit_name_en", "单元（英文）", "unit", language="en"),
)
_NO_UNIT = {"": ("全部", "all"), OUTSIDE: ("不在任何单元内", "outside every unit")}
"""zh and en: rows of a balance that are no unit"""
BALANCE = (
    Heading("unit_id", "单元代码", "unit code"),
    *UNIT_OR_WHOLE,
    *(heading for part in _BALANCE_PARTS for heading in both_states(*part, unit="people")),
)
PEOPLE = (
    Heading("base", "人口口径", "base"),
    Heading("base_zh", "名称", "name", language="zh"),
    Heading("base_en", "名称（英文）", "name", language="en"),
    Heading("with_point", "已落位", "with a point", unit="people"),
    Heading("unassigned", "未落位", "without a point", unit="people"),
    Heading("total", "合计", "total", unit="people"),
)
UNASSIGNED = (
    Heading("base", "人口口径", "base"),
    Heading("unit_id", "单元代码", "unit code"),
    Heading("people", "人口", "people", unit="people"),
    *sentences("reason", "原因", "reason"),
)
OFF_NETWORK = (
    Heading("table", "图层", "layer", codes="table"),
    Heading("id", "编号", "id"),
    Heading("name", "名称", "name"),
    Heading("unit_id", "单元代码", "unit code"),
    _UNIT_NAME,
    Heading("distance_m", "距最近道路（米）", "metres to the nearest street", is_figure=True),
    Heading("people", "人口", "people", unit="people"),
)
MINUTES_STATES = ("reached", "out of reach", "off network")
"""What `minutes_state` tells of a demand point: minutes are known; no facility of the circle is in reach; no street reaches it."""


def proposals(assessment: Assessment) -> ShownTable:
    """The sites to open, best first, each with its reasons. Longitude and latitude are WGS 84, to a centimetre."""
    frame = assessment.proposals.drop(columns=f"gained_{assessment.circle_base}", errors="ignore")  # `people_gained` says it
    degrees, years, done = degrees_of(frame), phase_of(assessment), actions(assessment)
    cells: dict[str, object] = {
        "rank": np.arange(1.0, len(frame) + 1),
        "unit_name": frame["unit_id"].map(names_with_township(assessment.before.area)),
        "phase": [years.get(id_, "") for id_ in frame["candidate_id"]],
        "action": [done[id_] for id_ in frame["candidate_id"]],
        "longitude": degrees["longitude"],
        "latitude": degrees["latitude"],
    }
    computed = [(h, pd.Series(cells.get(h.name, frame.get(h.name)), index=frame.index)) for h in (*_PROPOSALS, *_gained(assessment))]
    return layer_table("proposals", ("建议设施", "Proposals"), "candidates", frame, computed, first=_PROPOSALS_FIRST)


def _gained(assessment: Assessment) -> Iterator[Heading]:
    """Whom each site is for, how many it reaches and gains, and what the shown circle gains of every group that the data tells apart."""
    yield from whom_and_how_many(assessment)
    yield people_per_10k_yuan(assessment)
    yield from other_groups(assessment)


def degrees_of(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Longitude and latitude (WGS 84) of points, rounded to seven decimals."""
    points = frame.geometry.to_crs(4326)
    return pd.DataFrame({"longitude": points.x.round(7), "latitude": points.y.round(7)}, index=frame.index)


def facilities(assessment: Assessment) -> ShownTable:
    """The facilities that stand today."""
    area = assessment.before.area
    computed = [(_UNIT_NAME, area.facilities["unit_id"].map(place_names(area)))]
    first = ("facility_id", "name", "unit_id", "unit_name")
    return layer_table("facilities", ("设施", "Facilities"), "facilities", area.facilities, computed, first=first)


def candidates(assessment: Assessment) -> ShownTable:
    """Every site that could be opened, and whether it is proposed."""
    area = assessment.before.area
    is_opened = area.candidates["candidate_id"].isin(assessment.proposals["candidate_id"])
    reasons = told(assessment.choice.excluded, "reason").groupby("candidate_id")
    why, why_zh = reasons["reason"].agg("; ".join), reasons["reason_zh"].agg("；".join)
    computed = [
        (_UNIT_NAME, area.candidates["unit_id"].map(place_names(area))),
        (Heading("proposed", "是否建议", "proposed", is_flag=True), is_opened),
        *zip(
            sentences("excluded_reason", "排除原因", "why it is excluded"),
            (area.candidates["candidate_id"].map(said) for said in (why_zh, why)),
            strict=True,
        ),
    ]
    first = ("candidate_id", "name", "unit_id", "unit_name")
    return layer_table("candidates", ("候选点", "Candidates"), "candidates", area.candidates, computed, first=first)


def demand(assessment: Assessment) -> ShownTable:
    """Where people are, and their minutes to the nearest facility of the shown circle, today and with the plan."""
    area = assessment.before.area
    off = assessment.off_network
    is_off = area.demand["demand_id"].isin(off.loc[off["table"] == "demand", "id"]).to_numpy()
    computed: list[tuple[Heading, pd.Series]] = []
    for (_, finding), *headings in zip(
        states(assessment),
        both_states("minutes", "步行分钟", "minutes", unit="min"),
        both_states("minutes_state", "可达状态", "reach"),
        both_states("nearest", "最近设施", "nearest facility"),
        strict=True,
    ):
        columns = (finding.minutes, minutes_states(finding, is_off), nearest_ids(finding))
        for heading, values in zip(headings, columns, strict=True):
            computed.append((heading, pd.Series(values, index=area.demand.index)))
    computed += _districts(assessment)
    return layer_table("demand", ("居住点", "Demand points"), "demand", area.demand, computed)


def _districts(assessment: Assessment) -> list[tuple[Heading, pd.Series]]:
    """The facility that most people of each demand point go to when places are limited, in both states; "" where nobody has a place."""
    found = assessment.districts
    if found is None:
        return []
    headings = both_states("district", "服务片区（设施编号）", "service district (facility)")
    ids = assessment.before.area.demand["demand_id"]
    return [
        (heading, ids.map(_most_of(rows.flows)).fillna("")) for heading, rows in zip(headings, (found.before, found.after), strict=True)
    ]


def _most_of(flows: pd.DataFrame) -> pd.Series:
    """Demand point -> the facility that takes most of its people; of equal parts the nearer."""
    first = flows.sort_values(["demand_id", "people", "minutes"], ascending=[True, False, True], kind="stable").drop_duplicates("demand_id")
    most: pd.Series = first.set_index("demand_id")["facility_id"]
    return most


def minutes_states(finding: Finding, is_off_network: NDArray[np.bool_]) -> list[str]:
    """One of `MINUTES_STATES` for every demand point."""
    reached = np.isfinite(finding.minutes)
    return [MINUTES_STATES[0 if r else 2 if off else 1] for r, off in zip(reached, is_off_network, strict=True)]


def nearest_ids(finding: Finding) -> list[str]:
    """(d,) the facility that the minutes lead to, "" where there is none."""
    ids = finding.area.facilities["facility_id"].to_numpy()
    return ["" if row < 0 else str(ids[row]) for row in finding.nearest_row]


def balance(assessment: Assessment) -> ShownTable:
    """Every person of the circle's base once: inside, outside, off the network, without a point. Parts add up to the total."""
    tables: dict[str, pd.DataFrame] = {state: finding.balance for state, finding in states(assessment)}
    frame = balance_columns(assessment, tables, [part for part, *_ in _BALANCE_PARTS])
    return table("balance", "人口平衡", "Balance of people", frame, BALANCE)


def balance_columns(assessment: Assessment, tables: Mapping[str, pd.DataFrame], parts: Sequence[str]) -> pd.DataFrame:
    """Balances of several states side by side: one row per unit, its parts as `<part>_<state>`."""
    by_unit = {state: rows.set_index("unit_id") for state, rows in tables.items()}
    ids = pd.Index(dict.fromkeys(id_ for rows in by_unit.values() for id_ in rows.index))
    columns: dict[str, object] = {"unit_id": ids, **units_or_whole(place_names(assessment.before.area), ids)}
    columns |= {f"{part}_{state}": rows[part].reindex(ids).to_numpy() for part in parts for state, rows in by_unit.items()}
    return pd.DataFrame(columns)


def units_or_whole(names: Mapping[str, str], ids: Iterable[str]) -> dict[str, list[str]]:
    """The columns of `UNIT_OR_WHOLE` for the rows of a balance."""
    told = [_NO_UNIT.get(id_, (names.get(id_, ""),) * 2) for id_ in ids]
    return {heading.name: [both[i] for both in told] for i, heading in enumerate(UNIT_OR_WHOLE)}


def people(assessment: Assessment) -> ShownTable:
    """The people of the input by base: those with a demand point, and those without. Nobody is lost or invented."""
    area = assessment.before.area
    rows = []
    for base in BASES:
        if base.name not in area.bases:
            continue
        with_point = math.fsum(area.demand[base.name].dropna())
        without = math.fsum(area.unassigned.loc[area.unassigned["base"] == base.name, "people"])
        heading = heading_of(base)
        rows.append((base.name, heading.zh, heading.en, with_point, without, with_point + without))
    return table("people", "人口合计", "People in all", pd.DataFrame(rows, columns=[h.name for h in PEOPLE]), PEOPLE)


def unassigned(assessment: Assessment) -> ShownTable:
    """The people who are in no demand point, and why."""
    return table("unassigned", "未落位人口", "People without a point", told(assessment.before.area.unassigned, "reason"), UNASSIGNED)


def off_network(assessment: Assessment) -> ShownTable:
    """The places that no street reaches."""
    frame = assessment.off_network
    frame = frame.assign(unit_name=frame["unit_id"].map(place_names(assessment.before.area)))
    return table("off_network", "未联网", "Off the network", frame, OFF_NETWORK)
