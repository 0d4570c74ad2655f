"""Files that are cut off, empty, locked, stale or mislabelled."""

from __future__ import annotations

import json
import os
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.study_area import StudyArea
from tests.corpus.cases import Spoil, refused, same, told
from tests.corpus.place import PEOPLE, Spoilt, csv_bytes, village_frame

ZIP_HEAD = b"PK\x03\x04"
OLE_HEAD = bytes.fromhex("D0CF11E0A1B11AE1")


def cut(name: str, share: float) -> Spoil:
    return lambda place: place.cut(name, share)


def content(name: str, data: bytes) -> Spoil:
    return lambda place: place.bytes(name, data)


def geojson(change: Callable[[dict[str, Any]], object] | None = None, text: Callable[[str], str] = str) -> Spoil:
    """The villages as GeoJSON, spoiled as an object or as text."""

    def spoil(place: Spoilt) -> None:
        place.villages(village_frame().to_crs(4326), "village.geojson")
        path = place.folder / "village.geojson"
        data = json.loads(path.read_text(encoding="utf-8"))
        if change is not None:
            change(data)
        path.write_text(text(json.dumps(data, ensure_ascii=False)), encoding="utf-8")

    return spoil


def database(*statements: str) -> Spoil:
    """Statements run in the GeoPackage of the villages, past all that GDAL would see to."""

    def spoil(place: Spoilt) -> None:
        place.villages(village_frame().assign(pop_total=[1286, 800, 500, 0]))
        with closing(sqlite3.connect(place.folder / "village.gpkg")) as db:
            for (trigger,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
                db.execute(f"drop trigger {trigger}")
            for statement in statements:
                db.execute(statement)
            db.commit()

    return spoil


def shapefile(
    *, encoding: str = "gb18030", cpg: bytes | None = None, driver_byte: int = 0, without: str = "", cut_to: float = 1.0
) -> Spoil:
    """The villages as a shapefile of another program."""

    def spoil(place: Spoilt) -> None:
        place.villages(village_frame(), "village.shp", columns={"unit_id": "unit_id", "name": "name"})
        base = place.folder / "village"
        village_frame().to_file(base.with_suffix(".shp"), encoding=encoding)
        cpg_path, dbf = base.with_suffix(".cpg"), base.with_suffix(".dbf")
        cpg_path.unlink(missing_ok=True)
        if cpg is not None:
            cpg_path.write_bytes(cpg)
        table = bytearray(dbf.read_bytes())
        table[29] = driver_byte
        dbf.write_bytes(table)
        if cut_to < 1.0:
            place.cut("village.shp", cut_to)
        if without:
            base.with_suffix(without).unlink()

    return spoil


def named(area: StudyArea) -> bool:
    return list(area.units.query("level == 'village'")["name"]) == ["一社区", "二村", "三村", "四村"]


def rows_of_dbf(place: Spoilt) -> None:
    shapefile()(place)
    path = place.folder / "village.dbf"
    table = bytearray(path.read_bytes())
    table[4:8] = struct.pack("<I", 2)
    path.write_bytes(table)


def parquet_people(place: Spoilt) -> None:
    frame = pd.DataFrame(PEOPLE[1:], columns=PEOPLE[0]).astype({"总人口": int, "60岁及以上": float})
    frame.to_parquet(place.folder / "people.parquet")
    place.layers["population"].update(path="people.parquet")


def parquet_units(place: Spoilt) -> None:
    place.villages(village_frame(), "village.parquet")


def then(spoil: Spoil, more: Callable[[Spoilt], object]) -> Spoil:
    def both(place: Spoilt) -> None:
        spoil(place)
        more(place)

    return both


def link(name: str, target: str) -> Spoil:
    def spoil(place: Spoilt) -> None:
        (place.folder / name).unlink(missing_ok=True)
        (place.folder / name).symlink_to(target)

    return spoil


def pipe(place: Spoilt) -> None:
    (place.folder / "people.csv").unlink()
    os.mkfifo(place.folder / "people.csv")


def folder(place: Spoilt) -> None:
    (place.folder / "people.csv").unlink()
    (place.folder / "people.csv").mkdir()


def workbook(change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(place: Spoilt) -> None:
        place.people_book()
        place.bytes("people.xlsx", change((place.folder / "people.xlsx").read_bytes()))

    return spoil


def shaped_facilities(place: Spoilt) -> None:
    """The facilities as a GeoPackage."""
    frame = pd.read_csv(place.folder / "facilities.csv", dtype=str)
    points = gpd.GeoDataFrame(
        frame.drop(columns=["经度", "纬度"]),
        geometry=gpd.points_from_xy(frame["经度"].astype(float), frame["纬度"].astype(float)),
        crs=4490,
    )
    points.to_file(place.folder / "facilities.gpkg")
    place.layers["facilities"] = [{"path": "facilities.gpkg"}]


CASES = (
    refused(
        "no such file",
        lambda p: p.layers["population"].update(path="peopel.csv"),
        r"population: peopel\.csv: there is no such file.*people\.csv",
    ),
    refused(
        "no such folder",
        lambda p: p.layers["population"].update(path="data/people.csv"),
        r"population: data/people\.csv: there is no such file.*folder data is not there",
    ),
    refused("a GeoPackage cut to half", cut("units.gpkg", 0.5), r"units: units\.gpkg \(township\): cannot be read"),
    refused("a GeoPackage cut to a tenth", cut("units.gpkg", 0.1), r"units: units\.gpkg \(township\): cannot be read"),
    refused("a GeoPackage of 0 bytes", content("units.gpkg", b""), r"units: units\.gpkg: is empty"),
    refused("a GeoPackage that is only a header", content("units.gpkg", b"SQLite format 3\x00"), r"units: units\.gpkg \(township\): "),
    refused(
        "a database that is no GeoPackage",
        lambda p: (
            (p.folder / "units.gpkg").unlink(),
            sqlite3.connect(p.folder / "units.gpkg").execute("create table village (a)").connection.close(),
        ),
        r"units: units\.gpkg \(township\): ",
    ),
    refused(
        "text called a GeoPackage", content("units.gpkg", b"not found\n"), r"units: units\.gpkg: is called \.gpkg but its content is not"
    ),
    refused(
        "a layer that is not there",
        lambda p: p.layers["units"][1].update(layer="villages"),
        r"units: units\.gpkg \(villages\): has no layer villages; it has township, village.*Did you mean village",
    ),
    refused(
        "a layer that is not named",
        lambda p: p.layers["units"].__setitem__(1, {"level": "village", "path": "units.gpkg"}),
        r"units: units\.gpkg: has several layers",
    ),
    same("a log beside the GeoPackage that is none of its own", content("units.gpkg-wal", b"rubbish" * 100)),
    same("an empty log beside the GeoPackage", content("units.gpkg-wal", b"")),
    same("a stored count of rows that is too small", database("update gpkg_ogr_contents set feature_count = 2")),
    same("a stored count of rows that is too large", database("update gpkg_ogr_contents set feature_count = 99")),
    same("a stored extent that is wrong", database("update gpkg_contents set min_x = 0, max_x = 1, min_y = 0, max_y = 1")),
    refused(
        "text in a number column",
        then(
            database("update village set pop_total = '一百二十' where fid = 2"),
            lambda p: p.layers["population"].update(path="village.gpkg"),
        ),
        r"village\.gpkg, column pop_total: 1 cell\(s\) of a number column hold text.*feature 2: 一百二十",
    ),
    same(
        "people from the villages' own file",
        then(
            database(),
            lambda p: (
                p.layers["population"].update(path="people.gpkg"),
                village_frame().assign(pop_total=[1286, 800, 500, 0], pop60=[300, 200, 150, 0]).to_file(p.folder / "people.gpkg"),
            ),
        ),
    ),
    refused("a shape in the database that is none", database("update village set geom = x'00' where fid = 2"), r"village\.gpkg"),
    refused("a table that the database names and does not have", database("drop table village"), r"village\.gpkg"),
    same("a shapefile in GBK without .cpg", shapefile()),
    same("a shapefile in GBK that says so", shapefile(cpg=b"GBK")),
    same("a shapefile in GBK that says UTF-8", shapefile(cpg=b"UTF-8")),
    same("a shapefile in GBK that says OEM", shapefile(cpg=b"OEM")),
    same("a shapefile in GBK, driver byte 0x4D", shapefile(driver_byte=0x4D)),
    same("a shapefile in GBK, driver byte 0x57", shapefile(driver_byte=0x57)),
    same("a shapefile in UTF-8 without .cpg", shapefile(encoding="utf-8")),
    same("a shapefile in UTF-8 that says GBK", shapefile(encoding="utf-8", cpg=b"GBK")),
    told(
        "the names of a shapefile in GBK", then(shapefile(cpg=b"UTF-8"), lambda p: p.facility(1, "区划代码", "431299100999")), r".", named
    ),
    refused("a shapefile without its table", shapefile(without=".dbf"), r"village\.shp: its companion \.dbf is missing"),
    refused("a shapefile without its index", shapefile(without=".shx"), r"village\.shp: its companion \.shx is missing"),
    refused("a shapefile cut to half", shapefile(cut_to=0.5), r"village\.shp"),
    refused("a shapefile whose table has fewer rows", rows_of_dbf, r"village\.shp|people\.csv"),
    same("a GeoJSON with a byte order mark", geojson(text=lambda t: "\ufeff" + t), within=1e-3),
    refused("a GeoJSON cut off", geojson(text=lambda t: t[:-200]), r"village\.geojson: cannot be read"),
    refused("a GeoJSON without features", geojson(lambda d: d.update(features=[])), r"village\.geojson: holds no rows"),
    refused("a GeoJSON that is a list", geojson(text=lambda t: f"[{t}]"), r"village\.geojson: is called \.geojson but its content is not"),
    refused("a JSON that is no GeoJSON", geojson(text=lambda _: '{"a": 1}'), r"village\.geojson: "),
    refused(
        "a GeoJSON with a shape of no kind", geojson(lambda d: d["features"][1]["geometry"].update(type="Polygoon")), r"village\.geojson"
    ),
    refused(
        "a GeoJSON with text for a corner",
        geojson(lambda d: d["features"][1]["geometry"]["coordinates"][0].__setitem__(0, ["111", "27"])),
        r"village\.geojson",
    ),
    refused(
        "a GeoJSON with a ring of two corners",
        geojson(lambda d: d["features"][1]["geometry"].update(coordinates=[[[111.0, 27.1], [111.1, 27.1]]])),
        r"village\.geojson",
    ),
    refused(
        "a GeoJSON with brackets without end",
        geojson(text=lambda _: '{"type": "FeatureCollection", "features": ' + "[" * 200_000),
        r"village\.geojson: ",
    ),
    refused("a GeoJSON with NaN", geojson(text=lambda t: t.replace("[[[", "[[[NaN, 27.1], [", 1)), r"village\.geojson"),
    same("people as Parquet", parquet_people),
    refused("Parquet cut off", then(parquet_people, cut("people.parquet", 0.7)), r"people\.parquet: cannot be read"),
    refused("Parquet of villages cut off", then(parquet_units, cut("village.parquet", 0.7)), r"village\.parquet: cannot be read"),
    refused("Parquet that is only its mark", then(parquet_people, content("people.parquet", b"PAR1")), r"people\.parquet: cannot be read"),
    refused(
        "Parquet without shapes for villages",
        then(parquet_people, lambda p: p.layers["units"].__setitem__(1, {"level": "village", "path": "people.parquet"})),
        r"people\.parquet: cannot be read as GeoParquet",
    ),
    refused("a workbook cut off", workbook(lambda b: b[: len(b) // 2]), r"people\.xlsx: is damaged"),
    refused("a workbook with a broken part", workbook(lambda b: b.replace(b"PK\x01\x02", b"PK\x01\x03")), r"people\.xlsx: is damaged"),
    refused("a workbook with a flipped byte", workbook(lambda b: b[:400] + bytes([b[400] ^ 0xFF]) + b[401:]), r"people\.xlsx"),
    refused(
        "a zip that is no workbook",
        then(workbook(bytes), lambda p: p.bytes("people.xlsx", ZIP_HEAD + bytes(18) + b"PK\x05\x06" + bytes(18))),
        r"people\.xlsx",
    ),
    refused(
        "a workbook with a password", workbook(lambda _: OLE_HEAD + bytes(600)), r"people\.xlsx: is called \.xlsx but its content is not"
    ),
    refused(
        "an old workbook called .xlsx",
        workbook(lambda _: OLE_HEAD + b"Workbook" + bytes(600)),
        r"people\.xlsx.*password|people\.xlsx.*content is not",
    ),
    refused(
        "a page called .xlsx",
        workbook(lambda _: b"<html><table><tr><td>1</td></tr></table></html>"),
        r"people\.xlsx: is called \.xlsx but its content is not",
    ),
    refused("a table called .xlsx", workbook(lambda _: csv_bytes(PEOPLE)), r"people\.xlsx: is called \.xlsx but its content is not"),
    refused(
        "an old workbook",
        lambda p: (p.bytes("people.xls", OLE_HEAD + bytes(100)), p.layers["population"].update(path="people.xls")),
        r"people\.xls: `\.xls` is no ending that can be read",
    ),
    refused("a table with zeros inside", lambda p: p.bytes("people.csv", csv_bytes(PEOPLE) + bytes(200)), r"people\.csv: is not text"),
    refused("a cell of a million signs", lambda p: p.people(2, 1, "村" * 1_000_000), r"people\.csv: cannot be read"),
    refused("a folder by this name", folder, r"population: people\.csv: is not a plain file"),
    refused("a pipe by this name", pipe, r"population: people\.csv: is not a plain file"),
    same("a link to a file", then(lambda p: p.bytes("there.csv", csv_bytes(PEOPLE)), link("people.csv", "there.csv"))),
    refused("a link to nothing", link("people.csv", "gone.csv"), r"population: people\.csv: there is no such file"),
    refused("a link to itself", link("people.csv", "people.csv"), r"population: people\.csv"),
    same(
        "a file name with blanks and Chinese",
        lambda p: (p.bytes("人口 2026 年.csv", csv_bytes(PEOPLE)), p.layers["population"].update(path="人口 2026 年.csv")),
    ),
    same(
        "a file ending in capitals", lambda p: (p.bytes("PEOPLE.CSV", csv_bytes(PEOPLE)), p.layers["population"].update(path="PEOPLE.CSV"))
    ),
    same(
        "villages ending in capitals",
        lambda p: (
            p.villages(village_frame()),
            (p.folder / "village.gpkg").rename(p.folder / "VILLAGE.GPKG"),
            p.layers["units"][1].update(path="VILLAGE.GPKG"),
        ),
    ),
    same("a facility file with shapes", lambda p: shaped_facilities(p)),  # noqa: PLW0108 - it stands further down,
)
