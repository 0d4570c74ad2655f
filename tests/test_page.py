"""The committee page: figures written the same everywhere, names shown literally, nothing asked of the network, and a browser that agrees."""

from __future__ import annotations

import base64
import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps import palette
from maps.numbers import NO_DATA, UNREACHED, shown, shown_yuan
from maps.page import write_page
from maps.page.coordinates import DisplayGrid
from maps.page.island import island, packed
from maps.page.pinyin import initials
from maps.page.render import SCRIPTS, content, page
from maps.words import LANGUAGES, unit_word, words
from planner.assessment import Assessment
from tests.browser import Page, chromium, opened_browser
from tests.county_assessment import county_assessment
from tests.small import METRIC, X0, Y0
from tests.small_assessment import VILLAGES, assessed_area, small_assessment

TEMPLATES = Path(__file__).parent.parent / "maps" / "page" / "templates"
MAX_PAGE_BYTES = 5_000_000
needs_chromium = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")


# Figures and words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (120 / 1286, "m2 of land per person", "0.0933"),
        (58.6, "m2", "58.6"),
        (9559.4, "m2", "9,559"),
        (1234.5, "people", "1,235"),
        (0.4, "people", "0.4"),
        (100.0, "%", "100.0"),
        (0.0, "%", "0.0"),
        (12345.678, "x per y", "12,346"),
        (15.0, "min", "15.0"),
        (-3.0, "people", "-3"),
        (math.nan, "people", NO_DATA),
        (None, "%", NO_DATA),
        (math.inf, "min", UNREACHED),
    ],
)
def test_a_figure_is_written_with_the_digits_of_its_unit(value: float | None, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_nearly_all_is_not_written_as_all_and_nearly_nothing_not_as_nothing() -> None:
    assert shown(99.97, "%") == "99.97"
    assert shown(0.004, "%") == "0.004"
    assert shown(0.003, "people") == "0.003"


def test_a_value_just_short_of_the_limit_beside_it_does_not_read_like_the_limit() -> None:
    assert shown(0.09998, "m2 of land per person", beside=0.1) == "0.09998"
    assert shown(0.1, "m2 of land per person", beside=0.1) == "0.1"


@given(st.floats(min_value=1e-5, max_value=1e9), st.sampled_from(["%", "people", "m2", "min", "m2 of land per person"]))
def test_what_is_not_zero_never_reads_zero_and_keeps_its_first_digits(value: float, unit: str) -> None:
    back = float(shown(value, unit).replace(",", ""))
    assert back > 0
    assert math.isclose(back, value, rel_tol=0.5, abs_tol=0)


def test_money_is_in_wan_for_chinese_readers_and_in_yuan_for_others() -> None:
    assert shown_yuan(300_000.0, "zh") == ("30", "wan_yuan")
    assert shown_yuan(300_000.0, "en") == ("300,000", "yuan")
    assert shown_yuan(math.nan, "zh") == (NO_DATA, "wan_yuan")


def test_all_languages_have_the_same_words() -> None:
    first = words(LANGUAGES[0])
    for language in LANGUAGES:
        assert list(words(language)) == list(first)
        assert all(words(language).values())


def test_every_word_that_the_script_asks_for_is_there() -> None:
    asked = set(re.findall(r"\bt\('([a-z_]+\.[a-z_0-9 ]+)'", "".join((TEMPLATES / f"{name}.js").read_text("utf-8") for name in SCRIPTS)))
    assert asked
    assert {key for key in asked if not key.endswith("_")} <= set(words("zh"))


def test_a_unit_without_a_word_stays_as_the_pack_wrote_it() -> None:
    assert unit_word("m2", "zh") == "m²"
    assert unit_word("sheep per hectare", "zh") == "sheep per hectare"


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(KeyError, match="no words"):
        words("fr")


def test_initials_of_names() -> None:
    assert initials("会同县") == "htx"
    assert initials("漠滨乡A1") == "mbxa1"
    assert initials("") == ""


# Colours


@given(st.lists(st.floats(min_value=0.0, max_value=1e7), min_size=1, max_size=50))
def test_class_limits_rise_and_every_value_has_a_class(values: list[float]) -> None:
    limits = palette.breaks(values, 4)
    assert list(limits) == sorted(set(limits))
    assert len(limits) <= 3
    classes = palette.class_of(values, limits)
    assert classes.min() >= 0
    assert classes.max() <= len(limits)


def test_a_value_on_a_class_limit_belongs_to_the_lower_class_and_no_data_to_none() -> None:
    assert palette.class_of([20.0, 20.1, math.nan], (20.0,)).tolist() == [0, 1, -1]
    assert palette.breaks([], 4) == ()


# The island


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_the_island_gives_back_what_went_in_and_holds_no_markup(value: object) -> None:
    text = island(value)  # type: ignore[arg-type]
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_numbers_that_do_not_fit_are_refused() -> None:
    assert np.frombuffer(base64.b64decode(packed([1.5, math.inf], "f4")), "<f4").tolist() == [1.5, math.inf]
    with pytest.raises(OverflowError):
        packed([300], "u1")
    with pytest.raises(ValueError, match="Out of range"):
        island(math.nan)


def _unpacked(text: object, dtype: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(str(text)), f"<{dtype}")


@given(st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 4000)), min_size=2, max_size=12))
def test_packed_lines_come_back_to_within_one_step(points: list[tuple[float, float]]) -> None:
    grid = DisplayGrid.of(METRIC, np.array([X0, Y0, X0 + 4000, Y0 + 4000]))
    xy = np.asarray(points) + (X0, Y0)
    lines = grid.lines(np.array([shapely.linestrings(xy), shapely.linestrings(xy[::-1])], dtype=object))
    n, start, step = (
        _unpacked(lines["n"], "i4"),
        _unpacked(lines["start"], "i4").reshape(-1, 2),
        _unpacked(lines["step"], "i2").reshape(-1, 2),
    )
    ends = start[0] + step[: n[0] - 1].sum(axis=0)
    wanted = grid.steps(xy)
    assert n.sum() == len(step) + 2
    assert (start[0] == wanted[0]).all()
    assert (ends == wanted[-1]).all()


