"""Units that stand in the header of a column (占地面积（亩）, 总人口[万人], 投资/万元, 用地_公顷, 总人口万人) or behind a figure (1.2万人).

Figures are brought into our unit, once, and what a header did is told. A unit that cannot be ours (a percentage where people are counted) is
a fault, never a figure taken as it stands. A further unit is one entry in `FACTORS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.cells import SCALES, degrees_of, figure_of, plain
from layers.problems import Findings
from layers.saying import Said, say
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
    "people": {"人": 1, "名": 1, "百人": 1e2, "千人": 1e3, "万人": 1e4, "十万人": 1e5, "百万人": 1e6, "万": 1e4, "people": 1, "persons": 1},
    "households": {"户": 1, "百户": 1e2, "千户": 1e3, "万户": 1e4, "万": 1e4, "households": 1},
    "beds": {"张": 1, "床": 1, "个": 1, "百张": 1e2, "千张": 1e3, "万张": 1e4, "beds": 1},
    "places": {"个": 1, "位": 1, "百个": 1e2, "千个": 1e3, "万个": 1e4, "places": 1},
    "yuan": {
        "元": 1,
        "百元": 1e2,
        "千元": 1e3,
        "万元": 1e4,
        "万": 1e4,
        "十万元": 1e5,
        "百万元": 1e6,
        "千万元": 1e7,
        "亿元": 1e8,
        "亿": 1e8,
        "yuan": 1,
        "cny": 1,
        "rmb": 1,
    },
    "": {"°": 1, "度": 1, "m": 1, "米": 1, "层": 1, "级": 1},
}
"""Unit of a column -> what its header may say -> how many of ours it is."""

_SHARES = ("%", "‰", "百分比", "占比")
_SHARE_NAME = re.compile(r".*(占比|比例|比重|百分[比率]|率)")
"""A name that ends so is of a share, whatever it is a share of: 60岁及以上占总人口比重, 老龄化率."""
_KNOWN = {word for words in FACTORS.values() for word in words} | set(_SHARES)
_GLUED = sorted({w for words in FACTORS.values() for w in words if w == "亩" or (len(w) > 1 and not w.isascii())}, key=len, reverse=True)
"""Words that can be nothing but a unit at the end of a header; the longest is tried first."""
_BRACKETED = re.compile(r"(.+?)\s*[(\[【〔]([^()\[\]【】〔〕]+)[)\]】〕]")
_FORMS = (
    _BRACKETED,
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


def strange_bracket(header: str) -> tuple[str, str] | None:
    """(name, what stands in brackets behind it) of a header whose brackets hold no unit that is known: `60岁及以上（人次）`; else None."""
    match = _BRACKETED.fullmatch(plain(header))
    return (match[1].strip(), match[2].strip()) if match and not split_unit(header)[1] else None


@dataclass(frozen=True)
class HeaderUnit:
    """What the figures of a column are in by its header; `factor` is how many of ours one is, 1 where the header states none."""

    column: Column
    word: str = ""
    factor: float = 1.0

    def number(self, cell: str) -> float | None:
        """The figure of a cell in our unit, None for no data; raises ValueError for no number, `UnitError` for a unit that does not fit.

        A unit in the cell itself counts in place of the header's, and must not say another: `1.3万` under 万人 is 13,000 people, `1.3人` is a
        fault. 万 and 亿 alone multiply a header's unit that has no such word in it: `1.2万` under 亩 is 12,000 mu. A coordinate may be in
        degrees, minutes and seconds.
        """
        if self.column.type == "coordinate" and (degrees := degrees_of(cell)) is not None:
            return degrees
        figure = figure_of(cell)
        if figure is None:
            return None
        if not figure.unit:
            return figure.times(self.factor)
        if figure.unit in SCALES and self.word.startswith(figure.unit):
            return figure.times(self.factor)
        if figure.unit in SCALES and self.word[:1] not in ("十", "百", "千", "万", "亿"):
            return figure.times(SCALES[figure.unit]) * self.factor
        own = FACTORS.get(self.column.unit, {}).get(figure.unit)
        if own is not None and self.factor in (1.0, own):
            return figure.times(own)
        if own is not None or figure.unit in _KNOWN or figure.unit in SCALES:
            raise UnitError(self._unfit(figure.unit))
        raise ValueError(f"`{cell}` is not a number")

    def _unfit(self, unit: str) -> Said:
        if self.word:
            return say("is in {unit}, and the heading says {word}", unit=unit, word=self.word)
        return say("is in {unit}, but {column} is counted in {ours}", unit=unit, **_of(self.column))


class UnitError(ValueError):
    """A cell states a unit that its column cannot be in; `said` is what is wrong with it."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


def header_unit(column: Column, header: str, where: str, findings: Findings) -> HeaderUnit:
    """What the header of a column says its figures are in; a unit other than ours is told, one that cannot be ours is a fault."""
    units = {_unit_of(part, column) for part in _PARTS.split(header)}
    if units == {""}:
        return HeaderUnit(column)
    factors = {FACTORS.get(column.unit, {}).get(unit) for unit in units}
    factor = next(iter(factors))
    if len(factors) > 1 or factor is None:
        what = say("column {name} is in {units}, but {column} is counted in {ours}", name=header, units=sorted(units), **_of(column))
        remedy = say("Write the figures in {unit}, or name another column under `columns`.", unit=unit_name(column.unit or "1"))
        findings.error(where, what, remedy)
        return HeaderUnit(column)
    if factor != 1:
        what = say(
            "column {name} is in {unit}: its figures were multiplied by {factor:.10g} to give {ours}",
            name=header,
            unit=min(units),
            factor=factor,
            ours=unit_name(column.unit),
        )
        findings.note(where, what)
    return HeaderUnit(column, min(units), factor)


def _of(column: Column) -> dict[str, str]:
    """A column and what it is counted in, as messages name them."""
    return {"column": column_name(column.name), "ours": unit_name(column.unit or "1")}
