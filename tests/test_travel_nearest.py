"""The nearest sites in one search: the same as the least over all sites, and as scipy's; and doors met with by the grid as by trying all."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from planner.travel import nearest, searches
from planner.travel.costs import CLOSED_MINUTES, EdgeMinutes, edge_minutes
from planner.travel.graph import street_graph
from planner.travel.kernels import Task, desk, search
from planner.travel.model import PROFILES, Travel
from planner.travel.nearest import nearest_sites
from planner.travel.searches import limit_included
from planner.travel.snap import open_edges, snap
from planner.travel.tile_kernels import TILE, label_nearest, tiles_of
from tests.small import X0, Y0, straight_street
from tests.test_travel_laws import SEEDS, arcs_of, random_area, random_points, streets_in
from tests.towns import streets_of, town


def on_street(*x: float) -> NDArray[np.float64]:
    return np.array([(X0 + each, Y0 + 500.0) for each in x])


def test_the_two_nearest_of_three_on_a_street_worked_out_on_paper() -> None:
    found = nearest_sites(
        straight_street(), Travel(), on_street(0, 400, 3900), on_street(0, 1000, 800), profile="distance", limit_minutes=900, k=2
    )
    assert found.minutes.tolist() == [[0.0, 800.0], [400.0, 400.0], [np.inf, np.inf]]
    assert found.site_row.tolist() == [[0, 2], [0, 2], [-1, -1]]


def test_the_limit_is_inside_and_places_off_the_network_reach_nothing() -> None:
    points = np.concatenate([on_street(600, 601), [(X0 + 100, Y0 + 1001)]])
    found = nearest_sites(straight_street(), Travel(), points, on_street(0), profile="distance", limit_minutes=600)
    assert found.minutes.ravel().tolist() == [600.0, np.inf, np.inf]


def test_without_streets_and_without_sites() -> None:
    points, nothing = on_street(0, 300), np.zeros((0, 2))
    found = nearest_sites(None, Travel(detour_factor=2.0), points, on_street(100), profile="elder_walk", limit_minutes=6.0, k=2)
    assert found.minutes.tolist() == [[4.0, np.inf], [np.inf, np.inf]]
    for streets in (None, straight_street()):
        assert (nearest_sites(streets, Travel(), points, nothing, profile="elder_walk", limit_minutes=6.0).site_row == -1).all()
        assert not len(nearest_sites(streets, Travel(), nothing, points, profile="elder_walk", limit_minutes=6.0, k=3).minutes)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, limit=st.sampled_from([4.0, 12.0]), k=st.integers(1, 4))
def test_the_nearest_are_the_least_over_all_sites_to_the_last_bit(seed: int, limit: float, k: int) -> None:
    area = random_area(seed, rise_m=8.0, oneway_share=0.2)
    arcs = arcs_of(area, limit)
    found = nearest_sites(streets_in(area), Travel(), area.demand_xy_m, area.site_xy_m, profile="elder_walk", limit_minutes=limit, k=k)
    for d in range(len(area.demand)):
        of_d = arcs.demand_row == d
        order = np.lexsort((arcs.site_row[of_d], arcs.minutes[of_d]))[:k]
        n = len(order)
        assert found.minutes[d, :n].tolist() == arcs.minutes[of_d][order].tolist()
        assert found.site_row[d, :n].tolist() == arcs.site_row[of_d][order].tolist()
        assert (found.site_row[d, n:] == -1).all()


@pytest.mark.parametrize("n_entries", [2, 7, 40])
def test_a_search_that_runs_out_of_entries_finds_the_same_minutes(monkeypatch: pytest.MonkeyPatch, n_entries: int) -> None:
    area = random_area(11, rise_m=8.0, oneway_share=0.2)

    def both() -> tuple[list[float], list[float]]:
        found = nearest_sites(streets_in(area), Travel(), area.demand_xy_m, area.site_xy_m, profile="elder_walk", limit_minutes=15.0)
        return arcs_of(area, 15.0).minutes.tolist(), found.minutes.ravel().tolist()

    expected = both()
    for module in (searches, nearest):
        monkeypatch.setattr(module, "desk", lambda task: desk(task, n_entries))
    assert both() == expected


@pytest.mark.parametrize("n_sites", [2, 300])
def test_over_several_tiles_every_junction_has_the_least_pair_of_minutes_and_door(n_sites: int) -> None:
    streets = town(150, seed=3)
    walkable = open_edges(streets, ())
    middles = shapely.get_coordinates(shapely.line_interpolate_point(streets.lines()[:: streets.n_edges // n_sites], 0.5, normalized=True))
    graph, sites = street_graph(streets, walkable), snap(np.repeat(middles[:n_sites], 2, axis=0), streets, walkable, limit_m=1.0)
    roads = graph.roads(edge_minutes(streets, PROFILES["distance"], Travel()))
    task = Task(roads, graph.doors(sites, 1.0), graph.homes(sites.part(0, 0), 1.0)[0], 2500.0, 0.03)
    work, door = desk(task), np.full(streets.n_nodes, -1, dtype=np.int32)
    assert streets.n_nodes > 2 * TILE
    label_nearest(task, work, door, tiles_of(streets.n_nodes))
    least, first, one = np.full(streets.n_nodes, np.inf), np.full(streets.n_nodes, -1), desk(task)
    for site in range(2 * n_sites):
        nodes = one.reached[: search(task, site, site + 1, one)]
        nearer = nodes[one.minutes[nodes] < least[nodes]]
        least[nearer], first[nearer] = one.minutes[nearer], site
        one.minutes[nodes] = np.inf
    assert work.minutes.tolist() == least.tolist()
    assert door.tolist() == first.tolist()
    assert set(door[door >= 0] % 2) == {0}  # of two sites at one door the first


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_at_the_junctions_the_metres_are_those_of_scipy(seed: int) -> None:
    streets = streets_in(random_area(seed))
    start, end = streets.edge_from, streets.edge_to
    metres = np.full((streets.n_nodes, streets.n_nodes), np.inf)
    np.minimum.at(metres, (np.concatenate([start, end]), np.concatenate([end, start])), np.tile(streets.edge_length_m, 2))
    rows, columns = np.nonzero(np.isfinite(metres))
    graph = coo_array((metres[rows, columns], (rows, columns)), shape=metres.shape).tocsr()
    joined = np.unique(np.concatenate([start, end]))
    sites = joined[:: max(1, len(joined) // 5)]
    theirs = dijkstra(graph, indices=sites, min_only=True)[joined]
    nodes = streets.node_xy_m
    ours = nearest_sites(streets, Travel(), nodes[joined], nodes[sites], profile="distance", limit_minutes=1e5).minutes.ravel()
    assert ours == pytest.approx(theirs, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_with_streets_that_take_no_time_one_ways_loops_and_islands_junctions_are_reached_as_by_networkx(seed: int) -> None:
    """Streets of no length cannot be read (their ends become one junction), but the searches must stand minutes that vanish."""
    streets, rng = streets_in(random_area(seed, oneway_share=0.3)), np.random.default_rng(seed)
    minutes = edge_minutes(streets, PROFILES["elder_walk"], Travel())
    moving = (rng.random(streets.n_edges) < 0.7).astype(float)
    minutes = EdgeMinutes(minutes.forward * moving, np.where(streets.edge_oneway == 1, CLOSED_MINUTES, minutes.backward * moving))
    network: nx.DiGraph[int] = nx.DiGraph()
    for start, end, there, back in zip(streets.edge_from, streets.edge_to, minutes.forward, minutes.backward, strict=True):
        for a, b, m in ((int(start), int(end), float(there)), (int(end), int(start), float(back))):
            if m < CLOSED_MINUTES and m < network.get_edge_data(a, b, {"m": np.inf})["m"]:
                network.add_edge(a, b, m=m)
    walkable = open_edges(streets, ())
    graph, sites = street_graph(streets, walkable), snap(streets.node_xy_m[streets.edge_from[:6]], streets, walkable, limit_m=1.0)
    task = Task(graph.roads(minutes), graph.doors(sites, 50.0), graph.homes(sites.part(0, 0), 50.0)[0], limit_included(12.0), 1.5)
    work, door = desk(task), np.full(streets.n_nodes, -1, dtype=np.int32)
    label_nearest(task, work, door, tiles_of(streets.n_nodes))
    network.add_nodes_from(range(streets.n_nodes))
    starts: dict[int, float] = {}
    for edge, share in zip(sites.edge, sites.share, strict=True):
        for node, m in (
            (streets.edge_from[edge], share * minutes.forward[edge]),
            (streets.edge_to[edge], (1 - share) * minutes.backward[edge]),
        ):
            starts[int(node)] = min(float(m), starts.get(int(node), np.inf))
    network.add_weighted_edges_from([(node, -1, m) for node, m in starts.items()], weight="m")
    theirs = nx.single_source_dijkstra_path_length(network.reverse(), -1, cutoff=12.0, weight="m")
    of_graph = dict(
        zip(
            [*graph.start.tolist(), *graph.end.tolist()],
            [*streets.edge_from[graph.edge_row].tolist(), *streets.edge_to[graph.edge_row].tolist()],
            strict=True,
        )
    )
    ours = {of_graph[node]: work.minutes[node] for node in of_graph if np.isfinite(work.minutes[node])}
    assert ours == pytest.approx({node: m for node, m in theirs.items() if node >= 0}, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, side=st.integers(2, 9))
def test_doors_are_where_trying_every_street_puts_them(seed: int, side: int) -> None:
    streets, rng = town(side, seed), np.random.default_rng(seed)
    if not streets.n_edges:
        return
    points = np.concatenate([(X0, Y0) + random_points(rng, 40) * 2.0, streets.node_xy_m[:5]])
    found = snap(points, streets, open_edges(streets, ()), limit_m=400.0)
    apart_m = shapely.distance(streets.lines()[None, :], shapely.points(points)[:, None])
    assert found.leg_m == pytest.approx(apart_m.min(axis=1), abs=1e-9)
    on = np.flatnonzero(found.is_on)
    assert on.tolist() == np.flatnonzero(apart_m.min(axis=1) <= 400.0).tolist()
    assert apart_m[on, found.edge[on]] == pytest.approx(found.leg_m[on], abs=1e-9)
    line = streets.lines()[found.edge[on]]
    met = shapely.line_interpolate_point(line, found.share[on], normalized=True)
    assert shapely.distance(met, shapely.points(points[on])) == pytest.approx(found.leg_m[on], abs=1e-6)


def test_of_streets_equally_near_the_first_is_joined_also_far_outside_the_town() -> None:
    streets = streets_of([[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, -50)]])
    found = snap(np.array([(X0 + 100.0, Y0 + 30.0), (X0 + 100.0, Y0 + 9000.0)]), streets, open_edges(streets, ()), limit_m=1e5)
    assert found.edge.tolist() == [0, 0]
    assert found.share.tolist() == [1.0, 1.0]
    assert found.leg_m.tolist() == [30.0, 9000.0]
