"""Good choices of sites under capacities, fast: lazy greedy by people served, and exchange of one open for one closed site.

How many people a set of sites serves is submodular (each further site serves fewer), so a gain once known is a ceiling for later ones and
the lazy greedy (Minoux 1978) looks again only at what leads. Effort is counted in steps over arcs; ties go to the lowest position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating
from planner.siting.problem import SitingProblem
from planner.siting.seats.ceilings import most_gained
from planner.siting.seats.flow import Search, attract, release, search_of
from planner.siting.seats.load import Load, load_of, undo
from planner.siting.seats.ways import Ways

STEPS = 4e8
"""steps over arcs of one search; a second holds about 2e8"""
LEAST = 1e-6
"""fewer people more are rounding"""


@dataclass(frozen=True, eq=False)
class Seats:
    """A siting problem whose goal counts people served: limits, plots and mandatory rules in `problem`, people and places in `ways`."""

    problem: SitingProblem
    """merged; its own weights do not count"""
    ways: Ways
    """sites: the (m,) candidates in the order of the problem, then the facilities that stand"""

    @property
    def n_standing(self) -> int:
        """Facilities that serve whatever is chosen."""
        return len(self.ways.capacity) - self.problem.n_candidates

    def served(self, opened: NDArray[np.bool_]) -> float:
        """People served at the facilities and at the candidates marked in (m,)."""
        return float(self.served_by_place(opened).sum())

    def served_by_place(self, opened: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n,) people served of each place: a greatest flow, sites opened in their order."""
        load, search = load_of(self.ways, np.inf, 0), search_of(self.ways)
        for j in [*range(self.problem.n_candidates, len(self.ways.capacity)), *np.flatnonzero(opened).tolist()]:
            attract(self.ways, load, search, j)
        k, n = len(self.ways.site), len(self.ways.people)
        return self.ways.people - np.maximum(load.value[k : k + n], 0.0)


