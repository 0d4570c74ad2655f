"""How a figure is written: the same digits on the page, in the tables and in the brief.

Digits only: the unit stands beside them in the reader's language (`words.unit_word`). Two promises: a figure that is not zero is
never written as 0, and a share below 100 % never as 100.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

NO_DATA = "—"
"""stands where a figure is not known; never 0"""
UNREACHED = "∞"
"""stands for minutes to something that is not in reach"""

COUNTED = frozenset(
    {"people", "beds", "places", "facilities", "centres", "institutions", "points", "outlets", "households", "social workers", "of each",
     "yuan", "units", "rules", "sites", "beds to convert", "places to convert", "facilities to convert"}
)  # fmt: skip
"""Units of whole things: nobody meets 1.6 people. Only below 1 there is one decimal, so that a part of one never reads 0."""

MAX_DECIMALS = 6


def shown(value: float | None, unit: str = "", *, beside: float | None = None) -> str:
    """The digits of a figure.

    Thousands separators; counts whole; per cent, minutes and 万元 with one decimal; square metres with at most one; ratios (`... per ...`) and
    everything else with three significant digits. Halves go up, as in Excel.

    Parameters
    ----------
    value
        None or NaN is no data (`NO_DATA`), infinity is out of reach (`UNREACHED`)
    unit
        of the value, e.g. `m2 of land per person`, `%`, `people`, `min`, `wan_yuan`
    beside
        a limit that is shown beside it: decimals are added until a value short of the limit no longer reads like the limit
    """
    if value is None or math.isnan(value):
        return NO_DATA
    if math.isinf(value):
        return UNREACHED
    exact = Decimal(repr(float(value)))
    decimals = _decimals(exact, unit)
    limits = [Decimal(0), *([Decimal(100)] if unit.startswith("%") else []), *([] if beside is None else [Decimal(repr(float(beside)))])]
    while decimals < MAX_DECIMALS and any(_reads_like(exact, limit, decimals) for limit in limits):
        decimals += 1
    text = f"{_rounded(exact, decimals):,f}"
    return _without_trailing_zeros(text) if _trims(unit) else text


def shown_difference(value: float | None, unit: str = "") -> str:
    """The digits of a difference, with its sign: `+12`, `-3`, `0`. Of two figures in per cent it is in percentage points."""
    digits = shown(value, unit)
    return f"+{digits}" if value is not None and value > 0 else digits


def shown_parts(parts: Mapping[str, float], unit: str) -> dict[str, str]:
    """The digits of parts in a sentence that tells their total too: whole ones add up to it as it is written (largest remainder).

    Parts are not below 0. Each is written up or down, by less than 1. Where the unit is not counted, a part is less than 1 and so has a
    decimal, or is not known, every figure is written as `shown` writes it.
    """
    if unit not in COUNTED or any(math.isnan(part) or 0 < part < 1 for part in parts.values()):
        return {name: shown(part, unit) for name, part in parts.items()}
    whole = {name: math.floor(part) for name, part in parts.items()}
    left = int(_rounded(Decimal(repr(math.fsum(parts.values()))), 0)) - sum(whole.values())
    up = sorted(parts, key=lambda name: whole[name] - parts[name])[:left]
    return {name: shown(number + (name in up), unit) for name, number in whole.items()}


def shown_yuan(yuan: float | None, language: str) -> tuple[str, str]:
    """A sum of money as (digits, unit): 万元 in Chinese, yuan in English."""
    if language == "zh":
        return shown(None if yuan is None else yuan / 10_000, "wan_yuan"), "wan_yuan"
    return shown(yuan, "yuan"), "yuan"


def _decimals(value: Decimal, unit: str) -> int:
    """How many decimals the unit asks for at this size."""
    size = abs(value)
    if unit.startswith("%") or unit in ("min", "wan_yuan"):
        return 1
    if unit in COUNTED:
        return 0 if size >= 1 or size == 0 else 1
    if unit == "m2":
        return 0 if size >= 1000 else 1
    if size == 0:
        return 0
    return max(0, 2 - size.adjusted())


def _trims(unit: str) -> bool:
    """Whether zeros after the point say nothing: they do in per cent and minutes, where columns line up."""
    return not (unit.startswith("%") or unit == "min")


def _rounded(value: Decimal, decimals: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def _reads_like(value: Decimal, limit: Decimal, decimals: int) -> bool:
    """Whether the value differs from the limit and yet would be written like it."""
    really_other = abs(value - limit) > Decimal("1e-9") * max(Decimal(1), abs(limit))
    return really_other and _rounded(value, decimals) == _rounded(limit, decimals)


def _without_trailing_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
