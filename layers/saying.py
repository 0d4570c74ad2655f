"""Sentences for people, in the language of the reader: `say` where a message is written, `in_language` where it is shown.

A message is written in English with named fields, `say("has {n} bands", n=3)`, and is an ordinary text in English wherever nothing is done
to it. It remembers its pattern and fields, so that an output can tell it in another language: every pattern has an entry in
`messages.zh.toml`, kept by a test. What is named in a message (a file, a village, a condition) stays as it is; a column, a level or a
kind that has words of its own is a `Word`.

pandas keeps sentences only in columns of dtype object (`pd.Series(sentences, dtype=object)`); its own text dtype makes bare text of them.
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
        said = super().__new__(cls, pattern.format(**{name: _told(value, "en") for name, value in fields.items()}))
        said.pattern = pattern
        said.fields = dict(fields)
        return said

    def __reduce__(self) -> tuple[type[Said], tuple[str, dict[str, object]]]:
        """For copies and worker processes."""
        return Said, (self.pattern, dict(self.fields))


class Word(str):
    """A name that carries its own Chinese, e.g. `Word("pop60", "60岁及以上人口")`."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, en: str, zh: str) -> Self:
        """The English name; `zh` is told in its place in Chinese."""
        named = super().__new__(cls, en)
        named.zh = zh
        return named

    def __reduce__(self) -> tuple[type[Word], tuple[str, str]]:
        """For copies and worker processes."""
        return Word, (str(self), self.zh)


def say(pattern: str, /, **fields: object) -> Said:
    """A sentence; fields are named in braces with format specifications as usual.

    A field may be a sentence or a word itself, which is told in the language of the whole, or a tuple or list of texts, which is told
    with commas between them.
    """
    return Said(pattern, fields)


def later(pattern: str) -> str:
    """A pattern that is filled in elsewhere by `say`, as it stands in a table: the mark by which the test of the catalogue finds it."""
    return pattern


def in_language(text: str, language: str) -> str:
    """A sentence in "zh" or "en"; a text that was not made by `say` is a name or a quotation and stays as it is.

    Raises `KeyError` for a pattern without a translation.
    """
    if language == "en" or not isinstance(text, (Said, Word)):
        return str(text)
    if isinstance(text, Word):
        return text.zh
    return _catalogue(language)[text.pattern].format(**{name: _told(value, language) for name, value in text.fields.items()})


def _told(field: object, language: str) -> object:
    """What is filled into a pattern."""
    if isinstance(field, str):
        return in_language(field, language)
    if isinstance(field, (tuple, list)):
        return _COMMA[language].join(str(_told(part, language)) for part in field)
    return field


_COMMA = {"en": ", ", "zh": "、"}


@cache
def _catalogue(language: str) -> dict[str, str]:
    """English pattern -> pattern of the language."""
    text = files("layers").joinpath(f"messages.{language}.toml").read_text(encoding="utf-8")
    return {row["en"]: row[language] for row in tomllib.loads(text)["message"]}
