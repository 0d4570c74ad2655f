"""A proven bound: what no choice of sites can do better than, from the linear relaxation of `planner.siting.proof.program`.

The relaxation is solved by HiGHS' interior point method, but its answer is not believed: any prices u of the rows give by weak duality

    min cost v  >=  sum_rows (u > 0: u lower, u < 0: u upper) + sum_columns min over v_lower..v_upper of (cost - u matrix) v

so the bound is worked out from the prices alone, and holds whatever the solver's tolerance and whenever it was stopped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.siting.problem import SitingProblem
from planner.siting.proof import volume
from planner.siting.proof.exact import highs
from planner.siting.proof.program import Program, program

MAX_ROUNDS = 200
"""interior point iterations: a limit that is the same on every machine"""
LARGE_ARCS = 300_000
"""beyond, the relaxation takes minutes and `volume` seconds (100,000 needs, 20,000 candidates, 1.9 million arcs)"""


def bound_of(problem: SitingProblem, objective: float, time_limit_s: float) -> tuple[float, NDArray[np.float64]]:
    """The proven bound of a merged problem's goal, and (m,) the share to which it opens each candidate: a hint for heuristics.

    `objective` is that of a known choice. Where all prices are whole multiples of one sum, so is what has to be paid at least.
    """
    if len(problem.relief) > LARGE_ARCS and volume.applies(problem):
        bound, hint = volume.volume_bound(problem, objective)
    else:
        bound, hint = relaxation(program(problem, problem.goal), problem.n_candidates, time_limit_s)
    return (rounded_up(bound, problem.candidates.price) if problem.goal == "meet" else bound), hint


def rounded_up(bound: float, price: NDArray[np.float64]) -> float:
    """The least sum of prices that is not below a bound, as far as their common divisor tells."""
    if not np.isfinite(bound) or (price != np.round(price)).any() or price.max(initial=0.0) > 2**53 or not price.any():
        return bound
    unit = int(np.gcd.reduce(price.astype(np.int64)))
    return float(unit * np.ceil(bound / unit - 1e-6))


def relaxation(model: Program, n_candidates: int, time_limit_s: float) -> tuple[float, NDArray[np.float64]]:
    """The bound of the goal's objective, and (m,) the share to which the relaxation opens each candidate."""
    solver = highs(model, whole=False, time_limit_s=time_limit_s)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.setOptionValue("ipm_iteration_limit", MAX_ROUNDS)
    solver.run()
    solution = solver.getSolution()
    m = n_candidates
    prices = np.asarray(solution.row_dual) if solution.dual_valid else np.zeros(len(model.lower))
    hint = np.asarray(solution.col_value)[:m] if solution.value_valid else np.zeros(m)
    best = max(weak_bound(model, prices), weak_bound(model, np.zeros(len(model.lower))))
    return model.factor * best, hint


def weak_bound(model: Program, prices: NDArray[np.float64]) -> float:
    """The lower bound of cost @ v that (rows,) prices prove; -inf where a free column has a price left."""
    u = np.where(np.isfinite(model.lower), np.maximum(prices, 0.0), 0.0) + np.where(np.isfinite(model.upper), np.minimum(prices, 0.0), 0.0)
    with np.errstate(invalid="ignore"):
        rows = np.where(u > 0, u * model.lower, np.where(u < 0, u * model.upper, 0.0)).sum()
        left = model.cost - model.matrix.T @ u
        columns = np.where(left > 0, left * model.v_lower, np.where(left < 0, left * model.v_upper, 0.0)).sum()
    return float(rows + columns)
