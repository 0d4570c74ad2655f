"""What a rule or a reading asks, in words: its keys (`maps/words`, section `rule_key`) and their values, which packs write as codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from layers.kinds import kinds
from layers.saying import Word, in_language
from layers.tables import BASES, QUANTITIES
from maps.words import words
from planner.travel.model import PROFILES

_COLUMNS: Mapping[str, str] = MappingProxyType({column.name: Word(column.en, column.zh) for column in (*BASES, *QUANTITIES)})
_PACES: Mapping[str, str] = MappingProxyType({name: Word(pace.en, pace.zh) for name, pace in PROFILES.items()})


def key_word(key: str, language: str) -> str:
    """What a key of a rule is called; one that has no word stays as the pack writes it."""
    return words(language).get(f"rule_key.{key}", key)


def value_word(key: str, value: object, language: str) -> str:
    """The value of a key: kinds, columns, paces and levels by their names; numbers, dates and conditions as the pack writes them."""
    if isinstance(value, list | tuple):
        return ("、" if language == "zh" else ", ").join(value_word(key, one, language) for one in value)
    code = str(value)
    if key == "facilities" and code in kinds():
        return kinds()[code].zh if language == "zh" else kinds()[code].en
    known = words(language)
    named = _COLUMNS.get(code) or _PACES.get(code)
    return in_language(named, language) if named else known.get(f"level.{code}") or known.get(f"rule_value.{code or 'all'}", code)
