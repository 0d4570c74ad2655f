"""Coverings: needs each met by any one of their sites, with a bound from prices of the needs.

Sites j cost price_j, at most p of them are opened, and a need i that none of its sites meets costs worth_i (inf: it has to be met). That is
set covering (worth inf, p inf) and maximal covering (price 0: what is paid is what is lost). With z_i = 1 where need i is left,

    min sum_j price_j x_j + sum_i worth_i z_i,   sum_j a_ij x_j + z_i >= 1,   sum_j x_j <= p,   x, z in {0, 1}

and for any prices u_i of the needs from 0 to worth_i

    sum_i u_i + the p least of min(0, price_j - sum_i a_ij u_i)

is no more than every choice costs. The prices are those of the linear relaxation, found by HiGHS' interior point method in their own program
(its rows are the sites, far fewer than the needs); the bound is worked out from them, whatever the solver says. `split` sharpens it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner import linear


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
class Relaxed:
    """The relaxation of a covering and what it proves."""

    bound: float
    """no choice costs less"""
    share: NDArray[np.float64]
    """(m,) to which the relaxation opens each site"""
    prices: NDArray[np.float64]
    """(n,) of the needs, on which the bound rests"""


def relaxed(covering: Covering, time_limit_s: float) -> Relaxed | None:
    """The relaxation; None where the solver found nothing."""
    n, m = covering.met.shape
    unit, limited = covering.unit, np.isfinite(covering.n_sites)
    rows = sparse.hstack([covering.met.T, sparse.csr_matrix(np.full((m, 1), -1.0))], format="csr")
    most = np.append(covering.worth / unit, np.inf if limited else 0.0)
    gain = np.append(np.ones(n), -covering.n_sites if limited else 0.0)
    options: dict[str, bool | float | str] = {"solver": "ipm", "run_crossover": "off", "time_limit": time_limit_s}
    solver = linear.highs(-gain, (np.zeros(n + 1), most), rows, (np.full(m, -np.inf), covering.price / unit), options)
    solver.run()
    solution = solver.getSolution()
    if not (solution.value_valid and solution.dual_valid):
        return None
    prices = np.clip(np.asarray(solution.col_value)[:n] * unit, 0.0, covering.worth)
    return Relaxed(proved(covering, prices), np.clip(-np.asarray(solution.row_dual), 0.0, 1.0), prices)


def proved(covering: Covering, prices: NDArray[np.float64]) -> float:
    """The bound of what every choice costs that (n,) prices of the needs prove, none below 0 or above what the need is worth."""
    reduced = np.minimum(covering.price - covering.met.T @ prices, 0.0)
    if covering.n_sites < len(reduced):
        reduced = np.sort(reduced)[: int(np.floor(covering.n_sites))]
    return float(prices.sum() + reduced.sum())
