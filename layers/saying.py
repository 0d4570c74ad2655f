"""Sentences for people, in the language of the reader: `say` where a message is written, `in_language` where it is shown.

A message is written in English with named fields, `say("has {n} bands", n=3)`, and is an ordinary text in English wherever nothing is done
to it. It remembers its pattern and fields, so that an output can tell it in another language: every pattern has an entry in
`messages.zh.toml`, kept by a test.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Self


class Said(str):
    """A sentence in English that can be told in other languages."""

    __slots__ = ("fields", "pattern")
    pattern: str
    fields: Mapping[str, object]

    def __new__(cls, pattern: str, fields: Mapping[str, object]) -> Self:
        """The pattern with its fields filled in."""
        said = super().__new__(cls, pattern.format(**fields))
        said.pattern = pattern
        said.fields = dict(fields)
        return said

    def __reduce__(self) -> tuple[type[Said], tuple[str, dict[str, object]]]:
        """For copies and worker processes."""
        return Said, (self.pattern, dict(self.fields))


def say(pattern: str, /, **fields: object) -> Said:
    """A sentence; fields are named in braces with format specifications as usual, and may be sentences themselves."""
    return Said(pattern, fields)


def in_language(text: str, language: str) -> str:
    """A sentence in "zh" or "en"; a text that was not made by `say` is a name or a quotation and stays as it is.

    Raises `KeyError` for a pattern without a translation.
    """
    if not isinstance(text, Said) or language == "en":
        return str(text)
    fields = {name: in_language(value, language) if isinstance(value, str) else value for name, value in text.fields.items()}
    return _catalogue(language)[text.pattern].format(**fields)


@cache
def _catalogue(language: str) -> dict[str, str]:
    """English pattern -> pattern of the language."""
    text = files("layers").joinpath(f"messages.{language}.toml").read_text(encoding="utf-8")
    return {row["en"]: row[language] for row in tomllib.loads(text)["message"]}
