"""A proven bound for sites under capacities: the Lagrangian relaxation of "each person is served once" (Pirkul and Schilling 1991).

With a price u_i in [0, 1] on every person of place i, sites fall apart: what site j earns at most is a fractional knapsack of its capacity
filled with the dearest people in its reach, v_j(u) = max {sum_i u_i f_i : f_i <= people_i, sum_i f_i <= capacity_j}, and

    D(u) = sum_i u_i people_i - max over x within the limits of sum_j v_j(u) x_j

is a lower bound of the people left without a place. Facilities that stand earn in any case. Searched by `planner.siting.proof.ascent`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating
from planner.siting.proof.ascent import Ascent, Limits, ascend, dot
from planner.siting.proof.volume import limits_of
from planner.siting.seats.search import Seats
from planner.siting.seats.ways import Ways

ROUNDS = 1000
STEPS = 4e8
"""rounds times arcs at most, but 200 rounds in any case"""


@dataclass(frozen=True, eq=False)
class Knapsacks:
    """People priced; `order` keeps the arcs of each site nearly sorted from one round to the next, which changes no figure."""

    ways: Ways
    limits: Limits
    order: NDArray[np.int64]
    """(k,) arcs, those of one site together"""

    @property
    def ceiling(self) -> NDArray[np.float64]:
        """(n,) highest price of a person."""
        return np.ones(len(self.ways.people))

    def value(self, prices: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """D(u), the (m,) openings in it, and (n,) people without a place less those with more than one."""
        earned = earnings(self.ways, prices, self.order)
        m = len(self.limits.required)
        opened = self.limits.cheapest(-earned[:m])
        share = np.concatenate([opened, np.ones(len(earned) - m)])
        left = self.ways.people - seated(self.ways, share, self.order)
        return dot(prices, self.ways.people) - dot(earned, share), opened, left

    def loss_if_opened(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) by how much D(u) grows, at least, when a candidate has to be opened."""
        return self.limits.loss_if_opened(-earnings(self.ways, prices, self.order)[: len(self.limits.required)])


@allocating
def earnings(ways: Ways, prices: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """(s,) what each site earns at (n,) prices; `order` is sorted anew, the dearest first, ties as they stood."""
    earned = np.zeros(len(ways.capacity))
    for s in range(len(ways.capacity)):
        begin, end = ways.by_start[s], ways.by_start[s + 1]
        for at in range(begin + 1, end):
            a = order[at]
            price, to = prices[ways.demand[a]], at
            while to > begin and prices[ways.demand[order[to - 1]]] < price:
                order[to] = order[to - 1]
                to -= 1
            order[to] = a
        left = ways.capacity[s]
        for at in range(begin, end):
            i = ways.demand[order[at]]
            if left <= 0.0 or prices[i] <= 0.0:
                break
            taken = min(left, ways.people[i])
            earned[s] += prices[i] * taken
            left -= taken
    return earned


@allocating
def seated(ways: Ways, share: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) people in the knapsacks of the sites, each times the (s,) share to which the site is open."""
    people = np.zeros(len(ways.people))
    for s in range(len(ways.capacity)):
        if share[s] > 0.0:
            left = ways.capacity[s]
            for at in range(ways.by_start[s], ways.by_start[s + 1]):
                i = ways.demand[order[at]]
                if left <= 0.0:
                    break
                taken = min(left, ways.people[i])
                people[i] += share[s] * taken
                left -= taken
    return people


def people_bound(seats: Seats, served: float) -> Ascent:
    """The search for the bound; `served` people are served by a choice that is at hand. At most sum(people) - value are served."""
    dual = Knapsacks(seats.ways, limits_of(seats.problem), seats.ways.by_arc.copy())
    rounds = int(np.clip(STEPS / max(len(seats.ways.site), 1), 200, ROUNDS))
    everybody = float(seats.ways.people.sum())
    return ascend(dual, np.full(len(seats.ways.people), 0.5), everybody - served, rounds, everybody)
