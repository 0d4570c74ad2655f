"""One page for several scenarios, driven in a real browser: switch, swipe, difference map, sorted table; and how much it weighs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from maps import palette
from maps.comparison.model import Comparison
from maps.comparison.people import people_differences
from maps.numbers import shown
from maps.page import write_page
from maps.page.island import island
from maps.page.render import content
from maps.page.scenarios import comparison_content, comparison_page
from tests.assessed_county import three_plans
from tests.browser import Page, assert_silent, needs_chromium, texts
from tests.comparisons import county_comparison, small_comparison, with_higher_land_rule
from tests.small_assessment import VILLAGES, assessed_area, small_assessment

MAX_PAGE_BYTES = 1_500_000
NASTY = "</script><script>boom=1</script><img src=x onerror=boom=1>`${boom=1}`{{ 7*7 }}\u2028"
V1, V2, V3, V4 = VILLAGES


def _written(comparison: Comparison, path: Path) -> Path:
    path.write_text(comparison_page(comparison), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="module")
def small_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(small_comparison(), tmp_path_factory.mktemp("compared") / "index.html")


@pytest.fixture(scope="module")
def county() -> Comparison:
    return county_comparison()


@pytest.fixture(scope="module")
def county_page(county: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(county, tmp_path_factory.mktemp("compared") / "county.html")


def _colour(browser: Page, x: float, y: float = 0.5, dy: int = 90) -> str:
    """The colour of the map at a share of its frame, `dy` pixels lower, as #rrggbb."""
    red, green, blue, _ = browser.evaluate(
        "(function () { var c = document.querySelector('#map canvas'), b = c.getBoundingClientRect(), f = document.getElementById('frame').getBoundingClientRect();"
        f"return Array.from(c.getContext('2d').getImageData(f.left + f.width * {x} - b.left, f.top + f.height * {y} + {dy} - b.top, 1, 1).data); }})()"
    )
    return f"#{red:02x}{green:02x}{blue:02x}"


# The file


def test_300_villages_10000_cells_200_facilities_and_three_scenarios_weigh_at_most_a_megabyte_and_a_half() -> None:
    """With circles and everything that switching needs."""
    text = comparison_page(three_plans())
    assert text.count('"ledgers":') == 1
    assert len(text.encode()) <= MAX_PAGE_BYTES


def test_what_scenarios_share_is_stored_once(county: Comparison, county_page: Path) -> None:
    text = county_page.read_text(encoding="utf-8")
    first = content(county.reference)
    for shared in (first["streets"]["x"], first["places"]["levels"][-1]["x"], first["people"]["x"]):  # type: ignore[index,call-overload]
        assert text.count(island(shared)) == 1


def test_two_writes_give_the_same_bytes_and_the_first_scenario_is_told_as_on_its_own_page() -> None:
    assert comparison_page(small_comparison()) == comparison_page(small_comparison())
    both = comparison_content(small_comparison())
    alone = content(small_assessment())
    assert {name: both[name] for name in alone if name != "rules"} == {name: alone[name] for name in alone if name != "rules"}


def test_classes_of_colour_have_one_set_of_limits_in_all_scenarios() -> None:
    comparison = Comparison(("a", "b"), (small_assessment(), with_higher_land_rule()))
    contents = [content(a, together=comparison.assessments) for a in comparison.assessments]
    for rule in contents[1]["rules"]:  # type: ignore[union-attr]
        twin = next(r for r in contents[0]["rules"] if r["id"] == rule["id"])  # type: ignore[union-attr,index,call-overload]
        for mine, theirs in zip(twin["answers"], rule["answers"], strict=True):  # type: ignore[index,call-overload]
            assert (mine["units"] or {}).get("limits") == (theirs["units"] or {}).get("limits")


# In the browser


