"""Where a fault stands: a place in words that carries its parts, so that reports group and sort by layer, file, row and column.

The `where` of a problem is made here by `of_file`, `within`, `in_row`, `in_cell` and `in_scenario`; a layer alone is its name, a file alone
its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from layers.saying import Said, later

_ROW = "row "


@dataclass(frozen=True)
class FaultPlace:
    """Every part in the reader's words (a sentence where it has a translation); "" for what the fault is not bound to."""

    layer: str = ""
    file: str = ""
    part: str = ""
    """layer of a GeoPackage, or sheet of a workbook"""
    row: str = ""
    """line of a table, or of the scenario file"""
    column: str = ""
    """column of a table, or key of the scenario"""


class Where(Said):
    """A place in words, with its parts."""

    __slots__ = ("place",)
    place: FaultPlace

    def __new__(cls, pattern: str, fields: Mapping[str, object], place: FaultPlace) -> Self:
        """The pattern with its fields filled in, of a place."""
        where = super().__new__(cls, pattern, fields)
        where.place = place
        return where

    def __reduce__(self) -> tuple[type[Where], tuple[str, dict[str, object], FaultPlace]]:  # type: ignore[override]  # one field more
        """For copies and worker processes."""
        return Where, (self.pattern, dict(self.fields), self.place)


def of_file(layer: str, file: str, part: str = "") -> Where:
    """A file of a layer, or a layer or sheet in it."""
    place = FaultPlace(layer, file, part)
    if part:
        return Where(later("{layer}: {file} ({part})"), {"layer": layer, "file": file, "part": part}, place)
    return Where(later("{layer}: {file}"), {"layer": layer, "file": file}, place)


def within(where: str, key: str) -> Where:
    """A key of an entry of the scenario, or a column of a layer."""
    return Where(later("{where}, {part}"), {"where": where, "part": key}, replace(place_of(where), column=key))


def in_column(where: str, column: str) -> Where:
    """A column of a file."""
    return Where(later("{where}, column {name}"), {"where": where, "name": column}, replace(place_of(where), column=column))


def in_row(where: str, line: int) -> Where:
    """A line of a file."""
    return Where(later("{where}, row {line}"), {"where": where, "line": line}, replace(place_of(where), row=str(line)))


def in_cell(where: str, row: str, column: str) -> Where:
    """A cell of a table; `row` is how the readers call it, such as `row 3` or `feature 3`."""
    place = replace(place_of(where), row=str(row).removeprefix(_ROW), column=column)
    return Where(later("{where}, {row}, column {column}"), {"where": where, "row": row, "column": column}, place)


def in_scenario(file: str, line: int, column: int) -> Where:
    """A place of a scenario file or rule pack, as editors write it."""
    return Where(later("{file}:{line}:{column}"), {"file": file, "line": line, "column": column}, FaultPlace(file=file, row=str(line)))


def place_of(where: str) -> FaultPlace:
    """The parts of a place; a sentence without parts is the name of a layer, a bare text that of a file."""
    if isinstance(where, Where):
        return where.place
    return FaultPlace(layer=where) if isinstance(where, Said) else FaultPlace(file=where)
