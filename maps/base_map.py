"""Base maps that a committee page may fetch as tiles when the scenario asks for one; without one the page fetches nothing.

Only tiles in web mercator of WGS 84 or CGCS2000 can lie under the page's map: tiles in GCJ-02 (Amap, Tencent, Google China) or BD-09 stand some hundred
metres beside it and are not offered. A new base map is one entry of `BASE_MAPS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

BaseMapName = Literal["none", "osm", "tianditu", "tianditu_image"]

KEY_VARIABLE = "TIANDITU_KEY"
"""Environment variable with the planner's own key. Never the scenario: its text is stored in run.json and in the GeoPackage."""
_KEY = re.compile("[0-9A-Za-z]{16,64}")
_KEY_MARK = "[key]"


@dataclass(frozen=True)
class BaseMap:
    """Tiles of one server, laid over each other."""

    host: str
    """scheme and name: all that the page's policy allows, for pictures only"""
    layers: tuple[str, ...]
    """addresses as Leaflet takes them ({z}, {x}, {y}), the lowest first"""
    credit_zh: str
    credit_en: str
    last_zoom: int
    """there are no tiles closer than this"""

    @property
    def needs_key(self) -> bool:
        """Whether the server wants a key with every tile."""
        return any(_KEY_MARK in layer for layer in self.layers)

    def with_key(self, key: str) -> BaseMap:
        """The same with the key in its addresses. Raises `ValueError` when the key is none."""
        if self.needs_key and not is_key(key):
            raise ValueError(f"{KEY_VARIABLE} is not a key of letters and digits")
        return BaseMap(
            self.host, tuple(layer.replace(_KEY_MARK, key) for layer in self.layers), self.credit_zh, self.credit_en, self.last_zoom
        )


def is_key(text: str) -> bool:
    """Whether a text can be a key of Tianditu."""
    return _KEY.fullmatch(text) is not None


def _tianditu(*names: str) -> tuple[str, ...]:
    """Tile addresses of layers in the matrix set `w` (web mercator; `c` is in degrees and would be misplaced)."""
    return tuple(
        f"https://t0.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
        f"&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={_KEY_MARK}"
        for name in names
    )


_TIANDITU = ("天地图 · 国家地理信息公共服务平台", "Tianditu, National Platform for Common Geospatial Information Services")

BASE_MAPS: Mapping[BaseMapName, BaseMap] = {
    "osm": BaseMap(
        "https://tile.openstreetmap.org",
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
        "© OpenStreetMap 贡献者 (openstreetmap.org/copyright)",
        "© OpenStreetMap contributors (openstreetmap.org/copyright)",
        19,
    ),
    "tianditu": BaseMap("https://t0.tianditu.gov.cn", _tianditu("vec", "cva"), *_TIANDITU, 18),
    "tianditu_image": BaseMap("https://t0.tianditu.gov.cn", _tianditu("img", "cia"), *_TIANDITU, 18),
}
