"""Minutes of one's own: what is written is read back to the same result; what does not fit is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import rasterio

from layers.own_minutes import OwnMinutes
from layers.problems import InputFaultsError, LayerFaultsError, Problem
from planner.assessment import Assessment
from planner.circle import Circle
from planner.edge import edge_notes
from planner.minutes_surface import minutes_surface
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from scenarios import read_scenario, run, write
from scenarios.line import read_place
from tests.small import X0, Y0, frame, small_area
from tests.small_scenario import SCENARIO, write_small_scenario


def with_changes(folder: Path, *, minutes: str = "", formats: str = '"result", "matrix", "minutes"') -> Path:
    """The small scenario with a `[layers.minutes]` part and formats of its own."""
    path = write_small_scenario(folder)
    text = SCENARIO.replace("[siting]", f"{minutes}\n[siting]").replace('folder = "out"', f'folder = "out"\nformats = [{formats}]')
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assessment, Path]:
    scenario = read_scenario(with_changes(tmp_path_factory.mktemp("made")))
    assessment = run(scenario)
    write(scenario, assessment)
    return assessment, scenario.output_folder


def faults_of(folder: Path, minutes: str) -> tuple[Problem, ...]:
    with pytest.raises(LayerFaultsError) as caught:
        read_place(read_scenario(with_changes(folder, minutes=minutes)))
    return caught.value.problems


def test_the_matrix_that_is_written_is_every_arc_and_its_limits(made: tuple[Assessment, Path]) -> None:
    assessment, out = made
    area, times = assessment.before.area, assessment.before.times
    table = pq.read_table(out / "minutes.parquet")
    assert json.loads(table.schema.metadata[b"quarterhour.limit_minutes"]) == {p: a.limit_minutes for p, a in times.by_profile.items()}
    frame = table.to_pandas()
    for profile, arcs in times.by_profile.items():
        rows = frame[frame["profile"] == profile]
        assert rows["minutes"].tolist() == arcs.minutes.tolist()
        assert rows["demand_id"].tolist() == area.demand["demand_id"].iloc[arcs.demand_row].tolist()
        sites = [*area.facilities["facility_id"], *area.candidates["candidate_id"]]
        assert rows["site_id"].tolist() == [sites[row] for row in arcs.site_row]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_matrix_written_and_read_again_gives_the_same_result(made: tuple[Assessment, Path], tmp_path: Path, form: str) -> None:
    assessment, out = made
    pairs = pd.read_parquet(out / "minutes.parquet")
    limits = ""
    if form == "csv":
        pairs.to_csv(tmp_path / "own.csv", index=False)
        limits = f"limits = {{ {', '.join(f'{p} = {a.limit_minutes}' for p, a in assessment.before.times.by_profile.items())} }}"
    else:
        (tmp_path / "own.parquet").write_bytes((out / "minutes.parquet").read_bytes())
    scenario = read_scenario(with_changes(tmp_path, minutes=f'[layers.minutes]\npath = "own.{form}"\n{limits}\n'))
    again = run(scenario)
    for finding, was in ((again.before, assessment.before), (again.after, assessment.after)):
        pd.testing.assert_frame_equal(finding.measures, was.measures)
        assert finding.minutes.tolist() == was.minutes.tolist()
    assert again.proposals["candidate_id"].tolist() == assessment.proposals["candidate_id"].tolist()
    assert any("own." in note and "not counted along the streets" in note for note in again.notes)
    assert any(source.layer == "minutes" for source in again.before.area.sources)


def test_ids_that_are_not_there_pairs_that_stand_twice_and_minutes_that_are_none_are_told(tmp_path: Path) -> None:
    rows = "demand_id,site_id,profile,minutes\n"
    rows += "431299100001-1,f1,elder_walk,3\n431299100001-1,f1,elder_walk,4\n431299100001-2,f1,elder_walk,-1\n"
    rows += "431299100001-3,f9,elder_walk,\nelsewhere,f1,elder_walk,2\n"
    (tmp_path / "own.csv").write_text(rows, encoding="utf-8")
    told = [str(p) for p in faults_of(tmp_path, '[layers.minutes]\npath = "own.csv"\nlimits = { elder_walk = 15 }\n')]
    assert any("1 pair(s) stand in several rows [431299100001-1 - f1]" in text for text in told)
    assert any("the minutes of 2 row(s) are not a number of 0 or more [row 3, row 4]" in text for text in told)
    assert any("1 demand_id are not in this place" in text and "[elsewhere]" in text for text in told)
    assert any("1 site_id are not in this place" in text and "[f9]" in text for text in told)
    assert any("397 of 400 demand points have no row" in text for text in told)


@pytest.mark.parametrize(
    ("text", "part", "word"),
    [
        ("demand_id,site_id,minutes\na,b,1\n", "", "has no column profile"),
        ("demand_id,site_id,profile,minutes\na,f1,elder_walk,soon\n", "", "cannot be read"),
        ("demand_id,site_id,profile,minutes\n431299100001-1,f1,elder_walk,1\n", "", "does not say up to how many minutes"),
        (
            "demand_id,site_id,profile,minutes\nx,f1,elder_walk,1\n",
            "limits = { elder_walk = 15 }",
            "no demand_id of it belongs to this place",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_an_error(tmp_path: Path, text: str, part: str, word: str) -> None:
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    assert any(word in problem.what for problem in faults_of(tmp_path, f'[layers.minutes]\npath = "own.csv"\n{part}\n'))


def own(limits: dict[str, float], *rows: tuple[int, str, str, float]) -> OwnMinutes:
    return OwnMinutes("minutes: own.csv", pd.DataFrame(rows, columns=["demand_row", "site_id", "profile", "minutes"]), limits)


def test_own_minutes_stand_for_their_profile_and_streets_for_the_others() -> None:
    area = small_area(own_minutes=own({"elder_walk": 20.0}, (1, "c1", "elder_walk", 7.5), (0, "f2", "elder_walk", 16.0)))
    times = measure_times(area, Travel(), {"elder_walk": 15.0, "distance": 100.0})
    arcs = times.by_profile["elder_walk"]
    assert list(zip(arcs.demand_row, arcs.site_row, arcs.minutes, strict=True)) == [(1, 3, 7.5)]
    assert times.by_profile["distance"].minutes.tolist() == [100.0, 100.0, 100.0]
    opened = measure_times(area.with_opened([0]), Travel(), {"elder_walk": 15.0}).by_profile["elder_walk"]
    assert list(zip(opened.demand_row, opened.site_row, strict=True)) == [(1, 3), (1, 4)]  # as the facility it becomes, and as candidate


def test_minutes_asked_for_beyond_the_limit_of_the_matrix_and_unknown_profiles_are_refused() -> None:
    with pytest.raises(InputFaultsError, match="up to 10 minutes; 15 are asked for"):
        measure_times(small_area(own_minutes=own({"elder_walk": 10.0}, (0, "f1", "elder_walk", 1.0))), Travel(), {"elder_walk": 15.0})
    with pytest.raises(InputFaultsError, match="profile bus does not exist"):
        measure_times(small_area(own_minutes=own({"bus": 10.0}, (0, "f1", "bus", 1.0))), Travel(), {"elder_walk": 15.0})


def test_the_raster_of_minutes_holds_today_and_the_plan_and_nothing_where_nobody_can_be_reached(made: tuple[Assessment, Path]) -> None:
    assessment, out = made
    with rasterio.open(out / "travel_minutes.tif") as raster:
        before, after = raster.read()
        assert raster.descriptions == ("before", "after")
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.tags()["SYNTHETIC"]
        assert (raster.transform.a, raster.transform.c, raster.transform.f) == (50.0, X0, Y0 + 1000.0)
        assert raster.crs.to_epsg() == 4546
    assert (before >= 0).all()
    assert (after <= before).all()
    assert (after < before).any()
    assert assessment.circle_profile == "elder_walk"
    # the cell whose middle is (25, 475): 25 m to the street, 275 m along it to the day-care centre at (300, 500); the file of f1 is in degrees
    assert before[10, 0] == pytest.approx((25 + 275) / 50, abs=1e-4)


def test_cells_off_the_network_and_out_of_reach_are_not_zero() -> None:
    surface = minutes_surface(small_area(), Travel(snap_limit_m=200.0), kinds=("day_care",), profile="elder_walk")
    known = np.isfinite(surface.minutes)
    assert known.any(axis=1).tolist() == [not (row < 6 or row >= 14) for row in range(20)]  # 4 cells of 50 m to either side of the street
    assert not np.isfinite(minutes_surface(small_area(), Travel(), kinds=("nursery",), profile="elder_walk").minutes).any()


def test_a_facility_beyond_the_border_is_read_counts_in_reach_and_is_told_of(tmp_path: Path) -> None:
    path = with_changes(tmp_path, formats='"result"')
    beyond = frame([(-100, 500)], name=["x"]).to_crs(4490).geometry[0]
    rows = (tmp_path / "facilities.csv").read_text(encoding="utf-8").splitlines()
    first = rows[1].split(",")
    cells = [f"{beyond.x:.9f}", f"{beyond.y:.9f}", "f9", *first[3:]]
    cells = ["" if cell == first[rows[0].split(",").index("unit_id")] else cell for cell in cells]
    (tmp_path / "facilities.csv").write_text("\n".join([*rows, ",".join(cells)]) + "\n", encoding="utf-8")
    assessment = run(read_scenario(path))
    area = assessment.before.area
    assert area.facilities.loc[area.facilities["facility_id"] == "f9", "unit_id"].tolist() == [""]
    f9 = area.facilities.index[area.facilities["facility_id"] == "f9"][0]
    assert (assessment.before.nearest_row == f9).any()
    assert any("outside all units" in note for note in assessment.notes)


def test_people_served_from_outside_all_units_are_counted_and_told(made: tuple[Assessment, Path]) -> None:
    assessment, _ = made
    assert not any("outside all units" in note for note in assessment.notes)
    village = small_area().facilities["unit_id"]
    facilities = frame(
        [(300, 500), (1400, 500)],
        facility_id=["f1", "f2"],
        name=["a", "b"],
        unit_id=[village[0], ""],
        kind=["day_care"] * 2,
        status=["open"] * 2,
    )
    area = small_area(facilities=facilities)
    circle = Circle(kinds=("day_care",), base="pop60", minutes=11.0, profile="elder_walk")
    times = measure_times(area, Travel(), {"elder_walk": 11.0})
    sites = np.arange(len(area.site_xy_m)) < 2
    minutes, nearest_row = times.nearest("elder_walk", 11.0, sites)
    finding = assessment.before.__class__(
        area=area,
        measures=assessment.before.measures,
        verdicts=assessment.before.verdicts,
        minutes=minutes,
        nearest_row=nearest_row,
        circles=assessment.before.circles,
        balance=assessment.before.balance,
        times=times,
    )
    (note,) = edge_notes(finding, circle)
    assert "of 500 people inside the circle 200 (40.0 %) have their nearest facility outside all units" in note
    assert "without those 200 would be outside" in note
