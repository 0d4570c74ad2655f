"""Good choices fast: greedy filling and interchange, then ruin and refill (goal relieve) or a weighted covering search (goal meet).

Everything is counted in steps over arcs and nothing is left to chance: the same problem gives the same choice on every machine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.siting.problem import FULL, SitingProblem
from planner.siting.search import covering, filling, interchange, moves, ruin

MANDATORY = 1e3
"""how much more than the whole objective the relief that meets a requirement is worth while others are chosen"""


class Effort(NamedTuple):
    """Steps over arcs that each search may take, per arc of the problem and at most; a second holds about 2e8."""

    per_arc: float = 2000
    at_most: float = 8e8

    def steps(self, problem: SitingProblem) -> float:
        """Steps for one search."""
        return min(self.at_most, self.per_arc * (len(problem.relief) + problem.n_candidates))


USUAL = Effort()


def net_of(problem: SitingProblem, weight: NDArray[np.float64]) -> moves.Net:
    """The problem as the kernels read it, with (n,) weights: every array one type (writable, without gaps), so that each is compiled once."""
    requirement = np.full(problem.n_needs, -1, dtype=np.int32)
    reachable = problem.reach() >= problem.amount * FULL
    for r, asked in enumerate(problem.requirements):
        requirement[(problem.rule == asked.rule) & (reachable | (asked.counted == "amount"))] = r
    net = moves.Net(
        pairs=problem.pairs,
        amount=problem.amount,
        weight=weight,
        price=problem.candidates.price,
        plot=problem.candidates.plot,
        n_sites=problem.candidates.n_sites,
        required=problem.candidates.required,
        requirement=requirement,
        multiplicity=problem.count,
        counts_needs=np.array([r.counted == "needs" for r in problem.requirements], dtype=bool),
        floor=np.array([r.floor for r in problem.requirements], dtype=float),
        least=np.array([1e-12 * float((weight * problem.amount).sum())]),
    )
    return moves.Net(net.pairs, *(np.require(array, requirements=["C", "W", "A"]) for array in net[1:]))  # type: ignore[arg-type]  # each stays what it is


def start(problem: SitingProblem, net: moves.Net, steps: float) -> moves.State:
    """The state in which only the required candidates stand open."""
    who = problem.candidates
    return moves.start(net, who.budget_left, who.sites_left, steps)


def per_price(problem: SitingProblem) -> NDArray[np.float64]:
    """(m,) prices to divide gains by; what costs nothing costs next to nothing."""
    price = problem.candidates.price
    return np.maximum(price, 1e-9 * float(price.max(initial=0.0)) or 1.0)


def meet(
    problem: SitingProblem, begin: NDArray[np.bool_] | None = None, effort: Effort = USUAL, *, thorough: bool = True
) -> NDArray[np.bool_]:
    """(m,) a cheap choice that meets the requirements, or, where the search cannot, one that comes near them; from `begin` (m,) or nothing.

    Unless `thorough` the first choice that meets them is taken, without what nobody misses.
    """
    net = net_of(problem, _mandatory_weight(problem))
    state, divisor = start(problem, net, effort.steps(problem)), per_price(problem)
    moves.move_to(net, state, problem.candidates.required if begin is None else begin)
    filling.fill(net, state, divisor, until_met=True)
    if not moves.is_met(net, state):
        interchange.exchange(net, state)
    if not moves.is_met(net, state):
        return state.opened
    moves.prune(net, state, dearest_first(problem), np.inf)
    if not thorough:
        return state.opened
    return covering.cover(net, state, covering.walk(net, state), divisor)


def relieve(
    problem: SitingProblem, base: NDArray[np.bool_], begin: NDArray[np.bool_] | None = None, effort: Effort = USUAL
) -> NDArray[np.bool_]:
    """(m,) a choice of much weighted relief within the limits, from `begin` (m,) or from `base` (m,), which meets the requirements."""
    net = net_of(problem, problem.weight + _held_weight(problem, base))
    by_price = per_price(problem)
    best, best_worth = base, -np.inf
    for divisor in (by_price, np.ones(problem.n_candidates)) if by_price.max() > by_price.min() else (by_price,):
        state = start(problem, net, effort.steps(problem))
        moves.move_to(net, state, base if begin is None else begin)
        filling.fill(net, state, divisor)
        interchange.exchange(net, state)
        if moves.worth(net, state) > best_worth + 10 * net.least[0] and (moves.is_met(net, state) or best is base):
            best, best_worth = state.opened.copy(), moves.worth(net, state)
    state = start(problem, net, effort.steps(problem))
    moves.move_to(net, state, best)
    for n_near in NEAR:
        ruin.ruin_and_refill(net, state, by_price, n_near)
    interchange.exchange(net, state)
    moves.prune(net, state, dearest_first(problem), net.least[0])
    return state.opened


def settled(problem: SitingProblem, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) an equally good choice without idle candidates, in which of equals the cheaper and then the first stand open."""
    net = net_of(problem, problem.weight + _held_weight(problem, opened) if problem.goal == "relieve" else _mandatory_weight(problem))
    state = start(problem, net, np.inf)
    moves.move_to(net, state, opened)
    moves.prune(net, state, dearest_first(problem), net.least[0] if problem.goal == "relieve" else np.inf)
    interchange.settle(net, state)
    return state.opened


def rounded(problem: SitingProblem, share: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(m,) the candidates of the largest (m,) shares that fit into the limits, besides the required ones."""
    who = problem.candidates
    opened, budget, sites, taken = who.required.copy(), who.budget_left, who.sites_left, set(who.plot[who.required])
    for j in np.argsort(-share, kind="stable"):
        if share[j] > SHARE and not opened[j] and who.plot[j] not in taken and who.price[j] <= budget and sites >= who.n_sites[j]:
            opened[j] = True
            budget, sites = budget - who.price[j], sites - who.n_sites[j]
            taken.add(who.plot[j])
    return opened


SHARE = 0.05
"""smaller shares of a relaxation are no hint"""
NEAR = (6, 4, 3, 2)
"""neighbours that are closed together with each site, round by round"""


def dearest_first(problem: SitingProblem) -> NDArray[np.int64]:
    """(m,) positions in the order in which they are given up: the dearest first, of equal ones the last."""
    return np.lexsort((-np.arange(problem.n_candidates), -problem.candidates.price))


def _mandatory_weight(problem: SitingProblem) -> NDArray[np.float64]:
    """(n,) worth of a unit of relief towards the requirements, each requirement worth 1; unreachable needs that are counted nothing."""
    weight = np.zeros(problem.n_needs)
    reachable = problem.reach() >= problem.amount * FULL
    for asked in problem.requirements:
        mine = problem.rule == asked.rule
        if mine.any():
            each = 1.0 / (asked.at_least if asked.at_least > 0 else problem.amount[mine].sum())
            weight += np.where(mine & reachable, problem.count / problem.amount, 0.0) * each if asked.counted == "needs" else mine * each
    return weight


def _held_weight(problem: SitingProblem, base: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n,) extra worth of the relief by which `base` meets the requirements, so that no exchange gives it up."""
    relieved = problem.relieved(base)
    held = np.zeros(problem.n_needs)
    for asked in problem.requirements:
        mine = problem.rule == asked.rule
        held[mine & ((relieved >= problem.amount * FULL) | (asked.counted == "amount"))] = MANDATORY
    return held * np.maximum(problem.weight, 1.0 / problem.amount)
