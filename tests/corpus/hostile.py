"""Files and scenarios that mean harm: addresses, paths that lead out, bombs, and text that would be a command elsewhere."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import xlsxwriter

from tests.corpus.cases import Spoil, faulty, refused, same
from tests.corpus.place import PEOPLE, Spoilt, village_frame
from tests.corpus.street_layers import osm

LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def path(name: str) -> Spoil:
    return lambda place: place.layers["population"].update(path=name)


def units_path(name: str, **more: Any) -> Spoil:  # noqa: ANN401 - keys of a scenario
    return lambda place: place.layers["units"].__setitem__(1, {"level": "village", "path": name, **more})


def content(name: str, data: bytes) -> Spoil:
    def spoil(place: Spoilt) -> None:
        place.bytes(name, data)
        units_path(name)(place)

    return spoil


def part_of_workbook(part: str, change: Callable[[str], str]) -> Spoil:
    """The people as a workbook of which one part is changed."""

    def spoil(place: Spoilt) -> None:
        with xlsxwriter.Workbook(place.folder / "people.xlsx") as workbook:  # it writes texts apart from their cells, as spreadsheets do
            sheet = workbook.add_worksheet()
            for i, cells in enumerate(PEOPLE):
                sheet.write_row(i, 0, cells)
        place.layers["population"]["path"] = "people.xlsx"
        source = zipfile.ZipFile(io.BytesIO((place.folder / "people.xlsx").read_bytes()))
        with zipfile.ZipFile(place.folder / "people.xlsx", "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                text = source.read(name)
                target.writestr(name, change(text.decode()).encode() if name == part else text)

    return spoil


def bomb(place: Spoilt) -> None:
    """3 GB of blanks in a file of a few megabytes, written piece by piece."""
    place.people_book()
    with zipfile.ZipFile(place.folder / "people.xlsx", "a", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        info = zipfile.ZipInfo("xl/media/blanks.bin")
        info.compress_type = zipfile.ZIP_DEFLATED
        with target.open(info, "w", force_zip64=True) as part:
            part.write(bytes(1000))
    data = (place.folder / "people.xlsx").read_bytes()
    at = data.rindex(b"PK\x01\x02")  # the size that the directory states is what is gone by, before anything is unpacked
    place.bytes("people.xlsx", data[: at + 24] + (3_000_000_000).to_bytes(4, "little") + data[at + 28 :])


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="village"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
SHEET, SHEET_STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"

CASES = (
    refused("a path out of the folder", path("../../../../../../etc/passwd"), r"etc/passwd: "),
    refused("an absolute path to a file of the system", path("/etc/passwd"), r"/etc/passwd: "),
    refused("an address", path("https://example.org/people.csv"), r"people\.csv: is an address, not a file.*Download it"),
    refused("an address without encryption", units_path("http://example.org/a.gpkg"), r"a\.gpkg: is an address, not a file"),
    refused("a file address", path("file:///etc/passwd"), r"is an address, not a file"),
    refused("GDAL's way to the network", units_path("/vsicurl/http://example.org/a.gpkg"), r"is an address, not a file"),
    refused("GDAL's way into archives", units_path("/vsizip/units.zip/a.gpkg"), r"is an address, not a file"),
    refused("GDAL's way to standard input", units_path("/vsistdin/a.gpkg"), r"is an address, not a file"),
    refused("a driver in front of the path", units_path("GPKG:units.gpkg"), r"there is no such file"),
    refused("a database in a driver's words", units_path("PG:host=example.org"), r"PG:host=example\.org: "),
    refused(
        "a database with a password",
        units_path("postgresql://a:geheim@example.org/db", layer="x"),
        r"units: example\.org/db x: holds a password",
    ),
    refused(
        "a database for the streets without a table",
        lambda p: p.layers.update(terrain={"path": "postgresql://example.org/db"}),
        r"terrain: example\.org/db: is a database; a file is needed",
    ),
    refused("a device", path("/dev/zero"), r"/dev/zero: is not a plain file"),
    faulty("a zero in a path", path("people\u0000.csv"), r"scenario\.toml: .*U\+0000"),
    refused("a path of ten thousand signs", path("a" * 10_000 + ".csv"), r"population: a+.*"),
    refused("a virtual layer called GeoPackage", content("village.gpkg", VRT), r"village\.gpkg: is called \.gpkg but its content is not"),
    refused(
        "a virtual layer called GeoJSON", content("village.geojson", VRT), r"village\.geojson: is called \.geojson but its content is not"
    ),
    refused("a virtual layer by its own name", content("village.vrt", VRT), r"village\.vrt: `\.vrt` is no ending that can be read"),
    refused(
        "a service in a GeoJSON", content("village.geojson", b'{"type": "Topology", "url": "http://example.org"}'), r"village\.geojson: "
    ),
    refused(
        "an ESRI service in a GeoJSON",
        content("village.geojson", b'{"exceededTransferLimit": true, "features": [], "geometryType": "esriGeometryPolygon", "fields": []}'),
        r"village\.geojson: ",
    ),
    refused(
        "a layer name that is a statement",
        lambda p: p.layers["units"][1].update(layer='village"; drop table village; --'),
        r"units\.gpkg \(village\".*\): has no layer village\"; drop table",
    ),
    same(
        "a layer name with quotes",
        lambda p: (
            village_frame().to_file(p.folder / "units.gpkg", layer='vil"lage', driver="GPKG"),
            p.layers["units"][1].update(layer='vil"lage'),
        ),
    ),
    refused(
        "a condition that is Python",
        lambda p: p.layers["population"].update(where="__import__('os').system('id') = 0"),
        r"people\.csv, where: ",
    ),
    refused("a condition without end", lambda p: p.layers["population"].update(where="(" * 50_000 + "a"), r"people\.csv, where: "),
    refused(
        "an OSM file of entities",
        osm(LAUGHS + '<osm version="0.6"><node id="1" lon="1" lat="1"><tag k="a" v="&j;"/></node></osm>'),
        r"streets\.osm: ",
    ),
    refused(
        "an OSM file that reaches outside",
        osm(OUTSIDE + '<osm version="0.6"><node id="1" lon="111" lat="27"><tag k="a" v="&x;"/></node></osm>'),
        r"streets\.osm: ",
    ),
    refused("a workbook that unpacks without end", bomb, r"people\.xlsx: unpacks to 3\.0 GB"),
    refused(
        "a workbook of entities",
        part_of_workbook(SHEET_STRINGS, lambda t: LAUGHS + t.replace("二村", "&j;")),
        r"people\.xlsx: holds declarations",
    ),
    refused(
        "a workbook that reaches outside",
        part_of_workbook(SHEET_STRINGS, lambda t: OUTSIDE + t.replace("二村", "&x;")),
        r"people\.xlsx: holds declarations",
    ),
    refused("a workbook whose sheet is no XML", part_of_workbook(SHEET, lambda _: "not xml"), r"people\.xlsx: cannot be read"),
    refused("a workbook whose sheet is cut off", part_of_workbook(SHEET, lambda t: t[: len(t) // 2]), r"people\.xlsx: cannot be read"),
    refused(
        "a workbook with a text that is not there",
        part_of_workbook(SHEET_STRINGS, lambda t: t[: t.index("<si>")] + "</sst>"),
        r"people\.xlsx: cannot be read",
    ),
    refused("a workbook without its parts", part_of_workbook("xl/workbook.xml", lambda _: "<workbook/>"), r"people\.xlsx: "),
    faulty(
        "a folder of outputs that is a list", lambda p: p.scenario.update(outputs={"folder": ["out"]}), r"outputs\.folder: should be text"
    ),
)
