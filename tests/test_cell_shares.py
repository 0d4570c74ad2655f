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

from layers.cell_kernels import Runs
from layers.cell_shares import cell_shares, sums_of
from layers.sources.raster import KEYS_PER_ROW
from layers.unit_grid import OUTSIDE

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


def keys_of(n_rows: int, n_columns: int) -> Longs:
    """All cells of a raster."""
    return (np.arange(n_rows)[:, None] * KEYS_PER_ROW + np.arange(n_columns)).ravel()


def by_cell(runs: Runs, n_polygons: int, n_cells: int) -> tuple[Floats, Floats]:
    """(polygons + 1, cells) shares and (polygons + 1, cells, 2) their middles, at the end of what lies outside; no cell stands twice."""
    shares, middles = np.zeros((n_polygons + 1, n_cells)), np.full((n_polygons + 1, n_cells, 2), np.nan)
    for unit, first, stop, share, middle in zip(*runs, strict=True):
        assert first < stop
        assert not shares[unit, first:stop].any()
        shares[unit, first:stop], middles[unit, first:stop] = share, middle
    return shares, middles


def shares_of(polygons: NDArray[np.object_], n_rows: int, n_columns: int) -> Floats:
    """(polygons, rows, columns) the share of every cell."""
    runs = cell_shares(polygons, keys_of(n_rows, n_columns))
    return by_cell(runs, len(polygons), n_rows * n_columns)[0][:-1].reshape(-1, n_rows, n_columns)


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
    beyond = np.array([shapely.Polygon(), box(5, 5, 6, 6), box(-3, 0, 0, 1), box(0, -2, 2, 0), shapely.MultiPolygon()])
    assert not shares_of(beyond, 2, 2).any()
    assert cell_shares(beyond, keys_of(2, 2)).unit.tolist() == [OUTSIDE, OUTSIDE]
    assert cell_shares(np.array([], dtype=object), keys_of(2, 2)).share.tolist() == [1, 1]
    assert not len(cell_shares(np.array([box(0, 0, 1, 1)]), keys_of(0, 0)).unit)


def test_ground_outside_is_what_no_unit_has_of_a_cell() -> None:
    """A lake of half a cell in a unit that leaves off in the middle of the last of three cells; the second row is bare."""
    unit = np.array([shapely.difference(box(0, 0, 2.5, 1), box(1.25, 0, 1.75, 1))])
    runs = cell_shares(unit, keys_of(2, 3))
    outside = runs.unit == OUTSIDE
    assert runs.first[outside].tolist() == [1, 3]  # half of the second and of the third cell alike, then the whole second row
    assert runs.stop[outside].tolist() == [3, 6]
    assert runs.share[outside].tolist() == [0.5, 1]


def test_sums_are_known_where_every_cell_is() -> None:
    """The third unit holds a cell without data, the fourth none of those asked for."""
    units = np.array([box(0, 0, 1.5, 1), box(1.5, 0, 3, 1), box(3, 0, 4, 1), box(4, 0, 5, 1)])
    runs = cell_shares(units, keys_of(1, 4))
    assert sums_of(runs, np.array([10.0, 4.0, 1.0, math.nan]), 4).tolist()[:2] == [12, 3]
    assert np.isnan(sums_of(runs, np.array([10.0, 4.0, 1.0, math.nan]), 4))[2:].all()


def random_units(rng: np.random.Generator, n_units: int, n_rows: int, n_columns: int) -> NDArray[np.object_]:
    """Units with holes and of several parts, smaller than a cell and larger, on and off the raster; corners on those of cells, and two
    units over others, among them."""
    whole = box(-1.25, -1, n_columns + 0.5, n_rows + 1)
    seeds = rng.uniform(shapely.bounds(whole)[:2], shapely.bounds(whole)[2:], (n_units, 2)).round(int(rng.integers(0, 3)))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=whole))
    lake = box(0.25, 0.5, n_columns - 0.5, n_rows - 0.25)
    return np.append(shapely.difference(shapely.intersection(cells, whole), lake), [box(0, 0, 1, 1), shapely.reverse(lake)])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_rows=st.integers(1, 9), n_columns=st.integers(1, 9), n_units=st.integers(1, 60))
def test_shares_are_those_of_cells_cut_one_by_one(seed: int, n_rows: int, n_columns: int, n_units: int) -> None:
    units = random_units(np.random.default_rng(seed), n_units, n_rows, n_columns)
    assert np.abs(shares_of(units, n_rows, n_columns) - shares_by_cutting(units, n_rows, n_columns)).max() < 1e-9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), row=st.integers(0, 70_000), column=st.integers(0, 70_000))
def test_some_cells_far_in_a_file_have_the_shares_that_they_have_among_all(seed: int, row: int, column: int) -> None:
    rng = np.random.default_rng(seed)
    units = random_units(rng, int(rng.integers(1, 12)), 8, 7)
    asked = np.flatnonzero(rng.random(8 * 7) < rng.random())
    among_all, _ = by_cell(cell_shares(units, keys_of(8, 7)), len(units), 8 * 7)
    moved = shapely.transform(units, lambda xy: xy + (column, row))
    some, _ = by_cell(cell_shares(moved, keys_of(8, 7)[asked] + row * KEYS_PER_ROW + column), len(units), len(asked))
    assert np.abs(some - among_all[:, asked]).max(initial=0) < 1e-9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_units=st.integers(1, 60))
def test_middles_are_the_centroids_of_cells_cut_one_by_one(seed: int, n_units: int) -> None:
    units = random_units(np.random.default_rng(seed), n_units, 6, 7)
    shares, middles = by_cell(cell_shares(units, keys_of(6, 7)), len(units), 6 * 7)
    unit, cell = np.nonzero(shares[:-1] > 1e-4)
    corner = np.column_stack([cell % 7, cell // 7])
    parts = shapely.intersection(units[unit], box(*corner.T, *(corner + 1).T))
    assert np.abs(shapely.get_coordinates(shapely.centroid(parts)) - corner - middles[unit, cell]).max() < 1e-9


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n_units=st.integers(1, 300))
def test_units_that_fill_a_raster_have_every_cell_once(seed: int, n_units: int) -> None:
    rng = np.random.default_rng(seed)
    values, whole = rng.poisson(2.0, (150, 200)) * rng.random((150, 200)), box(0, 0, 200, 150)
    seeds = rng.uniform(shapely.bounds(whole)[:2], shapely.bounds(whole)[2:], (n_units, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=whole))
    units = shapely.intersection(cells, whole)
    runs = cell_shares(units, keys_of(150, 200))
    shares, _ = by_cell(runs, len(units), 150 * 200)
    assert not shares[-1].any()
    assert shares.sum(axis=0) == pytest.approx(np.ones(150 * 200), abs=1e-9)
    sums = sums_of(runs, values.ravel(), len(units))
    assert sums == pytest.approx([math.fsum(share * values.ravel()) for share in shares[:-1]], rel=1e-13)
    assert math.fsum(sums) == pytest.approx(math.fsum(values.ravel()), rel=1e-12)


@pytest.mark.parametrize("step", [1, -1])
def test_a_border_may_pass_through_a_row_a_thousand_times(step: int) -> None:
    """A saw along a row, its first teeth west of the raster, its last ones east of it: a third of every cell lies below it."""
    saw = [(x + 0.5 * k, 1 - 2 / 3 * k) for x in range(-3, 1004) for k in (0, 1)] + [(1003.5, 1)]
    shares = shares_of(np.array([shapely.Polygon(saw[::step])]), 1, 1000)
    assert shares[0, 0] == pytest.approx(np.full(1000, 1 / 3))
