"""Headings and the units of figures: in a heading, in a cell, in both, in a title line; and where the heading of a table stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.corpus.cases import Spoil, faulty, mended, refused, same, told
from tests.corpus.place import PEOPLE, Rows, Spoilt, candidate_rows, csv_bytes, facility_rows
from tests.corpus.texts import header, land

HEADER, BODY = PEOPLE[0], PEOPLE[1:]


def people(name: str, *cells: str, column: int = 2) -> Spoil:
    """The people with other cells in one column, under another heading."""

    def spoil(place: Spoilt) -> None:
        rows = [list(row) for row in PEOPLE]
        for row, cell in zip(rows, (name, *cells), strict=True):
            row[column] = cell
        place.put("people.csv", rows)

    return spoil


def site(row: int, column: str, text: str) -> Callable[[Spoilt], None]:
    return lambda place: place.facility(row, column, text)


def costs(name: str, *cells: str) -> Spoil:
    """The candidates with other cells of cost."""

    def spoil(place: Spoilt) -> None:
        rows = candidate_rows()
        for row, cell in zip(rows, (name, *cells), strict=True):
            row[4] = cell
        place.put("candidates.csv", rows)

    return spoil


def sums(*cells: tuple[str, str]) -> Spoil:
    """All people as the sum of two columns in ten thousands."""

    def spoil(place: Spoilt) -> None:
        rows = [[*row[:2], *pair, row[3]] for row, pair in zip(BODY, cells, strict=True)]
        place.put("people.csv", [["区划代码", "名称", "男(万人)", "女(万人)", "60岁及以上"], *rows])
        place.layers["population"]["columns"] = {"pop_total": "男(万人) + 女(万人)"}

    return spoil


CELLS = r"people\.csv, row 2, column "
UNITS = (
    mended("ten thousands in heading and cell", people("总人口（万人）", "0.1286万", "0.08万人", "0.05", "0"), r"column .* is in 万人"),
    same("a word behind a figure", people("总人口", "1286人", "800", "0.05万人", "0人")),
    same("a word behind a figure and in the heading", people("总人口（人）", "0.1286万人", "800人", "500", "0")),
    same("thousands separators and a word", people("总人口", "１，２８６人", "800", "500", "0")),
    refused(
        "people in a column of ten thousands",
        people("总人口（万人）", "1286人", "0.08", "0.05", "0"),
        CELLS + r"总人口（万人）: 1 cell\(s\): `1286人` is in 人, and the heading says 万人",
    ),
    refused(
        "ten thousands in a column of thousands",
        people("总人口（千人）", "0.1286万", "0.8", "0.5", "0"),
        CELLS + r"总人口（千人）: 1 cell\(s\): `0.1286万` is in 万, and the heading says 千人",
    ),
    refused(
        "households where people are counted",
        people("总人口", "1286户", "800", "500", "0"),
        CELLS + r"总人口: 1 cell\(s\): `1286户` is in 户, but pop_total is counted in people",
    ),
    refused("a word that is no unit", people("总人口", "1286余", "800", "500", "0"), CELLS + "总人口: .*`1286余` is no number"),
    same("square metres behind a figure", site(1, "占地面积", "120㎡")),
    told(
        "beds with a word",
        site(1, "床位数", "20张"),
        ".",
        lambda area: area.facilities["beds_total"].iloc[0] == 20.0,
    ),
    refused("land in beds", site(1, "占地面积", "120张"), r"facilities\.csv, row 2, column 占地面积: .*`120张` is in 张"),
    told(
        "ten thousands of yuan in heading and cell",
        costs("投资（万元）", "30万", "80万元"),
        r"candidates\.csv: column .* is in 万元",
        lambda area: list(area.candidates["cost_yuan"]) == [300_000.0, 800_000.0],
    ),
    told(
        "ten thousands of mu",
        lambda p: (land("占地面积（亩）", 1.0)(p), p.edit("facilities.csv", ",120.0,", ",0.018万,")),
        r"facilities\.csv: column 占地面积（亩） is in 亩",
        lambda area: abs(area.facilities["land_area_m2"].iloc[0] - 120_000) < 1e-6,
    ),
    mended("hundreds of people", header(2, "总人口(百人)", 100.0), r"column .* is in 百人"),
    mended("thousands of people", header(3, "60岁及以上（千人）", 1000.0), r"column .* is in 千人"),
    mended(
        "a sum of ten thousands, twice over",
        sums(("0.1万", "0.0286万"), ("0.04", "0.04"), ("0.02万人", "0.03万人"), ("0", "0")),
        r"column .* is in 万人",
    ),
    refused(
        "a sum of figures of two sorts",
        sums(("0.1万", "0.0286"), ("0.04", "0.04"), ("0.02", "0.03"), ("0", "0")),
        r"people\.csv, row 2, column .*`0\.1万 \+ 0\.0286` is no number",
    ),
    told(
        "brackets that hold no unit",
        header(3, "60岁及以上（人次）"),
        r"warning: .*people\.csv: column 60岁及以上（人次） is not read: `人次` in its heading is not understood; without it the column would be pop60",
        lambda area: "pop60" not in area.demand,
    ),
    told(
        "brackets that are not understood, of a state",
        lambda p: p.put("facilities.csv", [[*row[:4], "停业" if i else "状态（本年）", *row[5:]] for i, row in enumerate(facility_rows())]),
        r"warning: .*facilities\.csv: column 状态（本年） is not read: `本年` in its heading is not understood.*columns = \{ status =",
    ),
    mended(
        "brackets that hold no unit, named by the scenario",
        lambda p: (header(3, "60岁及以上（人次）")(p), p.layers["population"].update(columns={"pop60": "60岁及以上（人次）"})),
        r".",
    ),
)

TITLE = "会同县2026年老年人口台账"


def book(table: Rows, *merged: str, **source: object) -> Spoil:
    """The people in a workbook with some cells made one."""

    def merge(workbook: Any) -> None:  # noqa: ANN401 - openpyxl
        for area in merged:
            workbook.active.merge_cells(area)

    return lambda place: place.people_book(table, change=merge, **source)


def rows(*table: list[Any], **source: object) -> Spoil:
    def spoil(place: Spoilt) -> None:
        place.put("people.csv", list(table))
        place.layers["population"].update(source)

    return spoil


def wan(*row: str) -> list[str]:
    """A row of people with its figures in ten thousands."""
    return [*row[:2], *(f"{int(cell) / 10_000:g}" for cell in row[2:])]


IN_WAN = [wan(*row) for row in BODY]
UNIT_LINE = ["填报单位：会同县民政局", "", "", "单位：万人"]
OFFICE = ["单位：会同县民政局", "", "", ""]
TWO_LINES = [["区划代码", "名称", "人口", ""], ["", "", "总人口", "60岁及以上"], *BODY]
HELD = ("A1:A2", "B1:B2", "C1:D1")


def in_groups(upper: str, lower: str, *, body: Rows = BODY) -> Rows:
    """A table whose last column stands in a group."""
    return [["区划代码", "名称", "总人口", upper], ["", "", "", lower], *body]


PASSED = r"note: .*people\.(csv|xlsx), row {n}: {above} line\(s\) above the column names were passed over: .*"
LINES = (
    mended("a title over the header", rows([TITLE, "", "", ""], *PEOPLE), PASSED.format(n=2, above=1) + TITLE),
    mended("a title alone in its line", rows([TITLE], *PEOPLE), PASSED.format(n=2, above=1)),
    mended(
        "a title alone in its line, with semicolons below",
        lambda p: p.bytes("people.csv", f"{TITLE}\n".encode() + csv_bytes(PEOPLE, delimiter=";")),
        PASSED.format(n=2, above=1),
    ),
    mended("a merged title", book([[TITLE, "", "", ""], *PEOPLE], "A1:D1"), PASSED.format(n=2, above=1) + TITLE),
    same("a merged blank line", book([["", "", "", ""], *PEOPLE], "A1:D1")),
    mended("a title and an office", book([[TITLE, "", "", ""], OFFICE, *PEOPLE], "A1:D1"), PASSED.format(n=3, above=2)),
    mended(
        "a unit in a title line",
        book([[TITLE, "", "", ""], UNIT_LINE, HEADER, *IN_WAN], "A1:D1", "A2:B2"),
        r"warning: .*people\.xlsx: a title line says that the unit is 万人: the figures of 总人口, 60岁及以上 were multiplied by 10000",
    ),
    mended(
        "a unit in a title line, and one column with its own",
        rows([f"{TITLE}（单位：万人）"], ["区划代码", "名称", "总人口", "60岁及以上（人）"], *([*i[:3], r[3]] for i, r in zip(IN_WAN, BODY, strict=True))),
        r"the figures of 总人口 were multiplied by 10000",
    ),
    mended(
        "a unit in a title line, and cells with their own",
        rows(["", "", "", "单位：万人"], HEADER, [*BODY[0][:2], "0.1286万人", "300人"], *IN_WAN[1:]),
        r"the figures of 总人口, 60岁及以上 were multiplied by 10000",
    ),
    mended(
        "a unit in a title line, of a column that the scenario names",
        rows(["单位：万人"], ["区划代码", "名称", "总人口", "老人"], *IN_WAN, columns={"pop60": "老人"}),
        r"the figures of 总人口, 老人 were multiplied by 10000",
    ),
    mended("single people in a title line", rows(["单位：人"], *PEOPLE), PASSED.format(n=2, above=1)),
    refused(
        "ten thousands in a title line, and households",
        rows(["单位：万人"], [*HEADER, "户数"], *([*row, "0.03"] for row in IN_WAN)),
        r"people\.csv: a title line says that the unit is 万人; that of 户数 is not certain",
    ),
    refused(
        "ten thousands of something in a title line",
        rows(["单位：万"], HEADER, *IN_WAN),
        r"people\.csv: a title line says that the unit is 万; that of 总人口, 60岁及以上 is not certain",
    ),
    refused(
        "two units of people in a title line",
        rows(["单位：人、万人"], HEADER, *IN_WAN),
        r"people\.csv: a title line says that the unit is 人, 万人; that of 总人口, 60岁及以上 is not certain",
    ),
    mended("a line of column names that the scenario names", rows([TITLE, "甲", "乙", "丙"], *PEOPLE, header_row=2), PASSED.format(n=2, above=1)),
    mended(
        "a line of column names in a workbook, with merged cells above",
        book([[TITLE, "", "甲", ""], ["", "", "", ""], *PEOPLE], "A1:B1", "C1:D1", header_row=3),
        PASSED.format(n=3, above=1),
    ),
    same("the first line, named", rows(*PEOPLE, header_row=1)),
    refused("a line of column names that is empty", rows(*PEOPLE, header_row=9), r"people\.csv: header_row = 9, but that line holds nothing"),
    faulty("a line of column names before the first", rows(*PEOPLE, header_row=0), r"population\.header_row"),
    refused(
        "a line of column names of a GeoPackage",
        lambda p: p.layers["units"][1].update(header_row=2),
        r"units\.gpkg \(village\), header_row: has use only for a table",
    ),
    refused(
        "two lines that are no title",
        rows([TITLE, "甲", "乙", "丙"], *PEOPLE),
        r"people\.csv: has no column for unit_id",
    ),
    refused(
        "a title over columns of names that are not known",
        rows([TITLE, "", "", ""], ["码", "村", "全部", "老年"], *BODY),
        r"people\.csv, row 1: looks like a title.*header_row = 2",
    ),
    refused(
        "a title of two cells in a workbook",
        book([[TITLE, "", "甲", ""], *PEOPLE], "A1:B1"),
        r"people\.xlsx: has merged cells.*header_row = 2",
    ),
    refused(
        "a column without a name in a workbook",
        book([[*HEADER, ""], *([*row, "5"] for row in BODY)]),
        r"people\.xlsx: 4 row\(s\) have more .*Give every column that holds something a name",
    ),
    mended("two lines of column names that hold together", book(TWO_LINES, *HELD, columns={"pop_total": "人口·总人口", "pop60": "人口·60岁及以上"}), r"."),
    mended(
        "parts below 其中",
        book(in_groups("其中：", "60岁及以上"), "A1:A2", "B1:B2", "C1:C2"),
        r"note: .*people\.xlsx, row 1: lines 1 and 2 were read as one header: 区划代码, 名称, 总人口, 60岁及以上",
    ),
    mended(
        "parts below 其中, in ten thousands, below a title",
        book(
            [[TITLE, "", "", ""], *in_groups("其中（万人）", "60岁及以上", body=[[*r[:3], i[3]] for r, i in zip(BODY, IN_WAN, strict=True)])],
            "A1:D1", "A2:A3", "B2:B3", "C2:C3",
        ),
        r"column 60岁及以上（万人） is in 万人",
    ),
    told(
        "a group that may be of other people",
        book(in_groups("户籍人口", "60岁及以上"), "A1:A2", "B1:B2", "C1:C2"),
        r"lines 1 and 2 were read as one header: 区划代码, 名称, 总人口, 户籍人口·60岁及以上",
        lambda area: "pop60" not in area.demand,
    ),
    refused(
        "two lines of column names that nothing holds together",
        book(TWO_LINES, "C1:D1"),
        r"people\.xlsx: has merged cells.*C1:D1",
    ),
    refused("a group that is not merged over its parts", book(TWO_LINES, *HELD[:2]), r"people\.xlsx: has merged cells.*A1:A2"),
    refused(
        "two lines of column names, and merged cells below",
        book(TWO_LINES, *HELD, "B4:B5"),
        r"people\.xlsx: has merged cells.*B4:B5",
    ),
)  # fmt: skip

CASES = (*UNITS, *LINES)
