"""The unit of a figure: a heading or a cell says it, and it counts once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.cells import Figure, degrees_of, figure_of, number_of, position_of
from layers.header_units import FACTORS, HeaderUnit, UnitError, header_unit, split_unit, strange_bracket
from layers.problems import Findings
from layers.tables import BASES, QUANTITIES

COLUMNS = {column.name: column for column in (*BASES, *QUANTITIES)}
PEOPLE, LAND = COLUMNS["pop_total"], COLUMNS["land_area_m2"]
OF_PEOPLE = st.sampled_from(sorted(FACTORS["people"]))


def under(header: str, cell: str, column: str = "pop_total") -> float | None:
    findings = Findings()
    unit = header_unit(COLUMNS[column], header, "t.csv", findings)
    assert not findings.has_errors
    return unit.number(cell)


@given(st.integers(0, 10**6), OF_PEOPLE)
def test_a_unit_counts_once_whether_heading_cell_or_both_say_it(n: int, word: str) -> None:
    expected = n * FACTORS["people"][word]
    assert under(f"总人口（{word}）", str(n)) == expected
    assert under("总人口", f"{n}{word}") == expected
    assert under(f"总人口（{word}）", f"{n}{word}") == expected


@given(st.integers(1, 10**6), OF_PEOPLE, OF_PEOPLE)
def test_a_cell_never_says_another_unit_than_a_heading_that_multiplies(n: int, heading: str, cell: str) -> None:
    factors = FACTORS["people"]
    if factors[heading] in (1, factors[cell]):
        assert under(f"总人口（{heading}）", f"{n}{cell}") == n * factors[cell]
    else:
        with pytest.raises(UnitError):
            under(f"总人口（{heading}）", f"{n}{cell}")


@pytest.mark.parametrize(
    ("header", "cell", "column", "number"),
    [
        ("常住人口（万人）", "1.3万", "pop_resident", 13_000),
        ("总人口（万人）", "1.2万人", "pop_total", 12_000),
        ("户数", "120户", "households", 120),
        ("床位数", "30张", "beds_total", 30),
        ("占地面积（亩）", "0.3万", "land_area_m2", 2_000_000),
        ("占地面积", "1.5亩", "land_area_m2", 1_000),
        ("占地面积（万平方米）", "1.5万", "land_area_m2", 15_000),
        ("占地面积（公顷）", "1.5公顷", "land_area_m2", 15_000),
        ("总人口", "—", "pop_total", None),
    ],
)
def test_figures_with_units_worked_out_by_hand(header: str, cell: str, column: str, number: float | None) -> None:
    assert under(header, cell, column) == (None if number is None else pytest.approx(number, rel=1e-12))


@pytest.mark.parametrize(
    ("header", "cell"), [("总人口", "120户"), ("总人口", "30%"), ("总人口", "约30"), ("总人口", "30余"), ("总人口（百人）", "1万")]
)
def test_what_does_not_fit_is_refused(header: str, cell: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a word that fits not, or no number
        under(header, cell)


@given(st.decimals(0, 10**9, places=3), st.sampled_from(["", "万", "亿"]))
def test_a_number_by_itself_is_its_figure_scaled(number: object, scale: str) -> None:
    figure = figure_of(f"{number}{scale}")
    assert isinstance(figure, Figure)
    assert number_of(f"{number}{scale}") == pytest.approx(float(figure.number) * {"": 1, "万": 1e4, "亿": 1e8}[scale])


def test_only_brackets_without_a_known_unit_are_strange() -> None:
    assert strange_bracket("60岁及以上（人次）") == ("60岁及以上", "人次")
    assert strange_bracket("60岁及以上(百人)") is None
    assert split_unit("60岁及以上(百人)") == ("60岁及以上", "百人")
    assert strange_bracket("60岁及以上") is None


def test_a_heading_without_unit_says_nothing() -> None:
    assert header_unit(PEOPLE, "总人口", "t.csv", Findings()) == HeaderUnit(PEOPLE)
    assert header_unit(LAND, "占地面积/亩", "t.csv", Findings()).word == "亩"


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("110°01′47.917″", 110 + 1 / 60 + 47.917 / 3600),
        ("110°1'47.917\"E", 110 + 1 / 60 + 47.917 / 3600),
        ("东经110度01分47.917秒", 110 + 1 / 60 + 47.917 / 3600),
        ("27° 03′", 27.05),
        ("110°01.5′", 110.025),
        ("27°3'36''S", -27.06),
        ("西经5°30′", -5.5),
    ],
)
def test_degrees_minutes_and_seconds_are_one_position(text: str, degrees: float) -> None:
    assert degrees_of(text) == pytest.approx(degrees, abs=1e-12)
    assert position_of(text) == degrees_of(text)


@pytest.mark.parametrize("text", ["110.03", "110°", "110°01′47.9", "1.2万", ""])
def test_what_is_not_written_so_is_left_to_numbers(text: str) -> None:
    assert degrees_of(text) is None


@pytest.mark.parametrize("text", ["110°60′00″", "110°59′60″", "110°01.5′30″"])
def test_sixty_minutes_are_no_position(text: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        degrees_of(text)
