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

KNOWN = (
    frozenset(
        (
            "trunk",
            "trunk_link",
            "primary",
            "primary_link",
            "secondary",
            "secondary_link",
            "tertiary",
            "tertiary_link",
            "unclassified",
            "residential",
        )
        + ("living_street", "service", "pedestrian", "track", "road", "footway", "bridleway", "steps", "corridor", "path", "crossing")
        + ("track_grade1", "track_grade2", "track_grade3", "track_grade4", "track_grade5", "unknown")  # of Geofabrik's shapefiles
    )
    | NEEDS_FOOT
    | NOT_A_STREET
)
"""`highway` values whose meaning is certain."""

CHINESE = {
    **dict.fromkeys(("高速", "高速公路", "快速路", "城市快速路", "高架路"), "motorway"),
    **dict.fromkeys(("匝道", "高速匝道", "互通匝道"), "motorway_link"),
    **dict.fromkeys(("铁路", "高速铁路", "高铁", "地铁", "轻轨", "轨道交通", "航道", "轮渡"), "no"),
    **dict.fromkeys(("在建", "在建道路", "规划", "规划道路"), "planned"),
    **dict.fromkeys(("国道",), "trunk"),
    **dict.fromkeys(("省道", "主干路", "主干道", "城市主干路", "城市主干道", "一级公路"), "primary"),
    **dict.fromkeys(("县道", "次干路", "次干道", "城市次干路", "城市次干道", "二级公路"), "secondary"),
    **dict.fromkeys(("乡道", "支路", "城市支路", "三级公路"), "tertiary"),
    **dict.fromkeys(("村道", "四级公路", "等外公路", "专用公路", "农村公路", "乡村道路"), "unclassified"),
    **dict.fromkeys(("街巷", "巷道", "小区道路", "内部道路", "居住区道路"), "residential"),
    **dict.fromkeys(("人行道", "步行道", "步道", "人行天桥", "地下通道"), "footway"),
    **dict.fromkeys(("步行街",), "pedestrian"),
    **dict.fromkeys(("小路", "田间小路"), "path"),
    **dict.fromkeys(("机耕路", "机耕道"), "track"),
    **dict.fromkeys(("台阶", "梯道"), "steps"),
}
"""What the road classes of Chinese files are in OSM's words: 公路工程技术标准 (JTG B01) and 城市综合交通体系规划标准 (GB/T 51328)."""


def highways_of(text: str) -> list[str]:
    """The `highway` values that a cell of a class column means, in lower case and from Chinese; several where it names several ("a;b")."""
    words = [word.strip().lower() for word in text.replace("；", ";").split(";")]
    return [CHINESE.get(word, word) for word in words if word]


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
