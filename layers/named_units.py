"""Which unit the name or the address of a site names, and sites that lie in another: positions that are off, whatever they are declared as.

石桥村日间照料中心 belongs into 石桥村, and so does a site at 青山县石桥村3组. A name of few characters stands for nothing, nor does one that is part
of a longer word (大石桥村), one that several units bear, or a village named together with a township that does not hold it.
"""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd

from layers.cells import plain
from layers.levels import short_name
from layers.problems import Findings, row_label
from layers.saying import say
from layers.shift import shift_by_units
from layers.units import Ground

ADDRESS_HEADINGS = ("地址", "详细地址", "机构地址", "单位地址", "所在地址", "设施地址", "住所", "address", "Address")
"""Columns that say where a site is in words; they keep their names."""
LEAST_CHARACTERS, LEAST_LETTERS = 3, 5
"""Shorter names, in Chinese and in letters, are found in too many words."""
LEAST_ROWS = 8
"""Fewer rows that name a unit are no witness."""
MANY, MANY_SHARE = 3, 0.25
"""So many rows elsewhere, and such a share of those that name a unit, are told also where no map offset explains them."""
_ENDS_A_NAME = re.compile(r"[省市州盟县旗区镇乡街道村里\s,，、;；:：()（）·\d-]")
"""What may stand before the name of a unit: the end of the unit above it, or a mark."""


def tell_named_elsewhere(frame: gpd.GeoDataFrame, located: pd.Series, read_as: str, where: str, ground: Ground, findings: Findings) -> None:
    """Tell the rows that name one unit and lie in another; `located` is the finest unit each lies in, "" for none."""
    named = named_units(frame, ground)
    named = named[(named != "") & (located != "")]
    is_elsewhere = [not ground.lies_under(*pair) for pair in zip(located[named.index], named, strict=True)]
    elsewhere = named[is_elsewhere]
    if len(named) < LEAST_ROWS or elsewhere.empty:
        return
    shift = shift_by_units(frame.loc[named.index].assign(unit_id=named), read_as, ground)
    if shift is None and len(elsewhere) < max(MANY, MANY_SHARE * len(named)):
        return
    called = dict(zip(ground.units["unit_id"], ground.units["name"], strict=True))
    rows = [
        say("{row}: {name}, lies in {found}", row=row_label(str(row)), name=name or called[unit], found=called[here])
        for row, name, unit, here in zip(
            elsewhere.index, frame.loc[elsewhere.index, "name"], elsewhere, located[elsewhere.index], strict=True
        )
    ]
    what = say("{n} of {n_all} row(s) that name a unit in name or address lie in another", n=len(elsewhere), n_all=len(named))
    findings.note(where, what, shift.told() if shift else say("Check their coordinates, and what they are declared as."), rows)


def named_units(frame: pd.DataFrame, ground: Ground) -> pd.Series:
    """The one unit of the finest level that each row names, else the one township; "" where there is none, or no knowing which."""
    columns = ["name", *(heading for heading in ADDRESS_HEADINGS if heading in frame.columns)]
    texts = ("\n".join(plain(cell) for cell in cells) for cells in zip(*(frame[name].fillna("") for name in columns), strict=True))
    names = _Names(ground)
    return pd.Series([names.unit_in(text) for text in texts], index=frame.index, dtype=object)


class _Names:
    """The names of townships and of the units of the finest level, and which units bear them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        asked = ground.units[ground.units["level"].isin(["township", ground.finest_level])]
        names = asked["name"].map(lambda name: plain(short_name(name)))
        self._bearers: dict[str, tuple[str, ...]] = asked["unit_id"].groupby(names).agg(tuple).to_dict()
        self._bearers = {
            name: ids for name, ids in self._bearers.items() if len(name) >= (LEAST_LETTERS if name.isascii() else LEAST_CHARACTERS)
        }
        self._lengths = sorted({len(name) for name in self._bearers}, reverse=True)
        self._finest = set(ground.finest["unit_id"])

    def unit_in(self, text: str) -> str:
        """The unit that a text names."""
        found = [self._bearers[name] for name in dict.fromkeys(self._names_in(text))]
        if any(len(bearers) > 1 for bearers in found):
            return ""
        units = [bearers[0] for bearers in found]
        villages = [unit for unit in units if unit in self._finest]
        above = [unit for unit in units if unit not in self._finest]
        if len(villages) > 1 or len(above) > 1 or not all(self._ground.lies_under(v, a) for v in villages for a in above):
            return ""
        return next(iter([*villages, *above]), "")

    def _names_in(self, text: str) -> list[str]:
        """Names that stand in a text, the longest at each place, each where a name may begin."""
        found, at = [], 0
        while at < len(text):
            may_begin = at == 0 or _ENDS_A_NAME.match(text[at - 1]) is not None
            name = next((text[at : at + n] for n in self._lengths if text[at : at + n] in self._bearers), "") if may_begin else ""
            if name and not (name.isascii() and text[at + len(name) : at + len(name) + 1].isalnum()):
                found.append(name)
            at += len(name) or 1
        return found
