"""From text to checked values: every column becomes what `layers.tables` says it is, and every cell that does not is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from layers.cells import CHOICE_WORDS, choice_of, code_of, flag_of, is_no_data, is_rounded_code, list_of, plain, seen
from layers.columns import Named
from layers.header_units import UnitError, header_unit
from layers.plausible import IMPOSSIBLE
from layers.problems import Findings, row_label
from layers.saying import Said, say
from layers.tables import COUNTED_QUANTITIES, Column, column_name, unit_name

CODE_COLUMNS = ("unit_id", "parent_id", "facility_id", "candidate_id", "residential_id", "demand_id", "site_id", "replaces")
_NUMBERS = ("number", "count", "coordinate")


def typed(table: Named, columns: Sequence[Column], findings: Findings, *, fill: bool = True) -> pd.DataFrame:
    """The table with our columns in their types; columns that are not there are added with nothing in them when `fill`."""
    frame = table.frame.copy()
    for column in columns:
        if column.name in frame.columns:
            frame[column.name] = _typed_column(table, column, findings)
        elif fill:
            frame[column.name] = empty_column(column, frame.index)
    return frame


def empty_column(column: Column, index: pd.Index) -> pd.Series:
    """A column without data: NaN, None or ""."""
    if column.type in _NUMBERS:
        return pd.Series(np.nan, index=index, dtype=np.float64)
    return pd.Series([None if column.type == "flag" else ""] * len(index), index=index, dtype=object)


def _typed_column(table: Named, column: Column, findings: Findings) -> pd.Series:
    cells = table.frame[column.name]
    if column.type in _NUMBERS:
        unit = header_unit(column, table.theirs.get(column.name, ""), table.where, findings)
        values = (
            cells.astype(np.float64) * unit.factor
            if cells.dtype == np.float64
            else _each(table, column, unit.number, say("is no number"), findings).astype(np.float64)
        )
        _check_range(table, column, values, findings)
        return values
    if column.type == "flag":
        return _each(table, column, flag_of, say("is neither yes nor no (是, 否)"), findings)
    if column.type == "list":
        return cells.map(list_of).astype(object)
    if column.name in CHOICE_WORDS:
        words = cells.map(lambda text: choice_of(text, CHOICE_WORDS[column.name])).astype(object)
        _check_choices(table, column, words, findings)
        return words
    if column.name in CODE_COLUMNS:
        _check_codes(table, column, findings)
        return cells.map(code_of).astype(object)
    return cells.map(lambda text: "" if is_no_data(text) else seen(text)).astype(object)


def _each(table: Named, column: Column, meaning: Callable[[str], object], no_meaning: Said, findings: Findings) -> pd.Series:
    """What each cell means (each different text is read once); cells that mean nothing are told."""
    cells, known = table.frame[column.name], {}
    bad: dict[Said, list[str]] = {}
    for text in dict.fromkeys(cells):
        try:
            known[text] = meaning(text)
        except ValueError as error:
            known[text] = None
            bad.setdefault(error.said if isinstance(error, UnitError) else no_meaning, []).append(text)
    for fault, texts in bad.items():
        rows = cells.index[cells.isin(texts)]
        found = [f"{row}: {cells[row]}" for row in rows]
        findings.error(
            table.cell(rows[0], column.name),
            say("{n} cell(s): `{cell}` {fault}", n=len(rows), cell=cells[rows[0]], fault=fault),
            say("Correct the cells; leave them empty for no data."),
            found,
        )
    return pd.Series([known[text] for text in cells], index=cells.index, dtype=object)


def _check_range(table: Named, column: Column, values: pd.Series, findings: Findings) -> None:
    most = IMPOSSIBLE.get(column.unit, np.inf)
    if (values > most).any():
        rows = list(values.index[values > most])
        what = say("{column} is above {most:,.0f} in {n} row(s)", column=table.called(column.name), most=most, n=len(rows))
        findings.error(table.cell(rows[0], column.name), what, say("Correct the figures, or name the right column under `columns`."), rows)
    if column.name in COUNTED_QUANTITIES and (values % 1 > 0).any():
        rows = list(values.index[values % 1 > 0])
        what = say("{column} is no whole number in {n} row(s)", column=table.called(column.name), n=len(rows))
        remedy = say("Check that the column holds counts, not shares or figures per head.")
        findings.warning(table.cell(rows[0], column.name), what, remedy, [f"{row}: {values[row]:g}" for row in rows])
    if column.minimum is not None and (values < column.minimum).any():
        rows = list(values.index[values < column.minimum])
        least = say("{n:g} {unit}", n=column.minimum, unit=unit_name(column.unit)) if column.unit else f"{column.minimum:g}"
        what = say("{column} is below {least} in {n} row(s)", column=table.called(column.name), least=least, n=len(rows))
        findings.error(table.cell(rows[0], column.name), what, say("Correct the figures."), rows)


def _check_choices(table: Named, column: Column, words: pd.Series, findings: Findings) -> None:
    if not column.choices:
        return
    strange = sorted(set(words) - {*column.choices, ""})
    if strange:
        rows = list(words.index[words.isin(strange)])
        known = (*column.choices, *CHOICE_WORDS[column.name])
        what = say("unknown word(s): {words}", words=strange)
        findings.error(
            table.cell(rows[0], column.name), what, say("Write one of these, or leave the cell empty: {words}.", words=known), rows
        )


def _check_codes(table: Named, column: Column, findings: Findings) -> None:
    cells = table.frame[column.name]
    rounded = cells.index[cells.map(is_rounded_code).astype(bool)]
    if len(rounded):
        cell = cells[rounded[0]]
        what = say("{n} code(s) were rounded by a spreadsheet: `{cell}` has lost its last digits", n=len(rounded), cell=cell)
        findings.error(
            table.cell(rounded[0], column.name), what, say("Format the column as text, write the codes in again, and save."), list(rounded)
        )


def check_ids(
    frame: pd.DataFrame,
    key: str,
    where: str,
    findings: Findings,
    theirs: Mapping[str, str] | None = None,
) -> None:
    """Every row has an id and no id stands twice; names the rows. `theirs` is what the file calls our columns."""
    ids = frame[key].map(plain)
    empty = list(frame.index[ids == ""])
    if empty:
        findings.error(where, say("{n} row(s) have no {column}", n=len(empty), column=column_name(key, theirs)), say("Fill it in."), empty)
    twice = ids.duplicated(keep=False) & (ids != "")
    if twice.any():
        rows: list[str] = [
            say("{row}: {rest}", row=row_label(row), rest=rest) for row, rest in zip(frame.index[twice], ids[twice], strict=True)
        ]
        what = say("{column} is not unique: {n} id(s) stand in several rows", column=column_name(key, theirs), n=int(ids[twice].nunique()))
        findings.error(where, what, say("Give each row its own."), rows)
