"""Choosing sites against the other ways: `python -m benchmarks.siting [--medium] [--large] [--seconds 60]`.

Instances: uniform points of 1 to 100 people, uniform candidates, each point within reach of about 19 candidates. Maximal covering (MCLP:
most people reached by p sites), set covering (LSCP: fewest sites that reach everybody who can be reached), p-median (least minutes of all,
twice the radius for those whom no site reaches), maximal covering under capacities (CMCLP) and who goes where within capacities. Objective,
proven gap, seconds of the processor, all threads and children counted (compiled), and each way's seconds over ours. A way that stops at
its time limit (in wall seconds) is compared by its gap, not by its time.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, sparse
from scipy.spatial import KDTree

from benchmarks import siting_rivals as rivals
from layers.study_area import StudyArea
from planner.access import assign_people
from planner.siting.best_of.choice import bounded_choice
from planner.siting.best_of.model import BestOf
from planner.siting.circle_goals import Reach, minutes_short
from planner.siting.model import Siting
from planner.siting.problem import FULL, Candidates, Requirement, SitingProblem
from planner.siting.proof.ascent import Limits
from planner.siting.seats.choice import solve_seats
from planner.siting.seats.search import Seats
from planner.siting.seats.ways import ways_of
from planner.siting.solve import solve
from planner.travel.arcs import Arcs

T = TypeVar("T")

REACHED = 19.1
"""candidates within reach of a point, as in a county of 10,000 points and 2,000 candidates"""
HEADER = "| task | size | way | objective | bound | gap % | CPU seconds | times ours |\n|---|---|---|---:|---:|---:|---:|---:|"


def _places(
    n: int, m: int, seed: int, reached: float = REACHED
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """Points (n, 2), sites (m, 2), people (n,) and the radius within which a point has about so many sites."""
    rng = np.random.default_rng(seed)
    points, sites = rng.random((n, 2)), rng.random((m, 2))
    return points, sites, rng.integers(1, 101, n).astype(float), float(np.sqrt(reached / m / np.pi))


def _free_of_charge(m: int, p: float) -> Candidates:
    ones, number = np.ones(m), np.arange(m, dtype=np.int32)
    ids = np.array([f"c{j:06d}" for j in range(m)], dtype=object)
    return Candidates(ids, number, ones, ones, "yuan", np.zeros(m, dtype=bool), number, np.inf, p)


def covering(n: int, m: int, p: float, seed: int = 1) -> SitingProblem:
    """A maximal covering problem of n points, m candidates and p sites."""
    points, sites, people, radius = _places(n, m, seed)
    rows = KDTree(sites).query_ball_point(points, radius, return_sorted=True)
    lengths = np.array([len(row) for row in rows])
    return SitingProblem(
        goal="relieve",
        candidates=_free_of_charge(m, p),
        rule_ids=("cover",),
        needs=pd.DataFrame(),
        rule=np.zeros(n, dtype=np.int32),
        amount=people,
        weight=np.full(n, 1.0 / people.sum()),
        count=np.ones(n),
        start=np.concatenate([[0], lengths.cumsum()]).astype(np.int64),
        candidate=np.concatenate([np.array(row, dtype=np.int32) for row in rows]),
        relief=np.repeat(people, lengths),
    )


def set_cover(problem: SitingProblem) -> SitingProblem:
    """The cheapest set that relieves every need that can be relieved, on the same instance."""
    everybody = float((problem.reach() >= problem.amount * FULL).sum())
    return replace(
        problem,
        goal="meet",
        candidates=replace(problem.candidates, sites_left=np.inf),
        requirements=(Requirement(0, everybody, "needs"),),
    )


@dataclass(frozen=True)
class Points:
    """As much of a `StudyArea` as `minutes_short` reads."""

    demand: pd.DataFrame


def _pairs(n: int, m: int, seed: int) -> tuple[NDArray[np.float64], float, NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """People, radius, and the pairs within it: point, site, minutes (distances in thousandths of the square)."""
    points, sites, people, radius = _places(n, m, seed)
    near = KDTree(points).sparse_distance_matrix(KDTree(sites), radius, output_type="coo_matrix")
    order = np.lexsort((near.col, near.row))
    return people, 1000 * radius, near.row[order].astype(np.int32), near.col[order].astype(np.int32), 1000 * near.data[order]


def median(n: int, m: int, p: float, seed: int = 1) -> SitingProblem:
    """A p-median problem in levels; its objective is the share saved of everybody walking twice the radius."""
    people, radius, point, site, minutes = _pairs(n, m, seed)
    demand = pd.DataFrame({"demand_id": [f"d{i:06d}" for i in range(n)], "unit_id": ""})
    reach = Reach(
        area=cast("StudyArea", Points(demand)),
        people=people,
        total=float(people.sum()),
        minutes=np.full(n, np.inf),
        n_near=np.zeros(n, dtype=np.int64),
        limit_minutes=radius,
        demand_row=point,
        candidate_row=site,
        to_candidate=minutes,
    )
    relief = minutes_short(reach, Siting())
    assert relief is not None  # noqa: S101 - some site is near some point
    k = len(relief.needs)
    return SitingProblem(
        goal="relieve",
        candidates=_free_of_charge(m, p),
        rule_ids=("minutes",),
        needs=pd.DataFrame(),
        rule=np.zeros(k, dtype=np.int32),
        amount=relief.needs["amount"].to_numpy(),
        weight=np.full(k, 1.0 / float((people * 2 * radius).sum())),
        count=np.ones(k),
        start=np.concatenate([[0], np.bincount(relief.need_row, minlength=k).cumsum()]).astype(np.int64),
        candidate=relief.candidate_row,
        relief=relief.amount,
    )


def wide_median(n: int, m: int, p: float, reached: float, seed: int = 1) -> BestOf:
    """A p-median whose points have hundreds of sites in reach, without the levels; worth the share saved as in `median`."""
    points, sites, people, radius = _places(n, m, seed, reached)
    near = KDTree(points).sparse_distance_matrix(KDTree(sites), radius, output_type="coo_matrix").tocsr()
    near.sort_indices()
    point = np.repeat(np.arange(n), np.diff(near.indptr))
    saved = people[point] * (2 * radius - near.data) / float((people * 2 * radius).sum())
    limits = Limits(np.zeros(0), np.inf, p, np.ones(m), np.zeros(m, dtype=bool))
    return BestOf(near.indptr.astype(np.int64), near.indices.astype(np.int32), saved, limits)


def seats(n: int, m: int, p: float, seed: int = 1) -> Seats:
    """A maximal covering under capacities: p sites of average size hold 95 % of all people, the smallest a third of the largest."""
    people, _, point, site, _ = _pairs(n, m, seed)
    size = np.random.default_rng(seed + 7).uniform(0.5, 1.5, m)
    capacity = np.floor(size * 0.95 * people.sum() / p)
    nothing = np.zeros(0)
    none = np.zeros(0, dtype=np.int32)
    start = np.zeros(1, dtype=np.int64)
    free = _free_of_charge(m, p)
    limits = SitingProblem("relieve", free, (), pd.DataFrame(), none, nothing, nothing, nothing, start, none, nothing)
    return Seats(limits, ways_of(people, capacity, point, site))


def timed(work: Callable[[], T], runs: int = 1) -> tuple[T, float]:
    """What the work gives, and the processor's seconds of its last run."""
    for _ in range(runs):
        begin = sum(os.times()[:4])
        result = work()
        seconds = sum(os.times()[:4]) - begin
    return result, max(seconds, CLOCK)


