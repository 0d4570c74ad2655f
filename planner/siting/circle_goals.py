"""Goals that look at the people of the shown circle: what is short for each of them, as a `Relief` like that of a rule.

A new goal is one function here and its entry in `GOALS`.

Minutes become needs by levels (the radius formulation of the p-median: Cornuejols, Nemhauser and Wolsey 1980). Where v_1 < ... < v_K are
the minutes from people i to the candidates nearer than their nearest facility (v_(K+1) minutes away), need (i, k) is worth
people_i (v_(k+1) - v_k) and relieved in full by every candidate within v_k minutes. What is relieved of them together is people_i times
the minutes saved, so the least mean minutes (p-median: Hakimi 1964) are a maximal covering like any other, exact, bounded and searched
by the same methods. The least worst minutes (p-center) are a series of set coverings (Minieka 1970), see `worst`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.kinds import rows_of_kind
from layers.study_area import StudyArea
from planner.circle import Circle
from planner.measures import open_of_kind
from planner.relief import NEED_COLUMNS, Relief
from planner.siting.model import Siting
from planner.travel.times import TravelTimes


@dataclass(frozen=True, eq=False)
class Reach:
    """Who is how far from what stands and from what could be opened; people of the circle's base."""

    area: StudyArea
    people: NDArray[np.float64]
    """(d,) 0 where the base has no data"""
    total: float
    """all people, those without a demand point included"""
    minutes: NDArray[np.float64]
    """(d,) to the nearest facility of the circle, inf beyond"""
    n_near: NDArray[np.int64]
    """(d,) facilities of the circle within its minutes"""
    limit_minutes: float
    demand_row: NDArray[np.int32]
    candidate_row: NDArray[np.int32]
    to_candidate: NDArray[np.float64]
    """(k,) minutes from people to candidates of the circle's kinds, within its minutes; sorted by demand, then candidate"""


def reach_of(area: StudyArea, times: TravelTimes, circle: Circle) -> Reach:
    """The reach of a completed circle."""
    sites = np.concatenate([open_of_kind(area.facilities, circle.kinds), rows_of_kind(area.candidates["kind"], circle.kinds)])
    arcs = times.by_profile[circle.profile].within(circle.minutes or 0.0, sites)
    stands = arcs.site_row < area.n_facilities
    minutes = np.full(len(area.demand), np.inf)
    np.minimum.at(minutes, arcs.demand_row[stands], arcs.minutes[stands])
    people = area.demand[circle.base].fillna(0.0).to_numpy(dtype=float)
    lost = area.unassigned.loc[area.unassigned["base"] == circle.base, "people"].to_numpy(dtype=float)
    return Reach(
        area=area,
        people=people,
        total=float(people.sum() + lost.sum()),
        minutes=minutes,
        n_near=np.bincount(arcs.demand_row[stands], minlength=len(area.demand)),
        limit_minutes=circle.minutes or 0.0,
        demand_row=arcs.demand_row[~stands],
        candidate_row=(arcs.site_row[~stands] - area.n_facilities).astype(np.int32),
        to_candidate=arcs.minutes[~stands],
    )


def goal_id(goal: str) -> str:
    """What stands in the tables of a choice in place of a rule's id."""
    return f"circle.{goal}"


def beyond(reach: Reach, siting: Siting) -> float:
    """Minutes that people outside the circle count with."""
    return siting.beyond_minutes or 2 * reach.limit_minutes


def share_short(reach: Reach, siting: Siting) -> Relief | None:
    """People outside the circle; met when `target_share` of all are inside."""
    outside = np.isinf(reach.minutes) & (reach.people > 0)
    inside = float(reach.people[np.isfinite(reach.minutes)].sum())
    at_least = siting.target_share * reach.total - inside
    if at_least <= 0 or not outside.any():
        return None
    amount = reach.people
    return _relief("share", reach, np.flatnonzero(outside), amount, amount[reach.demand_row], "people", at_least)


def backup_short(reach: Reach, siting: Siting) -> Relief | None:  # noqa: ARG001 - the same form for every goal
    """People times the facilities that they lack of two in reach (backup coverage: Hogan and ReVelle 1986)."""
    amount = reach.people * np.maximum(0, 2 - reach.n_near)
    short = np.flatnonzero(amount > 0)
    return _relief("backup", reach, short, amount, reach.people[reach.demand_row], "people", 0.0) if len(short) else None


