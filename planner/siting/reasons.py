"""Why each site: what it mends in the order of usefulness, what would stand in for it, and what stays unmet."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from layers.saying import Said, say
from planner.siting.problem import FULL, Requirement, SitingProblem
from planner.siting.search import filling, heuristic, moves

UnmetCode = Literal["out_of_reach", "in_part", "limits", "full", "unreached", "not_chosen"]

UNMET: dict[UnmetCode, Said] = {
    "out_of_reach": say("no candidate can relieve it"),
    "in_part": say("all candidates together relieve only a part"),
    "limits": say("the chosen sites do not reach it"),
    "full": say("the facilities and chosen sites in reach are full"),
    "unreached": say("outside, and no candidate reaches it; more than is short where a rule asks for a share only"),
    "not_chosen": say("outside, and the chosen sites do not reach it; more than is short where a rule asks for a share only"),
}
"""Why a need is left: limits stands for the budget, the number of sites, plots, or places enough met without it.

Of needs within units (people of a demand point, a piece of land) all that is outside is left, whatever share of it the rule asks for: they
have words of their own, unreached for out_of_reach and not_chosen for limits.
"""
_WITHIN_UNIT = {"out_of_reach": "unreached", "limits": "not_chosen"}


def most_useful_first(problem: SitingProblem, opened: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Positions of the opened candidates (facilities that stay as they are set aside), each the one that adds most weighted relief per price to those before it; ties by position."""
    net = heuristic.net_of(problem, problem.weight)
    free = net._replace(required=problem.candidates.is_kept & opened)
    state = moves.start(free, np.inf, np.inf, np.inf)
    order = filling.fill(free, state, heuristic.per_price(problem), opened)
    rest = np.setdiff1d(np.flatnonzero(opened & ~problem.candidates.is_kept), order)
    return np.concatenate([order, rest]).astype(np.int64)


def reasons_table(problem: SitingProblem, order: NDArray[np.int64]) -> pd.DataFrame:
    """candidate_id, rule_id, relieved, unit, n_units: what each site of the order adds to those before it and to the place as it stands.

    Facilities that could be replaced stand until a site of the order takes their place: what that one adds is the difference.
    """
    _, _, _, start, need, relief = problem.pairs
    who = problem.candidates
    have = np.bincount(problem.arc_need, weights=problem.relief * who.is_kept[problem.candidate], minlength=problem.n_needs).astype(
        np.float64
    )
    standing = dict(zip(who.plot[who.is_kept].tolist(), np.flatnonzero(who.is_kept).tolist(), strict=True))
    unit_ids = problem.needs["unit_id"].to_numpy()
    units = [_unit_of(problem, rule) for rule in range(len(problem.rule_ids))]
    rows: list[tuple[str, str, float, str, int]] = []
    for j in order:
        changes = [(j, 1.0)]
        if (replaced := standing.pop(int(who.plot[j]), None)) is not None:
            changes.append((replaced, -1.0))
        mine = np.unique(np.concatenate([need[start[site] : start[site + 1]] for site, _ in changes]))
        before = np.minimum(problem.amount[mine], have[mine])
        for site, sign in changes:
            have[need[start[site] : start[site + 1]]] += sign * relief[start[site] : start[site + 1]]
        added = np.minimum(problem.amount[mine], have[mine]) - before
        for rule in np.unique(problem.rule[mine]):
            part = (problem.rule[mine] == rule) & (np.abs(added) > (1 - FULL) * problem.amount[mine])
            if part.any():
                n_units = len(set(unit_ids[mine[part]]))
                rows.append((str(problem.candidates.ids[j]), problem.rule_ids[rule], float(added[part].sum()), units[rule], n_units))
    return pd.DataFrame(rows, columns=["candidate_id", "rule_id", "relieved", "unit", "n_units"])


