"""Real OSM extracts. Junction counts stand near those of PROVENANCE.md, which counts vertices where segments meet, whatever their class."""

from __future__ import annotations

import pytest
from pyproj import CRS

from layers.layer_sources import StreetSource
from layers.problems import Findings
from layers.sources.osm import read_osm_boundaries, read_osm_features, read_osm_streets
from layers.sources.streets import component_share, read_streets
from tests.places import needs_place, place

pytestmark = pytest.mark.places


@pytest.mark.parametrize(
    ("name", "file", "epsg", "n_vertices", "n_junctions"),
    [
        pytest.param("legazpi_ph", "legazpi.osm.pbf", 32651, 19_792, 3_802, marks=needs_place("legazpi_ph")),
        pytest.param("liechtenstein", "liechtenstein_20211028.osm.pbf", 32632, 72_143, 8_097, marks=needs_place("liechtenstein")),
        pytest.param("taipei", "arterials_2017.osm.pbf", 3826, 7_460, 696, marks=needs_place("taipei")),
        # with its 59 cycleways, which are left out here, it has 2,118 vertices and 915 junctions
        pytest.param("beijing_haidian_mini", "haidian_2017.osm.pbf", 4548, 2_101, 891, marks=needs_place("beijing_haidian_mini")),
    ],
)
def test_size_of_the_walkable_network(name: str, file: str, epsg: int, n_vertices: int, n_junctions: int) -> None:
    streets = read_osm_streets(place(name) / file, CRS.from_epsg(epsg))
    vertices = len(streets.shape_xy_m) - 2 * streets.n_edges + streets.n_nodes
    assert vertices == pytest.approx(n_vertices, rel=0.1)
    assert streets.n_nodes == pytest.approx(n_junctions, rel=0.1)


@needs_place("legazpi_ph")
def test_legazpi_hangs_together_and_has_its_barangays_and_buildings() -> None:
    path = place("legazpi_ph") / "legazpi.osm.pbf"
    n_pieces, share = component_share(read_osm_streets(path, CRS.from_epsg(32651)))
    assert share > 0.99
    assert n_pieces == 9
    barangays = read_osm_features(path, (("place", "quarter"), ("place", "village")), geometry="point").query("admin_level == '10'")
    assert len(barangays) == 70
    assert barangays["population"].astype(int).sum() == 209_533
    buildings = read_osm_features(path, (("building", "*"),), geometry="polygon")
    assert len(buildings) == pytest.approx(31_239, abs=10)
    assert buildings["osm_id"].is_unique


@needs_place("legazpi_ph")
def test_the_cut_boundaries_around_legazpi_are_told() -> None:
    findings = Findings()
    cities = read_osm_boundaries(place("legazpi_ph") / "legazpi.osm.pbf", 6, findings)
    assert len(cities) == 1
    assert findings.problems[0].count == 8
    assert any("Daraga" in row for row in findings.problems[0].rows)


@needs_place("liechtenstein")
def test_liechtenstein_has_two_districts_of_eleven_municipalities() -> None:
    path = place("liechtenstein") / "liechtenstein_20211028.osm.pbf"
    districts, municipalities = read_osm_boundaries(path, 6), read_osm_boundaries(path, 8)
    assert set(districts["name"]) == {"Oberland", "Unterland"}
    assert len(municipalities) == 11
    inside = municipalities.representative_point().apply(lambda point: districts.contains(point).sum())
    assert (inside == 1).all()


@needs_place("helsinki_centre_fi")
def test_streets_cut_by_the_edge_of_an_extract_are_told() -> None:
    findings = Findings()
    streets = read_osm_streets(place("helsinki_centre_fi") / "Helsinki.osm.pbf", CRS.from_epsg(32635), findings)
    assert streets.n_edges > 4000
    assert [p.severity for p in findings.problems] == ["note", "warning"]


@needs_place("wuhan_cn")
def test_a_large_line_layer_is_read_without_its_motorways() -> None:
    findings = Findings()
    path = place("wuhan_cn") / "streets.parquet"
    streets = read_streets(StreetSource(path="streets.parquet"), path, CRS.from_epsg(32650), findings)
    assert not findings.has_errors
    assert not {"motorway", "motorway_link"} & set(streets.class_names)
    assert findings.problems[0].count == 2080 + 2879
    assert component_share(streets)[1] > 0.99
