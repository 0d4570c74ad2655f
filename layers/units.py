"""Units of every level, each under the one above it, and which unit a point lies in.

A unit's parent is what the file states, else what the digits of its Chinese code say, else the unit that holds most of its ground.
Only levels that the scenario gives are there; none is made up by dissolving.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from layers.checks import check_ids
from layers.layer_sources import UnitSource
from layers.levels import LEVELS, code_at, is_chinese_code, level_name, subtype_of
from layers.problems import Findings
from layers.projection import Bounds, bounds_lon_lat, choose_crs, to_metric
from layers.reading import Layer, Reading, read_layer
from layers.saying import say
from layers.tables import BASE_NAMES, UNITS
from layers.unit_grid import UnitGrid

LAYER = say("units")
MANY_PER_UNIT = 20
"""Points per unit from which a grid is faster than a tree."""
PARENT_SHARE = 0.5
"""A unit lies under the upper unit that holds at least this share of its ground."""
SLIVER_SHARE = 1e-4
"""Overlaps of two units below this share of the smaller one are drawing noise and are not told."""

_COLUMNS = tuple(column for column in UNITS if column.name not in (*BASE_NAMES, "level"))
_KEPT = ("unit_id", "name", "level", "parent_id", "subtype", "urban_class")


@dataclass(frozen=True, eq=False)
class Ground:
    """The units in the working system, and the finest of them as the ground on which everything is placed."""

    crs: CRS
    units: gpd.GeoDataFrame
    finest_level: str

    @cached_property
    def finest(self) -> gpd.GeoDataFrame:
        """The units of the finest level, in the order of their ids."""
        return self.units[self.units["level"] == self.finest_level].sort_values("unit_id").reset_index(drop=True)

    @cached_property
    def box_m(self) -> Bounds:
        """The rectangle of all units [m]."""
        west, south, east, north = (float(v) for v in self.units.total_bounds)
        return west, south, east, north

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.finest.geometry.to_numpy())

    @cached_property
    def own_ground(self) -> NDArray[np.object_]:
        """(n,) the ground of each finest unit; what several claim is of the smallest code."""
        shapes: NDArray[np.object_] = self.finest.geometry.to_numpy().copy()
        first, second = self._tree.query(shapes, predicate="intersects")
        pairs = first < second
        first, second = first[pairs], second[pairs]
        claimed = shapely.area(shapely.intersection(shapes[first], shapes[second])) > 0
        for row in np.unique(second[claimed]):
            shapes[row] = shapely.difference(shapes[row], shapely.union_all(shapes[first[claimed & (second == row)]]))
        return shapes

    def rows_at(self, points: NDArray[np.object_]) -> NDArray[np.intp]:
        """(n,) row in `finest` of the unit that covers each point, its border included; -1 outside. On a border the smallest code."""
        if len(points) > MANY_PER_UNIT * len(self.finest):
            grid = UnitGrid(self.finest.geometry.to_numpy(), len(points))
            return grid.rows_at(shapely.get_x(points), shapely.get_y(points)).astype(np.intp)
        point_row, unit_row = self._tree.query(points, predicate="covered_by")
        found = np.full(len(points), len(self.finest), dtype=np.intp)
        np.minimum.at(found, point_row, unit_row)
        return np.where(found == len(self.finest), -1, found)

    def ids_at(self, points: NDArray[np.object_]) -> NDArray[np.object_]:
        """(n,) id of the finest unit that covers each point; "" outside."""
        ids = np.array([*self.finest["unit_id"], ""], dtype=object)
        found: NDArray[np.object_] = ids[self.rows_at(points)]
        return found

    def lies_under(self, unit_id: str, upper_id: str) -> bool:
        """Whether a unit is another one or lies in it, by the chain of parents."""
        while unit_id and unit_id != upper_id:
            unit_id = self._parent_of.get(unit_id, "")
        return bool(unit_id)

    @cached_property
    def _parent_of(self) -> dict[str, str]:
        return dict(zip(self.units["unit_id"], self.units["parent_id"], strict=True))


def read_units(sources: Sequence[UnitSource], reading: Reading) -> list[tuple[UnitSource, Layer]]:
    """The unit layers that can be read, as they stand in their files."""
    read = []
    for source in sources:
        layer = read_layer(source, LAYER, _COLUMNS, "polygon", reading, key="unit_id")
        if layer is not None:
            if "unit_id" in layer.theirs:
                check_ids(layer.frame, "unit_id", layer.where, reading.findings, layer.theirs)
            read.append((source, layer))
    return read


def lay_ground(read: Sequence[tuple[UnitSource, Layer]], crs: str, findings: Findings) -> Ground | None:
    """All levels in one metric system, each unit under its parent; None after telling why it cannot be."""
    shaped = [(source, layer, layer.frame) for source, layer in read if isinstance(layer.frame, gpd.GeoDataFrame)]
    boxes = [bounds_lon_lat(frame, layer.where, findings) for _, layer, frame in shaped]
    if len(shaped) < len(read) or None in boxes:
        return None
    corners = np.array(boxes, dtype=float)
    around: Bounds = (*corners[:, :2].min(axis=0).tolist(), *corners[:, 2:].max(axis=0).tolist())
    metric = choose_crs(crs, around, "layers.crs", findings)
    if metric is None:
        return None
    frames = [_of_level(frame, source, layer, metric, findings) for source, layer, frame in shaped]
    if any(frame is None for frame in frames):
        return None
    together = pd.concat(frames)
    if together["unit_id"].duplicated().any():
        if len(frames) > 1:
            check_ids(together, "unit_id", LAYER, findings)
        return None
    own = [name for name in together.columns if name not in (*_KEPT, "geometry")]
    together = together.assign(**{name: together[name].fillna("") for name in own})
    _tell_apart(frames, read, findings)
    order = {level: i for i, level in enumerate(LEVELS)}
    sorted_units = together.sort_values(["level", "unit_id"], key=lambda c: c.map(order) if c.name == "level" else c).reset_index(drop=True)
    units = gpd.GeoDataFrame(sorted_units, geometry="geometry", crs=metric)
    levels = [level for level in LEVELS if level in set(units["level"])]
    for level in levels:
        _tell_overlaps(units[units["level"] == level], level, findings)
    return Ground(metric, _under_parents(units, levels, findings), levels[-1])


def _of_level(frame: gpd.GeoDataFrame, source: UnitSource, layer: Layer, crs: CRS, findings: Findings) -> gpd.GeoDataFrame | None:
    moved = to_metric(frame, crs, layer.where, findings)
    if moved is None:
        return None
    people = [name for name in BASE_NAMES if name in moved.columns]
    if people:
        what = say("its columns {columns} are not used: people are read from [layers.population]", columns=people)
        findings.note(layer.where, what)
    said = moved["subtype"]
    coded = [subtype_of(unit_id, source.level) for unit_id in moved["unit_id"]]
    filled = moved.drop(columns=people).assign(level=source.level, subtype=said.where(said != "", coded))
    own = [name for name in filled.columns if name not in (*_KEPT, "geometry")]
    return filled[[*_KEPT, *own, "geometry"]]


def _under_parents(units: gpd.GeoDataFrame, levels: Sequence[str], findings: Findings) -> gpd.GeoDataFrame:
    """The units with `parent_id` filled at every level but the uppermost."""
    parents = pd.Series("", index=units.index, dtype=object)
    for above, level in pairwise(levels):
        upper, lower = units[units["level"] == above], units[units["level"] == level]
        found = _stated_parents(lower, upper, level, findings)
        coded = _coded_parents(lower, upper, above)
        found = found.where(found != "", coded)
        bare = lower[found == ""]
        found.loc[bare.index] = _holding_parents(bare, upper)
        orphans = lower.loc[found == "", "unit_id"]
        if len(orphans):
            what = say(
                "{n} unit(s) of level {level} lie in no {above} and count in none of its figures",
                n=len(orphans),
                level=level_name(level),
                above=level_name(above),
            )
            findings.warning(LAYER, what, say("Give a `parent_id` column, or wider polygons."), list(orphans))
        _tell_contradictions(lower, upper, found, level, findings)
        parents.loc[lower.index] = found
    return units.assign(parent_id=parents)


def _tell_contradictions(lower: gpd.GeoDataFrame, upper: gpd.GeoDataFrame, found: pd.Series, level: str, findings: Findings) -> None:
    """Units whose stated or coded parent is another than the one that holds most of their ground."""
    held = pd.Series(_holding_parents(lower, upper), index=lower.index, dtype=object)
    against = (found != "") & (held != found)
    if against.any():
        rows = [
            say("{unit}: under {parent}, on the ground of {other}", unit=unit, parent=parent, other=other or say("no unit"))
            for unit, parent, other in zip(lower.loc[against, "unit_id"], found[against], held[against], strict=True)
        ]
        what = say("{n} unit(s) of level {level} do not lie in the unit that they are counted under", n=len(rows), level=level_name(level))
        findings.warning(LAYER, what, say("Check the codes, and that the layers are of one year."), rows)


def _tell_apart(frames: Sequence[gpd.GeoDataFrame], read: Sequence[tuple[UnitSource, Layer]], findings: Findings) -> None:
    """Levels of which nothing lies on the ground of the first: one of them is in the wrong place."""
    first = shapely.box(*frames[0].total_bounds)
    for frame, (_, layer) in zip(frames[1:], read[1:], strict=True):
        km = float(shapely.distance(first, shapely.box(*frame.total_bounds))) / 1000
        if km > 0:
            what = say("it does not lie near {first}, but {km:.0f} km away", first=read[0][1].where, km=km)
            findings.error(layer.where, what, say("Probably the wrong coordinate system: check `crs`."))


def _stated_parents(lower: gpd.GeoDataFrame, upper: gpd.GeoDataFrame, level: str, findings: Findings) -> pd.Series:
    stated = lower["parent_id"]
    strange = lower[(stated != "") & ~stated.isin(upper["unit_id"])]
    if len(strange):
        rows = [f"{unit}: {parent}" for unit, parent in zip(strange["unit_id"], strange["parent_id"], strict=True)]
        what = say("{n} unit(s) of level {level} name a unit above (parent_id) that is not there", n=len(rows), level=level_name(level))
        findings.error(LAYER, what, say("Write codes of units of the level above, or leave the cells empty."), rows)
    known: pd.Series = stated.where(stated.isin(upper["unit_id"]), "")
    return known


def _coded_parents(lower: gpd.GeoDataFrame, upper: gpd.GeoDataFrame, above: str) -> pd.Series:
    """What the digits say: `431225100203` lies in the township `431225100`, also when that is written with twelve digits."""
    by_code = {code_at(unit_id, above): unit_id for unit_id in upper["unit_id"] if is_chinese_code(unit_id)}
    digits = LEVELS[above].code_digits
    parents = [by_code.get(code_at(code, above), "") if is_chinese_code(code) and len(code) > digits else "" for code in lower["unit_id"]]
    return pd.Series(parents, index=lower.index, dtype=object)


def _holding_parents(lower: gpd.GeoDataFrame, upper: gpd.GeoDataFrame) -> list[str]:
    """The upper unit that holds most of the ground of each lower one, if it holds at least half; ties to the smallest code."""
    tree, shapes = shapely.STRtree(upper.geometry.to_numpy()), lower.geometry.to_numpy()
    low, up = tree.query(shapes, predicate="intersects")
    shared_m2 = shapely.area(shapely.intersection(shapes[low], upper.geometry.to_numpy()[up]))
    pairs = pd.DataFrame({"low": low, "id": upper["unit_id"].to_numpy()[up], "share": shared_m2 / shapely.area(shapes)[low]})
    best = pairs[pairs["share"] >= PARENT_SHARE].sort_values(["low", "share", "id"], ascending=[True, False, True]).drop_duplicates("low")
    of_row = dict(zip(best["low"], best["id"], strict=True))
    return [of_row.get(row, "") for row in range(len(lower))]


def _tell_overlaps(units: gpd.GeoDataFrame, level: str, findings: Findings) -> None:
    shapes, ids = units.geometry.to_numpy(), units["unit_id"].to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    areas = shapely.area(shapes)
    shared_m2 = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    real = shared_m2 > SLIVER_SHARE * np.minimum(areas[first], areas[second])
    if real.any():
        rows = [
            say("{first} and {second}: {m2:,.0f} m2", first=ids[i], second=ids[j], m2=float(m2))
            for i, j, m2 in zip(first[real], second[real], shared_m2[real], strict=True)
        ]
        what = say(
            "units of level {level} overlap by {m2:,.0f} m2 in all; what lies there is given to the unit with the smaller code",
            level=level_name(level),
            m2=float(shared_m2[real].sum()),
        )
        findings.warning(LAYER, what, say("Correct the boundaries."), rows)
