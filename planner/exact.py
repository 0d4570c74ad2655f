"""Exact arithmetic at thresholds: whether a figure meets its limit is never left to binary fractions.

128.6 m2 for 1286 people are exactly 0.1 m2 each, but 128.6 / 1286 is 0.09999999999999999 in floating point; of the populations from 1 to
20000 with exactly 0.1 m2 each, 7999 would fail. Figures are therefore taken as they would be written, and compared as fractions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

Op = Literal[">=", ">", "<=", "<"]

SIGNIFICANT_DIGITS = 12
"""A double holds 15 to 17 digits; the last ones are the dust of sums. Twelve tell 1 m2 in a million square kilometres."""


def exact(number: float) -> Fraction:
    """The figure as it would be written with `SIGNIFICANT_DIGITS`: 0.1 is one tenth, 128.60000000000002 is 128.6."""
    return Fraction(f"{number:.{SIGNIFICANT_DIGITS}g}")


def exact_sum(numbers: Iterable[float]) -> Fraction:
    """The sum of the figures, rounded once, whatever their order; not the sum of rounded thirds, which would miss the whole."""
    return exact(math.fsum(numbers))


def meets(figure: Fraction, op: Op, required: Fraction) -> bool:
    """Whether a figure meets what is required; 不少于, 达到, 以上 (>=) include the number, 超过 (>) does not."""
    match op:
        case ">=":
            return figure >= required
        case ">":
            return figure > required
        case "<=":
            return figure <= required
        case "<":
            return figure < required


def missing(figure: Fraction, op: Op, required: Fraction) -> Fraction:
    """How much more (less, for an upper limit) meets the requirement; 0 when it is met. A strict limit asks for the next whole one."""
    if meets(figure, op, required):
        return Fraction(0)
    distance = abs(required - figure)
    return distance if op in (">=", "<=") else Fraction(math.floor(distance) + 1)


def units_needed(units_pct: float, n_units: int) -> int:
    """How many of `n_units` must pass: 7 per cent of 100 are 7, although ceil(0.07 * 100) is 8."""
    return math.ceil(exact(units_pct) * n_units / 100)