def test_display_coordinates_are_the_wgs84_of_the_place() -> None:
    grid = DisplayGrid.of(METRIC, np.array([X0, Y0, X0 + 4000, Y0 + 1000]))
    step = grid.steps(np.array([[X0, Y0]]))[0]
    east, north = gpd.GeoSeries(gpd.points_from_xy([X0], [Y0]), crs=METRIC).to_crs(4326).get_coordinates().to_numpy()[0]
    assert grid.west_degrees + step[0] / 100_000 == pytest.approx(east, abs=6e-6)
    assert grid.south_degrees + step[1] / 100_000 == pytest.approx(north, abs=6e-6)


# The file


def test_two_writes_give_the_same_bytes(tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "one.html")
    write_page(small_assessment(), tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_the_page_asks_for_no_other_file() -> None:
    text = page(small_assessment())
    markup = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"\b(src|href)\s*=|url\((?!#)|@import", markup)
    assert "default-src 'none'" in text


def test_a_county_of_300_villages_and_20000_points_stays_below_5_mb(county_page: Path) -> None:
    assert county_page.stat().st_size < MAX_PAGE_BYTES


def test_a_place_without_streets_candidates_or_proposals_has_a_page() -> None:
    area = assessed_area()
    bare = replace(area, streets=None, candidates=area.candidates.iloc[:0])
    small = small_assessment()
    before = replace(small.before, area=bare)
    choice = replace(small.choice, opened=(), order=(), status="nothing to do", excluded=small.choice.excluded.iloc[:0])
    result = content(replace(small, before=before, after=before, choice=choice, proposals=small.proposals.iloc[:0]))
    assert isinstance(result, dict)
    assert result["streets"] is None
    assert result["proposals"]["id"] == []


