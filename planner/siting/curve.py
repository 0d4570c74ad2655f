"""The curve of cost against shortfall left: what more or less money would relieve, and from where on it brings less than its share.

Two readings side by side. `steps` adds one site after another, each the one that relieves most per yuan, so every step is a plan that
contains the one before. `points` asks anew at a few budgets for the best plan, with a proven bound. Both look at relief alone: rules that
are met first (mandatory) take part by their weight only, so that a plan that has to meet them may lie below the curve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.saying import Said, say
from planner.siting.problem import SitingProblem, merged
from planner.siting.proof.bound import bound_of
from planner.siting.search import filling, heuristic, moves

PARTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""budgets that are asked for, as parts of what the plan may spend"""
EFFORT = heuristic.Effort(per_arc=400, at_most=1e8)
BOUND_ARCS = 40_000
"""arcs of the merged problem up to which every point carries a bound of its own; beyond it takes seconds for each"""
BOUND_S = 5.0


@dataclass(frozen=True, eq=False)
class Curve:
    """What is relieved for what is spent."""

    unit: Literal["yuan", "sites"]
    """of budget and cost; sites where a number of sites is the limit or a cost is missing. Required candidates are not counted in it"""
    steps: pd.DataFrame
    """candidate_id, cost, relieved_share, left_share: the greedy order; the first row, "", is the place with its required candidates.
    Facilities that could be replaced stay as they are in it"""
    points: pd.DataFrame
    """budget, cost, n_sites, relieved_share, left_share, bound_share: the best plan found for each budget, the bound NaN where the
    problem is too large to prove one"""
    knee_step: int
    """row of `steps` from which on a further yuan relieves less than the average yuan of the whole curve (the point farthest above the
    straight line from its first to its last point: Satopaa et al. 2011); 0 when the curve has no bend"""
    aside: Said | None = None
    """what must be said beside it: why the plan lies below it"""


POINT_COLUMNS = ("budget", "cost", "n_sites", "relieved_share", "left_share", "bound_share")


def curve_of(problem: SitingProblem, opened: NDArray[np.bool_]) -> Curve | None:
    """The curve of a problem, and (m,) the plan chosen for it; None when nothing can be relieved."""
    whole = float((problem.weight * problem.amount).sum())
    if whole <= 0 or not (problem.relief > 0).any():
        return None
    small = replace(merged(problem), goal="relieve", requirements=())
    unit, price = axis(problem)
    steps, path = _steps(small, price, whole)
    spent = float(price[opened & ~problem.candidates.required].sum())
    budgets = budgets_of(problem, unit, spent, float(steps["cost"].iloc[-1]))
    sets = _best_sets(small, unit, price, path, budgets, opened)
    points = [_point(asked, price, whole, budget, best) for budget, asked, best in sets]
    table = pd.DataFrame(points, columns=list(POINT_COLUMNS))
    aside = _aside(table, spent, problem.worth(problem.relieved(opened)) / whole) if problem.requirements else None
    return Curve(unit, steps, table, knee_of(steps), aside)


def _aside(points: pd.DataFrame, spent: float, planned: float) -> Said | None:
    """How far the plan lies below the curve for meeting its mandatory rules first, where it does."""
    paid = points[points["budget"] >= spent * (1 - 1e-9)]
    most = float(paid["relieved_share"].iloc[0]) if len(paid) else planned
    if most <= planned * (1 + 1e-6):
        return None
    return say(
        "the plan meets its mandatory rules first and relieves {planned:.1f} %; the curve looks at all shortfalls by weight alone, and what "
        "the plan may spend would then relieve {most:.1f} %",
        planned=100 * planned,
        most=100 * most,
    )


def axis(problem: SitingProblem) -> tuple[Literal["yuan", "sites"], NDArray[np.float64]]:
    """What is spent: money, or sites where these are what is short; and (m,) what each candidate takes of it."""
    who = problem.candidates
    by_sites = who.price_unit == "sites" or (np.isfinite(who.sites_left) and not np.isfinite(who.budget_left))
    return ("sites", who.n_sites) if by_sites else ("yuan", who.price)


