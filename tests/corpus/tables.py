"""Tables: separators, quotes, rows and columns out of order, totals, merged cells, formulas, sheets."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import xlsxwriter

from tests.corpus.cases import faulty, refused, same, told
from tests.corpus.place import CODES, PEOPLE, Rows, Spoilt, csv_bytes, facility_rows

HEADER, BODY = PEOPLE[0], PEOPLE[1:]


def rows(*table: list[Any]) -> Callable[[Spoilt], None]:
    return lambda place: place.put("people.csv", list(table))


def written(**how: Any) -> Callable[[Spoilt], None]:  # noqa: ANN401 - as `csv_bytes`
    return lambda place: place.bytes("people.csv", csv_bytes(PEOPLE, **how))


def text(change: Callable[[str], str]) -> Callable[[Spoilt], None]:
    return lambda place: place.bytes("people.csv", change(csv_bytes(PEOPLE).decode()).encode())


def book(change: Callable[[Any], object] | None = None, table: Rows = PEOPLE, **source: str) -> Callable[[Spoilt], None]:
    return lambda place: place.people_book(table, change=change, **source)


def formula(value: object, *, shown: str = "=400+400") -> Callable[[Spoilt], None]:
    """A workbook with a formula that was counted when it was saved."""

    def spoil(place: Spoilt) -> None:
        with xlsxwriter.Workbook(place.folder / "people.xlsx") as workbook:
            sheet = workbook.add_worksheet()
            for i, cells in enumerate(PEOPLE):
                sheet.write_row(i, 0, cells)
            sheet.write_formula(2, 2, shown, value=value)
        place.layers["population"]["path"] = "people.xlsx"

    return spoil


def hide(workbook: Any) -> None:  # noqa: ANN401 - openpyxl
    workbook.active.row_dimensions[3].hidden = True
    workbook.active.column_dimensions["B"].hidden = True


def second_sheet(workbook: Any) -> None:  # noqa: ANN401 - openpyxl
    workbook.create_sheet("说明").append(["填表说明"])


def chart_sheet(workbook: Any) -> None:  # noqa: ANN401 - openpyxl
    workbook.create_chartsheet("图")


def total(*cells: str, at: int = 5) -> Callable[[Spoilt], None]:
    table = [list(row) for row in PEOPLE]
    table.insert(at, list(cells))
    return rows(*table)


TOTALS = (
    ("合计", "", "2586", "650"),
    ("", "合 计", "2586", "650"),
    ("总计：", "", "2586", "650"),
    ("", "东镇小计", "2086", "500"),
    ("Total", "", "2586", "650"),
    ("", "全县合计:", "2586", "650"),
)

CASES = (
    same("semicolons", written(delimiter=";")),
    same("tabs", written(delimiter="\t")),
    same("line ends of Windows", written(end="\r\n")),
    same("line ends of old Macs", written(end="\r")),
    same("every cell quoted", written(quoting=csv.QUOTE_ALL)),
    same("blank lines", text(lambda t: t.replace("\n", "\n\n") + "\n\n")),
    same("lines of commas", text(lambda t: t + ",,,\n,,,\n")),
    same("a comma at the end of every row", text(lambda t: t.replace("\n", ",\n"))),
    same("a comma at the end of every row but the header", text(lambda t: t.replace("\n", ",\n").replace(",\n", "\n", 1))),
    same("a cell of two lines", text(lambda t: t.replace("二村", '"二村\n(东镇)"'))),
    same("a name with a comma in quotes", text(lambda t: t.replace("二村", '"二村,东"'))),
    same("a name with quotes in quotes", text(lambda t: t.replace("二村", '"二""村"'))),
    same("rows in another order", rows(HEADER, *BODY[::-1])),
    same("columns in another order", rows(*(row[::-1] for row in PEOPLE))),
    same("further columns", rows(*([*row, "备注" if i == 0 else ""] for i, row in enumerate(PEOPLE)))),
    told("no line end after the last row", text(lambda t: t[:-1]), r"people\.csv: its last line has no line end"),
    told("cut off inside a number", text(lambda t: t[: t.index("150") + 1]), r"people\.csv: its last line has no line end"),
    refused(
        "a comma in a name without quotes",
        text(lambda t: t.replace("二村", "二,村")),
        r"people\.csv: 1 row\(s\) have more or fewer cells than the header \(4\).*row 3: 5",
    ),
    refused(
        "a cell too few",
        text(lambda t: t.replace("800,200", "800")),
        r"people\.csv: 1 row\(s\) have more or fewer cells than the header \(4\).*row 3: 3",
    ),
    refused(
        "a figure beyond the last column",
        text(lambda t: t.replace("800,200", "800,200,7")),
        r"people\.csv: 1 row\(s\) have more or fewer cells than the header \(4\).*row 3: 5",
    ),
    refused("a quotation mark that is not closed", text(lambda t: t.replace("二村", '"二村')), r"people\.csv: cannot be read"),
    refused("a quotation mark inside a quoted cell", text(lambda t: t.replace("二村", '"二"村"')), r"people\.csv: cannot be read"),
    refused("a header of two lines", rows(["区划代码", "名称", "人口", ""], ["", "", "合计人数", "60岁及以上"], *BODY), r"people\.csv.*"),
    refused("the header once more below", rows(*PEOPLE[:3], HEADER, *PEOPLE[3:]), r"people\.csv"),
    refused("two tables in one file", text(lambda t: t + "\n设施编号,名称,类别,床位\nf1,甲,敬老院,30\n"), r"people\.csv"),
    refused("two tables side by side", rows(*([*row, "", *row] for row in PEOPLE)), r"people\.csv, row 1: "),
    refused("a column without a name", rows(["区划代码", "", "总人口", "60岁及以上"], *BODY), r"people\.csv, row 1: column 2 has no name"),
    refused(
        "a column name twice",
        rows(["区划代码", "名称", "总人口", "总人口"], *BODY),
        r"people\.csv, row 1: column name\(s\) stand twice: 总人口",
    ),
    refused(
        "a column name twice, once in full width",
        rows(["区划代码", "名称", "总人口", "总人口\u3000"], *BODY),
        r"people\.csv, row 1: column name\(s\) stand twice",
    ),
    refused("no header", rows(*BODY), r"people\.csv: has no column for unit_id"),
    refused("only a header", rows(HEADER), r"people\.csv: holds no rows"),
    refused("only blank lines", lambda p: p.bytes("people.csv", b"\n \n\t\n"), r"people\.csv: holds no rows"),
    refused("nothing", lambda p: p.bytes("people.csv", b""), r"people\.csv: is empty \(0 bytes\)"),
    refused("the column of codes is not there", rows(*(row[1:] for row in PEOPLE)), r"people\.csv: has no column for unit_id"),
    refused("no column of people", rows(*(row[:2] for row in PEOPLE)), r"people\.csv: has no column of people"),
    told("no column of all people", rows(*([*row[:2], row[3]] for row in PEOPLE)), r"people\.csv: has no column of all people"),
    *(
        refused(f"a row of totals: {cells[0] or cells[1]}", total(*cells), r"people\.csv: rows of totals would be counted twice.*row 6")
        for cells in TOTALS
    ),
    refused("a row of totals at the top", total("合计", "", "2586", "650", at=1), r"people\.csv: rows of totals.*row 2"),
    refused("a row of totals in the middle", total("小计", "", "2086", "500", at=3), r"people\.csv: rows of totals.*row 4"),
    refused(
        "a township among the villages", total("431299100", "东镇", "2086", "500"), r"people\.csv: 1 row\(s\) are totals of units above"
    ),
    refused(
        "a township with zeros behind", total("431299100000", "东镇", "2086", "500"), r"people\.csv: 1 row\(s\) are totals of units above"
    ),
    refused("the county without a code", total("", "全县", "2586", "650"), r"people\.csv: 1 row\(s\) have no 区划代码 \(unit_id\).*row 6"),
    refused("a unit in two rows", total(CODES[1], "二村", "10", "1"), r"people\.csv: 1 unit\(s\) stand in several rows.*row 3.*row 6"),
    told(
        "a unit without a row",
        rows(*PEOPLE[:3], PEOPLE[4]),
        r"people\.csv: 1 unit\(s\) have no row: no data",
        lambda area: area.demand["pop_total"].isna().any(),
    ),
    told(
        "a row without a unit",
        total("431299200209", "新村", "77", "7"),
        r"people\.csv: 1 row\(s\) have a code that no unit has",
        lambda area: area.unassigned.set_index("base").loc["pop_total", "people"] == 77,
    ),
    refused("none of the codes", rows(HEADER, *([f"9{row[0][1:]}", *row[1:]] for row in BODY)), r"people\.csv: none of its codes"),
    same("a workbook", book()),
    same("codes as numbers in a workbook", book(table=[HEADER, *([int(r[0]), r[1], int(r[2]), float(r[3])] for r in BODY)])),
    same("hidden rows and columns", book(hide)),
    same("a sheet that is named", book(second_sheet, layer="Sheet")),
    refused("two sheets and no name", book(second_sheet), r"people\.xlsx: has several sheets.*Sheet.*说明"),
    refused(
        "a sheet that is not there", book(second_sheet, layer="Sheet9"), r"people\.xlsx \(Sheet9\): has no sheet Sheet9.*layer = \"Sheet\""
    ),
    refused("a sheet of a chart", book(chart_sheet, layer="图"), r"people\.xlsx \(图\): (cannot be read|has no sheet)"),
    refused("an empty sheet", book(table=[[]]), r"people\.xlsx: holds no rows"),
    refused("merged cells", book(lambda b: b.active.merge_cells("B2:B3")), r"people\.xlsx: has merged cells.*B2:B3"),
    same("a formula that was counted", formula(800)),
    refused(
        "a formula that was never counted",
        book(lambda b: b.active.__setitem__("C3", "=400+400")),
        r"people\.xlsx: formulas whose results were not saved in the file.*row 3",
    ),
    refused("a formula that failed", formula("#REF!"), r"people\.xlsx: 1 cell\(s\) hold a spreadsheet error.*row 3: #REF!"),
    refused("a formula that gives text", formula("八百"), r"people\.xlsx, row 3, column 总人口.*is no number"),
    refused(
        "a column the scenario names is not there",
        lambda p: p.layers["population"].update(columns={"pop_total": "总人数"}),
        r"people\.csv: has no column 总人数.*Did you mean 总人口",
    ),
    refused(
        "a name of ours that is misspelt",
        lambda p: p.layers["population"].update(columns={"pop_totl": "总人口"}),
        r"people\.csv.*pop_totl.*Did you mean pop_total",
    ),
    refused(
        "a sum with a column that is not there",
        lambda p: p.layers["population"].update(columns={"pop60": "60-64岁 + 65岁以上"}),
        r"people\.csv: has no column 60-64岁",
    ),
    same(
        "people as a sum of two columns",
        lambda p: (
            p.put(
                "people.csv",
                [
                    ["区划代码", "男", "女", "60岁及以上"],
                    *([r[0], str(int(r[2]) - 1 if int(r[2]) else 0), "1" if int(r[2]) else "0", r[3]] for r in BODY),
                ],
            ),
            p.layers["population"].update(columns={"pop_total": "男 + 女"}),
        ),
    ),
    same(
        "rows left out by a condition",
        lambda p: (
            p.put("people.csv", [[*HEADER, "年份"], *([*r, "2020"] for r in BODY), *([*r[:2], "9", "9", "2010"] for r in BODY)]),
            p.layers["population"].update(where="年份 = '2020'"),
        ),
    ),
    refused("a condition that cannot be read", lambda p: p.layers["population"].update(where="总人口 >"), r"people\.csv, where.*"),
    refused(
        "a condition on a column that is not there",
        lambda p: p.layers["population"].update(where="年份 = 1"),
        r"people\.csv, where: has no column 年份",
    ),
    refused(
        "a condition that no row satisfies",
        lambda p: p.layers["population"].update(where="名称 = '九村'"),
        r"people\.csv, where: no row satisfies",
    ),
    refused(
        "facilities without kinds",
        lambda p: p.put("facilities.csv", [[*row[:3], *row[4:]] for row in facility_rows()]),
        r"facilities\.csv: the kind of 3 row\(s\) is not known",
    ),
    refused(
        "a file that is a page",
        lambda p: p.bytes("people.csv", b"<html><body><table><tr><td>1</td></tr></table></body></html>\n"),
        r"people\.csv",
    ),
    faulty(
        "columns that are a list", lambda p: p.layers["population"].update(columns=["总人口"]), r"population\.columns: should be a table"
    ),
)
