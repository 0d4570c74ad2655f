"""`quarterhour init` on the demonstration county's own files: the scenario it writes reads the same place as the county's own scenario."""

from __future__ import annotations

import pytest
from pandas.testing import assert_frame_equal

from layers.study_area import StudyArea
from scenarios.checking import check
from scenarios.demo import write_demo_county
from scenarios.proposal.propose import propose
from scenarios.template import write_template


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyArea, StudyArea]:
    """The county as its own scenario reads it, and as a proposed one does."""
    folder = tmp_path_factory.mktemp("county")
    own = write_demo_county(folder)
    files = sorted(path for path in folder.iterdir() if path.suffix != ".toml")
    there = check(own).area
    own.unlink()
    proposal = propose(folder, files, {})
    assert proposal.problems == ()
    write_template(folder, proposal.layers)
    found = check(folder / "scenario.toml")
    assert found.fault is None
    assert there is not None
    assert found.area is not None
    return there, found.area


def test_every_layer_is_read_as_by_the_county_s_own_scenario(places: tuple[StudyArea, StudyArea]) -> None:
    own, proposed = places
    assert_frame_equal(own.units.drop(columns=["geometry", "pop_resident"]), proposed.units.drop(columns="geometry"))
    assert own.demand.geometry.equals(proposed.demand.geometry)
    for table, key in (("facilities", "facility_id"), ("candidates", "candidate_id"), ("residential", "residential_id")):
        ours, theirs = (getattr(area, table).set_index(key).sort_index() for area in places)
        assert ours[["unit_id", "name"]].equals(theirs[["unit_id", "name"]])
        assert ours.geometry.distance(theirs.geometry).max() < 1e-6
    kinds = [area.facilities.set_index("facility_id")["kind"].sort_index() for area in places]
    assert kinds[0].equals(kinds[1])
    assert own.streets is not None
    assert proposed.streets is not None
    assert own.streets.n_edges == proposed.streets.n_edges


def test_what_only_people_know_is_left_to_them(places: tuple[StudyArea, StudyArea]) -> None:
    """Whether the total counts residents stands in no file: the proposal takes neither."""
    own, proposed = places
    assert set(own.bases) - set(proposed.bases) == {"pop_resident"}


def test_the_same_files_are_read(places: tuple[StudyArea, StudyArea]) -> None:
    assert {source.path for source in places[0].sources} == {source.path for source in places[1].sources}
