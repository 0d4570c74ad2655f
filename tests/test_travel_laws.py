"""Minutes that hold for any town, and the same minutes by another road: networkx on a graph that was split at every door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from layers.problems import InputFaultsError
from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from planner.travel import searches
from planner.travel.arcs import Arcs
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from tests.small import X0, Y0
from tests.towns import area_of, demand_of, facilities_of, town

SEEDS = st.integers(0, 10_000)
SIDE, STEP_M = 7, 100.0


def random_points(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return rng.uniform(-0.5 * STEP_M, (SIDE - 0.5) * STEP_M, (n, 2))


def random_area(seed: int, *, rise_m: float = 0.0, n_demand: int = 40, n_sites: int = 12, oneway_share: float = 0.0) -> StudyArea:
    """A town with islands, loops, parallel edges and one-ways; some homes stand where a facility stands."""
    rng = np.random.default_rng(seed)
    sites = random_points(rng, n_sites)
    demand = np.concatenate([random_points(rng, n_demand - 3), sites[:3]])
    streets = with_loop_and_parallel_edge(town(SIDE, seed, rise_m=rise_m))
    oneway = (rng.random(streets.n_edges) < oneway_share).astype(np.int8)
    return area_of(replace(streets, edge_oneway=oneway), demand, sites)


def streets_in(area: StudyArea) -> StreetNetwork:
    assert area.streets is not None
    return area.streets


def with_loop_and_parallel_edge(streets: StreetNetwork) -> StreetNetwork:
    """The town with a second, longer way beside its first edge, and a loop at its first junction."""
    a, b = streets.edge_from[0], streets.edge_to[0]
    ends = streets.node_xy_m[[a, b]]
    at = streets.node_xy_m[0]
    detour = np.array([ends[0], ends.mean(axis=0) + (60.0, 20.0), ends[1]])
    loop = np.array([at, at + (30.0, 40.0), at + (60.0, 0.0), at])
    return replace(
        streets,
        edge_from=np.append(streets.edge_from, [a, 0]).astype(np.int32),
        edge_to=np.append(streets.edge_to, [b, 0]).astype(np.int32),
        edge_length_m=np.append(streets.edge_length_m, [np.hypot(*np.diff(shape, axis=0).T).sum() for shape in (detour, loop)]),
        edge_rise_m=np.append(streets.edge_rise_m, [streets.edge_rise_m[0], 0.0]),
        edge_oneway=np.append(streets.edge_oneway, [0, 0]).astype(np.int8),
        edge_class=np.append(streets.edge_class, [0, 0]).astype(np.int16),
        shape_start=np.append(streets.shape_start, streets.shape_start[-1] + [3, 7]),
        shape_xy_m=np.concatenate([streets.shape_xy_m, detour, loop]),
    )


def pieces_of_edge(streets: StreetNetwork, e: int, doors: list[tuple[float, object]]) -> Iterator[tuple[object, object, float]]:
    """The edge cut at its doors (share, name), as ways (from, to, minutes at 50 m/min) in both directions."""
    stops = [(0.0, int(streets.edge_from[e])), *sorted(doors, key=lambda door: door[0]), (1.0, int(streets.edge_to[e]))]
    slope = float(streets.edge_rise_m[e] / streets.edge_length_m[e])
    for (a, start), (b, end) in pairwise(stops):
        level = (b - a) * float(streets.edge_length_m[e]) / 50.0
        yield start, end, level * np.exp(3.5 * (abs(slope + 0.05) - 0.05))
        if not streets.edge_oneway[e] or a == b:  # a door at the very junction is left by all its streets
            yield end, start, level * np.exp(3.5 * (abs(-slope + 0.05) - 0.05))


def minutes_by_networkx(area: StudyArea, limit: float) -> dict[tuple[int, int], float]:
    """All pairs within the limit, on a graph split at the doors; doors are found by trying every edge."""
    assert area.streets is not None
    lines = [shapely.LineString(xy) for xy in np.split(area.streets.shape_xy_m, area.streets.shape_start[1:-1])]
    doors: dict[int, list[tuple[float, object]]] = {}
    graph: nx.DiGraph[object] = nx.DiGraph()
    ways: list[tuple[object, object, float]] = []
    for name, points in (("home", area.demand_xy_m), ("site", area.site_xy_m)):
        for i, xy in enumerate(points):
            point = shapely.Point(xy)
            e = int(np.argmin([line.distance(point) for line in lines]))
            doors.setdefault(e, []).append((lines[e].project(point, normalized=True), (name, "street", i)))
            ways += [((name, i), (name, "street", i), lines[e].distance(point) / 50.0)]
            ways += [((name, "street", i), (name, i), lines[e].distance(point) / 50.0)]
    for e in range(area.streets.n_edges):
        ways += pieces_of_edge(area.streets, e, doors.get(e, []))
    for start, end, minutes in ways:
        if minutes < graph.get_edge_data(start, end, {"minutes": np.inf})["minutes"]:
            graph.add_edge(start, end, minutes=minutes)
    found = {}
    for s in range(len(area.site_xy_m)):
        reached = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), ("site", s), cutoff=limit, weight="minutes")
        found.update({(node[1], s): m for node, m in reached.items() if isinstance(node, tuple) and node[0] == "home" and len(node) == 2})
    return found


def arcs_of(area: StudyArea, limit: float, n_threads: int | None = None, travel: Travel | None = None) -> Arcs:
    return measure_times(area, travel or Travel(), {"elder_walk": limit}, n_threads=n_threads).by_profile["elder_walk"]


def as_pairs(arcs: Arcs) -> dict[tuple[int, int], float]:
    return {(int(d), int(s)): float(m) for d, s, m in zip(arcs.demand_row, arcs.site_row, arcs.minutes, strict=True)}


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, limit=st.sampled_from([3.0, 8.0, 15.0]), rise_m=st.sampled_from([0.0, 12.0]), oneway_share=st.sampled_from([0.0, 0.3]))
def test_minutes_equal_those_of_networkx_on_streets_split_at_the_doors(seed: int, limit: float, rise_m: float, oneway_share: float) -> None:
    area = random_area(seed, rise_m=rise_m, oneway_share=oneway_share)
    ours, theirs = as_pairs(arcs_of(area, limit)), minutes_by_networkx(area, limit)
    assert ours.keys() == theirs.keys()
    assert max((abs(ours[pair] - theirs[pair]) for pair in ours), default=0.0) < 1e-9


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, limit=st.floats(0.0, 20.0), more=st.floats(0.0, 10.0))
def test_a_longer_limit_loses_no_arc_and_changes_no_minutes(seed: int, limit: float, more: float) -> None:
    area = random_area(seed)
    short, long = as_pairs(arcs_of(area, limit)), as_pairs(arcs_of(area, limit + more))
    assert short.items() <= long.items()


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_a_limit_of_exactly_the_minutes_of_an_arc_includes_it(seed: int) -> None:
    area = random_area(seed)
    arcs = arcs_of(area, 12.0)
    for k in range(0, len(arcs.minutes), 17):
        assert (int(arcs.demand_row[k]), int(arcs.site_row[k])) in as_pairs(arcs_of(area, float(arcs.minutes[k])))


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_demand_and_site_rows_does_not_matter(seed: int) -> None:
    area, rng = random_area(seed), np.random.default_rng(seed + 1)
    demand, sites = rng.permutation(len(area.demand)), rng.permutation(len(area.facilities))
    corner = (X0, Y0)
    mixed = replace(
        area,
        demand=demand_of(area.demand_xy_m[demand] - corner),
        facilities=facilities_of(area.site_xy_m[sites] - corner),
    )
    got = {(int(demand[d]), int(sites[s])): m for (d, s), m in as_pairs(arcs_of(mixed, 10.0)).items()}
    assert got == pytest.approx(as_pairs(arcs_of(area, 10.0)), abs=1e-7)  # coordinates moved to the corner and back differ in the last bits


def turned(streets: StreetNetwork) -> StreetNetwork:
    """Every edge stored from its end to its start; what was one-way is so the other way now."""
    backwards = [xy[::-1] for xy in np.split(streets.shape_xy_m, streets.shape_start[1:-1])]
    return replace(
        streets,
        edge_from=streets.edge_to,
        edge_to=streets.edge_from,
        edge_rise_m=-streets.edge_rise_m,
        shape_xy_m=np.concatenate(backwards),
    )


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_an_edge_stored_the_other_way_round_is_the_same_street(seed: int) -> None:
    area = random_area(seed, rise_m=10.0)
    other = replace(area, streets=turned(streets_in(area)))
    assert as_pairs(arcs_of(other, 10.0)) == pytest.approx(as_pairs(arcs_of(area, 10.0)), abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_the_way_from_the_facility_is_the_way_to_it_with_every_slope_and_one_way_reversed(seed: int) -> None:
    area = random_area(seed, rise_m=10.0, oneway_share=0.3)
    streets = streets_in(area)
    back = replace(area, streets=turned(replace(streets, edge_rise_m=-streets.edge_rise_m)))
    expected = as_pairs(arcs_of(back, 10.0))
    assert as_pairs(arcs_of(area, 10.0, travel=Travel(direction="from_facility"))) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_on_level_two_way_streets_people_and_sites_may_change_places(seed: int) -> None:
    area = random_area(seed)
    corner = (X0, Y0)
    swapped = replace(area, demand=demand_of(area.site_xy_m - corner), facilities=facilities_of(area.demand_xy_m - corner))
    got = {(d, s): m for (s, d), m in as_pairs(arcs_of(swapped, 10.0)).items()}
    assert got == pytest.approx(as_pairs(arcs_of(area, 10.0)), abs=1e-7)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_junctions_and_edges_numbered_otherwise_are_the_same_streets(seed: int) -> None:
    area, rng = random_area(seed, rise_m=10.0, oneway_share=0.2), np.random.default_rng(seed + 1)
    streets = streets_in(area)
    new_id, edges = rng.permutation(streets.n_nodes), rng.permutation(streets.n_edges)
    nodes = np.empty_like(streets.node_xy_m)
    nodes[new_id] = streets.node_xy_m
    shapes = np.split(streets.shape_xy_m, streets.shape_start[1:-1])
    renumbered = replace(
        streets,
        node_xy_m=nodes,
        edge_from=new_id[streets.edge_from][edges].astype(np.int32),
        edge_to=new_id[streets.edge_to][edges].astype(np.int32),
        edge_length_m=streets.edge_length_m[edges],
        edge_rise_m=streets.edge_rise_m[edges],
        edge_oneway=streets.edge_oneway[edges],
        edge_class=streets.edge_class[edges],
        shape_start=np.concatenate([[0], np.cumsum([len(shapes[e]) for e in edges])]),
        shape_xy_m=np.concatenate([shapes[e] for e in edges]),
    )
    assert as_pairs(arcs_of(replace(area, streets=renumbered), 10.0)) == pytest.approx(as_pairs(arcs_of(area, 10.0)), abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, factor=st.sampled_from([0.5, 2.0, 4.0]))
def test_a_place_so_many_times_as_large_takes_so_many_times_as_long(seed: int, factor: float) -> None:
    area = random_area(seed)
    streets, middle = streets_in(area), np.array([X0, Y0])
    larger = replace(
        streets,
        node_xy_m=(streets.node_xy_m - middle) * factor + middle,
        shape_xy_m=(streets.shape_xy_m - middle) * factor + middle,
        edge_length_m=streets.edge_length_m * factor,
    )
    place = area_of(larger, (area.demand_xy_m - middle) * factor, (area.site_xy_m - middle) * factor)
    travel = Travel(snap_limit_m=500.0 * factor)
    got = {pair: minutes / factor for pair, minutes in as_pairs(arcs_of(place, 10.0 * factor, travel=travel)).items()}
    assert got == pytest.approx(as_pairs(arcs_of(area, 10.0)), abs=1e-7)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, at=st.floats(0.05, 0.95))
def test_a_junction_more_along_an_edge_changes_nothing(seed: int, at: float) -> None:
    area = random_area(seed, rise_m=10.0, oneway_share=0.2)
    streets = streets_in(area)
    shapes = np.split(streets.shape_xy_m, streets.shape_start[1:-1])
    e, whole = seed % streets.n_edges, shapely.LineString(shapes[seed % streets.n_edges])
    place = shapely.get_coordinates(whole.interpolate(at, normalized=True))
    share = shapely.line_locate_point(whole, shapely.points(shapes[e]), normalized=True)
    share[0], share[-1] = 0.0, 1.0
    parts = [np.concatenate([shapes[e][share < at], place]), np.concatenate([place, shapes[e][share > at]])]
    lengths = streets.edge_length_m[e] * np.array([at, 1.0 - at])
    rows = [*range(e), *range(e + 1, streets.n_edges), e, e]
    start, end, rise = streets.edge_from[rows], streets.edge_to[rows], streets.edge_rise_m[rows]
    end[-2] = start[-1] = streets.n_nodes
    rise[-2:] *= (at, 1.0 - at)
    shapes = [*shapes[:e], *shapes[e + 1 :], *parts]
    split = replace(
        streets,
        node_xy_m=np.concatenate([streets.node_xy_m, place]),
        edge_from=start,
        edge_to=end,
        edge_length_m=np.concatenate([streets.edge_length_m[rows[:-2]], lengths]),
        edge_rise_m=rise,
        edge_oneway=streets.edge_oneway[rows],
        edge_class=streets.edge_class[rows],
        shape_start=np.concatenate([[0], np.cumsum([len(shape) for shape in shapes])]),
        shape_xy_m=np.concatenate(shapes),
    )
    assert as_pairs(arcs_of(replace(area, streets=split), 10.0)) == pytest.approx(as_pairs(arcs_of(area, 10.0)), abs=1e-6)


def test_threads_blocks_and_full_buffers_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    area = random_area(3, n_demand=60, n_sites=40)
    expected = arcs_of(area, 15.0, n_threads=1)
    monkeypatch.setattr(searches, "SITES_PER_BLOCK", 3)
    monkeypatch.setattr(searches, "PAIRS_PER_BUFFER", 1)
    for n_threads in (1, 2, 5):
        got = arcs_of(area, 15.0, n_threads=n_threads)
        assert got.demand_row.tobytes() == expected.demand_row.tobytes()
        assert got.site_row.tobytes() == expected.site_row.tobytes()
        assert got.minutes.tobytes() == expected.minutes.tobytes()


def test_more_pairs_than_fit_into_memory_are_told_of_before_they_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "SITES_PER_BLOCK", 2)
    travel = Travel(memory_gib=50 * 32 / 2**30)
    with pytest.raises(InputFaultsError, match="more than 50 pairs of people and sites"):
        arcs_of(random_area(3), 30.0, travel=travel, n_threads=1)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_arcs_are_sorted_and_single_and_no_walk_beats_the_straight_line(seed: int) -> None:
    area = random_area(seed)
    for streets in (area.streets, None):
        arcs = arcs_of(replace(area, streets=streets), 12.0)
        key = arcs.demand_row.astype(np.int64) * arcs.n_sites + arcs.site_row
        assert (np.diff(key) > 0).all()
        straight_m = np.hypot(*(area.demand_xy_m[arcs.demand_row] - area.site_xy_m[arcs.site_row]).T)
        assert (arcs.minutes * 50.0 >= straight_m - 1e-6).all()
        assert arcs.minutes.max(initial=0.0) <= 12.0 + 1e-6
