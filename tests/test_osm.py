"""OSM files: what becomes a feature, a boundary, a street; told faults instead of tracebacks. All files are written here as OSM XML."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
import shapely
from pyproj import CRS

from layers.problems import Findings, LayerFaultsError
from layers.sources.osm import read_osm_boundaries, read_osm_features, read_osm_streets
from layers.sources.walkable import is_walkable, walking_direction

METRIC = CRS.from_epsg(4546)
SQUARE = {1: (111.0, 27.0), 2: (111.01, 27.0), 3: (111.01, 27.01), 4: (111.0, 27.01)}


def node(number: int, lon: float, lat: float, **tags: str) -> str:
    return f'<node id="{number}" lon="{lon}" lat="{lat}">{_tags(tags)}</node>'


def way(number: int, refs: list[int], **tags: str) -> str:
    return f'<way id="{number}">' + "".join(f'<nd ref="{ref}"/>' for ref in refs) + _tags(tags) + "</way>"


def relation(number: int, outer: list[int], **tags: str) -> str:
    members = "".join(f'<member type="way" ref="{ref}" role="outer"/>' for ref in outer)
    return f'<relation id="{number}">{members}{_tags(tags)}</relation>'


def _tags(tags: dict[str, str]) -> str:
    return "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())


def osm_file(folder: Path, *elements: str) -> Path:
    path = folder / "small.osm"
    path.write_text(f'<osm version="0.6">{"".join(elements)}</osm>', encoding="utf-8")
    return path


def square_nodes() -> list[str]:
    return [node(number, *at) for number, at in SQUARE.items()]


def test_nodes_and_closed_ways_with_any_of_the_tags_become_rows(tmp_path: Path) -> None:
    path = osm_file(
        tmp_path,
        *square_nodes(),
        node(5, 111.5, 27.5, amenity="clinic", name="Clinic", name__zh="诊所", population="12"),
        node(6, 111.5, 27.5, amenity="bank"),
        way(7, [1, 2, 3, 4, 1], building="school", name="小学"),
    )
    rows = read_osm_features(path, (("amenity", "clinic"), ("building", "*")))
    assert list(rows["osm_id"]) == ["n5", "w7"]
    assert list(rows["name"]) == ["诊所", "小学"]
    assert list(rows["amenity"]) == ["clinic", ""]
    assert list(rows["building"]) == ["", "school"]
    assert list(rows["population"]) == ["12", ""]
    assert "place" not in rows
    assert rows.crs == CRS.from_epsg(4326)
    assert rows.geometry[1].bounds == pytest.approx((111.0, 27.0, 111.01, 27.01))


def test_point_puts_a_point_inside_and_polygon_leaves_out_nodes(tmp_path: Path) -> None:
    path = osm_file(tmp_path, *square_nodes(), node(5, 111.5, 27.5, shop="yes"), way(7, [1, 2, 3, 4, 1], shop="yes"))
    points = read_osm_features(path, (("shop", "*"),), geometry="point")
    areas = read_osm_features(path, (("shop", "*"),), geometry="polygon")
    assert list(points.geom_type) == ["Point", "Point"]
    assert areas.geometry[0].contains(points.geometry[1])
    assert list(areas["osm_id"]) == ["w7"]


def test_a_ring_of_a_multipolygon_with_the_same_tag_is_counted_once(tmp_path: Path) -> None:
    ring = [1, 2, 3, 4, 1]
    path = osm_file(
        tmp_path, *square_nodes(), way(7, ring, building="yes", amenity="school"), relation(9, [7], type="multipolygon", building="yes")
    )
    assert list(read_osm_features(path, (("building", "*"),))["osm_id"]) == ["r9"]
    assert list(read_osm_features(path, (("amenity", "school"),))["osm_id"]) == ["w7"]


def test_open_lines_and_cut_areas_are_told(tmp_path: Path) -> None:
    path = osm_file(
        tmp_path,
        *square_nodes(),
        way(7, [1, 2, 3], building="yes"),
        way(8, [1, 2, 99, 1], building="yes"),
        relation(9, [7, 77], type="multipolygon", building="yes", name="学校"),
    )
    findings = Findings()
    assert not len(read_osm_features(path, (("building", "yes"),), findings=findings))
    assert findings.problems[0].severity == "warning"
    assert findings.problems[0].rows == ("w8", "r9 学校")


def test_boundaries_of_one_level_and_the_cut_ones_told(tmp_path: Path) -> None:
    level = {"type": "boundary", "boundary": "administrative"}
    path = osm_file(
        tmp_path,
        *square_nodes(),
        way(7, [1, 2, 3, 4, 1], boundary="administrative", admin_level="8"),
        way(8, [1, 3]),
        relation(9, [7], **level, admin_level="8", name="东镇"),
        relation(10, [7], **level, admin_level="6", name="小县"),
        relation(11, [8, 55], **level, admin_level="8", name="邻镇"),
    )
    findings = Findings()
    rows = read_osm_boundaries(path, 8, findings)
    assert rows.drop(columns="geometry").to_dict("records") == [{"osm_id": "r9", "name": "东镇"}]
    assert findings.problems[0].rows == ("r11 邻镇",)
    assert list(read_osm_boundaries(path, 6)["name"]) == ["小县"]


def cross(**tags: str) -> list[str]:
    """Two streets that cross at node 3, 0.001 degrees long on each side."""
    return [
        node(1, 111.0, 27.0),
        node(2, 111.002, 27.0),
        node(3, 111.001, 27.0),
        node(4, 111.001, 27.001),
        node(5, 111.001, 26.999),
        way(20, [1, 3, 2], highway="residential"),
        way(21, [4, 3, 5], highway="footway", **tags),
    ]


def test_streets_are_split_where_they_share_a_node(tmp_path: Path) -> None:
    streets = read_osm_streets(osm_file(tmp_path, *cross()), METRIC)
    assert (streets.n_nodes, streets.n_edges) == (5, 4)
    assert streets.class_names == ("footway", "residential")
    assert streets.edge_length_m.sum() == pytest.approx(2 * 99.2 + 2 * 110.8, abs=0.3)  # 0.001 degrees at 27 N on GRS 80


def test_a_way_that_may_not_be_walked_is_left_out_and_told(tmp_path: Path) -> None:
    findings = Findings()
    streets = read_osm_streets(osm_file(tmp_path, *cross(foot="no")), METRIC, findings)
    assert (streets.n_nodes, streets.n_edges) == (2, 1)
    assert len(streets.shape_xy_m) == 3
    assert "footway 1" in findings.problems[0].what


def test_ways_of_one_class_are_joined_where_nothing_else_meets(tmp_path: Path) -> None:
    nodes = [node(i, 111.0 + i * 0.001, 27.0) for i in range(1, 5)]
    same = osm_file(tmp_path, *nodes, way(20, [1, 2], highway="path"), way(21, [4, 3, 2], highway="path"))
    assert read_osm_streets(same, METRIC).n_edges == 1
    other = osm_file(tmp_path, *nodes, way(20, [1, 2], highway="path"), way(21, [4, 3, 2], highway="steps"))
    assert read_osm_streets(other, METRIC).n_edges == 2


def test_a_missing_node_parts_the_way_and_is_told(tmp_path: Path) -> None:
    nodes = [node(i, 111.0 + i * 0.001, 27.0) for i in (1, 2, 4, 5)]
    findings = Findings()
    streets = read_osm_streets(osm_file(tmp_path, *nodes, way(20, [1, 2, 3, 4, 5], highway="path")), METRIC, findings)
    assert streets.n_edges == 2
    assert findings.problems[0].severity == "warning"


def test_one_way_for_people_runs_as_tagged(tmp_path: Path) -> None:
    nodes = [node(1, 111.0, 27.0), node(2, 111.001, 27.0)]
    streets = read_osm_streets(osm_file(tmp_path, *nodes, way(20, [1, 2], highway="path", oneway__foot="-1")), METRIC)
    assert list(streets.edge_oneway) == [1]
    assert streets.node_xy_m[streets.edge_from[0], 0] > streets.node_xy_m[streets.edge_to[0], 0]


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "residential", "oneway": "yes"}, True),
        ({"highway": "unknown_word"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "trunk"}, True),
        ({"highway": "trunk", "motorroad": "yes"}, False),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "designated"}, True),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "service", "access": "permissive"}, True),
        ({"highway": "path", "foot": "private"}, False),
        ({"highway": "service", "area": "yes"}, False),
        ({"highway": "pedestrian", "area": "yes"}, True),
        ({"highway": "residential", "route": "ferry"}, False),
        ({"building": "yes"}, False),
    ],
)
def test_what_can_be_walked(tags: dict[str, str], walked: bool) -> None:  # noqa: FBT001
    assert is_walkable(tags) is walked


def test_oneway_of_vehicles_does_not_bind_people() -> None:
    assert walking_direction({"highway": "residential", "oneway": "yes"}) == 0
    assert walking_direction({"highway": "steps", "conveying": "backward"}) == -1


def damaged(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def pbf_bytes(folder: Path) -> bytes:
    path = folder / "whole.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(osm_file(folder, *cross()))):
            writer.add(thing)
    return path.read_bytes()


@pytest.mark.parametrize("case", ["cut", "empty", "text", "cut xml", "bad number", "no such file"])
def test_a_damaged_file_is_a_fault_that_names_it(tmp_path: Path, case: str) -> None:
    whole = pbf_bytes(tmp_path)
    path = {
        "cut": lambda: damaged(tmp_path, "x.osm.pbf", whole[:-40]),
        "empty": lambda: damaged(tmp_path, "x.osm.pbf", b""),
        "text": lambda: damaged(tmp_path, "x.osm.pbf", b"unit_id,name\n1,2\n"),
        "cut xml": lambda: damaged(tmp_path, "x.osm", b'<osm version="0.6"><node id="1" lat="1" lon="1"/>'),
        "bad number": lambda: damaged(tmp_path, "x.osm", b'<osm version="0.6"><node id="x" lat="1" lon="1"/></osm>'),
        "no such file": lambda: tmp_path / "x.osm.pbf",
    }[case]()
    for read in (
        lambda: read_osm_streets(path, METRIC),
        lambda: read_osm_features(path, (("building", "*"),)),
        lambda: read_osm_boundaries(path, 8),
    ):
        with pytest.raises(LayerFaultsError, match=path.name):
            read()


def test_ways_before_nodes_are_a_fault_and_not_an_empty_network(tmp_path: Path) -> None:
    elements = cross()
    with pytest.raises(LayerFaultsError, match="osmium sort"):
        read_osm_streets(osm_file(tmp_path, *elements[5:], *elements[:5]), METRIC)


def test_a_file_without_streets_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(LayerFaultsError, match="can be walked"):
        read_osm_streets(osm_file(tmp_path, *square_nodes()), METRIC)


def test_no_feature_gives_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    rows = read_osm_features(osm_file(tmp_path, *square_nodes()), (("shop", "*"),), geometry="point")
    assert list(rows.columns) == ["osm_id", "name", "shop", "geometry"]
    assert len(rows) == 0
    assert shapely.is_empty(rows.union_all())
