"""The head of the page and its "data and notes": key figures, the balance of people, how sites were chosen, and what was read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from layers.kinds import kinds
from layers.levels import LEVELS
from layers.place_names import place_names
from layers.study_area import StudyArea
from layers.tables import BASES, QUANTITIES, column
from maps.numbers import shown, shown_yuan
from maps.page.island import Json, in_both
from maps.page.marks import bands_minutes
from maps.tables.plan_reasons import told_of_plan
from maps.tables.run_tables import left_short
from planner.assessment import Assessment, Finding
from planner.balance import OUTSIDE, units_without_figure
from planner.travel.model import PROFILES

BALANCE = ("served", "too_far", "off_network", "unassigned", "total")
LISTED = 200
"""Long lists of ids are told by their number and their first rows."""


def head(assessment: Assessment) -> Json:
    """Title, date, circle and key figures."""
    area = assessment.before.area
    base = column("demand", assessment.circle_base)
    pace = PROFILES.get(assessment.circle_profile)
    minutes = assessment.circle_minutes
    return {
        "title": dict(assessment.title),
        "place": _place_name(area),
        "as_of": assessment.as_of.isoformat(),
        "synthetic": area.is_synthetic,
        "straight": _is_straight(assessment),
        "base": {"zh": base.zh, "en": base.en} if base else {"zh": assessment.circle_base, "en": assessment.circle_base},
        "minutes": shown(minutes, "min").removesuffix(".0"),
        "bands": [shown(limit, "min").removesuffix(".0") for limit in bands_minutes(minutes)],
        "pace": {"zh": pace.zh, "en": pace.en} if pace else {"zh": assessment.circle_profile, "en": assessment.circle_profile},
        "kinds": list(assessment.circle_kinds),
        "finest": area.finest_level,
        "people": _people(assessment),
        "sites": _sites(assessment),
        "crs": f"{area.crs.name} ({area.crs.to_string()})",
    }


def _place_name(area: StudyArea) -> str:
    """The name of the unit that holds all others; of the study area when there are several."""
    top = area.units.loc[area.units["level"] == area.levels[0], "name"]
    return str(top.iloc[0]) if len(top) == 1 else area.name


def _is_straight(assessment: Assessment) -> bool:
    """Whether the minutes of the circle are those of straight lines, for want of streets."""
    area = assessment.before.area
    own = area.own_minutes
    return area.streets is None and not (own is not None and assessment.circle_profile in own.limit_minutes)


def _people(assessment: Assessment) -> Json:
    """People of the circle's base within it, before and after, and their share of everybody (also those off the network or unassigned)."""
    before, after = (_all(finding) for finding in (assessment.before, assessment.after))
    return {
        "total": shown(before["total"], "people"),
        "before": {"people": shown(before["served"], "people"), "pct": shown(_pct(before), "%")},
        "after": {"people": shown(after["served"], "people"), "pct": shown(_pct(after), "%")},
        "gain": shown(after["served"] - before["served"], "people"),
        "n_unknown": len(units_without_figure(assessment.before.area, assessment.circle_base)),
    }


def _all(finding: Finding) -> dict[str, float]:
    """The balance of all people."""
    row = finding.balance[finding.balance["unit_id"] == ""].iloc[0]
    return {name: float(row[name]) for name in BALANCE}


def _pct(people: dict[str, float]) -> float:
    return 100 * people["served"] / people["total"] if people["total"] else math.nan


def _sites(assessment: Assessment) -> Json:
    """Number and cost of the proposals; sites whose cost is not known are counted apart, never as 0."""
    cost = assessment.proposals["cost_yuan"].astype(float)
    total = None if cost.isna().all() and len(cost) else math.fsum(cost.dropna())
    return {
        "n": len(cost),
        "cost": {language: list(shown_yuan(total, language)) for language in ("zh", "en")},
        "n_cost_unknown": int(cost.isna().sum()),
    }


def balance(assessment: Assessment) -> Json:
    """Rows of the balance sheet: all, the units one level above the finest, and people in no unit; digits in both states."""
    area = assessment.before.area
    names = place_names(area)
    together = sheet_units(assessment)
    sheets = [_by_unit_above(finding, together) for finding in (assessment.before, assessment.after)]
    rows: list[Json] = []
    for unit_id in sheets[0].index:
        digits = [[shown(float(sheet.loc[unit_id, name]), "people") for name in BALANCE] for sheet in sheets]
        shares = [shown(_pct(sheet.loc[unit_id].to_dict()), "%") for sheet in sheets]
        rows.append(
            {
                "id": unit_id,
                "unit": names.get(unit_id, unit_id),
                "role": _role(unit_id),
                "before": digits[0],
                "after": digits[1],
                "pct": shares,
            }
        )
    return {"columns": list(BALANCE), "rows": rows}


