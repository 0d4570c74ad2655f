"""The `[layers]` part of a scenario file: where each layer comes from and how its columns are called there.

A new key of a source is a field here; `layers.assemble` acts on it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from layers.saying import Said, say

LevelName = Literal["province", "prefecture", "county", "township", "village"]
Coordinates = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
OsmTags = tuple[tuple[str, str], ...]
BASE_OF_TOTAL = {"resident": "pop_resident", "registered": "pop_hukou"}
"""what pop_total counts, as `total_is` says it -> the base of those people"""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class FileSource(_Part):
    """A file and how to read it: .gpkg .shp .geojson .parquet (vector), .csv .xlsx (tables), .tif (raster), .osm.pbf .osm (OSM); or a database."""

    path: str
    """relative to the scenario file; or a PostGIS database, e.g. "postgresql://planner@host/county" (without a password: PGPASSWORD, ~/.pgpass)"""
    layer: str | None = None
    """layer of a GeoPackage or sheet of a workbook, needed when there are several; of a database schema.table, or schema.table(geometry_column)"""
    encoding: str | None = None
    """of a table or shapefile; by default utf-8, then gb18030"""
    header_row: int | None = Field(default=None, ge=1)
    """of a table: the line that holds the column names, counted from 1; lines above it are passed over. By default the first line, or the first below lines that can only be titles"""
    columns: dict[str, str] = Field(default_factory=dict)
    """our name = their name, where the name in the file is not one that is known anyway; "65-69岁 + 70-74岁" adds columns up"""
    crs: str | None = None
    """coordinate system of a vector file that does not state its own, e.g. EPSG:4490"""
    osm: OsmTags = ()
    """for OSM files: the tags to take, e.g. [["amenity", "clinic"], ["building", "*"]]"""

    @property
    def remedy_of_no_rows(self) -> Said:
        """What to do where the file holds none."""
        return say("Check the file; an empty layer would count as nothing being there.")


class RowSource(FileSource):
    """A file of which some rows may be taken."""

    where: str = ""
    """take only rows for which this holds, e.g. 机构生存状态 = '正常'; how many are left out is told"""


class PointSource(RowSource):
    """A layer of points: a vector file (polygons become a point inside), or a table with a pair of coordinate columns."""

    x: str | None = None
    """column of the longitude or easting of a table; by default one of the usual names (经度, lon, x ...)"""
    y: str | None = None
    """column of the latitude or northing"""
    coordinates: Coordinates | None = None
    """what the numbers of a table are; degrees only. Without it a table must give `crs`"""


class UnitSource(RowSource):
    """Polygons of one level."""

    level: LevelName
    """which level the polygons are of; villages are communities too"""
    admin_level: int | None = None
    """of OSM boundaries, e.g. 8"""


class SpreadSource(RowSource):
    """What shows where in a unit people live."""

    weight: str = ""
    """numeric column to weigh by; by default the area of polygons, the value of raster cells, 1 for points"""


class CountRaster(_Part):
    """One more raster of counts, on the grid of the first."""

    path: str
    """relative to the scenario file"""
    base: str
    """what its cells count; rasters of one base (women and men, or classes of age) add up"""


class PopulationSource(RowSource):
    """People. A table joined by code, points or polygons joined by location, or a raster of counts."""

    join: Literal["unit_id", "location", "none"] = "unit_id"
    """unit_id: totals of units; location: each point gives its people to the unit it lies in, as a total of that unit;
    none: the points or raster cells are the demand itself"""
    x: str | None = None
    """column of the longitude or easting of a table of points"""
    y: str | None = None
    """column of the latitude or northing"""
    coordinates: Coordinates | None = None
    """what the numbers of a table of points are; degrees only"""
    base: str = "pop_total"
    """for a raster: which base its cells count"""
    rasters: tuple[CountRaster, ...] = ()
    """for a raster: further ones, e.g. of age classes: [[layers.population.rasters]] path = "f_60.tif", base = "pop60" """
    border_cells: Literal["share", "middle"] = "share"
    """what becomes of a raster cell that lies in several units, here and in `spread`: share: it is shared out by area; middle: it counts whole
    where its middle lies"""
    total_is: Literal["resident", "registered", ""] = ""
    """what pop_total counts, so that rules on pop_resident or pop_hukou can use it"""
    assign: dict[str, str] = Field(default_factory=dict)
    """name of a row = unit_id, for rows that would fall into the wrong unit"""
    shares: dict[str, float] = Field(default_factory=dict)
    """an assumption where data is missing: base = share of pop_total, e.g. { pop60 = 0.09 }; named in every output"""
    spread: SpreadSource | None = None
    """where people live inside a unit; by default evenly over its ground, in cells of `cell_m`"""
    cell_m: float = Field(default=100.0, gt=0)
    """side of the cells that people are spread over [m]"""

    @property
    def same_people(self) -> tuple[str, ...]:
        """The bases that count the same people: pop_total and what it counts; none while `total_is` does not say."""
        return ("pop_total", BASE_OF_TOTAL[self.total_is]) if self.total_is else ()


class SiteSource(PointSource):
    """Facilities, or sites that could become one, of one file; several files may be given."""

    kind: str = ""
    """kind of every row (of a candidate: what it would become), when the file has no column for it"""
    kinds: dict[str, str] = Field(default_factory=dict)
    """their word = our kind, e.g. { 日间照料中心 = "day_care" }"""
    kind_from_name: bool = False
    """tell the kind from words in the name (敬老院, 日间照料 ...)"""
    id_prefix: str = ""
    """put before the ids of this file, so that ids of several files do not meet"""


class FacilitySource(SiteSource):
    """What stands."""

    status: str = "open"
    """status of rows that state none"""

    @property
    def remedy_of_no_rows(self) -> Said:
        """What to do where the file holds none: that nothing stands has to be said."""
        return say(
            "Check the file. If it has none of them yet, take its entry out; if no facility stands at all, write facilities = [] under [layers]."
        )


class CandidateSource(SiteSource):
    """Sites where something could be opened."""

    cost_yuan: float | None = Field(default=None, ge=0)
    """cost of rows that state none"""


class ResidentialSource(RowSource):
    """Polygons of residential areas."""


class StreetSource(FileSource):
    """Streets: an OSM extract, a line layer, or a place name that osmnx looks up (the only thing here that uses a network)."""

    path: str = ""
    """of an OSM extract or a line layer; either this or `place`"""
    place: str = ""
    """a place name that osmnx downloads the streets of, e.g. "Legazpi, Albay, Philippines"; what was downloaded is kept and used again"""

    @model_validator(mode="after")
    def _one_of_both(self) -> StreetSource:
        if bool(self.path) == bool(self.place):
            raise ValueError(say("give either path or place"))
        return self


class TerrainSource(_Part):
    """A raster of heights above the sea [m]."""

    path: str
    """relative to the scenario file; GeoTIFF with one band"""


class MinutesSource(_Part):
    """Minutes of your own instead of those along the streets: columns demand_id, site_id, profile, minutes (.parquet, .csv)."""

    path: str
    """relative to the scenario file"""
    limits: dict[str, float] = Field(default_factory=dict)
    """profile = minutes up to which the file holds every pair; not needed for a file that states them (format "matrix")"""


class LayerSources(_Part):
    """The whole `[layers]` part."""

    units: tuple[UnitSource, ...] = Field(min_length=1)
    """one entry per level, coarse to fine"""
    population: PopulationSource
    """people, of one source"""
    facilities: tuple[FacilitySource, ...]
    """what stands, of one file or several; `facilities = []` says that nothing stands yet"""
    candidates: tuple[CandidateSource, ...] = ()
    """where something could be opened"""
    residential: tuple[ResidentialSource, ...] = ()
    """residential areas, for rules on new and old estates"""
    streets: StreetSource | None = None
    """without them minutes are straight lines times a detour factor, and every output says so"""
    terrain: TerrainSource | None = None
    """heights, which slow walking down on slopes"""
    minutes: MinutesSource | None = None
    """your own minutes in place of those along the streets"""
    crs: str = "auto"
    """metric system to work in: auto takes a CGCS2000 three-degree zone in China, a UTM zone elsewhere"""
    assumptions: tuple[str, ...] = ()
    """what was assumed where data is missing, in words for every output"""
    synthetic: bool = False
    """an invented place; every output says so"""
