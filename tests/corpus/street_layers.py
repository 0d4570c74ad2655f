"""Streets: lines without length or shape, in pieces, drawn twice or the other way, from OSM and from broken OSM."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import shapely
from shapely import Geometry, LineString, MultiLineString, Point

from layers.study_area import StudyArea
from tests.corpus.cases import Spoil, faulty, refused, same, told
from tests.corpus.place import Spoilt, street_lines
from tests.small import METRIC, X0, Y0


def lines(change: Callable[[list[LineString]], list[Geometry]], name: str = "lines.gpkg", **columns: object) -> Spoil:
    """The streets with other lines."""

    def spoil(place: Spoilt) -> None:
        shapes = change(list(street_lines().geometry))
        frame = gpd.GeoDataFrame({"highway": "residential", **columns}, index=range(len(shapes)), geometry=shapes, crs=METRIC)
        if name.endswith(".parquet"):
            frame.to_parquet(place.folder / name)
            place.layers["streets"] = {"path": name}
        else:
            place.streets(frame, name)

    return spoil


def more(*drawn: Geometry | list[tuple[float, float]], name: str = "lines.gpkg") -> Spoil:
    """Further lines; coordinates that are no numbers are made a line only in the case, for numpy warns of them."""
    return lines(lambda streets: [*streets, *(LineString(shape) if isinstance(shape, list) else shape for shape in drawn)], name)


def osm(text: str, name: str = "streets.osm") -> Spoil:
    def spoil(place: Spoilt) -> None:
        place.bytes(name, text.encode())
        place.layers["streets"] = {"path": name}

    return spoil


def nodes() -> str:
    points = gpd.GeoSeries([Point(X0 + 1000 * i, Y0 + 500) for i in range(5)], crs=METRIC).to_crs(4326)
    return "".join(f'<node id="{i + 1}" lon="{p.x:.9f}" lat="{p.y:.9f}"/>' for i, p in enumerate(points))


WAY = '<way id="9">' + "".join(f'<nd ref="{i}"/>' for i in range(1, 6)) + '<tag k="highway" v="{}"/></way>'
OSM = '<osm version="0.6">{}</osm>'


def pbf(share: float) -> Spoil:
    """The streets as a PBF file that is cut off."""

    def spoil(place: Spoilt) -> None:
        import osmium  # noqa: PLC0415

        osm(OSM.format(nodes() + WAY.format("residential")))(place)
        target = Path(place.folder) / "streets.osm.pbf"
        with osmium.SimpleWriter(str(target)) as writer:
            for thing in osmium.FileProcessor(str(place.folder / "streets.osm")):
                writer.add(thing)
        place.cut("streets.osm.pbf", share)
        place.layers["streets"] = {"path": "streets.osm.pbf"}

    return spoil


def km(length: float) -> Callable[[StudyArea], bool]:
    return lambda area: area.streets is not None and math.isclose(float(area.streets.edge_length_m.sum()), 1000 * length, rel_tol=1e-3)


P = (X0 + 500, Y0 + 500)
CASES = (
    same("the other way round", lines(lambda streets: [shapely.reverse(s) for s in streets])),
    same("in another order", lines(lambda streets: streets[::-1])),
    same("as one line", lines(lambda streets: [shapely.line_merge(MultiLineString(streets))])),
    same("as one line of parts", lines(lambda streets: [MultiLineString(streets)])),
    same("drawn twice", lines(lambda streets: [*streets, *streets])),
    same("with heights", lines(lambda streets: [shapely.force_3d(s, 100.0) for s in streets])),
    same("with corners twice", lines(lambda streets: [LineString([c for c in s.coords for _ in "12"]) for s in streets])),
    same(
        "ends that are a tenth of a millimetre apart",
        lines(lambda streets: [streets[0], *(shapely.transform(s, lambda xy: xy + 0.0001) for s in streets[1:])]),
        within=1e-3,
    ),
    told(
        "ends that are a centimetre apart",
        lines(lambda streets: [streets[0], *(shapely.transform(s, lambda xy: xy + (0.01, 0.0)) for s in streets[1:])]),
        r"streets: lines\.gpkg.*in 2 pieces that are not joined",
    ),
    told("a line without length", more(LineString([P, P])), r"lines\.gpkg: 1 line\(s\) have no length and are left out.*feature 5", km(4)),
    told(
        "a line with a coordinate that is no number",
        more([P, (X0, math.nan)], name="lines.parquet"),
        r"lines\.parquet: 1 line\(s\) have a coordinate that is no number",
        km(4),
    ),
    told(
        "a line with an infinite coordinate",
        more([P, (X0, math.inf)], name="lines.parquet"),
        r"lines\.parquet: 1 line\(s\) have a coordinate that is no number",
        km(4),
    ),
    told(
        "a row without a line", more(LineString(), name="lines.parquet"), r"lines\.parquet: 1 row\(s\) are no lines and are left out", km(4)
    ),
    told(
        "a row without a shape",
        lambda p: (
            lines(lambda s: s)(p),
            p.streets(gpd.GeoDataFrame({"highway": ["residential"] * 5}, geometry=[*street_lines().geometry, None], crs=METRIC)),
        ),
        r"lines\.gpkg: 1 row\(s\) are no lines",
        km(4),
    ),
    told("a point among the lines", more(Point(P), name="lines.parquet"), r"lines\.parquet: 1 row\(s\) are no lines", km(4)),
    told("in pieces", lines(lambda s: [s[0], s[2]]), r"in 2 pieces that are not joined", km(2)),
    told(
        "a crossing without a common corner",
        more(LineString([(X0 + 250, Y0), (X0 + 250, Y0 + 1000)])),
        r"1 pair\(s\) of streets cross or touch",
        km(5),
    ),
    told(
        "a motorway among them",
        lambda p: p.streets(street_lines().assign(highway=["residential", "residential", "residential", "motorway"])),
        r"1 line\(s\) that cannot be walked are left out \(motorway 1\)",
        km(3),
    ),
    refused("only motorways", lines(lambda s: s, highway="motorway"), r"streets: lines\.gpkg: no streets: no line in it can be walked"),
    refused("polygons", lambda p: p.layers.update(streets={"path": "units.gpkg", "layer": "village"}), r"streets: units\.gpkg: no streets"),
    refused(
        "far away",
        lines(lambda s: [shapely.transform(x, lambda xy: xy + (50_000, 0)) for x in s]),
        r"streets: no street of it lies near the units",
    ),
    refused(
        "in degrees that say metres",
        lambda p: p.streets(street_lines().to_crs(4490).set_crs(4546, allow_override=True)),
        r"streets: lines\.gpkg.*look like longitude and latitude",
    ),
    refused("in Xian 1980", lambda p: p.streets(street_lines().set_crs(2361, allow_override=True)), r"streets: lines\.gpkg.*not public"),
    refused("an empty layer", lines(lambda _: []), r"streets: lines\.gpkg"),
    refused(
        "a strange word for one way",
        lambda p: p.streets(street_lines().assign(way="sometimes"), columns={"oneway": "way"}),
        r"lines\.gpkg, oneway: 4 cell\(s\) say neither",
    ),
    refused("a table", lambda p: p.layers.update(streets={"path": "people.csv"}), r"streets: people\.csv"),
    refused(
        "a raster",
        lambda p: (p.bytes("streets.tif", b"II*\0" + bytes(100)), p.layers.update(streets={"path": "streets.tif"})),
        r"streets: streets\.tif",
    ),
    same("an OSM file", osm(OSM.format(nodes() + WAY.format("residential"))), within=1e-3),
    told(
        "an OSM file of which a node is missing",
        osm(OSM.format(nodes().replace('id="3"', 'id="33"') + WAY.format("residential"))),
        r"vertices of streets without a position",
        km(2),
    ),
    refused("an OSM file without nodes", osm(OSM.format(WAY.format("residential"))), r"streets\.osm: no streets"),
    refused("an OSM file with nodes after the ways", osm(OSM.format(WAY.format("residential") + nodes())), r"streets\.osm"),
    refused("an OSM file without ways", osm(OSM.format(nodes())), r"streets\.osm: no streets"),
    refused("an OSM file cut off", osm(OSM.format(nodes() + WAY.format("residential"))[:-30]), r"streets\.osm: cannot be read as OSM data"),
    refused(
        "an OSM file with a latitude of 200",
        osm(OSM.format(nodes().replace('lat="27', 'lat="207') + WAY.format("residential"))),
        r"streets\.osm",
    ),
    refused("an OSM change file", osm(f'<osmChange version="0.6"><create>{nodes()}</create></osmChange>'), r"streets\.osm"),
    refused("XML that is no OSM", osm("<html><body/></html>"), r"streets\.osm"),
    same("a PBF file", pbf(1.0), within=1e-3),
    refused("a PBF file cut off in the middle", pbf(0.7), r"streets\.osm\.pbf: cannot be read as OSM data"),
    refused("a PBF file cut off in the header", pbf(0.1), r"streets\.osm\.pbf: cannot be read as OSM data"),
    refused(
        "text called PBF",
        lambda p: (p.bytes("streets.osm.pbf", b"Error 404"), p.layers.update(streets={"path": "streets.osm.pbf"})),
        r"streets\.osm\.pbf: cannot be read as OSM data",
    ),
    faulty(
        "a path and a place",
        lambda p: p.layers.update(streets={"path": "streets.gpkg", "place": "Huitong"}),
        r"streets: give either path or place",
    ),
    faulty("neither a path nor a place", lambda p: p.layers.update(streets={}), r"streets: give either path or place"),
)
