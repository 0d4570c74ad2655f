"""How people travel: the profiles (paces), and the `[travel]` part of a scenario file.

A new pace is one row of `PROFILES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from layers.saying import say


@dataclass(frozen=True)
class Profile:
    """A pace on level ground, and how far from the street a door may be."""

    id: str
    zh: str
    en: str
    speed_m_per_min: float
    source: str
    """where the pace comes from; the tool's own choices say so"""
    measures_metres: bool = False
    """its minutes stand for metres: no slope, and doors are as far as they are, whatever the pace off the road"""


PROFILES: dict[str, Profile] = {
    p.id: p
    for p in (
        Profile("elder_walk", "老年人步行", "elders on foot", 50.0, "3 km/h, ISOCARP 2020 paper on Shanghai (public)"),
        Profile("general_walk", "一般步行", "on foot", 60.0, "implied by GB 50180-2018: 5 minutes = 300 m"),
        Profile("distance", "路网距离", "metres along the streets", 1.0, "no pace: one minute stands for one metre", measures_metres=True),
    )
}
"""`distance` lets a rule in metres use the same machinery: its minutes are metres."""


class Travel(BaseModel):
    """The `[travel]` part of a scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    profile: str = "elder_walk"
    """the pace of the maps and of rules that name none"""
    snap_limit_m: float = Field(default=500.0, gt=0)
    """a place farther than this from every street is off the network, and listed"""
    off_road_m_per_min: float | None = Field(default=None, gt=0)
    """pace between a door and the street [m/min]; by default the pace of the profile"""
    direction: Literal["to_facility", "from_facility"] = "to_facility"
    """which way is timed: people to the facility, or its staff to the people; the two differ on slopes and one-way footways"""
    slope: bool = True
    """slow down on slopes (Tobler 1993) where the streets have heights"""
    detour_factor: float = Field(default=1.3, ge=1.0)
    """without streets, minutes are straight metres times this over the pace, and every output says so"""
    memory_gib: float = Field(default=8.0, gt=0)
    """what the pairs of people and sites within the limit of one pace may take, at 32 bytes a pair; more are refused with a message"""
    classes_closed: tuple[str, ...] = ("motorway", "motorway_link", "construction", "proposed", "raceway")
    """street classes nobody walks on"""

    @field_validator("profile")
    @classmethod
    def _is_known(cls, profile: str) -> str:
        if profile not in PROFILES:
            near = get_close_matches(profile, PROFILES, n=1)
            if near:
                raise ValueError(say("there is no pace '{word}'; did you mean {near}?", word=profile, near=near[0]))
            raise ValueError(say("there is no pace '{word}'; known: {known}", word=profile, known=list(PROFILES)))
        return profile
