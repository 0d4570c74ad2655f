"""A sum of money in a sentence of `layers.saying`: yuan in English, 万元 in Chinese, as everywhere."""

from __future__ import annotations

from layers.saying import Word
from maps.numbers import shown_yuan
from maps.words import unit_word


def money(yuan: float) -> str:
    """The sum with its unit, in both languages."""
    return Word(_told(yuan, "en"), _told(yuan, "zh"))


def _told(yuan: float, language: str) -> str:
    digits, unit = shown_yuan(yuan, language)
    return f"{digits} {unit_word(unit, language)}"
