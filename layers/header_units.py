"""Units that stand in the header of a column: 占地面积（亩）, 总人口[万人], 投资/万元, 用地_公顷, 总人口万人. Its figures are brought into ours, and that is told.

A unit that cannot be ours (a percentage where people are counted) is a fault, never a figure taken as it stands. A further unit is one
entry in `FACTORS`.
"""

from __future__ import annotations

import re

import pandas as pd

from layers.cells import plain
from layers.problems import Findings
from layers.saying import say
from layers.tables import Column, column_name, unit_name

MU_M2 = 2000 / 3
"""A mu (亩) is a fifteenth of a hectare."""

FACTORS: dict[str, dict[str, float]] = {
    "m2": {
        "m2": 1,
        "平方米": 1,
        "平米": 1,
        "亩": MU_M2,
        "公顷": 1e4,
        "ha": 1e4,
        "hm2": 1e4,
        "平方公里": 1e6,
        "km2": 1e6,
        "万平方米": 1e4,
        "万m2": 1e4,
    },
    "people": {"人": 1, "名": 1, "千人": 1e3, "万人": 1e4, "万": 1e4, "people": 1, "persons": 1},
    "households": {"户": 1, "万户": 1e4, "万": 1e4, "households": 1},
    "beds": {"张": 1, "床": 1, "个": 1, "万张": 1e4, "beds": 1},
    "places": {"个": 1, "位": 1, "万个": 1e4, "places": 1},
    "yuan": {"元": 1, "千元": 1e3, "万元": 1e4, "万": 1e4, "百万元": 1e6, "亿元": 1e8, "yuan": 1, "cny": 1, "rmb": 1},
    "": {"°": 1, "度": 1, "m": 1, "米": 1, "层": 1, "级": 1},
}
"""Unit of a column -> what its header may say -> how many of ours it is."""

_SHARES = ("%", "‰", "百分比", "占比")
_SHARE_NAME = re.compile(r".*(占比|比例|比重|百分[比率]|率)")
"""A name that ends so is of a share, whatever it is a share of: 60岁及以上占总人口比重, 老龄化率."""
_KNOWN = {word for words in FACTORS.values() for word in words} | set(_SHARES)
_GLUED = sorted({w for words in FACTORS.values() for w in words if w == "亩" or (len(w) > 1 and not w.isascii())}, key=len, reverse=True)
"""Words that can be nothing but a unit at the end of a header; the longest is tried first."""
_FORMS = (
    re.compile(r"(.+?)\s*[(\[【〔]([^()\[\]【】〔〕]+)[)\]】〕]"),
    re.compile(r"(.+)/([^/]+)"),
    re.compile(r"(.+?)[\s_,\-]+([^\s_,\-]+)"),
    re.compile(rf"(.+?)({'|'.join(_GLUED)})"),
)
"""How a header names its unit: in brackets, after a stroke, after another mark, or glued on where it can be nothing else."""
_PARTS = re.compile(r"(?<=\))\s*\+|\s\+\s")
"""Where a sum of columns is parted: `男(万人)+女(万人)`."""


def split_unit(header: str) -> tuple[str, str]:
    """(name, unit) of a header, the unit "" when it ends with none that is known: `占地面积（亩）` is `占地面积`, `亩`."""
    text = plain(header)
    for match in filter(None, (form.fullmatch(text) for form in _FORMS)):
        unit = match[2].strip().lower().removeprefix("单位:")
        if unit in _KNOWN:
            return match[1].strip(), unit
    return text, ""


def _unit_of(header: str, column: Column) -> str:
    """The unit of a header, "%" where a column that is counted is given by a name that ends like a share; "" for none."""
    name, unit = split_unit(header)
    return "%" if not unit and column.unit and _SHARE_NAME.fullmatch(name) else unit


def in_our_unit(values: pd.Series, column: Column, header: str, where: str, findings: Findings) -> pd.Series:
    """The figures of a column in its own unit, by what its header says they are in."""
    units = {_unit_of(part, column) for part in _PARTS.split(header)}
    if units == {""}:
        return values
    factors = {FACTORS.get(column.unit, {}).get(unit) for unit in units}
    factor = next(iter(factors))
    if len(factors) > 1 or factor is None:
        what = say(
            "column {name} is in {units}; {column} is counted in {ours}",
            name=header,
            units=sorted(units),
            column=column_name(column.name),
            ours=unit_name(column.unit or "1"),
        )
        findings.error(where, what, say("Write the figures in that unit, or take another column."))
        return values
    if factor == 1:
        return values
    what = say(
        "column {name} is in {unit}: its figures count {factor:.10g} times, in {ours}",
        name=header,
        unit=min(units),
        factor=factor,
        ours=unit_name(column.unit),
    )
    findings.note(where, what)
    return values * factor
