"""Minutes worked out on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from layers.compiled import compiled
from layers.saying import in_language
from planner.travel.arcs import Arcs
from planner.travel.costs import slope_factor
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from tests.small import frame, small_area, straight_street
from tests.towns import area_of, streets_of


def pairs(arcs: Arcs) -> dict[tuple[int, int], float]:
    return {(int(d), int(s)): float(m) for d, s, m in zip(arcs.demand_row, arcs.site_row, arcs.minutes, strict=True)}


def people_reached(arcs: Arcs, people: list[float]) -> float:
    return float(np.asarray(people)[np.unique(arcs.demand_row)].sum())


def test_worked_case_c1_fifteen_minutes_on_a_straight_street_reach_90_of_200_elders_and_the_limit_is_inside() -> None:
    people = [40.0, 30.0, 20.0, 10.0, 100.0]
    area = area_of(straight_street(), [(x, 500.0) for x in (0, 400, 750, 751, 1500)], [(0.0, 500.0)], people=people)
    times = measure_times(area, Travel(), {"elder_walk": 15.0, "general_walk": 15.0, "distance": 300.0})
    assert people_reached(times.by_profile["elder_walk"], people) == 90.0
    assert people_reached(times.by_profile["general_walk"], people) == 100.0
    assert people_reached(times.by_profile["distance"], people) == 40.0
    assert pairs(times.by_profile["elder_walk"])[2, 0] == 15.0


def test_worked_case_c2_along_the_axes_it_is_1200_m_where_the_crow_flies_848() -> None:
    streets = streets_of([[(0, 0), (600, 0)], [(600, 0), (600, 600)]])
    area = area_of(streets, [(600.0, 600.0)], [(0.0, 0.0)])
    assert not pairs(measure_times(area, Travel(), {"distance": 900.0}).by_profile["distance"])
    assert pairs(measure_times(area, Travel(), {"distance": 1200.0}).by_profile["distance"]) == {(0, 0): 1200.0}


def test_small_place_minutes_worked_out_on_paper() -> None:
    arcs = measure_times(small_area(), Travel(), {"elder_walk": 15.0}).by_profile["elder_walk"]
    expected = {
        (0, 0): 100 / 50,
        (0, 2): (300 + 100) / 50,
        (1, 0): 500 / 50,
        (1, 1): 600 / 50,
        (1, 2): (300 + 100) / 50,
        (2, 1): 100 / 50,
        (2, 5): 100 / 50,
        (3, 3): (200 + 100) / 50,
    }
    assert pairs(arcs) == pytest.approx(expected, abs=1e-9)
    assert (arcs.n_demand, arcs.n_sites) == (4, 6)


def test_two_points_on_one_edge_go_along_it_and_a_home_at_the_door_takes_no_time() -> None:
    area = area_of(streets_of([[(0, 0), (1000, 0)]]), [(300.0, 0.0), (700.0, 0.0), (400.0, 0.0)], [(400.0, 0.0)])
    got = pairs(measure_times(area, Travel(), {"distance": 1000.0}).by_profile["distance"])
    assert got == pytest.approx({(0, 0): 100.0, (1, 0): 300.0, (2, 0): 0.0}, abs=1e-9)


def test_two_points_on_one_edge_go_round_where_that_is_shorter() -> None:
    horseshoe = [(0, 0), (0, 400), (100, 400), (100, 0)]
    area = area_of(streets_of([horseshoe, [(0, 0), (100, 0)]]), [(0.0, 50.0)], [(100.0, 50.0)])
    assert pairs(measure_times(area, Travel(), {"distance": 900.0}).by_profile["distance"]) == pytest.approx({(0, 0): 200.0}, abs=1e-9)


def test_a_closed_ring_is_walked_the_shorter_way() -> None:
    ring = [(0, 0), (300, 0), (300, 300), (0, 300), (0, 0)]
    area = area_of(streets_of([ring]), [(0.0, 100.0), (300.0, 300.0)], [(100.0, 0.0)])
    got = pairs(measure_times(area, Travel(), {"distance": 2000.0}).by_profile["distance"])
    assert got == pytest.approx({(0, 0): 200.0, (1, 0): 500.0}, abs=1e-9)


def test_of_two_parallel_edges_the_shorter_one_is_walked() -> None:
    streets = streets_of([[(0, 0), (0, 300), (200, 300), (200, 0)], [(0, 0), (200, 0)], [(-100, 0), (0, 0)], [(200, 0), (300, 0)]])
    area = area_of(streets, [(-50.0, 0.0)], [(250.0, 0.0)])
    assert pairs(measure_times(area, Travel(), {"distance": 2000.0}).by_profile["distance"]) == pytest.approx({(0, 0): 300.0}, abs=1e-9)


def test_legs_between_door_and_street_count_at_their_own_pace_and_in_metres_for_distances() -> None:
    area = area_of(straight_street(), [(100.0, 530.0)], [(300.0, 450.0)])
    times = measure_times(area, Travel(off_road_m_per_min=20.0), {"elder_walk": 15.0, "distance": 500.0})
    assert pairs(times.by_profile["elder_walk"]) == pytest.approx({(0, 0): 30 / 20 + 200 / 50 + 50 / 20}, abs=1e-9)
    assert pairs(times.by_profile["distance"]) == pytest.approx({(0, 0): 280.0}, abs=1e-9)


def test_nobody_walks_on_a_motorway_or_joins_one() -> None:
    lines = [[(0, 0), (1000, 0)], [(0, 0), (0, 200)], [(0, 200), (1000, 200)], [(1000, 200), (1000, 0)]]
    streets = streets_of(lines, classes=["motorway", "residential", "residential", "residential"])
    area = area_of(streets, [(100.0, 0.0)], [(900.0, 0.0)])
    assert pairs(measure_times(area, Travel(), {"distance": 3000.0}).by_profile["distance"]) == pytest.approx({(0, 0): 1600.0}, abs=1e-9)
    only_motorway = streets_of([lines[0]], classes=["motorway"])
    times = measure_times(area_of(only_motorway, [(100.0, 0.0)], [(900.0, 0.0)]), Travel(), {"distance": 3000.0})
    assert not pairs(times.by_profile["distance"])
    assert list(times.off_network["table"]) == ["demand", "facilities"]
    assert times.off_network["distance_m"].isna().all()


def test_places_beyond_the_snap_limit_are_listed_and_the_limit_itself_is_inside() -> None:
    demand = [(100.0, 600.0), (100.0, 600.5), (200.0, 500.0)]
    area = area_of(straight_street(), demand, [(300.0, 500.0), (4300.0, 500.0)], people=[5.0, 7.0, 11.0])
    times = measure_times(area, Travel(snap_limit_m=100.0), {"elder_walk": 60.0})
    assert set(pairs(times.by_profile["elder_walk"])) == {(0, 0), (2, 0)}
    assert times.off_network.columns.to_list() == ["table", "id", "name", "unit_id", "distance_m", "people"]
    assert times.off_network[["table", "id", "name", "distance_m"]].to_numpy().tolist() == [
        ["demand", "d1", "", 100.5],
        ["facilities", "f1", "f1", 300.0],
    ]
    assert times.off_network["people"].tolist()[0] == 7.0
    assert math.isnan(times.off_network["people"].tolist()[1])


def test_the_people_of_a_place_off_the_network_are_of_the_largest_base_where_there_is_no_total() -> None:
    demand = frame([(0, 2000)], demand_id=["d"], unit_id=[""], pop60=[30.0], pop80=[4.0], households=[90.0])
    times = measure_times(small_area(demand=demand), Travel(), {"elder_walk": 15.0})
    assert times.off_network.loc[times.off_network["table"] == "demand", "people"].to_list() == [30.0]


def test_tobler_1993_ten_per_cent_up_takes_exp_0_35_times_as_long_and_five_per_cent_down_is_fastest() -> None:
    got = slope_factor(np.array([0.0, 0.10, -0.05, -0.10, -0.20]))
    assert got == pytest.approx([1.0, math.exp(0.35), math.exp(-0.175), 1.0, math.exp(0.35)], abs=1e-12)
    assert slope_factor(np.array([0.10]))[0] == pytest.approx(1.41907, abs=1e-5)


def test_people_walk_up_to_a_facility_on_the_hill_and_down_to_one_in_the_valley() -> None:
    streets = streets_of([[(0, 0), (100, 0)]], rises_m=[10.0])
    area = area_of(streets, [(0.0, 0.0), (100.0, 0.0)], [(100.0, 0.0), (0.0, 0.0)])
    limits = {"elder_walk": 15.0, "distance": 500.0}
    times = measure_times(area, Travel(), limits)
    up, down = 2.0 * math.exp(0.35), 2.0
    assert pairs(times.by_profile["elder_walk"]) == pytest.approx({(0, 0): up, (0, 1): 0.0, (1, 0): 0.0, (1, 1): down}, abs=1e-9)
    assert pairs(times.by_profile["distance"]) == pytest.approx({(0, 0): 100.0, (0, 1): 0.0, (1, 0): 0.0, (1, 1): 100.0}, abs=1e-9)
    assert any("Tobler" in note for note in times.notes)
    level = measure_times(area, Travel(slope=False), limits)
    assert pairs(level.by_profile["elder_walk"])[0, 0] == pytest.approx(2.0, abs=1e-9)
    assert level.notes == ()


def test_without_streets_straight_lines_with_a_detour_factor_stand_in_and_a_note_says_so() -> None:
    area = area_of(None, [(0.0, 0.0), (300.0, 400.0), (0.0, 1.0)], [(0.0, 0.0)])
    times = measure_times(area, Travel(detour_factor=1.3), {"elder_walk": 13.0, "distance": 650.0})
    assert pairs(times.by_profile["elder_walk"]) == pytest.approx({(0, 0): 0.0, (1, 0): 13.0, (2, 0): 0.026}, abs=1e-9)
    assert pairs(times.by_profile["distance"])[1, 0] == pytest.approx(650.0, abs=1e-9)
    assert len(times.notes) == 1
    assert "1.3" in times.notes[0]
    assert "直线距离乘以绕行系数 1.3" in in_language(times.notes[0], "zh")
    assert times.off_network.empty


def test_people_on_a_short_piece_of_street_that_joins_no_other_are_told_of() -> None:
    streets = streets_of([[(0, 0), (2000, 0)], [(500, 300), (700, 300)]])
    area = area_of(streets, [(100.0, 0.0), (600.0, 310.0)], [(200.0, 0.0), (650.0, 300.0)], people=[5.0, 7.0])
    (note,) = measure_times(area, Travel(), {"elder_walk": 15.0}).notes
    assert "1 demand points (7 people) and 1 facilities and candidates" in note


def test_a_place_without_people_or_sites_has_no_arcs() -> None:
    for streets in (straight_street(), None):
        nobody = measure_times(area_of(streets, [], [(0.0, 500.0)]), Travel(), {"elder_walk": 15.0})
        nowhere = measure_times(area_of(streets, [(0.0, 500.0)], []), Travel(), {"elder_walk": 15.0})
        assert not pairs(nobody.by_profile["elder_walk"])
        assert not pairs(nowhere.by_profile["elder_walk"])


def test_a_profile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        measure_times(small_area(), Travel(), {"bicycle": 15.0})


def test_kernels_compile_also_where_nothing_can_be_cached() -> None:
    made_from_text: dict[str, object] = {}
    exec("def double(x):\n    return 2 * x\n", made_from_text)  # noqa: S102 -- a function without a file has no place for numba's cache
    double = compiled(made_from_text["double"])  # type: ignore[type-var]
    assert double(21) == 42  # type: ignore[operator]
