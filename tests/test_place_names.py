"""Units of one name are told apart in every output, and a proposal says in which township it lies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.place_names import _told_apart, names_with_township, place_names
from layers.problems import InputFaultsError
from layers.study_area import StudyArea
from maps.explain import find_unit
from maps.page.places import places_table
from maps.report.beside import located
from maps.tables.place_tables import candidates, proposals
from maps.tables.plan_tables import phases
from maps.tables.rule_tables import measures
from planner.assessment import Assessment
from tests.small import small_area
from tests.small_assessment import VILLAGES, small_assessment


def named(area: StudyArea, **names: str) -> StudyArea:
    """The place with other names of some villages: v1 is the first."""
    units = area.units.copy()
    for key, name in names.items():
        units.loc[units["unit_id"] == VILLAGES[int(key[1:]) - 1], "name"] = name
    return replace(area, units=units)


def test_villages_of_one_name_are_told_with_their_townships() -> None:
    """v1 and v2 lie in 东镇, v3 and v4 in 西乡."""
    names = place_names(named(small_area(), v2="向阳村", v3="向阳村"))
    assert [names[id_] for id_ in VILLAGES] == ["一社区", "东镇向阳村", "西乡向阳村", "四村"]
    assert names[""] == ""
    assert set(place_names(small_area()).values()) >= {"一社区", "二村", "三村", "四村", "东镇", "西乡", "小县"}


def test_what_no_township_tells_apart_is_told_by_its_code() -> None:
    names = place_names(named(small_area(), v3="向阳村", v4="向阳村"))
    assert [names[id_] for id_ in VILLAGES[2:]] == [f"小县西乡向阳村 {id_}" for id_ in VILLAGES[2:]]
    names = place_names(named(small_area(), v1="Poblacion", v3="Poblacion"))
    assert [names[VILLAGES[0]], names[VILLAGES[2]]] == ["Poblacion, 东镇", "Poblacion, 西乡"]


@given(st.lists(st.lists(st.sampled_from(["甲", "乙", ""]), min_size=1, max_size=4), min_size=1, max_size=8), st.integers(0, 3))
def test_no_two_labels_are_alike_but_those_of_nameless_places(chains: list[list[str]], least: int) -> None:
    labels = _told_apart({str(i): chain for i, chain in enumerate(chains)}, {"0": least})
    del labels[""]
    named_ = [label for label in labels.values() if label]
    assert len(set(named_)) == len(named_)
    assert all((label == "") == (chains[int(id_)][0] == "") for id_, label in labels.items())


@pytest.fixture(scope="module")
def twins() -> Assessment:
    """The small result where the village of the proposal, v3, has the name of v2."""
    found = small_assessment()
    areas = [named(finding.area, v2="向阳村", v3="向阳村") for finding in (found.before, found.after)]
    return replace(found, before=replace(found.before, area=areas[0]), after=replace(found.after, area=areas[1]))


def test_every_table_and_the_page_tell_them_apart(twins: Assessment) -> None:
    assert set(measures(twins).frame["unit_name"]) >= {"东镇向阳村", "西乡向阳村"}
    assert set(candidates(twins).frame["unit_name"]) >= {"东镇向阳村", "西乡向阳村"}
    assert set(places_table(twins.before.area)["name"]) >= {"东镇向阳村", "西乡向阳村"}


def test_a_proposal_says_its_village_and_township_though_the_name_is_its_own() -> None:
    found = small_assessment()
    assert proposals(found).frame["unit_name"].tolist() == ["西乡三村"]
    assert set(phases(found).frame["unit_name"]) <= {"西乡三村"}
    names = names_with_township(found.before.area)
    assert [names[VILLAGES[0]], names["431299100"]] == ["东镇一社区", "东镇"]


def test_a_name_that_stands_twice_is_asked_for_with_its_township(twins: Assessment) -> None:
    area = twins.before.area
    with pytest.raises(InputFaultsError, match=rf"2 units are called 向阳村.*{VILLAGES[1]} 东镇向阳村.*{VILLAGES[2]} 西乡向阳村"):
        find_unit(area, "向阳村")
    assert find_unit(area, "西乡向阳村") == VILLAGES[2]


def test_the_sheet_says_the_village_of_a_site_once() -> None:
    assert located("双江村仓库", "岩门乡双江村") == "岩门乡双江村仓库"
    assert located("双江村仓库", "双江村") == "双江村仓库"
    assert located("旧小学", "岩门乡双江村") == "岩门乡双江村 旧小学"
    assert located("旧小学", "") == "旧小学"
