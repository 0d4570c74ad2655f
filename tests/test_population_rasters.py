"""People of rasters in units: cells on borders by hand, nobody lost, and the same sums by another road. The place is that of `tests.small`."""

from __future__ import annotations

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS
from rasterio import Affine

from layers.layer_sources import PopulationSource
from layers.population import People
from layers.problems import Findings
from layers.reading import Layer
from layers.settling import Settled, settle
from layers.sources.raster import KEYS_PER_ROW, CellGrid
from layers.units import Ground
from tests.small import METRIC

WIDE_M, HIGH_M = 20.0, 10.0
WEST, NORTH = 500_000.0, 3_000_000.0
"""the north-western corner of the raster"""
PLACE = Affine(WIDE_M, 0.0, WEST, 0.0, -HIGH_M, NORTH)


def on_ground(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes in columns and rows of the raster as shapes in metres."""
    moved: NDArray[np.object_] = shapely.transform(shapes, lambda xy: xy * (WIDE_M, -HIGH_M) + (WEST, NORTH))
    return moved


def ground_of(*units: shapely.Geometry) -> Ground:
    """Villages u0, u1 ... in columns and rows."""
    ids = [f"u{i:03}" for i in range(len(units))]
    table = {"unit_id": ids, "name": ids, "level": "village", "parent_id": ""}
    shapes = on_ground(np.array(units, dtype=object))
    return Ground(METRIC, gpd.GeoDataFrame(table, geometry=shapes, crs=METRIC), "village")


def settled(ground: Ground, *, place: Affine = PLACE, crs: CRS = METRIC, findings: Findings | None = None, **source: object) -> Settled:
    """The people of `values`, rows x columns for each base, in the units; NaN is a cell without data in any base."""
    bases = {base: np.array(values, dtype=float) for base, values in source.items() if base.startswith("pop")}
    row, column = np.nonzero(~np.all([np.isnan(values) for values in bases.values()], axis=0))
    frame = pd.DataFrame({base: values[row, column] for base, values in bases.items()}, index=pd.Index(row * KEYS_PER_ROW + column))
    said = {"path": "people.tif", "join": "none", **{key: value for key, value in source.items() if key not in bases}}
    layer = Layer("people.tif", frame, dict.fromkeys(bases, "value"), is_osm=False, grid=CellGrid(crs, place))
    people = People(PopulationSource.model_validate(said), layer, frame, tuple(bases), (), None)
    findings = findings or Findings()
    result = settle(people, ground, findings)
    findings.raise_errors()
    assert result is not None
    return result


def total(result: Settled, base: str = "pop_total") -> list[float]:
    totals: list[float] = result.units[base].tolist()
    return totals


def random_ground(rng: np.random.Generator, n_units: int, whole: shapely.Geometry) -> Ground:
    seeds = rng.uniform(shapely.bounds(whole)[:2], shapely.bounds(whole)[2:], (n_units, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=whole))
    return ground_of(*shapely.intersection(cells, whole))


def sums_by_cutting(ground: Ground, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(units,) every cell with data cut by every unit; NaN for units without."""
    rows, columns = values.shape
    cells = on_ground(np.array([[shapely.box(i, j, i + 1, j + 1) for i in range(columns)] for j in range(rows)]))
    units = ground.finest.geometry.to_numpy()
    share = shapely.area(shapely.intersection(units[:, None, None], cells[None])) / (WIDE_M * HIGH_M)
    known = ~np.isnan(values)
    sums: NDArray[np.float64] = (share * np.where(known, values, 0.0)).sum(axis=(1, 2))
    return np.where((share * known).sum(axis=(1, 2)) > 1e-9, sums, np.nan)


def test_a_cell_on_a_border_gives_each_unit_its_share_of_the_people_and_the_children() -> None:
    """Of the middle cell three quarters lie in the first village; of the last one half lies in none."""
    findings = Findings()
    ground = ground_of(shapely.box(0, 0, 1.75, 1), shapely.box(1.75, 0, 2.5, 1))
    result = settled(ground, pop_total=[[10, 40, 8]], pop_u3=[[1, 4, 0]], findings=findings)
    assert total(result) == [10 + 30, 10 + 4]
    assert total(result, "pop_u3") == [1 + 3, 1]
    assert result.unassigned[["base", "people"]].to_numpy().tolist() == [["pop_total", 4.0], ["pop_u3", 0.0]]
    assert result.demand["demand_id"].tolist() == ["u000-1", "u000-2", "u001-1", "u001-2"]
    assert result.demand["pop_total"].tolist() == [10, 30, 10, 4]
    x = (result.demand.geometry.x - WEST) / WIDE_M
    assert x.tolist() == pytest.approx([0.5, 1.375, 1.875, 2.25])  # the middle of the whole cell and of each piece
    assert str(findings.problems[0].what) == "2 cell(s) lie on borders of units; what they hold is shared out by area"


def test_whole_cells_count_where_their_middle_lies_when_the_scenario_asks_for_it() -> None:
    ground = ground_of(shapely.box(0, 0, 1.75, 1), shapely.box(1.75, 0, 2.5, 1))
    result = settled(ground, pop_total=[[10, 40, 8]], border_cells="middle")
    assert total(result) == [50, 8]
    assert not len(result.unassigned)


def test_ground_that_two_units_claim_is_of_the_smaller_code() -> None:
    """The second unit is drawn over half of the first; half of the second cell lies in none."""
    ground = ground_of(shapely.box(0, 0, 1, 1), shapely.box(0.5, 0, 1.5, 1), shapely.box(0.5, 0, 1.5, 1))
    result = settled(ground, pop_total=[[10, 40]])
    assert total(result)[:2] == [10, 20]
    assert math.isnan(total(result)[2])
    assert result.unassigned["people"].tolist() == [20]


def test_a_piece_of_no_data_leaves_its_unit_without_a_figure() -> None:
    ground = ground_of(shapely.box(0, 0, 1.5, 1), shapely.box(1.5, 0, 2, 1))
    result = settled(ground, pop_total=[[10, 40]], pop60=[[1, math.nan]])
    assert total(result) == [30, 20]
    assert np.isnan(total(result, "pop60")).all()


def test_cells_with_a_share_in_a_unit_of_the_place_join_its_total_when_they_are_totals_by_location() -> None:
    ground = ground_of(shapely.box(0, 0, 1.75, 1), shapely.box(1.75, 0, 2, 1))
    result = settled(ground, pop_total=[[10, 40]], join="location", cell_m=10)
    assert total(result) == [40, 10]
    assert result.demand.groupby("unit_id")["pop_total"].sum().tolist() == pytest.approx([40, 10])


def test_people_of_a_piece_walk_from_its_centroid_or_from_a_point_inside_where_that_is_not() -> None:
    """A triangle; and a village around another one, whose centroid lies in that."""
    hole = shapely.box(0.25, 0.25, 0.75, 0.75)
    around = shapely.difference(shapely.box(0, 0, 1, 1), hole)
    triangle = shapely.Polygon([(1, 0), (1.75, 0), (1, 0.75)])
    ground = ground_of(triangle, around, hole)
    result = settled(ground, pop_total=[[4, 16]])
    at = shapely.transform(result.demand.geometry.to_numpy(), lambda xy: (xy - (WEST, NORTH)) / (WIDE_M, -HIGH_M))
    assert result.demand["pop_total"].tolist() == pytest.approx([16 * 0.75**2 / 2, 3, 1])
    assert shapely.get_coordinates(at[[0, 2]]).ravel().tolist() == pytest.approx([1.25, 0.25, 0.5, 0.5])
    assert shapely.contains(around, at[1])


def test_totals_by_location_bear_cells_on_borders_of_which_one_has_no_figure() -> None:
    """Two pieces of one cell have one name; what is known of the old of the second village is unassigned, since the rest of it is not."""
    ground = ground_of(shapely.box(0, 0, 1.75, 1), shapely.box(1.75, 0, 3, 1))
    result = settled(ground, pop_total=[[10, 40, 8]], pop60=[[1, 4, math.nan]], join="location", cell_m=10)
    assert total(result) == [40, 18]
    assert total(result, "pop60")[0] == 4
    assert math.isnan(total(result, "pop60")[1])
    assert result.unassigned[["base", "people", "unit_id"]].to_numpy().tolist() == [["pop60", 1.0, "u001"]]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n_units=st.integers(1, 12), n_rows=st.integers(1, 8), n_columns=st.integers(1, 8))
