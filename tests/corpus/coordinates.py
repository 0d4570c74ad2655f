"""Coordinates: what the numbers are, which way round they stand, and what they are taken for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from layers.offsets import gcj02_to_bd09, wgs84_to_gcj02
from layers.study_area import StudyArea
from tests.corpus.cases import faulty, mended, refused, same, told
from tests.corpus.place import Spoilt, facility_rows, street_lines, village_frame

Floats = NDArray[np.float64]


def moved(rows: list[list[Any]], how: Callable[[Floats], Floats]) -> list[list[Any]]:
    """The facilities with other longitudes and latitudes."""
    lon_lat = np.array([[float(row[8]), float(row[9])] for row in rows[1:]])
    return [rows[0], *([*row[:8], *map("{:.9f}".format, xy)] for row, xy in zip(rows[1:], how(lon_lat), strict=True))]


def sites(how: Callable[[Floats], Floats], **source: str) -> Callable[[Spoilt], None]:
    """The facilities with coordinates put another way, and what the scenario says of them."""

    def spoil(place: Spoilt) -> None:
        place.put("facilities.csv", moved(facility_rows(), how))
        place.layers["facilities"] = [{"path": "facilities.csv", **(source or {"coordinates": "cgcs2000"})}]

    return spoil


def in_system(epsg: int) -> Callable[[Floats], Floats]:
    """Longitude and latitude in another system."""

    def project(lon_lat: Floats) -> Floats:
        points = gpd.GeoSeries(gpd.points_from_xy(*lon_lat.T), crs=4490).to_crs(epsg)
        return np.column_stack([points.x, points.y])

    return project


def one(row: int, column: str, cell: str) -> Callable[[Spoilt], None]:
    return lambda place: place.facility(row, column, cell)


def candidates(**source: str) -> Callable[[Spoilt], None]:
    """The candidates with something else said of them; None leaves a key out."""

    def spoil(place: Spoilt) -> None:
        entry = {"path": "candidates.csv", "crs": "EPSG:4546", "x": "E", "y": "N", **source}
        place.layers["candidates"] = [{key: value for key, value in entry.items() if value}]

    return spoil


def swapped_units(place: Spoilt) -> None:
    frame = village_frame().to_crs(4326)
    place.villages(frame.set_geometry(frame.geometry.map(lambda s: type(s)([xy[::-1] for xy in s.exterior.coords]))), "village.geojson")


def mislabelled(epsg: int, *, true: int | None = None) -> Callable[[Spoilt], None]:
    """Villages whose file states another system than their numbers are in."""

    def spoil(place: Spoilt) -> None:
        frame = village_frame() if true is None else village_frame().to_crs(true)
        place.villages(frame.set_crs(epsg, allow_override=True))

    return spoil


def without_system(place: Spoilt) -> None:
    place.villages(village_frame().set_crs(None, allow_override=True), "village.shp", columns={"name": "name"})


def bd09(lon_lat: Floats) -> Floats:
    return gcj02_to_bd09(wgs84_to_gcj02(lon_lat))


def stands_at_home(area: StudyArea) -> bool:
    """The stated units are believed."""
    return list(area.facilities["unit_id"]) == ["431299100001", "431299100201", "431299100001"]


def wide(text: str) -> str:
    """Digits as a Chinese input method writes them."""
    return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))


CASES = (
    same("AMap coordinates that are declared", sites(wgs84_to_gcj02, coordinates="gcj02"), within=1e-6),
    same("Baidu coordinates that are declared", sites(bd09, coordinates="bd09"), within=1e-6),
    same("the same points as wgs84", sites(lambda xy: xy, coordinates="wgs84")),
    same("zone 37 with the zone in the easting", sites(in_system(4525), crs="EPSG:4525"), within=1e-6),
    same("zone 37 without the zone", sites(in_system(4546), crs="EPSG:4546"), within=1e-6),
    same("points in Web Mercator, declared", sites(in_system(3857), crs="EPSG:3857"), within=1e-6),
    same("points in UTM 49, declared", sites(in_system(32649), crs="EPSG:32649"), within=1e-6),
    same("a coordinate system by its name", sites(in_system(4546), crs="CGCS2000 / 3-degree Gauss-Kruger CM 111E"), within=1e-6),
    told("AMap coordinates that are not declared", sites(wgs84_to_gcj02), r'facilities\.csv.*coordinates = "gcj02"', stands_at_home),
    told("Baidu coordinates that are not declared", sites(bd09), r'facilities\.csv.*coordinates = "bd09"', stands_at_home),
    told("true coordinates declared as AMap's", sites(lambda xy: xy, coordinates="gcj02"), r'coordinates = "wgs84"', stands_at_home),
    told("true coordinates declared as Baidu's", sites(lambda xy: xy, coordinates="bd09"), r'coordinates = "wgs84"', stands_at_home),
    refused("nothing said of the coordinates", candidates(crs=""), r"candidates\.csv: the scenario does not say what its coordinates are"),
    refused("longitude and latitude exchanged", sites(lambda xy: xy[:, ::-1]), r'facilities\.csv.*write x = "纬度", y = "经度"'),
    refused(
        "the columns exchanged in the scenario",
        sites(lambda xy: xy, coordinates="wgs84", x="纬度", y="经度"),
        r'facilities\.csv.*write x = "经度", y = "纬度"',
    ),
    refused("easting and northing exchanged", candidates(x="N", y="E"), r"candidates\.csv.*exchanged"),
    refused("degrees declared as metres", sites(lambda xy: xy, crs="EPSG:4546"), r"facilities\.csv.*look like longitude and latitude"),
    refused("metres declared as degrees", candidates(crs="EPSG:4490"), r"candidates\.csv.*look like metres"),
    refused("metres declared as wgs84", candidates(crs="", coordinates="wgs84"), r"candidates\.csv.*are not longitude and latitude of"),
    refused(
        "the zone in the easting, and a system without it", sites(in_system(4525), crs="EPSG:4546"), r"do not fit.*crs = \"EPSG:4525\""
    ),
    refused(
        "a system with the zone in the easting, and none there", sites(in_system(4546), crs="EPSG:4525"), r"facilities\.csv.*do not fit"
    ),
    refused("the neighbouring zone", candidates(crs="EPSG:4547"), r"candidates\.csv: nothing of it lies near the units.*km away"),
    refused("Xian 1980", candidates(crs="EPSG:2361"), r"candidates\.csv.*not public.*CGCS2000"),
    refused("Xian 1980 in degrees", candidates(crs="EPSG:4610"), r"candidates\.csv.*not public"),
    refused("Beijing 1954", candidates(crs="EPSG:2437"), r"candidates\.csv.*not public"),
    refused("new Beijing", candidates(crs="EPSG:4555"), r"candidates\.csv.*not public"),
    refused("villages that say they are in Xian 1980", mislabelled(2361), r"village\.gpkg.*not public"),
    refused("a system that is none", candidates(crs="EPSG:99999999"), r"candidates\.csv.*no coordinate system"),
    refused("villages in the neighbouring zone", mislabelled(4547), r"village\.gpkg: it does not lie near units: .*km away"),
    refused("villages in degrees that say metres", mislabelled(4546, true=4490), r"village\.gpkg.*look like longitude and latitude"),
    refused("villages in metres that say degrees", mislabelled(4490), r"village\.gpkg.*look like metres"),
    refused("a GeoJSON with latitude first", swapped_units, r"village\.geojson.*exchanged"),
    refused("a shapefile without .prj", without_system, r"village\.shp.*does not state its coordinate system"),
    same("villages in degrees", lambda p: p.villages(village_frame().to_crs(4490)), within=1e-3),
    same("villages with the zone in the easting", lambda p: p.villages(village_frame().to_crs(4525)), within=1e-6),
    same("villages in UTM", lambda p: p.villages(village_frame().to_crs(32649)), within=1e-3),
    same("streets in degrees", lambda p: p.streets(street_lines().to_crs(4490)), within=1e-4),
    mended(
        "a file that states a wrong system, and the scenario the right one",
        lambda p: p.villages(village_frame().set_crs(4547, allow_override=True), crs="EPSG:4546"),
        r"village\.gpkg: states .*is used instead",
    ),
    refused(
        "a facility at 0, 0",
        lambda p: p.put("facilities.csv", [*facility_rows()[:3], [*facility_rows()[3][:8], "0", "0"]]),
        r"facilities\.csv: the coordinates .* do not fit.*row 4",
    ),
    refused("a facility on the other side of the earth", one(3, "经度", "-69.0"), r"facilities\.csv: the coordinates .* do not fit.*row 4"),
    refused("a latitude above 90", one(1, "纬度", "97.1"), r"facilities\.csv.*are not longitude and latitude of"),
    refused("a longitude above 180", one(1, "经度", "1111.0"), r"facilities\.csv.*are not longitude and latitude of"),
    refused("a coordinate that is missing", one(2, "经度", "—"), r"facilities\.csv: 1 row\(s\) have no coordinates.*row 3"),
    refused("a coordinate that is NaN", one(2, "纬度", "nan"), r"facilities\.csv: 1 row\(s\) have no coordinates.*row 3"),
    refused("a coordinate that is infinite", one(2, "纬度", "inf"), r"facilities\.csv, row 3, column 纬度.*no number"),
    refused("a coordinate with an exponent beyond all numbers", one(2, "纬度", "1e400"), r"facilities\.csv, row 3, column 纬度.*no number"),
    refused("seconds without their mark", one(1, "经度", "111°00′10"), r"facilities\.csv, row 2, column 经度.*no number"),
    refused("a decimal comma", one(1, "经度", "111,002"), r"facilities\.csv.*are not longitude and latitude of"),
    refused("longitude and latitude in one cell", one(1, "经度", "111.002 27.1"), r"facilities\.csv, row 2, column 经度.*no number"),
    same("full-width digits in a coordinate", lambda p: p.facility(1, "纬度", wide(facility_rows()[1][9])), within=1e-9),
    faulty("a word for coordinates that is none", sites(lambda xy: xy, coordinates="wgs85"), r"coordinates is 'wgs85'.*wgs84"),
    refused(
        "a working system that does not measure metres",
        lambda p: p.layers.update(crs="EPSG:4490"),
        r"layers\.crs.*does not measure in metres",
    ),
    refused("Web Mercator to work in", lambda p: p.layers.update(crs="EPSG:3857"), r"layers\.crs.*stretches"),
    refused("a working system of another continent", lambda p: p.layers.update(crs="EPSG:32632"), r"layers\.crs.*outside the area of use"),
    refused("Xian 1980 to work in", lambda p: p.layers.update(crs="EPSG:2361"), r"layers\.crs.*not public"),
    same("the working system named as PROJ does", lambda p: p.layers.update(crs=CRS.from_epsg(4546).to_wkt())),
)
