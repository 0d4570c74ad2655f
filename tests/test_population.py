"""People on the ground: joined, located, spread, and never lost. The place is the one of `tests.small`, written to files."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.layer_sources import PopulationSource, UnitSource
from layers.population import People, read_people
from layers.problems import Findings
from layers.reading import Layer, Reading
from layers.settling import Settled, settle
from layers.spread import Spots, cut_to_cells, merged, split_exactly, spots_of_polygons
from layers.unit_grid import UnitGrid
from layers.units import Ground, lay_ground, read_units
from tests.small import METRIC, X0, Y0, units

VILLAGES = ("431299100001", "431299100201", "431299200201", "431299200202")
TABLE = "代码,总人口,60岁及以上\n431299100001,1286,300\n431299100201,800,200\n431299200201,500,150\n431299200202,0,0\n"


def write_units(folder: Path) -> None:
    for level in ("county", "township", "village"):
        rows = units().query("level == @level").drop(columns=["level", "parent_id", "subtype", "pop_total", "pop60"])
        rows.to_file(folder / "units.gpkg", layer=level, driver="GPKG")


@pytest.fixture(scope="module")
def units_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("units")
    write_units(folder)
    return folder / "units.gpkg"


@pytest.fixture
def place(tmp_path: Path, units_file: Path) -> Path:
    shutil.copyfile(units_file, tmp_path / "units.gpkg")
    return tmp_path


@pytest.fixture(scope="module")
def ground(units_file: Path) -> Ground:
    return ground_of(Reading(units_file.parent))


def ground_of(reading: Reading) -> Ground:
    sources = [
        UnitSource.model_validate({"path": "units.gpkg", "layer": level, "level": level}) for level in ("county", "township", "village")
    ]
    ground = lay_ground(read_units(sources, reading), "auto", reading.findings)
    assert ground is not None, reading.findings.problems
    return ground


def settled(folder: Path, **source: object) -> tuple[Settled, People, Findings]:
    reading = Reading(folder)
    ground = ground_of(reading)
    people = read_people(PopulationSource.model_validate({"path": "people.csv", **source}), reading, None)
    reading.findings.raise_errors()
    assert people is not None
    result = settle(people, ground, reading.findings)
    reading.findings.raise_errors()
    assert result is not None
    return result, people, reading.findings


def told(findings: Findings, severity: str = "warning") -> list[str]:
    return [problem.what for problem in findings.problems if problem.severity == severity]


def points_file(path: Path, rows: list[tuple[float, float, dict[str, object]]]) -> None:
    frame = pd.DataFrame([row[2] for row in rows])
    shapes = [shapely.Point(X0 + x, Y0 + y) for x, y, _ in rows]
    gpd.GeoDataFrame(frame, geometry=shapes, crs=METRIC).to_file(path, driver="GPKG")


def test_a_table_joined_by_code_gives_every_level_its_sum(place: Path) -> None:
    (place / "people.csv").write_text(TABLE, encoding="utf-8")
    result, _, findings = settled(place)
    totals = result.units.set_index("unit_id")
    assert list(totals.loc[["431299", "431299100", "431299200", *VILLAGES], "pop_total"]) == [2586, 2086, 500, 1286, 800, 500, 0]
    assert totals.loc["431299", "pop60"] == 650
    assert told(findings) == []
    assert not len(result.unassigned)


def test_people_are_spread_evenly_over_100_cells_of_a_square_kilometre(place: Path) -> None:
    (place / "people.csv").write_text(TABLE, encoding="utf-8")
    result, _, _ = settled(place)
    first = result.demand[result.demand["unit_id"] == VILLAGES[0]]
    assert len(first) == 100
    assert first["pop_total"].to_numpy() == pytest.approx(np.full(100, 12.86))
    assert first["demand_id"].iloc[0] == "431299100001-1"


def test_codes_without_a_unit_are_unassigned_and_units_without_a_row_have_no_data(place: Path) -> None:
    rows = TABLE.replace("431299200202,0,0\n", "431299200999,70,7\n")
    (place / "people.csv").write_text(rows, encoding="utf-8")
    result, _, findings = settled(place)
    totals = result.units.set_index("unit_id")["pop_total"]
    assert math.isnan(totals[VILLAGES[3]])
    assert math.isnan(totals["431299200"])
    assert math.isnan(totals["431299"])
    assert totals["431299100"] == 2086
    assert result.unassigned.to_dict("list") == {
        "base": ["pop_total", "pop60"],
        "people": [70.0, 7.0],
        "unit_id": ["431299200999"] * 2,
        "reason": ["no unit has this code"] * 2,
    }
    assert result.demand.loc[result.demand["unit_id"] == VILLAGES[3], "pop_total"].isna().all()
    assert len(told(findings)) == 2


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"431299200202,0,0": "431299200000,500,150"}, "totals of units above the level village"),
        ({"431299200202,0,0": "431299,2586,650"}, "totals of units above the level village"),
        ({"431299200202,0,0": "431299200201,0,0"}, "stand in several rows"),
        ({"4312991": "4312221", "4312992": "4312222"}, "none of its codes is a unit"),
        ({"总人口": "人头", "60岁及以上": "老人"}, "has no column of people"),
    ],
)
def test_tables_that_would_count_wrongly_are_refused(place: Path, change: dict[str, str], what: str) -> None:
    text = TABLE
    for old, new in change.items():
        text = text.replace(old, new)
    (place / "people.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=what):
        settled(place)


def test_shares_and_what_the_total_counts_are_assumptions_in_words(place: Path) -> None:
    (place / "people.csv").write_text(
        "代码,总人口,60岁及以上\n" + "".join(f"{v},1000,{s}\n" for v, s in zip(VILLAGES, ("200", "", "", ""), strict=True)),
        encoding="utf-8",
    )
    result, people, _ = settled(place, shares={"pop60": 0.25, "pop_u3": 0.03}, total_is="registered")
    assert list(result.units.set_index("unit_id").loc[list(VILLAGES), "pop60"]) == [200, 250, 250, 250]
    assert list(result.units.set_index("unit_id").loc[["431299"], "pop_u3"]) == [120]
    assert list(result.units.set_index("unit_id").loc[["431299"], "pop_hukou"]) == [4000]
    assert people.assumptions == (
        "pop60 = 0.25 x pop_total in 3 of 4 rows, where there is no figure (people.csv)",
        "pop_u3 = 0.03 x pop_total (people.csv)",
        "pop_total of people.csv counts registered people (pop_hukou)",
    )


def test_points_by_location_with_one_put_right_by_name(place: Path) -> None:
    """A point of the second village drawn in the first (as at Legazpi), one on the border, one outside."""
    points_file(
        place / "people.gpkg",
        [
            (500, 500, {"name": "一", "population": 100}),
            (900, 500, {"name": "二", "population": 50}),
            (2000, 500, {"name": "界", "population": 7}),
            (3500, 500, {"name": "四", "population": 20}),
            (4500, 500, {"name": "外", "population": 3}),
        ],
    )
    result, _, findings = settled(place, path="people.gpkg", join="location", assign={"二": VILLAGES[1]})
    totals = result.units.set_index("unit_id")["pop_total"]
    assert list(totals[list(VILLAGES)])[:2] == [100, 57]  # the border goes to the smaller code
    assert math.isnan(totals[VILLAGES[2]])
    assert totals[VILLAGES[3]] == 20
    assert result.unassigned["people"].tolist() == [3]
    assert len(told(findings)) == 2


def test_a_point_for_the_whole_county_among_its_villages_is_noticed(place: Path) -> None:
    points_file(place / "people.gpkg", [(500 + 1000 * i, 500, {"population": n}) for i, n in enumerate((10, 20, 30, 60))])
    _, _, findings = settled(place, path="people.gpkg", join="location")
    assert any("is it their total" in what for what in told(findings))


def test_buildings_weigh_by_area_within_their_village_only(place: Path) -> None:
    """Village 1 has houses of 100 and 300 m2, village 2 one house; the others have none and are spread evenly."""
    (place / "people.csv").write_text(TABLE, encoding="utf-8")
    boxes = [shapely.box(X0 + x, Y0 + 500, X0 + x + w, Y0 + 510) for x, w in ((100, 10), (700, 30), (1500, 10))]
    gpd.GeoDataFrame({"use": ["a", "b", "c"]}, geometry=boxes, crs=METRIC).to_file(place / "houses.gpkg", driver="GPKG")
    result, _, findings = settled(place, spread={"path": "houses.gpkg"}, cell_m=250)
    assert result.demand["pop_total"].head(3).tolist() == pytest.approx([321.5, 964.5, 800])
    assert result.demand.geometry.head(3).x.tolist() == pytest.approx([X0 + 105, X0 + 715, X0 + 1505])
    assert result.demand["unit_id"].value_counts().to_dict() == {VILLAGES[0]: 2, VILLAGES[1]: 1, VILLAGES[2]: 16, VILLAGES[3]: 16}
    assert [p.rows for p in findings.problems if p.severity == "warning"] == [(VILLAGES[2],)]  # village 4 has nobody


def test_buildings_weigh_by_a_column_when_one_is_named(place: Path) -> None:
    (place / "people.csv").write_text(TABLE, encoding="utf-8")
    points_file(place / "houses.gpkg", [(100, 100, {"storeys": 1}), (200, 100, {"storeys": 3}), (300, 100, {"storeys": 0})])
    result, _, _ = settled(place, spread={"path": "houses.gpkg", "weight": "storeys"})
    assert result.demand["pop_total"].head(2).tolist() == pytest.approx([321.5, 964.5])
    assert result.demand["unit_id"].value_counts()[VILLAGES[0]] == 2


def raster(path: Path, values: list[list[float]], *, nodata: float | None = None, cell_m: float = 500.0, kind: str = "float32") -> None:
    """Cells from the upper left corner of the place (x = 0, y = 1000)."""
    array = np.asarray(values, dtype=kind)
    transform = rasterio.Affine(cell_m, 0.0, X0, 0.0, -cell_m, Y0 + 1000)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=array.shape[0],
        width=array.shape[1],
        count=1,
        dtype=kind,
        crs="EPSG:4546",
        transform=transform,
        nodata=nodata,
    ) as file:
        file.write(array, 1)


def test_raster_cells_are_the_demand_and_cells_outside_are_counted(place: Path) -> None:
    """Nine columns of two rows over four villages of two columns each; the ninth column lies outside."""
    raster(place / "people.tif", [[1, 2, 3, 4, 0, 0, -9999, -9999, 9], [1, 2, 3, 4, 0, 0, 5, np.nan, 9]], nodata=-9999)
    result, _, findings = settled(place, path="people.tif", join="none")
    totals = result.units.set_index("unit_id")["pop_total"]
    assert list(totals[list(VILLAGES)]) == [6, 14, 0, 5]
    assert result.unassigned["people"].tolist() == [18]
    assert len(result.demand) == 9
    assert told(findings, "note")[-1] == "pop_total: 43 in the input, 25 at demand points, 18 unassigned"


def test_age_rasters_lie_beside_the_first_and_those_of_one_base_add_up(place: Path) -> None:
    raster(place / "all.tif", [[10, 10, 10, 10, 10, 10, 10, 10], [10, 10, 10, 10, 10, 10, 10, -9]], nodata=-9)
    raster(place / "women.tif", [[1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, -9]], nodata=-9)
    raster(place / "men.tif", [[2, 2, 2, 2, 2, 2, 2, 2], [2, 2, 2, -9, 2, 2, 2, -9]], nodata=-9)
    rasters = [{"path": "women.tif", "base": "pop60"}, {"path": "men.tif", "base": "pop60"}]
    result, people, findings = settled(place, path="all.tif", join="none", rasters=rasters)
    assert people.bases == ("pop_total", "pop60")
    totals = result.units.set_index("unit_id").loc[list(VILLAGES)]
    assert totals["pop_total"].tolist() == [40, 40, 40, 30]
    np.testing.assert_array_equal(totals["pop60"], [12, np.nan, 12, 9])
    assert any("1 cell(s) have data here or in population: all.tif only" in what for what in told(findings))


def test_cells_of_a_file_are_shared_out_chosen_by_a_condition_and_no_rows_of_another_layer(place: Path) -> None:
    """Cells of 400 m over villages of 1000 m: half of the third one lies in each of the first two."""
    raster(place / "people.tif", [[1, 2, 4, 8, 16]], cell_m=400.0)
    for source, expected in (
        ({}, [1 + 2 + 2, 2 + 8 + 16]),
        ({"where": "pop_total > 2"}, [2, 2 + 8 + 16]),
        ({"border_cells": "middle"}, [7, 24]),
    ):
        result, people, findings = settled(place, path="people.tif", join="none", **source)
        assert result.units.set_index("unit_id")["pop_total"][list(VILLAGES[:2])].tolist() == expected
        assert any("are left out, as the scenario asks" in what for what in told(findings, "note")) == ("where" in source)
    assert people.layer.names_of(people.frame.index) == [f"cell 0,{column}" for column in range(5)]
    reading = Reading(place)
    assert not read_units([UnitSource.model_validate({"path": "people.tif", "level": "village"})], reading)
    assert told(reading.findings, "error") == ["is a raster; rows are needed here"]


@pytest.mark.parametrize("fault", ["grid", "base", "missing", "table"])
def test_age_rasters_on_another_grid_of_no_base_or_beside_a_table_are_refused(place: Path, fault: str) -> None:
    raster(place / "all.tif", [[10] * 8] * 2)
    raster(place / "old.tif", [[1] * 4], cell_m=1000.0) if fault == "grid" else raster(place / "old.tif", [[1] * 8] * 2)
    (place / "people.csv").write_text(TABLE, encoding="utf-8")
    more = {"path": "gone.tif" if fault == "missing" else "old.tif", "base": "elders" if fault == "base" else "pop60"}
    what = {
        "grid": "cells are not those of",
        "base": "`elders` is no base",
        "missing": "there is no such file",
        "table": "only beside a raster",
    }
    source = {"path": "people.csv"} if fault == "table" else {"path": "all.tif", "join": "none"}
    with pytest.raises(ValueError, match=what[fault]):
        settled(place, **source, rasters=[more])


def test_people_given_as_points_are_assigned_as_one_by_one_also_on_borders_and_outside(ground: Ground) -> None:
    rng = np.random.default_rng(5)
    xy = np.concatenate([rng.uniform(-200, 4200, (400, 2)), [(1000.0 * i, y) for i in range(5) for y in (0.0, 300.0, 1000.0)]])
    points = shapely.points(xy + (X0, Y0))
    one_by_one = np.concatenate([ground.rows_at(points[i : i + 1]) for i in range(len(points))])
    assert ground.rows_at(points).tolist() == one_by_one.tolist()
    assert (one_by_one == -1).any()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n_units=st.integers(1, 40), n_cells=st.sampled_from([1, 100_000, 1 << 22]))
def test_the_unit_of_every_point_by_the_grid_is_the_first_that_covers_it(seed: int, n_units: int, n_cells: int) -> None:
    """Units beside each other, with a lake cut out and one that lies over others; points anywhere, on corners, on borders."""
    rng = np.random.default_rng(seed)
    box, seeds = shapely.box(0, 0, 3000, 2000), rng.uniform((0, 0), (3000, 2000), (n_units, 2)).round(1)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=box))
    cells = shapely.difference(shapely.intersection(cells, box), shapely.Point(seeds[0]).buffer(150.0))
    units = np.append(cells[~shapely.is_empty(cells)], shapely.box(1000.0, 500.0, 1400.0, 900.0))
    corners = shapely.get_coordinates(units)
    xy = np.concatenate([rng.uniform((-100, -100), (3100, 2100), (3000, 2)), corners, (corners[:-1] + corners[1:]) / 2])
    covers = shapely.covers(units[:, None], shapely.points(xy)[None, :])
    expected = np.where(covers.any(axis=0), covers.argmax(axis=0), -1)
    assert UnitGrid(units, n_cells).rows_at(xy[:, 0], xy[:, 1]).tolist() == expected.tolist()


def test_a_raster_is_looked_up_by_its_columns_and_rows() -> None:
    units = np.array([shapely.box(0, 0, 20, 20), shapely.box(20, 0, 40, 20)])
    found = UnitGrid(units, 1).rows_at(np.array([5.0, 20.0, 35.0, 45.0]), np.array([[10.0], [20.0], [21.0]]))
    assert found.tolist() == [[0, 0, 1, -1], [0, 0, 1, -1], [-1, -1, -1, -1]]


def test_raster_values_below_zero_are_not_people(place: Path) -> None:
    raster(place / "people.tif", [[10, -99999, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]])
    result, _, findings = settled(place, path="people.tif", join="none", base="pop60")
    assert result.units.set_index("unit_id").loc[VILLAGES[0], "pop60"] == 12
    assert "below 0" in told(findings)[0]


@pytest.mark.parametrize(("kind", "mark"), [("float32", 3.4028234663852886e38), ("uint16", 65535.0), ("int32", 2147483647.0)])
def test_a_mark_of_no_data_that_the_file_does_not_declare_is_not_people(place: Path, kind: str, mark: float) -> None:
    raster(place / "people.tif", [[1, mark, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]], kind=kind)
    with pytest.raises(ValueError, match=r"1 cell\(s\) hold .*a mark of cells without data"):
        settled(place, path="people.tif", join="none")
    raster(place / "people.tif", [[1, mark, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]], kind=kind, nodata=mark)
    assert settled(place, path="people.tif", join="none")[0].units.set_index("unit_id").loc[VILLAGES[0], "pop_total"] == 3


def test_a_unit_without_a_cell_has_no_data(place: Path) -> None:
    raster(place / "people.tif", [[1, 1, 1, 1], [1, 1, 1, 1]])
    result, _, findings = settled(place, path="people.tif", join="none")
    assert result.units.set_index("unit_id")["pop_total"][list(VILLAGES)].isna().tolist() == [False, False, True, True]
    assert "no data, not 0 people" in told(findings)[0]


def test_a_raster_spreads_the_totals_of_a_table(place: Path) -> None:
    (place / "people.csv").write_text(TABLE, encoding="utf-8")
    raster(place / "cells.tif", [[1, 0, 1, 1, 1, 1, 1, 1], [3, 0, 1, 1, 1, 1, 1, 1]])
    result, _, _ = settled(place, spread={"path": "cells.tif"})
    first = result.demand[result.demand["unit_id"] == VILLAGES[0]]
    assert sorted(first["pop_total"]) == pytest.approx([321.5, 964.5])


@given(st.floats(0, 1e9), st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=200))
def test_parts_sum_to_the_total_and_follow_the_weights(total: float, weights: list[float]) -> None:
    weight = np.array(weights)
    parts = split_exactly(total, weight)
    assert math.fsum(parts) == pytest.approx(total, rel=1e-12, abs=1e-12)
    assert parts == pytest.approx(total * weight / weight.sum(), rel=1e-6, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 5000), st.floats(-200, 1200), st.none() | st.integers(0, 5000)), min_size=1, max_size=30),
    st.sampled_from(["location", "none"]),
)
def test_nobody_is_lost_or_invented_wherever_points_lie(ground: Ground, rows: list[tuple[float, float, int | None]], join: str) -> None:
    """Some points lie outside, on borders or have no figure; the sums are taken here once more, from the rows."""
    columns = {"name": "", "unit_id": "", "pop_total": [math.nan if n is None else float(n) for *_, n in rows]}
    shapes = [shapely.Point(X0 + x, Y0 + y) for x, y, _ in rows]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=METRIC, index=[f"row {i}" for i in range(len(rows))])
    source = PopulationSource.model_validate({"path": "p.csv", "join": join, "cell_m": 500})
    findings = Findings()
    result = settle(People(source, Layer("p.csv", frame, {}, False), frame, ("pop_total",), (), None), ground, findings)
    assert result is not None
    assert not findings.has_errors
    unassigned = result.unassigned.loc[result.unassigned["base"] == "pop_total", "people"].sum()
    assert result.demand["pop_total"].sum() + unassigned == pytest.approx(sum(n or 0 for *_, n in rows), rel=1e-9, abs=1e-9)
    finest = result.units.set_index("unit_id")["pop_total"][list(VILLAGES)].dropna()
    at_points = result.demand.groupby("unit_id")["pop_total"].sum().reindex(finest.index, fill_value=0)
    assert at_points.to_numpy() == pytest.approx(finest.to_numpy(), rel=1e-9)


def test_cells_of_any_polygon_hold_its_area_and_lie_inside() -> None:
    polygon = shapely.Polygon([(3, 7), (950, 20), (700, 800), (400, 300), (80, 620)])
    rows, xy_m, area_m2 = cut_to_cells(np.array([polygon, shapely.box(0, 0, 10, 10)], dtype=object), 70.0)
    assert area_m2[rows == 0].sum() == pytest.approx(polygon.area)
    assert (rows == 1).sum() == 1
    assert shapely.contains_xy(polygon, xy_m[rows == 0]).all()


def test_ground_over_a_border_is_parted_by_the_units(ground: Ground) -> None:
    over_border = np.array([shapely.box(X0 + 700, Y0, X0 + 1100, Y0 + 10)], dtype=object)
    spots, outside = spots_of_polygons(over_border, None, ground, 1000.0)
    assert list(outside) == []
    assert spots.unit_row.tolist() == [0, 1]
    assert spots.weight.tolist() == pytest.approx([3000, 1000])
    assert spots_of_polygons(over_border, np.array([8.0]), ground, 1000.0)[0].weight.tolist() == pytest.approx([6, 2])


def test_merged_spots_keep_weight_and_middle() -> None:
    spots = Spots(np.array([0, 0, 1]), np.array([[1.0, 1.0], [5.0, 1.0], [2.0, 2.0]]), np.array([1.0, 3.0, 2.0]))
    few = merged(spots)
    assert few.unit_row.tolist() == [0, 1]
    assert few.weight.tolist() == [4, 2]
    assert few.xy_m.tolist() == [[4, 1], [2, 2]]
