"""What is wrong with figures of people as they stand: shares for counts, a part above its whole, points without a figure or twice there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd

from layers.columns import Named
from layers.levels import short_name
from layers.problems import SHOWN_ROWS, Findings, row_label
from layers.reading import Layer
from layers.saying import say
from layers.tables import column_name

_PARTS = (("pop60", "pop_total"), ("pop65", "pop60"), ("pop80", "pop65"), ("pop_u3", "pop_total"), ("households", "pop_total"))
"""What cannot be more than what."""


def tell_points(layer: Layer, bases: Sequence[str], findings: Findings) -> None:
    """Points of which a figure is missing, and points that stand twice in all their columns."""
    for base in bases:
        bare = [row for row in layer.frame.index[layer.frame[base].isna()] if row not in layer.unread.get(base, ())]
        if bare:
            what = say("{n} row(s) have no figure of {column}: no data, not 0 people", n=len(bare), column=column_name(base, layer.theirs))
            findings.warning(layer.where, what, say("Fill in the cells; 0 for places where nobody lives."), bare)
    if isinstance(layer.frame, gpd.GeoDataFrame):
        cells = pd.DataFrame(layer.frame.drop(columns="geometry")).assign(shape=layer.frame.geometry.to_wkb())
        twice = list(layer.frame.index[cells.duplicated().to_numpy() & (layer.frame[list(bases)] > 0).any(axis=1).to_numpy()])
        if twice:
            what = say("{n} row(s) are the same as another one in every column: entered twice?", n=len(twice))
            findings.warning(layer.where, what, say("If so, delete one of them; it counts twice."), twice)


def tell_nobody(layer: Layer, bases: Sequence[str], findings: Findings) -> None:
    """Columns of people that are 0 wherever they have a figure."""
    for base in bases:
        known = layer.frame[base].dropna()
        if len(known) and not known.any():
            what = say("{column} is 0 in every row: it counts none at all", column=column_name(base, layer.theirs))
            remedy = say("Check that it is the right column; leave cells empty where the figure is not known.")
            findings.warning(layer.where, what, remedy)


def tell_shares(layer: Layer, bases: Sequence[str], findings: Findings) -> None:
    """Totals of units that are mostly no whole numbers: none above 1 are shares, none above 100 may be percentages."""
    table = Named(layer.where, layer.frame, layer.theirs)
    for base in bases:
        known = layer.frame[base].dropna()
        broken = [str(row) for row in known.index[known % 1 != 0]]
        if 2 * len(broken) <= len(known) or known.max() > 100:
            continue
        where, column = table.cell(broken[0], base), column_name(base, layer.theirs)
        if known.max() <= 1:
            what = say("no unit has more than 1 in {column}: these are shares, not people", column=column)
            findings.error(where, what, say("Give the column of counts, or multiply the shares by the people."), broken)
        else:
            what = say(
                "{column} is no whole number in {n} row(s) and nowhere above 100: are these percentages?", column=column, n=len(broken)
            )
            findings.warning(where, what, say("If so, give the column of counts."), broken)


def tell_parts(frame: pd.DataFrame, bases: Sequence[str], layer: Layer, findings: Findings) -> None:
    """Parts that are above their whole, in the figures of a layer: people aged 65 above those aged 60."""
    for part, whole in _PARTS:
        if part in bases and whole in bases:
            rows = frame.index[frame[part] > frame[whole]]
            if len(rows):
                what = say(
                    "{part} is above {whole} in {n} row(s)",
                    part=column_name(part, layer.theirs),
                    whole=column_name(whole, layer.theirs),
                    n=len(rows),
                )
                names = layer.names_of(rows[:SHOWN_ROWS])
                findings.warning(layer.where, what, say("Check the figures, and that `columns` names the right columns."), names, len(rows))


def tell_other_names(rows: pd.DataFrame, name_of: Mapping[str, str], layer: Layer, findings: Findings) -> None:
    """Rows whose code is that of a unit of another name: the figures of one village in the row of another, which no sum shows.

    `rows` have the `unit_id` of a unit and the table's own `name`; a name that holds the other (with the township before it) is the same.
    """
    if "name" not in layer.theirs:
        return
    named = rows[(rows["name"] != "") & rows["unit_id"].map(name_of).fillna("").ne("")]
    ours = named["unit_id"].map(name_of)
    differs = [not _is_same_name(here, there) for here, there in zip(named["name"], ours, strict=True)]
    odd, there = named[differs], ours[differs]
    if odd.empty:
        return
    elsewhere = {_core(name) for name in name_of.values()}
    n_swapped = sum(_core(name) in elsewhere for name in odd["name"])
    shown = [
        say("{row}: {named}, the code is that of {name}", row=row_label(str(row)), named=name, name=unit)
        for row, name, unit in zip(odd.index, odd["name"], there, strict=True)
    ]
    what = say("{n} row(s) have another name than the unit of their code", n=len(odd))
    if n_swapped:
        what = say(
            "{n} row(s) have another name than the unit of their code, {n_other} of them that of another unit",
            n=len(odd),
            n_other=n_swapped,
        )
    remedy = say("Are codes or names in the wrong rows? Figures count for the code: compare them with your source.")
    findings.warning(layer.where, what, remedy, shown)


def _is_same_name(here: str, there: str) -> bool:
    a, b = _core(here), _core(there)
    return a in b or b in a


def _core(name: str) -> str:
    """A village's name without what lists add and leave out: 东风村民委员会, 东风村 and 东风 are one."""
    return re.sub(r"\s+", "", short_name(name)).removesuffix("村").removesuffix("社区").casefold()
