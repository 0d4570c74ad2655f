"""Which column of a file is which of ours: what the scenario says, then our own name, then the names met in real tables.

A scenario may add columns up: `pop65 = "65-69岁 + 70-74岁 + 75岁及以上"` is the sum of the three, and no data where one of them has none.
Columns that are none of ours stay under their own names, so that `where` and rules can use them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

import geopandas as gpd
import pandas as pd

from layers.cells import figure_of, plain
from layers.fault_place import in_cell
from layers.header_units import split_unit, strange_bracket
from layers.problems import Findings, row_label
from layers.saying import Word, say
from layers.tables import Column, column_name, unit_name
from layers.traditional import simplified


@dataclass(frozen=True)
class Named:
    """A table under our column names; `theirs` tells what each was called, for messages."""

    where: str
    frame: pd.DataFrame
    theirs: Mapping[str, str]

    def cell(self, row: str, column: str) -> str:
        """File, row and column in the reader's own words."""
        return in_cell(self.where, row_label(row), self.theirs.get(column, column))

    def called(self, column: str) -> str:
        """A column of ours as the file calls it."""
        return column_name(column, self.theirs)


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
    alike: dict[Column, list[str]] = {}
    for column in columns:
        if column.name not in said:
            found = known_columns(column, [name for name in names if name not in claimed])
            if found:
                theirs[column.name] = found[0]
                claimed.add(found[0])
                alike[column] = found
    _tell_alike(alike, claimed, frame, where, findings)
    _tell_strange_brackets([c for c in columns if c.name not in theirs], [name for name in names if name not in claimed], where, findings)
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
                where,
                say("`columns` adds a column to itself for {ours}: {formula}", ours=ours, formula=formula),
                say("Correct `columns` in the scenario."),
            )
    counted = [column.name for column in dict.fromkeys(columns) if column.type == "count" and column.name in said]
    for name, n in Counter(said[ours] for ours in counted).items():
        if n > 1:
            both = [ours for ours in counted if said[ours] == name]
            findings.warning(
                where,
                say("`columns` takes the same column for {ours}: {name}", ours=both, name=name),
                say("Correct `columns` in the scenario."),
            )


def _with_sums(frame: pd.DataFrame, said: Mapping[str, str]) -> pd.DataFrame:
    """The table with a column for every sum that the scenario writes; cells that are no numbers stay as they are, to be told later."""
    for formula in said.values():
        parts = [part.strip() for part in formula.split("+")]
        if len(parts) > 1 and formula not in frame.columns and set(parts) <= set(frame.columns):
            cells = [_sum_of(row) for row in frame[parts].itertuples(index=False)]
            frame = frame.assign(**{formula: pd.Series(cells, index=frame.index, dtype=object)})
    return frame


def _sum_of(cells: Sequence[str]) -> str:
    """The sum of cells in the unit that all of them state, "" where one has no figure; cells that cannot be added stand side by side."""
    figures = []
    for cell in cells:
        try:
            figures.append(figure_of(cell))
        except ValueError:
            return cell
    known = [figure for figure in figures if figure is not None]
    if len(known) < len(figures):
        return ""
    units = {figure.unit for figure in known}
    return f"{sum(figure.number for figure in known):f}{units.pop()}" if len(units) == 1 else " + ".join(cells)


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
            say("Correct `columns` in the scenario. Did you mean {word}?", word=by_plain[near[0]])
            if near
            else say("Correct `columns` in the scenario."),
        )
    return theirs


def _tell_misspelt(said: Mapping[str, str], columns: Sequence[Column], where: str, findings: Findings) -> None:
    """A name of ours that is nearly one of those asked for would leave that one without data."""
    known = [column.name for column in columns]
    for ours in said:
        near = [] if ours in known else get_close_matches(ours, known, n=1, cutoff=0.8)
        if near and near[0] not in said:
            findings.error(
                where, say("`columns` names {ours}, which stands for nothing here", ours=ours), say("Did you mean {word}?", word=near[0])
            )