class SeatSearch:
    """A choice on its way: who goes where, and what is left of the limits."""

    def __init__(
        self, seats: Seats, opened: NDArray[np.bool_], steps: float = STEPS, n_log: int = 1 << 16, *, keep_limits: bool = True
    ) -> None:
        who = seats.problem.candidates
        if not keep_limits:
            who = replace(
                who,
                budget_left=np.inf,
                sites_left=np.inf,
                required=np.zeros(len(who.ids), dtype=bool),
                plot=np.arange(len(who.ids), dtype=np.int32),
            )
        self.who, self.seats, self.n_log = who, seats, n_log
        self.load, self.search = load_of(seats.ways, steps, n_log), search_of(seats.ways)
        self.opened, self.budget, self.sites = np.zeros(len(who.ids), dtype=bool), who.budget_left, who.sites_left
        self.taken = np.zeros(int(who.plot.max(initial=-1)) + 1, dtype=bool)
        self.served = 0.0
        for j in range(seats.problem.n_candidates, len(seats.ways.capacity)):
            self.served += attract(seats.ways, self.load, self.search, j)
        for j in np.flatnonzero(opened | who.required).tolist():
            self.open(j)
        self.load.tally[0] = 0

    def open(self, j: int) -> None:
        """Open candidate j."""
        self.served += attract(self.seats.ways, self.load, self.search, j)
        self._book(j, 1.0)

    def close(self, j: int) -> None:
        """Close candidate j."""
        self.served -= release(self.seats.ways, self.load, self.search, j)
        self._book(j, -1.0)

    def _book(self, j: int, sign: float) -> None:
        who = self.who
        self.opened[j] = sign > 0
        self.taken[who.plot[j]] = sign > 0
        if not who.required[j]:
            self.budget, self.sites = self.budget - sign * who.price[j], self.sites - sign * who.n_sites[j]
        self.load.tally[0] = 0

    def move_to(self, opened: NDArray[np.bool_]) -> None:
        """Close and open candidates until those marked in (m,) stand open."""
        for j in np.flatnonzero(self.opened & ~opened).tolist():
            self.close(j)
        for j in np.flatnonzero(opened & ~self.opened).tolist():
            self.open(j)

    def near(self, j: int) -> NDArray[np.bool_]:
        """(m,) the candidates that share people with j."""
        near = np.zeros(len(self.opened), dtype=bool)
        near[self.common(j) > 0] = True
        return near

    def common(self, j: int) -> NDArray[np.int64]:
        """(m,) with how many places of people each candidate is shared with j."""
        ways, m = self.seats.ways, len(self.opened)
        mine = ways.demand[ways.by_arc[ways.by_start[j] : ways.by_start[j + 1]]]
        sites = np.concatenate([ways.site[ways.start[i] : ways.start[i + 1]] for i in mine]) if len(mine) else np.zeros(0, dtype=np.int32)
        return np.bincount(sites[sites < m], minlength=m)

    def nearest_open(self, j: int, n_near: int) -> list[int]:
        """The open candidates that may close and share most people with j, at most `n_near`."""
        common = self.common(j)
        others = np.flatnonzero(self.opened & (common > 0) & ~self.seats.problem.candidates.required)
        others = others[others != j]
        return [int(k) for k in others[np.argsort(-common[others], kind="stable")][:n_near]]

    @property
    def meets(self) -> bool:
        """Whether the mandatory rules are met."""
        problem = self.seats.problem
        return not problem.requirements or problem.meets(problem.relieved(self.opened))

    @property
    def is_torn(self) -> bool:
        """Whether more was changed than can be taken back."""
        return bool(self.load.tally[0] > len(self.load.log_at))

    def mend(self) -> None:
        """Build the flow anew, with a longer log."""
        self.n_log *= 4
        renewed = SeatSearch(self.seats, self.opened, float(self.load.tally[1]), self.n_log)
        self.load, self.served = renewed.load, renewed.served

    def fitting(self, instead_of: int = -1) -> NDArray[np.bool_]:
        """(m,) the closed candidates that fit into the limits when another is closed for them."""
        who = self.who
        back, free = (who.price[instead_of], who.n_sites[instead_of]) if instead_of >= 0 else (0.0, 0.0)
        budget, plot_free = self.budget + back, ~self.taken
        if instead_of >= 0:
            plot_free[who.plot[instead_of]] = True
        fits: NDArray[np.bool_] = (who.price <= budget + 1e-9 * abs(budget)) & (who.n_sites <= self.sites + free)
        return ~self.opened & plot_free[who.plot] & fits


def greedy(seats: Seats, begin: NDArray[np.bool_], divisor: NDArray[np.float64]) -> SeatSearch:
    """From (m,) `begin` on, open what serves most people more per (m,) divisor and fits, until nothing does."""
    state = SeatSearch(seats, begin)
    fill(state, divisor)
    return state


def fill(state: SeatSearch, divisor: NDArray[np.float64], barred: Sequence[int] = ()) -> list[int]:
    """Open what serves most people more per (m,) divisor and fits, but nothing barred, until nothing does; what was opened, in order."""
    ways, m = state.seats.ways, state.seats.problem.n_candidates
    most, takeable = np.zeros(len(ways.capacity)), np.zeros(len(ways.people))
    most_gained(ways, state.load, state.search, takeable, most)
    gain = most[:m].copy()
    gain[list(barred)] = 0.0
    path: list[int] = []
    while True:
        usable = np.flatnonzero(state.fitting() & (gain > LEAST))
        if not len(usable):
            return path
        rate = gain[usable] / divisor[usable]
        first = int(usable[int(rate.argmax())])
        rest = np.sort(rate)[-2] if len(rate) > 1 else 0.0
        served = state.served
        state.open(first)
        gain[first] = state.served - served
        if gain[first] <= LEAST or gain[first] / divisor[first] < rest * (1 - 1e-12):
            state.close(first)
        else:
            path.append(first)


