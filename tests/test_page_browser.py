"""The committee page driven in a real browser: key figures, rules, units, map, proposals, words, hostile names, print."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from maps import palette
from maps.numbers import NO_DATA, shown
from maps.page import write_page
from maps.tables.run_tables import key_numbers
from maps.words import words
from planner.assessment import Assessment
from tests.browser import Page, assert_silent, needs_chromium, texts
from tests.county_assessment import county_assessment
from tests.small_assessment import VILLAGES, assessed_area, small_assessment


@pytest.fixture(scope="module")
def small_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "small.html"
    write_page(small_assessment(), path)
    return path


@pytest.fixture(scope="module")
def county_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "county.html"
    write_page(county_assessment(), path)
    return path


@needs_chromium
def test_it_opens_without_a_request_or_a_complaint(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    for selector in (
        "#tab-units",
        "#tab-proposals",
        "#tab-about",
        "#state-after",
        "#state-compare",
        "#language",
        "#layers-button",
        "#key-people",
    ):
        browser.click(selector)
    assert_silent(browser, small_page)


@needs_chromium
def test_the_key_figures_are_those_of_the_balance(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    assert browser.text("#people-before") == "75.8 %"  # 500 of 660, ten of whom stand in no unit
    assert browser.text("#people-after") == "98.5 %"  # 650 of 660
    assert "500 → 650 人 · 新增 150 人 · 共 660 人" in browser.text("#key-people")
    assert browser.text("#key-people").endswith("未落位 10 人")  # nobody off the network: not told
    assert "30 万元" in browser.text("#key-sites")
    assert "合成数据" in browser.text("#head")
    found = key_numbers(small_assessment())
    assert (found["pass"], found["judged"][1]) == ((0, 1), 3)
    assert "0 → 1 / 3" in browser.text("#key-rules")


@needs_chromium
def test_the_list_of_layers_and_the_card_lie_beside_each_other(browser: Page, small_page: Path) -> None:
    browser.size(1366, 768)
    browser.open(small_page)
    browser.click("#tab-proposals")
    browser.click(".proposal")
    edges = "(function (e) { var box = e.getBoundingClientRect(); return [box.left, box.right]; })(document.querySelector('%s'))"
    alone = browser.evaluate(edges % "#card")
    browser.click("#layers-button")
    card, layers = browser.evaluate(edges % "#card"), browser.evaluate(edges % "#layers .choices")
    browser.click("#layers-button")
    assert browser.evaluate(edges % "#card") == alone
    browser.size(1600, 1000)
    assert alone[1] > layers[0]  # so they would lie on each other
    assert card[0] < card[1] <= layers[0] < layers[1] <= 1366


@needs_chromium
def test_every_rule_stands_with_its_verdicts_before_and_after(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    mark = words("zh")
    assessment = small_assessment()
    rows = browser.evaluate(
        "Array.from(document.querySelectorAll('tr.rule')).map(function (r) { return [r.getAttribute('data-rule'),"
        "r.querySelector('td[data-state=before] .mark').textContent, r.querySelector('td[data-state=after] .mark').textContent]; })"
    )
    wanted = []
    for rule in assessment.rules:
        verdicts = []
        for finding in (assessment.before, assessment.after):
            table = finding.verdicts
            verdict = table.loc[(table["rule_id"] == rule.full_id) & (table["reading"] == ""), "verdict"].iloc[0]
            verdicts.append(mark["mark." + ("attestation" if rule.kind == "attestation" else verdict)])
        wanted.append([rule.full_id, *verdicts])
    assert rows == wanted
    assert browser.text("tr[data-rule='small.centre']").count("逾期") == 2
    assert "※" in browser.text("tr[data-rule='small.centre']")
    assert "※" not in browser.text("tr[data-rule='small.land']")


@needs_chromium
def test_an_opened_rule_shows_its_text_its_readings_and_its_units(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("tr[data-rule='small.land']")
    card = browser.text("tr.card")
    for piece in ("人均用地不少于0.1平方米", "floor", "建筑面积", "原文数字", "many points have floor area only"):
        assert piece in card
    assert "No less than 0.1 m2" not in card  # the gloss is for readers of English
    browser.click("#language")
    assert "No less than 0.1 m2" in browser.text("tr.card")
    browser.click("#language")
    assert texts(browser, "tr[data-reading='floor'] td[data-state=after] .mark") == ["?"]
    assert "人均用地" in browser.text("#heading")
    measures = small_assessment().before.measures
    mine = measures[(measures["rule_id"] == "small.land") & (measures["reading"] == "")].set_index("unit_id")
    for unit_id in VILLAGES:
        cells = texts(browser, f"tr[data-unit='{unit_id}'] td")
        assert cells[2] == shown(float(str(mine.loc[unit_id, "value"])), "m2 of land per person", beside=0.1)
    assert texts(browser, f"tr[data-unit='{VILLAGES[0]}'] td")[4] == "8.6"
    assert texts(browser, f"tr[data-unit='{VILLAGES[3]}'] td")[4] == NO_DATA


@needs_chromium
def test_the_units_table_searches_filters_and_sorts(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("tr[data-rule='small.land']")
    browser.click("#tab-units")

    def search(text: str) -> list[str]:
        browser.evaluate(
            f"(function (s) {{ s.value = {json.dumps(text)}; s.dispatchEvent(new Event('input')); }})(document.getElementById('search'))"
        )
        return texts(browser, "tr.unit td:first-child")

    assert search("sc") == ["✕三村", "–四村"]
    assert search("431299100001") == ["✕一社区"]
    assert search("二") == ["✓二村"]
    assert len(search("")) == 4
    browser.click("#only-short")
    assert texts(browser, "tr.unit td:first-child") == ["✕三村", "✕一社区"]  # 50 m2 short before 8.6 m2
    browser.click("th[data-sort=shortfall]")
    assert texts(browser, "tr.unit td:first-child") == ["✕一社区", "✕三村"]
    browser.click("#state-after")
    assert texts(browser, "tr.unit td:first-child") == ["✕一社区"]


@needs_chromium
def test_language_is_kept_in_the_hash_alone(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    assert browser.evaluate("document.documentElement.lang") == "zh"
    browser.click("#language")
    assert browser.evaluate("location.hash") == "#en"
    assert "Small county" in browser.text("#head h1")
    assert "300,000 yuan" in browser.text("#key-sites")
    assert browser.text("#people-after") == "98.5 %"
    browser.open(small_page, "#en")
    assert "Small county" in browser.text("#head h1")
    assert browser.evaluate("document.cookie.length + localStorage.length") == 0


@needs_chromium
def test_the_balance_of_people_adds_up_on_the_page(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    for state, served in (("before", 500), ("after", 650)):
        cells = [int(text) for text in texts(browser, f"tr[data-balance={state}] td.num")]
        assert cells[0] == served
        assert sum(cells[:4]) == cells[4] == 660
    about = browser.text("#about")
    for piece in (
        "data/units.gpkg",
        "0f0f0f0f0f0f",
        "60岁及以上人口按村级台账",
        "no figure in 1 row(s)",
        "四村仓库",
        "没有候选点能补足",
        "为选址条件所禁止",
        "EPSG:4546",
    ):
        assert piece in about


def _colour_below_the_middle(browser: Page) -> list[int]:
    """The colour of the map 70 px below the middle of its frame."""
    found = browser.evaluate(
        "(function () { var c = document.querySelector('#map canvas'), b = c.getBoundingClientRect(), f = document.getElementById('frame').getBoundingClientRect();"
        "return Array.from(c.getContext('2d').getImageData(f.left + f.width / 2 - b.left, f.top + f.height / 2 + 70 - b.top, 1, 1).data); })()"
    )
    assert isinstance(found, list)
    return found


def _over_white(colour: str) -> list[int]:
    """A palette colour as the map lays it over white."""
    return [round(0.82 * int(colour[i : i + 2], 16) + 0.18 * 255) for i in (1, 3, 5)]


@needs_chromium
@pytest.mark.parametrize("size", [(1366, 450), (1024, 500), (400, 800)])
def test_the_whole_place_is_clear_of_the_legend(browser: Page, small_page: Path, size: tuple[int, int]) -> None:
    browser.size(*size)
    browser.open(small_page)
    edges = "(function (b) { return [b.left, b.top, b.right, b.bottom]; })(document.querySelector('%s').getBoundingClientRect())"
    left, top, right, bottom = browser.evaluate(edges % "#frame")
    legend = browser.evaluate(edges % "#legend")

    def is_place(x: float, y: float) -> bool:
        """Whether the map has a unit there, also where something lies on it."""
        at = f"{{clientX: {x}, clientY: {y}, bubbles: true}}"
        browser.evaluate(f"document.getElementById('map').dispatchEvent(new MouseEvent('mousemove', {at}))")
        return bool(browser.evaluate("document.getElementById('hint').style.display === 'block'"))

    steps = [(i / 12, j / 12) for i in range(13) for j in range(13)]
    for _ in range(2):
        assert not any(is_place(legend[0] + i * (legend[2] - legend[0]), legend[1] + j * (legend[3] - legend[1])) for i, j in steps)
        places = [is_place(left + i * (right - left), top + j * (bottom - top)) for i, j in steps]
        assert sum(places) > 10
        browser.click("#whole")
    browser.size(1600, 1000)


@needs_chromium
def test_the_map_colours_a_village_by_its_verdict_and_a_click_selects_it(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("tr[data-rule='small.circle']")
    browser.click("#tab-units")
    browser.click(f"tr[data-unit='{VILLAGES[2]}']")
    assert "三村" in browser.text("#card h2")
    assert _colour_below_the_middle(browser)[:3] == pytest.approx(_over_white(palette.SHORT[2]), abs=3)
    browser.click("#state-after")
    assert _colour_below_the_middle(browser)[:3] == pytest.approx(_over_white(palette.MET), abs=3)
    browser.click("#card .close")
    middle = browser.evaluate(
        "(function (b) { return [b.left + b.width / 2, b.top + b.height / 2]; })(document.getElementById('frame').getBoundingClientRect())"
    )
    browser.click_at(middle[0], middle[1] + 70)
    browser.wait("document.getElementById('card').className === 'open'")
    assert browser.text("#card h2") == "三村"
    assert texts(browser, "tr.unit.on td:first-child") == ["✓三村"]


@needs_chromium
def test_a_proposal_is_shown_with_its_reason_and_selected_on_the_map(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("#tab-proposals")
    entry = browser.text("[data-proposal=c1]")
    for piece in (
        "三村旧小学",
        "养老互助点",
        "30 万元",
        "服务对象 60岁及以上人口",
        "可达人口 400 人",
        "新增覆盖 150 人",
        "补足用地50平方米",
        "二村旧村部",
        "50.0 个百分点",
        "西乡三村",
    ):
        assert piece in entry
    browser.click("[data-proposal=c1]")
    assert "三村旧小学" in browser.text("#card h2")
    assert "200 m²" in browser.text("#card")


HOSTILE = (
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "{{7*7}}{% for %}[[island]]",
    "`${window.hacked=1}`'\"\\u003c\u2028<!--",
)


def hostile_assessment() -> Assessment:
    """The small place with names that try to be more than names."""
    area = assessed_area()
    units = area.units.assign(name=["县" + HOSTILE[0], "镇" + HOSTILE[1], "乡" + HOSTILE[2], *HOSTILE])
    facilities = area.facilities.assign(name=list(HOSTILE[:3]), kind=["day_care", "constructor;__proto__", HOSTILE[0]])
    candidates = area.candidates.assign(name=[HOSTILE[0], HOSTILE[1], HOSTILE[2]])
    small = small_assessment(replace(area, units=units, facilities=facilities, candidates=candidates, name=HOSTILE[1]))
    rules = tuple(rule.model_copy(update={"title": HOSTILE[0], "quote": HOSTILE[1], "gloss": HOSTILE[2]}) for rule in small.rules)
    return replace(small, rules=rules, title={"zh": HOSTILE[1], "en": HOSTILE[0]}, notes=HOSTILE)


@needs_chromium
def test_names_that_try_to_be_scripts_are_shown_literally(browser: Page, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    write_page(hostile_assessment(), path)
    browser.open(path)
    assert browser.text("#head h1") == HOSTILE[1]
    browser.click("tr[data-rule='small.land']")
    assert HOSTILE[0] in browser.text("#heading")
    assert browser.text("tr.card blockquote") == HOSTILE[1]
    for unit_id, name in zip(VILLAGES, HOSTILE, strict=True):
        assert name in browser.text(f"tr[data-unit='{unit_id}'] td")
        browser.click(f"tr[data-unit='{unit_id}']")
        assert browser.text("#card h2") == name
    browser.click("[data-proposal=c1]")
    assert HOSTILE[0] in browser.text("#card h2")
    browser.click("#layer-others")
    legend = browser.text("#legend")
    assert HOSTILE[0] in legend
    assert "constructor" in legend
    assert "undefined" not in browser.text("#page")
    browser.click("#language")
    assert browser.text("#head h1") == HOSTILE[0]
    assert browser.evaluate("window.hacked === undefined")
    assert browser.evaluate("document.querySelectorAll('img').length") == 0
    assert_silent(browser, path)


@needs_chromium
def test_a_county_opens_compares_and_prints(browser: Page, county_page: Path, tmp_path: Path) -> None:
    browser.open(county_page)
    browser.click("tr[data-rule='small.centre']")
    browser.click("#state-compare")
    assert browser.evaluate("document.getElementById('swipe').className") == "on"
    browser.click("#state-after")
    browser.evaluate("window.print = function () { window.printed = true; }")
    browser.click("#print")
    browser.wait("window.printed")
    browser.pdf(tmp_path / "sheet.pdf")
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    browser.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert browser.evaluate("document.documentElement.className") == ""
    assert_silent(browser, county_page)
