"""What is not what it seems: shares for counts, units glued to a header, marks of no data in small types, text where numbers are kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
from openpyxl.worksheet.formula import ArrayFormula
from pyproj import CRS

from layers.study_area import StudyArea
from tests.corpus import rasters
from tests.corpus.cases import Spoil, mended, refused, same, told
from tests.corpus.place import PEOPLE, Rows, Spoilt, csv_bytes, facility_rows, village_frame
from tests.corpus.shapes import EVERYWHERE, at
from tests.corpus.texts import header, in_book, land
from tests.small import METRIC

HEADER, BODY = PEOPLE[0], PEOPLE[1:]


def elders(*cells: object, name: str = HEADER[3], said: bool = False) -> Spoil:
    """The people with other cells, and perhaps another name, in the column of the elders."""

    def spoil(place: Spoilt) -> None:
        place.put("people.csv", [[*HEADER[:3], name], *([*row[:3], cell] for row, cell in zip(BODY, cells, strict=True))])
        if said:
            place.layers["population"]["columns"] = {"pop60": name}

    return spoil


def more(*row: str) -> Spoil:
    return lambda place: place.put("people.csv", [*PEOPLE, list(row)])


def wan(name: str, *, said: bool = False) -> Spoil:
    """All people in ten thousands, as the header says in one way or another."""

    def spoil(place: Spoilt) -> None:
        header(2, name, 10_000.0)(place)
        if said:
            place.layers["population"]["columns"] = {"pop_total": name}

    return spoil


def book(change: Callable[[Any], object], table: Rows = PEOPLE) -> Spoil:
    return lambda place: place.people_book(table, change=lambda workbook: change(workbook.active))


def percentages(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
    for row in range(2, 6):
        sheet.cell(row, 4).value, sheet.cell(row, 4).number_format = 0.25, "0.0%"


def shown_otherwise(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
    """The people shown in ten thousands; the cells hold people."""
    for row in range(2, 6):
        sheet.cell(row, 3).value, sheet.cell(row, 3).number_format = int(PEOPLE[row - 1][2]), '0!.0,"万 (%)"'


def filtered(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
    sheet.auto_filter.ref = "A1:D5"
    sheet.row_dimensions[3].hidden = True


def facility_columns(change: Callable[[Rows], object]) -> Spoil:
    def spoil(place: Spoilt) -> None:
        rows = facility_rows()
        change(rows)
        place.put("facilities.csv", rows)

    return spoil


def every(column: int, cell: str) -> Callable[[Rows], object]:
    return lambda rows: [row.__setitem__(column, cell) for row in rows[1:]]


def in_minutes(rows: Rows) -> None:
    """The coordinates in degrees, minutes and seconds."""
    for row in rows[1:]:
        for column in (8, 9):
            minutes, seconds = divmod(float(str(row[column])) * 3600, 60)
            row[column] = f"{minutes // 60:.0f}°{minutes % 60:02.0f}′{seconds:09.6f}″"


def shapefile(change: Callable[[Spoilt], object] = lambda _: None, *, encoding: str = "utf-8", **columns: object) -> Spoil:
    """The villages as a shapefile, then changed."""

    def spoil(place: Spoilt) -> None:
        village_frame().assign(**columns).to_file(place.folder / "village.shp", encoding=encoding)
        (place.folder / "village.cpg").unlink(missing_ok=True)
        place.layers["units"][1] = {"level": "village", "path": "village.shp"}
        change(place)

    return spoil


def table_bytes(old: bytes, new: bytes) -> Callable[[Spoilt], None]:
    """Bytes of the .dbf changed, the last that are so; the people are read from it."""

    def change(place: Spoilt) -> None:
        path = place.folder / "village.dbf"
        content = path.read_bytes()
        at = content.rindex(old)
        path.write_bytes(content[:at] + new + content[at + len(old) :])
        place.layers["population"] = {"path": "village.shp", "cell_m": 250.0}

    return change


def mark_deleted(place: Spoilt) -> None:
    path = place.folder / "village.dbf"
    content = bytearray(path.read_bytes())
    content[int.from_bytes(content[8:10], "little")] = ord("*")
    path.write_bytes(content)


def nameless(epsg: int) -> Spoil:
    """A .prj in which system and datum have names of the file's own; only the ellipsoid tells."""
    text = re.sub(r'(PROJCS|GEOGCS|DATUM)\["[^"]+"', r'\1["D_Unknown"', CRS(epsg).to_wkt("WKT1_ESRI"))
    return shapefile(lambda place: (place.folder / "village.prj").write_text(text))


