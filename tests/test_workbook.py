"""The workbook holds every figure of the assessment, with the digits of the page, ready to print; and the tables that it shares with other outputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from maps import workbook
from maps.numbers import shown
from maps.publishing.manifest import PublishError
from maps.tables.rule_tables import measures, verdicts
from maps.tables.shown import Heading, plain
from maps.tables.unit_tables import column_stems, units
from planner.assessment import Assessment
from tests.small_assessment import small_assessment
from tests.small_exports import published, sheet_table


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return small_assessment()


@pytest.fixture(scope="module")
def folder(assessment: Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small result, published once."""
    return published(assessment, tmp_path_factory.mktemp("small"), "workbook")


def test_the_workbook_holds_every_measure_with_full_figures(folder: Path, assessment: Assessment) -> None:
    written = sheet_table(folder, "测算明细", "状态")
    expected = pd.concat([assessment.before.measures, assessment.after.measures], ignore_index=True)
    assert len(written) == len(expected)
    for row, (_, measure) in zip(written, expected.iterrows(), strict=True):
        assert row["单元代码"].value == measure["unit_id"]
        for heading, column in (("数值", "value"), ("要求", "required"), ("缺口", "shortfall"), ("分子（现有量）", "have")):
            value = row[heading].value
            assert (np.isnan(measure[column]) and value is None) or value == pytest.approx(measure[column], rel=1e-15, abs=0)


def test_cells_show_as_many_digits_as_the_page(folder: Path, assessment: Assessment) -> None:
    written = sheet_table(folder, "测算明细", "状态")
    table = measures(assessment).frame
    for cells, row in zip(written, table.itertuples(), strict=True):
        digits = shown(row.value, row.unit, beside=None if np.isnan(row.required) else row.required)
        if cells["数值"].value is not None:
            decimals = len(cells["数值"].number_format.partition(".")[2])
            assert f"{cells['数值'].value:,.{decimals}f}" == digits


def test_the_summary_tells_people_rules_and_verdicts(folder: Path) -> None:
    figures = {r["指标"].value: (r["现状"].value, r["规划后"].value) for r in sheet_table(folder, "结论", "指标")}
    assert figures["60岁及以上人口在15分钟内"] == (500, 650)
    assert figures["60岁及以上人口合计"] == (660, 660)
    assert figures["达标规则"] == (0, 1)
    assert figures["未达标规则"] == (3, 2)
    assert figures["投资"] == (None, 300_000)
    told = {(r["规则编号"].value, r["口径编号"].value): r for r in sheet_table(folder, "结论", "规则编号")}
    circle, centre, uplift = told["small.circle", None], told["small.centre", None], told["small.uplift", None]
    assert (circle["结论（现状）"].value, circle["结论（规划后）"].value) == ("未达标", "达标")
    assert (centre["逾期（现状）"].value, centre["含未经核实数字"].value) == ("是", "是")
    assert uplift["结论（现状）"].value == "待确认"
    assert told["small.land", "floor"]["数值单位"].value == "m² 建筑/人"
    assert told["small.nursing", None]["合计数值（现状）"].value == 40


def test_the_balance_in_the_workbook_adds_up(folder: Path) -> None:
    balance = sheet_table(folder, "人口平衡", "单元代码")
    assert balance[0]["单元"].value == "全部"
    for row in balance:
        for state in ("现状", "规划后"):
            parts = sum(row[f"{part}（{state}）"].value for part in ("圈内", "圈外", "不在路网", "未落位"))
            assert parts == row[f"合计（{state}）"].value
    people = {r["人口口径"].value: r["合计"].value for r in sheet_table(folder, "人口平衡", "人口口径") if r.get("合计")}
    assert people == {"pop_total": 2586, "pop60": 660}


def test_sheets_print_on_a3_with_their_headings_on_every_page(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    assert book.sheetnames[:2] == ["结论", "规则"]
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
        assert sheet.auto_filter.ref
        assert "合成数据" in str(sheet["A3"].value)
    assert book["测算明细"].freeze_panes == "C7"
    assert book["测算明细"].print_title_rows == "$6:$6"
    assert book.properties.created.isoformat() == "2026-06-30T00:00:00"


def test_the_workbook_can_be_english(assessment: Assessment, tmp_path: Path) -> None:
    workbook.write_workbook(assessment, tmp_path / "tables.xlsx", language="en")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames[0] == "Summary"
    text = {str(cell.value) for row in book["Summary"].iter_rows() for cell in row}
    assert {"Not met", "15-minute elderly-care circle"} <= text
    assert "15分钟养老服务圈覆盖" not in text


def test_a_table_longer_than_a_sheet_is_refused(assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 30)
    with pytest.raises(PublishError, match="more than a sheet holds"):
        workbook.write_workbook(assessment, tmp_path / "tables.xlsx", language="zh")


def test_rules_whose_ids_differ_only_in_signs_keep_their_own_columns(assessment: Assessment) -> None:
    rules = tuple(assessment.rules[0].model_copy(update={"id": rule_id}) for rule_id in ("a-b", "a_b", "a.b"))
    stems = column_stems(replace(assessment, rules=rules))
    assert list(stems.values()) == ["small_a_b", "small_a_b__2", "small_a_b__3"]


def test_a_verdict_of_an_unknown_rule_is_not_dropped_in_silence(assessment: Assessment) -> None:
    with pytest.raises(ValueError, match="a rule that the assessment does not hold"):
        verdicts(replace(assessment, rules=assessment.rules[1:]))


def test_plain_columns_tell_no_data_no_and_zero_apart() -> None:
    text, figure, flag = Heading("a", "", ""), Heading("a", "", "", is_figure=True), Heading("a", "", "", is_flag=True)
    assert plain(flag, pd.Series([True, None, False], dtype=object)).tolist() == [True, None, False]
    assert plain(flag, pd.Series([None, np.nan])).tolist() == [None, None]
    assert plain(text, pd.Series(["a", None])).tolist() == ["a", ""]
    assert plain(text, pd.Series([np.nan, np.nan])).tolist() == ["", ""]
    assert plain(text, pd.Series([0, "x", np.nan], dtype=object)).tolist() == ["0", "x", ""]
    assert plain(figure, pd.Series([0, 1])).tolist() == [0.0, 1.0]
    assert np.isnan(plain(figure, pd.Series([0.0, np.nan])).iloc[1])


def test_residential_areas_have_their_own_measures(assessment: Assessment) -> None:
    measured = assessment.before.measures.iloc[[4]].assign(unit_id="r1", level="residential_area")
    both = [replace(f, measures=pd.concat([f.measures, measured], ignore_index=True)) for f in (assessment.before, assessment.after)]
    found = units(replace(assessment, before=both[0], after=both[1]), "residential_area")
    assert found.frame["small_land_shortfall_before"].tolist() == [8.6]
    assert found.frame["residential_id"].tolist() == ["r1"]
