"""The notes beside figures, which the planner writes in English, in the reader's language.

Every phrase stands in `[note]` of `maps/words/*.toml`, in English as the planner writes it. What is named in a phrase is kept as it is:
names of facilities, and conditions as their pack writes them. A note that is no known phrase stays in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from layers.tables import BASES, QUANTITIES
from maps.words import words

_SECTION = "note."
_FIELDS = {
    "n": r"\d[\d.,]*",
    "m": r"\d[\d.,]*",
    "column": r"[a-z]\w*",
    "level": r"[a-z_]+",
    "above": r"[a-z_]+",
    "rule": r"[\w.-]+",
    "day": r"\d{4}-\d\d-\d\d",
}
"""What may stand in the place of a field; anything else in the place of one that is not listed."""
_NAMED = ("note.named", "note.and_more")
"""Phrases around another: `a, b and 3 more: ...`."""


def note_in(note: str, language: str) -> str:
    """A note of the planner (phrases parted by `; `) in a language."""
    if language == "en" or not note:
        return note
    whole = _phrase(note, language)  # a phrase may hold `; ` itself
    return whole or "；".join(_part(part, language) for part in note.split("; "))


def _part(part: str, language: str) -> str:
    if said := _phrase(part, language):
        return said
    for cut in re.finditer(": ", part):
        if said := _phrase(part[cut.end() :], language):
            return words(language)["note.named"].format(names=_names(part[: cut.start()], language), said=said)
    return part


def _names(names: str, language: str) -> str:
    more = _pattern("note.and_more").fullmatch(names)
    return words(language)["note.and_more"].format(**more.groupdict()) if more else names


def _phrase(text: str, language: str) -> str:
    """The text in a language; "" when it is no known phrase."""
    for key in (key for key in words("en") if key.startswith(_SECTION) and key not in _NAMED):
        if found := _pattern(key).fullmatch(text):
            return words(language)[key].format(**_fields(found.groupdict(), language))
    return ""


@cache
def _pattern(key: str) -> re.Pattern[str]:
    """What an English phrase matches, its fields as groups."""
    parts = re.split(r"\{(\w+)\}", words("en")[key])
    return re.compile("".join(f"(?P<{p}>{_FIELDS.get(p, '.+')})" if i % 2 else re.escape(p) for i, p in enumerate(parts)), re.DOTALL)


def _fields(found: Mapping[str, str], language: str) -> dict[str, str]:
    """The fields with words in place of columns and levels."""
    columns = {column.name: column.zh if language == "zh" else column.en for column in (*BASES, *QUANTITIES)}
    known = {"column": columns, "terms": columns, **dict.fromkeys(("level", "above"), _levels(language))}
    return {field: known.get(field, {}).get(text, text) for field, text in found.items()}


def _levels(language: str) -> dict[str, str]:
    return {key.removeprefix("level."): word for key, word in words(language).items() if key.startswith("level.")}
