"""Choosing sites against the other ways: `python -m benchmarks.siting [--medium] [--large] [--seconds 60]`.

Instances: uniform points of 1 to 100 people, uniform candidates, each point within reach of about 19 candidates. Maximal covering (MCLP:
most people reached by p sites), set covering (LSCP: fewest sites that reach everybody who can be reached), p-median (least minutes of all,
twice the radius for those whom no site reaches) and who goes where within capacities. Objective, proven gap, wall seconds (compiled),
and each way's seconds over ours. A way that stops at its time limit is compared by its gap, not by its time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, sparse
from scipy.spatial import KDTree

from benchmarks import siting_rivals as rivals
from layers.study_area import StudyArea
from planner.access import assign_people
from planner.siting.circle_goals import Reach, minutes_short
from planner.siting.model import Siting
from planner.siting.problem import FULL, Candidates, Requirement, SitingProblem
from planner.siting.solve import solve
from planner.travel.arcs import Arcs

T = TypeVar("T")

REACHED = 19.1
"""candidates within reach of a point, as in a county of 10,000 points and 2,000 candidates"""
HEADER = "| task | size | way | objective | bound | gap % | seconds | times ours |\n|---|---|---|---:|---:|---:|---:|---:|"


def _places(n: int, m: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """Points (n, 2), sites (m, 2), people (n,) and the radius within which a point has about `REACHED` sites."""
    rng = np.random.default_rng(seed)
    points, sites = rng.random((n, 2)), rng.random((m, 2))
    return points, sites, rng.integers(1, 101, n).astype(float), float(np.sqrt(REACHED / m / np.pi))


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


def timed(work: Callable[[], T], runs: int = 1) -> tuple[T, float]:
    """What the work gives, and the wall seconds of its last run."""
    for _ in range(runs):
        begin = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - begin
    return result, seconds


def line(task: str, size: str, way: str, found: tuple[float, float], seconds: float, ours: float) -> None:
    """One row of the report."""
    objective, bound = found
    gap = 100 * abs(bound - objective) / max(abs(objective), 1e-9)
    print(f"| {task} | {size} | {way} | {objective:.6g} | {bound:.6g} | {gap:.2f} | {seconds:.3g} | {seconds / ours:.3g} |", flush=True)


def report(task: str, problem: SitingProblem, time_limit_s: float, *, methods: tuple[str, ...], dense: bool) -> None:
    """All ways on one instance; `dense`: spopt too, which wants the whole matrix."""
    size = f"{problem.n_needs} x {problem.n_candidates}" + (
        f", p = {problem.candidates.sites_left:g}" if np.isfinite(problem.candidates.sites_left) else ""
    )
    ours = 0.0
    for method in methods:
        solved, seconds = timed(lambda method=method: solve(problem, method, time_limit_s))
        ours = ours or seconds
        line(task, size, f"ours, {method} ({solved.status})", (solved.objective, solved.bound), seconds, ours)
    others: dict[str, Callable[[], tuple[float, float]]] = {
        "numpy greedy": lambda: rivals.numpy_greedy(problem),
        "scipy milp (HiGHS)": lambda: rivals.scipy_milp(problem, time_limit_s),
    }
    if rivals.has("ortools") and task != "p-median":
        others["CP-SAT, 8 workers"] = lambda: rivals.cp_sat(problem, time_limit_s)
    if rivals.has("spopt") and dense:
        others["spopt (CBC)"] = lambda: rivals.spopt_cbc(problem, time_limit_s)
    for way, work in others.items():
        found, seconds = timed(work)
        line(task, size, way, found, seconds, ours)


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
        report("MCLP", covering(n, m, p), asked.seconds, methods=methods, dense=n * m <= 2_000_000)
        report("p-median", median(n, m, p), asked.seconds, methods=("heuristic",), dense=False)
    for n, m in ((1_000, 200), *(((10_000, 2_000),) if asked.medium else ())):
        report("LSCP", set_cover(covering(n, m, 0)), asked.seconds, methods=("heuristic",), dense=n * m <= 2_000_000)
    report_capacity(1_000, 50)
    if asked.medium:
        report_capacity(10_000, 200)
    for n, m, p in LARGE if asked.large else ():
        solved, seconds = timed(lambda n=n, m=m, p=p: solve(covering(n, m, p), "heuristic", asked.seconds))
        line("MCLP", f"{n} x {m}, p = {p}", f"ours, heuristic ({solved.status})", (solved.objective, solved.bound), seconds, seconds)


if __name__ == "__main__":
    main()
