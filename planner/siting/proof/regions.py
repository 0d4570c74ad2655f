"""Needs of a covering split into regions that lie together, by nothing but which sites they share.

A part is halved along its longest way, and its halves again: from one far end to the other, told by the steps from need to need over a shared
site, evened out among neighbours so that a whole step becomes a slope (a few steps of diffusion, as in spectral bisection: Pothen, Simon
and Liou 1990).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

EVENINGS = 15
"""steps of diffusion: 5 make regions as round as 300"""


def regions_of(met: sparse.csr_matrix, n_regions: int) -> NDArray[np.int64]:
    """(n,) the region of each need of (n, m) `met`, numbered from 0; regions are equal in needs, and none is empty."""
    n = met.shape[0]
    region = np.zeros(n, dtype=np.int64)
    parts, count = [(np.arange(n), min(n_regions, n))], 0
    while parts:
        rows, k = parts.pop()
        if k <= 1:
            region[rows] = count
            count += 1
            continue
        rows = rows[np.argsort(_along(met[rows]), kind="stable")]
        cut = round(len(rows) * (k // 2) / k)
        parts += [(rows[cut:], k - k // 2), (rows[:cut], k // 2)]
    return region


def _along(met: sparse.csr_matrix) -> NDArray[np.float64]:
    """(n,) where each need stands on the way from one far end to the other."""
    turned = met.T.tocsr()
    end = int(_steps(met, turned, 0).argmax())
    from_end = _steps(met, turned, end)
    along = from_end - _steps(met, turned, int(from_end.argmax()))
    of_site, of_need = (1.0 / np.maximum(np.diff(side.indptr), 1) for side in (turned, met))
    for _ in range(EVENINGS):
        along = of_need * (met @ (of_site * (turned @ along)))
    return along


def _steps(met: sparse.csr_matrix, turned: sparse.csr_matrix, begin: int) -> NDArray[np.float64]:
    """(n,) steps from a need to each other one, over shared sites; needs that no way leads to are one step beyond the farthest."""
    steps: NDArray[np.float64] = np.full(met.shape[0], np.inf)
    front, count = np.zeros(met.shape[0]), 0.0
    front[begin] = 1.0
    while front.any():
        steps[front > 0] = count
        count += 1.0
        front = ((met @ (turned @ front > 0).astype(np.float64) > 0) & np.isinf(steps)).astype(np.float64)
    steps[np.isinf(steps)] = count
    return steps
