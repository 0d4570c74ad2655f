"""The volume algorithm (Barahona and Anbil 2000): prices that prove a bound, for any problem that falls apart once its needs are priced.

A problem to be bounded is a `Priced`: with a price u_i in [0, ceiling_i] on what stays unmet of need i, the rest falls apart into the
candidates, and D(u) is a lower bound of what is lost or paid. The bound is worked out anew from the prices, so it holds wherever the search
stops; the number of rounds is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating, compiled

NARROW = 1e-9
"""relative distance between bound and objective at which the search ends"""
MEAN = 0.1
"""largest share of a new opening in the mean of the openings; halved as the bound settles"""
PATIENCE = 20
"""rounds without a better bound after which the step is shortened"""
SHORTEST = 1e-4
"""step at which the search ends"""


class Priced(Protocol):
    """A problem with its needs priced."""

    @property
    def ceiling(self) -> NDArray[np.float64]:
        """(n,) highest price of each need; inf where it has to be met."""
        ...

    def value(self, prices: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """D(u), the (m,) share to which each candidate is opened in it, and (n,) how much of each need that leaves (negative: too much)."""
        ...

    def loss_if_opened(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) by how much D(u) grows, at least, when a candidate has to be opened."""
        ...


@dataclass(frozen=True, eq=False)
class Limits:
    """What may be opened together."""

    weight: NDArray[np.float64]
    """(m,) what a candidate takes of the budget; empty without one"""
    budget: float
    sites: float
    n_sites: NDArray[np.float64]
    """(m,) what a candidate takes of the number of sites"""
    required: NDArray[np.bool_]

    def cheapest(self, reduced: NDArray[np.float64]) -> NDArray[np.float64]:
        """The (m,) openings of least reduced cost within the limits; the last one within a budget may be a fraction.

        Of two limits the one that binds more is kept, which makes a bound weaker and never wrong.
        """
        wanted = (reduced < 0) & ~self.required
        choices = [_most(-reduced, wanted, self.n_sites, self.sites)]
        if len(self.weight):
            choices.append(_most(-reduced, wanted, self.weight, self.budget))
        best = max(choices, key=lambda opened: dot(reduced, opened)) if len(choices) > 1 else choices[0]
        best[self.required] = 1.0
        return best

    def loss_if_opened(self, reduced: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) what each candidate costs above the dearest site that it displaces; 0 where the number of sites is not the only limit."""
        if len(self.weight) or not np.isfinite(self.sites) or (self.n_sites != 1).any():
            return np.zeros(len(reduced))
        chosen = self.cheapest(reduced) > 0
        free = chosen & ~self.required
        displaced = float(reduced[free].max(initial=-np.inf)) if free.sum() >= np.floor(self.sites) else 0.0
        loss: NDArray[np.float64] = np.where(chosen, 0.0, np.maximum(0.0, reduced - min(displaced, 0.0)))
        return loss

    def loss_if_closed(self, reduced: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) what each candidate costs less than the best of those left out; 0 where the number of sites is not the only limit."""
        if len(self.weight) or not np.isfinite(self.sites) or (self.n_sites != 1).any():
            return np.zeros(len(reduced))
        chosen = self.cheapest(reduced) > 0
        instead = min(0.0, float(reduced[~chosen].min(initial=0.0)))
        loss: NDArray[np.float64] = np.where(chosen & ~self.required, np.maximum(0.0, instead - reduced), 0.0)
        return loss


def _most(profit: NDArray[np.float64], wanted: NDArray[np.bool_], weight: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """The (m,) shares of the wanted ones that bring most profit within a limit of weight: best ratio first, the last one in part."""
    opened = np.zeros(len(profit))
    rows = np.flatnonzero(wanted)
    if weight[rows].sum() <= limit:
        opened[rows] = 1.0
        return opened
    if np.isfinite(limit) and (weight == 1.0).all():
        n = int(limit)
        rows = np.sort(rows[np.argpartition(-profit[rows], n)[: n + 1]])  # one more than fits; the last is cut off below
    ratio = profit[rows] / np.maximum(weight[rows], 1e-300)
    rows = rows[np.argsort(-ratio, kind="stable")]
    before = np.concatenate([[0.0], np.cumsum(weight[rows])[:-1]])
    opened[rows] = np.where(weight[rows] > 0, np.clip((limit - before) / np.maximum(weight[rows], 1e-300), 0.0, 1.0), 1.0)
    return opened


@dataclass(frozen=True, eq=False)
class Ascent:
    """What the search found."""

    value: float
    """the best D(u)"""
    mean: NDArray[np.float64]
    """(m,) the share to which the prices open each candidate"""
    loss_if_opened: NDArray[np.float64]
    """(m,) how much worse than the bound every choice is that opens the candidate, at least; 0 where nothing is known"""
    prices: NDArray[np.float64]
    """(n,) of the needs: what the next search may begin with"""


def ascend(dual: Priced, begin: NDArray[np.float64], known: float, rounds: int, scale: float = 0.0) -> Ascent:
    """The volume algorithm from (n,) prices; `known` is what a choice that is at hand loses or pays, `scale` what counts as large."""
    prices, ceiling = np.clip(begin, 0.0, dual.ceiling), dual.ceiling
    best, mean, short = dual.value(prices)
    step, largest, stale, begun = 0.1, MEAN, 0, best
    for turn in range(rounds):
        length = dot(short, short)
        if known - best <= NARROW * max(abs(known), scale) or length <= 1e-18 or step < SHORTEST:
            break
        trial = _moved(prices, short, step * (known * 1.01 - best) / length, ceiling)
        value, opened, here = dual.value(trial)
        along = dot(here, short)
        if value > best:
            step, stale = min(step * (1.1 if along > 0 else 1.0), 2.0), 0
            best, prices = value, trial
        else:
            stale += 1
            if stale >= PATIENCE:
                step, stale = step * 0.66, 0
        turned = dot(here, here) - 2 * along + length
        part = float(np.clip((length - along) / max(turned, 1e-300), largest / 10, largest))
        mean, short = mean + part * (opened - mean), short + part * (here - short)
        if turn % 100 == 99:
            if best - begun < 0.01 * abs(best):
                largest = max(largest / 2, MEAN / 20)
            begun = best
    return Ascent(best, mean, dual.loss_if_opened(prices), prices)


@compiled
def dot(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The inner product, added up in the same order on every machine (that of a library depends on its number of threads)."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    n = len(a) - len(a) % 4
    for i in range(0, n, 4):
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
    for i in range(n, len(a)):
        s0 += a[i] * b[i]
    return (s0 + s1) + (s2 + s3)


@allocating
def _moved(prices: NDArray[np.float64], short: NDArray[np.float64], factor: float, ceiling: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) prices moved along `short`, between 0 and their ceiling."""
    moved = np.empty(len(prices))
    for i in range(len(prices)):
        moved[i] = min(max(prices[i] + factor * short[i], 0.0), ceiling[i])
    return moved
