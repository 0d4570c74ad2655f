"""Sites chosen under capacities: the most people served, each once, within the capacity of the sites (capacitated maximal covering: Current
and Storbeck 1988, with people of one place split among sites).

    max  sum_ij f_ij
    served once    sum_j f_ij <= people_i
    capacity       sum_i f_ij <= capacity_j x_j                for candidates; capacity_j alone for facilities that stand
    open           f_ij <= min(people_i, capacity_j) x_j
    and the limits, plots and mandatory rules of `planner.siting.proof.program` on x

For a given x the rest is a greatest flow (`flow`), so how many people are served does not depend on any order of the sites.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.siting.proof.ascent import Ascent
from planner.siting.proof.bound import LARGE_ARCS, relaxation
from planner.siting.proof.exact import PROVED_GAP, Solution, solve_program
from planner.siting.proof.program import Program, program
from planner.siting.search import heuristic
from planner.siting.seats import search
from planner.siting.seats.bound import people_bound
from planner.siting.seats.search import LEAST, Seats, SeatSearch
from planner.siting.seats.ways import merged_ways

SMALL_CANDIDATES = 500
SMALL_ARCS = 6_000
"""`auto` asks for the proved optimum up to this many candidates and pairs of people and sites"""
NEAR = (3, 2, 4)
"""neighbours that are closed together with each site, round by round"""


@dataclass(frozen=True, eq=False)
class Seated:
    """The choice for a problem under capacities."""

    opened: NDArray[np.bool_]
    """(m,)"""
    served: float
    """people served by all, facilities that stand included"""
    bound: float
    """no choice within the limits serves more"""
    status: Literal["optimal", "feasible", "time limit"]
    method: str


def solve_seats(seats: Seats, base: NDArray[np.bool_], method: str, time_limit_s: float) -> Seated:
    """The choice that serves most people, with its bound; `base` (m,) is a choice that meets the mandatory rules."""
    solution = METHODS[method](replace(seats, ways=merged_ways(seats.ways)), base, time_limit_s)
    served = seats.served(solution.opened)
    alone = float(seats.ways.people[np.diff(seats.ways.start) > 0].sum())
    bound = max(min(solution.bound, alone), served)
    proved = bound - served <= PROVED_GAP * max(served, 1.0)
    status: Literal["optimal", "feasible", "time limit"] = "optimal" if proved else solution.status
    return Seated(solution.opened, served, served if proved else bound, status, solution.method)


def _by_heuristic(seats: Seats, base: NDArray[np.bool_], time_limit_s: float) -> Solution:
    """Greedy, exchange, the bound, and the search again from what the bound's prices open."""
    by_price, ones = heuristic.per_price(seats.problem), np.ones(seats.problem.n_candidates)
    divisors = [by_price, ones] if by_price.max(initial=0) > by_price.min(initial=0) else [ones]
    states = [search.greedy(seats, base, divisor) for divisor in divisors]
    for state in states:
        search.exchange(state, by_price)
    best = max(states, key=lambda state: state.served)
    found = people_bound(seats, best.served)
    bound = _least_bound(seats, found, time_limit_s)
    hint = heuristic.rounded(seats.problem, found.mean)
    if bound > best.served + LEAST and seats.problem.meets(seats.problem.relieved(hint)):
        state = SeatSearch(seats, hint)
        search.fill(state, by_price)
        search.exchange(state, by_price)
        best = max(best, state, key=lambda state: state.served)
    for n_near in NEAR:
        if bound > best.served * (1 + PROVED_GAP):
            search.ruin_and_refill(best, by_price, n_near)
    return Solution(_without_idle(seats, best), bound, "feasible", "heuristic")


def _least_bound(seats: Seats, found: Ascent, time_limit_s: float) -> float:
    """The people that the prices allow; where mandatory rules take part of the limits, which the prices do not see, the relaxation too."""
    bound = float(seats.ways.people.sum()) - found.value
    if not seats.problem.requirements or len(seats.ways.site) > LARGE_ARCS:
        return bound
    return min(bound, relaxation(seats_program(seats), seats.problem.n_candidates, time_limit_s)[0])


