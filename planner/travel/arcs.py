"""`Arcs`: minutes between demand points and sites, as three sorted columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Arcs:
    """Every pair of a demand point and a site within `limit_minutes`; a pair that is absent is out of reach.

    Sorted by demand row, then site row; `site_row` counts facilities first, then candidates. Not a scipy sparse matrix: there a stored
    0 minutes and "not reachable" would mix.
    """

    demand_row: NDArray[np.int32]
    """(k,) row in `area.demand`"""
    site_row: NDArray[np.int32]
    """(k,) row in facilities + candidates"""
    minutes: NDArray[np.float64]
    """(k,) >= 0"""
    limit_minutes: float
    """arcs longer than this were not sought; an arc of exactly this length is there"""
    n_demand: int
    n_sites: int

    def __post_init__(self) -> None:
        if not len(self.demand_row) == len(self.site_row) == len(self.minutes):
            raise ValueError("Arcs: the three columns have different lengths")

    def within(self, limit_minutes: float, sites: NDArray[np.bool_]) -> Arcs:
        """The arcs of at most `limit_minutes` (the limit included, to `LIMIT_TOLERANCE_MINUTES`) to the sites marked True in (n_sites,)."""
        keep = (self.minutes <= limit_minutes + LIMIT_TOLERANCE_MINUTES) & sites[self.site_row]
        return Arcs(self.demand_row[keep], self.site_row[keep], self.minutes[keep], limit_minutes, self.n_demand, self.n_sites)

    def nearest(self) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """(d,) minutes to the nearest site, inf where none is in reach; (d,) its row, -1 where none. Ties go to the lowest row."""
        minutes = np.full(self.n_demand, np.inf)
        np.minimum.at(minutes, self.demand_row, self.minutes)
        row = np.full(self.n_demand, -1, dtype=np.int32)
        best = np.flatnonzero(self.minutes == minutes[self.demand_row])[::-1]
        row[self.demand_row[best]] = self.site_row[best]
        return minutes, row


LIMIT_TOLERANCE_MINUTES = 1e-7
"""15.0 minutes is inside: sums of binary fractions may pass the limit by less than this. The `distance` profile has metres for minutes, and
a northing of 3,000,000 m is held to 5e-10 m, so that a way along three edges may be 1e-9 m too long."""
