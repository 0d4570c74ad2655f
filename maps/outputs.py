"""The `[outputs]` part of a scenario: where the result goes and in which forms."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Format = Literal["page", "geopackage", "workbook", "result", "minutes", "matrix"]
Language = Literal["zh", "en"]


class Outputs(BaseModel):
    """What is written after a run; every name of `formats` is an entry of `maps.export.EXPORTS`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    folder: str
    """relative to the scenario file; files of other origin in it are left alone"""
    formats: tuple[Format, ...] = Field(default=("page", "geopackage", "workbook", "result"), min_length=1)
    """page: index.html; geopackage: plan.gpkg; workbook: tables.xlsx; result: result.json; minutes: travel_minutes.tif, a grid of minutes to the
    nearest facility; matrix: minutes.parquet, all pairs of people and sites, which `[layers.minutes]` reads"""
    language: Language = "zh"
    """language that the workbook and the layer names are in; the page switches between both"""
