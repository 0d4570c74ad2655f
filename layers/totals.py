"""How many people each unit of the finest level has: by code or by location; who belongs to no unit is kept and named.

Nothing is dropped: what a table holds is either in a unit's total or a row of `unassigned` with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.cells import is_rounded_code
from layers.fault_place import within
from layers.levels import LEVELS, code_at, is_chinese_code, level_name, without_zeros
from layers.people_checks import tell_other_names
from layers.problems import Findings
from layers.reading import Layer
from layers.saying import say
from layers.tables import column_name
from layers.units import Ground

UNASSIGNED = say("their people stand in the totals (headline, balance) as unassigned, but in the rules of no unit")
UNASSIGNED_COLUMNS = ("base", "people", "unit_id", "reason")
TOTAL_TOLERANCE = 0.02
"""How near a row must come to the sum of all others to be taken for their total."""


@dataclass(frozen=True, eq=False)
class Totals:
    """`of_unit`: one row per finest unit (index unit_id, in the order of `Ground.finest`), one column per base, NaN for no data."""

    of_unit: pd.DataFrame
    unassigned: pd.DataFrame


def unassigned_rows(frame: pd.DataFrame, bases: Sequence[str], unit_ids: Sequence[str], reason: str) -> pd.DataFrame:
    """The people of some rows as rows of `unassigned`, one per base and unit."""
    rows = [
        (base, float(people), unit_id, reason)
        for base in bases
        for people, unit_id in zip(frame[base], unit_ids, strict=True)
        if not math.isnan(people)
    ]
    return pd.DataFrame(rows, columns=list(UNASSIGNED_COLUMNS), dtype=object).astype({"people": np.float64})


def totals_by_code(frame: pd.DataFrame, bases: Sequence[str], ground: Ground, layer: Layer, findings: Findings) -> Totals:
    """Totals of a table joined by code; Chinese codes are compared by the digits of the finest level."""
    level, where = ground.finest_level, layer.where
    unit_of_key = {_key(unit_id, level): unit_id for unit_id in ground.finest["unit_id"]}
    unit_ids = frame["unit_id"].map(lambda code: unit_of_key.get(_key(code, level), "")).astype(object)
    _tell_several_rows(frame, unit_ids, where, findings)
    is_rounded = frame["unit_id"].map(is_rounded_code).astype(bool)  # told where the cells were read
    is_told = is_rounded | _tell_bare_rows(frame, layer, findings) | _tell_upper_rows(frame, ground, where, findings)
    stray, known = frame[unit_ids == ""], frame.assign(unit_id=unit_ids)[(unit_ids != "") & ~unit_ids.duplicated()]
    tell_other_names(known, dict(zip(ground.finest["unit_id"], ground.finest["name"], strict=True)), layer, findings)
    totals = known.set_index("unit_id")[list(bases)].reindex(pd.Index(ground.finest["unit_id"], dtype=object))
    untold = stray[~is_told[stray.index]]
    if len(untold) == len(frame):
        what = say(
            "none of its codes is a unit of level {level} (`{here}` here, `{there}` in the units)",
            level=level_name(level),
            here=frame["unit_id"].iloc[0],
            there=ground.finest["unit_id"].iloc[0],
        )
        findings.error(
            where, what, say('Write the codes of the units layer, or name the column that holds them: columns = {{ unit_id = "..." }}.')
        )
    else:
        _tell_strays(untold, where, findings)
        _tell_hidden_total(frame, list(untold.index), bases, where, findings)
        if not is_rounded.any():
            _tell_units_without(totals, set(known["unit_id"]), where, findings)
            _tell_figures_missing(totals, known, layer, findings)
    return Totals(totals, unassigned_rows(stray, bases, list(stray["unit_id"]), say("no unit has this code")))


def _tell_several_rows(frame: pd.DataFrame, unit_ids: pd.Series, where: str, findings: Findings) -> None:
    twice = unit_ids.duplicated(keep=False) & (unit_ids != "")
    if twice.any():
        rows = [f"{row}: {code}" for row, code in frame.loc[twice, "unit_id"].items()]
        what = say("{n} unit(s) stand in several rows", n=int(unit_ids[twice].nunique()))
        findings.error(where, what, say("Leave one row for each unit."), rows)


def _tell_bare_rows(frame: pd.DataFrame, layer: Layer, findings: Findings) -> pd.Series:
    """Which rows have no code; they are told."""
    is_bare = frame["unit_id"] == ""
    if is_bare.any():
        remedy = say("Fill it in, or delete these rows if they are totals.")
        what = say("{n} row(s) have no {column}", n=int(is_bare.sum()), column=column_name("unit_id", layer.theirs))
        findings.error(layer.where, what, remedy, list(frame.index[is_bare]))
    return is_bare


def _tell_strays(stray: pd.DataFrame, where: str, findings: Findings) -> None:
    if len(stray):
        rows = [f"{row}: {code}" for row, code in stray["unit_id"].items()]
        what = say("{n} row(s) have a code that no unit has; {fate}", n=len(rows), fate=UNASSIGNED)
        findings.warning(where, what, say("The codes may be of another year; write those of the units layer."), rows)


def _key(code: str, level: str) -> str:
    return code_at(code, level) if is_chinese_code(code) else code


def _tell_upper_rows(frame: pd.DataFrame, ground: Ground, where: str, findings: Findings) -> pd.Series:
    """Which rows are of townships or counties, which would count everybody twice in a table of villages; they are told."""
    upper = ground.units[ground.units["level"] != ground.finest_level]
    codes = {
        code_at(unit_id, level) if is_chinese_code(unit_id) else unit_id
        for unit_id, level in zip(upper["unit_id"], upper["level"], strict=True)
    }
    finest, digits = set(ground.finest["unit_id"]), LEVELS[ground.finest_level].code_digits
    is_coded = all(is_chinese_code(code) and len(code) == digits for code in finest)

    def is_above(code: str) -> bool:
        is_short = is_coded and is_chinese_code(code) and len(without_zeros(code)) < digits
        return code not in finest and (code in codes or without_zeros(code) in codes or is_short)

    found = frame["unit_id"].map(is_above).astype(bool)
    if found.any():
        rows = [f"{row}: {code}" for row, code in frame.loc[found, "unit_id"].items()]
        what = say("{n} row(s) are totals of units above the level {level}", n=len(rows), level=level_name(ground.finest_level))
        findings.error(where, what, say("Leave them out: they count twice."), rows)
    return found


def _tell_units_without(totals: pd.DataFrame, known: Collection[str], where: str, findings: Findings) -> None:
    bare = [unit_id for unit_id in totals.index if unit_id not in known]
    if bare:
        findings.warning(where, say("{n} unit(s) have no row: no data, not 0 people", n=len(bare)), say("Add their rows."), bare)


def _tell_figures_missing(totals: pd.DataFrame, known: pd.DataFrame, layer: Layer, findings: Findings) -> None:
    """Units whose row has no figure in a column of the file; a cell that holds something else has been told."""
    for base in [str(base) for base in totals.columns if base in layer.theirs]:
        untold = set(known["unit_id"][~known.index.isin(layer.unread.get(base, ()))])
        empty = [unit_id for unit_id in totals.index[totals[base].isna()] if unit_id in untold]
        if empty:
            called = column_name(base, layer.theirs)
            what = say("{n} unit(s) have no figure of {column}: no data, not 0 people", n=len(empty), column=called)
            findings.warning(layer.where, what, say("Fill in the cells; 0 for places where nobody lives."), empty)


def totals_by_location(
    frame: pd.DataFrame,
    unit_row: NDArray[np.intp],
    bases: Sequence[str],
    assign: Mapping[str, str],
    ground: Ground,
    where: str,
    findings: Findings,
) -> Totals:
    """Totals of places with names, each in the unit it lies in (row in `Ground.finest`, -1 outside), or in the one that `assign` names for it."""
    ids = np.array([*ground.finest["unit_id"], ""], dtype=object)
    unit_ids = _assigned(pd.Series(ids[unit_row], index=frame.index, dtype=object), frame, assign, ground, where, findings)
    _tell_hidden_total(frame, list(frame.index), bases, where, findings)
    outside = frame[unit_ids == ""]
    if len(outside):
        rows = [f"{row}: {name}" for row, name in outside["name"].items()]
        findings.warning(
            where,
            say("{n} row(s) lie in no unit; {fate}", n=len(outside), fate=UNASSIGNED),
            say("Check their points, or use `assign`."),
            rows,
        )
    inside = frame[unit_ids != ""]
    totals, partly = _sums(inside, bases, unit_ids[unit_ids != ""], ground)
    bare = list(totals.index[~totals.index.isin(unit_ids)])
    if bare:
        what = say("{n} unit(s) have no row in them: no data, not 0 people", n=len(bare))
        findings.warning(where, what, say("Add rows, or use `assign`."), bare)
    if len(partly):
        findings.warning(
            where, say("units of which only a part has a figure have no total"), say("Fill in the cells."), sorted(set(partly["unit_id"]))
        )
    outside_rows = unassigned_rows(outside, bases, [""] * len(outside), say("outside every unit"))
    return Totals(totals, pd.concat([outside_rows, partly], ignore_index=True))


def _tell_hidden_total(frame: pd.DataFrame, suspects: Sequence[str], bases: Sequence[str], where: str, findings: Findings) -> None:
    """A row for a whole city among those of its quarters would count everybody twice."""
    for base in bases:
        people = frame[base].dropna()
        total = math.fsum(people)
        suspected = people[people.index.isin(suspects)]  # pieces of one cell have one name
        found = suspected[(2 * suspected - total).abs() <= TOTAL_TOLERANCE * total]
        rows = [f"{row}: {value:.10g}" for row, value in found.items()]
        if rows and len(people) > 2 and total > 0:
            what = say("a row has about as many {column} as all others together: is it their total?", column=column_name(base))
            findings.warning(where, what, say("If so, delete it."), rows)


def _assigned(
    unit_ids: pd.Series, frame: pd.DataFrame, assign: Mapping[str, str], ground: Ground, where: str, findings: Findings
) -> pd.Series:
    no_unit = [f"{name}: {unit_id}" for name, unit_id in assign.items() if unit_id not in set(ground.finest["unit_id"])]
    no_row = [name for name in assign if name not in set(frame["name"])]
    if no_unit:
        what = say("names unit(s) that are not of level {level}", level=level_name(ground.finest_level))
        findings.error(within(where, "assign"), what, say("Correct the ids."), no_unit)
    if no_row:
        findings.error(within(where, "assign"), say("names row(s) that are not in the file"), say("Correct the names."), no_row)
    known = {name: unit_id for name, unit_id in assign.items() if unit_id in set(ground.finest["unit_id"])}
    return unit_ids.where(~frame["name"].isin(list(known)), frame["name"].map(known)).astype(object)


def _sums(frame: pd.DataFrame, bases: Sequence[str], unit_ids: pd.Series, ground: Ground) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sums per unit (NaN where a row has no figure, or where there is no row) and the known part of sums that are NaN so."""
    totals = pd.DataFrame(np.nan, index=pd.Index(ground.finest["unit_id"], dtype=object), columns=list(bases))
    partly = []
    for unit_id, rows in frame.groupby(unit_ids.to_numpy(), sort=True):
        for base in bases:
            known = rows[base].dropna()
            if len(known) == len(rows):
                totals.at[unit_id, base] = math.fsum(known)
            elif len(known):
                partly.append((base, math.fsum(known), str(unit_id), say("another part of the unit has no data")))
    rows_of = pd.DataFrame(partly, columns=list(UNASSIGNED_COLUMNS), dtype=object).astype({"people": np.float64})
    return totals, rows_of


def sum_upwards(ground: Ground, totals: pd.DataFrame) -> gpd.GeoDataFrame:
    """The units of all levels with their totals: an upper unit has the sum of those right below it, NaN if one of them has no data."""
    units = ground.units
    for base in totals.columns:
        of_unit = {str(unit_id): float(people) for unit_id, people in totals[base].items()}
        for level in reversed(list(dict.fromkeys(units["level"]))[:-1]):
            for unit_id in units.loc[units["level"] == level, "unit_id"]:
                below = [of_unit[child] for child in units.loc[units["parent_id"] == unit_id, "unit_id"]]
                of_unit[unit_id] = math.fsum(below) if below else math.nan
        units = units.assign(**{base: units["unit_id"].map(of_unit).astype(np.float64)})
    return units
