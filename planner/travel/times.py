"""`TravelTimes`: the arcs of a place for every pace that its rules ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.travel.arcs import Arcs


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Minutes from every demand point to every site (facilities, then candidates), by profile."""

    by_profile: Mapping[str, Arcs]
    off_network: pd.DataFrame
    """table ("demand" | "facilities" | "candidates"), id, name, unit_id, distance_m, people: places farther from every street than the
    snap limit; they reach nothing and nothing reaches them"""
    notes: tuple[str, ...] = ()
    """what every output must say, e.g. that straight lines stand in for streets"""

    def nearest(self, profile: str, limit_minutes: float, sites: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """(d,) minutes to the nearest of the sites marked in (n_sites,), inf beyond the limit; (d,) its site row, -1 when none."""
        return self.by_profile[profile].within(limit_minutes, sites).nearest()
