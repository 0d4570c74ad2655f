"""An order of points in which neighbours on the ground mostly follow each other (Morton 1966)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def along_z_curve(xy_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) rows of the points in the order of a Z-curve over 65,536 x 65,536 cells."""
    if not len(xy_m):
        return np.zeros(0, dtype=np.int64)
    low, span = xy_m.min(axis=0), max(float(np.ptp(xy_m, axis=0).max()), 1e-9)
    cell = ((xy_m - low) / span * 65_535).astype(np.uint64)
    key = _spread_bits(cell[:, 0]) | (_spread_bits(cell[:, 1]) << np.uint64(1))
    return np.argsort(key, kind="stable")


def _spread_bits(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The 16 low bits of each value with a zero bit between any two."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values
