"""Sums of a raster by units: by hand, against the areas of cut cells, and that nobody is lost."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from planner.cell_sums import cell_sums

CELL_M = (20.0, 10.0)
CORNER_M = (1000.0, 540.0)


def box(west: float, north: float, east: float, south: float) -> shapely.Geometry:
    """A rectangle in columns and rows."""
    (x, y), (width, height) = CORNER_M, CELL_M
    return shapely.box(x + west * width, y - south * height, x + east * width, y - north * height)


def sums_by_cutting(units: NDArray[np.object_], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same, every cell cut by every unit."""
    cells = np.array([[box(i, j, i + 1, j + 1) for i in range(values.shape[1])] for j in range(values.shape[0])])
    share = shapely.area(shapely.intersection(units[:, None, None], cells[None])) / (CELL_M[0] * CELL_M[1])
    known = ~np.isnan(values)
    return (share * np.where(known, values, 0.0)).sum(axis=(1, 2)), (share * known).sum(axis=(1, 2))


def test_cells_on_a_border_are_shared_by_area() -> None:
    values = np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
    found = cell_sums(np.array([box(0, 0, 1.5, 2), box(1.5, 0, 3, 1.75), box(0.25, 0.5, 0.75, 1.0)]), values, CORNER_M, CELL_M)
    assert found.total == pytest.approx([1 + 8 + 0.5 * (2 + 16), 0.5 * 2 + 4 + 0.75 * (0.5 * 16 + 32), 0.25], rel=1e-12)
    assert found.known_cells == pytest.approx([3.0, 1.5 * 1.75, 0.25], rel=1e-12)


def test_ground_without_data_holds_what_is_known_and_says_how_much_that_is() -> None:
    values = np.array([[3.0, np.nan, np.nan]])
    units = np.array([box(0, 0, 2, 1), box(1, 0, 3, 1), box(-1, -1, 0.5, 2), box(5, 5, 6, 6), box(-9, 0, 9, 1), shapely.Polygon()])
    found = cell_sums(units, values, CORNER_M, CELL_M)
    assert found.total == pytest.approx([3.0, np.nan, 1.5, np.nan, 3.0, np.nan], nan_ok=True)
    assert found.known_cells == pytest.approx([1.0, 0.0, 0.5, 0.0, 1.0, 0.0])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n_rows=st.integers(1, 9), n_columns=st.integers(1, 9), n_units=st.integers(1, 12))
def test_sums_are_those_of_cells_cut_one_by_one(seed: int, n_rows: int, n_columns: int, n_units: int) -> None:
    """Units with holes and of several parts, on and off the raster, corners on the corners of cells among them."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((n_rows, n_columns)) < 0.2, np.nan, rng.uniform(0, 50, (n_rows, n_columns)))
    whole = box(-1, -1, n_columns + 0.5, n_rows + 1)
    seeds = rng.uniform(shapely.bounds(whole)[:2], shapely.bounds(whole)[2:], (n_units, 2)).round(0)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=whole))
    lake = box(0.25, 0.5, n_columns - 0.5, n_rows - 0.25)
    units = np.append(shapely.difference(shapely.intersection(cells, whole), lake), [box(0, 0, 1, 1), shapely.reverse(lake)])
    found = cell_sums(units, values, CORNER_M, CELL_M)
    total, known = sums_by_cutting(units, values)
    assert found.known_cells == pytest.approx(known, abs=1e-6)
    assert found.total == pytest.approx(np.where(known > 1e-6, total, np.nan), rel=1e-9, abs=1e-6, nan_ok=True)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n_units=st.integers(1, 300))
def test_nobody_is_lost_between_units_that_fill_a_raster(seed: int, n_units: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.poisson(2.0, (150, 200)).astype(np.float64)
    whole = box(0, 0, 200, 150)
    seeds = rng.uniform(shapely.bounds(whole)[:2], shapely.bounds(whole)[2:], (n_units, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=whole))
    found = cell_sums(shapely.intersection(cells, whole), values, CORNER_M, CELL_M)
    assert math.fsum(found.total) == pytest.approx(values.sum(), rel=1e-12)
    assert math.fsum(found.known_cells) == pytest.approx(values.size, rel=1e-12)
