"""Why each site: what it mends in the order of usefulness, what would stand in for it, and what stays unmet."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.siting import heuristic, moves
from planner.siting.model import Choice
from planner.siting.problem import FULL, SitingProblem

UnmetCode = Literal["out_of_reach", "in_part", "limits"]

UNMET: dict[UnmetCode, str] = {
    "out_of_reach": "no candidate can relieve it",
    "in_part": "all candidates together relieve only a part",
    "limits": "the chosen sites do not reach it",
}
"""Why a mandatory need is left: limits stands for the budget, the number of sites, plots, or places enough met without it."""


def most_useful_first(problem: SitingProblem, opened: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Positions of the opened candidates, each the one that adds most weighted relief per price to those before it; ties by position."""
    net = heuristic.net_of(problem, problem.weight)
    free = net._replace(required=np.zeros_like(opened))
    state = moves.start(free, np.inf, np.inf, np.inf)
    order = np.empty(problem.n_candidates, dtype=np.int32)
    n = moves.fill(free, state, heuristic.per_price(problem), opened, order, False)
    rest = np.setdiff1d(np.flatnonzero(opened), order[:n])
    return np.concatenate([order[:n], rest]).astype(np.int64)


def reasons_table(problem: SitingProblem, order: NDArray[np.int64]) -> pd.DataFrame:
    """candidate_id, rule_id, relieved, unit, n_units: what each site of the order adds to those before it, rule by rule."""
    start, need, relief = problem.by_candidate()
    have = np.zeros(problem.n_needs)
    unit_ids = problem.needs["unit_id"].to_numpy()
    units = [_unit_of(problem, rule) for rule in range(len(problem.rule_ids))]
    rows: list[tuple[str, str, float, str, int]] = []
    for j in order:
        mine = need[start[j] : start[j + 1]]
        before = np.minimum(problem.amount[mine], have[mine])
        have[mine] += relief[start[j] : start[j + 1]]
        added = np.minimum(problem.amount[mine], have[mine]) - before
        for rule in np.unique(problem.rule[mine]):
            part = (problem.rule[mine] == rule) & (np.abs(added) > (1 - FULL) * problem.amount[mine])
            if part.any():
                n_units = len(set(unit_ids[mine[part]]))
                rows.append((str(problem.candidates.ids[j]), problem.rule_ids[rule], float(added[part].sum()), units[rule], n_units))
    return pd.DataFrame(rows, columns=["candidate_id", "rule_id", "relieved", "unit", "n_units"])


def claimed_table(problem: SitingProblem, relieved: NDArray[np.float64]) -> pd.DataFrame:
    """rule_id, shortfall_before, relieved, unit: one row per rule that falls short."""
    n = len(problem.rule_ids)
    return pd.DataFrame(
        {
            "rule_id": list(problem.rule_ids),
            "shortfall_before": np.bincount(problem.rule, weights=problem.amount, minlength=n)[:n],
            "relieved": np.bincount(problem.rule, weights=relieved, minlength=n)[:n],
            "unit": [_unit_of(problem, rule) for rule in range(n)],
        }
    )


def unmet_table(problem: SitingProblem, relieved: NDArray[np.float64]) -> pd.DataFrame:
    """rule_id, unit_id, amount, unit, reason, code: what is left in the units of mandatory rules that are not met."""
    failing = [r.rule for r in problem.requirements if problem.level(r, relieved) < r.floor]
    open_ = np.isin(problem.rule, failing) & (relieved < problem.amount * FULL)
    reach = problem.reach()
    code = np.where(reach <= 0, "out_of_reach", np.where(reach < problem.amount * FULL, "in_part", "limits"))
    needs = problem.needs.assign(amount=problem.amount - relieved, code=code)[open_]
    table = needs.groupby(["rule_id", "unit_id", "unit", "code"], sort=True, as_index=False)["amount"].sum()
    table["reason"] = table["code"].map(UNMET)
    return pd.DataFrame(table, columns=["rule_id", "unit_id", "amount", "unit", "reason", "code"])


def next_best(problem: SitingProblem, choice: Choice) -> pd.DataFrame:
    """candidate_id, next_best_id, next_best_loss: for each opened candidate the one that would stand in for it with the least loss.

    The loss is weighted relief [rules' whole shortfalls], 0 when nothing is lost; budget, number of sites and plots are kept. "" where no
    closed candidate would mend anything in its place: the loss is then that of going without it.
    """
    opened = np.isin(problem.candidates.row, choice.opened)
    net = heuristic.net_of(problem, problem.weight)
    state = heuristic.start(problem, net, np.inf)
    moves.move_to(net, state, opened)
    rows: list[tuple[str, str, float]] = []
    for j in np.flatnonzero(opened).tolist():
        lost = float(state.gain[j])
        moves.toggle(net, state, j)
        fits = np.fromiter((k != j and not state.opened[k] and moves.fits(net, state, k, -1) for k in range(len(opened))), dtype=bool)
        gain = np.where(fits, state.gain, -np.inf)
        k = int(np.argmax(gain >= gain.max() - net.least[0])) if fits.any() else -1
        stands_in = k >= 0 and gain[k] > net.least[0]
        loss = max(0.0, lost - gain[k]) if stands_in else max(0.0, lost)
        rows.append((str(problem.candidates.ids[j]), str(problem.candidates.ids[k]) if stands_in else "", loss))
        moves.toggle(net, state, j)
    return pd.DataFrame(rows, columns=["candidate_id", "next_best_id", "next_best_loss"]).sort_values("candidate_id", ignore_index=True)


def _unit_of(problem: SitingProblem, rule: int) -> str:
    """Unit of the amounts of one rule."""
    return str(problem.needs["unit"].iloc[int(np.argmax(problem.rule == rule))])