def minutes_short(reach: Reach, siting: Siting) -> Relief | None:
    """Person-minutes that candidates nearer than the nearest facility would save, level by level."""
    now = np.minimum(reach.minutes, beyond(reach, siting))
    helps = (reach.to_candidate < now[reach.demand_row]) & (reach.people[reach.demand_row] > 0)
    row, candidate, minutes = reach.demand_row[helps], reach.candidate_row[helps], reach.to_candidate[helps]
    if not len(row):
        return None
    order = np.lexsort((candidate, minutes, row))
    row, candidate, minutes = row[order], candidate[order], minutes[order]
    first_of_level = np.concatenate([[True], (row[1:] != row[:-1]) | (minutes[1:] != minutes[:-1])])
    level_row, level_minutes = row[first_of_level], minutes[first_of_level]
    last = np.concatenate([level_row[1:] != level_row[:-1], [True]])
    above = np.where(last, now[level_row], np.concatenate([level_minutes[1:], [0.0]]))
    amount = reach.people[level_row] * (above - level_minutes)
    level = np.cumsum(first_of_level) - 1
    end = np.searchsorted(level_row, np.arange(len(reach.people)), side="right")[row]
    lengths = end - level
    need = np.repeat(level, lengths) + np.arange(lengths.sum()) - np.repeat(np.concatenate([[0], lengths.cumsum()[:-1]]), lengths)
    who = np.repeat(candidate, lengths)
    by_need = np.lexsort((who, need))
    rank = np.arange(len(level_row)) - np.searchsorted(level_row, level_row)
    ids = reach.area.demand["demand_id"].to_numpy(dtype=object)[level_row]
    return Relief(
        needs=_needs(
            "mean_minutes", reach, level_row, [f"{id_}/{k:06d}" for id_, k in zip(ids, rank, strict=True)], amount, "person-minutes"
        ),
        need_row=need[by_need].astype(np.int32),
        candidate_row=who[by_need].astype(np.int32),
        amount=amount[need[by_need]],
        at_least=0.0,
        counted="amount",
    )


def within_short(reach: Reach, minutes: float) -> Relief | None:
    """People farther than some minutes of those whom a facility or a candidate has in the circle; met when none is left."""
    hopeful = np.isfinite(reach.minutes)
    hopeful[reach.demand_row] = True
    short = np.flatnonzero(hopeful & (reach.minutes > minutes) & (reach.people > 0))
    if not len(short):
        return None
    near = reach.to_candidate <= minutes
    arcs = {"demand_row": reach.demand_row[near], "candidate_row": reach.candidate_row[near], "to_candidate": reach.to_candidate[near]}
    part = replace(reach, **arcs)  # type: ignore[arg-type]  # the three columns of the arcs
    return _relief("worst_minutes", part, short, reach.people, reach.people[part.demand_row], "people", float(len(short)), "needs")


GOALS: dict[str, Callable[[Reach, Siting], Relief | None]] = {
    "share": share_short,
    "backup": backup_short,
    "mean_minutes": minutes_short,
}
"""Goals that are one problem each; keys are values of `Siting.goal`"""


def relieved_of_circle(siting: Siting, objective: float, before: Reach, after: Reach) -> float:
    """What the people of the circle gain between two states of a place, in the unit of the goal's needs: the second look at its claim.

    `objective` is that of the choice: the worst minutes that everybody was to come within.
    """
    people = before.people
    if siting.goal == "backup":
        return float((people * (np.minimum(2, after.n_near) - np.minimum(2, before.n_near))).sum())
    if siting.goal == "mean_minutes":
        far = beyond(before, siting)
        return float((people * (np.minimum(before.minutes, far) - np.minimum(after.minutes, far))).sum())
    within = before.limit_minutes if siting.goal == "share" else min(objective, before.limit_minutes)
    return float(people[(before.minutes > within) & (after.minutes <= within)].sum())


def _relief(
    goal: str,
    reach: Reach,
    short: NDArray[np.int64],
    amount: NDArray[np.float64],
    arc_amount: NDArray[np.float64],
    unit: str,
    at_least: float,
    counted: str = "amount",
) -> Relief:
    """The relief of needs that are demand rows `short`, of (d,) amounts, by (k,) amounts along the arcs to the candidates."""
    need_of = np.full(len(reach.people), -1)
    need_of[short] = np.arange(len(short))
    helps = need_of[reach.demand_row] >= 0
    return Relief(
        needs=_needs(goal, reach, short, list(reach.area.demand["demand_id"].to_numpy(dtype=object)[short]), amount[short], unit),
        need_row=need_of[reach.demand_row[helps]].astype(np.int32),
        candidate_row=reach.candidate_row[helps],
        amount=arc_amount[helps],
        at_least=at_least,
        counted="needs" if counted == "needs" else "amount",
    )


def _needs(
    goal: str, reach: Reach, rows: NDArray[np.integer], place_ids: list[str], amount: NDArray[np.float64], unit: str
) -> pd.DataFrame:
    unit_id = reach.area.demand["unit_id"].to_numpy(dtype=object)[rows]
    columns = {"rule_id": goal_id(goal), "unit_id": unit_id, "place_id": place_ids, "amount": amount, "unit": unit}
    return pd.DataFrame({**columns, "people": reach.people[rows]}, columns=list(NEED_COLUMNS))
