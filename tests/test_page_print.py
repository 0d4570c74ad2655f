"""The committee page on paper: A3 and A4 of everything, a page for every township, the marks of a published map."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from maps.page import write_page
from maps.page.edition import PageEdition
from planner.assessment import Finding
from tests.browser import Page, needs_chromium, texts
from tests.county_assessment import county_assessment
from tests.small_assessment import VILLAGES, assessed_area, small_assessment
from tests.switched_pages import inside, write_opened_page
from tests.switched_towns import planned_town

NUMBER = "湘S(2026)012号"
A3, A4 = (420.0, 297.0), (297.0, 210.0)
"""landscape [mm]"""
MM_PER_POINT = 25.4 / 72


@pytest.fixture(scope="module")
def small_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("print") / "small.html"
    write_page(small_assessment(), path, PageEdition(review_number=NUMBER))
    return path


@pytest.fixture(scope="module")
def county_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("print") / "county.html"
    write_page(county_assessment(), path)
    return path


@needs_chromium
def test_a_page_printed_without_the_button_says_which_one_to_use(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    is_seen = "getComputedStyle(document.querySelector('#unprepared')).display !== 'none'"
    assert not browser.evaluate(is_seen)
    browser.call("Emulation.setEmulatedMedia", media="print")
    seen = [browser.evaluate(is_seen)]
    _print(browser, "a3")
    seen.append(browser.evaluate(is_seen))
    _put_away(browser)
    browser.call("Emulation.setEmulatedMedia", media="")
    assert seen == [True, False]
    assert "“打印 A3”" in browser.text("#unprepared")


def _print(browser: Page, kind: str) -> None:
    """Press a print button as a reader does; the printer is one that notes that it was called."""
    browser.evaluate("window.printed = false; window.print = function () { window.printed = true; }; 1")
    browser.click("#print-more")
    browser.click(f"#print-{kind}")
    browser.wait("window.printed")


def _put_away(browser: Page) -> None:
    browser.evaluate("window.dispatchEvent(new Event('afterprint'))")


def _sheets_mm(browser: Page, path: Path) -> set[tuple[float, float]]:
    """The paper sizes of the printed file."""
    browser.pdf(path)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", path.read_bytes())
    return {(round(float(width) * MM_PER_POINT), round(float(height) * MM_PER_POINT)) for width, height in boxes}


def _box(browser: Page, selector: str) -> dict[str, float]:
    found = browser.evaluate(
        f"(function () {{ var b = document.querySelector({json.dumps(selector)}).getBoundingClientRect(), y = window.pageYOffset;"
        "return { left: b.left, right: b.right, top: b.top + y, bottom: b.bottom + y }; })()"
    )
    assert isinstance(found, dict)
    return found


# The marks of a published map


@needs_chromium
def test_the_review_number_stands_with_the_mark_of_internal_use_in_head_and_foot(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    for part in ("#head .sub", "#credit"):
        assert f"审图号：{NUMBER}" in browser.text(part)
        assert "内部使用" in browser.text(part)
    browser.click("#language")
    assert f"Map review number: {NUMBER}" in browser.text("#head .sub")


@needs_chromium
def test_a_page_without_one_does_not_speak_of_it(browser: Page, tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    assert "审图号" not in browser.text("#page")
    assert "内部使用" in browser.text("#credit")


@needs_chromium
@pytest.mark.parametrize(
    "payload", ["</script><script>window.ran = 1</script>", "<img src=x onerror=window.ran=1>", '"; } body { display: none']
)
def test_a_review_number_is_text_also_on_paper(payload: str, browser: Page, tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "page.html", PageEdition(review_number=payload))
    browser.open(tmp_path / "page.html")
    assert payload in browser.text("#head .sub")
    _print(browser, "towns")
    assert payload in browser.text(".town header")
    assert browser.evaluate("window.ran === undefined")
    assert browser.complaints == []


# Everything, on A3 and A4


@needs_chromium
@pytest.mark.parametrize(("kind", "paper"), [("a3", A3), ("a4", A4)])
def test_the_paper_is_the_one_asked_for_and_nothing_on_the_first_sheet_overlaps(
    kind: str, paper: tuple[float, float], browser: Page, county_page: Path, tmp_path: Path
) -> None:
    browser.open(county_page)
    browser.click("tr.rule")  # the longest legend: classes, no data, kinds of facilities
    _print(browser, kind)
    column = [_box(browser, selector) for selector in ("#head", "#keys", "#legend")]
    side = _box(browser, "#side")
    assert all(upper["bottom"] <= lower["top"] for upper, lower in pairwise(column))
    assert all(box["right"] <= side["left"] for box in column)
    assert column[-1]["bottom"] <= side["bottom"] + 1  # px, rounded
    for label in ("#head h1", "#heading", "#credit"):
        assert browser.evaluate(f"(function (e) {{ return e.scrollWidth <= e.clientWidth + 1; }})(document.querySelector('{label}'))")
    assert all(
        _box(browser, f"#{tab}")["bottom"] > _box(browser, f"#{tab}")["top"] for tab in ("rules", "units", "proposals", "charts", "about")
    )
    assert _sheets_mm(browser, tmp_path / "sheet.pdf") == {paper}  # last: the browser puts the sheet away


@needs_chromium
def test_a_long_title_runs_over_its_whole_width(browser: Page, tmp_path: Path) -> None:
    assessment = small_assessment()
    write_page(replace(assessment, title={"zh": "某某县" * 15, "en": "A county"}), tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    assert browser.evaluate("document.querySelector('#head h1').className") == "long"
    _print(browser, "a4")
    assert browser.evaluate("getComputedStyle(document.querySelector('#head h1')).columnCount") == "auto"
    assert browser.evaluate("getComputedStyle(document.querySelector('.in-columns')).columnCount") == "2"
    _put_away(browser)


@needs_chromium
def test_afterwards_the_screen_is_as_it_was(browser: Page, county_page: Path) -> None:
    browser.open(county_page)
    look = (
        "JSON.stringify([document.documentElement.className, document.getElementById('legend').parentNode.id, document.styleSheets[0].cssRules.length,"
        "document.getElementById('sheets').childNodes.length, document.getElementById('legend').style.zoom, document.getElementById('card').className])"
    )
    before = browser.evaluate(look), _box(browser, "#map"), _box(browser, "#legend")
    for kind in ("a3", "a4", "towns"):
        _print(browser, kind)
        assert browser.evaluate(look) != before[0]
        _put_away(browser)
        assert (browser.evaluate(look), _box(browser, "#map"), _box(browser, "#legend")) == before


# A page for every township


def _of(unit_id: str, finding: Finding) -> pd.DataFrame:
    """What the rules, each under its own reading, ask of a unit."""
    answers = finding.measures
    return answers[(answers["unit_id"] == unit_id) & (answers["reading"] == "") & answers["verdict"].isin(["pass", "fail", "no_data"])]


@needs_chromium
def test_every_township_has_a_page_with_its_figures_villages_and_sites(browser: Page, small_page: Path, tmp_path: Path) -> None:
    browser.open(small_page)
    browser.click("tr[data-rule='small.land']")
    _print(browser, "towns")
    assert texts(browser, ".town h1") == ["东镇", "西乡"]
    assert texts(browser, "[data-town='431299100'] [data-village] td:first-child") == ["一社区", "二村"]
    assert texts(browser, "[data-town='431299200'] [data-village] td:first-child") == ["三村", "四村"]
    assert "0 → 150 / 150 人 (0.0 → 100.0 %)" in browser.text("[data-town='431299200']")
    assert texts(browser, "[data-town='431299100'] [data-site]") == []
    opened = small_assessment().proposals["candidate_id"].tolist()
    assert [browser.evaluate("document.querySelector('[data-site]').getAttribute('data-site')")] == opened
    assert "50" in browser.text(f"[data-village='{VILLAGES[2]}']")  # m2 of land short today; the plan mends it
    met = [int((_of(VILLAGES[2], finding)["verdict"] == "pass").sum()) for finding in (small_assessment().before, small_assessment().after)]
    asked = len(_of(VILLAGES[2], small_assessment().before))
    assert browser.text(f"[data-village='{VILLAGES[2]}'] td:nth-child(3)") == f"{met[0]} → {met[1]} / {asked}"
    assert _sheets_mm(browser, tmp_path / "towns.pdf") == {A4[::-1]}


@needs_chromium
def test_the_maps_of_a_township_show_it_today_and_with_the_plan(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("tr[data-rule='small.land']")
    _print(browser, "towns")
    drawn = browser.evaluate("Array.from(document.querySelectorAll('.town figure canvas')).map(function (c) { return c.toDataURL(); })")
    assert len(drawn) == 4
    assert drawn[2] != drawn[3]  # 西乡, where the plan builds
    assert len(set(drawn)) >= 3
    assert texts(browser, ".town:first-child figcaption")[0].startswith("现状")


@needs_chromium
def test_names_of_villages_and_sites_are_text_on_the_pages_of_townships(browser: Page, tmp_path: Path) -> None:
    payload = "<img src=x onerror=window.ran=1>"
    area = assessed_area()
    hostile = small_assessment(assessed_area(units=area.units.assign(name=payload)))
    hostile = replace(hostile, proposals=hostile.proposals.assign(name=payload, reason_zh=payload))
    write_page(hostile, tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    _print(browser, "towns")
    assert [heading.split(" 4")[0] for heading in texts(browser, ".town h1")] == [f"{payload}, {payload}", f"{payload}, {payload}"]
    assert browser.evaluate("document.querySelectorAll('#sheets img').length") == 0
    assert browser.evaluate("window.ran === undefined")


@needs_chromium
def test_what_is_switched_is_printed_as_a_trial(browser: Page, tmp_path: Path) -> None:
    assessment = planned_town(0)
    write_page(assessment, tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    first = str(assessment.proposals["candidate_id"].iloc[0])
    browser.click(f"[data-proposal={first}] [role=switch]")
    _print(browser, "towns")
    assert set(texts(browser, ".town .banner.switched")) == {"试算结果：与规划方案不同"}
    assert "试算中已关闭" in browser.text(f"[data-site={first}]")


@needs_chromium
def test_a_place_without_townships_offers_no_such_pages(browser: Page, tmp_path: Path) -> None:
    area = assessed_area()
    units = area.units[area.units["level"] != "township"].reset_index(drop=True)
    units = units.assign(parent_id=["" if level == "county" else "431299" for level in units["level"]])
    write_page(small_assessment(assessed_area(units=units)), tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    assert browser.evaluate("document.getElementById('print-towns')") is None
    assert browser.evaluate("document.getElementById('print-a4') !== null")


@needs_chromium
def test_a_chart_of_many_units_is_several_pictures_and_keeps_its_heading(browser: Page, tmp_path: Path) -> None:
    write_opened_page(small_assessment(), tmp_path / "page.html")
    browser.open(tmp_path / "page.html")
    rows = "allRows(40).map(function (i) { return { name: 'n' + i, digits: 'd' + i, was: 0, is: 1 }; })"
    assert inside(
        browser, f"barPart('many', 'Title', {rows}, [], []).map(function (part) {{ return part.textContent.match(/d\\d+/g).length; }})"
    ) == [
        30,  # 15 bars, told once in the picture and once in its description
        30,
        20,
    ]
    assert inside(browser, f"barPart('many', 'Title', {rows}, [], [])[0].querySelector('h2').textContent") == "Title"
