"""The `[outputs]` part of a scenario: where the result goes and in which forms."""

from __future__ import annotations

import os
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pyproj import CRS

from layers.problems import Findings
from layers.projection import stated_crs
from layers.saying import say
from layers.sources.database import INSTALL, Address, AddressError, has_driver
from maps import report
from maps.base_map import BASE_MAPS, KEY_VARIABLE, BaseMapName, is_key

Format = Literal[
    "page", "geopackage", "workbook", "result", "minutes", "matrix", "shapefile", "geoparquet", "geojson", "sheet", "sheet_picture", "brief"
]
Language = Literal["zh", "en"]
ShapefileEncoding = Literal["utf-8", "gbk"]

ANALYSIS_CRS = "analysis"
"""the system that the minutes and areas were measured in"""


class Outputs(BaseModel):
    """What is written after a run; every name of `formats` is an entry of `maps.export.EXPORTS`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    folder: str = Field(pattern=r"^[^\x00-\x1f]*$")
    """relative to the scenario file; files of other origin in it are left alone"""
    formats: tuple[Format, ...] = Field(default=("page", "geopackage", "workbook", "result"), min_length=1)
    """page: index.html; geopackage: plan.gpkg; workbook: tables.xlsx; result: result.json; minutes: travel_minutes.tif, a grid of minutes to the
    nearest facility; matrix: minutes.parquet, all pairs of people and sites, which `[layers.minutes]` reads; shapefile, geoparquet, geojson:
    plan_shapefile.zip, plan_geoparquet.zip, plan_geojson.zip, the layers of the GeoPackage one file each; sheet, sheet_picture: sheet_a3.pdf, sheet_a3.png, the plan and its rules as maps on A3; brief: brief.docx, a text to
    edit. The last three need the extra `report` and a Chinese font"""
    language: Language = "zh"
    """language that the workbook and the layer names are in; the page switches between both"""
    review_number: str = ""
    """审图号 of the published map, printed on page and sheet; without it the sheet leaves a blank"""
    base_map: BaseMapName = "none"
    """map under the page's map, fetched while the page is looked at; by default the page fetches nothing. tianditu (lines and names) and
    tianditu_image (from the air) take the planner's own key from the environment variable TIANDITU_KEY; the page then holds that key. osm: OpenStreetMap,
    whose server answers only pages that are opened from a web server"""
    crs: str = ANALYSIS_CRS
    """coordinate system of the layers of plan.gpkg, of shapefiles, GeoParquet and PostGIS: "analysis" for the metric one that was measured in, or
    e.g. "EPSG:4490". GeoJSON is always WGS 84"""
    shapefile_encoding: ShapefileEncoding = "utf-8"
    """of the texts in shapefiles; gbk for older software"""
    postgis: str = ""
    """also write every layer and table into this database, e.g. "postgresql://planner@host/county". Never a password: that comes from
    PGPASSWORD or ~/.pgpass"""
    postgis_schema: str = Field(default="quarterhour", pattern="^[a-z_][a-z0-9_]{0,62}$")
    """schema of that database which the tables stand in; tables of other origin in it are left alone"""

    @field_validator("formats")
    @classmethod
    def _can_be_made(cls, formats: tuple[Format, ...]) -> tuple[Format, ...]:
        drawn = [name for name in formats if name in report.FORMATS]
        if drawn and not report.is_installed():
            raise ValueError(say("{formats} needs packages that are not installed: pip install 'quarterhour[report]'", formats=drawn))
        return formats

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, text: str) -> str:
        findings = Findings()
        if text != ANALYSIS_CRS and stated_crs(text, "crs", findings) is None:
            raise ValueError(say("{what} (write e.g. EPSG:4490)", what=findings.problems[0].what))
        return text

    @field_validator("base_map")
    @classmethod
    def _has_key(cls, name: BaseMapName) -> BaseMapName:
        base_map = BASE_MAPS.get(name)
        if base_map and base_map.needs_key and not is_key(os.environ.get(KEY_VARIABLE, "")):
            raise ValueError(
                say(
                    "{name} needs your own key: set the environment variable {variable} to the key that Tianditu gave you",
                    name=name,
                    variable=KEY_VARIABLE,
                )
            )
        return name

    @model_validator(mode="after")
    def _usable_address(self) -> Outputs:
        # on the whole part, so that the message does not repeat an address with a password in it
        if self.postgis:
            try:
                Address.parse(self.postgis)
            except AddressError as error:
                raise ValueError(say("postgis {what}. {remedy}", what=error.what, remedy=error.remedy)) from None
            if not has_driver():
                raise ValueError(say("postgis needs a package that is not installed: psycopg. Install it: {command}", command=INSTALL))
        return self

    @property
    def rests_on_more(self) -> bool:
        """Whether what is written cannot be told from scenario and files alone: it stands in a database, or holds a key of the environment."""
        base_map = BASE_MAPS.get(self.base_map)
        return bool(self.postgis or (base_map and base_map.needs_key))

    def layer_crs(self, analysis: CRS) -> CRS:
        """The system that layers are written in."""
        return analysis if self.crs == ANALYSIS_CRS else CRS.from_user_input(self.crs)