def claimed_table(problem: SitingProblem, relieved: NDArray[np.float64]) -> pd.DataFrame:
    """rule_id, shortfall_before, relieved, unit: one row per rule that falls short.

    `shortfall_before` is the rule's whole need, e.g. all people outside the circle, also where a share of them would do.
    """
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
    """rule_id, unit_id, amount, unit, reason, code: what no candidate can mend, and of mandatory rules that are not met all that is left."""
    failing = [r.rule for r in problem.requirements if problem.level(r, relieved) < r.floor]
    reach = problem.reach()
    code = np.where(reach <= 0, "out_of_reach", np.where(reach < problem.amount * FULL, "in_part", "limits"))
    open_ = (np.isin(problem.rule, failing) | (code == "out_of_reach")) & (relieved < problem.amount * FULL)
    within = np.isin(problem.rule, problem.rule[(problem.needs["place_id"] != problem.needs["unit_id"]).to_numpy()])
    told = pd.Series(code, index=problem.needs.index, dtype=object)
    needs = problem.needs.assign(amount=problem.amount - relieved, code=told.mask(within, told.replace(_WITHIN_UNIT)))[open_]
    table = needs.groupby(["rule_id", "unit_id", "unit", "code"], sort=True, as_index=False)["amount"].sum()
    table["reason"] = pd.Series([UNMET[code] for code in table["code"]], index=table.index, dtype=object)
    return pd.DataFrame(table, columns=["rule_id", "unit_id", "amount", "unit", "reason", "code"])


def next_best(problem: SitingProblem, opened: NDArray[np.bool_]) -> pd.DataFrame:
    """candidate_id, next_best_id, next_best_loss: for each opened candidate the one that would stand in for it with the least loss.

    Only a closed candidate that relieves a need which the opened one relieves too can stand in; budget, number of sites, plots and the
    mandatory rules that the choice meets are kept. The loss is a share of all rules' weighted needs [0 to 1], 0 when nothing is lost. ""
    where none can stand in: the loss is then that of going without the site.
    """
    net = heuristic.net_of(problem, problem.weight)
    state = heuristic.start(problem, net, np.inf)
    moves.move_to(net, state, opened)
    whole = max(float((problem.weight * problem.amount).sum()), float(net.least[0]))
    met = [r for r in problem.requirements if problem.level(r, problem.relieved(opened)) >= r.floor]
    mates = _mates(problem)
    rows: list[tuple[str, str, float]] = []
    kept = problem.candidates.is_kept
    for j in np.flatnonzero(opened & ~kept).tolist():
        lost = float(state.gain[j])
        moves.toggle(net, state, j)
        others = [
            k for k in mates[j] if not state.opened[k] and not kept[k] and state.gain[k] > net.least[0] and moves.fits(net, state, k, -1)
        ]
        by_gain = sorted(others, key=lambda k: (-float(state.gain[k]), k))
        k = next((k for k in by_gain if _keeps(problem, met, opened, j, k)), None)
        loss = max(0.0, lost - (float(state.gain[k]) if k is not None else 0.0)) / whole
        rows.append((str(problem.candidates.ids[j]), "" if k is None else str(problem.candidates.ids[k]), loss))
        moves.toggle(net, state, j)
    return pd.DataFrame(rows, columns=["candidate_id", "next_best_id", "next_best_loss"]).sort_values("candidate_id", ignore_index=True)


def _mates(problem: SitingProblem) -> list[list[int]]:
    """For each candidate the others that relieve a need which it relieves too, ascending."""
    arc_need, helps = problem.arc_need, problem.relief > 0
    shape = (problem.n_needs, problem.n_candidates)
    relieves = sparse.csr_array((np.ones(int(helps.sum())), (arc_need[helps], problem.candidate[helps])), shape=shape)
    together = sparse.csr_array(relieves.T @ relieves)
    together.sort_indices()
    rows = np.split(together.indices, together.indptr[1:-1])
    return [[int(k) for k in row if k != j] for j, row in enumerate(rows)]


def _keeps(problem: SitingProblem, met: list[Requirement], opened: NDArray[np.bool_], out: int, in_: int) -> bool:
    """Whether the requirements stay met when one candidate is exchanged for another."""
    exchanged = opened.copy()
    exchanged[[out, in_]] = [False, True]
    relieved = problem.relieved(exchanged) if met else np.empty(0)
    return all(problem.level(r, relieved) >= r.floor for r in met)


def _unit_of(problem: SitingProblem, rule: int) -> str:
    """Unit of the amounts of one rule."""
    return str(problem.needs["unit"].iloc[int(np.argmax(problem.rule == rule))])
