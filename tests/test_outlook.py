"""Open questions, attested answers, marks of unverified numbers and the target year, in the page, the workbook and the result."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from layers.saying import in_language
from maps.page.render import content
from maps.result import result_of
from maps.tables.outlook_tables import open_questions, outlook_rows, outlook_tables
from maps.tables.rule_tables import measures, rule_readings, rules, verdicts
from maps.tables.run_tables import key_figures
from maps.workbook import write_workbook
from planner.assessment import Assessment
from scenarios import read_scenario, run, write
from tests.browser import chromium, opened_browser
from tests.small_scenario import write_small_scenario

MORE = """
[projection]
year = 2030
growth = { pop60 = 0.035, pop_total = -0.004 }
[[uplift]]
rule = "huitong.land_per_capita"
base_share = "pop60/pop_total"
at_least = 0.25
value = 0.15
[attestations."huitong.lottery_share"]
value = 58
evidence = "决算报告2025"
date = 2026-03-01
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outlook")
    path = write_small_scenario(folder)
    text = path.read_text(encoding="utf-8").replace('standards = ["huitong"]', 'standards = ["huitong", "gb50180"]')
    path.write_text(text + MORE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def assessment(folder: Path) -> Assessment:
    scenario = read_scenario(folder / "scenario.toml")
    found = run(scenario)
    write(scenario, found)
    return found


def test_an_attested_answer_has_a_verdict_and_the_others_are_open_questions(assessment: Assessment) -> None:
    rows = verdicts(assessment).frame.set_index(["rule_id", "reading"])
    lottery, brand = rows.loc[("huitong.lottery_share", "")], rows.loc[("huitong.brand", "")]
    assert (lottery["verdict_before"], lottery["value_before"], lottery["required"]) == ("pass", 58.0, 55.0)
    assert brand["verdict_before"] == "attestation"
    land = rows.loc[("huitong.land_per_capita", "")]
    assert (land["people_short_before"], land["units_short_before"]) == (2586.0, "一社区、二村、三村")
    asked = open_questions(assessment).frame["rule_id"].tolist()
    assert "huitong.brand" in asked
    assert "huitong.lottery_share" not in asked
    passing = key_figures(assessment).frame.set_index("figure_en")["before"].filter(like="met").iloc[0]
    judged = assessment.before.verdicts.query("reading == ''")["verdict"]
    assert passing == (judged == "pass").sum()


def test_unverified_numbers_are_marked_in_every_table_under_every_reading(assessment: Assessment) -> None:
    for table in (rules(assessment), verdicts(assessment), rule_readings(assessment), measures(assessment)):
        titles = table.frame.groupby("rule_id")[["rule_title", "rule_title_en"]].agg(set)
        marked = {rule_id for rule_id, row in titles.iterrows() if all("※" in title for title in row["rule_title"] | row["rule_title_en"])}
        unmarked = {
            rule_id for rule_id, row in titles.iterrows() if not any("※" in title for title in row["rule_title"] | row["rule_title_en"])
        }
        known = {
            "gb50180.day_care_300m",
            "gb50180.day_care_size",
            "gb50180.home_per_circle15",
            "gb50180.home_size",
            "gb50180.control_indices",
        }
        assert marked == known & set(titles.index)
        assert unmarked == set(titles.index) - known
    assert any("※" in note and "日间照料中心服务半径300 m" in in_language(note, "zh") for note in assessment.notes)


def test_the_required_figure_of_each_village_shows_the_uplift(assessment: Assessment) -> None:
    rows = measures(assessment).frame.query("rule_id == 'huitong.land_per_capita' and reading == '' and state == 'before'")
    assert dict(zip(rows["unit_name"], rows["required"], strict=True)) == {"一社区": 0.1, "二村": 0.15, "三村": 0.15, "四村": 0.1}
    number = next(rule for rule in assessment.rules if rule.full_id == "huitong.land_per_capita").numbers[-1]
    assert (number.at, number.is_, number.status) == ("uplift", 0.15, "default")


def test_the_table_of_the_target_year_has_every_rule_and_reading_that_is_judged(assessment: Assessment) -> None:
    rows = {(row["rule_id"], row["reading"]): row for row in outlook_rows(assessment)}
    assert list(rows) == [(r.rule_id, r.reading) for r in assessment.before.verdicts.itertuples()]
    land = rows["huitong.land_per_capita", ""]
    assert land["shortfall_now"] == pytest.approx(8.6 + 24 + 75)
    # village 1 is 27.2 per cent old by then: 0.15 of 1265.5 less 120; 2 and 3 lose 1.6 per cent of their people
    assert land["shortfall_then"] == pytest.approx((1286 * 0.15 + 800 * 0.15 + 500 * 0.15) * 0.996**4 - 120 - 96)
    assert land["shortfall_then_plan"] < land["shortfall_then"]
    people = outlook_tables(assessment)[1].frame.set_index("base")
    assert people.loc["pop60", "people_then"] == pytest.approx(650 * 1.035**4)


def test_the_page_holds_questions_and_target_year(assessment: Assessment) -> None:
    island = content(assessment)
    assert {q["rule"] for q in island["reading"]["questions"]} == {q.rule_id for q in assessment.open_questions}
    assert (island["projected"]["base_year"], island["projected"]["year"]) == (2026, 2030)
    assert len(island["projected"]["rules"]) == len(assessment.before.verdicts)


@pytest.mark.skipif(chromium() is None, reason="there is no Chromium")
def test_the_page_shows_them(assessment: Assessment, folder: Path) -> None:
    del assessment
    with opened_browser() as browser:
        browser.size(1600, 1000)
        browser.open(folder / "out" / "index.html")
        about = browser.text("#about")
        assert "待人回答的问题" in about
        assert "扶持建设一家具有本土特色的养老行业品牌机构" in about
        assert "预测到 2030 年" in about
        assert "745.9" in about or "746" in about  # 650 elders, four years at 3.5 per cent
        assert "日间照料中心服务半径300 m ※" in about
        assert "✓" in browser.text("tr[data-rule='huitong.lottery_share']")
        browser.click("tr[data-rule='huitong.lottery_share']")
        assert "填报依据: 2026-03-01 · 决算报告2025" in browser.text("#rules")
        assert browser.complaints == []


def test_the_result_holds_questions_and_target_year(assessment: Assessment) -> None:
    result = json.loads(json.dumps(result_of(assessment)))
    assert [q["rule_id"] for q in result["open_questions"]] == [q.rule_id for q in assessment.open_questions]
    ahead = result["projected"]
    assert ahead["year"] == 2030
    assert len(ahead["verdicts"]) == 2 * len(assessment.before.verdicts)
    assert {p["base"]: p["people"] for p in ahead["people"]} == pytest.approx({"pop_total": 2586.0, "pop60": 650.0})


def test_the_workbook_has_a_sheet_for_each(assessment: Assessment, tmp_path: Path) -> None:
    for language, sheets in (("zh", ["待人回答", "预测"]), ("en", ["Open questions", "Projection"])):
        write_workbook(assessment, tmp_path / f"{language}.xlsx", language=language)
        book = openpyxl.load_workbook(tmp_path / f"{language}.xlsx")
        assert book.sheetnames[1:3] == sheets
        text = {str(cell.value) for sheet in sheets for row in book[sheet].iter_rows() for cell in row}
        assert "huitong.brand" in text
        assert "2030" in text


def test_two_runs_give_the_same_bytes(assessment: Assessment, folder: Path, tmp_path: Path) -> None:
    del assessment
    scenario = read_scenario(folder / "scenario.toml")
    write(scenario, run(scenario), folder=tmp_path / "again")
    for path in sorted((tmp_path / "again").iterdir()):
        assert path.read_bytes() == (folder / "out" / path.name).read_bytes(), path.name


def test_a_branch_of_facilities_that_no_layer_holds_is_told_since_it_counts_as_none(tmp_path: Path) -> None:
    path = write_small_scenario(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace('standards = ["huitong"]', 'standards = ["xincheng"]'), encoding="utf-8")
    notes = [note for note in run(read_scenario(path)).notes if "is in the data" in note]
    assert notes == [
        "no facility of childcare is in the data: rules on it count none; where there are some, add them or correct their kinds"
    ]
    assert in_language(notes[0], "zh") == "数据中没有任何托育机构，相关规则按“一处也没有”计；如实际有，请补充设施或改正其类别"
