"""Pages of places at the edge: no candidates, no streets, one village, 3,000 villages, long names, no data, hundreds of proposals. The page
still tells the truth, and nothing runs out of its frame."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.study_area import StudyArea
from maps.numbers import NO_DATA
from maps.page import write_page
from planner.assessment import Assessment
from tests.assessed_county import assessed, invented_county
from tests.browser import Page, assert_silent, needs_chromium, texts
from tests.small import small_area

pytestmark = needs_chromium
MAX_PAGE_BYTES = 10_000_000
ZH = "这是一个名字非常非常长用来检验版面是否会被撑破的村民委员会下属第三网格与第四网格联合养老互助服务示范点以及附属用房和其"
EN = "Saint-Bartholomew-in-the-Upper-Valley Community Neighbourhood"


@pytest.fixture(scope="module")
def county() -> StudyArea:
    return invented_county(n_villages=150, n_demand=3000, n_street=50)


def opened(browser: Page, assessment: Assessment, folder: Path) -> Path:
    """The page of an assessment, opened on the screen of an old notebook."""
    path = folder / "page.html"
    write_page(assessment, path)
    browser.size(1366, 768)
    browser.open(path)
    return path


def search(browser: Page, text: str) -> list[str]:
    browser.evaluate(
        f"(function (s) {{ s.value = {json.dumps(text)}; s.dispatchEvent(new Event('input')); }}(document.getElementById('search')))"
    )
    return texts(browser, "tr.unit")


def test_without_candidates_nothing_is_proposed_and_what_is_short_is_told(browser: Page, tmp_path: Path, county: StudyArea) -> None:
    assessment = assessed(replace(county, candidates=county.candidates.iloc[:0]))
    path = opened(browser, assessment, tmp_path)
    assert browser.text("#people-before") == browser.text("#people-after")
    assert browser.text("#key-sites b").startswith("0 ")
    proposals = browser.text("#proposals")
    assert "没有选出设施" in proposals
    rows = assessment.after.measures
    n_short = len(rows[(rows["verdict"] == "fail") & (rows["reading"] == "")])
    assert f"补不上的缺口 {len(assessment.choice.unmet)} 处（见“数据与说明”）；规划后未达标共 {n_short} 处" in proposals
    assert n_short >= len(assessment.choice.unmet) > 100
    assert browser.evaluate("document.querySelectorAll('[role=switch]').length") == 0
    browser.click("#layers-button")
    assert browser.evaluate("document.getElementById('layer-candidates') === null && document.getElementById('layer-proposals') === null")
    for tab in ("units", "charts", "about"):
        browser.click(f"#tab-{tab}")
    assert_silent(browser, path)


def test_without_streets_the_page_says_above_all_that_minutes_are_of_straight_lines(
    browser: Page, tmp_path: Path, county: StudyArea
) -> None:
    path = opened(browser, assessed(replace(county, streets=None)), tmp_path)
    assert "直线距离" in browser.text("#straight")
    browser.click("#layers-button")
    assert browser.evaluate("document.getElementById('layer-streets') === null")
    browser.click("#language")
    assert "straight lines" in browser.text("#straight")
    assert_silent(browser, path)
    opened(browser, assessed(county), tmp_path)
    assert browser.evaluate("document.getElementById('straight') === null")


def test_a_place_of_one_village_shows_its_figures(browser: Page, tmp_path: Path) -> None:
    area = small_area()
    village, above = "431299100001", ["431299", "431299100"]
    units = area.units[area.units["unit_id"].isin([*above, village])].reset_index(drop=True)
    only = units.iloc[-1]
    units = units.assign(pop_total=only["pop_total"], pop60=only["pop60"]).set_geometry([only.geometry] * 3, crs=area.crs)
    inside = {name: table[table["unit_id"] == village].reset_index(drop=True) for name, table in vars(area).items() if name in ("demand", "facilities", "candidates")}  # fmt: skip
    path = opened(browser, assessed(replace(area, units=units, **inside)), tmp_path)
    assert browser.text("#people-before") == "100.0 %"  # 300 of 300
    assert "0.0933" in browser.text("tr[data-rule='small.land'] td[data-state=before]")  # 120 m2 for 1286 people
    browser.click("tr[data-rule='small.land']")
    browser.click("#tab-units")
    assert [row.startswith("✕一社区东镇0.09330.09338.6") for row in texts(browser, "tr.unit")] == [True]
    for tab in ("charts", "proposals", "about"):
        browser.click(f"#tab-{tab}")
    assert_silent(browser, path)


def test_of_3000_villages_every_one_can_be_come_by(browser: Page, tmp_path: Path) -> None:
    area = invented_county(n_villages=3000, n_demand=6000, n_street=60)
    path = opened(browser, assessed(area), tmp_path)
    n = int((area.units["level"] == "village").sum())
    assert path.stat().st_size < MAX_PAGE_BYTES
    browser.click("tr[data-rule='small.circle']")
    browser.click("#tab-units")
    assert len(texts(browser, "tr.unit")) == 400
    assert f"显示 400 / {n}" in browser.text("#unit-table")
    assert f"另有 {n - 400} 项" in browser.text("#unit-table")
    browser.click("#more-units")
    assert len(texts(browser, "tr.unit")) == 800
    shown = set(
        browser.evaluate("Array.from(document.querySelectorAll('tr.unit')).map(function (r) { return r.getAttribute('data-unit'); })")
    )
    hidden = next(i for i in area.units.loc[area.units["level"] == "village", "unit_id"] if i not in shown)
    assert len(search(browser, hidden)) == 1
    browser.click(f"tr[data-unit='{hidden}']")  # selected, and the search taken back: its row is there
    assert len(search(browser, "")) > 800
    assert browser.evaluate("document.querySelector('tr.unit.on').getAttribute('data-unit')") == hidden
    assert_silent(browser, path)


def _long(area: StudyArea, table: str) -> list[str]:
    """Names of 60 characters, each another one, Chinese and English in turn."""
    return [f"{(ZH, EN)[i % 2][: 60 - len(str(i))]}{i}" for i in range(len(getattr(area, table)))]


FRAMES = ("#panel", "#head", "#keys", "#body", "#card", "#legend", "#heading", "#layers", ".tab.on", ".chart")
OVERFLOWING = f"""{json.dumps(FRAMES)}.filter(function (name) {{ return Array.from(document.querySelectorAll(name)).some(function (e) {{
  return e.getClientRects().length && e.scrollWidth > e.clientWidth + 1 && e.clientWidth; }}); }})"""
OVERLAPPING = """Array.from(document.querySelectorAll('#charts svg.chart')).filter(function (chart) {
  var boxes = Array.from(chart.querySelectorAll('text')).map(function (e) { return e.getBBox(); });
  return boxes.some(function (a, i) { return boxes.some(function (b, j) {
    return i < j && a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 4 && b.y < a.y + a.height - 4; }); });
}).map(function (chart) { return chart.id; })"""


def test_names_of_60_characters_stay_in_their_frames_and_can_be_read_in_full(browser: Page, tmp_path: Path, county: StudyArea) -> None:
    tables = {name: getattr(county, name).assign(name=_long(county, name)) for name in ("units", "facilities", "candidates")}
    area = replace(county, name=ZH[:60], **tables)
    assert area.units["name"].str.len().eq(60).all()
    path = opened(browser, assessed(area), tmp_path)
    for language in ("zh", "en"):
        assert browser.evaluate("document.documentElement.lang") == language
        browser.click("tr.rule")
        for tab in ("rules", "units", "proposals", "charts", "about"):
            browser.click(f"#tab-{tab}")
            assert browser.evaluate(OVERFLOWING) == []
            assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        browser.click("#tab-charts")
        assert browser.evaluate(OVERLAPPING) == []
        browser.click("tr.unit")
        assert browser.text("#card h2") in set(area.units["name"])
        browser.click(".proposal")
        assert browser.text("#card h2").split("  ", 1)[1] in set(area.candidates["name"])
        assert browser.evaluate(OVERFLOWING) == []
        browser.click("#tab-charts")
        assert set(texts(browser, "#chart-township-table tbody td:first-child")) <= set(area.units["name"])
        browser.click("#language")
    assert_silent(browser, path)


def test_on_a_phone_the_map_is_above_and_nothing_runs_out_of_the_screen(browser: Page, tmp_path: Path, county: StudyArea) -> None:
    opened(browser, assessed(county), tmp_path)
    browser.size(390, 844)
    browser.click("tr.rule")
    for tab in ("rules", "units", "proposals", "charts", "about"):
        browser.click(f"#tab-{tab}")
        assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    boxes = [browser.evaluate(f"document.querySelector('{at}').getBoundingClientRect().toJSON()") for at in ("#side", "#panel")]
    assert [round(box["width"]) for box in boxes] == [390, 390]
    assert boxes[0]["bottom"] <= boxes[1]["top"] + 1  # px, rounded
    assert boxes[0]["height"] > 844 / 3
    browser.size(1366, 768)


def test_the_hint_of_a_long_name_stays_in_the_frame(browser: Page, tmp_path: Path, county: StudyArea) -> None:
    area = replace(county, units=county.units.assign(name=_long(county, "units")))
    opened(browser, assessed(area), tmp_path)
    browser.click("tr[data-rule='small.land']")
    browser.click("#tab-units")
    browser.click("tr.unit")  # the map goes close to a village
    browser.click("#card .close")
    browser.evaluate("document.querySelector('#legend').style.display = 'none'")
    n_shown = 0
    for corner in ("f.left + 40, f.bottom - 40", "f.right - 40, f.bottom - 40", "f.right - 40, f.top + 200"):
        x, y = browser.evaluate(f"(function (f) {{ return [{corner}]; }}(document.getElementById('frame').getBoundingClientRect()))")
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, button="none")
        if browser.evaluate("document.getElementById('hint').style.display") != "block":
            continue  # outside the county
        n_shown += 1
        assert browser.text("#hint div") in set(area.units["name"])
        assert browser.evaluate(
            "(function (h, f) { return h.left >= f.left && h.right <= f.right && h.top >= f.top && h.bottom <= f.bottom; }"
            "(document.getElementById('hint').getBoundingClientRect(), document.getElementById('frame').getBoundingClientRect()))"
        )
    assert n_shown > 1


def test_what_is_not_known_reads_as_no_data_and_neither_as_0_nor_as_met(browser: Page, tmp_path: Path, county: StudyArea) -> None:
    unknown = county.facilities.assign(land_area_m2=np.nan, beds_total=np.nan, beds_nursing=np.nan)
    assessment = assessed(replace(county, facilities=unknown))
    path = opened(browser, assessment, tmp_path)
    nursing = "tr[data-rule='small.nursing'] td[data-state={}]"
    for state in ("before", "after"):
        assert browser.text(nursing.format(state)) == f"?{NO_DATA}"
    measures = assessment.before.measures
    land = measures[(measures["rule_id"] == "small.land") & (measures["reading"] == "")].set_index("unit_id")
    assert land["value"].isna().sum() == (land["verdict"] == "no_data").sum() > 20
    browser.click("tr[data-rule='small.land']")
    assert "无数据" in browser.text("#legend")
    browser.click("#tab-units")
    for unit_id, verdict in land["verdict"].items():
        if verdict == "no_data":
            cells = texts(browser, f"tr[data-unit='{unit_id}'] td")
            assert (cells[0][0], cells[2], cells[4]) == ("?", NO_DATA, NO_DATA)
    assert_silent(browser, path)


def test_hundreds_of_proposals_are_numbered_listed_and_selected(browser: Page, tmp_path: Path, county: StudyArea) -> None:
    many = []
    for i in range(4):
        ids = [f"{id_}-{i}" for id_ in county.candidates["candidate_id"]]
        moved = county.candidates.geometry.translate(600.0 * i, 350.0 * i)
        many.append(county.candidates.assign(candidate_id=ids, site_id=ids, role="required").set_geometry(moved))
    candidates = pd.concat(many, ignore_index=True)
    assessment = assessed(replace(county, candidates=candidates), budget_yuan=1e9)
    n = len(assessment.proposals)
    assert n == 480
    path = opened(browser, assessment, tmp_path)
    assert browser.text("#key-sites b").startswith("480 ")
    browser.click("#tab-proposals")
    assert texts(browser, ".proposal .no") == [str(i + 1) for i in range(n)]
    last = str(assessment.proposals["candidate_id"].iloc[-1])
    browser.click(f"[data-proposal='{last}']")
    assert browser.text("#card h2").startswith("480  ")
    assert browser.evaluate("document.querySelectorAll('.proposal.on').length") == 1
    browser.click(f"[data-proposal='{last}'] [role=switch]")
    assert browser.text("#key-sites b").startswith("479 ")
    assert_silent(browser, path)
