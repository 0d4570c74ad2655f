"""Who goes where when places are limited: each person is served once, within the capacity of the facilities, and what is left over shows.

First as many people are served as can be, then in the fewest minutes altogether: a transportation problem (Hitchcock 1941) along the arcs
of the travel times, solved as a linear program. People and sites enter it in the order of their ids, so the answer does not depend on
the order of the rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from layers.study_area import StudyArea
from planner import linear
from planner.balance import OUTSIDE
from planner.travel.arcs import Arcs

SMALLEST = 1e-9
"""shares of a person that are rounding"""


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who goes where."""

    flows: pd.DataFrame
    """demand_row, site_row, people (> 0), minutes: sorted by demand, then site"""
    served: NDArray[np.float64]
    """(d,) people with a place"""
    over_capacity: NDArray[np.float64]
    """(d,) people for whom every facility in reach is full"""
    out_of_reach: NDArray[np.float64]
    """(d,) people with no facility in reach; served + over_capacity + out_of_reach = people"""
    load: NDArray[np.float64]
    """(s,) people at each site"""
    capacity: NDArray[np.float64]
    """(s,) people; inf where there is no limit"""

    @property
    def free(self) -> NDArray[np.float64]:
        """(s,) places that nobody takes."""
        return self.capacity - self.load

    @property
    def mean_minutes(self) -> float:
        """Of those served; NaN when nobody is."""
        people = self.flows["people"].to_numpy()
        return float(people @ self.flows["minutes"].to_numpy() / people.sum()) if len(people) else math.nan


def assign_people(
    arcs: Arcs,
    people: NDArray[np.float64],
    capacity: NDArray[np.float64],
    *,
    demand_ids: NDArray[np.object_],
    site_ids: NDArray[np.object_],
) -> Assignment:
    """The assignment that serves most people, and of these the one of fewest minutes.

    Parameters
    ----------
    arcs
        who is in reach of what; only sites that serve (`Arcs.within`)
    people
        (d,) people to be served, >= 0
    capacity
        (s,) people that each site can serve, >= 0, inf without a limit; only sites with arcs matter
    demand_ids, site_ids
        (d,) and (s,) unique: of equally good answers they decide

    Raises
    ------
    ValueError
        for negative people or capacities, or figures that are missing
    """
    if np.isnan(people).any() or (people < 0).any() or np.isnan(capacity).any() or (capacity < 0).any():
        raise ValueError("assign_people: people and capacities must be numbers of 0 or more")
    used = people[arcs.demand_row] > 0
    rank_d, rank_s = _ranks(demand_ids), _ranks(site_ids)
    by_id = np.lexsort((rank_s[arcs.site_row[used]], rank_d[arcs.demand_row[used]]))
    demand, site = arcs.demand_row[used][by_id], arcs.site_row[used][by_id]
    minutes = arcs.minutes[used][by_id]
    amount = _nearest_if_room(demand, site, minutes, people, capacity)
    if amount is None:
        amount = _transport(demand, site, minutes, people, capacity)
    flows = pd.DataFrame({"demand_row": demand, "site_row": site, "people": amount, "minutes": minutes})[amount > SMALLEST]
    flows = flows.sort_values(["demand_row", "site_row"], ignore_index=True)
    counted = np.bincount(flows["demand_row"], weights=flows["people"], minlength=len(people))
    served: NDArray[np.float64] = np.where(np.isclose(counted, people, rtol=1e-9, atol=SMALLEST), people, counted).astype(np.float64)
    has_reach = np.zeros(len(people), dtype=bool)
    has_reach[demand] = True
    return Assignment(
        flows=flows,
        served=served,
        over_capacity=np.where(has_reach, people - served, 0.0),
        out_of_reach=np.where(has_reach, 0.0, people),
        load=np.bincount(flows["site_row"], weights=flows["people"], minlength=len(capacity)).astype(np.float64),
        capacity=capacity,
    )


class BalanceError(AssertionError):
    """People were lost or invented while they were assigned. A fault of this program, never of the input: please report it."""


BALANCE_PARTS = ("served", "over_capacity", "capacity_unknown", "too_far", "off_network", "unassigned")
"""Columns of `balance_with_capacity` that add up to `total`."""


