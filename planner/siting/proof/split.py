"""A bound for coverings above their linear relaxation: the price of a site is split among regions, and every region is solved by itself.

With needs in regions r and a price l >= 0 for opening one site of the p that there may be, any split s_rj >= 0 of the prices of the sites,
sum_r s_rj = price_j + l, gives

    sum_r min over sites T of ( sum_(j of T) s_rj + worth of the needs of r that T leaves ) - l p

which no choice falls below: it pays each of its sites once, in parts. Where the regions are single needs the best split gives the linear
relaxation; a region of several open sites is solved whole (`region_search`), which a relaxation cannot do (Lagrangian decomposition: Guignard and
Kim 1987). The split begins with the prices of the relaxation and is bettered by the volume algorithm (Barahona and Anbil 2000): a region that
opens a site more than the others do, on average, pays more of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.siting.proof.bound import rounded_up
from planner.siting.proof.covering import Covering, relaxed
from planner.siting.proof.exact import PROVED_GAP
from planner.siting.proof.region_search import MOST_NODES, Regions, cheapest, regions_and_sites
from planner.siting.proof.regions import regions_of

PART = 0.07
"""share of a round in the mean of the rounds"""
FIRST_STEP = 0.03
"""step, as a share of the one that would close the gap if the bound grew at the rate of the start"""
LONGER, SHORTER, PATIENCE = 1.05, 0.7, 5
"""how the step grows with every better bound, and falls after so many rounds without"""
LAST_STEP = 1e-4
"""a step so short betters nothing"""


@dataclass(frozen=True)
class SplitEffort:
    """How far a bound is bettered."""

    sites: float
    """open sites of a region, by the relaxation: the time grows steeply with it"""
    rounds: int
    nodes: int
    """of all searches of the regions together, roughly"""


def bound_by_regions(covering: Covering, known: float, effort: SplitEffort, time_limit_s: float) -> float:
    """The least that any choice can cost; no more is sought than `known` (finite), what one costs. The seconds are for the relaxation.

    Where every need has to be met and all prices are whole multiples of one sum, so is the bound.
    """
    if not covering.met.shape[0]:
        return 0.0
    found = relaxed(covering, time_limit_s)
    if found is None:
        return 0.0
    region = regions_of(covering.met, max(1, round(float(found.share.sum()) / effort.sites)))
    return max(_whole(covering, found.bound), split_bound(covering, region, found.prices, known, effort))


def split_bound(covering: Covering, region: NDArray[np.int64], prices: NDArray[np.float64], known: float, effort: SplitEffort) -> float:
    """The bound by the regions (n,) of a covering, numbered from 0, from prices (n,) of its needs on."""
    regions, site = regions_and_sites(covering, region, prices)
    split = _begun(covering, regions, site)
    best, bound, step, worse = split, -np.inf, FIRST_STEP, 0
    mean: NDArray[np.float64] | None = None
    for _ in range(effort.rounds):
        np.copyto(regions.price, split.parts)
        value = cheapest(regions, MOST_NODES) - split.seats(covering)
        mean = regions.opened.astype(float) if mean is None else mean + PART * (regions.opened - mean)
        if value > bound:
            best, bound, step, worse = split, value, step * LONGER, 0
        else:
            worse += 1
            if worse == PATIENCE:
                step, worse = step * SHORTER, 0
        if _whole(covering, bound) >= known * (1 - PROVED_GAP) or step < LAST_STEP or regions.nodes[0] > effort.nodes:
            break
        split = _moved(covering, site, best, mean, step * (known - bound))
    return _whole(covering, bound)


@dataclass(frozen=True, eq=False)
class _Split:
    """Prices of sites in parts."""

    parts: NDArray[np.float64]
    """(k,) of each pair of a region and a site, not below 0"""
    of_limit: float
    """l, what a site costs besides its own price"""

    def seats(self, covering: Covering) -> float:
        """What is paid back: l for as many sites as there may be."""
        return self.of_limit * covering.n_sites if self.of_limit else 0.0


def _begun(covering: Covering, regions: Regions, site: NDArray[np.int64]) -> _Split:
    """The split in which every region pays for a site what its own needs do."""
    paid = np.add.reduceat(regions.below[regions.need], regions.start[:-1])
    more = np.sort(np.bincount(site, paid, minlength=len(covering.price)) - covering.price)[::-1]
    of_limit = max(0.0, float(more[int(covering.n_sites) - 1])) if 1 <= covering.n_sites <= len(more) else 0.0
    return _of_sum(covering, site, paid, of_limit)


def _of_sum(covering: Covering, site: NDArray[np.int64], parts: NDArray[np.float64], of_limit: float) -> _Split:
    """Parts (k,) scaled so that those of a site come to its price; equal ones where all are 0."""
    whole = covering.price + of_limit
    paid = np.bincount(site, parts, minlength=len(whole))[site]
    equal = 1.0 / np.bincount(site, minlength=len(whole))[site]
    return _Split(np.where(paid > 0, parts / np.where(paid > 0, paid, 1.0), equal) * whole[site], of_limit)


def _moved(covering: Covering, site: NDArray[np.int64], split: _Split, opened: NDArray[np.float64], rise: float) -> _Split:
    """The split moved along what (k,) the regions open, by as much as would raise the bound by `rise` if it went on growing like that."""
    n_parts = np.maximum(np.bincount(site, minlength=len(covering.price)), 1)
    of_site = np.bincount(site, opened, minlength=len(n_parts)) / n_parts
    along = opened - of_site[site]
    along[(split.parts <= 0) & (along < 0)] = 0.0
    width = float((1.0 / n_parts).sum())  # a rise of l by 1 moves the parts of every site by 1 together
    over = float(of_site.sum()) - covering.n_sites if np.isfinite(covering.n_sites) else 0.0
    length = float(along @ along) + over * over / width
    if not length:
        return split
    step = rise / length
    of_limit = max(0.0, split.of_limit + step * over / width)
    return _of_sum(covering, site, np.maximum(split.parts + step * along, 0.0), of_limit)


def _whole(covering: Covering, bound: float) -> float:
    """The least cost that is not below a bound, as far as the prices tell."""
    return bound if covering.may_leave else rounded_up(bound, covering.price)
