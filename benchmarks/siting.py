"""Choosing sites against the plain ways: `python -m benchmarks.siting [--large]`.

Instances: uniform points of 1 to 100 people, uniform candidates, each point within reach of about 19 candidates; maximal covering
(MCLP: most people reached by p sites) and set covering (LSCP: fewest sites that reach everybody who can be reached).
Figures: objective, proven gap, seconds of the second run (compiled), and the ratio to the plain numpy greedy.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import optimize, sparse
from scipy.spatial import KDTree

from planner.siting.problem import FULL, Candidates, Requirement, SitingProblem
from planner.siting.solve import solve

T = TypeVar("T")

REACHED = 19.1
"""candidates within reach of a point, as in a county of 10,000 points and 2,000 candidates"""


def covering(n: int, m: int, p: float, seed: int = 1) -> SitingProblem:
    """A maximal covering problem of n points, m candidates and p sites."""
    rng = np.random.default_rng(seed)
    points, sites = rng.random((n, 2)), rng.random((m, 2))
    people = rng.integers(1, 101, n).astype(float)
    rows = KDTree(sites).query_ball_point(points, np.sqrt(REACHED / m / np.pi), return_sorted=True)
    lengths = np.array([len(row) for row in rows])
    ones, number = np.ones(m), np.arange(m, dtype=np.int32)
    ids = np.array([f"c{j:06d}" for j in range(m)], dtype=object)
    return SitingProblem(
        goal="relieve",
        candidates=Candidates(ids, number, ones, ones, "yuan", np.zeros(m, dtype=bool), number, np.inf, p),
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


def table(problem: SitingProblem) -> sparse.csr_matrix:
    """Needs x candidates, 1 where reached."""
    shape = (problem.n_needs, problem.n_candidates)
    return sparse.csr_matrix((np.ones(len(problem.relief)), problem.candidate, problem.start), shape=shape)


def numpy_greedy(problem: SitingProblem) -> float:
    """Objective of the plain greedy: one matrix-vector product per site."""
    reach = table(problem).T.tocsr()
    left = problem.amount.copy() if problem.goal == "relieve" else np.ones(problem.n_needs)
    n = 0
    while n < problem.candidates.sites_left:
        gain = reach @ left
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        left[reach.indices[reach.indptr[best] : reach.indptr[best + 1]]] = 0.0
        n += 1
    return 1.0 - float(left.sum() / problem.amount.sum()) if problem.goal == "relieve" else float(n)


def scipy_milp(problem: SitingProblem, time_limit_s: float) -> tuple[float, float]:
    """Objective and bound of scipy's `milp` (HiGHS) on the textbook formulation."""
    reach, m = table(problem), problem.n_candidates
    options = {"time_limit": time_limit_s}
    if problem.goal == "meet":
        can = np.flatnonzero(np.diff(problem.start))
        rows = optimize.LinearConstraint(reach[can], 1, np.inf)
        found = optimize.milp(np.ones(m), constraints=rows, integrality=np.ones(m), bounds=optimize.Bounds(0, 1), options=options)
        return float("nan") if found.fun is None else found.fun, float("nan") if found.mip_dual_bound is None else found.mip_dual_bound
    n = problem.n_needs
    rows = [
        optimize.LinearConstraint(sparse.hstack([reach, -sparse.eye(n)]), 0, np.inf),
        optimize.LinearConstraint(sparse.csr_matrix(np.concatenate([np.ones(m), np.zeros(n)])), 0, problem.candidates.sites_left),
    ]
    cost = np.concatenate([np.zeros(m), -problem.weight * problem.amount])
    whole = np.concatenate([np.ones(m), np.zeros(n)])
    found = optimize.milp(cost, constraints=rows, integrality=whole, bounds=optimize.Bounds(0, 1), options=options)
    return (float("nan") if found.fun is None else -found.fun), (float("nan") if found.mip_dual_bound is None else -found.mip_dual_bound)


def timed(work: Callable[[], T], runs: int = 1) -> tuple[T, float]:
    """What the work gives, and the seconds of its last run."""
    for _ in range(runs):
        begin = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - begin
    return result, seconds


def line(name: str, objective: float, bound: float, seconds: float, greedy: float) -> None:
    """One row of the report."""
    gap = abs(bound - objective) / max(abs(objective), 1e-9)
    print(f"  {name:<22}{objective:>12.6g}{bound:>12.6g}{100 * gap:>9.3f} %{seconds:>9.3f} s{objective / greedy:>9.4f}")


def report(title: str, problem: SitingProblem, methods: tuple[str, ...], time_limit_s: float) -> None:
    """All ways on one instance."""
    print(f"\n{title}: {problem.n_needs} needs x {problem.n_candidates} candidates, {len(problem.relief)} arcs")
    print(f"  {'':<22}{'objective':>12}{'bound':>12}{'gap':>11}{'time':>11}{'/greedy':>9}")
    greedy, seconds = timed(lambda: numpy_greedy(problem))
    line("numpy greedy", greedy, float("nan"), seconds, greedy)
    for method in methods:
        solved, seconds = timed(lambda method=method: solve(problem, method, time_limit_s), runs=2)
        line(f"{method} ({solved.status})", solved.objective, solved.bound, seconds, greedy)
    (objective, bound), seconds = timed(lambda: scipy_milp(problem, time_limit_s))
    line("scipy milp", objective, bound, seconds, greedy)


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="10,000 x 2,000 as well, some minutes")
    parser.add_argument("--seconds", type=float, default=20.0, help="time limit of each solver run")
    asked = parser.parse_args()
    sizes: list[tuple[int, int, int, tuple[str, ...]]] = [(1_000, 200, 10, ("heuristic", "exact"))]
    if asked.large:
        sizes.append((10_000, 2_000, 100, ("heuristic", "exact")))
    for n, m, p, methods in sizes:
        problem = covering(n, m, p)
        report(f"MCLP, p = {p}", problem, methods, asked.seconds)
        report("LSCP", set_cover(problem), methods, asked.seconds)


if __name__ == "__main__":
    main()