def test_the_script_is_es5() -> None:
    script = "\n".join((TEMPLATES / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    node = shutil.which("node")
    if node is None:
        code = re.sub(r"//.*|'(?:[^'\\\n]|\\.)*'", "''", script)
        assert not re.search(r"=>|`|\blet\b|\bconst\b|\bclass\b|\basync\b|\.\.\.|\*\*|\?\.|\?\?", code)
        return
    check = (
        "const acorn = require('internal/deps/acorn/acorn/dist/acorn'); let text = '';"
        "process.stdin.on('data', d => text += d).on('end', () => acorn.parse(text, {ecmaVersion: 5}))"
    )
    result = subprocess.run([node, "--expose-internals", "-e", check], input=script, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


# In the browser


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with opened_browser() as opened:
        opened.size(1600, 1000)
        yield opened


def _texts(browser: Page, selector: str) -> list[str]:
    found = browser.evaluate(f"Array.from(document.querySelectorAll({json.dumps(selector)})).map(function (e) {{ return e.textContent; }})")
    assert isinstance(found, list)
    return found


def _assert_silent(browser: Page, path: Path) -> None:
    assert [url.split("#")[0] for url in browser.requests] == [path.resolve().as_uri()]
    assert browser.complaints == []


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
    _assert_silent(browser, small_page)


@needs_chromium
def test_the_key_figures_are_those_of_the_balance(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    assert browser.text("#people-before") == "75.8 %"  # 500 of 660, ten of whom stand in no unit
    assert browser.text("#people-after") == "98.5 %"  # 650 of 660
    assert "500 → 650 人 · 新增 150 人 · 共 660 人" in browser.text("#key-people")
    assert "30 万元" in browser.text("#key-sites")
    assert "合成数据" in browser.text("#head")
    assert "0 → 1 / 3" in browser.text("#key-rules")


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
    assert _texts(browser, "tr[data-reading='floor'] td[data-state=after] .mark") == ["?"]
    assert "人均用地" in browser.text("#heading")
    measures = small_assessment().before.measures
    mine = measures[(measures["rule_id"] == "small.land") & (measures["reading"] == "")].set_index("unit_id")
    for unit_id in VILLAGES:
        cells = _texts(browser, f"tr[data-unit='{unit_id}'] td")
        assert cells[2] == shown(float(str(mine.loc[unit_id, "value"])), "m2 of land per person", beside=0.1)
    assert _texts(browser, f"tr[data-unit='{VILLAGES[0]}'] td")[4] == "8.6"
    assert _texts(browser, f"tr[data-unit='{VILLAGES[3]}'] td")[4] == NO_DATA


@needs_chromium
def test_the_units_table_searches_filters_and_sorts(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("tr[data-rule='small.land']")
    browser.click("#tab-units")

    def search(text: str) -> list[str]:
        browser.evaluate(
            f"(function (s) {{ s.value = {json.dumps(text)}; s.dispatchEvent(new Event('input')); }})(document.getElementById('search'))"
        )
        return _texts(browser, "tr.unit td:first-child")

    assert search("sc") == ["✕三村", "–四村"]
    assert search("431299100001") == ["✕一社区"]
    assert search("二") == ["✓二村"]
    assert len(search("")) == 4
    browser.click("#only-short")
    assert _texts(browser, "tr.unit td:first-child") == ["✕三村", "✕一社区"]  # 50 m2 short before 8.6 m2
    browser.click("th[data-sort=shortfall]")
    assert _texts(browser, "tr.unit td:first-child") == ["✕一社区", "✕三村"]
    browser.click("#state-after")
    assert _texts(browser, "tr.unit td:first-child") == ["✕一社区"]


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
        cells = [int(text) for text in _texts(browser, f"tr[data-balance={state}] td.num")]
        assert cells[0] == served
        assert sum(cells[:4]) == cells[4] == 660
    about = browser.text("#about")
    for piece in (
        "data/units.gpkg",
        "0f0f0f0f0f0f",
        "60岁及以上人口按村级台账",
        "no figure in 1 row(s)",
        "四村仓库",
        "没有候选能补足",
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
    assert _texts(browser, "tr.unit.on td:first-child") == ["✓三村"]


@needs_chromium
def test_a_proposal_is_shown_with_its_reason_and_selected_on_the_map(browser: Page, small_page: Path) -> None:
    browser.open(small_page)
    browser.click("#tab-proposals")
    entry = browser.text("[data-proposal=c1]")
    for piece in ("三村旧小学", "养老互助点", "30 万元", "150 人", "补足用地50平方米", "二村旧村部", "50.0 %"):
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
    _assert_silent(browser, path)


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
    _assert_silent(browser, county_page)
