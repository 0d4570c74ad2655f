"""Which column of a file is which of ours: what the scenario says, then our own name, then the names met in real tables.

A scenario may add columns up: `pop65 = "65-69岁 + 70-74岁 + 75岁及以上"` is the sum of the three, and no data where one of them has none.
Columns that are none of ours stay under their own names, so that `where` and rules can use them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

import geopandas as gpd
import pandas as pd

from layers.cells import cell_text, number_of, plain
from layers.header_units import split_unit
from layers.problems import Findings
from layers.saying import Word, say
from layers.tables import Column


@dataclass(frozen=True)
class Named:
    """A table under our column names; `theirs` tells what each was called, for messages."""

    where: str
    frame: pd.DataFrame
    theirs: Mapping[str, str]

    def cell(self, row: str, column: str) -> str:
        """`file:row:column` in the reader's own words."""
        named = self.theirs.get(column, column)
        return say("{where}:{row}:{column}", where=self.where, row=row.removeprefix("row "), column=named)


def name_columns(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    said: Mapping[str, str],
    where: str,
    findings: Findings,
    *,
    given: Collection[str] = (),
) -> Named:
    """The table under our names; `said` is the scenario's `columns`, `given` are required columns that the scenario fills otherwise.

    Faults: a column that the scenario names and the file has not, and a required column that is not found.
    """
    frame = _with_sums(frame, said)
    _tell_counted_twice(said, columns, where, findings)
    names = [name for name in frame.columns if name != "geometry"]
    theirs = _said_columns(names, said, where, findings)
    _tell_misspelt(said, columns, where, findings)
    claimed = {*theirs.values(), *_closest_said(names, said)}
    for column in columns:
        if column.name not in said:
            found = known_column(column, [name for name in names if name not in claimed])
            if found is not None:
                theirs[column.name] = found
                claimed.add(found)
    _tell_missing([c for c in columns if c.required and c.name not in {*theirs, *given, *said}], names, where, findings)
    kept = {ours: frame[name] for ours, name in theirs.items()}
    own = {name: frame[name] for name in names if name not in theirs.values() and name not in kept}
    lost = [name for name in names if name not in theirs.values() and name in kept]
    if lost:
        what = say("column(s) {columns} of the file are left out, as the scenario gives another column for them", columns=lost)
        findings.note(where, what)
    renamed = pd.DataFrame({**kept, **own}, index=frame.index)
    if isinstance(frame, gpd.GeoDataFrame):
        renamed = gpd.GeoDataFrame(renamed, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    return Named(where, renamed, theirs)


def _tell_counted_twice(said: Mapping[str, str], columns: Sequence[Column], where: str, findings: Findings) -> None:
    """A column that the scenario adds to itself, or takes for two of ours that are counted."""
    for ours, formula in said.items():
        parts = [plain(part) for part in formula.split("+")]
        if len(set(parts)) < len(parts):
            findings.error(
                where, say("`columns` adds a column to itself for {ours}: {formula}", ours=ours, formula=formula), say("Correct `columns`.")
            )
    counted = [column.name for column in dict.fromkeys(columns) if column.type == "count" and column.name in said]
    for name, n in Counter(said[ours] for ours in counted).items():
        if n > 1:
            both = [ours for ours in counted if said[ours] == name]
            findings.warning(where, say("`columns` takes one column for {ours}: {name}", ours=both, name=name), say("Correct `columns`."))


def _with_sums(frame: pd.DataFrame, said: Mapping[str, str]) -> pd.DataFrame:
    """The table with a column for every sum that the scenario writes; cells that are no numbers stay as they are, to be told later."""
    for formula in said.values():
        parts = [part.strip() for part in formula.split("+")]
        if len(parts) > 1 and formula not in frame.columns and set(parts) <= set(frame.columns):
            cells = [_sum_of(row) for row in frame[parts].itertuples(index=False)]
            frame = frame.assign(**{formula: pd.Series(cells, index=frame.index, dtype=object)})
    return frame


def _sum_of(cells: Sequence[str]) -> str:
    numbers = []
    for cell in cells:
        try:
            numbers.append(number_of(cell))
        except ValueError:
            return cell
    known = [number for number in numbers if number is not None]
    return cell_text(math.fsum(known)) if len(known) == len(numbers) else ""


def _said_columns(names: Sequence[str], said: Mapping[str, str], where: str, findings: Findings) -> dict[str, str]:
    by_plain = {plain(name): name for name in names}
    theirs = {}
    for ours, name in said.items():
        if plain(name) in by_plain:
            theirs[ours] = by_plain[plain(name)]
            continue
        near = get_close_matches(plain(name), by_plain, n=1, cutoff=0.4)
        findings.error(
            where,
            say("has no column {name}, which the scenario takes for {ours}; its columns: {columns}", name=name, ours=ours, columns=names),
            say("Correct `columns`. Did you mean {word}?", word=by_plain[near[0]]) if near else say("Correct `columns`."),
        )
    return theirs


def _tell_misspelt(said: Mapping[str, str], columns: Sequence[Column], where: str, findings: Findings) -> None:
    """A name of ours that is nearly one of those asked for would leave that one without data."""
    known = [column.name for column in columns]
    for ours in said:
        near = [] if ours in known else get_close_matches(ours, known, n=1, cutoff=0.8)
        if near and near[0] not in said:
            findings.error(
                where, say("`columns` names {ours}, which is no column of ours", ours=ours), say("Did you mean {word}?", word=near[0])
            )


def _closest_said(names: Sequence[str], said: Mapping[str, str]) -> set[str]:
    """Columns that a misspelt entry of the scenario probably means; they are not taken for something else."""
    return {near for name in said.values() for near in get_close_matches(plain(name), names, n=1, cutoff=0.8)}


def known_column(column: Column, names: Sequence[str]) -> str | None:
    """The name among these that is known for one of our columns, by itself or with a unit behind it; None when there is none."""
    bare = {split_unit(name)[0].lower(): name for name in reversed(names) if split_unit(name)[1]}
    by_plain = {**bare, **{plain(name).lower(): name for name in reversed(names)}}
    return next(
        (by_plain[plain(known).lower()] for known in (column.name, column.zh, *column.aliases) if plain(known).lower() in by_plain), None
    )


def _tell_missing(missing: Sequence[Column], names: Sequence[str], where: str, findings: Findings) -> None:
    for column in missing:
        guess, meaning = likeliest(column, names), Word(f"{column.zh}, {column.en}", column.zh)
        findings.error(
            where,
            say("has no column for {ours} ({meaning}); its columns: {columns}", ours=column.name, meaning=meaning, columns=names),
            say('Say which it is, e.g. columns = {{ {ours} = "{guess}" }}.', ours=column.name, guess=guess),
        )


LIKE = 0.3
"""a column whose name is less like is not proposed: 0 nothing in common, 1 the same name"""


def likeliest(column: Column, names: Sequence[str]) -> str:
    """The column whose name is most like one of the names known for ours; "..." where none is like them."""

    def likeness(name: str) -> float:
        return max(SequenceMatcher(None, plain(name), known).ratio() for known in (column.name, column.zh, *column.aliases))

    best = max(names, key=likeness, default="...")
    return best if best == "..." or likeness(best) >= LIKE else "..."
