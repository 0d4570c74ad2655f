"""The target year: yearly rates, factors of units, sums kept on every level, and every rule judged again with the people of that year."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.problems import LayerFaultsError
from planner.projection import Growth, notes_of, people_table, projected
from scenarios import read_scenario, run
from scenarios.toml_file import ScenarioFaultsError
from tests.small import small_area
from tests.small_scenario import write_small_scenario

AHEAD = """
[projection]
year = 2030
growth = { pop60 = 0.035, pop_total = -0.004 }
"""
V1, V2, V3, V4 = "431299100001", "431299100201", "431299200201", "431299200202"


def growth(rates: dict[str, float] | None = None, factors: dict[tuple[str, str], float] | None = None) -> Growth:
    return Growth(2030, 2026, rates or {}, factors or {})


def of_units(area: object, base: str) -> dict[str, float]:
    return dict(zip(area.units["unit_id"], area.units[base], strict=True))


def test_four_years_at_three_and_a_half_per_cent_are_14_75_per_cent() -> None:
    then = projected(small_area(), growth({"pop60": 0.035}))
    assert then.demand["pop60"].sum() == pytest.approx(650 * 1.147523, rel=1e-6)
    assert of_units(then, "pop60")[V1] == pytest.approx(300 * 1.035**4)
    assert of_units(then, "pop60")["431299"] == pytest.approx(650 * 1.035**4)
    assert then.demand["pop_total"].tolist() == small_area().demand["pop_total"].tolist()


def test_the_factor_of_the_nearest_unit_goes_before_that_above_and_before_the_rate() -> None:
    factors = {(V1, "pop60"): 1.5, ("431299100", "pop60"): 1.2}
    then = of_units(projected(small_area(), growth({"pop60": 0.035}, factors)), "pop60")
    assert (then[V1], then[V2], then[V3]) == pytest.approx((450.0, 240.0, 150 * 1.035**4))
    assert then["431299100"] == pytest.approx(690.0)
    assert then["431299"] == pytest.approx(690.0 + 150 * 1.035**4)


def test_people_whose_place_is_not_known_grow_with_the_unit_they_are_told_of() -> None:
    lost = pd.DataFrame(
        {"base": ["pop60", "pop60", "pop80"], "people": [10.0, 10.0, 10.0], "unit_id": [V1, "", V1], "reason": ["", "", ""]}
    )
    then = projected(small_area(unassigned=lost), growth({"pop60": 0.5}, {(V1, "pop60"): 2.0}))
    assert then.unassigned["people"].tolist() == [20.0, 10 * 1.5**4, 10.0]


def test_what_is_not_known_stays_unknown() -> None:
    area = small_area()
    units = area.units.assign(pop60=np.where(area.units["unit_id"].isin([V1, "431299100", "431299"]), np.nan, area.units["pop60"]))
    then = of_units(projected(replace(area, units=units), growth({"pop60": 0.1}, {(V2, "pop60"): 3.0})), "pop60")
    assert np.isnan([then[V1], then["431299100"], then["431299"]]).all()
    assert then[V2] == 600.0


def test_residential_areas_grow_with_the_unit_they_lie_in() -> None:
    then = projected(small_area(), growth({}, {(V1, "households"): 1.1}))
    assert then.residential["households"].tolist() == pytest.approx([715.0])


def test_bases_without_growth_and_groups_that_outgrow_everybody_are_told() -> None:
    said = growth({"pop60": 0.5})
    notes = list(notes_of(projected(small_area(), said), said))
    assert "pop_total" in notes[0]
    assert "kept as in 2026" in notes[0]
    assert "pop60 is above pop_total in 3 unit(s)" in notes[1]  # 1518.75 of 1286, 1012.5 of 800, 759.375 of 500


def test_the_table_of_people_counts_everybody_in_both_years() -> None:
    area = small_area(unassigned=pd.DataFrame({"base": ["pop60"], "people": [10.0], "unit_id": [""], "reason": [""]}))
    rows = people_table(area, projected(area, growth({"pop60": 1.0 - 1e-9}))).set_index("base")
    assert rows.loc["pop60"].tolist() == pytest.approx([660.0, 660.0 * 16])
    assert rows.loc["pop_total"].tolist() == [2586.0, 2586.0]


@pytest.mark.parametrize(
    ("rates", "factors", "pop_total"),
    [
        ({"pop_total": -0.004}, {}, 2586 * 0.996**4),
        ({"pop_hukou": -0.004}, {}, 2586 * 0.996**4),
        ({"pop_total": 0.5}, {("431299", "pop_hukou"): 0.9}, 2586 * 0.9),
        ({}, {("431299", "pop_total"): 0.9, (V1, "pop_hukou"): 0.5}, 1286 * 0.5 + 1300 * 0.9),
    ],
)
def test_bases_of_the_same_people_grow_alike_whichever_is_named(
    rates: dict[str, float], factors: dict[tuple[str, str], float], pop_total: float
) -> None:
    area = small_area()
    area = replace(
        area, units=area.units.assign(pop_hukou=area.units["pop_total"]), demand=area.demand.assign(pop_hukou=area.demand["pop_total"])
    )
    said = replace(growth(rates, factors), same_people=("pop_total", "pop_hukou"))
    then = projected(area, said)
    assert then.demand["pop_total"].sum() == pytest.approx(pop_total)
    for frame in (then.demand, then.units):
        assert frame["pop_hukou"].tolist() == frame["pop_total"].tolist()
    assert not any("pop_hukou" in note or "pop_total" in note for note in notes_of(then, said) if "kept as" in note)
    apart = projected(area, growth(rates, factors)).demand
    assert apart["pop_hukou"].tolist() != apart["pop_total"].tolist()


@settings(max_examples=20, deadline=None)
@given(
    st.floats(-0.1, 0.1),
    st.dictionaries(st.sampled_from([V1, V2, V3, "431299100", "431299200", "431299"]), st.floats(0, 3), max_size=4),
)
def test_every_unit_holds_the_people_of_those_below_it(rate: float, factors: dict[str, float]) -> None:
    then = projected(small_area(), growth({"pop60": rate}, {(unit, "pop60"): f for unit, f in factors.items()}))
    people = of_units(then, "pop60")
    assert people["431299100"] == pytest.approx(people[V1] + people[V2])
    assert people["431299"] == pytest.approx(people["431299100"] + people["431299200"])
    assert then.demand["pop60"].sum() == pytest.approx(people["431299"])
    by_village = then.demand.groupby("unit_id")["pop60"].sum()
    assert all(by_village[v] == pytest.approx(people[v]) for v in (V1, V2, V3))


def scenario_with(folder: Path, more: str) -> Path:
    path = write_small_scenario(folder)
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    return path


def test_every_rule_is_judged_for_both_years_and_today_s_answers_stay(tmp_path: Path) -> None:
    today = run(read_scenario(write_small_scenario(tmp_path)))
    ahead = run(read_scenario(scenario_with(tmp_path, AHEAD)))
    assert today.projected is None
    pd.testing.assert_frame_equal(today.before.measures, ahead.before.measures)
    assert ahead.projected is not None
    for then, now in ((ahead.projected.before, ahead.before), (ahead.projected.after, ahead.after)):
        assert then.measures[["rule_id", "reading", "unit_id"]].equals(now.measures[["rule_id", "reading", "unit_id"]])
        assert then.verdicts[["rule_id", "reading"]].equals(now.verdicts[["rule_id", "reading"]])
    land = ahead.projected.before.measures.query("rule_id == 'huitong.land_per_capita' and reading == ''").set_index("unit_id")
    # 1286 people, 0.4 per cent fewer each year: 1265.55 in 2030, who ask for 126.55 m2; 120 stand there
    assert land.loc[V1, "base"] == pytest.approx(1286 * 0.996**4)
    assert land.loc[V1, "shortfall"] == pytest.approx(128.6 * 0.996**4 - 120)


def test_factors_come_from_a_table_that_stands_among_the_sources(tmp_path: Path) -> None:
    (tmp_path / "cohort.csv").write_text(f"区划代码,基数,系数\n{V1},pop60,1.5\n431299,pop_total,0.9\n", encoding="utf-8")
    ahead = run(read_scenario(scenario_with(tmp_path, AHEAD + 'factors = { path = "cohort.csv" }\n')))
    assert ahead.projected is not None
    people = ahead.projected.people.set_index("base")["people_then"]
    assert people["pop_total"] == pytest.approx(2586 * 0.9)
    assert people["pop60"] == pytest.approx(450 + 350 * 1.035**4)
    assert [(s.path, s.rows) for s in ahead.before.area.sources if s.layer == "projection"] == [("cohort.csv", 2)]


def test_faults_of_the_table_are_told_all_at_once(tmp_path: Path) -> None:
    rows = ["431299999,pop60,1.5", f"{V1},pop61,1.2", f"{V2},pop60,", f"{V3},pop60,1", f"{V3},pop60,2"]
    (tmp_path / "cohort.csv").write_text("\n".join(["区划代码,基数,系数", *rows, ""]), encoding="utf-8")
    with pytest.raises(LayerFaultsError) as fault:
        run(read_scenario(scenario_with(tmp_path, AHEAD + 'factors = { path = "cohort.csv" }\n')))
    said = str(fault.value)
    assert all(what in said for what in ("no unit of the place", "base is none of", "factor is empty", "stand twice")), said


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("year = 2030", "year = 2026", "projection.year 2026 is not after the base year 2026"),
        ("pop60 = 0.035", "pop61 = 0.035", "pop61 is no base"),
        ("pop60 = 0.035", "pop60 = 3.5", "less than 1"),
        ("year = 2030", "yaer = 2030", "unknown key. Did you mean year?"),
    ],
)
def test_faults_of_the_projection_are_told_with_their_place(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ScenarioFaultsError) as fault:
        read_scenario(scenario_with(tmp_path, AHEAD.replace(old, new)))
    assert complaint in str(fault.value)
    assert "scenario.toml:" in str(fault.value)


REGISTERED = ('path = "people.csv"', 'path = "people.csv"\ntotal_is = "registered"')


def test_registered_people_who_are_the_total_grow_with_it(tmp_path: Path) -> None:
    path = scenario_with(tmp_path, AHEAD)
    path.write_text(path.read_text(encoding="utf-8").replace(*REGISTERED), encoding="utf-8")
    ahead = run(read_scenario(path)).projected
    assert ahead is not None
    people = ahead.people.set_index("base")["people_then"]
    assert people["pop_hukou"] == people["pop_total"] == pytest.approx(2586 * 0.996**4)
    land = ahead.before.measures.query("rule_id == 'huitong.land_per_capita' and level == 'village'")
    by_registered = land[land["reading"] == "hukou"].set_index("unit_id")["shortfall"]
    assert by_registered[V1] == pytest.approx(128.6 * 0.996**4 - 120)
    assert by_registered.tolist() == land[land["reading"] == ""].set_index("unit_id")["shortfall"].loc[by_registered.index].tolist()


def test_two_rates_or_factors_for_the_same_people_are_a_fault(tmp_path: Path) -> None:
    path = scenario_with(tmp_path, AHEAD.replace("pop_total = -0.004", "pop_total = -0.004, pop_hukou = 0.01"))
    assert read_scenario(path).rules  # nothing says that they are the same people
    path.write_text(path.read_text(encoding="utf-8").replace(*REGISTERED), encoding="utf-8")
    with pytest.raises(ScenarioFaultsError) as fault:
        read_scenario(path)
    assert "pop_total, pop_hukou are the same people" in str(fault.value)
    (tmp_path / "cohort.csv").write_text(
        f"区划代码,基数,系数\n{V1},pop_total,1.5\n{V1},pop_hukou,1.2\n{V2},pop_hukou,1.2\n", encoding="utf-8"
    )
    ahead = scenario_with(tmp_path, AHEAD + 'factors = { path = "cohort.csv" }\n')
    ahead.write_text(ahead.read_text(encoding="utf-8").replace(*REGISTERED), encoding="utf-8")
    with pytest.raises(LayerFaultsError) as unfit:
        run(read_scenario(ahead))
    assert "are the same people (total_is) and have two factors in 2 row(s)" in str(unfit.value)


def test_faults_of_uplift_and_attestations_are_told_with_their_place(tmp_path: Path) -> None:
    more = """
[[uplift]]
rule = "huitong.land_per_capita"
base_share = "pop60/pop_total"
at_least = 0.3
value = 0.05
[attestations."huitong.lottery_share"]
value = true
evidence = "x"
date = 2026-03-01
"""
    path = scenario_with(tmp_path, more)
    lines = path.read_text(encoding="utf-8").split("\n")
    with pytest.raises(ScenarioFaultsError) as fault:
        read_scenario(path)
    places = [lines.index("[[uplift]]") + 1, next(i for i, line in enumerate(lines, 1) if line.startswith("[attestations"))]
    assert [f"scenario.toml:{place}:1" in str(fault.value) for place in places] == [True, True]