def _steps(small: SitingProblem, price: NDArray[np.float64], whole: float) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The greedy order without limits, and the positions in it."""
    stands = small.candidates.required | small.candidates.is_kept
    net = heuristic.net_of(small, small.weight)._replace(price=price, required=stands)
    state = moves.start(net, np.inf, np.inf, np.inf)
    begin = moves.worth(net, state)
    divisor = np.maximum(price, 1e-9 * float(price.max(initial=0.0)) or 1.0)
    path = filling.fill(net, state, divisor)
    worth = [begin]
    again = moves.start(net, np.inf, np.inf, np.inf)
    for j in path:
        moves.toggle(net, again, int(j))
        worth.append(moves.worth(net, again))
    share = np.array(worth) / whole
    return steps_table(small, price, path, share), path


def steps_table(problem: SitingProblem, price: NDArray[np.float64], path: NDArray[np.int64], share: NDArray[np.float64]) -> pd.DataFrame:
    """The table of `Curve.steps` of a path of sites and (p + 1,) the shares relieved before the first and after each."""
    ids = ["", *(str(id_) for id_ in problem.candidates.ids[path])]
    cost = np.concatenate([[0.0], np.cumsum(price[path])])
    return pd.DataFrame({"candidate_id": ids, "cost": cost, "relieved_share": share, "left_share": 1.0 - share})


def budgets_of(problem: SitingProblem, unit: str, spent: float, everything: float) -> list[float]:
    """The budgets that are asked for, ascending: parts of the plan's limit (of its cost without one), up to what relieves everything."""
    limit = problem.candidates.budget_left if unit == "yuan" else problem.candidates.sites_left
    base = limit if np.isfinite(limit) else spent
    parts = [base * part for part in PARTS]
    return sorted({min(np.floor(b) if unit == "sites" else b, everything) for b in parts} - {0.0})


def _best_sets(
    small: SitingProblem, unit: str, price: NDArray[np.float64], path: NDArray[np.int64], budgets: list[float], plan: NDArray[np.bool_]
) -> Iterator[tuple[float, SitingProblem, NDArray[np.bool_]]]:
    """Each budget, its problem and its best set (m,); a smaller budget's set, and the plan itself, are taken over where they relieve more,
    so that the curve never falls."""
    who = small.candidates
    best, spent = who.required, float(price[plan & ~who.required].sum())
    for budget in budgets:
        asked = within_budget(small, unit, budget)
        begins = (prefix(asked, price, path, budget), best)
        found = [heuristic.relieve(asked, who.required, begin, EFFORT) for begin in begins]
        found += [plan] if spent <= budget * (1 + 1e-9) else []
        best = max((best, *found), key=lambda opened: small.worth(small.relieved(opened)))
        yield budget, asked, best


def within_budget(problem: SitingProblem, unit: str, budget: float) -> SitingProblem:
    """The problem with another budget."""
    who = problem.candidates
    return replace(problem, candidates=replace(who, budget_left=budget) if unit == "yuan" else replace(who, sites_left=budget))


def _point(asked: SitingProblem, price: NDArray[np.float64], whole: float, budget: float, opened: NDArray[np.bool_]) -> tuple[float, ...]:
    """One row of `points`."""
    worth = asked.worth(asked.relieved(opened))
    bound = bound_of(asked, worth, BOUND_S)[0] if len(asked.relief) <= BOUND_ARCS else np.nan
    return point(asked, price, budget, opened, worth / whole, float(np.maximum(bound, worth)) / whole)


def point(
    asked: SitingProblem, price: NDArray[np.float64], budget: float, opened: NDArray[np.bool_], share: float, bound_share: float
) -> tuple[float, ...]:
    """One row of `points`, in the order of `POINT_COLUMNS`."""
    free = opened & ~asked.candidates.required
    return budget, float(price[free].sum()), float(asked.candidates.n_sites[free].sum()), share, 1.0 - share, bound_share


def prefix(asked: SitingProblem, price: NDArray[np.float64], path: NDArray[np.int64], budget: float) -> NDArray[np.bool_]:
    """(m,) the required candidates and the first steps that a budget pays, within the other limit too."""
    n_paid = int(np.searchsorted(np.cumsum(price[path]), budget * (1 + 1e-12), side="right"))
    n = int(min(n_paid, asked.candidates.sites_left))
    opened = asked.candidates.required.copy()
    if not np.isfinite(asked.candidates.budget_left) or asked.candidates.price[path[:n]].sum() <= asked.candidates.budget_left:
        opened[path[:n]] = True
    return opened


def knee_of(steps: pd.DataFrame) -> int:
    """The row of the greatest height over the chord."""
    cost, share = steps["cost"].to_numpy(), steps["relieved_share"].to_numpy()
    if cost[-1] <= 0 or share[-1] <= share[0]:
        return 0
    height = (share - share[0]) / (share[-1] - share[0]) - cost / cost[-1]
    best = int(height.argmax())
    return best if height[best] > 1e-9 else 0
