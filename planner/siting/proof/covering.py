"""Coverings: needs each met by any one of their sites, with a bound from prices of the needs and of cuts (`odd_sets`).

Sites j cost price_j, at most p of them are opened, and a need i that none of its sites meets costs worth_i (inf: it has to be met). That is
set covering (worth inf, p inf) and maximal covering (price 0: what is paid is what is lost). With z_i = 1 where need i is left,

    min sum_j price_j x_j + sum_i worth_i z_i,   sum_j a_ij x_j + z_i >= 1,   sum_j x_j <= p,   x, z in {0, 1}

and for any prices u_i >= 0 of the needs and v_c >= 0 of cuts sum_j s_cj x_j + sum_(i of c) z_i >= b_c

    sum_i u_i + sum_c b_c v_c + the p least of min(0, price_j - sum_i a_ij u_i - sum_c s_cj v_c) + sum_i min(0, worth_i - u_i - sum_(c of i) v_c)

is no more than every choice costs. The prices are those of the linear relaxation, found by HiGHS' interior point method in their own program
(its rows are the sites and the needs that stand in cuts, far fewer than the needs); the bound is worked out from them, whatever the solver says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner import linear

UNPRICED = 1e-7
"""share of the mean price of a site or worth of a need below which a cut is held to have no price"""


@dataclass(frozen=True, eq=False)
class Covering:
    """Needs i, sites j."""

    met: sparse.csr_matrix
    """(n, m) 1 where site j meets need i; every need has a site"""
    price: NDArray[np.float64]
    """(m,)"""
    worth: NDArray[np.float64]
    """(n,) what a need costs that is not met; all inf or all finite"""
    n_sites: float = np.inf
    """so many sites at most"""

    @property
    def may_leave(self) -> bool:
        """Whether needs may be left unmet."""
        return bool(np.isfinite(self.worth).all())

    @property
    def unit(self) -> float:
        """The size of a price: the mean of what needs or sites cost."""
        return float((self.worth if self.may_leave else self.price).mean()) or 1.0


@dataclass(frozen=True, eq=False)
class Cuts:
    """What every choice of whole sites keeps: k rows, sum_j sites_cj x_j + sum_i left_ci z_i >= least_c."""

    sites: sparse.csr_matrix
    """(k, m)"""
    left: sparse.csr_matrix
    """(k, n)"""
    least: NDArray[np.float64]
    """(k,)"""

    def of(self, rows: NDArray[np.bool_]) -> Cuts:
        """Those marked in (k,)."""
        return Cuts(self.sites[rows], self.left[rows], self.least[rows])

    def and_those(self, others: Cuts) -> Cuts:
        """Both."""
        sites, left = (sparse.vstack(pair, format="csr") for pair in ((self.sites, others.sites), (self.left, others.left)))
        return Cuts(sites, left, np.concatenate([self.least, others.least]))


def no_cuts(covering: Covering) -> Cuts:
    """None."""
    n, m = covering.met.shape
    return Cuts(sparse.csr_matrix((0, m)), sparse.csr_matrix((0, n)), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The relaxation of a covering and what it proves."""

    bound: float
    """no choice costs less"""
    share: NDArray[np.float64]
    """(m,) to which the relaxation opens each site"""
    has_price: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """(k,) cuts that the bound rests on"""


def relaxed(covering: Covering, cuts: Cuts, time_limit_s: float) -> Relaxed | None:
    """The relaxation with cuts; None where the solver found nothing."""
    n, m = covering.met.shape
    unit, limited, k = covering.unit, np.isfinite(covering.n_sites), len(cuts.least)
    in_cuts = np.flatnonzero(np.bincount(cuts.left.indices, minlength=n)) if covering.may_leave else np.zeros(0, dtype=np.int64)
    alone = sparse.csr_matrix((np.ones(len(in_cuts)), (np.arange(len(in_cuts)), in_cuts)), shape=(len(in_cuts), n))
    of_sites = sparse.hstack([covering.met.T, cuts.sites.T, sparse.csr_matrix(np.full((m, 1), -1.0))], format="csr")
    of_needs = sparse.hstack([alone, cuts.left[:, in_cuts].T, sparse.csr_matrix((len(in_cuts), 1))], format="csr")
    rows = sparse.csr_matrix(sparse.vstack([of_sites, of_needs]))
    most = np.concatenate([covering.worth / unit, np.full(k, np.inf), [np.inf if limited else 0.0]])
    gain = np.concatenate([np.ones(n), cuts.least, [-covering.n_sites if limited else 0.0]])
    above = np.concatenate([covering.price, covering.worth[in_cuts]]) / unit
    options: dict[str, bool | float | str] = {"solver": "ipm", "run_crossover": "off", "time_limit": time_limit_s}
    solver = linear.highs(-gain, (np.zeros(len(most)), most), rows, (np.full(len(above), -np.inf), above), options)
    solver.run()
    solution = solver.getSolution()
    if not (solution.value_valid and solution.dual_valid):
        return None
    prices = np.clip(np.asarray(solution.col_value)[: n + k] * unit, 0.0, most[: n + k] * unit)
    share = np.clip(-np.asarray(solution.row_dual)[:m], 0.0, 1.0)
    return Relaxed(proved(covering, cuts, prices[:n], prices[n:]), share, prices[n:] > UNPRICED * unit)


def proved(covering: Covering, cuts: Cuts, of_needs: NDArray[np.float64], of_cuts: NDArray[np.float64]) -> float:
    """The bound of what every choice costs that (n,) prices of the needs and (k,) of the cuts, none below 0, prove."""
    reduced = np.minimum(covering.price - covering.met.T @ of_needs - cuts.sites.T @ of_cuts, 0.0)
    if covering.n_sites < len(reduced):
        reduced = np.sort(reduced)[: int(np.floor(covering.n_sites))]
    left = np.minimum(covering.worth - of_needs - cuts.left.T @ of_cuts, 0.0)
    return float(of_needs.sum() + cuts.least @ of_cuts + reduced.sum() + left.sum())
