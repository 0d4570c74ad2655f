"""The main steps of the page in the Chromiums of 2020 and 2023 that stand in out/browsers: `python -m tests.old_browsers` fetches them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maps.page import write_page
from maps.page.scenarios import comparison_page
from planner.assessment import Assessment
from tests.browser import Page, assert_silent, opened_browser, texts
from tests.comparisons import small_comparison
from tests.old_browsers import FOLDER, PACKAGES, old_chromiums
from tests.small_assessment import VILLAGES, small_assessment
from tests.switched_pages import assert_same, told_by_page, told_by_python, with_sites, write_opened_page
from tests.switched_towns import planned_town

SEED = 6
"""a town whose plan opens two sites, the first of which brings people into the circle"""


def _param(version: str) -> object:
    is_absent = version not in old_chromiums()
    return pytest.param(
        version, marks=pytest.mark.skipif(is_absent, reason=f"no Chromium {version} in {FOLDER.name}: run python -m tests.old_browsers")
    )


@pytest.fixture(scope="module", params=[_param(version) for version in PACKAGES])
def browser(request: pytest.FixtureRequest) -> Iterator[Page]:
    with opened_browser(old_chromiums()[request.param]) as opened:
        opened.size(1366, 768)
        assert f"/{request.param}." in opened.call("Browser.getVersion")["product"]
        yield opened


@pytest.fixture(scope="module")
def town() -> Assessment:
    return planned_town(SEED)


def test_it_opens_selects_searches_and_speaks_english(browser: Page, tmp_path: Path) -> None:
    path = tmp_path / "small.html"
    write_page(small_assessment(), path)
    browser.open(path)
    assert browser.text("#people-after") == "98.5 %"
    browser.click("tr[data-rule='small.land']")
    browser.click("#tab-units")
    browser.evaluate("(function (s) { s.value = 'sc'; s.dispatchEvent(new Event('input')); }(document.getElementById('search')))")
    assert texts(browser, "tr.unit td:first-child") == ["✕三村", "–四村"]
    browser.click(f"tr[data-unit='{VILLAGES[2]}']")
    assert browser.text("#card h2") == "三村"
    browser.click("#language")
    assert "Small county" in browser.text("#head h1")
    for tab in ("#tab-charts", "#tab-about", "#tab-proposals", "#state-compare"):
        browser.click(tab)
    assert_silent(browser, path)


def test_a_click_on_a_switch_gives_the_figures_measured_anew(browser: Page, tmp_path: Path, town: Assessment) -> None:
    path = tmp_path / "town.html"
    write_page(town, path)
    browser.open(path)
    browser.click("#tab-proposals")
    people = browser.text("#people-after")
    browser.click(f"[data-proposal={town.proposals['candidate_id'].iloc[0]}] [role=switch]")
    wanted = told_by_python(with_sites(town, town.choice.order[1:]))
    assert browser.text("#people-after") == f"{wanted['people']['after']['pct']} %" != people
    assert wanted["sites"]["cost"]["zh"][0] in browser.text("#key-sites")
    browser.click("#restore-head")
    assert browser.text("#people-after") == people
    assert_silent(browser, path)


def test_every_figure_of_several_sets_of_sites_is_the_one_measured_anew(browser: Page, tmp_path: Path, town: Assessment) -> None:
    write_opened_page(town, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    plan = list(town.choice.opened)
    for opened in ([], plan, plan[1:]):
        assert_same(told_by_page(browser, opened), told_by_python(with_sites(town, opened)), [rule.id for rule in town.rules])


def test_scenarios_are_switched_swiped_and_differenced(browser: Page, tmp_path: Path) -> None:
    path = tmp_path / "both.html"
    path.write_text(comparison_page(small_comparison()), encoding="utf-8", newline="\n")
    browser.open(path)
    assert browser.text("#people-after") == "98.5 %"
    browser.click("#scenario-1")
    assert browser.text("#people-after") == "75.8 %"
    browser.click("#state-versus")
    assert [browser.text("#swipe-left"), browser.text("#swipe-right")] == ["plan", "nothing"]
    browser.click("#state-difference")
    assert "▼ 减少" in browser.text("#legend")
    browser.click("#tab-compare")
    assert texts(browser, "tr[data-difference] td:first-child")
    assert_silent(browser, path)


def test_it_prints_to_pdf(browser: Page, tmp_path: Path, town: Assessment) -> None:
    path = tmp_path / "town.html"
    write_page(town, path)
    browser.open(path)
    browser.evaluate("window.print = function () { window.printed = true; }")
    browser.click("#print")
    browser.wait("window.printed")
    browser.pdf(tmp_path / "sheet.pdf")
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert_silent(browser, path)
