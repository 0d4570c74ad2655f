"""Where a fault stands, taken apart: layer, file, part of the file, row, column. Reports group and sort by it.

A `where` is put together by `problems.of_file`, `problems.within` and `columns.Named.cell`, or is `file:line:column` of a scenario file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from layers.problems import Problem
from layers.saying import Said

_OF_SCENARIO = re.compile(r"(.+):(\d+):(\d+)")


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


def place_of(problem: Problem) -> FaultPlace:
    """The place of a fault. The rows beyond the first stand in `Problem.rows`."""
    return _place(problem.where)


def _place(where: str) -> FaultPlace:
    if not isinstance(where, Said):
        found = _OF_SCENARIO.fullmatch(where)
        return FaultPlace(file=found[1], row=found[2]) if found else FaultPlace(file=where)
    fields = {name: str(value) if not isinstance(value, str) else value for name, value in where.fields.items()}
    match where.pattern:
        case "{layer}: {file}" | "{layer}: {file} ({part})":
            return FaultPlace(fields["layer"], fields["file"], fields.get("part", ""))
        case "{where}, {part}":
            return _within(fields["where"], fields["part"])
        case "{where}:{row}:{column}":
            return replace(_place(fields["where"]), row=fields["row"], column=fields["column"])
        case "{where}:{line}":
            return replace(_place(fields["where"]), row=fields["line"])
        case _:
            return FaultPlace(layer=where)


def _within(where: str, part: str) -> FaultPlace:
    """A part of a file is a column of it, or a key of its entry in the scenario."""
    column = part.fields["name"] if isinstance(part, Said) and part.pattern == "column {name}" else part
    return replace(_place(where), column=column if isinstance(column, str) else str(column))
