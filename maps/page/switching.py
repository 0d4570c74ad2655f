"""The switches of the page: the ledgers of all rules packed into columns, so that the page itself can add them up again.

The script (`templates/switching.js`) makes the planner's sums and comparisons on them; what cannot be followed exactly is None here, and the
page says so instead of showing an old figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.study_area import StudyArea
from maps.numbers import COUNTED
from maps.page.about import sheet_units
from maps.page.coordinates import DisplayGrid
from maps.page.figures import VERDICTS, places_measured
from maps.page.island import Json, narrow
from maps.page.marks import bins_of, own_circles, shown_people, stray_people
from planner.assessment import Assessment
from planner.indicators.presence import FacilityCountPerUnit
from planner.indicators.quota import QuantityPerBase
from planner.indicators.share import COUNT, Ratio
from planner.ledger import Ledger, replaceable, two_parts
from planner.rules import Rule
from planner.switching import Switching, switching_of


class Groups:
    """Groups of sites any of which will do, each numbered once; site rows become numbers of switches: candidates, then what they replace."""

    def __init__(self, n_facilities: int, n_candidates: int, moved: Sequence[int]) -> None:
        self._n_facilities = n_facilities
        self._moved = {row: n_candidates + i for i, row in enumerate(moved)}
        self._number: dict[tuple[int, ...], int] = {}

    def of(self, who: tuple[int, ...]) -> int:
        """The number of a group of site rows."""
        return self._number.setdefault(tuple(self.switch(row) for row in who), len(self._number))

    def switch(self, site_row: int) -> int:
        """The number of the switch of a site that comes or goes."""
        return self._moved[site_row] if site_row < self._n_facilities else site_row - self._n_facilities

    def packed(self) -> Json:
        """Sites of group i: `site[start[i]]` to `site[start[i + 1] - 1]`."""
        sizes = [len(group) for group in self._number]
        return {
            "start": narrow(np.cumsum([0, *sizes])),
            "site": narrow(np.array([s for group in self._number for s in group], dtype=np.int64)),
        }


def switching(assessment: Assessment, place_rows: Mapping[tuple[str, str], int], grid: DisplayGrid) -> Json:
    """Everything a switch changes; None where nothing can be switched."""
    found = switching_of(assessment)
    if found is None:
        return None
    area, switches = assessment.before.area, found.switches
    moved = np.flatnonzero(replaceable(area))
    groups = Groups(area.n_facilities, len(area.candidates), moved.tolist())
    place_of_moved = {row: i for i, row in enumerate(moved.tolist())}
    ledgers = _ledgers(found, assessment, place_rows, groups)
    return {
        "counted": sorted(COUNTED),
        "n": len(area.candidates),
        "plan": narrow(np.array(switches.plan, dtype=np.int64)),
        "proposals": narrow(np.array(assessment.choice.order, dtype=np.int64)),
        "brings": narrow(switches.brings.astype(np.int64)),
        "closes": narrow(np.array([place_of_moved.get(int(row), -1) for row in switches.closes], dtype=np.int64)),
        "moved": narrow(moved),
        "plot": narrow(pd.factorize(np.array(switches.plot, dtype=object))[0].astype(np.int64)),
        "cost": narrow(switches.cost_yuan),
        "barred": [[row, code, rule_id] for row, (code, rule_id) in sorted(switches.barred.items())],
        "budget": assessment.siting.limit_yuan,
        "max_sites": assessment.siting.max_sites,
        "ledgers": ledgers,
        "groups": groups.packed(),
        "people": _people(found, assessment, place_rows, groups),
        "balance": _balance(assessment, place_rows),
        "circles": own_circles(assessment, grid, groups.switch),
    }


def _ledgers(found: Switching, assessment: Assessment, place_rows: Mapping[tuple[str, str], int], groups: Groups) -> list[Json]:
    """For every rule, reading by reading: its ledger, an empty one where sites change nothing, None where it cannot be followed."""
    by_rule: dict[str, list[Json]] = {}
    for rule, ledger in found.ledgers:
        packed_ledger = None if ledger is None else _ledger(rule, ledger, assessment, place_rows, groups)
        by_rule.setdefault(rule.full_id, []).append(packed_ledger)
    return list(by_rule.values())


def _ledger(rule: Rule, ledger: Ledger, assessment: Assessment, place_rows: Mapping[tuple[str, str], int], groups: Groups) -> Json:
    before, after = (
        finding.measures[(finding.measures["rule_id"] == rule.full_id) & (finding.measures["reading"] == rule.reading_id)].reset_index(
            drop=True
        )
        for finding in (assessment.before, assessment.after)
    )
    place, column, who, amount = zip(*ledger.items, strict=True) if ledger.items else ((), (), (), ())
    return {
        **_asked(rule),
        "rows": narrow(_rows_on_page(ledger, before, after, place_rows)),
        "columns": ledger.standing.shape[1],
        "standing": narrow(ledger.standing.ravel()),
        "place": narrow(np.array(place, dtype=np.int64)),
        "column": narrow(np.array(column, dtype=np.int64)),
        "who": narrow(np.array([groups.of(sites) for sites in who], dtype=np.int64)),
        "amount": narrow(np.array(amount, dtype=float)),
        "terms": narrow(ledger.terms.ravel()),
        "width": ledger.terms.shape[1],
        "rest": _rest(before.drop(index=ledger.place_row.tolist())),
        "unit": str(before["unit"].iloc[0]) if len(before) else rule.value_unit,
        "short_unit": str(before["shortfall_unit"].iloc[0]) if len(before) else "",
        "due": rule.deadline is not None and rule.deadline < assessment.as_of,
    }


def _asked(rule: Rule) -> dict[str, Json]:
    """What the rule asks, and how its kind judges."""
    said: dict[str, Json] = {"kind": rule.kind, "op": rule.op, "value": rule.value, "units_pct": rule.units_pct}
    said["scale"] = None if rule.pooled_scale is None else int(rule.pooled_scale)
    match rule:
        case QuantityPerBase():
            said |= {"per": rule.per, "whole": rule.comes_whole}
        case FacilityCountPerUnit():
            said |= {"groups": len(rule.kinds_asked), "asked": rule.n_asked, "together": rule.together is not None}
        case Ratio():
            said |= {"counts": rule.num.startswith(COUNT)}
    return said


def _rows_on_page(
    ledger: Ledger, before: pd.DataFrame, after: pd.DataFrame, place_rows: Mapping[tuple[str, str], int]
) -> NDArray[np.int64]:
    """(n,) the row of each place among the units that the page shows for the rule, -1 for one that is not drawn."""
    row_of = {place: row for row, place in enumerate(places_measured(before, after, place_rows))}
    table = before.loc[ledger.place_row]
    return np.array(
        [row_of.get((str(i), str(level)), -1) for i, level in zip(table["unit_id"], table["level"], strict=True)], dtype=np.int64
    )


def _rest(rows: pd.DataFrame) -> Json:
    """What the verdict over all units takes from those that no site changes."""
    asked = rows[rows["verdict"] != "not_applicable"]
    is_open = asked[["have", "base"]].isna().any(axis=None) or (asked["verdict"] == "no_data").any()
    have, base = (None if is_open else list(two_parts(asked[name].tolist())) for name in ("have", "base"))
    lone = float(asked["value"].iloc[0]) if len(asked) == 1 else np.nan
    return {
        "n": [int((rows["verdict"] == verdict).sum()) for verdict in VERDICTS],
        "asked": len(asked),
        "have": have,
        "base": base,
        "short": narrow(np.sort(rows.loc[rows["verdict"] == "fail", "shortfall"].to_numpy(dtype=float))),
        "knows_short": bool(rows["shortfall"].notna().any()),
        "value": None if np.isnan(lone) else lone,
        "required": [float(limit) for limit in rows["required"].dropna().unique()[:2]],
    }


def _people(found: Switching, assessment: Assessment, place_rows: Mapping[tuple[str, str], int], groups: Groups) -> Json:
    """Who may come to have another nearest site, point by point; everybody else added up by unit, nearest facility and minutes.

    Points are numbered as the page draws them. Of those that may change: unit, people, the nearest facility that always stands with its
    minutes, and the nearer sites that come and go, nearest first; `gap` leads from one point to the next, `size` says how many sites follow.
    """
    area, nearest, limit = assessment.before.area, found.nearest, assessment.circle_minutes
    rows = shown_people(assessment)
    number = np.nan_to_num(area.demand[assessment.circle_base].to_numpy(dtype=float)[rows])
    unit = _place_of_units(area.demand["unit_id"].iloc[rows], area, place_rows)
    bins = bins_of(nearest.always_minutes, stray_people(assessment), limit)[rows]
    site, size = nearest.always_row[rows], np.diff(nearest.start)[rows]
    moving = np.flatnonzero(size)
    arcs = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(nearest.start[i], nearest.start[i + 1]) for i in rows[moving])])
    lost = area.unassigned[area.unassigned["base"] == assessment.circle_base]
    return {
        "rest": _added_up(unit[size == 0], site[size == 0], bins[size == 0], number[size == 0]),
        "gap": narrow(np.diff(moving, prepend=0)),
        "unit": narrow(unit[moving]),
        "number": narrow(number[moving]),
        "always": narrow(site[moving]),
        "bin": narrow(bins[moving]),
        "size": narrow(size[moving]),
        "site": narrow(np.array([groups.switch(int(row)) for row in nearest.site_row[arcs]], dtype=np.int64)),
        "nearer_bin": narrow(bins_of(nearest.minutes[arcs], np.zeros(len(arcs), dtype=bool), limit)),
        "unassigned": [
            [int(row), float(people)]
            for row, people in zip(_place_of_units(lost["unit_id"], area, place_rows), lost["people"], strict=True)
        ],
    }


def _added_up(unit: NDArray[np.int64], site: NDArray[np.int64], bins: NDArray[np.int64], number: NDArray[np.float64]) -> Json:
    """People of the same unit, nearest facility and minutes together; each sum in two parts, so that nothing is lost when sums are added."""
    keys, group = np.unique(np.column_stack([unit, site, bins]), axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ends = np.searchsorted(group.ravel()[order], np.arange(len(keys) + 1))
    sums = np.array([two_parts(number[order[ends[i] : ends[i + 1]]].tolist()) for i in range(len(keys))]).reshape(-1, 2)
    return {
        "unit": narrow(keys[:, 0]),
        "site": narrow(keys[:, 1]),
        "bin": narrow(keys[:, 2]),
        "number": narrow(sums[:, 0]),
        "rest": narrow(sums[:, 1]),
    }


def _place_of_units(unit_ids: Iterable[str], area: StudyArea, place_rows: Mapping[tuple[str, str], int]) -> NDArray[np.int64]:
    """(n,) row of each unit of any level among the places of the page, -1 outside every unit."""
    level_of = dict(zip(area.units["unit_id"], area.units["level"], strict=True))
    return np.array([place_rows.get((str(level_of.get(unit_id, "")), str(unit_id)), -1) for unit_id in unit_ids], dtype=np.int64)


def _balance(assessment: Assessment, place_rows: Mapping[tuple[str, str], int]) -> list[Json]:
    """For every row of the balance sheet the units that it takes together, -1 for outside all; None for all people."""
    area = assessment.before.area
    return [_place_of_units(units, area, place_rows).tolist() if row else None for row, units in sheet_units(assessment).items()]
