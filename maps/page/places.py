"""The places of the page: units of every level and residential areas, one numbered list with names, outlines and people."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.place_names import place_names
from layers.study_area import StudyArea
from maps.numbers import shown
from maps.page.coordinates import DisplayGrid
from maps.page.island import Json, packed
from maps.page.outlines import outlines
from maps.page.pinyin import initials


def places_table(area: StudyArea) -> pd.DataFrame:
    """place_id, name, level, parent_id and the base columns: units coarse to fine, then residential areas. Rows are numbered from 0."""
    tables = [area.units[area.units["level"] == level] for level in area.levels]
    if len(area.residential):
        estates = area.residential.rename(columns={"residential_id": "place_id", "unit_id": "parent_id"}).assign(level="residential_area")
        tables.append(estates)
    columns, named = ["place_id", "name", "level", "parent_id"], place_names(area)
    every = [pd.DataFrame(table.rename(columns={"unit_id": "place_id"}).drop(columns="geometry")) for table in tables]
    table = pd.concat(every, ignore_index=True).assign(name=lambda rows: rows["place_id"].map(named))
    bases = [base for base in area.bases if base in table.columns]
    return table[[*columns, *bases]].reset_index(drop=True)


def places(area: StudyArea, table: pd.DataFrame, grid: DisplayGrid) -> dict[str, Json]:
    """Columns of the places without their people; `levels` says which rows are of which level and holds their outlines."""
    row_of = {place_id: row for row, place_id in enumerate(table["place_id"])}
    label_xy = np.zeros((len(table), 2))
    levels: list[Json] = []
    for level, shapes in outlines(area).items():
        rows = np.flatnonzero(table["level"] == level)
        label_xy[rows] = shapely.get_coordinates(shapely.point_on_surface(shapes))
        levels.append({"level": level, "first": int(rows[0]), "size": len(rows), **grid.areas(shapes)})
    return {
        "id": table["place_id"].tolist(),
        "name": table["name"].tolist(),
        "initials": [initials(name) for name in table["name"]],
        "parent": packed([row_of.get(parent_id, -1) for parent_id in table["parent_id"]], "i"),
        "levels": levels,
        "label": grid.points(label_xy),
    }


def people_of_places(area: StudyArea, table: pd.DataFrame) -> dict[str, Json]:
    """Base -> the people of each place, as digits. `table` may be that of another scenario of the same place."""
    own = places_table(area).set_index(["level", "place_id"]).reindex(pd.MultiIndex.from_frame(table[["level", "place_id"]]))
    return {base: [shown(people, "people") for people in own[base]] for base in area.bases if base in own.columns}


def bounds_m(area: StudyArea) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(4,) west, south, east, north of the units [m]."""
    units: gpd.GeoDataFrame = area.units
    return np.asarray(units.total_bounds, dtype=np.float64)
