"""What can be switched on and off, and what follows: the ledgers of all rules, and who reaches what.

Made from an `Assessment` without measuring anything anew. Whoever holds a `Switching` can say for every set of candidates what the planner
would find: the same sums, held against the same limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.kinds import rows_of_kind
from layers.study_area import StudyArea
from planner.assessment import Assessment
from planner.ledger import Ledger, bringing, replaceable
from planner.measures import open_of_kind
from planner.rules import Rule, expand
from planner.travel.arcs import Arcs


@dataclass(frozen=True, eq=False)
class Switches:
    """The candidates as switches, in the order of `area.candidates`."""

    plan: tuple[int, ...]
    """rows that the plan opens, ascending"""
    brings: NDArray[np.bool_]
    """(c,) whether something stands there once it is opened; False for a mere closure"""
    closes: NDArray[np.int64]
    """(c,) the facility row that it replaces, -1 for none"""
    plot: tuple[str, ...]
    """(c,) candidates of one plot, or for one facility, exclude each other"""
    cost_yuan: NDArray[np.float64]
    """(c,) NaN where it is not known"""
    barred: dict[int, tuple[str, str]]
    """rows that may not be opened -> (code of the reason, rule id)"""


@dataclass(frozen=True, eq=False)
class NearestSites:
    """For every demand point the nearest facility that always stands, and the sites that would be nearer, nearest first."""

    always_row: NDArray[np.int64]
    """(d,) facility row, -1 for none within the circle"""
    always_minutes: NDArray[np.float64]
    """(d,) inf for none"""
    start: NDArray[np.int64]
    """(d + 1,) the nearer sites of point i are `start[i]` to `start[i + 1] - 1`"""
    site_row: NDArray[np.int64]
    """(k,) of two equally near ones the lower row comes first, as in `Arcs.nearest`"""
    minutes: NDArray[np.float64]
    """(k,)"""


@dataclass(frozen=True, eq=False)
class Switching:
    """Everything that a switch can change."""

    switches: Switches
    ledgers: tuple[tuple[Rule, Ledger | None], ...]
    """every rule and reading, in the order of `expand`; None: its figures cannot be followed exactly"""
    nearest: NearestSites


def switching_of(assessment: Assessment) -> Switching | None:
    """The switches of an assessment; None where there is no candidate, or its minutes were not kept."""
    area, times = assessment.before.area, assessment.before.times
    if not len(area.candidates) or assessment.circle_profile not in times.by_profile:
        return None
    arcs = times.by_profile[assessment.circle_profile].within(assessment.circle_minutes, _sites(area, assessment.circle_kinds))
    ledgers = tuple((rule, rule.ledger(area, times)) for rule in expand(assessment.rules))
    return Switching(_switches(assessment), ledgers, _nearest(area, arcs))


def _switches(assessment: Assessment) -> Switches:
    area = assessment.before.area
    table = area.candidates
    ids = table["candidate_id"].astype(str)
    replaces = _text(table, "replaces")
    plot = np.where(_text(table, "site_id") == "", ids, _text(table, "site_id"))
    plot = np.where(replaces == "", plot, "replaces " + replaces)
    row_of = {str(id_): row for row, id_ in enumerate(area.facilities["facility_id"])}
    number = {id_: row for row, id_ in enumerate(ids)}
    brings = np.zeros(len(table), dtype=bool)
    brings[bringing(area)] = True
    excluded = assessment.choice.excluded
    why = zip(excluded["candidate_id"], excluded["code"], excluded["rule_id"], strict=True)
    return Switches(
        plan=tuple(sorted(assessment.choice.opened)),
        brings=brings,
        closes=np.array([row_of.get(str(id_), -1) for id_ in replaces], dtype=np.int64),
        plot=tuple(map(str, plot)),
        cost_yuan=table["cost_yuan"].to_numpy(dtype=float) if "cost_yuan" in table.columns else np.full(len(table), np.nan),
        barred={number[str(id_)]: (str(code), str(rule_id)) for id_, code, rule_id in why if number.get(str(id_)) is not None},
    )


def _text(table: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """(c,) a text column, "" where there is none."""
    if column not in table.columns:
        return np.full(len(table), "", dtype=object)
    return table[column].fillna("").astype(str).to_numpy(dtype=object)


def _sites(area: StudyArea, kinds: tuple[str, ...]) -> NDArray[np.bool_]:
    """(s,) open facilities of the kinds, and the candidates that would be."""
    brings = np.isin(np.arange(len(area.candidates)), bringing(area))
    sites: NDArray[np.bool_] = np.concatenate([open_of_kind(area.facilities, kinds), rows_of_kind(area.candidates["kind"], kinds) & brings])
    return sites


def _nearest(area: StudyArea, arcs: Arcs) -> NearestSites:
    stands = np.zeros(arcs.n_sites, dtype=bool)
    stands[: area.n_facilities] = ~replaceable(area)
    always_minutes, always_row = arcs.within(arcs.limit_minutes, stands).nearest()
    moves = arcs.within(arcs.limit_minutes, ~stands)
    limit, row = always_minutes[moves.demand_row], always_row[moves.demand_row]
    nearer = (moves.minutes < limit) | ((moves.minutes == limit) & (moves.site_row < row))
    demand, site, minutes = moves.demand_row[nearer], moves.site_row[nearer], moves.minutes[nearer]
    order = np.lexsort((site, minutes, demand))
    start = np.searchsorted(demand[order], np.arange(arcs.n_demand + 1))
    return NearestSites(always_row.astype(np.int64), always_minutes, start.astype(np.int64), site[order].astype(np.int64), minutes[order])
