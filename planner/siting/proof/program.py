r"""The choice of sites as a mixed integer program: the one place where the mathematics stands. `exact` solves it, `bound` relaxes it.

Sets
    i needs, j candidates that may be opened, r mandatory rules, N(i) = {j: a_ij != 0}, P the plots.
Data
    a_ij  relief of need i by candidate j (may be negative), b_i amount of need i, w_i worth of one unit of its relief,
    k_i   how many equal needs the row stands for, c_j price, B budget, p number of sites, L_r what rule r asks.
Variables
    x_j in {0, 1}         candidate j is opened; 1 where it is required
    y_i <= 1              share of need i that is relieved
    z_i in {0, 1}         need i is relieved in full
Constraints
    reach      sum_j a_ij/b_i x_j - y_i >= 0                      the share relieved is what the open candidates bring
    in full    sum_j a_ij/b_i x_j - (1 - l_i) z_i >= l_i          l_i = sum_j min(0, a_ij/b_i); z_i = 1 only when all is relieved
    required   sum_i k_i z_i >= L_r   or   sum_i b_i y_i >= L_r   for every mandatory rule
               sum_j a_ij/b_i x_j >= 1                            in their place, when a rule asks for all that can be reached
    plot       sum_(j in P) x_j <= 1
    limits     sum_j c_j x_j <= B,  sum_j x_j <= p                without the required candidates
Goals
    relieve    max sum_i w_i b_i y_i                              with L = 0 the maximal covering problem (Church and ReVelle 1974)
    meet       min sum_j c_j x_j                                  with all needs required the set covering problem (Toregas et al. 1971)
    attain     max sum_r min(1, level_r / L_r)                    how far the mandatory rules can be met at all

z_i may be continuous where every candidate alone relieves the need in full: x is whole, so z is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.siting.problem import FULL, Requirement, SitingProblem

Goal = Literal["relieve", "meet", "attain"]


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise cost @ v where lower <= matrix @ v <= upper, v_lower <= v <= v_upper and v is whole where marked; v = (x, y, z, t)."""

    cost: NDArray[np.float64]
    v_lower: NDArray[np.float64]
    v_upper: NDArray[np.float64]
    whole: NDArray[np.bool_]
    matrix: sparse.csr_matrix
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    factor: float
    """objective of the goal = factor * (cost @ v); negative where the goal is to maximise"""


@dataclass(frozen=True, eq=False)
class _Columns:
    """Which needs have a y, a z, or a row of their own."""

    y: NDArray[np.int64]
    """(n,) column of y_i, -1 for none"""
    z: NDArray[np.int64]
    """(n,) column of z_i, -1 for none; the column of y_i where every candidate alone relieves need i in full"""
    in_full: NDArray[np.bool_]
    """(n,) everything that can be reached of this need is asked for"""
    partial: tuple[Requirement, ...]
    """the requirements that ask for less than everything"""
    n: int
    """number of x, y and z columns"""


def program(problem: SitingProblem, goal: Goal) -> Program:
    """The program of a merged problem for one goal; goal attain takes `problem.requirements` as far as they can be met."""
    m, need = problem.n_candidates, problem.arc_need
    share = problem.relief / problem.amount[need]
    harm = np.bincount(need, weights=np.minimum(share, 0.0), minlength=problem.n_needs)
    columns = _columns(problem, goal, share)
    n_columns = columns.n + (len(columns.partial) if goal == "attain" else 0)
    reach = sparse.csr_matrix((share, problem.candidate, problem.start), shape=(problem.n_needs, n_columns))
    most = problem.reach() / problem.amount
    y_need = np.flatnonzero(columns.y >= 0)
    z_need = np.flatnonzero((columns.z >= 0) & (columns.z != columns.y))
    full = np.flatnonzero(columns.in_full)

    blocks = [
        (reach[y_need] - _unit_rows(columns.y[y_need], n_columns), np.zeros(len(y_need)), np.inf),
        (reach[z_need] - sparse.diags(1.0 - harm[z_need]) @ _unit_rows(columns.z[z_need], n_columns), harm[z_need], np.inf),
        (reach[full], most[full], np.inf),
        *_requirement_rows(problem, columns, n_columns, goal),
        *_limit_rows(problem, n_columns),
    ]
    v_lower, v_upper = np.zeros(n_columns), np.ones(n_columns)
    v_lower[:m] = problem.candidates.required
    v_lower[columns.y[y_need]], v_upper[columns.y[y_need]] = harm[y_need], most[y_need]
    v_lower[columns.n :] = -np.inf if problem.has_harm else 0.0
    cost = _cost(problem, columns, n_columns, goal)
    unit = float(np.abs(cost[cost != 0]).mean()) if cost.any() else 1.0
    whole = np.zeros(n_columns, dtype=bool)
    whole[:m] = True
    whole[columns.z[z_need]] = True
    return Program(
        cost=cost / unit,
        v_lower=v_lower,
        v_upper=v_upper,
        whole=whole,
        matrix=sparse.vstack([block for block, _, _ in blocks], format="csr"),
        lower=np.concatenate([np.broadcast_to(low, block.shape[0]) for block, low, _ in blocks]).astype(float),
        upper=np.concatenate([np.broadcast_to(up, block.shape[0]) for block, _, up in blocks]).astype(float),
        factor=unit if goal == "meet" else -unit,
    )