def test_units_have_the_sums_of_cells_cut_one_by_one_and_nobody_is_lost(seed: int, n_units: int, n_rows: int, n_columns: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((n_rows, n_columns)) < 0.2, np.nan, rng.integers(0, 50, (n_rows, n_columns)))
    values[0, 0] = 7.0
    ground = random_ground(rng, n_units, shapely.box(0.3, -0.5, n_columns - 0.2, n_rows + 0.5))
    result = settled(ground, pop_total=values, pop60=values / 4)
    assert total(result) == pytest.approx(sums_by_cutting(ground, values), rel=1e-9, abs=1e-9, nan_ok=True)
    lost = result.unassigned.groupby("base")["people"].sum()
    everybody = math.fsum(result.demand["pop_total"]) + lost.get("pop_total", 0.0)
    assert everybody == pytest.approx(np.nansum(values), rel=1e-9)
    assert result.demand["pop60"].to_numpy() == pytest.approx(result.demand["pop_total"].to_numpy() / 4, rel=1e-12)
    assert result.demand["demand_id"].is_unique
    own = ground.finest.set_index("unit_id").geometry[result.demand["unit_id"]].reset_index(drop=True)
    assert own.distance(result.demand.geometry.reset_index(drop=True)).max() < 1e-6  # each in its unit


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.floats(0.1, 3.9))
def test_a_unit_cut_in_two_has_the_sum_of_its_halves_and_the_others_stay(seed: int, cut: float) -> None:
    values = np.random.default_rng(seed).integers(0, 50, (3, 5)).astype(float)
    rest = shapely.box(4, 0, 5, 3)
    whole = total(settled(ground_of(shapely.box(0, 0, 4, 3), rest), pop_total=values))
    halves = total(settled(ground_of(shapely.box(0, 0, cut, 3), shapely.box(cut, 0, 4, 3), rest), pop_total=values))
    assert halves[0] + halves[1] == pytest.approx(whole[0], rel=1e-12)
    assert halves[2] == whole[1] == values[:, 4].sum()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), edges=st.lists(st.integers(1, 4), unique=True, max_size=3).map(sorted))
