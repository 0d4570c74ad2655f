"""What a rule or a reading asks, in words: its keys (`maps/words`, section `rule_key`) and their values, which packs and scenarios write as codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from layers.condition_words import condition_words
from layers.kinds import kinds
from layers.saying import Word, in_language
from layers.tables import BASES, QUANTITIES
from maps.numbers import NO_DATA
from maps.words import unit_word, words
from planner.travel.model import PROFILES

KIND_KEYS, CONDITION_KEYS = ("facilities", "circle_kinds", "together"), ("where", "universe")
_COLUMNS: Mapping[str, str] = MappingProxyType({column.name: Word(column.en, column.zh) for column in (*BASES, *QUANTITIES)})
_PACES: Mapping[str, str] = MappingProxyType({name: Word(pace.en, pace.zh) for name, pace in PROFILES.items()})


def key_word(key: str, language: str) -> str:
    """What a key of a rule, of the circle or of `[travel]` is called; one that has no word stays as it is written."""
    return words(language).get(f"rule_key.{key}", key)


def value_word(key: str, value: object, language: str) -> str:
    """The value of a key: kinds, columns, paces, levels, units and conditions in words, numbers and dates as they are; — where nothing is set."""
    if value is None:
        return NO_DATA
    if isinstance(value, list | tuple):
        return ("、" if language == "zh" else ", ").join(value_word(key, one, language) for one in value) or NO_DATA
    if isinstance(value, dict):
        return " ".join(f"{key_word(name, language)} {value_word(name, one, language)}" for name, one in value.items())
    return _code_word(key, str(int(value)) if isinstance(value, float) and value.is_integer() else str(value), language)


def _code_word(key: str, code: str, language: str) -> str:
    if key in KIND_KEYS and code in kinds():
        return kinds()[code].zh if language == "zh" else kinds()[code].en
    if key in CONDITION_KEYS and code:
        return in_language(condition_words(code), language)
    if key == "value_unit":
        return unit_word(code, language)
    known = words(language)
    named = _COLUMNS.get(code) or _PACES.get(code)
    return in_language(named, language) if named else known.get(f"level.{code}") or known.get(f"rule_value.{code or 'all'}", code)


def setting_word(key: str, value: object, language: str) -> str:
    """A key and its value."""
    return f"{key_word(key, language)} {value_word(key, value, language)}"
