"""The proved optimum of a small problem, by HiGHS on the program of `planner.siting.proof.program`.

One thread, a fixed seed and a limit of nodes make the answer the same everywhere. The limit in seconds is a safety net: a run that
meets it returns the best it has, with its gap, as "time limit", and another machine may have got further.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
from highspy._core import _Highs
from numpy.typing import NDArray

from planner import linear
from planner.siting.problem import SitingProblem
from planner.siting.proof.program import Goal, Program, program

PROVED_GAP = 1e-6
"""relative gap up to which a choice is called optimal"""
MAX_NODES = 200_000


@dataclass(frozen=True, eq=False)
class Solution:
    """What a method found for a merged problem."""

    opened: NDArray[np.bool_]
    """(m,)"""
    bound: float
    """no choice does better: an upper bound for goals relieve and attain, a lower one for meet; in the unit of the objective"""
    status: Literal["optimal", "feasible", "time limit"]
    method: str


def highs(model: Program, *, whole: bool, time_limit_s: float) -> _Highs:
    """HiGHS holding the program, its relaxation unless `whole`."""
    options = {
        "time_limit": time_limit_s,
        "mip_rel_gap": PROVED_GAP / 10,
        "mip_abs_gap": 0.0,
        "mip_max_nodes": MAX_NODES,
        "mip_feasibility_tolerance": 1e-9,
        "primal_feasibility_tolerance": 1e-9,
    }
    columns, rows = (model.v_lower, model.v_upper), (model.lower, model.upper)
    return linear.highs(model.cost, columns, model.matrix, rows, options, whole=model.whole if whole else None)


def solve_exact(problem: SitingProblem, goal: Goal, time_limit_s: float) -> Solution | None:
    """The optimum of a merged problem's goal, or the best found when a limit was met; None as for `solve_program`."""
    return solve_program(program(problem, goal), problem.n_candidates, time_limit_s)


def solve_program(model: Program, n_candidates: int, time_limit_s: float) -> Solution | None:
    """The optimum, or the best found when a limit was met; None when nothing was found, or what was found contradicts itself.

    HiGHS is not told the heuristics' choice: given a start by `setSolution`, HiGHS 1.16 proved 20 sites optimal where 21 are needed (the
    start loses a site in presolve; `test_siting_methods.py` holds the case). So its objective is also held against its own choice.
    """
    solver = highs(model, whole=True, time_limit_s=time_limit_s)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    v = np.asarray(solver.getSolution().col_value)
    if abs(float(model.cost @ v) - info.objective_function_value) > PROVED_GAP * max(1.0, abs(info.objective_function_value)):
        return None
    proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal and info.mip_gap <= PROVED_GAP
    bound = model.factor * (info.objective_function_value if proved else info.mip_dual_bound)
    return Solution(v[:n_candidates] > 0.5, bound, "optimal" if proved else "time limit", "exact")