def test_units_of_whole_cells_have_them_whichever_way_borders_are_treated(seed: int, edges: list[int]) -> None:
    values = np.random.default_rng(seed).integers(1, 50, (3, 5)).astype(float)
    ground = ground_of(*(shapely.box(a, 0, b, 3) for a, b in pairwise([0, *edges, 5])))
    by_share, by_middle = (settled(ground, pop_total=values, border_cells=how) for how in ("share", "middle"))
    one, other = (pd.DataFrame(result.demand).sort_values("demand_id", ignore_index=True) for result in (by_share, by_middle))
    pd.testing.assert_frame_equal(one, other)
    assert total(by_share) == [values[:, a:b].sum() for a, b in pairwise([0, *edges, 5])]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), east=st.integers(-3, 3), south=st.integers(-3, 3))
def test_raster_and_units_moved_by_whole_cells_have_the_same_people(seed: int, east: int, south: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.zeros((10, 11))
    values[3:7, 3:8] = rng.integers(0, 50, (4, 5))
    ground = random_ground(rng, 6, shapely.box(3, 3, 8, 7))
    moved = ground_of(*shapely.transform(_in_cells(ground), lambda xy: xy + (east, south)))
    shifted = np.roll(values, (south, east), axis=(0, 1))
    assert total(settled(moved, pop_total=shifted)) == pytest.approx(total(settled(ground, pop_total=values)), rel=1e-9)


def _in_cells(ground: Ground) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = shapely.transform(ground.finest.geometry.to_numpy(), lambda xy: (xy - (WEST, NORTH)) / (WIDE_M, -HIGH_M))
    return moved


def test_a_raster_in_degrees_is_shared_by_its_cells_in_degrees() -> None:
    """Two cells of a thousandth of a degree, parted by units whose border lies at the middle of the second."""
    corners = [(111.0, 27.0), (111.0015, 27.0), (111.002, 27.0)]
    boxes = [shapely.box(a[0], 26.999, b[0], 27.0) for a, b in pairwise(corners)]
    table = {"unit_id": ["u0", "u1"], "name": "", "level": "village", "parent_id": ""}
    frame = gpd.GeoDataFrame(table, geometry=boxes, crs="EPSG:4490").to_crs(METRIC)
    ground = Ground(METRIC, frame, "village")
    result = settled(ground, place=Affine(0.001, 0, 111.0, 0, -0.001, 27.0), crs=CRS("EPSG:4326"), pop_total=[[10, 40]])
    assert total(result) == pytest.approx([30, 20], rel=1e-9)
    at = result.demand.to_crs("EPSG:4490").geometry
    assert at.x.tolist() == pytest.approx([111.0005, 111.00125, 111.00175], abs=1e-9)