def _closest_said(names: Sequence[str], said: Mapping[str, str]) -> set[str]:
    """Columns that a misspelt entry of the scenario probably means; they are not taken for something else."""
    return {near for name in said.values() for near in get_close_matches(plain(name), names, n=1, cutoff=0.8)}


def known_columns(column: Column, names: Sequence[str]) -> list[str]:
    """The names among these that are known for one of our columns, by themselves or with a unit behind them; the best known first."""
    bare = {simplified(split_unit(name)[0].lower()): name for name in reversed(names) if split_unit(name)[1]}
    by_plain = {**bare, **{simplified(plain(name).lower()): name for name in reversed(names)}}
    known = (plain(name).lower() for name in (column.name, column.zh, *column.aliases))
    return list(dict.fromkeys(by_plain[name] for name in known if name in by_plain))


def _tell_alike(
    alike: Mapping[Column, Sequence[str]], claimed: Collection[str], frame: pd.DataFrame, where: str, findings: Findings
) -> None:
    """Columns that are known for the same one of ours and hold something else; the first of them was taken."""
    for column, (taken, *more) in alike.items():
        others = [name for name in more if name not in claimed and (frame[name] != frame[taken]).any()]
        if others:
            what = say(
                "column {taken} is taken for {ours} ({meaning}); it could be {others} too",
                taken=taken,
                ours=column.name,
                meaning=_meaning(column),
                others=others,
            )
            remedy = say(
                'If {taken} is right, write columns = {{ {ours} = "{taken}" }}; if not, e.g. columns = {{ {ours} = "{other}" }}.',
                ours=column.name,
                taken=taken,
                other=others[0],
            )
            findings.warning(where, what, remedy)


def _tell_strange_brackets(columns: Sequence[Column], names: Sequence[str], where: str, findings: Findings) -> None:
    """Columns called like one of ours that was not found, but for brackets that hold no unit that is known; they are not read."""
    for name in names:
        bracket = strange_bracket(name)
        ours = next((column for column in columns if bracket and known_columns(column, [bracket[0]])), None)
        if bracket and ours:
            what = say(
                "column {name} is not read: `{word}` in its heading is not understood; without it the column would be {ours} ({meaning})",
                name=name,
                word=bracket[1],
                ours=ours.name,
                meaning=_meaning(ours),
            )
            remedy = say('If it is that, write columns = {{ {ours} = "{name}" }}.', ours=ours.name, name=name)
            if ours.unit:
                remedy = say(
                    'If it is that and its figures are in {unit}, write columns = {{ {ours} = "{name}" }}; else write their unit into the heading.',
                    ours=ours.name,
                    name=name,
                    unit=unit_name(ours.unit),
                )
            findings.warning(where, what, remedy)


def _meaning(column: Column) -> Word:
    return Word(f"{column.zh}, {column.en}", column.zh)


def _tell_missing(missing: Sequence[Column], names: Sequence[str], where: str, findings: Findings) -> None:
    for column in missing:
        what = say(
            "has no column for {ours} ({meaning}); its columns: {columns}", ours=column.name, meaning=_meaning(column), columns=names
        )
        guess = likeliest(column, names)
        findings.error(where, what, say('Say which it is, e.g. columns = {{ {ours} = "{guess}" }}.', ours=column.name, guess=guess))


LIKE = 0.3
"""a column whose name is less like is not proposed: 0 nothing in common, 1 the same name"""


def likeliest(column: Column, names: Sequence[str]) -> str:
    """The column whose name is most like one of the names known for ours; "..." where none is like them."""

    def likeness(name: str) -> float:
        return max(SequenceMatcher(None, plain(name), known).ratio() for known in (column.name, column.zh, *column.aliases))

    best = max(names, key=likeness, default="...")
    return best if best == "..." or likeness(best) >= LIKE else "..."
