"""`ShownTable`: a table as people see it, in the workbook, the GeoPackage and beside the map: the same rows, columns and digits.

The tables stand in `rule_tables` (what the rules say), `place_tables` (people, facilities, proposals) and `run_tables` (origin, notes).
A new column of one is a `Heading` there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from layers.kinds import kinds
from layers.saying import in_language
from layers.tables import QUANTITY_NAMES, TABLES, Column, TableName, base_name
from maps.words import words
from planner.assessment import Assessment, Finding

State = Literal["before", "after"]
Stored = Literal["text", "number", "count", "flag"]
"""What a file or database holds the cells of a column as; a count is a whole number of ours, what a user's table states may have a fraction."""


@dataclass(frozen=True)
class Heading:
    """One column: its ASCII name, its names for readers, and how its cells are to be read."""

    name: str
    zh: str
    en: str
    unit: str = ""
    """of every figure in the column"""
    unit_column: str = ""
    """column that holds the unit of each figure, where it differs from row to row"""
    beside: str = ""
    """column of the limit that the figure is read against: enough digits are shown to tell them apart"""
    codes: str = ""
    """the cells are codes: `kind` (parted by ;), `base` (whose people), or a section of `maps/words/*.toml` such as `verdict`"""
    language: Literal["", "zh", "en"] = ""
    """of the texts in the column, when another column holds them in the other language"""

    is_figure: bool = False
    """of numbers, though they have no unit"""
    is_count: bool = False
    """of whole numbers that are counted here"""
    is_flag: bool = False
    """of True, False and no data"""
    is_list: bool = False
    """of texts: names parted by 、"""
    hides_zero: bool = False
    """0 says that there is none of it here, and need not be read: the workbook keeps it and does not show it"""

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers."""
        return bool(self.is_figure or self.is_count or self.unit or self.unit_column)

    @property
    def stored_as(self) -> Stored:
        """The type of the column in every file and database: as it is declared, whatever this run holds, so that places can be put together."""
        if self.is_flag:
            return "flag"
        return "count" if self.is_count else "number" if self.is_number else "text"

    def title(self, language: str) -> str:
        """The column's name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, eq=False)
class ShownTable:
    """A table: numbers are float64 (NaN no data), flags object (True, False, None), the rest text."""

    id: str
    """ASCII; the table's name in the GeoPackage"""
    zh: str
    en: str
    frame: pd.DataFrame
    """the columns of `headings`, and `geometry` in a layer"""
    headings: tuple[Heading, ...]

    def title(self, language: str) -> str:
        """The table's name in a language."""
        return self.zh if language == "zh" else self.en


def table(table_id: str, zh: str, en: str, frame: pd.DataFrame, headings: Iterable[Heading]) -> ShownTable:
    """A `ShownTable` of the headed columns (and the geometry) of a frame, its values made plain."""
    headed = tuple(headings)
    columns = {h.name: plain(h, frame[h.name]) for h in headed}
    cells = pd.DataFrame(columns, index=frame.index)
    if isinstance(frame, gpd.GeoDataFrame):
        cells = gpd.GeoDataFrame(cells, geometry=frame.geometry, crs=frame.crs)
    return ShownTable(table_id, zh, en, cells.reset_index(drop=True), headed)


def plain(heading: Heading, values: pd.Series) -> pd.Series:
    """A column as its heading declares it: as float64 with NaN, as flags (True, False, None) or as text ("" for none)."""
    if heading.is_number:
        return values.astype("float64")
    cells = [None if _is_missing(cell) else cell for cell in values]
    if heading.is_flag:
        return pd.Series([None if cell is None else bool(cell) for cell in cells], index=values.index, dtype=object)
    return pd.Series(["" if cell is None else str(cell) for cell in cells], index=values.index, dtype=object)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))


def states(assessment: Assessment) -> Iterator[tuple[State, Finding]]:
    """The place today and with the proposals."""
    yield "before", assessment.before
    yield "after", assessment.after


MOMENTS = (("before", "现状", "today"), ("after", "规划后", "with plan"))
"""Each state of the place with its words, in the order of `states`."""


def both_states(
    name: str, zh: str, en: str, *, unit: str = "", unit_column: str = "", beside: str = "", codes: str = "", is_figure: bool = False
) -> Iterator[Heading]:
    """As `in_both_states`, of a heading of figures or texts."""
    return in_both_states(Heading(name, zh, en, unit, unit_column, beside, codes, is_figure=is_figure))


