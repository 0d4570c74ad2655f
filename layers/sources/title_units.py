"""The unit that a title line states for a whole table (单位：万人), brought into the figures of the columns that it can only mean.

Where it is not certain which columns are meant that is a fault: a unit that is lost is a wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import pandas as pd

from layers.cells import figure_of, plain
from layers.columns import known_columns
from layers.header_units import FACTORS, split_unit
from layers.layer_sources import FileSource
from layers.problems import Findings
from layers.saying import say
from layers.sources.asked import Asked
from layers.tables import TABLES, Column

_STATED = re.compile(r"(?:^|[\s(,;])(?:计量|金额|人口|面积|数量)?单位:\s*([^\s();]+)")
_PARTS = re.compile(r"[,、/和及]")
_LIKE_A_UNIT = re.compile(r"[十百千万亿]+(?:人|名|户|张|个|元|亩|公顷|平方米|m2)?")
_COUNTS = ("people", "households")
"""Counted in one table, and by the same ten thousands."""


def in_unit_of_title(frame: pd.DataFrame, titles: Sequence[str], source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame:
    """The table with the figures of the columns whose heading states no unit as so many of ours, by the unit of the title lines."""
    stated = list(dict.fromkeys(word for title in titles for word in _stated_units(title)))
    if not stated:
        return frame
    doubtful = any(_is_doubtful(word) for word in stated)
    unsure, done = [], {}
    columns = dict(_columns_without_unit(frame, source))
    for name, column in columns.items():
        factors = {FACTORS[column.unit][word] for word in stated if word in FACTORS[column.unit]}
        others = {FACTORS[unit][word] for unit in _COUNTS if column.unit in _COUNTS for word in stated if word in FACTORS[unit]}
        if doubtful or len(factors) > 1 or (not factors and others - {1}):
            unsure.append(name)
        elif factors - {1}:
            done[name] = factors.pop()
    if unsure:
        what = say("a title line says that the unit is {units}; that of {columns} is not certain", units=stated, columns=unsure)
        remedy = say("Write the unit into their headings, e.g. {heading} where it is that.", heading=_headed(unsure[0], columns))
        findings.error(asked.where, what, remedy)
    if done:
        what = say(
            "a title line says that the unit is {units}: the figures of {columns} were multiplied by {factors}",
            units=stated,
            columns=list(done),
            factors=[f"{factor:.10g}" for factor in dict.fromkeys(done.values())],
        )
        findings.warning(
            asked.where,
            what,
            say(
                "If they are not in that unit, write theirs into the headings, e.g. {heading}.", heading=_headed(next(iter(done)), columns)
            ),
        )
    return frame.assign(**{name: [_times(cell, factor) for cell in frame[name]] for name, factor in done.items()})


def _headed(name: str, columns: Mapping[str, Column]) -> str:
    """A heading with the unit in which nothing is multiplied."""
    return f"{name}（{next(iter(FACTORS[columns[name].unit]))}）"


def _stated_units(title: str) -> Iterator[str]:
    """The words behind 单位： that are units or look like one; those of an office (单位：民政局) are none."""
    for match in _STATED.finditer(plain(title)):
        for word in _PARTS.split(match[1].lower()):
            if any(word in words for words in FACTORS.values()) or _LIKE_A_UNIT.fullmatch(word):
                yield word


def _is_doubtful(word: str) -> bool:
    return word in ("万", "亿") or not any(word in words for words in FACTORS.values())


def _columns_without_unit(frame: pd.DataFrame, source: FileSource) -> Iterator[tuple[str, Column]]:
    """The columns of the file that are taken for one of ours that has a unit, and name none in their heading."""
    counted = [column for table in TABLES.values() for column in table if column.unit]
    said = {plain(part): c for c in counted if c.name in source.columns for part in source.columns[c.name].split("+")}
    for name in frame.columns:
        column = said.get(plain(name)) or next((c for c in counted if known_columns(c, [name])), None)
        if column is not None and not split_unit(name)[1]:
            yield name, column


def _times(cell: str, factor: float) -> str:
    """A cell that is a bare number, so many times; any other as it stands."""
    try:
        figure = figure_of(cell)
    except ValueError:
        return cell
    return cell if figure is None or figure.unit else f"{figure.number * Decimal(factor):f}"
