"""Shapes of the units: invalid, empty, in three dimensions, mixed, doubled, overlapping, with gaps; and points on their borders."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import shapely
from shapely import Geometry, MultiPolygon, Point, Polygon

from layers.study_area import StudyArea
from tests.corpus.cases import Spoil, mended, refused, same, told
from tests.corpus.place import CODES, Spoilt, facility_rows, village_frame
from tests.small import METRIC, X0, Y0


def second(change: Callable[[Polygon], Geometry | None], name: str = "village.gpkg") -> Spoil:
    """The second village with another shape."""
    return lambda place: place.shapes(lambda shapes: [shapes[0], change(shapes[1]), *shapes[2:]], name)


def at(x_m: float, y_m: float) -> tuple[float, float]:
    return X0 + x_m, Y0 + y_m


def ring(*xy: tuple[float, float]) -> Polygon:
    return Polygon([at(*point) for point in xy])


SPIKE = ring((1000, 0), (2000, 0), (2000, 1000), (1500, 1000), (1500, 1400), (1500, 1000), (1000, 1000))
BOWTIE = ring((1000, 0), (2000, 1000), (2000, 0), (1000, 1000))
TWICE_ROUND = ring((1000, 0), (2000, 0), (2000, 1000), (1000, 1000), (1000, 0), (2000, 0), (2000, 1000), (1000, 1000))


def site_at(x_m: float, y_m: float, *, stated: bool = False) -> Spoil:
    """The second facility somewhere else, with or without its village."""

    def spoil(place: Spoilt) -> None:
        lon_lat = gpd.GeoSeries([Point(at(x_m, y_m))], crs=METRIC).to_crs(4490).iloc[0]
        rows = facility_rows()
        rows[2] = [*rows[2][:2], rows[2][2] if stated else "", *rows[2][3:8], f"{lon_lat.x:.12f}", f"{lon_lat.y:.12f}"]
        place.put("facilities.csv", rows)

    return spoil


def people_at(*points: tuple[float, float], **source: Any) -> Spoil:  # noqa: ANN401 - fields of the scenario
    """A hundred people at each of some points, joined by location."""

    def spoil(place: Spoilt) -> None:
        table = [["名称", "总人口", "E", "N"], *([f"p{i}", "100", *at(*point)] for i, point in enumerate(points))]
        place.put("points.csv", table)
        place.layers["population"] = {
            "path": "points.csv",
            "join": "location",
            "crs": "EPSG:4546",
            "x": "E",
            "y": "N",
            "cell_m": 250.0,
            **source,
        }

    return spoil


def total_is(people: float, unassigned: float = 0.0) -> Callable[[StudyArea], bool]:
    def holds(area: StudyArea) -> bool:
        outside = float(area.unassigned.query("base == 'pop_total'")["people"].sum())
        return math.isclose(float(area.demand["pop_total"].sum()), people) and math.isclose(outside, unassigned)

    return holds


def of_unit(row: int, people: float) -> Callable[[StudyArea], bool]:
    return lambda area: math.isclose(float(area.units.set_index("unit_id").loc[CODES[row], "pop_total"]), people)


EVERYWHERE = ((500, 500), (1500, 500), (2500, 500), (3500, 500))
IN_A_ROW = list[Geometry]


def overlapping(shapes: IN_A_ROW) -> IN_A_ROW:
    return [shapely.box(*at(0, 0), *at(1100, 1000)), *shapes[1:]]


def collection(shape: Polygon) -> Geometry:
    return shapely.GeometryCollection([shape, shapely.LineString([at(1000, 0), at(1100, 0)])])


CASES = (
    mended(
        "an outline that goes out and back",
        second(lambda _: SPIKE),
        r"village\.gpkg: 1 polygon\(s\) cross themselves and were mended.*feature 2",
    ),
    mended("an outline that is drawn twice round", second(lambda _: TWICE_ROUND), r"village\.gpkg: 1 polygon\(s\) cross themselves"),
    mended("two parts that lie on each other", second(lambda s: MultiPolygon([s, s])), r"village\.gpkg: 1 polygon\(s\) cross themselves"),
    told("a bow tie", second(lambda _: BOWTIE), r"village\.gpkg: 1 polygon\(s\) cross themselves", of_unit(1, 800)),
    refused("no shape", second(lambda _: None), r"village\.gpkg: 1 row\(s\) have no geometry.*feature 2"),
    refused("an empty shape", second(lambda _: Polygon()), r"village\.gpkg: 1 row\(s\) have no geometry.*feature 2"),
    refused(
        "a shape without ground",
        second(lambda _: ring((1000, 0), (2000, 0), (1500, 0))),
        r"village\.gpkg: 1 row\(s\) are no polygons.*feature 2",
    ),
    refused("a point among the polygons", second(lambda s: s.centroid, "village.geojson"), r"village\.geojson"),
    refused(
        "lines for villages",
        lambda p: p.shapes(lambda shapes: [shapely.LineString(s.exterior.coords) for s in shapes]),
        r"village\.gpkg: 4 row\(s\) are no polygons",
    ),
    mended("a collection of a polygon and a line", second(collection, "village.parquet"), r"village\.parquet.*"),
    refused(
        "a corner that is no number",
        second(lambda _: ring((1000, 0), (2000, math.nan), (2000, 1000), (1000, 1000)), "village.parquet"),
        r"village\.parquet.*",
    ),
    refused(
        "a corner that is infinite",
        second(lambda _: ring((1000, 0), (2000, math.inf), (2000, 1000), (1000, 1000)), "village.parquet"),
        r"village\.parquet.*",
    ),
    same("heights at the corners", second(lambda s: shapely.force_3d(s, 250.0))),
    same("parts of one", lambda p: p.shapes(lambda shapes: [MultiPolygon([s]) for s in shapes])),
    same("corners twice", second(lambda _: ring((1000, 0), (1000, 0), (2000, 0), (2000, 1000), (2000, 1000), (1000, 1000)))),
    same("more corners than needed", second(lambda s: shapely.segmentize(s, 10.0))),
    same("outlines the other way round", lambda p: p.shapes(lambda shapes: [shapely.reverse(s) for s in shapes])),
    same("villages in another order", lambda p: p.villages(village_frame().iloc[::-1].reset_index(drop=True))),
    same("the villages as GeoParquet", lambda p: p.villages(village_frame(), "village.parquet")),
    same("the villages as shapefile", lambda p: p.villages(village_frame(), "village.shp")),
    same("the villages as GeoJSON", lambda p: p.villages(village_frame().to_crs(4326), "village.geojson"), within=1e-3),
    told(
        "an overlap of a hundred metres",
        lambda p: p.shapes(overlapping),
        r"units of level village overlap by 100,000 m2.*431299100001 and 431299100201",
        of_unit(0, 1286),
    ),
    told(
        "two villages of the same shape",
        lambda p: p.shapes(lambda s: [s[0], s[0], s[2], s[3]]),
        r"overlap by 1,000,000 m2",
        of_unit(1, 800),
    ),
    told("a village inside another", second(lambda _: shapely.box(*at(100, 100), *at(200, 200))), r"overlap by 10,000 m2", of_unit(1, 800)),
    same("an overlap of a centimetre", lambda p: p.shapes(lambda s: [shapely.box(*at(0, 0), *at(1000.01, 1000)), *s[1:]]), within=1e-3),
    same("a gap of a centimetre", lambda p: p.shapes(lambda s: [shapely.box(*at(0, 0), *at(999.99, 1000)), *s[1:]]), within=1e-3),
    told(
        "a facility in a gap",
        lambda p: (p.shapes(lambda s: [s[0], shapely.box(*at(1600, 0), *at(2000, 1000)), *s[2:]]), site_at(1400, 500)(p)),
        r"facilities\.csv: 1 row\(s\) stand outside every unit.*row 3",
    ),
    told(
        "a hole where a facility stands",
        lambda p: (second(lambda s: s.difference(Point(at(1400, 500)).buffer(50)))(p), site_at(1400, 500)(p)),
        r"facilities\.csv: 1 row\(s\) stand outside every unit",
    ),
    same("a facility on a border, its village stated", site_at(1400, 500, stated=True)),
    told(
        "a facility on the border of two villages", site_at(1000, 500), r".", lambda area: area.facilities["unit_id"].iloc[1] in CODES[:2]
    ),
    told(
        "a facility outside every village",
        site_at(1400, 5000),
        r"facilities\.csv: 1 row\(s\) stand outside every unit.*row 3",
        lambda area: area.facilities["unit_id"].iloc[1] == "",
    ),
    told("two facilities at one place", site_at(300, 500), r".", lambda area: len(area.facilities) == 3),
    told("people on a border", people_at(*EVERYWHERE, (1000, 500)), r".", total_is(500)),
    told("people on a corner of all", people_at(*EVERYWHERE, (0, 0), (4000, 1000)), r".", total_is(600)),
    told("people at one place", people_at(*EVERYWHERE, (500, 500), (500, 500)), r".", of_unit(0, 300)),
    told(
        "people outside every village",
        people_at(*EVERYWHERE, (1500, 2500)),
        r"points\.csv: 1 row\(s\) lie in no unit; their people stand in the totals \(headline, balance\) as unassigned.*p4",
        total_is(400, 100),
    ),
    told(
        "a village without people's points",
        people_at(*EVERYWHERE[:3]),
        r"points\.csv: 1 unit\(s\) have no row in them: no data",
        lambda area: area.demand["pop_total"].isna().any(),
    ),
    told(
        "a point for the whole county among the others",
        lambda p: (people_at(*EVERYWHERE, (2000, 500))(p), p.edit("points.csv", "p4,100", "p4,400")),
        r"points\.csv: a row has about as many",
    ),
    told(
        "people outside that are the demand",
        people_at(*EVERYWHERE, (1500, 2500), join="none"),
        r"points\.csv: 1 point\(s\) or cell\(s\) lie in no unit",
        total_is(400, 100),
    ),
    refused("people far from the villages", people_at((100_000, 500), (101_000, 500)), r"points\.csv: nothing of it lies near the units"),
    refused(
        "people assigned to a village that is not there",
        people_at(*EVERYWHERE, assign={"p0": "431299100777"}),
        r"points\.csv, assign: names unit\(s\).*p0: 431299100777",
    ),
    refused(
        "a row assigned that is not there", people_at(*EVERYWHERE, assign={"p9": CODES[0]}), r"points\.csv, assign: names row\(s\).*p9"
    ),
    told(
        "a village outside its township",
        lambda p: p.shapes(lambda s: [*s[:3], shapely.box(*at(3000, 3000), *at(4000, 4000))]),
        r"units: 1 unit\(s\).*431299200202",
    ),
    refused(
        "polygons from a table",
        lambda p: p.layers["units"].__setitem__(1, {"level": "village", "path": "people.csv"}),
        r"people\.csv: is a table; polygons are needed",
    ),
    refused(
        "people by location from a table without coordinates",
        lambda p: p.layers["population"].update(join="location"),
        r"people\.csv: has no column for x",
    ),
)
