"""Where the names of a table's columns stand: in its first line, in the line that the scenario names, or below title lines.

Title lines are passed over by themselves only where they can be nothing else, and that is told. In a sheet the names may stand in two lines
when merged cells show that both belong together; the groups of the upper line (其中, 户籍人口) then become part of the names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from layers.cells import plain, seen
from layers.fault_place import in_row
from layers.header_units import split_unit
from layers.layer_sources import FileSource
from layers.problems import Findings
from layers.saying import Said, say
from layers.sources.asked import Asked
from layers.tables import TABLES
from layers.traditional import simplified

Row = tuple[int, list[str]]
"""line number in the file, cells"""
Rows = list[Row]
LOOKED_AT = 10
"""So many filled lines are looked at for the names of columns."""
LEAST_KNOWN = 2
"""So many known names of columns make a line the header."""
_GROUPS_OF_PARTS = ("其中", "其中:")
_KNOWN = {plain(name).lower() for table in TABLES.values() for c in table for name in (c.name, c.zh, *c.aliases)}


@dataclass(frozen=True)
class Merged:
    """Cells of a sheet that were made one; rows and columns count from 1."""

    name: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class Header:
    """The names of the columns, the line they begin in and the last they take; `titles` are the texts above them."""

    names: tuple[str, ...]
    line: int
    last_line: int
    titles: tuple[str, ...] = ()


def find_header(filled: Rows, merged: Sequence[Merged], source: FileSource, asked: Asked, findings: Findings) -> Header | None:
    """The header of a table of which `filled` are the lines with text, or None after telling why there is none that can be used."""
    start = _start(filled, source, asked, findings)
    if start is None:
        return None
    line, cells = filled[start]
    header = Header(_names(cells), line, line, tuple(text for _, above in filled[:start] for text in _texts(above)))
    below = [area for area in merged if area.last_row >= line]
    if below:
        two = _in_two_lines(header, filled[start : start + 2], below)
        if two is None:
            remedy = say("Unmerge them and fill in every cell. {titles}", titles=_remedy(filled[start:]))
            findings.error(asked.where, say("has merged cells"), remedy, [area.name for area in below])
            return None
        header = two
    if start:
        what = say("{n} line(s) above the column names were passed over: {texts}", n=start, texts=list(header.titles))
        findings.note(in_row(asked.where, line), what)
    if header.last_line > header.line:
        what = say("lines {first} and {last} were read as one header: {names}", first=line, last=header.last_line, names=header.names)
        findings.note(in_row(asked.where, line), what)
    return header if _is_good(header, filled[start:], asked, findings) else None


def _texts(cells: Sequence[str]) -> list[str]:
    return [seen(cell) for cell in cells if cell.strip()]


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    names = [seen(cell) for cell in cells]
    return tuple(names[: max(i for i, name in enumerate(names, start=1) if name)])


def _start(filled: Rows, source: FileSource, asked: Asked, findings: Findings) -> int | None:
    """Which of the filled lines the header begins in."""
    if source.header_row is None:
        return _below_titles(filled, source)
    found = next((i for i, (line, _) in enumerate(filled) if line == source.header_row), None)
    if found is None:
        what = say("header_row = {n}, but that line holds nothing; the lines that do: {lines}", n=source.header_row, lines=_lines(filled))
        findings.error(asked.where, what, say("Correct header_row: the number of the line in the file, counted from 1."))
    return found


def _lines(filled: Rows) -> list[str]:
    return [str(line) for line, _ in filled[:LOOKED_AT]]


def _below_titles(filled: Rows, source: FileSource) -> int:
    """The first line that names two known columns, if all above it can only be titles; else the very first line."""
    known = _KNOWN | {plain(part).lower() for formula in source.columns.values() for part in (formula, *formula.split("+"))}
    for i, (_, cells) in enumerate(filled[:LOOKED_AT]):
        if len({name for cell in _texts(cells) if (name := simplified(split_unit(cell)[0].lower())) in known}) >= LEAST_KNOWN:
            return i
        if not _is_title(cells):
            return 0
    return 0


def _is_title(cells: Sequence[str]) -> bool:
    """Whether a line holds one text in its first column, or texts such as 单位：万人 only."""
    texts = [(i, plain(cell)) for i, cell in enumerate(cells) if cell.strip()]
    return all((i == 0 or ":" in text) and not text.startswith("其中") and not text.isdecimal() for i, text in texts)


def _in_two_lines(header: Header, lines: Rows, merged: Sequence[Merged]) -> Header | None:
    """The header of two lines that merged cells hold together; None where they do not, or reach beyond, or a name below has nothing above."""
    first = header.line
    is_held = any(area.first_row == first and area.last_row == first + 1 for area in merged)
    is_inside = all(area.first_row >= first and area.last_row <= first + 1 for area in merged)
    if not is_held or not is_inside or len(lines) < 2 or lines[1][0] != first + 1:
        return None
    upper, lower = ([seen(cell) for cell in cells] for _, cells in lines)
    for area in merged:
        n = area.last_column - area.first_column + 1
        if area.first_row == first:
            upper[area.first_column - 1 : area.last_column] = [upper[area.first_column - 1]] * n
    if any(name and not group for group, name in zip(upper, lower, strict=True)):
        return None  # a group that was not merged over its parts
    names = _names([_joined(group, name) for group, name in zip(upper, lower, strict=True)])
    return replace(header, names=names, last_line=first + 1)


def _joined(group: str, name: str) -> str:
    """The name of a column below a group: `其中` says nothing, any other group stays part of it, and its unit goes with it."""
    if not name:
        return group
    bare, unit = split_unit(group)
    of_group = "" if plain(bare) in _GROUPS_OF_PARTS else f"{bare if unit else group}·"
    return f"{of_group}{name}" + (f"（{unit}）" if unit and not split_unit(name)[1] else "")


def _is_good(header: Header, lines: Rows, asked: Asked, findings: Findings) -> bool:
    where, names = in_row(asked.where, header.line), header.names
    twice = list(dict.fromkeys(name for name in names if name and names.count(name) > 1))
    if twice:
        findings.error(where, say("column name(s) stand twice: {names}", names=twice), say("Rename one of them."))
    next_lines = [len(_texts(cells)) for _, cells in lines[1 : 1 + LOOKED_AT]]
    if len(names) == 1 and len(next_lines) > 1 and 2 * sum(n > 1 for n in next_lines) > len(next_lines):
        findings.error(where, say("looks like a title: it has one cell, the rows below have more"), _remedy(lines))
        return False
    if "" in names:
        findings.error(where, say("column {n} has no name", n=names.index("") + 1), _remedy(lines))
    return not twice and "" not in names


def _remedy(lines: Rows) -> Said:
    """Where the names of the columns probably stand: in the first line that is as full as any of the next."""
    counts = {line: len(_texts(cells)) for line, cells in lines[:LOOKED_AT]}
    most = max(counts.values())
    return say(
        "If there are title lines above the column names, delete them or name the line of the column names: header_row = {n}.",
        n=next(line for line, n in counts.items() if n == most),
    )