def latin_cells(place: Spoilt) -> None:
    frame = village_frame().rename(columns={"unit_id": "区划代码", "name": "名称"}).assign(名称=["A", "B", "C", "D"])
    frame.to_file(place.folder / "village.shp", encoding="GB18030")
    (place.folder / "village.cpg").unlink(missing_ok=True)
    place.layers["units"][1] = {"level": "village", "path": "village.shp"}


def two_geometries(place: Spoilt) -> None:
    village_frame().assign(centre=village_frame().centroid).to_parquet(place.folder / "village.parquet")
    place.layers["units"][1] = {"level": "village", "path": "village.parquet"}


def twice_drawn(place: Spoilt) -> None:
    doubled = pd.concat([village_frame(), village_frame().iloc[[1]].assign(unit_id="431299100999")], ignore_index=True)
    place.villages(gpd.GeoDataFrame(doubled, crs=METRIC))


def unknown_people(area: StudyArea) -> bool:
    return int(area.units.query("level == 'village'")["pop_total"].isna().sum()) == 1


def people_at(*points: tuple[float, float], again: bool = False, first: str = "100") -> Spoil:
    """A hundred people at each of some points, which are the demand themselves; the first as given, the last perhaps twice."""

    def spoil(place: Spoilt) -> None:
        table = [[f"p{i}", "100" if i else first, *at(*point)] for i, point in enumerate(points)]
        place.put("points.csv", [["名称", "总人口", "E", "N"], *table, *(table[-1:] if again else [])])
        place.layers["population"] = {"path": "points.csv", "join": "none", "crs": "EPSG:4546", "x": "E", "y": "N"}

    return spoil


KRASSOWSKY = "+proj=tmerc +lat_0=0 +lon_0=111 +k=1 +x_0=500000 +ellps=krass"
GLUED = (
    "总人口_万人",
    "总人口 万人",
    "总人口【万人】",
    "总人口[万人]",
    "总人口，万人",
    "总人口万人",
    "总人口（万）",
    "总人口（单位：万人）",
)
SHARE_NAMES = ("60岁及以上比例", "60岁及以上占总人口比重", "老龄化率", "60岁以上百分比")

