"""From lines to a network: where streets are cut, where they are joined, and that no metre is lost or walked twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.layer_sources import StreetSource
from layers.problems import Findings
from layers.sources.streets import component_share, read_streets, unjoined_crossings
from layers.street_building import Chains, network_from_chains, streets_from_lines
from layers.streets import StreetNetwork
from tests.small import METRIC, X0, Y0, straight_street

Line = list[tuple[float, float]]


def layer(lines: list[Line], **columns: object) -> gpd.GeoDataFrame:
    geometry = [shapely.LineString(np.asarray(line, float) + (X0, Y0)) for line in lines]
    return gpd.GeoDataFrame(dict(columns), geometry=geometry, crs=METRIC)


def network(lines: list[Line], **columns: object) -> StreetNetwork:
    names = {f"{name}_column": name if name in columns else None for name in ("class", "oneway")}
    return streets_from_lines(layer(lines, **columns), **names)


def as_edges(streets: StreetNetwork) -> list[tuple[tuple[float, float], tuple[float, float], float]]:
    """Ends (from the corner of the place) and length of every edge."""
    at = [tuple((xy - (X0, Y0)).round(3).tolist()) for xy in streets.node_xy_m]
    rows = zip(streets.edge_from, streets.edge_to, streets.edge_length_m, strict=True)
    return [(at[a], at[b], round(float(length), 9)) for a, b, length in rows]


def test_lines_meet_at_a_shared_vertex_in_the_middle() -> None:
    streets = network([[(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 50)]])
    assert (streets.n_nodes, streets.n_edges) == (4, 3)
    assert sorted(streets.edge_length_m) == [50.0, 100.0, 100.0]


def test_lines_that_cross_without_a_shared_vertex_stay_apart_and_are_counted() -> None:
    streets = network([[(0, 0), (200, 0)], [(100, -50), (100, 50)]])
    assert (streets.n_nodes, streets.n_edges) == (4, 2)
    assert unjoined_crossings(streets) == 1


def test_a_street_that_ends_at_another_without_a_vertex_is_counted_too() -> None:
    assert unjoined_crossings(network([[(0, 0), (200, 0)], [(100, 0), (100, 50)]])) == 1
    assert unjoined_crossings(network([[(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 50)]])) == 0


def test_ends_equal_to_a_millimetre_meet_and_a_centimetre_apart_do_not() -> None:
    assert network([[(0, 0), (100, 0)], [(100.0004, 0), (200, 0)]]).n_edges == 1
    assert network([[(0, 0), (100, 0)], [(100.01, 0), (200, 0)]]).n_edges == 2


def test_a_bent_street_of_several_lines_is_one_edge_with_its_shape() -> None:
    streets = network([[(200, 100), (100, 0)], [(0, 0), (100, 0)], [(200, 100), (300, 100)]])
    assert streets.n_edges == 1
    assert streets.edge_length_m[0] == pytest.approx(200 + 100 * 2**0.5)
    shape = (streets.shape_xy_m - (X0, Y0)).round(3).tolist()
    assert shape in ([[0, 0], [100, 0], [200, 100], [300, 100]], [[300, 100], [200, 100], [100, 0], [0, 0]])


def test_where_the_class_changes_a_junction_stays() -> None:
    streets = network([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], **{"class": ["steps", "path"]})
    assert streets.n_edges == 2
    assert streets.class_names == ("path", "steps")


def test_a_closed_street_on_its_own_is_one_loop() -> None:
    streets = network([[(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]])
    assert (streets.n_nodes, streets.n_edges) == (1, 1)
    assert streets.edge_length_m[0] == 400.0


def test_a_ring_of_three_lines_is_one_loop() -> None:
    streets = network([[(0, 0), (30, 0)], [(30, 40), (30, 0)], [(30, 40), (0, 0)]])
    assert (streets.n_nodes, streets.n_edges) == (1, 1)
    assert streets.edge_length_m[0] == pytest.approx(120.0)


def test_a_loop_at_a_street_and_parallel_streets_are_kept() -> None:
    loop = network([[(0, 0), (100, 0)], [(100, 0), (150, 50), (150, -50), (100, 0)]])
    assert (loop.n_nodes, loop.n_edges) == (2, 2)
    double = network([[(0, 0), (100, 0)], [(0, 0), (50, 30), (100, 0)], [(100, 0), (200, 0)], [(0, 0), (-50, 0)]])
    assert (double.n_nodes, double.n_edges) == (4, 4)


def test_a_street_drawn_over_itself_is_walked_as_it_is_drawn() -> None:
    streets = network([[(0, 0), (100, 0), (0, 0)]])
    assert streets.edge_length_m.sum() == 200.0


def test_one_way_streets_keep_their_direction() -> None:
    along = network([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], oneway=[1, 1])
    assert as_edges(along) == [((0.0, 0.0), (200.0, 0.0), 200.0)]
    against = network([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], oneway=[-1, -1])
    assert as_edges(against) == [((200.0, 0.0), (0.0, 0.0), 200.0)]
    meeting = network([[(0, 0), (100, 0)], [(200, 0), (100, 0)]], oneway=[1, 1])
    assert sorted(as_edges(meeting)) == [((0.0, 0.0), (100.0, 0.0), 100.0), ((200.0, 0.0), (100.0, 0.0), 100.0)]
    ring = network([[(0, 0), (30, 0)], [(30, 0), (30, 40)], [(30, 40), (0, 0)]], oneway=[1, 1, 1])
    inside = shapely.LinearRing(ring.shape_xy_m)
    assert (ring.n_edges, inside.is_ccw) == (1, True)


def test_points_multi_lines_and_repeated_vertices() -> None:
    twice = shapely.MultiLineString([[(X0, Y0), (X0, Y0), (X0 + 100, Y0)], [(X0 + 500, Y0), (X0 + 600, Y0, 5.0)[:2]]])
    frame = gpd.GeoDataFrame(geometry=[twice, shapely.Point(X0, Y0), shapely.LineString([(X0, Y0)] * 2)], crs=METRIC)
    streets = streets_from_lines(frame, class_column=None, oneway_column=None)
    assert as_edges(streets) == [((0.0, 0.0), (100.0, 0.0), 100.0), ((500.0, 0.0), (600.0, 0.0), 100.0)]
    assert component_share(streets) == (2, 0.5)


def test_a_way_of_no_length_makes_its_two_ends_one_junction() -> None:
    """As OSM has it: two nodes at one place, joined by a way."""
    xy = np.array([(0.0, 0.0), (100.0, 0.0), (100.0, 0.0), (200.0, 0.0), (100.0, 50.0)]) + (X0, Y0)
    vertex, start = np.array([0, 1, 1, 2, 2, 3, 2, 4]), np.array([0, 2, 4, 6, 8])
    zeros = np.zeros(4, dtype=np.int8)
    streets = network_from_chains(Chains(xy, vertex, start, zeros.astype(np.int16), zeros, ("path",)))
    assert sorted(streets.edge_length_m) == [50.0, 100.0, 100.0]
    assert streets.n_nodes == 4
    assert component_share(streets)[0] == 1


def test_no_line_gives_an_empty_network() -> None:
    streets = network([[(0, 0), (0, 0)]])
    assert (streets.n_nodes, streets.n_edges, len(streets.lines())) == (0, 0, 0)


spots = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda at: (at[0] * 10.0, at[1] * 10.0))
drawn = st.lists(st.lists(spots, min_size=2, max_size=6), min_size=1, max_size=8)


@given(drawn, st.data())
def test_lengths_between_junctions_are_those_of_the_lines(lines: list[Line], data: st.DataObject) -> None:
    """Recomputed by networkx on the bare steps of the lines, with classes that break the joining here and there."""
    classes = data.draw(st.lists(st.sampled_from(["a", "b"]), min_size=len(lines), max_size=len(lines)))
    streets = network(lines, **{"class": classes})
    steps = nx.Graph()
    for line in lines:
        for a, b in pairwise(line):
            if a != b:
                steps.add_edge(a, b, weight=float(np.hypot(a[0] - b[0], a[1] - b[1])))
    total_m = sum(np.hypot(*np.diff(np.asarray(line), axis=0).T).sum() for line in lines)
    assert streets.edge_length_m.sum() == pytest.approx(total_m)
    ours = nx.Graph()
    for a, b, length_m in as_edges(streets):
        ours.add_edge(a, b, weight=min(length_m, ours[a][b]["weight"] if ours.has_edge(a, b) else np.inf))
    theirs = dict(nx.all_pairs_dijkstra_path_length(steps))
    for a, found in nx.all_pairs_dijkstra_path_length(ours):
        assert found == pytest.approx({b: theirs[a][b] for b in ours if b in theirs[a]}, abs=1e-6)
    assert nx.number_connected_components(ours) == nx.number_connected_components(steps) if steps else not ours
    lengths = shapely.length(streets.lines()) if streets.n_edges else []
    assert lengths == pytest.approx(streets.edge_length_m)


@given(drawn)
def test_no_joint_is_left_between_two_edges(lines: list[Line]) -> None:
    streets = network(lines)
    degree = np.bincount(np.r_[streets.edge_from, streets.edge_to], minlength=streets.n_nodes)
    is_loop = np.zeros(streets.n_nodes, bool)
    is_loop[streets.edge_from[streets.edge_from == streets.edge_to]] = True
    assert not ((degree == 2) & ~is_loop).any()


@given(drawn.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines), st.integers(0, 255))))
def test_order_and_direction_of_the_lines_do_not_matter(case: tuple[list[Line], list[Line], int]) -> None:
    lines, mixed, turned = case
    other = [line[::-1] if turned >> i & 1 else line for i, line in enumerate(mixed)]
    one, two = network(lines), network(other)
    assert (one.n_nodes, one.n_edges) == (two.n_nodes, two.n_edges)
    assert np.sort(one.edge_length_m) == pytest.approx(np.sort(two.edge_length_m))


def read(path: Path, columns: dict[str, str] | None = None, crs: str | None = None) -> tuple[StreetNetwork, Findings]:
    findings = Findings()
    source = StreetSource(path=path.name, columns=columns or {}, crs=crs)
    return read_streets(source, path, METRIC, findings), findings


def test_a_layer_of_lines_is_read_and_what_cannot_be_walked_is_told(tmp_path: Path) -> None:
    path = tmp_path / "streets.gpkg"
    lines = layer([[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(0, 50), (10, 50)]], fclass=["residential", "motorway", ""])
    lines.to_crs("EPSG:4326").to_file(path)
    streets, findings = read(path)
    assert streets.n_edges == 2
    assert streets.edge_length_m.sum() == pytest.approx(110.0, abs=1e-3)
    assert streets.class_names == ("", "residential")
    assert [p.severity for p in findings.problems] == ["note", "note"]
    assert "motorway 1" in findings.problems[0].what
    assert "2 pieces" in findings.problems[1].what
    assert "90.9 %" in findings.problems[1].what


WALKED = ("国道", "Residential", "机耕路", " 村道 ")
NOT_WALKED = ("高速公路", "快速路", "MOTORWAY", "motorway;primary", "primary；匝道", "铁路")


@pytest.mark.parametrize("word", [*WALKED, *NOT_WALKED])
def test_classes_are_understood_in_chinese_and_in_any_case(tmp_path: Path, word: str) -> None:
    path = tmp_path / "streets.gpkg"
    layer([[(0, 0), (100, 0)], [(200, 0), (300, 0)]], 类型=[word, "村道"]).to_crs("EPSG:4326").to_file(path)
    streets, findings = read(path)
    assert streets.n_edges == 1 + (word in WALKED)
    assert all(problem.severity == "note" for problem in findings.problems)


def test_a_class_that_is_not_known_is_walked_and_told(tmp_path: Path) -> None:
    path = tmp_path / "streets.gpkg"
    layer([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], 类型=["41000", "村道"]).to_crs("EPSG:4326").to_file(path)
    streets, findings = read(path)
    assert streets.edge_length_m.sum() == pytest.approx(200.0, abs=1e-3)
    (warning,) = [problem for problem in findings.problems if problem.severity == "warning"]
    assert "1 条线的道路类型无法识别，按可步行计：41000" in warning.told("zh")


def test_columns_are_named_by_the_scenario_and_oneway_only_then(tmp_path: Path) -> None:
    path = tmp_path / "streets.geojson"
    lines = layer([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], 等级=["国道", "县道"], oneway=["F", "T"])
    lines.to_crs("EPSG:4326").to_file(path)
    streets, findings = read(path, columns={"class": "等级", "oneway": "oneway"})
    assert not findings.has_errors
    assert streets.class_names == ("县道", "国道")
    assert sorted(as_edges(streets)) == [((0.0, 0.0), (100.0, 0.0), 100.0), ((200.0, 0.0), (100.0, 0.0), 100.0)]
    assert list(read(path, columns={"class": "等级"})[0].edge_oneway) == [0, 0]


def test_a_strange_word_for_one_way_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "streets.geojson"
    layer([[(0, 0), (100, 0)]], way=["sometimes"]).to_crs("EPSG:4326").to_file(path)
    _, findings = read(path, columns={"oneway": "way"})
    assert findings.has_errors
    assert "sometimes" in findings.problems[0].rows[0]


def test_lines_without_a_coordinate_system_are_a_fault_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "streets.parquet"
    layer([[(0, 0), (100, 0)]]).set_crs(None, allow_override=True).to_parquet(path)
    streets, findings = read(path)
    assert streets.n_edges == 0
    assert "EPSG" in findings.problems[0].remedy
    assert read(path, crs="EPSG:4546")[0].n_edges == 1


def test_a_damaged_osm_file_is_told_with_the_other_faults(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(b"no")
    streets, findings = read(path)
    assert streets.n_edges == 0
    assert findings.has_errors


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")  # shapely and pyogrio on a coordinate that is no number
def test_lines_that_lead_nowhere_are_left_out_and_told(tmp_path: Path) -> None:
    good, back = [(0, 0), (100, 0)], [(100, 0), (200, 0)]
    lines = layer([good, [(100, 0), (100, 0)], [(0, 0), (float("nan"), 0)], back], highway=["residential"] * 4)
    path = tmp_path / "lines.gpkg"
    lines.to_file(path, driver="GPKG")
    streets, findings = read(path)
    assert streets.edge_length_m.tolist() == [200.0]
    told = [(p.severity, p.what) for p in findings.problems]
    assert ("warning", "1 line(s) have no length and are left out") in told
    assert ("warning", "1 line(s) have a coordinate that is no number and are left out") in told
    path.unlink()
    layer([[(100, 0), (100, 0)]], highway=["residential"]).to_file(path, driver="GPKG")
    assert any("no line in it can be walked" in p.what for p in read(path)[1].problems if p.severity == "error")


@pytest.mark.parametrize("length_m", [0.0, -5.0, float("nan"), float("inf")])
def test_a_network_with_a_length_that_is_none_cannot_be_made(length_m: float) -> None:
    street = straight_street()
    with pytest.raises(ValueError, match="an edge length is not a number above 0 m"):
        replace(street, edge_length_m=np.where(np.arange(street.n_edges) == 3, length_m, street.edge_length_m))


def test_a_layer_without_lines_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "points.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.Point(111.0, 27.0)], crs="EPSG:4326").to_file(path)
    _, findings = read(path)
    assert [p.severity for p in findings.problems] == ["warning", "error"]
