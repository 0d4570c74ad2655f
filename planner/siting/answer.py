"""From a place and a goal to the solved problem, and what the goal counts in its own unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.circle import Circle
from planner.relief import Relief
from planner.rules import Rule
from planner.siting import serve
from planner.siting.build import build_problem
from planner.siting.circle_goals import GOALS, Reach, beyond, goal_id, reach_of, within_short
from planner.siting.model import Siting
from planner.siting.problem import Candidates, SitingProblem, merged
from planner.siting.seats.choice import solve_seats
from planner.siting.seats.plans import with_kept
from planner.siting.seats.search import Seats
from planner.siting.solve import TOLERANCE, Solved, objective_of, solve, within_reach
from planner.travel.times import TravelTimes

Unit = Literal["shortfalls", "yuan", "sites", "minutes", "people"]


@dataclass(frozen=True, eq=False)
class Answer:
    """A solved problem, with objective and bound in the unit of the goal."""

    problem: SitingProblem
    solved: Solved
    objective: float
    bound: float
    unit: Unit
    seats: Seats | None = None
    """under capacities: people and places, from which other plans are read; else what sites relieve adds up in the problem"""
    overflow: pd.DataFrame | None = None
    """under capacities: what `Choice.unmet` says of the goal"""
    next_best: pd.DataFrame | None = None
    """under capacities: what would stand in for each site, see `reasons.next_best`"""
    notes: tuple[str, ...] = ()


def answer(
    area: StudyArea, rules: Sequence[Rule], times: TravelTimes, siting: Siting, candidates: Candidates, circle: Circle | None
) -> Answer:
    """The goal of `siting` solved. `ValueError` for rules that are not there, and for a goal on the circle without a circle."""

    def problem_of(extra: dict[str, Relief]) -> SitingProblem:
        return build_problem(area, rules, times, siting, candidates, extra)

    if siting.goal in ("meet", "relieve", "none"):
        problem = problem_of({})
        solved = _solved(problem, siting)
        unit: Unit = "shortfalls" if problem.goal == "relieve" else candidates.price_unit
        return Answer(problem, solved, solved.objective, solved.bound, unit)
    if circle is None:
        raise ValueError(f"siting: goal {siting.goal} looks at the people of the shown circle, and none is given")
    if siting.goal == "serve":
        found = _served(serve.standing(area, times, siting, circle), siting, problem_of)
        return replace(found, notes=tuple(serve.notes_of(area, siting, circle)))
    reach = reach_of(area, times, circle)
    if siting.goal == "worst_minutes":
        return _worst(reach, siting, lambda relief: problem_of({goal_id("worst_minutes"): relief} if relief else {}))
    relief = GOALS[siting.goal](reach, siting)
    problem = problem_of({goal_id(siting.goal): relief} if relief else {})
    solved = _solved(problem, siting)
    if siting.goal == "share":
        return Answer(problem, solved, solved.objective, solved.bound, candidates.price_unit)
    whole = float(relief.needs["amount"].sum()) if relief else 0.0
    if siting.goal == "backup":
        return Answer(problem, solved, solved.objective * whole, solved.bound * whole, "people")
    now = float((reach.people * np.minimum(reach.minutes, beyond(reach, siting))).sum())
    everybody = max(float(reach.people.sum()), 1e-300)
    mean, least = ((now - saved * whole) / everybody for saved in (solved.objective, solved.bound))
    return Answer(problem, solved, mean, max(0.0, least), "minutes")


def nothing(problem: SitingProblem) -> Solved:
    """The answer to a problem in which no candidate changes anything."""
    return Solved(np.zeros(problem.n_candidates, dtype=bool), 0.0, 0.0, "feasible", "none", ())


def is_idle(problem: SitingProblem) -> bool:
    """Whether no candidate changes anything and none has to be opened."""
    return not len(problem.relief) and not problem.candidates.required.any()


def _solved(problem: SitingProblem, siting: Siting) -> Solved:
    return nothing(problem) if is_idle(problem) else _keeping(problem, solve(problem, siting.method, siting.time_limit_s, siting.effort))


def _keeping(problem: SitingProblem, solved: Solved) -> Solved:
    """The answer in which every facility that nothing replaces stays, also where no rule would miss it."""
    who = problem.candidates
    idle = who.is_kept & ~solved.opened & ~np.isin(who.plot, who.plot[solved.opened])
    if not idle.any():
        return solved
    opened = solved.opened | idle
    objective = objective_of(problem, opened)
    same = abs(objective - solved.objective) <= TOLERANCE * max(abs(objective), 1e-9)
    return replace(solved, opened=opened, objective=objective, status=solved.status if same else "feasible")


def _served(who: serve.Standing, siting: Siting, problem_of: Callable[[dict[str, Relief]], SitingProblem]) -> Answer:
    """The most people served within capacities, the mandatory rules met first."""
    small, base, proved = within_reach(merged(problem_of({})), siting.method, siting.time_limit_s)
    seats = serve.seats_of(who, small)
    found = solve_seats(seats, base, siting.method, siting.time_limit_s)
    opened = with_kept(small, found.opened)
    now, then = seats.served(np.zeros(len(opened), dtype=bool)), seats.served(opened)
    relief = serve.relief_of(who, seats, opened)
    problem = problem_of({serve.GOAL: relief} if relief else {})
    gain, most = then - now, max(found.bound, then) - now
    status = found.status if proved or found.status != "optimal" else "feasible"
    solved = Solved(opened, gain, most, status, found.method, small.requirements)
    short = float(relief.needs["amount"].sum()) if relief else 0.0
    return Answer(
        problem,
        solved,
        gain,
        most,
        "people",
        seats=seats,
        overflow=serve.overflow(who, seats, opened),
        next_best=serve.next_best(seats, opened, short),
    )


def _worst(reach: Reach, siting: Siting, problem_of: Callable[[Relief | None], SitingProblem]) -> Answer:
    """The least minutes within which everybody who can be reached is reached, and the cheapest sites that do so.

    Sought by halving among the minutes that occur; `bound` is the least of them that is not proved impossible. Where not even the whole
    circle can be met within the limits, the sites reach as many as they can and the worst of all is infinite.
    """

    def tried(minutes: float) -> tuple[SitingProblem, Solved]:
        problem = problem_of(within_short(reach, minutes))
        return problem, _solved(problem, siting)

    radii = [*_radii(reach).tolist(), np.inf]
    low, high, impossible = 0, len(radii) - 1, -1
    while low < high:
        at = (low + high) // 2
        problem, solved = tried(radii[at])
        if _everybody(problem, problem.relieved(solved.opened)):
            high = at
        else:
            low = at + 1
            impossible = at if _is_proved_impossible(problem, solved) else impossible
    problem, solved = tried(min(radii[high], reach.limit_minutes))
    status: Literal["optimal", "feasible"] = "optimal" if impossible == high - 1 and np.isfinite(radii[high]) else "feasible"
    return Answer(problem, replace(solved, status=status), radii[high], radii[impossible + 1], "minutes")


def _everybody(problem: SitingProblem, relieved: NDArray[np.float64]) -> bool:
    """Whether nobody of the circle is left farther away than asked."""
    mine = [r for r in problem.requirements if problem.rule_ids[r.rule] == goal_id("worst_minutes")]
    return problem.with_requirements(tuple(mine)).meets(relieved)


def _is_proved_impossible(problem: SitingProblem, solved: Solved) -> bool:
    """Whether no choice at all reaches everybody: opening everything does not, or, where nothing else has to be met, the search for how
    far it can be met was complete."""
    return not _everybody(problem, problem.reach()) or (solved.status == "optimal" and len(problem.requirements) == 1)


def _radii(reach: Reach) -> NDArray[np.float64]:
    """The minutes that the worst can be, ascending: those of people to facilities and candidates."""
    used = reach.people > 0
    now = reach.minutes[used & np.isfinite(reach.minutes)]
    return np.unique(np.concatenate([now, reach.to_candidate[used[reach.demand_row]]]))