def _columns(problem: SitingProblem, goal: Goal, share: NDArray[np.float64]) -> _Columns:
    """Give columns to the needs that the goal or a requirement looks at."""
    n, m = problem.n_needs, problem.n_candidates
    most = problem.reach()
    reachable = most >= problem.amount * FULL
    in_full, counted = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    has_y = (problem.weight > 0) if goal == "relieve" else np.zeros(n, dtype=bool)
    partial: list[Requirement] = []
    for requirement in problem.requirements:
        mine = problem.rule == requirement.rule
        by_needs = requirement.counted == "needs"
        all_there_is = problem.count[mine & reachable].sum() if by_needs else most[mine].sum()
        if goal != "attain" and requirement.at_least >= all_there_is * FULL:
            in_full |= (mine & reachable) if by_needs else mine
            continue
        partial.append(requirement)
        if by_needs:
            counted |= mine & reachable
        else:
            has_y |= mine
    short = np.zeros(n, dtype=bool)
    short[problem.arc_need[(share < FULL) & (share != 0)]] = True
    has_y |= counted & ~short
    has_z = counted & short
    y = np.where(has_y, m + np.cumsum(has_y) - 1, -1)
    z = np.where(has_z, m + has_y.sum() + np.cumsum(has_z) - 1, -1)
    z[counted & ~short] = y[counted & ~short]
    return _Columns(y, z, in_full, tuple(partial), m + int(has_y.sum()) + int(has_z.sum()))


_Block = tuple[sparse.csr_matrix, NDArray[np.float64] | float, NDArray[np.float64] | float]
"""rows, their lower and their upper limits"""


def _unit_rows(columns: NDArray[np.int64], n_columns: int) -> sparse.csr_matrix:
    """One row per given column with a single 1 in it."""
    n = len(columns)
    return sparse.csr_matrix((np.ones(n), (np.arange(n), columns)), shape=(n, n_columns))


def _requirement_rows(problem: SitingProblem, columns: _Columns, n_columns: int, goal: Goal) -> list[_Block]:
    """level_r / S >= L_r / S, or >= t_r for goal attain; S = L_r, or the whole amount where harm leaves L_r <= 0."""
    blocks: list[_Block] = []
    for at, requirement in enumerate(columns.partial):
        row = np.zeros(n_columns)
        mine = problem.rule == requirement.rule
        size = requirement.at_least if requirement.at_least > 0 else float(problem.amount[mine].sum()) or 1.0
        if requirement.counted == "needs":
            mine &= columns.z >= 0
            row[columns.z[mine]] = problem.count[mine] / size
        else:
            row[columns.y[mine]] = problem.amount[mine] / size
        if goal == "attain":
            row[columns.n + at] = -1.0
        blocks.append((sparse.csr_matrix(row), 0.0 if goal == "attain" else requirement.at_least / size, np.inf))
    return blocks


def _limit_rows(problem: SitingProblem, n_columns: int) -> list[_Block]:
    """Plots, budget (as a share of it) and number of sites."""
    who, m = problem.candidates, problem.n_candidates
    free = np.where(who.required, 0.0, 1.0)
    blocks: list[_Block] = []
    plots = np.flatnonzero(np.bincount(who.plot, minlength=1) > 1)
    if len(plots):
        of_plot = sparse.csr_matrix((np.ones(m), (who.plot, np.arange(m))), shape=(int(who.plot.max()) + 1, n_columns))
        blocks.append((of_plot[plots], -np.inf, 1.0))
    for limit, each in ((who.budget_left, who.price * free), (who.sites_left, who.n_sites * free)):
        if np.isfinite(limit):
            row = np.zeros(n_columns)
            row[:m] = each / max(limit, 1.0)
            blocks.append((sparse.csr_matrix(row), -np.inf, limit / max(limit, 1.0)))
    return blocks


def _cost(problem: SitingProblem, columns: _Columns, n_columns: int, goal: Goal) -> NDArray[np.float64]:
    """What is minimised, before scaling."""
    cost = np.zeros(n_columns)
    if goal == "relieve":
        weighted = problem.weight > 0
        cost[columns.y[weighted]] = -(problem.weight * problem.amount)[weighted]
    elif goal == "meet":
        cost[: problem.n_candidates] = problem.candidates.price
    else:
        cost[columns.n :] = -1.0
    return cost
