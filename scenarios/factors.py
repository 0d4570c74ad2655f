"""The table of factors of a projection: unit_id, base, factor (people in the target year / people in the base year)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from layers.reading import Reading, read_layer
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, Column
from planner.projection import Growth, Projection

LAYER = say("projection")
COLUMNS = (
    Column("unit_id", "text", "区划代码", "unit code", required=True, aliases=("区划代码", "代码")),
    Column("base", "text", "基数", "base", required=True, aliases=("基数",)),
    Column("factor", "number", "系数", "factor", required=True, minimum=0.0, aliases=("系数",)),
)


def read_growth(projection: Projection, area: StudyArea, base_folder: Path, base_year: int) -> tuple[Growth, StudyArea]:
    """The projection with its table read, and the place with that file among its sources; `LayerFaultsError` tells every fault of the table."""
    year = projection.base_year or base_year
    if projection.factors is None:
        return Growth(projection.year, year, projection.growth, {}), area
    reading = Reading(base_folder)
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
        )
        for bad, what in checks:
            if bad.any():
                found = say("{what} in {n} row(s)", what=what, n=int(bad.sum()))
                reading.findings.error(where, found, say("Correct the rows."), [str(row) for row in frame.index[bad]])
        factors = dict(zip(zip(frame["unit_id"], frame["base"], strict=True), frame["factor"].astype(float), strict=True))
    reading.findings.raise_errors()
    growth = Growth(projection.year, year, projection.growth, factors)
    told = tuple(reading.findings.problems)
    return growth, replace(area, sources=(*area.sources, *reading.sources), problems=(*area.problems, *told))