CLOCK = 0.01
"""the clock of the processor goes in such steps"""


def line(task: str, size: str, way: str, found: tuple[float, float], seconds: float, ours: float) -> None:
    """One row of the report."""
    objective, bound = found
    gap = 100 * abs(bound - objective) / max(abs(objective), 1e-9)
    print(f"| {task} | {size} | {way} | {objective:.6g} | {bound:.6g} | {gap:.2f} | {seconds:.3g} | {seconds / ours:.3g} |", flush=True)


def report(task: str, size: str, problem: SitingProblem, time_limit_s: float, *, methods: tuple[str, ...], dense: bool) -> None:
    """All ways on one instance; `dense`: spopt too, which wants the whole matrix."""
    ours = 0.0
    for method in methods:
        solved, seconds = timed(lambda method=method: solve(problem, method, time_limit_s))
        ours = ours or seconds
        line(task, size, f"ours, {method} ({solved.status})", (solved.objective, solved.bound), seconds, ours)
    if "exact" not in methods and task != "p-median":
        solved, seconds = timed(lambda: solve(problem, "heuristic", 10 * time_limit_s, "thorough"))
        line(task, size, f"ours, thorough ({solved.status})", (solved.objective, solved.bound), seconds, ours)
    others: dict[str, Callable[[], tuple[float, float]]] = {
        "numpy greedy": lambda: rivals.numpy_greedy(problem),
        "scipy milp (HiGHS)": lambda: rivals.scipy_milp(problem, time_limit_s),
    }
    if rivals.has("ortools") and task != "p-median":
        others["CP-SAT, 8 workers"] = lambda: rivals.cp_sat(problem, time_limit_s)
    if rivals.has("spopt") and dense:
        others |= {f"spopt ({name})": partial(rivals.by_spopt, problem, time_limit_s, name) for name in ("CBC", "HiGHS")}
    for way, work in others.items():
        found, seconds = timed(work)
        line(task, size, way, found, seconds, ours)


