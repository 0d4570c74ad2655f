"""Pairs some sites at a time: together they are the whole answer, no block takes more than its share of memory, and the file is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from layers.own_minutes import OwnMinutes
from layers.problems import InputFaultsError
from layers.study_area import StudyArea
from maps.publishing.manifest import PublishError
from planner.assessment import Finding
from planner.travel import searches
from planner.travel.arcs import Arcs
from planner.travel.measure import measure_times, pairs_in_blocks
from planner.travel.model import Travel
from planner.travel.searches import BYTES_PER_PAIR
from scenarios import read_scenario, run, write
from scenarios.cli import app
from scenarios.line import write_minutes
from tests.small import small_area
from tests.small_scenario import write_small_scenario
from tests.test_travel_laws import random_area

LIMITS = {"elder_walk": 15.0, "distance": 400.0}


def room_for(n_pairs: int) -> Travel:
    return Travel(memory_gib=n_pairs * BYTES_PER_PAIR / 2**30)


def joined(blocks: list[Arcs]) -> tuple[list[int], list[int], list[float]]:
    """The pairs of all blocks as `Arcs` has them."""
    demand, site, minutes = (np.concatenate([getattr(b, name) for b in blocks]) for name in ("demand_row", "site_row", "minutes"))
    order = np.lexsort((site, demand))
    return demand[order].tolist(), site[order].tolist(), minutes[order].tolist()


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_pairs=st.integers(1, 500),
    n_threads=st.sampled_from([1, 2, 5]),
    streets=st.sampled_from(["streets", "none"]),
)
def test_blocks_are_together_the_whole_answer_and_none_is_larger_than_the_memory_stated(
    seed: int, n_pairs: int, n_threads: int, streets: str
) -> None:
    area = random_area(seed, n_demand=60, n_sites=40)
    area = area if streets == "streets" else replace(area, streets=None)
    whole = measure_times(area, Travel(), LIMITS).by_profile
    blocks: dict[str, list[Arcs]] = {profile: [] for profile in LIMITS}
    for profile, arcs in pairs_in_blocks(area, room_for(n_pairs), LIMITS, n_threads=n_threads):
        assert len(arcs.minutes) <= max(n_pairs, 60)
        assert (arcs.n_demand, arcs.n_sites, arcs.limit_minutes) == (60, 40, LIMITS[profile])
        assert (np.diff(arcs.demand_row.astype(np.int64) * arcs.n_sites + arcs.site_row) > 0).all()
        blocks[profile].append(arcs)
    for profile, arcs in whole.items():
        assert joined(blocks[profile]) == (arcs.demand_row.tolist(), arcs.site_row.tolist(), arcs.minutes.tolist())


def test_what_a_run_refuses_comes_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "SITES_PER_BLOCK", 2)
    area = random_area(3)
    with pytest.raises(InputFaultsError, match="more than 50 pairs"):
        measure_times(area, room_for(50), {"elder_walk": 30.0}, n_threads=1)
    assert len(list(pairs_in_blocks(area, room_for(50), {"elder_walk": 30.0}, n_threads=1))) > 1


def test_own_minutes_are_a_block_and_the_other_profiles_are_searched() -> None:
    pairs = pd.DataFrame([(1, "c1", "elder_walk", 7.5)], columns=["demand_row", "site_id", "profile", "minutes"])
    area = small_area(own_minutes=OwnMinutes("minutes: own.csv", pairs, {"elder_walk": 20.0}))
    found = dict(pairs_in_blocks(area, Travel(), {"distance": 100.0, "elder_walk": 15.0}))
    assert found["elder_walk"].minutes.tolist() == [7.5]
    assert found["distance"].minutes.tolist() == [100.0, 100.0, 100.0]


def nobody(area: StudyArea) -> StudyArea:
    return replace(area, demand=area.demand.iloc[:0])


def test_without_people_or_sites_there_is_no_pair() -> None:
    for area in (
        nobody(small_area()),
        replace(small_area(), facilities=small_area().facilities.iloc[:0], candidates=small_area().candidates[:0]),
    ):
        for place in (area, replace(area, streets=None)):
            assert not sum(len(arcs.minutes) for _, arcs in pairs_in_blocks(place, Travel(), LIMITS))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Finding]:
    path = write_small_scenario(tmp_path_factory.mktemp("made"))
    scenario = read_scenario(path)
    assessment = run(scenario)
    write(scenario, assessment)
    return path, assessment.before


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_the_pairs_of_a_run_are_written_in_blocks(made: tuple[Path, Finding], tmp_path: Path, form: str) -> None:
    path, before = made
    scenario = read_scenario(path)
    scenario = replace(scenario, file=scenario.file.model_copy(update={"travel": room_for(2_000)}))
    (file, _) = write_minutes(scenario, tmp_path, as_csv=form == "csv")
    frame = pd.read_parquet(file) if form == "parquet" else pd.read_csv(file, dtype={"demand_id": str})
    area, sites = before.area, [*before.area.facilities["facility_id"], *before.area.candidates["candidate_id"]]
    for profile, arcs in before.times.by_profile.items():
        ids = area.demand["demand_id"].to_numpy()[arcs.demand_row], np.array(sites, dtype=object)[arcs.site_row]
        expected = pd.Series(arcs.minutes, index=pd.MultiIndex.from_arrays(ids))
        rows = frame[frame["profile"] == profile].set_index(["demand_id", "site_id"])["minutes"]
        assert rows.to_dict() == expected.to_dict()
    assert set(frame["profile"]) == set(before.times.by_profile)


def test_the_command_leaves_the_result_of_a_run_alone(made: tuple[Path, Finding], tmp_path: Path) -> None:
    path, _ = made
    told = CliRunner().invoke(app, ["minutes", str(path), str(tmp_path)])
    assert (told.exit_code, (tmp_path / "minutes.parquet").is_file()) == (0, True)
    with pytest.raises(PublishError, match="holds the result of a run"):
        write_minutes(read_scenario(path), read_scenario(path).output_folder)
