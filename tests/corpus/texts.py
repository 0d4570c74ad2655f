"""Texts and numbers: encodings, digits, marks for nothing, units in headers, and what is no number at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from layers.study_area import StudyArea
from tests.corpus.cases import faulty, mended, refused, same, told
from tests.corpus.coordinates import wide
from tests.corpus.place import CODES, PEOPLE, Spoilt, csv_bytes, facility_rows


def cell(row: int, column: int, text: object) -> Callable[[Spoilt], None]:
    return lambda place: place.people(row, column, text)


def everywhere(change: Callable[[str], str]) -> Callable[[Spoilt], None]:
    """The people with every cell below the header written another way."""
    return lambda place: place.put("people.csv", [PEOPLE[0], *([change(text) for text in row] for row in PEOPLE[1:])])


def encoded(encoding: str, mark: bytes = b"", stated: str = "") -> Callable[[Spoilt], None]:
    def spoil(place: Spoilt) -> None:
        place.bytes("people.csv", mark + csv_bytes(PEOPLE, encoding=encoding))
        if stated:
            place.layers["population"]["encoding"] = stated

    return spoil


def header(column: int, name: str, factor: float = 1.0) -> Callable[[Spoilt], None]:
    """The people with another name of a column, and its figures divided by a factor."""

    def spoil(place: Spoilt) -> None:
        rows = [list(row) for row in PEOPLE]
        rows[0][column] = name
        for row in rows[1:]:
            row[column] = f"{float(row[column]) / factor:.10g}" if factor != 1.0 else row[column]
        place.put("people.csv", rows)

    return spoil


def land(name: str, factor: float, *, said: bool = False) -> Callable[[Spoilt], None]:
    """The facilities with their land in another unit, which the header states."""

    def spoil(place: Spoilt) -> None:
        rows = facility_rows()
        rows[0][5] = name
        for row in rows[1:]:
            row[5] = repr(float(row[5]) / factor)
        place.put("facilities.csv", rows)
        if said:
            place.layers["facilities"][0]["columns"] = {"land_area_m2": name}

    return spoil


def unknown(unit: int, base: str) -> Callable[[StudyArea], bool]:
    """No data for this base in this village: not 0."""
    return lambda area: math.isnan(float(area.units.set_index("unit_id").loc[CODES[unit], base]))


def in_book(row: int, column: int, value: object) -> Callable[[Spoilt], None]:
    """A cell of another type in a workbook."""

    def spoil(place: Spoilt) -> None:
        rows = [list(cells) for cells in PEOPLE]
        rows[row][column] = value
        place.people_book(rows)

    return spoil


NO_DATA = ("—", "/", "", "-", "——", "N/A", "nan", "NULL", "空", "／", "无数据")
NO_NUMBERS = (
    "无",
    "约30",
    "30%",
    "2024/1/1",
    "3月5日",
    "三十",
    "12abc",
    "1.2.3",
    "1,23",
    "inf",
    "-inf",
    "=1+1",
    "1e400",
    "1 286",
    "true",
)
UNITS_OF_LAND = (
    ("占地面积（平方米）", 1.0),
    ("占地面积(㎡)", 1.0),
    ("占地面积（亩）", 2000 / 3),
    ("占地面积 (公顷)", 10_000.0),
    ("占地面积/亩", 2000 / 3),
)

CASES = (
    same("GBK without a word about it", encoded("gb18030")),
    same("UTF-8 with a byte order mark", encoded("utf-8", b"\xef\xbb\xbf")),
    same("UTF-16 as spreadsheets save it", encoded("utf-16-le", b"\xff\xfe")),
    same("UTF-16 the other way round", encoded("utf-16-be", b"\xfe\xff")),
    refused("UTF-16 without a mark", encoded("utf-16-le"), r"people\.csv: is not text in"),
    refused("Big5 without a word about it", lambda p: p.bytes("people.csv", "區劃代碼,名稱\n1,會\n".encode("big5")), r"people\.csv"),
    refused("an encoding that is not the file's", encoded("gb18030", stated="utf-8"), r"people\.csv: is not text in utf-8"),
    refused("an encoding that there is not", encoded("utf-8", stated="utf-9"), r"people\.csv: is not text in utf-9"),
    same(
        "Shift JIS, stated",
        lambda p: (
            p.bytes(
                "people.csv",
                csv_bytes([["unit_id", "name", "pop_total", "pop60"], *([r[0], "村", *r[2:]] for r in PEOPLE[1:])], encoding="shift_jis"),
            ),
            p.layers["population"].update(encoding="shift_jis"),
        ),
    ),
    same("full-width digits", everywhere(lambda text: wide(text) if text.isdecimal() and len(text) < 12 else text)),
    same("full-width digits in codes", everywhere(lambda text: wide(text) if text.isdecimal() else text)),
    same("blanks around every cell", everywhere(lambda text: f" {text}\u3000")),
    same("blanks that do not break", everywhere(lambda text: f"\u00a0{text}\u00a0")),
    same("characters without width", everywhere(lambda text: f"\u200b{text}\ufeff")),
    same("an apostrophe before every code", everywhere(lambda text: f"'{text}" if len(text) == 12 else text)),
    same('codes as ="..."', everywhere(lambda text: f'="{text}"' if len(text) == 12 else text)),
    same("a decimal point and zeros in codes and figures", everywhere(lambda text: f"{text}.0" if text.isdecimal() else text)),
    same("thousands separators", cell(1, 2, "1,286")),
    same("full-width thousands separators", cell(1, 2, "１，２８６")),
    same("万", cell(1, 2, "0.1286万")),
    same("an exponent", cell(2, 2, "8E+2")),
    same("a plus sign", cell(2, 2, "+800")),
    *(
        told(
            f"`{mark}` for no figure",
            cell(2, 3, mark),
            r"people\.csv: 1 unit\(s\) have no figure of 60岁及以上 \(pop60\)",
            unknown(1, "pop60"),
        )
        for mark in NO_DATA
    ),
    *(
        refused(f"`{text}` for a number", cell(2, 2, text), r"population: people\.csv, row 3, column 总人口: .*is no number")
        for text in NO_NUMBERS
    ),
    refused("people below zero", cell(2, 2, "-800"), r"people\.csv, row 3, column 总人口: 总人口 \(pop_total\) is below 0"),
    refused("people below zero in brackets", cell(2, 2, "(800)"), r"people\.csv, row 3, column 总人口.*is no number"),
    refused(
        "more people than there are on earth",
        cell(2, 2, "80000000000"),
        r"people\.csv, row 3, column 总人口.*总人口 \(pop_total\) is above",
    ),
    refused(
        "a telephone number for people", cell(2, 2, "13907451234"), r"people\.csv, row 3, column 总人口.*总人口 \(pop_total\) is above"
    ),
    told("more old people than people", cell(2, 3, "2000"), r"people\.csv: 60岁及以上 \(pop60\) is above 总人口 \(pop_total\) in 1 row"),
    refused("a date in a workbook for a number", in_book(2, 2, date(2024, 1, 1)), r"people\.xlsx, row 3, column 总人口.*is no number"),
    refused("TRUE in a workbook for a number", in_book(2, 2, True), r"people\.xlsx, row 3, column 总人口.*is no number"),
    same("a number stored as text in a workbook", in_book(2, 2, "800")),
    same("a header with blanks and full-width brackets", header(2, " 总人口 ")),
    same("a header in English", lambda p: p.put("people.csv", [["code", "name", "population", "pop60"], *PEOPLE[1:]])),
    same("a header in capitals", lambda p: p.put("people.csv", [["UNIT_ID", "Name", "Pop_Total", "POP60"], *PEOPLE[1:]])),
    same("people in a header's brackets", header(2, "总人口（人）")),
    mended("ten thousands of people by the header", header(2, "总人口（万人）", 10_000.0), r"people\.csv.*万人"),
    *(
        (same if factor == 1.0 else mended)(
            f"land in {name}", land(name, factor), *(() if factor == 1.0 else (r"facilities\.csv.*(亩|公顷)",))
        )
        for name, factor in UNITS_OF_LAND
    ),
    mended("land in mu, named by the scenario", land("占地面积（亩）", 2000 / 3, said=True), r"facilities\.csv.*亩"),
    mended("land in mu under a name of its own", land("用地(亩)", 2000 / 3, said=True), r"facilities\.csv.*亩"),
    refused(
        "a share where people are counted",
        lambda p: (header(3, "60岁及以上（%）")(p), p.layers["population"].update(columns={"pop60": "60岁及以上（%）"})),
        r"people\.csv.*60岁及以上（%）.*%",
    ),
    refused(
        "hectares where people are counted",
        lambda p: (header(3, "60岁及以上（公顷）")(p), p.layers["population"].update(columns={"pop60": "60岁及以上（公顷）"})),
        r"people\.csv.*公顷",
    ),
    refused(
        "land below zero",
        lambda p: p.facility(1, "占地面积", "-120"),
        r"facilities\.csv, row 2, column 占地面积: 占地面积 \(land_area_m2\) is below 0",
    ),
    told(
        "land that is not known",
        lambda p: p.facility(1, "占地面积", "—"),
        r".",
        lambda area: bool(area.facilities["land_area_m2"].isna().iloc[0]),
    ),
    told(
        "costs in ten thousands of yuan",
        lambda p: (
            p.edit("candidates.csv", "投资", "投资（万元）"),
            p.edit("candidates.csv", "300000", "30"),
            p.edit("candidates.csv", "800000", "80"),
        ),
        r"candidates\.csv: column 投资（万元） is in 万元",
        lambda area: list(area.candidates["cost_yuan"]) == [300_000, 800_000],
    ),
    faulty("an encoding that is a number", lambda p: p.layers["population"].update(encoding=936), r"population\.encoding: should be text"),
)