@needs_chromium
def test_it_opens_without_a_request_or_a_complaint(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    for selector in (
        "#tab-compare",
        "#state-versus",
        "#state-difference",
        "#scenario-0",
        "#scenario-1",
        "#language",
        "tr.rule",
        "#tab-units",
    ):
        browser.click(selector)
    assert_silent(browser, small_page)


@needs_chromium
def test_a_page_of_one_scenario_has_neither_bar_nor_tab(browser: Page, tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "one.html")
    browser.open(tmp_path / "one.html")
    assert browser.evaluate("document.getElementById('scenarios').children.length") == 0
    assert browser.evaluate("document.getElementById('tab-compare') === null && document.getElementById('state-difference') === null")


@needs_chromium
def test_every_figure_follows_the_scenario_that_is_chosen(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    assert browser.text("#people-after") == "98.5 %"  # 650 of 660
    assert browser.text("#key-sites b").startswith("1 ")
    assert texts(browser, "#proposals .proposal .name") == ["三村旧小学"]
    browser.click("#scenario-1")
    assert browser.text("#people-after") == "75.8 %"  # 500 of 660
    assert browser.text("#people-before") == "75.8 %"
    assert browser.text("#key-sites b").startswith("0 ")
    assert texts(browser, "#proposals .proposal .name") == []
    assert texts(browser, "tr[data-rule='small.circle'] td[data-state=after] .mark") == ["✕"]
    browser.click("#scenario-0")
    assert browser.text("#people-after") == "98.5 %"
    assert texts(browser, "tr[data-rule='small.circle'] td[data-state=after] .mark") == ["✓"]


@needs_chromium
def test_the_swipe_shows_the_reference_on_the_left_and_the_other_plan_on_the_right(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("tr[data-rule='small.circle']")
    browser.click("#state-versus")
    assert browser.text("#swipe-left") == "plan"
    assert browser.text("#swipe-right") == "nothing"
    browser.click("#tab-units")
    browser.click(f"tr[data-unit='{V3}']")  # the map goes to village 3, which fails without the plan
    browser.evaluate("document.querySelector('#card .close').click()")
    left, right = _colour(browser, 0.47), _colour(browser, 0.53)
    assert left != right
    browser.click("#scenario-0")
    assert browser.evaluate("document.getElementById('swipe').className") == ""
    assert _colour(browser, 0.53) == left
    browser.click("#scenario-1")
    assert _colour(browser, 0.47) == right


@needs_chromium
def test_the_difference_map_says_who_loses_by_colour_mark_and_legend(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("#state-difference")
    assert browser.text("#scenario-1.on") == "nothing"
    assert "nothing 与 plan 相比" in browser.text("#heading")
    legend = browser.text("#legend")
    assert "▼ 减少" in legend
    assert "＝ 相同" in legend
    assert "▲" not in legend  # nobody gains
    assert "建议设施（编号） · 仅 plan" in legend
    browser.click("#tab-units")
    browser.click(f"tr[data-unit='{V3}']")
    browser.evaluate("document.querySelector('#card .close').click()")
    assert _colour(browser, 0.5) in palette.LOSS
    browser.click(f"tr[data-unit='{V1}']")
    browser.evaluate("document.querySelector('#card .close').click()")
    assert _colour(browser, 0.5) == palette.SAME


@needs_chromium
def test_the_difference_table_is_by_township_and_sorts(browser: Page, county: Comparison, county_page: Path) -> None:
    browser.open(county_page)
    browser.click("#tab-compare")
    browser.click("#scenario-2")
    table = people_differences(county, 2)
    towns = table[table["level"] == "township"].sort_values("served_difference", ascending=False, kind="stable")
    names = dict(zip(county.reference.before.area.units["unit_id"], county.reference.before.area.units["name"], strict=True))

    def rows() -> list[str]:
        return texts(browser, "tr.unit.go[data-difference] td:first-child")

    assert [row.lstrip("▲▼") for row in rows()] == [names[i] for i in towns["unit_id"]]
    cells = texts(browser, f"tr[data-difference='{towns['unit_id'].iloc[0]}'] td.num")
    first = towns.iloc[0]
    assert cells[:2] == [shown(first["served_reference"], "people"), shown(first["served_scenario"], "people")]
    assert cells[2] == f"+{shown(first['served_difference'], 'people')}"
    assert cells[3:] == [shown(first["gained"], "people"), shown(first["lost"], "people")]
    browser.click("th[data-compare-sort=difference]")
    assert rows()[0].lstrip("▲▼") == names[towns["unit_id"].iloc[-1]]
    browser.click("th[data-compare-sort=lost]")
    lost = [int(text.replace(",", "")) for text in texts(browser, "tr.unit.go[data-difference] td:nth-child(6)")]
    assert lost == sorted(lost, reverse=True)
    browser.click("#compare-village")  # a long list: first what differs, so that those who lose are not far below
    villages = table[table["level"] == "village"]
    n_changed = int((villages["served_difference"].fillna(0.0) != 0).sum())
    assert len(rows()) == 40 < n_changed
    browser.click("#more-differences")
    assert len(rows()) == n_changed
    browser.click("#only-different")
    assert len(rows()) == 300


@needs_chromium
def test_rules_that_are_not_compared_say_why_and_a_missing_rule_is_not_drawn(browser: Page, tmp_path: Path) -> None:
    path = _written(Comparison(("plan", "stricter"), (small_assessment(), with_higher_land_rule())), tmp_path / "index.html")
    browser.open(path, "#en")
    browser.click("#tab-compare")
    assert "Not differenced: stricter: limit 0.1 / 0.12" in browser.text("tr[data-compared-rule='small.land']")
    assert "only plan has this rule" in browser.text("tr[data-compared-rule='small.centre']")
    assert texts(browser, "tr[data-compared-rule='small.centre'] td.num") == ["✕1 / 2Shortfall 1 facility", "—"]
    browser.click("tr[data-rule='small.land']")
    browser.click("#state-difference")
    assert "Not differenced: limit 0.1 / 0.12" in browser.text("#legend")
    browser.click("#scenario-0")
    browser.click("tr[data-rule='small.centre']")
    browser.click("#state-versus")
    assert browser.text("#swipe-left") == "plan"  # the other scenario cannot look at this rule: the map goes back to minutes
    assert browser.complaints == []


@needs_chromium
def test_names_of_scenarios_and_places_are_shown_literally(browser: Page, tmp_path: Path) -> None:
    area = assessed_area()
    named = replace(area, units=area.units.assign(name=[f"{name}{NASTY}" for name in area.units["name"]]))
    comparison = replace(small_comparison(named), names=(f"a{NASTY}", f"b{NASTY}"))
    path = _written(comparison, tmp_path / "index.html")
    browser.open(path)
    browser.click("#tab-compare")
    browser.click("#state-versus")
    assert browser.text("#swipe-left") == f"a{NASTY}"
    browser.click("#state-difference")
    assert f"b{NASTY}" in browser.text("#legend")
    assert any(NASTY in text for text in texts(browser, "tr[data-difference] td:first-child"))
    assert browser.evaluate("typeof boom") == "undefined"
    assert browser.evaluate("document.querySelectorAll('img').length") == 0
    assert browser.complaints == []