CASES = (
    refused("percentages in a workbook", book(percentages), r"people\.xlsx, row 2, column 60岁及以上: 4 cell\(s\): `25%` is no number"),
    same("people shown in ten thousands in a workbook", book(shown_otherwise)),
    refused(
        "shares where people are counted, by their size",
        elders("0.23", "0.25", "0.3", "0"),
        r"people\.csv, row 2, column 60岁及以上: no unit has more than 1",
    ),
    told(
        "percentages where people are counted, by their size",
        elders("23.3", "25.1", "30.4", "0.5"),
        r"people\.csv, row 2, column 60岁及以上: 60岁及以上 \(pop60\) is no whole number in 4 row\(s\) and nowhere above 100",
    ),
    *(
        refused(
            f"a share by its name: {name}",
            elders("23", "25", "30", "0", name=name, said=True),
            r"people\.csv: column .* is in %, but pop60",
        )
        for name in SHARE_NAMES
    ),
    *(mended(f"ten thousands: {name}", wan(name), r"people\.csv: column .* is in 万") for name in GLUED),
    *(
        mended(f"ten thousands, named by the scenario: {name}", wan(name, said=True), r"people\.csv: column .* is in 万")
        for name in GLUED[:1]
    ),
    mended("land in mu, glued on", land("占地面积亩", 2000 / 3), r"facilities\.csv: column 占地面积亩 is in 亩"),
    same("land in square metres, glued on", land("占地面积平方米", 1.0)),
    refused(
        "a date where people are counted",
        in_book(2, 3, dt.date(2024, 5, 1)),
        r"people\.xlsx, row 3, column 60岁及以上: .*`2024-05-01 00:00:00` is no number",
    ),
    refused("a time where people are counted", in_book(2, 3, dt.time(3)), r"people\.xlsx, row 3, column 60岁及以上: .*is no number"),
    same("a number between unbreakable blanks", in_book(2, 2, "\u00a0800\u00a0")),
    told("rows that are filtered out", book(filtered), r"note: .*people\.xlsx: 1 row\(s\) of sheet Sheet are hidden.*row 3"),
    refused(
        "a formula over an array that was never counted",
        book(lambda sheet: sheet.__setitem__("C3", ArrayFormula("C3", "=SUM(400,400)"))),
        r"people\.xlsx: formulas whose results were not saved in the file.*row 3",
    ),
    refused(
        "the county among the villages", more("431299", "全县", "2586", "650"), r"people\.csv: 1 row\(s\) are totals of units above.*431299"
    ),
    refused("the province among the villages", more("43", "全省", "2586", "650"), r"people\.csv: 1 row\(s\) are totals of units above.*43"),
    refused("a row of totals: 汇总", more("汇总", "", "2586", "650"), r"people\.csv: rows of totals would be counted twice.*row 6"),
    told(
        "a total under a word that is not known",
        more("县域", "", "2586", "650"),
        r"people\.csv: a row has about as many pop_total as all others",
    ),
    told("a remark under the table", more("注：截至2025年底", "", "", ""), r"people\.csv: 1 row\(s\) have a code that no unit has"),
    refused(
        "units in a second line of the header",
        lambda p: p.put("people.csv", [HEADER, ["", "", "人", "人"], *BODY]),
        r"people\.csv, row 2, column 总人口: .*`人` is no number",
    ),
    same("codes that end in .0", lambda p: p.put("people.csv", [HEADER, *([f"{row[0]}.0", *row[1:]] for row in BODY)])),
    refused("parted by upright strokes", lambda p: p.put("people.csv", PEOPLE, delimiter="|"), r"people\.csv: has no column for unit_id"),
    refused(
        "parted by Chinese commas",
        lambda p: p.bytes("people.csv", csv_bytes(PEOPLE).decode().replace(",", "，").encode()),
        r"people\.csv: has no column",
    ),
    mended(
        "a line for Excel on top",
        lambda p: p.bytes("people.csv", b"sep=,\n" + csv_bytes(PEOPLE)),
        r"note: .*people\.csv, row 2: 1 line\(s\) above the column names were passed over: sep=",
    ),
    told(
        "a facility entered twice",
        facility_columns(lambda rows: rows.append(["f9", *rows[1][1:]])),
        r"facilities: 1 pair\(s\) have one name, kind and place: entered twice.*f1.*f9",
    ),
    told(
        "beds that are a share",
        facility_columns(every(7, "0.6")),
        r"facilities\.csv, row 2, column 床位数: 床位数 \(beds_total\) is no whole number in 3 row\(s\)",
    ),
    same("degrees, minutes and seconds", facility_columns(in_minutes)),
    refused("sixty minutes", facility_columns(every(8, "110°60'11\"")), r"facilities\.csv, row 2, column 经度: .*is no number"),
    refused("degrees with a letter", facility_columns(every(8, "111.003E")), r"facilities\.csv, row 2, column 经度: .*is no number"),
    mended("GBK in the column names only", latin_cells, r"4 row\(s\) have another name than the unit of their code"),
    mended(
        "characters of four bytes in GB18030",
        shapefile(encoding="GB18030", name=["𠮷村", "二村", "㐀村", "䶮村"]),
        r"3 row\(s\) have another name than the unit of their code.*the code is that of 𠮷村",
    ),
    refused(
        "text in a number column of a shapefile",
        shapefile(table_bytes(b"800", b"8x0"), pop_total=[1286, 800, 500, 0]),
        r"village\.shp, column pop_total: 1 cell\(s\) of a number column hold text.*feature 1: 8x0",
    ),
    told(
        "stars in a number column of a shapefile",
        shapefile(table_bytes(b"   800", b"******"), pop_total=[1286, 800, 500, 0]),
        r"village\.shp: 1 unit\(s\) have no figure",
        unknown_people,
    ),
    told("a row marked as deleted", shapefile(mark_deleted), r"note: .*village\.shp: 1 row\(s\) are marked as deleted.*feature 0"),
    refused("Xian 1980 under a name of its own", nameless(2382), r"village\.shp: is in .*not public"),
    refused("Beijing 1954 under a name of its own", nameless(2434), r"village\.shp: is in .*not public"),
    same("CGCS2000 under a name of its own", nameless(4546)),
    same("two geometry columns", two_geometries),
    told("a village drawn twice", twice_drawn, r"units of level village overlap by 1,000,000 m2 in all.*431299100201 and 431299100999"),
    refused("255, undeclared", rasters.cells(rasters.put(0, 0, 255), dtype="uint8"), r"people\.tif: 1 cell\(s\) hold 255.*nodata"),
    refused("127, undeclared", rasters.cells(rasters.put(0, 0, 127), dtype="int8"), r"people\.tif: 1 cell\(s\) hold 127.*nodata"),
    refused(
        "one raster twice",
        lambda p: (rasters.cells()(p), p.layers["population"].update(rasters=[{"path": "./people.tif", "base": "pop60"}])),
        r"people\.tif, rasters: the raster\(s\) people\.tif are named twice",
    ),
    told(
        "a point of people twice",
        people_at(*EVERYWHERE, again=True),
        r"points\.csv: 1 row\(s\) are the same as another one in every column.*row 6",
    ),
    told(
        "a point of people without a figure",
        people_at(*EVERYWHERE, first=""),
        r"points\.csv: 1 row\(s\) have no figure of 总人口 \(pop_total\).*row 2",
    ),
    refused(
        "a code where land is measured",
        facility_columns(every(5, "431299100001")),
        r"facilities\.csv, row 2, column 占地面积: 占地面积 \(land_area_m2\) is above 100,000,000",
    ),
    refused(
        "a telephone number where beds are counted",
        facility_columns(every(7, "07455822123")),
        r"facilities\.csv, row 2, column 床位数: 床位数 \(beds_total\) is above 100,000",
    ),
    refused(
        "a column added to itself",
        lambda p: p.layers["population"].update(columns={"pop_total": "总人口 + 总人口"}),
        r"people\.csv: `columns` adds a column to itself",
    ),
    told(
        "one column for two of ours",
        lambda p: p.layers["population"].update(columns={"pop_total": "总人口", "pop60": "总人口"}),
        r"`columns` takes the same column for pop_total, pop60",
    ),
    refused(
        "an encoding that is none, of a table",
        lambda p: p.layers["population"].update(encoding="klingon"),
        r"people\.csv: is not text in klingon",
    ),
    refused(
        "an encoding of no text, of a shapefile",
        shapefile(lambda p: p.layers["units"][1].update(encoding="rot13")),
        r"village\.shp: is not text in rot13",
    ),
    told(
        "Krassowsky's ellipsoid with parameters",
        lambda p: p.layers["units"][1].update(crs=f"{KRASSOWSKY} +towgs84=15.8,-154.4,-82.3"),
        r"village\): states .* is used instead",
    ),
    refused("Krassowsky's ellipsoid without parameters", lambda p: p.layers["units"][1].update(crs=KRASSOWSKY), r"is in .*not public"),
    refused(
        "Krassowsky's ellipsoid with parameters of 0",
        lambda p: p.layers["units"][1].update(crs=f"{KRASSOWSKY} +towgs84=0,0,0"),
        r"is in .*not public",
    ),
)
