"""Kinds of facilities: the vocabulary of `kinds.toml`, and what belongs under what.

A new kind of facility is one row of `kinds.toml`; nothing here changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.saying import Word


@dataclass(frozen=True)
class Kind:
    """One kind: `words` are what lists call it, `match` are words that mark it in a facility's name, `osm` pairs of key and value."""

    id: str
    zh: str
    en: str
    meaning: str
    parent: str = ""
    words: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    osm: tuple[tuple[str, str], ...] = ()
    symbol: str = "circle"
    colour: str = "#0072b2"


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by id, in the order of `kinds.toml`."""
    rows = tomllib.loads(files("layers").joinpath("kinds.toml").read_text(encoding="utf-8"))["kind"]
    return {
        row["id"]: Kind(
            **{**row, **{key: tuple(row.get(key, ())) for key in ("words", "match")}, "osm": tuple((k, v) for k, v in row.get("osm", ()))}
        )
        for row in rows
    }


def kind_names() -> list[Word]:
    """The kinds as messages list them: the id, with its Chinese beside it in Chinese."""
    return [Word(kind.id, f"{kind.id}（{kind.zh}）") for kind in kinds().values()]


@cache
def lineage(kind_id: str) -> tuple[str, ...]:
    """The kind itself and every kind above it: `day_care`, `community_elderly`, `elderly`."""
    kind = kinds().get(kind_id)
    if kind is None:
        return (kind_id,)
    return (kind_id, *lineage(kind.parent)) if kind.parent else (kind_id,)


def is_of_kind(kind_text: str, wanted: Iterable[str]) -> bool:
    """Whether a facility whose `kind` column reads e.g. `day_care;meal_point` is of a wanted kind or of one below it."""
    asked = set(wanted)
    return any(not asked.isdisjoint(lineage(part.strip())) for part in kind_text.split(";"))


def rows_of_kind(kind_column: pd.Series, wanted: Iterable[str]) -> NDArray[np.bool_]:
    """(n,) which rows of a `kind` column are of a wanted kind."""
    asked = tuple(wanted)
    matches = {text: is_of_kind(text, asked) for text in set(kind_column)}
    return kind_column.map(matches).to_numpy(dtype=bool)


def kind_from_name(name: str) -> str:
    """The kind that a facility's name tells (the longest matching word wins), or "" when it tells none."""
    hits = [(len(word), kind.id) for kind in kinds().values() for word in kind.match if word in name]
    return max(hits)[1] if hits else ""
