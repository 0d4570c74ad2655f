"""People set on the ground: counted per unit, spread over the places where they live, and counted again.

The last step is a promise: for every base, the people of all demand points and the unassigned are the people of the input, to one part
in 10^9; if they are not, the run stops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.fault_place import within
from layers.placing import Placed, place_people, spots_of_cells
from layers.population import LAYER, SPREAD, People
from layers.problems import Findings
from layers.projection import into_place
from layers.reading import Layer
from layers.saying import say
from layers.spread import (
    MAX_CELLS,
    Floats,
    Spots,
    bounded,
    even_spots,
    joined,
    n_cells,
    points_at,
    split_exactly,
    spots_of_points,
    spots_of_polygons,
)
from layers.tables import column_name
from layers.totals import Totals, sum_upwards, totals_by_code, totals_by_location, unassigned_rows
from layers.units import Ground

KEPT_TO = 1e-9
"""Relative error that the count of people may have."""


@dataclass(frozen=True, eq=False)
class Settled:
    """People on the ground: demand points, units with their totals, and who is in neither."""

    units: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    unassigned: pd.DataFrame


def settle(people: People, ground: Ground, findings: Findings) -> Settled | None:
    """People counted per unit and set on points; None after telling why that cannot be done."""
    where, bases = people.layer.where, people.bases
    placed = None
    if people.source.join == "unit_id":
        if "unit_id" not in people.layer.theirs:
            return None  # the missing column has been told
    else:
        placed = place_people(people, ground, findings)
        if placed is None:
            return None
    if placed is not None and people.source.join == "none":
        totals, demand = _points_as_demand(placed, bases, ground, where, findings)
    else:
        totals = (
            totals_by_code(people.frame, bases, ground, people.layer, findings)
            if placed is None
            else totals_by_location(placed.table(people), placed.unit_row, bases, people.source.assign, ground, where, findings)
        )
        spots = _spots(people, totals, ground, findings)
        if spots is None or findings.has_errors:
            return None
        demand = _spread_demand(totals, spots, ground)
    _check_nobody_lost(people, demand, totals, findings)
    return Settled(sum_upwards(ground, totals.of_unit), demand, totals.unassigned)


def _points_as_demand(
    placed: Placed, bases: Sequence[str], ground: Ground, where: str, findings: Findings
) -> tuple[Totals, gpd.GeoDataFrame]:
    """Places that are the demand themselves; places with nobody (all known and 0) only tell that a unit has data."""
    unit_ids, unit_row, people = pd.Index(ground.finest["unit_id"], dtype=object), placed.unit_row, placed.people
    totals = pd.DataFrame(placed.sums, columns=list(bases), index=unit_ids)
    bare = list(unit_ids[np.bincount(unit_row + 1, minlength=len(unit_ids) + 1)[1:] == 0])
    if bare:
        what = say("{n} unit(s) have no point or cell in them: no data, not 0 people", n=len(bare))
        findings.warning(where, what, say("Give a layer that covers them."), bare)
    outside = people[unit_row < 0]
    lost = pd.DataFrame({base: [math.fsum(column[~np.isnan(column)])] for base, column in zip(bases, outside.T, strict=True)})
    reason = say("outside every unit")
    unassigned = unassigned_rows(lost, bases, [""], reason) if len(outside) else unassigned_rows(lost.iloc[:0], bases, [], reason)
    n_outside = int((placed.has_people & (unit_row < 0)).sum())
    if n_outside:
        of_bases = [say("{base} {people:.10g}", base=column_name(base), people=float(lost[base].iloc[0])) for base in bases]
        what = say("{n} point(s) or cell(s) lie in no unit, wholly or in part: {people} unassigned", n=n_outside, people=of_bases)
        findings.warning(where, what, say("Give units that reach that far, or check `crs`."), count=n_outside)
    lived_in = placed.has_people & (unit_row >= 0)
    columns = {base: people[lived_in, i] for i, base in enumerate(bases)}
    return Totals(totals, unassigned), _demand(unit_row[lived_in], placed.points, columns, ground)


def _spots(people: People, totals: Totals, ground: Ground, findings: Findings) -> Spots | None:
    """Where the people of every unit live: by the spread layer, evenly where it has nothing (or where there is none)."""
    cell_m, all_units = people.source.cell_m, np.arange(len(ground.finest))
    spots = None
    if people.spread is not None:
        spots = (
            _spots_of_layer(people.spread, cell_m, ground, findings)
            if people.spread.grid is None
            else spots_of_cells(people.spread, people.spread.grid, people.source.border_cells, ground)
        )
        if spots is None:
            return None
    bare = all_units if spots is None else np.setdiff1d(all_units, spots.unit_row)
    if n_cells(ground.finest.geometry.to_numpy()[bare], cell_m) > MAX_CELLS:
        what = say("a grid of {cell_m:g} m has more than {most:,} cells", cell_m=cell_m, most=MAX_CELLS)
        findings.error(within(LAYER, "cell_m"), what, say("Write a larger cell_m."))
        return None
    even = even_spots(bare, ground, cell_m)
    if spots is None:
        return bounded(even, findings, LAYER).ordered()
    has_people = (totals.of_unit.iloc[bare] > 0).any(axis=1)
    if has_people.any():
        units = list(totals.of_unit.index[bare][has_people])
        what = say("{n} unit(s) with people have nothing in the spread layer; their people are spread evenly", n=len(units))
        findings.warning(SPREAD, what, say("Check that the layer covers them."), units)
    return bounded(joined(spots, even), findings, SPREAD).ordered()


def _spots_of_layer(layer: Layer, cell_m: float, ground: Ground, findings: Findings) -> Spots | None:
    if not isinstance(layer.frame, gpd.GeoDataFrame):
        return None
    frame = into_place(layer.frame, ground.crs, ground.box_m, layer.where, findings)
    if frame is None:
        return None
    shapes = shapely.make_valid(frame.geometry.to_numpy())
    weight: Floats | None = frame["weight"].to_numpy(dtype=np.float64) if "weight" in layer.theirs else None
    is_ground = np.isin(frame.geometry.geom_type.to_numpy(), ("Polygon", "MultiPolygon"))
    is_point = (frame.geometry.geom_type == "Point").to_numpy()
    if not (is_ground.all() or is_point.all()):
        what = say("holds points and polygons, or lines: their weights cannot be compared")
        findings.error(layer.where, what, say("Give one layer of points or of polygons."))
        return None
    if is_point.all():
        spots, outside = spots_of_points(shapes, np.ones(len(shapes)) if weight is None else weight, ground)
    elif n_cells(shapes[shapely.area(shapes) > cell_m**2], cell_m) > MAX_CELLS:
        what = say("a grid of {cell_m:g} m cuts the spread layer into more than {most:,} cells", cell_m=cell_m, most=MAX_CELLS)
        findings.error(within(LAYER, "cell_m"), what, say("Write a larger cell_m."))
        return None
    else:
        spots, outside = spots_of_polygons(shapes, weight, ground, cell_m)
    if len(outside):
        what = say("{n} place(s) where people live lie outside every unit: no people of the units are put there", n=len(outside))
        findings.note(layer.where, what, "", [str(row) for row in layer.frame.index[outside]])
    return spots


def _spread_demand(totals: Totals, spots: Spots, ground: Ground) -> gpd.GeoDataFrame:
    """The totals of every unit divided among its spots; NaN at all spots of a unit without data."""
    starts = np.flatnonzero(np.r_[True, np.diff(spots.unit_row) != 0])
    ends = np.r_[starts[1:], len(spots)]
    columns = {}
    for base in totals.of_unit.columns:
        of_unit = totals.of_unit[base].to_numpy(dtype=np.float64)
        values = np.full(len(spots), np.nan)
        for start, end in zip(starts, ends, strict=True):
            total = float(of_unit[spots.unit_row[start]])
            if not math.isnan(total):
                values[start:end] = split_exactly(total, spots.weight[start:end])
        columns[base] = values
    return _demand(spots.unit_row, points_at(spots.xy_m), columns, ground)


def _demand(unit_row: NDArray[np.intp], points: NDArray[np.object_], columns: dict[str, Floats], ground: Ground) -> gpd.GeoDataFrame:
    """The demand table: ids are the unit's with a running number."""
    unit_ids = ground.finest["unit_id"].to_numpy(dtype=object)
    number = pd.Series(unit_row).groupby(unit_row).cumcount().to_numpy()
    numbers = np.array([f"-{n + 1}" for n in range(int(number.max(initial=-1)) + 1)], dtype=object)
    ids = unit_ids[unit_row] + numbers[number]  # put together from few texts, in a quarter of the time
    table = {"demand_id": pd.Series(ids, dtype=object), "unit_id": pd.Series(unit_ids[unit_row], dtype=object), **columns}
    return gpd.GeoDataFrame(table, geometry=points, crs=ground.crs)


def _check_nobody_lost(people: People, demand: gpd.GeoDataFrame, totals: Totals, findings: Findings) -> None:
    """For every base: people of the input = people at demand points + unassigned."""
    for base in people.bases:
        given, placed = (math.fsum(table[base].dropna().tolist()) for table in (people.frame, demand))
        rest = math.fsum(totals.unassigned.loc[totals.unassigned["base"] == base, "people"])
        balance = say(
            "{base}: {given:.10g} in the input, {placed:.10g} at demand points, {rest:.10g} unassigned",
            base=column_name(base),
            given=given,
            placed=placed,
            rest=rest,
        )
        if abs(given - placed - rest) > KEPT_TO * max(1.0, given):
            what = say("people are lost or invented: {balance}", balance=balance)
            findings.error(LAYER, what, say("This is a fault of the program; please report it."))
        else:
            findings.note(LAYER, balance)
