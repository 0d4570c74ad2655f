"""What a walk costs: minutes along every edge in either direction, and between a door and the street.

`StreetNetwork.edge_oneway` is about people on foot (escalators, one-way footways: `layers.sources.walkable`), so walkers keep to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from planner.travel.model import Profile, Travel

Floats = NDArray[np.float64]

TOBLER_STEEPNESS = 3.5
TOBLER_BEST_SLOPE = -0.05
"""walkers are fastest going down gently"""
CLOSED_MINUTES = 1e9
"""Of a street against its direction: more than any limit. No infinity, since a door at the very start of a one-way street goes back 0 of it."""


@dataclass(frozen=True, eq=False)
class EdgeMinutes:
    """Minutes along each edge on the way to a facility; on the way from it when `Travel.direction` says so, for then the two change places."""

    forward: Floats
    """(m,) from `edge_from` to `edge_to`"""
    backward: Floats
    """(m,) from `edge_to` to `edge_from`"""

    def turned(self) -> EdgeMinutes:
        """The same streets walked the other way."""
        return EdgeMinutes(self.backward, self.forward)


def slope_factor(slope: Floats) -> Floats:
    """How many times longer a metre takes on a slope (rise over length, uphill positive) than on level ground.

    Tobler 1993: W = 6 exp(-3.5 |S + 0.05|) km/h. The profile's own pace stands for the level W(0), so the factor is
    W(0) / W(S) = exp(3.5 (|S + 0.05| - 0.05)): 1 at S = 0, 0.839 at -5 %, 1.419 at +10 %.
    """
    factor: Floats = np.exp(TOBLER_STEEPNESS * (np.abs(slope - TOBLER_BEST_SLOPE) - abs(TOBLER_BEST_SLOPE)))
    return factor


def heeds_slope(streets: StreetNetwork, profile: Profile, travel: Travel) -> bool:
    """Whether slopes change the minutes of this profile: they are asked for, there are heights, and it is a pace."""
    return travel.slope and not profile.measures_metres and bool(streets.edge_rise_m.any())


def edge_minutes(streets: StreetNetwork, profile: Profile, travel: Travel) -> EdgeMinutes:
    """Minutes along each edge at the pace of the profile, slowed down by slopes where `heeds_slope`, `CLOSED_MINUTES` against a one-way."""
    level = streets.edge_length_m / profile.speed_m_per_min
    forward = backward = level
    if heeds_slope(streets, profile, travel):
        slope = streets.edge_rise_m / streets.edge_length_m
        forward, backward = level * slope_factor(slope), level * slope_factor(-slope)
    minutes = EdgeMinutes(forward, np.where(streets.edge_oneway == 1, CLOSED_MINUTES, backward))
    return minutes.turned() if travel.direction == "from_facility" else minutes


def leg_pace_m_per_min(profile: Profile, travel: Travel) -> float:
    """Pace between a door and the street [m/min]; of the metre profile always 1, so that its legs are metres too."""
    if profile.measures_metres or travel.off_road_m_per_min is None:
        return profile.speed_m_per_min
    return travel.off_road_m_per_min