def in_both_states(heading: Heading) -> Iterator[Heading]:
    """The heading for each state of the place: `<name>_before`, `<name>_after`."""
    for state, zh, en in MOMENTS:
        yield replace(heading, name=f"{heading.name}_{state}", zh=f"{heading.zh}（{zh}）", en=f"{heading.en} ({en})")


def sentences(name: str, zh: str, en: str) -> Iterator[Heading]:
    """Headings of a column of sentences in each language: `<name>_zh`, `<name>`. `told` makes the former from the latter."""
    yield Heading(f"{name}_zh", zh, en, language="zh")
    yield Heading(name, f"{zh}（英文）", f"{en} (English)", language="en")


def told(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The frame with `<name>_zh` beside each column of sentences of `layers.saying` (dtype object)."""
    return frame.assign(
        **{f"{name}_zh": pd.Series([in_language(text, "zh") for text in frame[name]], frame.index, object) for name in names}
    )


def code_word(code: str, codes: str, language: str) -> str:
    """A code as the reader's language writes it; one that has no word stays as it is."""
    if codes == "kind":
        known = kinds()
        names = [known[part].zh if language == "zh" else known[part].en for part in code.split(";") if part in known]
        return ("、" if language == "zh" else ", ").join(names) if len(names) == len(code.split(";")) else code
    if codes == "base":
        return in_language(base_name(code), language)
    return words(language).get(f"{codes}.{code}", code)


def cell_text(heading: Heading, cell: str, language: str) -> str:
    """A cell of text as the reader's language writes it: a code by its word, names in English parted by commas."""
    if heading.codes:
        return code_word(cell, heading.codes, language)
    return cell.replace("、", ", ") if heading.is_list and language == "en" else cell


CODES = {"kind": "kind", "level": "level", "action": "action"}
"""Columns of the layers that hold codes."""

RESERVED = ("fid", "geom", "geometry")
"""Names that a column of a GeoPackage layer cannot have."""


def layer_table(
    table_id: str,
    titles: tuple[str, str],
    layer: TableName,
    frame: gpd.GeoDataFrame,
    computed: Sequence[tuple[Heading, pd.Series]] = (),
    *,
    first: Sequence[str] = (),
) -> ShownTable:
    """The table of a layer: columns named in `first`, its known columns, what was computed for its rows, then the user's own columns.

    The latter get ASCII names where they have none; their own names are kept as headings.
    """
    computed_names = {heading.name for heading, _ in computed}
    frame = frame.drop(columns=[name for name in frame.columns if name in computed_names])
    headings = [heading_of(column, hides_zero=layer == "candidates") for column in TABLES[layer] if column.name in frame.columns]
    own = [str(name) for name in frame.columns if name not in {h.name for h in headings} and name != frame.geometry.name]
    columns = {h.name: frame[h.name] for h in headings} | {heading.name: values for heading, values in computed}
    headings += [heading for heading, _ in computed]
    taken = {name.lower() for name in (*RESERVED, *columns)}
    for number, name in enumerate(own, start=1):
        ascii_name = name if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) and name.lower() not in taken else f"own_{number}"
        taken.add(ascii_name.lower())
        columns[ascii_name] = frame[name]
        headings.append(_own_heading(ascii_name, name, frame[name]))
    together = gpd.GeoDataFrame(pd.DataFrame(columns), geometry=frame.geometry, crs=frame.crs)
    return table(table_id, *titles, together, sorted(headings, key=lambda h: first.index(h.name) if h.name in first else len(first)))


def _own_heading(ascii_name: str, name: str, values: pd.Series) -> Heading:
    """The heading of a user's own column, of which nothing is declared: its type is that which was read."""
    is_flag = is_bool_dtype(values.dtype) or is_bool_dtype(values.dropna().infer_objects().dtype)
    return Heading(ascii_name, name, name, is_figure=is_numeric_dtype(values.dtype) and not is_flag, is_flag=is_flag)


def heading_of(column: Column, *, hides_zero: bool = False) -> Heading:
    """The heading of a column of `layers.tables`; of a quantity that a place does not bring, 0 need not be shown."""
    is_figure, is_flag = column.type in ("number", "count"), column.type == "flag"
    hides = hides_zero and column.name in QUANTITY_NAMES
    codes = CODES.get(column.name, "")
    return Heading(column.name, column.zh, column.en, column.unit, codes=codes, is_figure=is_figure, is_flag=is_flag, hides_zero=hides)
