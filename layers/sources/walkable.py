"""Which OSM ways can be walked, and in which direction: the one place for these rules, whether the ways come from a file or a server.

After the walk filter of osmnx (Boeing 2017), with three differences: a stated `foot` overrides `access` and lets people use cycleways;
roads for motor vehicles only (`motorroad`) are left out; the outline of a square is kept, so that streets ending at it stay joined.
Trunk roads are walked on: in rural counties the national road is often the village street.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_A_STREET = frozenset(
    ("abandoned", "bus_guideway", "bus_stop", "busway", "construction", "demolished", "dismantled", "disused", "emergency_bay", "escape")
    + ("ladder", "no", "planned", "platform", "proposed", "raceway", "razed", "removed", "rest_area", "services", "via_ferrata")
)
"""`highway` values that nobody walks on, whatever else is tagged."""

NEEDS_FOOT = frozenset(("motorway", "motorway_link", "cycleway"))
"""`highway` values that are walked on only where `foot` allows it; so is any road of `motorroad=yes`."""

FOOT_ALLOWED = frozenset(("yes", "designated", "permissive", "official"))
FOOT_FORBIDDEN = frozenset(("no", "private", "use_sidepath"))
ACCESS_FORBIDDEN = frozenset(("no", "private"))
OUTLINE_WALKED = frozenset(("pedestrian", "footway"))
"""areas whose outline is kept as a street"""

WALK_TAGS = ("highway", "foot", "access", "area", "route", "service", "motorroad", "oneway:foot", "foot:oneway", "conveying")
"""every tag that the rules below look at"""


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Whether people may walk along a way with these tags."""
    highway, foot = tags.get("highway", ""), tags.get("foot", "")
    if not highway or highway in NOT_A_STREET or tags.get("route", "") == "ferry":
        return False
    if tags.get("area", "") == "yes" and highway not in OUTLINE_WALKED:
        return False
    if foot in FOOT_FORBIDDEN:
        return False
    if highway in NEEDS_FOOT or tags.get("motorroad", "") == "yes":
        return foot in FOOT_ALLOWED
    return bool(foot) or (tags.get("access", "") not in ACCESS_FORBIDDEN and tags.get("service", "") != "private")


def walking_direction(tags: Mapping[str, str]) -> int:
    """0 both ways, 1 only along the way, -1 only against it. `oneway` itself binds vehicles, not people."""
    for key in ("oneway:foot", "foot:oneway"):
        value = tags.get(key, "")
        if value in ("yes", "true", "1"):
            return 1
        if value in ("-1", "reverse"):
            return -1
    return {"forward": 1, "backward": -1}.get(tags.get("conveying", ""), 0)
