"""The committee page: figures written the same everywhere, an island that stays data, nothing asked of the network."""

from __future__ import annotations

import base64
import json
import math
import re
import shutil
import subprocess
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps import palette
from maps.numbers import NO_DATA, UNREACHED, shown, shown_parts, shown_yuan
from maps.page import write_page
from maps.page.coordinates import DisplayGrid
from maps.page.island import island, narrow, packed
from maps.page.pinyin import initials
from maps.page.render import SCRIPTS, content, page
from maps.words import LANGUAGES, unit_word, words
from planner.proposals import amount_text
from tests.county_assessment import county_assessment
from tests.packed_columns import narrow_column, whole_numbers
from tests.small import METRIC, X0, Y0
from tests.small_assessment import assessed_area, small_assessment

TEMPLATES = Path(__file__).parent.parent / "maps" / "page" / "templates"
MAX_PAGE_BYTES = 5_000_000


# Figures and words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (120 / 1286, "m2 of land per person", "0.0933"),
        (58.6, "m2", "58.6"),
        (9559.4, "m2", "9,559"),
        (1234.5, "people", "1,235"),
        (0.4, "people", "0.4"),
        (0.96, "people", "1"),
        (1.6, "people", "2"),
        (9.5, "beds", "10"),
        (-2.6, "people", "-3"),
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
    assert shown(1.6, "people", beside=2) == "1.6"


def test_parts_in_a_sentence_add_up_to_the_total_beside_them() -> None:
    parts = {"served": 2712.6, "over_capacity": 124.7, "too_far": 7238.7}
    assert shown(sum(parts.values()), "people") == "10,076"
    assert shown_parts(parts, "people") == {"served": "2,712", "over_capacity": "125", "too_far": "7,239"}
    assert shown_parts({"a": 0.4, "b": 2.7}, "people") == {"a": "0.4", "b": "3"}
    assert shown_parts({"a": math.nan, "b": 2.7}, "people") == {"a": NO_DATA, "b": "3"}


@given(st.lists(st.one_of(st.just(0.0), st.floats(min_value=1.0, max_value=1e7)), min_size=1, max_size=6))
def test_whole_parts_add_up_and_are_less_than_one_from_their_figures(numbers: list[float]) -> None:
    written = shown_parts({str(i): number for i, number in enumerate(numbers)}, "people")
    found = [int(text.replace(",", "")) for text in written.values()]
    assert f"{sum(found):,}" == shown(math.fsum(numbers), "people")
    assert all(abs(a - b) < 1 for a, b in zip(found, numbers, strict=True))


@given(st.one_of(st.floats(min_value=1.0, max_value=1e7), st.integers(1, 9).map(lambda tenths: tenths / 10)))
def test_a_reason_has_the_digits_of_the_figure_beside_it(people: float) -> None:
    assert amount_text(people, "people") == shown(people, "people")


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


@given(st.lists(st.integers(-(2**31), 2**31 - 1) | st.integers(-100, 100)))
def test_packed_whole_numbers_come_back(numbers: list[int]) -> None:
    assert whole_numbers(packed(numbers, "i")) == numbers


@pytest.mark.parametrize(("numbers", "n_bytes"), [([63], 1), ([64], 2), ([-64], 1), ([-65], 2), ([5000, 5001, 5000], 4)])
def test_a_short_step_takes_one_byte(numbers: list[int], n_bytes: int) -> None:
    assert len(base64.b64decode(packed(numbers, "i"))) == n_bytes


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1))
    | st.lists(st.floats(-1e30, 1e30) | st.sampled_from([math.nan, math.inf]))
    | st.lists(st.sampled_from([0.0, -0.0, 0.1, math.nan]), min_size=20)
)
def test_a_narrow_column_holds_every_number_as_it_was(numbers: list[float]) -> None:
    found = narrow_column(narrow(np.array(numbers)))
    assert [repr(float(number)) for number in found] == [repr(float(number)) for number in numbers]


def test_a_column_of_few_numbers_names_each_once() -> None:
    assert narrow(np.array([0.1, 7.3] * 50))[0] == "of"
    assert narrow(np.arange(50) / 7)[0] == "f8"


@given(st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 4000)), min_size=2, max_size=12))
def test_packed_lines_come_back(points: list[tuple[float, float]]) -> None:
    grid = DisplayGrid.of(METRIC, np.array([X0, Y0, X0 + 4000, Y0 + 4000]))
    xy = np.asarray(points) + (X0, Y0)
    lines = grid.lines(np.array([shapely.linestrings(xy), shapely.linestrings(xy[::-1])], dtype=object))
    there = [list(point) for point, _ in groupby(grid.steps(xy).tolist())]
    assert whole_numbers(lines["n"]) == [len(there), len(there)]
    assert list(map(list, zip(whole_numbers(lines["x"]), whole_numbers(lines["y"]), strict=True))) == there + there[::-1]


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


def test_a_county_of_300_villages_and_20000_points_stays_below_5_mb() -> None:
    assert len(page(county_assessment()).encode()) < MAX_PAGE_BYTES


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


NEWER = r"(?<!column-)\bgap:|\binset:|aspect-ratio|:is\(|:where\(|:has\(|\.replaceAll\(|\.at\(|hasOwn\(|structuredClone|replaceChildren|allSettled|randomUUID"


def test_style_and_script_ask_for_nothing_that_chromium_83_has_not() -> None:
    """What is newer and would be missed first: a rule of style is then left out, a call is an error."""
    for path in sorted(TEMPLATES.iterdir()):
        assert re.findall(NEWER, path.read_text("utf-8")) == [], path.name


def test_every_script_of_the_page_is_es5() -> None:
    """So that any browser of 2020 parses it; `tests/test_page_old_browsers.py` runs it in them."""
    scripts = re.findall(r"<script>(.*?)</script>", page(small_assessment()), flags=re.DOTALL)
    assert len(scripts) == 2  # Leaflet, and ours
    node = shutil.which("node")
    if node is None:
        code = re.sub(r"//.*|'(?:[^'\\\n]|\\.)*'", "''", scripts[1])
        assert not re.search(r"=>|`|\blet\b|\bconst\b|\bclass\b|\basync\b|\.\.\.|\*\*|\?\.|\?\?", code)
        return
    check = (
        "const acorn = require('internal/deps/acorn/acorn/dist/acorn'); let text = '';"
        "process.stdin.on('data', d => text += d).on('end', () => acorn.parse(text, {ecmaVersion: 5}))"
    )
    result = subprocess.run(
        [node, "--expose-internals", "-e", check], input="\n".join(scripts), text=True, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr
