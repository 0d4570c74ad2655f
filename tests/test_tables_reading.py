"""Cells and tables: what a cell says, that codes keep their digits, and that nothing out of order is passed over."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.cells import cell_text, choice_of, flag_of, list_of, number_of
from layers.checks import check_ids, typed
from layers.columns import name_columns
from layers.layer_sources import FileSource
from layers.problems import Findings
from layers.saying import in_language
from layers.sources.admission import admit
from layers.sources.asked import Asked
from layers.sources.table import read_csv, read_workbook
from layers.tables import BASES, FACILITIES, UNITS, column_name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", 1234.0),
        ("1,234", 1234.0),
        ("１，２３４", 1234.0),
        ("1.2万", 12000.0),
        ("0.7亿", 70_000_000.0),
        (" 35 ", 35.0),
        ("-5", -5.0),
        ("4.31225E+3", 4312.25),
        (".5", 0.5),
        ("", None),
        ("—", None),
        ("-", None),
        ("空", None),
        ("N/A", None),
    ],
)
def test_numbers_as_they_are_written(text: str, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["12abc", "一百二十", "1,23", "1.2.3", "12%", "约30", "无", "万", "inf", "120㎡", "1 234"])
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number_of(text)


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers_come_back_however_they_are_written(number: int) -> None:
    assert number_of(str(number)) == number
    assert number_of(f"{number:,}") == number
    assert number_of(str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))) == number


@given(st.integers(0, 2**53 - 1))
def test_a_code_stored_as_a_number_keeps_all_its_digits(code: int) -> None:
    assert cell_text(float(code)) == str(code)


def test_flags_lists_and_choices() -> None:
    assert [flag_of(text) for text in ("是", "有", "1", "否", "无", "FALSE", "")] == [True, True, True, False, False, False, None]
    with pytest.raises(ValueError, match="neither"):
        flag_of("也许")
    assert list_of("助餐、日托；助浴,") == "助餐;日托;助浴"
    assert choice_of(" 停业 ", {"停业": "closed"}) == "closed"


def csv_of(folder: Path, text: str, encoding: str = "utf-8", *, findings: Findings, **source: str) -> pd.DataFrame | None:
    path = folder / "t.csv"
    path.write_bytes(text.encode(encoding))
    return read_csv(path, FileSource(path="t.csv", **source), Asked("facilities: t.csv", "none"), findings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    findings = Findings()
    frame = csv_of(tmp_path, "编号,名称\r\n001,会同县日间照料中心\r\n", encoding, findings=findings)
    assert frame is not None
    assert frame.to_dict("list") == {"编号": ["001"], "名称": ["会同县日间照料中心"]}
    assert list(frame.index) == ["row 2"]
    assert not findings.problems


def test_rows_are_named_by_their_line_also_after_a_cell_of_two_lines(tmp_path: Path) -> None:
    frame = csv_of(tmp_path, '编号,名称\n1,"甲\n乙"\n\n2,丙\n', findings=Findings())
    assert frame is not None
    assert list(frame.index) == ["row 2", "row 5"]


def test_a_comma_too_many_at_the_end_of_every_row_shifts_nothing(tmp_path: Path) -> None:
    frame = csv_of(tmp_path, "编号,名称,床位数\n1,甲,30,\n2,乙,40,\n", findings=Findings())
    assert frame is not None
    assert frame.to_dict("list") == {"编号": ["1", "2"], "名称": ["甲", "乙"], "床位数": ["30", "40"]}


@pytest.mark.parametrize(
    ("text", "what", "rows"),
    [
        ("a,b\n1,2,3\n4\n", "have more or fewer cells than the header (2)", ("row 2: 3 cell(s)", "row 3: 1 cell(s)")),
        ("a,b,a\n1,2,3\n", "stand twice: a", ()),
        ("a,,b\n1,2,3\n", "column 2 has no name", ()),
        ("a,b\n甲,2\n合计,2\n", "rows of totals", ("row 3",)),
        ("a,b\n甲,2\n 小 计 ,2\n全县总计,4\n", "rows of totals", ("row 3", "row 4")),
        ("a,b\n", "only column names", ()),
        ('a,b\n"1,2\n', "cannot be read", ()),
    ],
)
def test_tables_out_of_order_are_refused(tmp_path: Path, text: str, what: str, rows: tuple[str, ...]) -> None:
    findings = Findings()
    frame = csv_of(tmp_path, text, findings=findings)
    assert findings.has_errors
    assert what in findings.problems[-1].what
    assert findings.problems[-1].rows == rows
    kept = [] if frame is None else list(frame.index)
    assert not {row.split(":")[0] for row in rows} & set(kept)  # rows in order are looked at, so that their faults are told too


def test_a_csv_that_may_be_cut_off_is_told(tmp_path: Path) -> None:
    findings = Findings()
    assert csv_of(tmp_path, "a,b\n1,3000\n2,30", findings=findings) is not None
    assert [p.severity for p in findings.problems] == ["warning"]


def workbook(path: Path, rows: list[list[object]], *, merge: str = "", sheets: tuple[str, ...] = ("机构",)) -> None:
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in rows:
        book[sheets[0]].append(row)
    if merge:
        book[sheets[0]].merge_cells(merge)
    book.save(path)
    book.close()


def read_xlsx(path: Path, findings: Findings, layer: str | None = None) -> pd.DataFrame | None:
    return read_workbook(path, FileSource(path=path.name, layer=layer), Asked(f"facilities: {path.name}", "none"), findings)


def test_codes_and_figures_of_a_workbook_are_exact_text(tmp_path: Path) -> None:
    findings = Findings()
    workbook(tmp_path / "f.xlsx", [["区划代码", "编号", "面积"], [431225100203, "007", 0.1], [4.31225100203e11, 8, None]])
    frame = read_xlsx(tmp_path / "f.xlsx", findings)
    assert frame is not None
    assert frame.to_numpy().tolist() == [["431225100203", "007", "0.1"], ["431225100203", "8", ""]]
    assert not findings.problems


def test_formulas_without_values_and_merged_cells_are_faults(tmp_path: Path) -> None:
    findings = Findings()
    workbook(tmp_path / "f.xlsx", [["编号", "床位数"], ["1", "=20+10"]])
    read_xlsx(tmp_path / "f.xlsx", findings)
    workbook(tmp_path / "m.xlsx", [["编号", "床位数"], ["1", 20], ["", 30]], merge="A2:A3")
    read_xlsx(tmp_path / "m.xlsx", findings)
    assert [p.what for p in findings.problems] == ["formulas whose results were not saved in the file", "has merged cells"]
    assert findings.problems[1].rows == ("A2:A3",)


def test_a_workbook_of_several_sheets_must_say_which(tmp_path: Path) -> None:
    workbook(tmp_path / "f.xlsx", [["编号"], ["1"]], sheets=("机构", "说明"))
    findings = Findings()
    assert read_xlsx(tmp_path / "f.xlsx", findings) is None
    assert findings.problems[0].remedy == 'Say which, e.g. layer = "机构".'
    assert read_xlsx(tmp_path / "f.xlsx", findings, layer="机构") is not None


def test_a_file_that_is_not_what_it_is_called_is_refused(tmp_path: Path) -> None:
    findings = Findings()
    (tmp_path / "units.gpkg").write_text("<OGRVRTDataSource></OGRVRTDataSource>", encoding="utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    for name in ("units.gpkg", "empty.csv", "broken.xlsx", "https://example.org/a.geojson", "unit.gpkg", "."):
        assert admit(name, tmp_path, "units", findings) is None
    expected = ["its content is not", "0 bytes", "damaged", "address", "no such file", "plain file"]
    assert [word for word, problem in zip(expected, findings.problems, strict=True) if word in problem.what] == expected
    assert "units.gpkg" in findings.problems[4].remedy


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.sources.admission.MAX_UNZIPPED_BYTES", 10)
    with zipfile.ZipFile(tmp_path / "f.xlsx", "w") as archive:
        archive.writestr("a.xml", "x" * 100)
    findings = Findings()
    assert admit("f.xlsx", tmp_path, "facilities", findings) is None
    assert "unpacks to" in findings.problems[0].what


RAW = pd.DataFrame(
    {"机构编号": ["1", "2"], "机构名称": ["甲", "乙"], "设施类别": ["x", "y"], "床位总数": ["20", "三十"], "备注": ["", "a"]},
    index=["row 2", "row 3"],
    dtype=object,
)


def test_columns_are_found_by_the_scenario_our_name_and_known_names() -> None:
    findings = Findings()
    named = name_columns(RAW, FACILITIES, {"facility_id": "机构编号"}, "facilities: f.xlsx", findings)
    assert dict(named.theirs) == {"facility_id": "机构编号", "name": "机构名称", "kind": "设施类别", "beds_total": "床位总数"}
    assert list(named.frame.columns) == ["facility_id", "name", "kind", "beds_total", "备注"]
    assert not findings.problems


def test_a_missing_column_says_what_is_there_and_what_to_write() -> None:
    findings = Findings()
    name_columns(RAW, FACILITIES, {}, "facilities: f.xlsx", findings)
    (problem,) = findings.problems
    assert "facility_id (设施编号, facility)" in problem.what
    assert "机构名称" in problem.what
    assert problem.remedy == 'Say which it is, e.g. columns = { facility_id = "机构编号" }.'


def two_columns(second: str) -> pd.DataFrame:
    return pd.DataFrame({"代码": ["1", "2"], "总人口": ["10", "20"], "人口": ["10", second]}, index=["row 2", "row 3"], dtype=object)


def test_of_two_known_columns_the_first_is_taken_and_both_are_told() -> None:
    findings = Findings()
    named = name_columns(two_columns("21"), (*UNITS[:1], *BASES), {}, "population: p.csv", findings)
    (problem,) = findings.problems
    assert named.theirs["pop_total"] == "总人口"
    assert (problem.severity, problem.what) == (
        "warning",
        "column 总人口 is taken for pop_total (总人口, all people); it could be 人口 too",
    )
    assert problem.remedy == 'If 总人口 is right, write columns = { pop_total = "总人口" }; if not, e.g. columns = { pop_total = "人口" }.'
    assert problem.told("zh").startswith("population: p.csv：“总人口”列被用作总人口（pop_total）；人口 也可能是该列。")


@pytest.mark.parametrize(("second", "said"), [("20", {}), ("21", {"pop_total": "总人口"}), ("21", {"pop_resident": "人口"})])
def test_two_known_columns_are_no_doubt_where_they_are_equal_or_the_scenario_says_which(second: str, said: dict[str, str]) -> None:
    findings = Findings()
    name_columns(two_columns(second), (*UNITS[:1], *BASES), said, "population: p.csv", findings)
    assert not findings.problems


def test_a_column_is_named_as_the_file_names_it_with_what_it_is_taken_for() -> None:
    theirs = {"pop_total": "总人口", "pop60": "老龄", "pop65": "65岁及以上", "pop80": "pop80"}
    assert [column_name(name, theirs) for name in theirs] == ["总人口 (pop_total)", "老龄 (pop60)", "65岁及以上 (pop65)", "pop80"]
    told = [in_language(column_name(name, theirs), "zh") for name in theirs]
    assert told == ["总人口", "老龄（60岁及以上人口）", "65岁及以上", "80岁及以上人口"]
    assert (column_name("households", theirs), column_name("备注", {"备注": "备注"})) == ("households", "备注")


def test_a_misspelt_entry_of_columns_suggests_the_right_one() -> None:
    findings = Findings()
    name_columns(RAW, FACILITIES, {"facility_id": "机构编码"}, "facilities: f.xlsx", findings)
    assert [p.remedy for p in findings.problems] == ["Correct `columns` in the scenario. Did you mean 机构编号?"]


def test_columns_can_be_added_up() -> None:
    raw = pd.DataFrame({"a": ["1", "1,000", "3", "x"], "b": ["2", "5", "", "4"]}, index=[f"row {i}" for i in range(4)], dtype=object)
    named = name_columns(raw, FACILITIES[:0], {"pop65": "a + b"}, "population: p.csv", Findings())
    assert list(named.frame["pop65"]) == ["3", "1005", "", "x"]


def test_a_cell_that_is_no_number_is_named_by_file_row_and_column() -> None:
    findings = Findings()
    named = name_columns(RAW, FACILITIES, {"facility_id": "机构编号"}, "facilities: f.xlsx", findings)
    frame = typed(named, FACILITIES, findings)
    (problem,) = findings.problems
    assert problem.where == "facilities: f.xlsx, row 3, column 床位总数"
    assert problem.rows == ("row 3: 三十",)
    assert frame["land_area_m2"].isna().all()
    assert list(frame["functions"]) == ["", ""]
    assert list(frame["has_medical"]) == [None, None]


def test_what_cannot_be_is_told_column_by_column() -> None:
    raw = RAW.assign(床位总数=["-1", "2"], 状态=["正常", "不明"], unit_id=["4.31225E+11", "431225100203"], 是否内设医疗机构=["是", "也许"])
    findings = Findings()
    frame = typed(name_columns(raw, FACILITIES, {"facility_id": "机构编号"}, "f", findings), FACILITIES, findings)
    assert sorted(p.where for p in findings.problems) == [
        "f, row 2, column unit_id",
        "f, row 2, column 床位总数",
        "f, row 3, column 是否内设医疗机构",
        "f, row 3, column 状态",
    ]
    assert list(frame["status"]) == ["open", "不明"]
    assert "lost its last digits" in next(p.what for p in findings.problems if p.where == "f, row 2, column unit_id")


def test_ids_that_stand_twice_are_named() -> None:
    findings = Findings()
    check_ids(pd.DataFrame({"k": ["a", "b", "a", ""]}, index=["row 2", "row 3", "row 4", "row 5"]), "k", "f", findings)
    assert [p.rows for p in findings.problems] == [("row 5",), ("row 2: a", "row 4: a")]
