"""The whole line on real places, from their raw files."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.study_area import StudyArea
from planner.assessment import Assessment
from planner.measures import open_of_kind
from planner.travel.measure import measure_times
from planner.travel.model import PROFILES
from scenarios import read_scenario, run, write
from scenarios.scenario import Scenario
from tests.places import needs_place
from tests.places.spliced import minutes_by_networkx

HERE = Path(__file__).parent

pytestmark = pytest.mark.places


@cache
def assessed(name: str) -> tuple[Scenario, Assessment]:
    scenario = read_scenario(HERE / f"{name}.toml")
    return scenario, run(scenario)


def people_of(area: StudyArea, base: str) -> tuple[float, float]:
    """People in demand, people unassigned."""
    unassigned = area.unassigned
    return math.fsum(area.demand[base]), math.fsum(unassigned.loc[unassigned["base"] == base, "people"])


@needs_place("legazpi_ph")
def test_legazpi_keeps_every_one_of_its_209533_people() -> None:
    area = assessed("legazpi")[1].before.area
    assert sum(people_of(area, "pop_total")) == pytest.approx(209_533, rel=1e-12)
    villages = area.places("village")
    assert len(villages) == 70
    by_unit = area.demand.groupby("unit_id")["pop_total"].sum()
    assert by_unit["500506012"] == pytest.approx(5337)  # Kawit, whose node is mapped inside the next barangay
    assert by_unit["500506042"] == pytest.approx(2772)
    assert any("9.0 %" in text for text in area.assumptions)


@needs_place("legazpi_ph")
def test_legazpi_minutes_are_those_of_networkx_on_the_same_streets() -> None:
    scenario, assessment = assessed("legazpi")
    area = assessment.before.area
    travel = scenario.file.travel
    clinics = open_of_kind(area.facilities, ["medical"]).nonzero()[0]
    assert area.streets is not None
    expected = minutes_by_networkx(
        area.streets,
        area.demand_xy_m,
        area.site_xy_m[clinics],
        speed_m_per_min=PROFILES["general_walk"].speed_m_per_min,
        limit_minutes=15.0,
        snap_limit_m=travel.snap_limit_m,
    )
    nearest: dict[int, float] = {}
    for (demand_row, _), minutes in expected.items():
        nearest[demand_row] = min(minutes, nearest.get(demand_row, math.inf))
    ours = {row: float(m) for row, m in enumerate(assessment.before.minutes) if math.isfinite(m)}
    assert ours.keys() == nearest.keys()
    assert max(abs(ours[row] - nearest[row]) for row in ours) < 1e-6
    covered = math.fsum(area.demand["pop_total"].iloc[row] for row in nearest)
    measured = assessment.before.measures.query("rule_id == 'walk-to-care.clinic15'").iloc[0]
    assert measured["value"] == pytest.approx(100 * covered / 209_533, rel=1e-9)


@needs_place("legazpi_ph")
def test_legazpi_plan_reaches_more_people_and_its_proof_is_stated() -> None:
    assessment = assessed("legazpi")[1]
    choice = assessment.choice
    assert 0 < choice.cost_yuan <= 12_000_000
    gained = assessment.proposals["people_gained"].sum()
    before, after = (f.balance.loc[f.balance["unit_id"] == "", "served"].iloc[0] for f in (assessment.before, assessment.after))
    assert after - before == pytest.approx(gained, rel=1e-9)
    assert gained > 0
    assert choice.bound >= choice.objective - 1e-9


@needs_place("legazpi_ph")
def test_legazpi_is_built_in_two_years_within_the_money_of_each() -> None:
    choice = assessed("legazpi")[1].choice
    phases = choice.phases
    assert sorted(phases["candidate_id"]) == sorted(assessed("legazpi")[1].proposals["candidate_id"])
    assert phases["year"].is_monotonic_increasing
    assert phases.groupby("year")["spent_yuan"].max().to_dict() == {2027: 5_600_000.0, 2028: 12_000_000.0}  # 7 and 8 sites of 800,000
    assert choice.curve is not None
    at = choice.curve.points.set_index("budget")
    assert at.loc[12_000_000.0, "cost"] == choice.cost_yuan
    assert at["relieved_share"].is_monotonic_increasing
    assert all(other.cost_yuan <= 12_000_000 and other.loss_share <= 0.02 for other in choice.alternatives)


@needs_place("legazpi_ph")
def test_legazpi_closures_lose_those_whom_no_other_clinic_reaches() -> None:
    assessment = assessed("legazpi")[1]
    area, people = assessment.before.area, assessment.before.area.demand["pop_total"].to_numpy()
    arcs = assessment.before.times.by_profile["general_walk"].within(15.0, np.arange(len(area.site_xy_m)) < area.n_facilities)
    clinics = open_of_kind(area.facilities, ["medical"])
    for closure in assessment.closures_asked:
        stays = clinics & ~area.facilities["facility_id"].isin(closure.facilities).to_numpy()
        reached = [set(arcs.demand_row[which[arcs.site_row]]) for which in (clinics, stays)]
        told = assessment.closures.query("state == 'before' and closure == @closure.label and rule_id == 'circle'")["people_lost"]
        assert told.tolist() == [pytest.approx(math.fsum(people[list(reached[0] - reached[1])]))]
        assert told.iloc[0] > 0


@needs_place("legazpi_ph")
def test_legazpi_sends_each_of_its_people_to_one_clinic_at_most() -> None:
    districts = assessed("legazpi")[1].districts
    assert districts is not None
    for state in (districts.before, districts.after):
        whole = state.balance.set_index("unit_id").loc[""]
        assert whole["total"] == pytest.approx(209_533, rel=1e-12)
        assert math.fsum(state.flows["people"]) == pytest.approx(whole["served"], rel=1e-9)
        assert state.flows["demand_id"].is_unique  # without a limit nobody is sent on


@needs_place("legazpi_ph")
def test_legazpi_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    scenario, assessment = assessed("legazpi")
    write(scenario, assessment, folder=tmp_path / "a")
    write(scenario, run(scenario), folder=tmp_path / "b")
    files = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert {"index.html", "plan.gpkg", "tables.xlsx", "result.json", "run.json"} <= set(files)
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    text = (tmp_path / "a" / "result.json").read_text(encoding="utf-8")
    assert "9.0 %" in json.loads(text)["assumptions"][0]
    assert "9.0 %" in (tmp_path / "a" / "index.html").read_text(encoding="utf-8")


@needs_place("taipei")
def test_taipei_keeps_every_one_of_its_people_of_each_age() -> None:
    area = assessed("taipei")[1].before.area
    assert sum(people_of(area, "pop_total")) == pytest.approx(2_490_869, rel=1e-12)
    assert sum(people_of(area, "pop65")) == pytest.approx(574_458, rel=1e-12)
    assert len(area.places("village")) == 456
    assert len(area.places("township")) == 12
    assert (area.places("village")["parent_id"] != "").all()
    assert len(area.facilities) == 505 + 14 + 94


@needs_place("taipei")
def test_taipei_says_in_every_output_that_straight_lines_stand_in_for_streets(tmp_path: Path) -> None:
    scenario, assessment = assessed("taipei")
    write(scenario, assessment, folder=tmp_path)
    for name in ("index.html", "result.json"):
        assert "1.3" in (tmp_path / name).read_text(encoding="utf-8")
    assert any("1.3" in note for note in assessment.notes)


@needs_place("taipei")
def test_people_of_taipei_far_from_the_given_arterials_are_told_apart_from_those_too_far() -> None:
    scenario, assessment = assessed("taipei")
    with_arterials = scenario.file.model_dump()
    with_arterials["layers"]["streets"] = {"path": "../../../shared/data/taipei/arterials_2017.osm.pbf"}
    file = type(scenario.file).model_validate(with_arterials)
    found = run(replace(scenario, file=file))
    whole = found.before.balance.set_index("unit_id").loc[""]
    assert whole["off_network"] > 1_000_000 * 0.2
    assert whole[["served", "too_far", "off_network", "unassigned"]].sum() == pytest.approx(whole["total"])
    assert whole["total"] == pytest.approx(assessment.before.balance.set_index("unit_id").loc["", "total"])
    assert (found.off_network.query("table == 'demand'")["distance_m"] > scenario.file.travel.snap_limit_m).all()


@needs_place("liechtenstein")
def test_liechtenstein_nests_eleven_municipalities_in_two_districts_and_keeps_its_people() -> None:
    area = assessed("liechtenstein")[1].before.area
    assert area.levels == ("county", "township")
    assert len(area.places("county")) == 2
    assert len(area.places("township")) == 11
    assert sum(people_of(area, "pop_total")) == pytest.approx(37_269, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        pytest.param(n, f, marks=needs_place(f))
        for n, f in (("legazpi", "legazpi_ph"), ("liechtenstein", "liechtenstein"), ("taipei", "taipei"))
    ],
)
def test_the_balance_adds_up_to_the_person_in_every_unit(name: str, folder: str) -> None:  # noqa: ARG001
    finding = assessed(name)[1].before
    parts = finding.balance[["served", "too_far", "off_network", "unassigned"]].sum(axis=1)
    pd.testing.assert_series_equal(parts, finding.balance["total"], check_names=False)
    inside = finding.balance[finding.balance["unit_id"] != ""]
    assert inside["total"].sum() == pytest.approx(finding.balance.loc[finding.balance["unit_id"] == "", "total"].iloc[0])


@pytest.mark.parametrize(
    ("name", "folder"),
    [pytest.param(n, f, marks=needs_place(f)) for n, f in (("legazpi", "legazpi_ph"), ("liechtenstein", "liechtenstein"))],
)
def test_minutes_to_every_site_are_those_of_networkx(name: str, folder: str) -> None:  # noqa: ARG001
    scenario, assessment = assessed(name)
    area = assessment.before.area
    assert area.streets is not None
    flat = scenario.file.travel.model_copy(update={"slope": False})
    some = area.demand.iloc[::25].reset_index(drop=True)
    sample = replace(area, demand=some)
    arcs = measure_times(sample, flat, {"elder_walk": 20.0}).by_profile["elder_walk"]
    expected = minutes_by_networkx(
        area.streets, sample.demand_xy_m, area.site_xy_m, speed_m_per_min=50.0, limit_minutes=20.0, snap_limit_m=flat.snap_limit_m
    )
    ours = {(int(d), int(s)): float(m) for d, s, m in zip(arcs.demand_row, arcs.site_row, arcs.minutes, strict=True)}
    assert ours.keys() == expected.keys()
    assert max(abs(ours[pair] - expected[pair]) for pair in ours) < 1e-6
