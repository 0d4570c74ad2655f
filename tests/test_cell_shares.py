"""Shares of cells in units: by hand, against cells cut one by one, and that they fill the cells they lie in."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import box

from layers.cell_shares import cell_shares, counted

Floats = NDArray[np.float64]


def shares_of(polygons: NDArray[np.object_], n_rows: int, n_columns: int) -> Floats:
    """(polygons, rows, columns) the share of every cell; no cell stands twice for one polygon."""
    found = cell_shares(polygons, n_rows, n_columns)
    run, column = counted(found.start, found.stop)
    at = found.unit[run], found.row[run], column
    shares = np.zeros((len(polygons), n_rows, n_columns))
    shares[at] = found.share[run]
    assert np.count_nonzero(shares) == len(run)
    return shares


def shares_by_cutting(polygons: NDArray[np.object_], n_rows: int, n_columns: int) -> Floats:
    """The same, every cell cut by every polygon."""
    cells = np.array([[box(i, j, i + 1, j + 1) for i in range(n_columns)] for j in range(n_rows)])
    shares: Floats = shapely.area(shapely.intersection(polygons[:, None, None], cells[None]))
    return shares


def test_cells_on_a_border_are_shared_by_area() -> None:
    """Three columns and two rows, of which a unit takes one and a half columns, another seven quarters of a row of the others, a third a
    piece within one cell; the last runs along a row without touching its upper or lower edge."""
    units = np.array([box(0, 0, 1.5, 2), box(1.5, 0, 3, 1.75), box(0.25, 0.5, 0.75, 1.0), box(-1, 0.25, 4, 0.5)])
    expected = [
        [[1, 0.5, 0], [1, 0.5, 0]],
        [[0, 0.5, 1], [0, 0.375, 0.75]],
        [[0.25, 0, 0], [0, 0, 0]],
        [[0.25, 0.25, 0.25], [0, 0, 0]],
    ]
    assert shares_of(units, 2, 3).tolist() == expected


def test_a_slanting_border_parts_a_cell_into_triangle_and_rest() -> None:
    """From (0, 0) to (2, 1): a quarter of the first cell lies below it, three quarters of the second."""
    below = np.array([shapely.Polygon([(0, 0), (2, 1), (2, 0)])])
    assert shares_of(below, 1, 2)[0, 0] == pytest.approx([0.25, 0.75])


def test_nothing_and_what_lies_beyond_the_raster_have_no_share() -> None:
    assert not shares_of(np.array([shapely.Polygon(), box(5, 5, 6, 6), box(-3, 0, 0, 1)]), 2, 2).any()
    assert not len(cell_shares(np.array([], dtype=object), 2, 2).unit)
    assert not len(cell_shares(np.array([box(0, 0, 1, 1)]), 0, 0).unit)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_rows=st.integers(1, 9), n_columns=st.integers(1, 9), n_units=st.integers(1, 12))
def test_shares_are_those_of_cells_cut_one_by_one(seed: int, n_rows: int, n_columns: int, n_units: int) -> None:
    """Units with holes and of several parts, on and off the raster, corners on the corners of cells among them."""
    rng = np.random.default_rng(seed)
    whole = box(-1.25, -1, n_columns + 0.5, n_rows + 1)
    seeds = rng.uniform(shapely.bounds(whole)[:2], shapely.bounds(whole)[2:], (n_units, 2)).round(int(rng.integers(0, 3)))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=whole))
    lake = box(0.25, 0.5, n_columns - 0.5, n_rows - 0.25)
    units = np.append(shapely.difference(shapely.intersection(cells, whole), lake), [box(0, 0, 1, 1), shapely.reverse(lake)])
    assert np.abs(shares_of(units, n_rows, n_columns) - shares_by_cutting(units, n_rows, n_columns)).max() < 1e-9


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n_units=st.integers(1, 300))
def test_units_that_fill_a_raster_have_every_cell_once(seed: int, n_units: int) -> None:
    rng = np.random.default_rng(seed)
    values, whole = rng.poisson(2.0, (150, 200)).astype(np.float64), box(0, 0, 200, 150)
    seeds = rng.uniform(shapely.bounds(whole)[:2], shapely.bounds(whole)[2:], (n_units, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=whole))
    shares = shares_of(shapely.intersection(cells, whole), 150, 200)
    assert shares.sum(axis=0) == pytest.approx(np.ones((150, 200)), abs=1e-9)
    assert math.fsum((shares * values).sum(axis=(1, 2))) == pytest.approx(values.sum(), rel=1e-12)