def _without_idle(seats: Seats, state: SeatSearch) -> NDArray[np.bool_]:
    """(m,) the choice without sites that nobody misses, the dearest given up first."""
    who = seats.problem.candidates
    for j in heuristic.dearest_first(seats.problem).tolist():
        if state.opened[j] and not who.required[j] and not who.is_kept[j]:
            served = state.served
            state.close(j)
            if state.served < served - LEAST or not state.meets:
                state.open(j)
    return state.opened.copy()


def _by_exact(seats: Seats, base: NDArray[np.bool_], time_limit_s: float) -> Solution:
    """The optimum by HiGHS, or where a limit was met, the better of its choice and the heuristics', and of its bound and theirs."""
    exact = solve_program(seats_program(seats), seats.problem.n_candidates, time_limit_s)
    if exact is not None and exact.status == "optimal":
        return replace(exact, opened=_without_idle(seats, SeatSearch(seats, exact.opened, np.inf)))
    near = _by_heuristic(seats, base, time_limit_s)
    if exact is None:
        return replace(near, status="time limit", method="exact")
    opened = max((near.opened, exact.opened), key=seats.served)
    return Solution(opened, min(near.bound, exact.bound), "time limit", "exact")


def _by_size(seats: Seats, base: NDArray[np.bool_], time_limit_s: float) -> Solution:
    """Exact when the problem is small, else the heuristics with their bound."""
    small = seats.problem.n_candidates <= SMALL_CANDIDATES and len(seats.ways.site) <= SMALL_ARCS
    return (_by_exact if small else _by_heuristic)(seats, base, time_limit_s)


METHODS: dict[str, Callable[[Seats, NDArray[np.bool_], float], Solution]] = {
    "auto": _by_size,
    "exact": _by_exact,
    "heuristic": _by_heuristic,
}
"""`(seats, a choice that meets the mandatory rules, seconds) -> Solution` whose bound counts people; keys are those of `solve.METHODS`"""


def seats_program(seats: Seats) -> Program:
    """The program above: that of the mandatory rules and limits, and one column of people for every pair in reach."""
    problem, ways = seats.problem, seats.ways
    base = program(replace(problem, goal="relieve", weight=np.zeros(problem.n_needs)), "relieve")
    m, n, k, s = problem.n_candidates, len(ways.people), len(ways.site), len(ways.capacity)
    n_base, n_rows = len(base.cost), len(base.lower)
    most = np.minimum(ways.people[ways.demand], ways.capacity[ways.site])
    chosen = np.flatnonzero(ways.site < m)
    pair, ones = np.arange(k), np.ones(k)
    matrix = sparse.vstack(
        [
            sparse.hstack([base.matrix, sparse.csr_matrix((n_rows, k))]),
            sparse.hstack([sparse.csr_matrix((n, n_base)), sparse.csr_matrix((ones, (ways.demand, pair)), shape=(n, k))]),
            sparse.hstack(
                [_on_opening(ways.capacity[:m], np.arange(m), s, n_base), sparse.csr_matrix((ones, (ways.site, pair)), shape=(s, k))]
            ),
            sparse.hstack([_on_opening(most[chosen], ways.site[chosen], len(chosen), n_base), sparse.identity(k, format="csr")[chosen]]),
        ],
        format="csr",
    )
    unit = max(float(ways.people.sum()), 1.0)
    return Program(
        cost=np.concatenate([np.zeros(n_base), np.full(k, -1.0 / unit)]),
        v_lower=np.concatenate([base.v_lower, np.zeros(k)]),
        v_upper=np.concatenate([base.v_upper, most]),
        whole=np.concatenate([base.whole, np.zeros(k, dtype=bool)]),
        matrix=matrix,
        lower=np.concatenate([base.lower, np.full(n + s + len(chosen), -np.inf)]),
        upper=np.concatenate([base.upper, ways.people, np.zeros(m), ways.capacity[m:], np.zeros(len(chosen))]),
        factor=-unit,
    )


def _on_opening(size: NDArray[np.float64], candidate: NDArray[np.integer], n_rows: int, n_columns: int) -> sparse.csr_matrix:
    """Rows, one after another, that hold minus a size in the column of a candidate."""
    return sparse.csr_matrix((-size, (np.arange(len(size)), candidate)), shape=(n_rows, n_columns))
