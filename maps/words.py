"""The words of pages and exports in the reader's language. A new language is one file beside `words/zh.toml` with the same keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("zh", "en")
"""The first is what a page opens in."""


@cache
def words(language: str) -> Mapping[str, str]:
    """Every word of a language by dotted key (`verdict.pass`, `unit.people`), in the order of its file.

    Raises
    ------
    KeyError
        for a language that has no file
    """
    if language not in LANGUAGES:
        raise KeyError(f"no words for language {language!r}: one of {', '.join(LANGUAGES)}")
    sections = tomllib.loads(files("maps").joinpath("words", f"{language}.toml").read_text(encoding="utf-8"))
    return MappingProxyType({f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()})


def unit_word(unit: str, language: str) -> str:
    """The unit of a figure as the reader's language writes it; a unit that has no word stays as the policy pack wrote it."""
    return words(language).get(f"unit.{unit}", unit)
