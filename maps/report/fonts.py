"""A font with Chinese characters for drawn maps. Without one every name would be a row of boxes, so that its absence is an error."""

from __future__ import annotations

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

from layers.saying import say
from maps.publishing.manifest import PublishError

FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "SimSun",
)  # fmt: skip
"""In the order of preference: simplified characters, sans serif first."""


def chinese_family() -> str:
    """The family to draw with; looks anew at the disk when the list that matplotlib keeps knows none.

    Raises
    ------
    PublishError
        when this machine has no such font
    """
    found = known_family()
    if not found:
        raise PublishError(
            say(
                "there is no font with Chinese characters on this machine: install fonts-noto-cjk (Debian, Ubuntu) or Noto Sans CJK SC, "
                "or take sheet and brief out of formats"
            )
        )
    return found


def font(size_points: float, weight: str = "normal") -> FontProperties:
    """The family in a size, and a second one for signs that it does not have."""
    return FontProperties(family=[chinese_family(), "DejaVu Sans"], size=size_points, weight=weight)


def _known() -> str:
    """The first family that matplotlib knows."""
    names = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in FAMILIES if family in names), "")


def known_family() -> str:
    """The family, "" for none. Fonts installed since matplotlib made its list are added: the list is kept between runs and grows old."""
    if found := _known():
        return found
    listed = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in listed and any(word in path for word in ("CJK", "SC", "Han", "msyh", "PingFang", "Hiragino", "wqy", "sim")):
            font_manager.fontManager.addfont(path)
    return _known()
