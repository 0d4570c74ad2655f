"""The table of factors of a projection: unit_id, base, factor (people in the target year / people in the base year)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from layers.reading import Reading, read_layer
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, Column
from planner.projection import Growth, Projection
from scenarios.scenario import Scenario

LAYER = say("projection")
COLUMNS = (
    Column("unit_id", "text", "区划代码", "unit code", required=True, aliases=("区划代码", "代码")),
    Column("base", "text", "基数", "base", required=True, aliases=("基数",)),
    Column("factor", "number", "系数", "factor", required=True, minimum=0.0, aliases=("系数",)),
)


def read_growth(scenario: Scenario, projection: Projection, area: StudyArea) -> tuple[Growth, StudyArea]:
    """The projection with its table read, and the place with that file among its sources; `LayerFaultsError` tells every fault of the table."""
    same = scenario.file.layers.population.same_people
    growth = Growth(projection.year, projection.base_year or scenario.file.as_of.year, projection.growth, {}, same)
    if projection.factors is None:
        return growth, area
    reading = Reading(scenario.folder)
    layer = read_layer(projection.factors, LAYER, COLUMNS, "none", reading)
    factors: dict[tuple[str, str], float] = {}
    if layer is not None:
        frame, where = layer.frame, layer.where
        known = set(area.units["unit_id"])
        checks = (
            (~frame["unit_id"].isin(known), say("unit_id is no unit of the place")),
            (~frame["base"].isin(BASE_NAMES), say("base is none of {bases}", bases=BASE_NAMES)),
            (frame["factor"].isna(), say("factor is empty")),
            (frame.duplicated(["unit_id", "base"], keep=False), say("the same unit and base stand twice")),
            (_differ(frame[frame["base"].isin(same)]), say("{bases} are the same people (total_is) and have two factors", bases=same)),
        )
        for bad, what in checks:
            if bad.any():
                found = say("{what} in {n} row(s)", what=what, n=int(bad.sum()))
                reading.findings.error(where, found, say("Correct the rows."), [str(row) for row in frame.index[bad]])
        factors = dict(zip(zip(frame["unit_id"], frame["base"], strict=True), frame["factor"].astype(float), strict=True))
    reading.findings.raise_errors()
    told = tuple(reading.findings.problems)
    return replace(growth, factors=factors), replace(area, sources=(*area.sources, *reading.sources), problems=(*area.problems, *told))


def _differ(rows: pd.DataFrame) -> pd.Series:
    """Whether the rows of a unit give it several factors, for each of the rows."""
    return rows.groupby("unit_id")["factor"].transform("nunique") > 1
