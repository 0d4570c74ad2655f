"""Names of places, made of characters that are common in the place names of the southern hills; no real place is meant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scenarios.demo.chance import Flags, stream

COUNTY = "示范县"
STREETS = ("江北街道", "江南街道")
TOWNS = ("枫坪镇", "石渡镇", "茶源镇", "桐林镇", "双溪镇", "青岩镇", "金滩镇", "白竹镇")
RURAL_TOWNSHIPS = ("云岭乡", "雾峰乡", "高坳乡", "鹿鸣乡")
TOWN_COMMUNITIES = (
    ("北门社区", "鼓楼社区", "文昌社区", "临江社区", "桥北社区", "学府社区", "新城社区", "车站社区", "凤凰社区", "城西社区"),
    ("南门社区", "渡口社区", "桥南社区", "滨河社区", "花园社区", "东市社区", "建设社区", "青年社区", "竹山社区", "和平社区"),
)
"""of the north bank and of the south bank"""

_FIRST = tuple("青白石龙金银竹松杉枫茶桃梨柳桐桂枣梅兰莲稻麻油铁铜上下大小新老高长双三五六八九东西南北红黄黑清云雷风泥马牛羊鹿凤鹤燕杨李")
_VALLEY = tuple("溪坪江滩田湾塘垅桥冲洲渡")
_HILL = tuple("岭坳界岩寨坡团冲背排顶垴")


def village_names(in_hills: Flags) -> list[str]:
    """(n,) different names of villages, after water and fields in the valleys and after passes and rocks in the hills."""
    rng = stream(60)
    taken: set[str] = set()
    names = []
    for hilly in in_hills:
        last = _HILL if hilly else _VALLEY
        while True:
            name = f"{_FIRST[int(rng.integers(len(_FIRST)))]}{last[int(rng.integers(len(last)))]}村"
            if name not in taken:
                break
        taken.add(name)
        names.append(name)
    return names


def township_names() -> NDArray[np.object_]:
    """(14,) the streets, the towns, the rural townships."""
    return np.array([*STREETS, *TOWNS, *RURAL_TOWNSHIPS], dtype=object)
