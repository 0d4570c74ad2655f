"""Heights on streets: a tilted plane is met exactly, gaps are told, and a raster in another system gives the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio import Affine

from layers.problems import Findings
from layers.terrain import with_heights
from tests.small import METRIC, X0, Y0, straight_street

Floats = NDArray[np.float64]
CELL_M = 30.0


def plane(x: Floats, y: Floats) -> Floats:
    """Height [m] that climbs 5 m per 100 m east and 2 m per 100 m north."""
    return 200.0 + 0.05 * (x - X0) + 0.02 * (y - Y0)


def middles(transform: Affine, n_columns: int) -> tuple[Floats, Floats]:
    """Middles (x and y) of 60 rows of cells of a north-up raster."""
    column, row = np.meshgrid(np.arange(n_columns) + 0.5, np.arange(60) + 0.5)
    return transform.c + transform.a * column, transform.f + transform.e * row


def dem(path: Path, height: Callable[[Floats, Floats], Floats] = plane, *, size: int = 200, nodata: float | None = None) -> Path:
    """A raster of `size` x 60 cells whose west edge lies 500 m west of the small place."""
    transform = Affine(CELL_M, 0.0, X0 - 500.0, 0.0, -CELL_M, Y0 + 1200.0)
    x, y = middles(transform, size)
    with rasterio.open(
        path, "w", driver="GTiff", width=size, height=60, count=1, dtype="float64", crs=METRIC.to_wkt(), transform=transform, nodata=nodata
    ) as raster:
        raster.write(height(x, y), 1)
    return path


def test_rise_on_a_plane_is_exact(tmp_path: Path) -> None:
    findings = Findings()
    streets = with_heights(straight_street(), dem(tmp_path / "dem.tif"), METRIC, findings)
    assert streets.edge_rise_m == pytest.approx(np.full(40, 5.0))
    assert not findings.problems


def test_streets_before_are_left_as_they_were(tmp_path: Path) -> None:
    before = straight_street()
    with_heights(before, dem(tmp_path / "dem.tif"), METRIC, Findings())
    assert not before.edge_rise_m.any()


def test_a_void_counts_as_level_and_is_told(tmp_path: Path) -> None:
    def with_void(x: Floats, y: Floats) -> Floats:
        return np.where(np.abs(x - X0 - 1000.0) < 40.0, -9999.0, plane(x, y))

    for nodata in (None, -9999.0):
        findings = Findings()
        streets = with_heights(straight_street(), dem(tmp_path / "dem.tif", with_void, nodata=nodata), METRIC, findings)
        assert list(np.flatnonzero(streets.edge_rise_m == 0)) == [9, 10]  # the two edges that end at x = 1000
        assert (findings.problems[0].severity, findings.problems[0].count) == ("warning", 2)


def test_edges_outside_the_raster_are_told(tmp_path: Path) -> None:
    findings = Findings()
    streets = with_heights(straight_street(), dem(tmp_path / "dem.tif", size=60), METRIC, findings)  # covers x up to 1300
    assert list(np.flatnonzero(streets.edge_rise_m)) == list(range(13))
    assert findings.problems[0].count == 27


def test_a_raster_elsewhere_is_an_error(tmp_path: Path) -> None:
    findings = Findings()
    streets = with_heights(straight_street(y_m=500_000.0), dem(tmp_path / "dem.tif"), METRIC, findings)
    assert findings.has_errors
    assert not streets.edge_rise_m.any()


def test_a_raster_in_degrees_gives_the_same_heights(tmp_path: Path) -> None:
    step = 0.0003
    lon, lat = Transformer.from_crs(METRIC, 4326, always_xy=True).transform(X0, Y0)
    transform = Affine(step, 0.0, lon - 0.006, 0.0, -step, lat + 0.012)
    x, y = Transformer.from_crs(4326, METRIC, always_xy=True).transform(*middles(transform, 200))
    path = tmp_path / "dem.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=200, height=60, count=1, dtype="float64", crs=CRS.from_epsg(4326).to_wkt(), transform=transform
    ) as raster:
        raster.write(plane(x, y), 1)
    streets = with_heights(straight_street(), path, METRIC, Findings())
    assert streets.edge_rise_m == pytest.approx(np.full(40, 5.0), abs=1e-3)


def test_interpolation_between_four_cells_by_hand(tmp_path: Path) -> None:
    """One cell of 40 m among cells of 0 m: a quarter of a cell off in both directions leaves 0.75 x 0.75 of it."""
    column, row = 40, 25
    x, y = X0 - 500.0 + (column + 0.5) * CELL_M, Y0 + 1200.0 - (row + 0.5) * CELL_M

    def peak(east: Floats, north: Floats) -> Floats:
        return np.where((np.abs(east - x) < 1) & (np.abs(north - y) < 1), 40.0, 0.0)

    street = straight_street(length_m=1000.0, step_m=500.0, y_m=y - Y0 - CELL_M / 4)
    moved = street.node_xy_m + (x - X0 + CELL_M / 4 - 500.0, 0.0)
    streets = with_heights(replace(street, node_xy_m=moved), dem(tmp_path / "dem.tif", peak), METRIC, Findings())
    assert streets.edge_rise_m == pytest.approx([40 * 0.75 * 0.75, -40 * 0.75 * 0.75])


@pytest.mark.parametrize("case", ["text", "missing", "no system", "two bands"])
def test_a_raster_that_cannot_be_used_is_an_error_with_a_remedy(tmp_path: Path, case: str) -> None:
    path = tmp_path / "dem.tif"
    if case == "text":
        path.write_text("heights", encoding="utf-8")
    elif case != "missing":
        bands, system = (2, METRIC.to_wkt()) if case == "two bands" else (1, None)
        transform = Affine(30.0, 0.0, X0, 0.0, -30.0, Y0)
        with rasterio.open(
            path, "w", driver="GTiff", width=2, height=2, count=bands, dtype="float32", crs=system, transform=transform
        ) as raster:
            raster.write(np.zeros((bands, 2, 2), np.float32))
    findings = Findings()
    street = straight_street()
    assert with_heights(street, path, METRIC, findings) is street
    assert findings.has_errors
    assert findings.problems[0].remedy
    assert "dem.tif" in findings.problems[0].where