def _role(unit_id: str) -> str:
    return "whole" if unit_id == "" else "outside" if unit_id == OUTSIDE else "unit"


def sheet_units(assessment: Assessment) -> dict[str, list[str]]:
    """Row of the balance sheet -> the units of the balance that it takes together: all, one level above the finest, outside."""
    area = assessment.before.area
    level = area.levels[-2] if len(area.levels) > 1 else area.finest_level
    parent, level_of = (dict(zip(area.units["unit_id"], area.units[column], strict=True)) for column in ("parent_id", "level"))
    together: dict[str, list[str]] = {}
    for unit_id in map(str, assessment.before.balance["unit_id"]):
        at = unit_id
        while at not in ("", OUTSIDE) and level_of.get(at) != level and parent.get(at):
            at = parent[at]
        together.setdefault(at, []).append(unit_id)
    return dict(sorted(together.items(), key=lambda row: (row[0] != "", row[0] == OUTSIDE, row[0])))


def _by_unit_above(finding: Finding, together: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The balance added up to the rows of the sheet: all first, people in no unit last. Sums are rounded once, as the page's are."""
    sheet = finding.balance.set_index("unit_id")
    rows = {at: [math.fsum(sheet.loc[list(units), name]) for name in BALANCE] for at, units in together.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(BALANCE))


def unit_balance(assessment: Assessment) -> Json:
    """Unit of the finest level -> its people within the circle, in both states: [digits before, digits after, digits in all]."""
    after = assessment.after.balance.set_index("unit_id")
    rows = assessment.before.balance[~assessment.before.balance["unit_id"].isin(["", OUTSIDE])]
    return {
        str(unit_id): [shown(float(served), "people"), shown(float(after.loc[unit_id, "served"]), "people"), shown(float(total), "people")]
        for unit_id, served, total in zip(rows["unit_id"], rows["served"], rows["total"], strict=True)
    }


def choice(assessment: Assessment) -> Json:
    """How the sites were chosen, and what is left."""
    chosen = assessment.choice
    names = dict(zip(assessment.before.area.candidates["candidate_id"], assessment.before.area.candidates["name"], strict=True))
    places = place_names(assessment.before.area)
    return {
        "status": chosen.status,
        "by_rules": assessment.siting.goal in ("relieve", "meet"),
        "method": chosen.method,
        "gap_pct": shown(100 * chosen.gap_share, "%"),
        "cost": {language: list(shown_yuan(chosen.cost_yuan, language)) for language in ("zh", "en")},
        "told": [in_both(line) for line in told_of_plan(assessment)],
        "n_unmet": len(chosen.unmet),
        "left_short": dict(left_short(assessment)),
        "unmet": [
            [
                str(r.rule_id),
                places.get(str(r.unit_id)) or str(r.unit_id),
                shown(float(str(r.amount)), str(r.unit)),
                str(r.unit),
                str(r.code),
                str(r.reason),
            ]
            for r in chosen.unmet.head(LISTED).itertuples()
        ],
        "n_excluded": len(chosen.excluded),
        "excluded": [
            [names.get(str(r.candidate_id), str(r.candidate_id)), str(r.rule_id), str(r.code), str(r.reason)]
            for r in chosen.excluded.head(LISTED).itertuples()
        ],
    }


def reading(assessment: Assessment) -> Json:
    """What was read and what must be known: sources, assumptions, notes, problems, places off the network."""
    area = assessment.before.area
    units = place_names(area)
    off = assessment.off_network
    return {
        "sources": [[in_both(s.layer), s.path, s.rows, s.sha256[:12], in_both(s.note)] for s in area.sources],
        "assumptions": [in_both(text) for text in area.assumptions],
        "questions": [{"rule": q.rule_id, "asks": {"zh": q.asks_zh, "en": q.asks_en}} for q in assessment.open_questions],
        "notes": [in_both(note) for note in dict.fromkeys((*assessment.notes, *assessment.choice.notes))],
        "problems": [[p.severity, {"zh": p.told("zh"), "en": p.told("en")}] for p in area.problems],
        "n_off": len(off),
        "off": [
            [str(r.table), str(r.name or r.id), units.get(str(r.unit_id), ""), shown(float(str(r.distance_m)), "m"), shown(float(str(r.people)), "people")]
            for r in off.head(LISTED).itertuples()
        ],
    }  # fmt: skip


def names() -> Json:
    """Words of the ground floor: levels, kinds and quantities in both languages."""
    return {
        "level": {level.id: {"zh": level.zh, "en": level.en} for level in LEVELS.values()},
        "kind": {k.id: {"zh": k.zh, "en": k.en, "parent": k.parent, "symbol": k.symbol, "colour": k.colour} for k in kinds().values()},
        "base": {c.name: {"zh": c.zh, "en": c.en} for c in BASES},
        "quantity": {c.name: {"zh": c.zh, "en": c.en} for c in QUANTITIES},
    }