def report_seats(n: int, m: int, p: float, time_limit_s: float) -> None:
    """Sites under capacities: ours, and two solvers on the program of `capacitated`."""
    asked, nobody = seats(n, m, p), np.zeros(m, dtype=bool)
    size = f"{n} x {m}, p = {p:g}"
    found, ours = timed(lambda: solve_seats(asked, nobody, "heuristic", time_limit_s))
    line("CMCLP", size, f"ours, heuristic ({found.status})", (found.served, found.bound), ours, ours)
    others = {"scipy milp (HiGHS)": rivals.milp_of_seats}
    if rivals.has("ortools"):
        others["CP-SAT, 8 workers"] = rivals.cp_sat_of_seats
    for way, work in others.items():
        answer, seconds = timed(lambda work=work: work(asked, time_limit_s))
        line("CMCLP", size, way, answer, seconds, ours)


def report_wide(n: int, m: int, p: float, reached: float) -> None:
    """A p-median of wide reach, ours only; objective and bound are the share of minutes that is left."""
    problem = wide_median(n, m, p, reached)
    found, seconds = timed(lambda: bounded_choice(problem))
    answer = (1.0 - problem.worth(found.opened), 1.0 - found.bound)
    line("p-median, minutes", f"{n} x {m}, p = {p:g}, {len(problem.value)} pairs", "ours", answer, seconds, seconds)


def report_capacity(n: int, m: int, seed: int = 1) -> None:
    """Who goes where: our assignment against scipy's `linprog` on the same pairs."""
    people, _, point, site, minutes = _pairs(n, m, seed)
    capacity = np.full(m, np.floor(0.8 * people.sum() / m))
    arcs = Arcs(point, site, minutes, float(minutes.max()), n, m)
    ids = [np.array([f"{i:06d}" for i in range(k)], dtype=object) for k in (n, m)]
    found, ours = timed(lambda: assign_people(arcs, people, capacity, demand_ids=ids[0], site_ids=ids[1]), runs=2)
    line("capacity", f"{n} x {m}", "ours", (float(found.served.sum()), NOT_PROVED), ours, ours)
    k = len(point)
    rows = sparse.csr_matrix((np.ones(2 * k), (np.concatenate([point, n + site]), np.tile(np.arange(k), 2))), shape=(n + m, k))
    limits = np.concatenate([people, capacity])
    lp, seconds = timed(lambda: optimize.linprog(-np.ones(k), A_ub=rows, b_ub=limits, method="highs"))
    line("capacity", f"{n} x {m}", "scipy linprog, people served only", (-lp.fun, -lp.fun), seconds, ours)


NOT_PROVED = float("nan")
SMALL = ((1_000, 200, 10),)
MEDIUM = ((10_000, 500, 30), (10_000, 2_000, 10), (10_000, 2_000, 100))
LARGE = ((100_000, 20_000, 100), (100_000, 20_000, 1_000))


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--medium", action="store_true", help="10,000 points as well, some minutes")
    parser.add_argument("--large", action="store_true", help="100,000 x 20,000, ours only")
    parser.add_argument("--seconds", type=float, default=20.0, help="time limit of each solver run")
    asked = parser.parse_args()
    solve(covering(300, 60, 5), "heuristic", 5.0)  # compiles
    solve(set_cover(covering(300, 60, 5)), "heuristic", 5.0)
    print(HEADER)
    for n, m, p in (*SMALL, *(MEDIUM if asked.medium else ())):
        methods = ("heuristic", "exact") if n <= 1_000 else ("heuristic",)
        report("MCLP", f"{n} x {m}, p = {p}", covering(n, m, p), asked.seconds, methods=methods, dense=n * m <= 2_000_000)
        report("p-median", f"{n} x {m}, p = {p}", median(n, m, p), asked.seconds, methods=("heuristic",), dense=False)
    for n, m in ((1_000, 200), *(((10_000, 2_000),) if asked.medium else ())):
        report("LSCP", f"{n} x {m}", set_cover(covering(n, m, 0)), asked.seconds, methods=("heuristic",), dense=n * m <= 2_000_000)
    solve_seats(seats(300, 60, 5), np.zeros(60, dtype=bool), "heuristic", 5.0)
    for n, m, p in ((1_000, 200, 10), *(((10_000, 2_000, 100),) if asked.medium else ())):
        report_seats(n, m, p, asked.seconds)
    report_capacity(1_000, 50)
    if asked.medium:
        report_capacity(10_000, 200)
        report_wide(10_000, 2_000, 100, 174)
    if asked.large:
        report_wide(100_000, 20_000, 100, 192)
    for n, m, p in LARGE if asked.large else ():
        problem = covering(n, m, p)
        solved, seconds = timed(lambda problem=problem: solve(problem, "heuristic", asked.seconds))
        line("MCLP", f"{n} x {m}, p = {p}", f"ours, heuristic ({solved.status})", (solved.objective, solved.bound), seconds, seconds)


if __name__ == "__main__":
    main()
