"""How figures and lists of names stand in the text of brief and sheet."""

from __future__ import annotations

import re

from maps.numbers import NO_DATA, shown, shown_yuan
from maps.words import unit_word, words


def digits_and_unit(value: float, unit: str, language: str, *, beside: float | None = None) -> tuple[str, str]:
    """The digits of a figure and the word of its unit, as everywhere; money in 万元 in Chinese. No unit where there is no figure."""
    digits, of = shown_yuan(value, language) if unit == "yuan" else (shown(value, unit, beside=beside), unit)
    if digits == NO_DATA or not unit:
        return digits, ""
    one = words(language).get(f"unit_one.{of}") if digits == "1" else None
    return digits, one or unit_word(of, language)


def with_unit(value: float, unit: str, language: str, *, beside: float | None = None) -> str:
    """A figure with its unit; a dash alone where it is not known."""
    return " ".join(part for part in digits_and_unit(value, unit, language, beside=beside) if part)


def change(before: float, after: float, unit: str, language: str, *, at_least: tuple[bool, bool] = (False, False)) -> str:
    """`9,026 → 7,594 people`; the figure alone where it stays. `at_least` marks each figure that may be larger."""
    (first, _), (last, word) = (digits_and_unit(value, unit, language) for value in (before, after))
    marks = ["≥ " if is_open and digits != NO_DATA else "" for is_open, digits in zip(at_least, (first, last), strict=True)]
    both = list(dict.fromkeys((marks[0] + first, marks[1] + last)))
    word = word or digits_and_unit(before, unit, language)[1]
    return " ".join(part for part in (" → ".join(both), word) if part)


def clause_of(policy: str, clause: str, language: str) -> str:
    """The policy and its clause, called so: a clause `一` alone would be read as a dash."""
    parts = [policy, f"{words(language)['brief.clause']} {clause}" if clause else ""]
    return (" " if language == "zh" else ", ").join(part for part in parts if part)


def quoted(policy: str, clause: str, sentence: str, language: str) -> str:
    """What a policy says, and where."""
    return f"{clause_of(policy, clause, language)}{'：' if language == 'zh' else ': '}{sentence}"


def capital(text: str) -> str:
    """The text as the beginning of a sentence; a name of the data (`pop_total`) stays."""
    return text[:1].upper() + text[1:] if re.match(r"[^\W\d_]+(\W|$)", text) else text
