"""The enlarged part of the printed map: where sites crowd, on a corner without land, every number once."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.small_assessment import small_assessment

pytest.importorskip("matplotlib", reason="the extra `report` is not installed")

from maps.report import fonts, inset, sheet
from maps.report.drawing import bounds_of
from planner.assessment import Assessment

PAPER = (785.0, 706.0)
"""points: the first page of the sheet"""
spots = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=12)


def of_sites(n: int, apart_m: float) -> Assessment:
    """The small assessment with its proposal n times, in a row."""
    small = small_assessment()
    table = small.proposals.iloc[[0] * n].reset_index(drop=True)
    point = table.geometry.iloc[0]
    moved = [shapely.Point(point.x + apart_m * i, point.y) for i in range(n)]
    return Assessment(**{**vars(small), "proposals": table.set_geometry(moved, crs=table.crs)})


def test_a_crowd_is_three_sites_that_touch() -> None:
    row = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [500.0, 0.0]])
    assert inset.crowd(row, 100.0, 10.5) == (-40.0, -50.0, 60.0, 50.0)
    assert inset.crowd(row, 100.0, 9.5) is None
    assert inset.crowd(row[[0, 1, 3]], 100.0, 10.5) is None
    assert inset.crowd(row[:0], 100.0, 10.5) is None


@given(spots, st.integers(2, 20))
def test_no_square_of_its_size_holds_more(places: list[tuple[int, int]], side: int) -> None:
    xy = np.array(places, dtype=float)
    found = inset.crowd(xy, float(side), 3.0)
    if found is None:
        return
    west, south, east, north = found
    assert (east - west, north - south) == (side, side)
    mine = sum(west <= x <= east and south <= y <= north for x, y in places)
    most = max(sum(a <= x <= a + side and b <= y <= b + side for x, y in places) for a in range(41) for b in range(41))
    assert mine == most


def test_the_corner_holds_no_land_and_the_map_all_of_it() -> None:
    crowded = of_sites(4, 20.0)
    area, xy = crowded.before.area, np.column_stack([crowded.proposals.geometry.x, crowded.proposals.geometry.y])
    found = inset.inset_of(area, xy, PAPER)
    assert found is not None
    land = shapely.union_all(area.places(area.levels[0]).geometry.to_numpy())
    assert land.intersection(shapely.box(*found.corner)).area == 0
    assert shapely.box(*found.view).covers(land)
    assert shapely.box(*found.view).buffer(1e-6).covers(shapely.box(*found.corner))
    assert (found.view[2] - found.view[0]) / (found.view[3] - found.view[1]) == pytest.approx(PAPER[0] / PAPER[1])
    west, south, east, north = bounds_of(area)
    largest = min(PAPER[0] / (east - west), PAPER[1] / (north - south))
    assert 0.8 <= PAPER[1] / (found.view[3] - found.view[1]) / largest + 1e-9 <= 1.0 + 1e-6
    assert inset.inset_of(area, xy[:2], PAPER) is None


@pytest.mark.parametrize(("apart_m", "on_each"), [(20.0, [0, 4]), (400.0, [4])])
def test_every_site_has_its_number_on_one_map(apart_m: float, on_each: list[int]) -> None:
    if not fonts.known_family():
        pytest.skip("no font with Chinese characters on this machine (Debian: fonts-noto-cjk)")
    crowded = of_sites(4, apart_m)
    with sheet.style():
        *maps, _ = next(sheet.sheets(crowded, "zh", "")).axes
        numbers = [[text.get_text() for text in axes.texts if text.get_text().isdecimal()] for axes in maps]
    assert [len(of_map) for of_map in numbers] == on_each
    assert [number for of_map in numbers for number in of_map] == ["1", "2", "3", "4"]