def exchange(state: SeatSearch, divisor: NDArray[np.float64], look: NDArray[np.bool_] | None = None, tabu: int = -1) -> None:
    """Exchange one open for one closed candidate as long as more people are served, the best for each open one in turn, and fill what that
    leaves free. Only open candidates marked in (m,) `look` are tried, and those near an exchange; `tabu` is not opened."""
    seats, problem = state.seats, state.seats.problem
    ways, movable = seats.ways, ~problem.candidates.required
    look = np.ones(problem.n_candidates, dtype=bool) if look is None else look
    most, takeable = np.zeros(len(ways.capacity)), np.zeros(len(ways.people))
    while state.load.tally[1] > 0:
        tried = np.flatnonzero(look & state.opened & movable)
        if not len(tried):
            return
        j = int(tried[0])
        look[j] = False
        allowed = state.fitting(j)
        allowed[[j, *([tabu] if tabu >= 0 else [])]] = False
        k, gain = best_exchange(ways, state.load, state.search, j, allowed, takeable, most, 0.0)
        if state.is_torn:
            state.mend()
            look[j] = True
        elif k >= 0 and gain > LEAST and _stays_met(problem, state.opened, j, k):
            state.close(j)
            state.open(k)
            look |= state.near(j) | state.near(k)
            if len(np.unique(divisor)) > 1:
                fill(state, divisor)


def ruin_and_refill(state: SeatSearch, divisor: NDArray[np.float64], n_near: int) -> None:
    """Close each open candidate in turn with its `n_near` nearest, refill without it, exchange; keep what serves more people, until a round
    gains nothing or the steps are over."""
    movable = np.flatnonzero(state.opened & ~state.seats.problem.candidates.required)
    idle, at = 0, -1
    while idle < len(movable) and state.load.tally[1] > 0:
        at, idle = (at + 1) % len(movable), idle + 1
        before, served, j = state.opened.copy(), state.served, int(movable[at])
        look = state.near(j)
        for k in state.nearest_open(j, n_near):
            look |= state.near(k)
            state.close(k)
        state.close(j)
        fill(state, divisor, (j,))
        exchange(state, divisor, look, j)
        if state.served > served + LEAST and state.meets:
            movable, idle = np.flatnonzero(state.opened & ~state.seats.problem.candidates.required), 0
        else:
            state.move_to(before)


def keeping_met(state: SeatSearch, j: int, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) those of the allowed candidates that may stand in for j without breaking a mandatory rule that is met."""
    problem = state.seats.problem
    without = state.opened.copy()
    without[j] = False
    if not problem.requirements or not state.meets or (problem.meets(problem.relieved(without)) and not problem.has_harm):
        return allowed.copy()
    return np.array([bool(allowed[k]) and _stays_met(problem, state.opened, j, k) for k in range(len(allowed))], dtype=bool)


def _stays_met(problem: SitingProblem, opened: NDArray[np.bool_], out: int, in_: int) -> bool:
    """Whether the mandatory rules are met after an exchange."""
    if not problem.requirements:
        return True
    plan = opened.copy()
    plan[[out, in_]] = [False, True]
    return problem.meets(problem.relieved(plan))


@allocating
def best_exchange(
    ways: Ways,
    load: Load,
    search: Search,
    j: int,
    allowed: NDArray[np.bool_],
    takeable: NDArray[np.float64],
    most: NDArray[np.float64],
    floor: float,
) -> tuple[int, float]:
    """The allowed (m,) candidate that serves most people more in place of j, more than `floor`, and how many more (negative: fewer).

    -1 where there is none, and what is lost without j. Nothing is changed.
    """
    load.tally[0] = 0
    lost = release(ways, load, search, j)
    after = int(load.tally[0])
    most_gained(ways, load, search, takeable, most)
    m = len(allowed)
    best, best_gain = -1, max(-lost, floor)
    tried = np.flatnonzero(allowed & (most[:m] > lost + best_gain + LEAST))
    for k in tried[np.argsort(-most[tried], kind="mergesort")]:
        if most[k] - lost <= best_gain + LEAST or load.tally[0] > len(load.log_at):
            break
        gain = attract(ways, load, search, k) - lost
        if load.tally[0] > len(load.log_at):
            break
        undo(ways, load, after, -1, k)
        if gain > best_gain + LEAST:
            best, best_gain = k, gain
    if load.tally[0] <= len(load.log_at):
        undo(ways, load, 0, j, -1)
    return best, best_gain
