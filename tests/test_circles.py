"""Service circles: figures worked out on paper, and people counted by minutes against people inside the polygon."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from planner import circles
from planner.circles import COARSE_M, COARSE_UP_TO_M, HALF_WIDTH_M, cell_of, merged_circles, service_circles, straight_circles
from planner.travel import drawing
from planner.travel.measure import measure_times
from planner.travel.model import PROFILES, Travel
from planner.travel.outline import Band, Outline
from planner.travel.rings import polygons_of, rings_of
from planner.travel.sheet import NOWHERE, Sheet
from tests.small import X0, Y0, small_area, straight_street
from tests.towns import area_of, streets_of, town

DRAWN_TO_M = COARSE_M
"""the outline is interpolated on a grid of this step; slits and points narrower than it may be lost"""


def circle(area: StudyArea, minutes: float, **travel: float) -> shapely.MultiPolygon:
    """The circle of the first facility, moved to the corner of the place."""
    (found,) = service_circles(area, Travel(**travel), profile="elder_walk", site_rows=[0], bands=(minutes,)).geometry.array
    moved: shapely.MultiPolygon = shapely.transform(found, lambda xy: xy - (X0, Y0))
    return moved


def test_a_circle_on_a_straight_street_is_80_m_wide_and_ends_exactly_at_the_band() -> None:
    area = area_of(straight_street(), [], [(2000.0, 500.0)])
    found = circle(area, 15.0)
    assert found.bounds == pytest.approx((1250, 460, 2750, 540), abs=DRAWN_TO_M)
    axis = found.intersection(shapely.LineString([(0, 500), (4000, 500)]))
    assert axis.bounds == pytest.approx((1250, 500, 2750, 500), abs=0.1)
    full_width = 2 * (750 - 40)  # towards its ends the walk from the door takes what the street leaves: 40 m wide 40 m before the end
    assert found.area == pytest.approx(2 * 40 * full_width + 2 * 40 * 40, rel=0.01)


def test_the_way_from_the_door_to_the_street_counts_against_the_band() -> None:
    area = area_of(straight_street(), [], [(2000.0, 600.0)])
    assert circle(area, 5.0).bounds == pytest.approx((1850, 460, 2150, 540), abs=DRAWN_TO_M)
    assert circle(area, 1.0).is_empty
    assert circle(area, 15.0, off_road_m_per_min=20.0).bounds[0] == pytest.approx(2000 - 50 * (15 - 100 / 20), abs=DRAWN_TO_M)


def test_every_facility_and_band_has_its_row_also_off_the_network() -> None:
    area = area_of(straight_street(), [], [(300.0, 500.0), (300.0, 3000.0)])
    found = service_circles(area, Travel(), profile="elder_walk", site_rows=[1, 0], bands=(15.0, 5.0))
    assert found[["facility_id", "kind", "minutes"]].to_numpy().tolist() == [
        ["f1", "day_care", 5.0],
        ["f1", "day_care", 15.0],
        ["f0", "day_care", 5.0],
        ["f0", "day_care", 15.0],
    ]
    assert found.geometry.is_empty.tolist() == [True, True, False, False]
    assert set(found.geom_type) == {"MultiPolygon"}
    assert found.crs == area.crs
    assert service_circles(area, Travel(), profile="elder_walk", site_rows=[]).empty


def test_where_no_street_is_open_every_circle_is_empty() -> None:
    motorway = streets_of([[(0, 0), (1000, 0)]], classes=["motorway"])
    for streets in (motorway, town(1, seed=0)):
        area = area_of(streets, [], [(100.0, 0.0)])
        each = service_circles(area, Travel(), profile="elder_walk", site_rows=[0])
        merged = merged_circles(area, Travel(), profile="elder_walk", site_rows=[0])
        assert each.geometry.is_empty.tolist() == merged.geometry.is_empty.tolist() == [True, True, True]


def test_a_large_block_is_a_hole_and_a_small_one_is_filled() -> None:
    block = [(0, 0), (300, 0), (300, 300), (0, 300), (0, 0)]
    (large,) = circle(area_of(streets_of([block]), [], [(0.0, 0.0)]), 60.0).geoms
    assert [shapely.Polygon(ring).area for ring in large.interiors] == pytest.approx([220.0**2], rel=0.01)
    small = [(x * 70 / 300, y * 70 / 300) for x, y in block]
    (filled,) = circle(area_of(streets_of([small]), [], [(0.0, 0.0)]), 60.0).geoms
    assert not len(filled.interiors)


def test_a_corner_that_is_told_twice_changes_nothing() -> None:
    bend = [(0.0, 0.0), (300.0, 0.0), (300.0, 400.0)]
    once, twice = (circle(area_of(streets_of([line]), [], [(100.0, 0.0)]), 8.0) for line in (bend, [bend[0], *np.repeat(bend, 2, axis=0)]))
    assert once.symmetric_difference(twice).area < 1.0
    assert once.area == pytest.approx(80.0 * (100 + 200 + 200), rel=0.05)


def two_banks(river_m: float, *, bridge: bool) -> StreetNetwork:
    """Two streets of 2 km along a river, with a bridge at x = 400 or none."""
    lines = [[(x, y), (x_end, y)] for x, x_end in ((0, 400), (400, 2000)) for y in (0, river_m)]
    return streets_of([*lines, [(400, 0), (400, river_m)]] if bridge else lines)


def test_circles_of_a_long_reach_keep_the_hole_of_every_block_100_m_wide() -> None:
    lines = [[(x, y), (x + dx, y + dy)] for x in range(0, 700, 100) for y in range(0, 700, 100) for dx, dy in ((100, 0), (0, 100))]
    within = [line for line in lines if line[1][0] <= 600 and line[1][1] <= 600]
    minutes = 45.0
    assert minutes * PROFILES["elder_walk"].speed_m_per_min > COARSE_UP_TO_M
    (found,) = circle(area_of(streets_of(within), [], [(300.0, 300.0)]), minutes).geoms
    assert len(found.interiors) == 6 * 6
    ground_m2 = 680.0**2 - (4 - math.pi) * 40.0**2
    assert shapely.Polygon(found.exterior).area == pytest.approx(ground_m2, rel=0.002)
    assert found.area == pytest.approx(ground_m2 - 36 * 20.0**2, rel=0.03)  # holes little wider than the grid are drawn too small


def test_two_banks_of_a_river_without_a_bridge_stay_apart() -> None:
    for river_m in (90.0, 30.0):
        other_bank = shapely.box(0, river_m / 2 + 3, 2000, river_m + 200)
        assert circle(area_of(two_banks(river_m, bridge=False), [], [(500.0, 0.0)]), 15.0).intersection(other_bank).is_empty
    over = circle(area_of(two_banks(90.0, bridge=True), [], [(500.0, 0.0)]), 15.0).intersection(shapely.LineString([(0, 90), (2000, 90)]))
    assert over.bounds == pytest.approx((0, 90, 400 + 750 - 100 - 90, 90), abs=DRAWN_TO_M)


def test_the_merged_circle_is_the_union_of_each_band() -> None:
    for area in (small_area(), small_area(streets=None)):
        found = service_circles(area, Travel(), profile="elder_walk", site_rows=[0, 1, 2])
        merged = merged_circles(area, Travel(), profile="elder_walk", site_rows=[0, 1, 2], kind="day_care")
        assert merged["facility_id"].to_list() == ["", "", ""]
        assert merged["kind"].to_list() == ["day_care"] * 3
        assert merged["minutes"].to_list() == [5.0, 10.0, 15.0]
        for row in merged.itertuples():
            union = shapely.union_all(found.geometry[found["minutes"] == row.minutes])
            assert row.geometry.symmetric_difference(union).area < 0.001 * union.area
        assert merged_circles(area, Travel(), profile="elder_walk", site_rows=[]).empty


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_merged_circles_are_valid_and_near_the_union_with_sites_on_one_street_one_ways_and_slopes(seed: int) -> None:
    area = crowd(seed, off_street_m=0.0, rise_m=8.0, oneway_share=0.2)
    sites = np.concatenate([area.site_xy_m, area.demand_xy_m[:20]]) - (X0, Y0)
    area = area_of(area.streets, [], sites)
    rows = range(len(sites))
    each = service_circles(area, Travel(), profile="elder_walk", site_rows=rows, bands=(6.0,)).geometry.to_numpy()
    (merged,) = merged_circles(area, Travel(), profile="elder_walk", site_rows=rows, bands=(6.0,)).geometry
    assert merged.is_valid
    union = shapely.union_all(each)
    assert merged.symmetric_difference(union).area < 0.01 * union.area
    assert merged.difference(union.buffer(DRAWN_TO_M)).is_empty
    assert union.difference(merged.buffer(DRAWN_TO_M)).is_empty


def test_drawn_in_strips_and_by_more_threads_circles_are_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    area = crowd(5, off_street_m=0.0)
    area = area_of(area.streets, [], np.concatenate([area.site_xy_m, area.demand_xy_m[:60]]) - (X0, Y0))

    def drawn() -> bytes:
        each = service_circles(area, Travel(), profile="elder_walk", site_rows=range(63))
        merged = merged_circles(area, Travel(), profile="elder_walk", site_rows=range(63))
        return b"".join(shapely.to_wkb(np.concatenate([each.geometry, merged.geometry])))

    expected = drawn()
    monkeypatch.setattr(circles, "n_threads_default", lambda: 3)
    assert drawn() == expected
    for points in (300, 1500):
        monkeypatch.setattr(drawing, "STRIP_POINTS", points)
        assert drawn() == expected


def test_without_streets_a_circle_is_a_disc_of_the_pace_over_the_detour_factor() -> None:
    found = service_circles(small_area(streets=None), Travel(detour_factor=1.25), profile="elder_walk", site_rows=[1], bands=(10.0,))
    assert found.geometry.area.tolist() == pytest.approx([math.pi * 400.0**2], rel=0.01)
    assert found.geometry[0].centroid.distance(small_area().facilities.geometry[1]) < 1e-6


def test_a_straight_circle_has_the_area_of_a_disc_to_a_thousandth() -> None:
    (disc,) = straight_circles(np.array([[X0, Y0]]), 300.0)
    assert disc.area == pytest.approx(math.pi * 300.0**2, rel=1e-3)


def crowd(seed: int, *, off_street_m: float, rise_m: float = 0.0, oneway_share: float = 0.0) -> StudyArea:
    """A town with three facilities and 2000 people, one at each place, up to so far from its streets."""
    streets, rng = town(16, seed, rise_m=rise_m), np.random.default_rng(seed)
    edge = rng.integers(0, streets.n_edges, 2000)
    at = shapely.line_interpolate_point(streets.lines()[edge], rng.random(2000), normalized=True)
    aside = rng.uniform(0.0, off_street_m, 2000)
    angle = rng.uniform(0.0, 2 * np.pi, 2000)
    homes = shapely.get_coordinates(at) - (X0, Y0) + aside[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    streets = replace(streets, edge_oneway=(rng.random(streets.n_edges) < oneway_share).astype(np.int8))
    return area_of(streets, homes, rng.uniform(500, 1000, (3, 2)))


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    off_street_m=st.sampled_from([0.0, 35.0]),
    minutes=st.sampled_from([9.0, 15.0]),
    rise_m=st.sampled_from([0.0, 8.0]),
)
def test_people_inside_the_polygon_are_the_people_counted_by_minutes(seed: int, off_street_m: float, minutes: float, rise_m: float) -> None:
    area = crowd(seed, off_street_m=off_street_m, rise_m=rise_m, oneway_share=0.1 if rise_m else 0.0)
    drawn_to_m = cell_of(minutes * PROFILES["elder_walk"].speed_m_per_min)
    arcs = measure_times(area, Travel(), {"elder_walk": minutes}).by_profile["elder_walk"]
    found = service_circles(area, Travel(), profile="elder_walk", site_rows=[0, 1, 2], bands=(minutes,))
    for site, polygon in enumerate(found.geometry):
        counted = np.zeros(len(area.demand), dtype=bool)
        counted[arcs.demand_row[arcs.site_row == site]] = True
        assert not (counted & ~shapely.contains_xy(polygon.buffer(drawn_to_m), area.demand_xy_m)).any()
        inside = shapely.contains_xy(polygon, area.demand_xy_m)
        assert abs(int(inside.sum()) - int(counted.sum())) <= max(0.01 * counted.sum(), 8)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_circles_are_valid_and_each_lies_in_the_next_larger(seed: int) -> None:
    area = crowd(seed, off_street_m=10.0)
    found = service_circles(area, Travel(), profile="elder_walk", site_rows=[0, 1, 2])
    assert found.geometry.is_valid.all()
    for _, bands in found.groupby("facility_id"):
        for small, large in zip(bands.geometry, bands.geometry[1:], strict=False):
            assert small.difference(large.buffer(DRAWN_TO_M)).is_empty
    streets = area.streets
    assert streets is not None
    town_buffer = shapely.union_all(shapely.buffer(streets.lines(), HALF_WIDTH_M + DRAWN_TO_M))
    assert found.geometry.within(town_buffer).all()


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 100_000), share=st.floats(0.05, 0.95), tolerance_m=st.sampled_from([0.0, 0.5, 8.0]))
def test_traced_rings_of_any_field_are_valid_and_hold_just_the_points_within_reach(seed: int, share: float, tolerance_m: float) -> None:
    """However far the rings may be thinned, and whether they are traced at once or in strips."""
    rng, cell_m = np.random.default_rng(seed), 5.0
    field = np.full((12, 16), 40.0, dtype=np.float32)
    sign = np.where(rng.random((10, 14)) < share, -1.0, 1.0)
    field[1:-1, 1:-1] = sign * rng.random((10, 14)) * rng.choice([0.0, 1e-6, 1.0, 40.0], (10, 14))

    def drawn(*stops: int) -> shapely.MultiPolygon:
        outline, first, band = Outline(), 0, Band(np.float32(0.0), np.float32(0.0), tolerance_m)
        for stop in stops:
            lack_m = field[first:stop].ravel()
            sheet = Sheet(100.0, 200.0, cell_m, first, 16, lack_m, lack_m, np.full(len(lack_m), NOWHERE, dtype=np.int32))
            outline.add(sheet, band, np.zeros((0, 4)))
            first = stop - 1
        (ground,) = polygons_of([rings_of(outline.traced())])
        return ground

    ground = drawn(12)
    assert ground.is_valid
    columns, rows = np.meshgrid(100.0 + np.arange(16) * cell_m, 200.0 + np.arange(12) * cell_m)
    assert (shapely.contains_xy(ground, columns, rows) == (field <= 0)).all()
    assert ground.wkb == drawn(4, 5, 12).wkb


def test_circles_of_several_kinds_keep_their_kind() -> None:
    found = service_circles(small_area(), Travel(), profile="elder_walk", site_rows=[2, 0], bands=(5.0,))
    assert found["kind"].to_list() == ["township_centre", "day_care"]
