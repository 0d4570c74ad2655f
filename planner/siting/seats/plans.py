"""The plans beside a choice under capacities: other budgets, and plans that serve nearly as many people.

As `planner.siting.curve` and `planner.siting.alternatives` say, by the search of `planner.siting.seats.search`: what is relieved are people
who have no place without any site, so the shares are those of people newly served.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.siting.alternatives import EFFORT, Sought, held_to
from planner.siting.curve import BOUND_ARCS, POINT_COLUMNS, Curve, axis, budgets_of, knee_of, point, prefix, steps_table, within_budget
from planner.siting.problem import SitingProblem
from planner.siting.restrict import restricted
from planner.siting.search import heuristic
from planner.siting.seats.bound import people_bound
from planner.siting.seats.search import LEAST, Seats, SeatSearch, exchange, fill
from planner.siting.seats.ways import merged_ways

STEPS = 2e7
"""steps over arcs of each search for a point of the curve"""
STEPS_NEAR = 4e6
"""the same of each of the dozens of searches for near-best plans"""


def curve_of(seats: Seats, opened: NDArray[np.bool_]) -> Curve | None:
    """The curve of people newly served, and (m,) the plan chosen for it; None when no site serves anybody more."""
    problem = seats.problem.with_requirements(())
    few = Seats(problem, merged_ways(seats.ways))
    now = few.served(np.zeros(problem.n_candidates, dtype=bool))
    whole = float(seats.ways.people.sum()) - now
    unit, price = axis(problem)
    served, path = _steps(few, price)
    if whole <= LEAST or served[-1] - now <= LEAST:
        return None
    steps = steps_table(problem, price, path, (served - now) / whole)
    budgets = budgets_of(problem, unit, float(price[opened & ~problem.candidates.required].sum()), float(steps["cost"].iloc[-1]))
    points = []
    for budget, asked, best in _best_sets(few, unit, price, path, budgets, opened):
        gained = asked.served(best) - now
        bound = max(_bound(asked, gained + now) - now, gained) if len(few.ways.site) <= BOUND_ARCS else np.nan
        points.append(point(asked.problem, price, budget, best, gained / whole, bound / whole))
    return Curve(unit, steps, pd.DataFrame(points, columns=list(POINT_COLUMNS)), knee_of(steps))


def _steps(seats: Seats, price: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(p + 1,) people served along the greedy order without limits, and the positions in it."""
    who = seats.problem.candidates
    stands = who.required | who.is_kept
    free = replace(seats, problem=replace(seats.problem, candidates=replace(who, budget_left=np.inf, sites_left=np.inf, required=stands)))
    divisor = np.maximum(price, 1e-9 * float(price.max(initial=0.0)) or 1.0)
    path = fill(SeatSearch(free, stands, np.inf), divisor)
    again = SeatSearch(free, stands, np.inf)
    served = [again.served]
    for j in path:
        again.open(j)
        served.append(again.served)
    return np.array(served), np.array(path, dtype=np.int64)


def _best_sets(
    seats: Seats, unit: str, price: NDArray[np.float64], path: NDArray[np.int64], budgets: list[float], plan: NDArray[np.bool_]
) -> Iterator[tuple[float, Seats, NDArray[np.bool_]]]:
    """Each budget, its problem and its best set (m,); a smaller budget's set, and the plan itself, are taken over where they serve more."""
    who = seats.problem.candidates
    best, spent = who.required, float(price[plan & ~who.required].sum())
    for budget in budgets:
        asked = replace(seats, problem=within_budget(seats.problem, unit, budget))
        begins = (prefix(asked.problem, price, path, budget), best)
        found = [with_kept(asked.problem, _searched(asked, begin, STEPS).opened) for begin in begins]
        found += [plan] if spent <= budget * (1 + 1e-9) else []
        best = max((best, *found), key=asked.served)
        yield budget, asked, best


def _searched(seats: Seats, begin: NDArray[np.bool_], steps: float) -> SeatSearch:
    """A good choice near (m,) `begin`, which is within the limits."""
    state = SeatSearch(seats, begin, steps)
    by_price = heuristic.per_price(seats.problem)
    fill(state, by_price)
    exchange(state, by_price)
    return state


def _bound(seats: Seats, served: float) -> float:
    """No choice serves more people."""
    people = seats.ways.people
    in_reach = float(people[np.diff(seats.ways.start) > 0].sum())
    return min(in_reach, float(people.sum()) - people_bound(seats, served).value)


def near(seats: Seats, opened: NDArray[np.bool_]) -> Sought:
    """How plans that serve nearly as many people as (m,) the chosen one are looked for."""
    few = Seats(held_to(seats.problem, opened), merged_ways(seats.ways))
    now = few.served(np.zeros(len(opened), dtype=bool))
    gained = few.served(opened) - now

    def anew(keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
        capacity = few.ways.capacity.copy()
        capacity[: len(keep)][~keep] = 0.0
        barred = replace(few, ways=few.ways._replace(capacity=capacity))
        return with_kept(few.problem, _searched(barred, _begin(few.problem, opened, keep), STEPS_NEAR).opened)

    def objective(plan: NDArray[np.bool_]) -> float:
        return few.served(plan) - now

    def loss_share(plan: NDArray[np.bool_]) -> float:
        if not few.problem.meets(few.problem.relieved(plan)):
            return np.inf
        return (gained - objective(plan)) / gained if gained > LEAST else 0.0

    return Sought(anew, loss_share, objective)


def _begin(problem: SitingProblem, opened: NDArray[np.bool_], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) what of the chosen plan may be opened, and what the mandatory rules need beside it."""
    begin = (opened & keep) | problem.candidates.required
    if problem.requirements and keep.any():
        part = restricted(problem, keep)
        begin = np.zeros(len(keep), dtype=bool)
        begin[np.flatnonzero(keep)[heuristic.meet(part, (opened | problem.candidates.required)[keep], EFFORT, thorough=False)]] = True
    return begin


def with_kept(problem: SitingProblem, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) the choice and every facility that could be replaced and is not."""
    who = problem.candidates
    return opened | (who.is_kept & ~np.isin(who.plot, who.plot[opened]))
