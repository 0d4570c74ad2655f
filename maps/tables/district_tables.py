"""Who goes where, as tables: how full each facility is, the balance of people per unit, and every way that somebody goes."""

from __future__ import annotations

import pandas as pd

from layers.kinds import kinds
from layers.place_names import place_names
from layers.tables import BASES, QUANTITIES
from maps.tables.place_tables import UNIT_OR_WHOLE, balance_columns
from maps.tables.shown import MOMENTS, Heading, ShownTable, both_states, table
from planner.access import BALANCE_PARTS
from planner.assessment import Assessment
from planner.districts import Assigned, WhoGoesWhere
from planner.travel.model import PROFILES

_PARTS = (
    ("served", "有位", "with a place"),
    ("over_capacity", "可达但已满", "all within reach full"),
    ("capacity_unknown", "可达设施容量未知", "within reach of a facility that states no capacity"),
    ("too_far", "圈外", "none within reach"),
    ("off_network", "不在路网", "off the network"),
    ("unassigned", "未落位", "without a point"),
    ("total", "合计", "total"),
)
_UNIT_NAME = Heading("unit_name", "所在单元", "in")
LOADS = (
    Heading("facility_id", "设施编号", "facility"),
    Heading("name", "名称", "name"),
    Heading("unit_id", "单元代码", "unit code"),
    _UNIT_NAME,
    Heading("kind", "设施类别", "kind of facility", codes="kind"),
    *both_states("places", "容量", "places", is_figure=True),
    *both_states("capacity", "可容纳人数", "people it can take", unit="people"),
    *both_states("load", "分配人数", "people who go there", unit="people"),
    *both_states("free", "剩余", "room left", unit="people"),
    *both_states("mean_minutes", "平均分钟", "mean minutes", unit="min"),
    *both_states("longest_minutes", "最远分钟", "longest minutes", unit="min"),
)
BALANCE = (
    Heading("unit_id", "单元代码", "unit code"),
    *UNIT_OR_WHOLE,
    *(heading for part in _PARTS for heading in both_states(*part, unit="people")),
)
FLOWS = (
    Heading("state", "状态", "state", codes="state"),
    Heading("demand_id", "居住点编号", "demand point"),
    Heading("unit_id", "单元代码", "unit code"),
    Heading("facility_id", "设施编号", "facility"),
    Heading("people", "人数", "people", unit="people"),
    Heading("minutes", "分钟", "minutes", unit="min"),
)


def district_tables(assessment: Assessment) -> tuple[ShownTable, ...]:
    """What a committee reads: loads and balance; none where districts are not asked for. The ways stand in `district_flows`."""
    found = assessment.districts
    return (district_loads(assessment, found), district_balance(assessment, found)) if found else ()


def district_loads(assessment: Assessment, found: WhoGoesWhere) -> ShownTable:
    """How full each facility is, today and with the plan; no data in a state in which it does not stand."""
    names = place_names(assessment.before.area)
    states = _states(found)
    facts = pd.concat([rows.loads.set_index("facility_id") for _, rows in states])
    facts = facts[~facts.index.duplicated()]
    columns: dict[str, object] = {"facility_id": facts.index, **{name: facts[name].to_numpy() for name in ("name", "unit_id", "kind")}}
    columns["unit_name"] = [names.get(str(id_), "") for id_ in facts["unit_id"]]
    for state, rows in states:
        of_state = rows.loads.set_index("facility_id").reindex(facts.index)
        columns |= {
            f"{name}_{state}": of_state[name].to_numpy()
            for name in ("places", "capacity", "load", "free", "mean_minutes", "longest_minutes")
        }
    return table("districts", *_titles(found), pd.DataFrame(columns), LOADS)


def district_balance(assessment: Assessment, found: WhoGoesWhere) -> ShownTable:
    """Every person of the base once: with a place, turned away, too far. Parts add up to the total."""
    tables = {state: rows.balance for state, rows in _states(found)}
    frame = balance_columns(assessment, tables, (*BALANCE_PARTS, "total"))
    return table("district_balance", "谁有位、谁没有", "Who has a place and who has not", frame, BALANCE)


def district_flows(assessment: Assessment) -> ShownTable:
    """Who goes where: one row per state, place of people and facility; a place may be split between facilities."""
    found = assessment.districts
    frames = [rows.flows.assign(state=state) for state, rows in _states(found)] if found else []
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[h.name for h in FLOWS])
    return table("district_flows", "就近分配", "Who goes where", frame, FLOWS)


def _states(found: WhoGoesWhere) -> list[tuple[str, Assigned]]:
    return [(state, rows) for (state, *_), rows in zip(MOMENTS, (found.before, found.after), strict=True)]


def _titles(found: WhoGoesWhere) -> tuple[str, str]:
    """The name of the table of loads: whose places, where, how far, and what a place stands for."""
    asked, known = found.asked, kinds()
    base = next(b for b in BASES if b.name == asked.base)
    column = next((q for q in QUANTITIES if q.name == asked.capacity), None)
    where_zh = "、".join(known[kind].zh for kind in asked.kinds)
    where_en = ", ".join(known[kind].en for kind in asked.kinds)
    unit_zh, unit_en = ("米", "metres") if PROFILES[asked.profile].measures_metres else ("分钟", "minutes")
    zh = f"服务片区：{base.zh}，{where_zh}，{asked.minutes:g}{unit_zh}"
    en = f"Service districts: {base.en}, {where_en}, {asked.minutes:g} {unit_en}"
    if asked.max_extra_minutes is not None:
        zh, en = (
            f"{zh}，均衡负荷（至多多走{asked.max_extra_minutes:g}{unit_zh}）",
            f"{en}, even loads within {asked.max_extra_minutes:g} extra {unit_en}",
        )
    if column is None:
        return f"{zh}，不限容量", f"{en}, no limit of places"
    each = f"{asked.persons_per_place:g}"
    return f"{zh}，容量按{column.zh}计，每位可供{each}人", f"{en}, {each} people per place ({column.en})"