def balance_with_capacity(
    area: StudyArea, base: str, assignment: Assignment, off_network: pd.DataFrame, *, in_doubt: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """The balance sheet of an assignment of the people of a base: who is served, and why the others are not.

    unit_id ("" for all, `balance.OUTSIDE` for people in no unit), served, over_capacity, capacity_unknown, too_far, off_network,
    unassigned, total [people]; the parts of a row add up to its total; who has no figure is in no row. `off_network` is the table of `TravelTimes`. `in_doubt` (d,) marks
    who has a facility in reach that states no capacity: without a place elsewhere they are counted there, neither served nor turned away.
    `BalanceError` when the total of all is not the number of people of the place.
    """
    stray = area.demand["demand_id"].isin(off_network.loc[off_network["table"] == "demand", "id"]).to_numpy()
    doubt = np.zeros(len(area.demand), dtype=bool) if in_doubt is None else in_doubt
    over, out = assignment.over_capacity, assignment.out_of_reach
    parts = pd.DataFrame(
        {
            "unit_id": area.demand["unit_id"].to_numpy(),
            "served": assignment.served,
            "over_capacity": np.where(doubt, 0.0, over),
            "capacity_unknown": np.where(doubt, over + out, 0.0),
            "too_far": np.where(stray | doubt, 0.0, out),
            "off_network": np.where(stray & ~doubt, out, 0.0),
            "unassigned": 0.0,
        }
    )
    parts = parts[area.demand[base].notna().to_numpy()]
    lost = area.unassigned[area.unassigned["base"] == base]
    columns = list(BALANCE_PARTS)
    without_point = pd.DataFrame({"unit_id": lost["unit_id"], **dict.fromkeys(columns, 0.0)}).assign(unassigned=lost["people"])
    every = pd.concat([parts, without_point], ignore_index=True) if len(lost) else parts
    rows = every.groupby("unit_id", sort=True)[columns].agg(math.fsum).reset_index()
    rows.loc[rows["unit_id"] == "", "unit_id"] = OUTSIDE
    total = pd.DataFrame([{"unit_id": "", **{column: math.fsum(every[column]) for column in columns}}])
    balance: pd.DataFrame = pd.concat([total, rows], ignore_index=True)
    balance["total"] = [math.fsum(parts) for parts in balance[columns].to_numpy()]
    _check_nobody_is_lost(area, base, float(balance["total"].iloc[0]))
    return balance


def _check_nobody_is_lost(area: StudyArea, base: str, counted: float) -> None:
    """Raise unless the people of the balance are those of the place."""
    asked = math.fsum([*area.demand[base].fillna(0.0), *area.unassigned.loc[area.unassigned["base"] == base, "people"]])
    if not math.isclose(counted, asked, rel_tol=1e-9, abs_tol=SMALLEST):
        raise BalanceError(f"{base}: the balance counts {counted:.9g} people of {asked:.9g}")


def _ranks(ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """(n,) position of each id in alphabetical order."""
    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[np.argsort(ids.astype(str), kind="stable")] = np.arange(len(ids))
    return ranks


def _nearest_if_room(
    demand: NDArray[np.int32],
    site: NDArray[np.int32],
    minutes: NDArray[np.float64],
    people: NDArray[np.float64],
    capacity: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """(k,) people along each arc when everybody goes to the nearest site; None when that is too many somewhere."""
    least = np.full(len(people), np.inf)
    np.minimum.at(least, demand, minutes)
    nearest = np.flatnonzero(minutes == least[demand])
    _, first = np.unique(demand[nearest], return_index=True)
    amount = np.zeros(len(demand))
    amount[nearest[first]] = people[demand[nearest[first]]]
    load = np.bincount(site, weights=amount, minlength=len(capacity))
    return amount if (load <= capacity).all() else None


def _transport(
    demand: NDArray[np.int32],
    site: NDArray[np.int32],
    minutes: NDArray[np.float64],
    people: NDArray[np.float64],
    capacity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(k,) people along each arc: sum over a demand row <= people, over a site <= capacity; serving one more always pays.

    A person served is worth more than any detour that makes room for him: such a chain of moves passes every site once at most.
    """
    rows, demand_at = np.unique(demand, return_inverse=True)
    sites, site_at = np.unique(site, return_inverse=True)
    k = len(demand)
    worth = 1.0 + float(minutes.max(initial=0.0)) * (len(sites) + 1)
    ones, columns = np.ones(2 * k), np.tile(np.arange(k), 2)
    matrix = sparse.csr_matrix((ones, (np.concatenate([demand_at, len(rows) + site_at]), columns)), shape=(len(rows) + len(sites), k))
    upper = np.concatenate([people[rows], capacity[sites]])
    rows_within = (np.full(len(upper), -np.inf), upper)
    solver = linear.highs(minutes - worth, (np.zeros(k), people[demand]), matrix, rows_within, {"solver": "simplex"})
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ArithmeticError(f"assign_people: the linear program ended as {solver.getModelStatus()}")
    amount: NDArray[np.float64] = np.maximum(np.asarray(solver.getSolution().col_value, dtype=np.float64), 0.0)
    return amount
