"""The words of a legend: what the classes between limits are called."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from maps.numbers import shown
from maps.words import unit_word


def ranges(limits: Sequence[float], unit: str, language: str) -> list[str]:
    """Texts of the classes between ascending limits, one more than there are limits; [""] when there is only one class."""
    word = unit_word(unit, language)
    digits = [shown(limit, unit) for limit in limits]
    if not digits:
        return [""]
    return [
        f"≤ {digits[0]} {word}",
        *(f"{low} – {high} {word}" for low, high in pairwise(digits)),
        f"> {digits[-1]} {word}",
    ]
