"""Coordinate systems: published vectors of the map offsets, the choice of a metric system, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from layers.offsets import bd09_to_gcj02, bd09_to_wgs84, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_gcj02
from layers.problems import Findings
from layers.projection import bounds_lon_lat, choose_crs, into_place, stated_crs, to_metric

HUITONG = (109.6, 26.7, 109.9, 27.0)
BOX_M = (374_000.0, 2_975_000.0, 376_000.0, 2_977_000.0)


def points(xy: list[tuple[float, float]], epsg: int) -> gpd.GeoDataFrame:
    index = [f"row {i + 2}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"name": [""] * len(xy)}, geometry=[shapely.Point(p) for p in xy], crs=epsg, index=index)


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [  # published with eviltransform and coordtransform 2.1.2
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_published_points_of_gcj02(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(np.array([wgs84])) == pytest.approx(np.array([gcj02]), abs=1e-13)
    assert gcj02_to_wgs84(np.array([gcj02])) == pytest.approx(np.array([wgs84]), abs=1e-11)


def test_published_point_of_bd09() -> None:
    assert gcj02_to_bd09(np.array([[116.404, 39.915]])) == pytest.approx(np.array([[116.41036949371029, 39.92133699351021]]), abs=1e-13)


def test_the_true_inverse_and_not_the_one_step_formula() -> None:
    assert gcj02_to_wgs84(np.array([[116.404, 39.915]])) == pytest.approx(np.array([[116.39775575457, 39.91359623561]]), abs=1e-10)


def test_outside_the_box_nothing_is_moved() -> None:
    assert (wgs84_to_gcj02(np.array([[9.5, 47.1]])) == [[9.5, 47.1]]).all()


@given(st.floats(75, 134), st.floats(19, 53))
def test_undoing_an_offset_is_right_to_a_tenth_of_a_millimetre(lon: float, lat: float) -> None:
    geod = Geod(ellps="WGS84")
    here = np.array([[lon, lat]])
    for there_and_back in (
        gcj02_to_wgs84(wgs84_to_gcj02(here)),
        bd09_to_wgs84(gcj02_to_bd09(wgs84_to_gcj02(here))),
        bd09_to_gcj02(gcj02_to_bd09(here)),
    ):
        _, _, metres = geod.inv(lon, lat, *there_and_back[0])
        assert metres < 1e-4


@pytest.mark.parametrize(
    ("lon_lat", "epsg"),
    [
        (HUITONG, 4546),  # zone 37, central meridian 111
        ((122.0, 37.3, 122.3, 37.5), 4550),  # zone 41, central meridian 123
        ((9.4, 47.0, 9.6, 47.3), 32632),
        ((123.6, 13.0, 123.9, 13.2), 32651),
        ((-58.0, -35.0, -57.0, -34.0), 32721),
        ((179.0, -17.0, 180.0, -16.0), 32760),
    ],
)
def test_the_metric_system_is_the_zone_of_the_middle(lon_lat: tuple[float, float, float, float], epsg: int) -> None:
    assert choose_crs("auto", lon_lat, "crs", Findings()) == CRS.from_epsg(epsg)


@pytest.mark.parametrize("asked", ["EPSG:3857", "EPSG:3395", "EPSG:4490", "EPSG:2230", "EPSG:32651", "EPSG:2380", "EPSG:2412", "nonsense"])
def test_systems_that_do_not_measure_metres_here_are_refused(asked: str) -> None:
    findings = Findings()
    assert choose_crs(asked, HUITONG, "layers.crs", findings) is None
    assert findings.problems[0].remedy


@pytest.mark.parametrize("epsg", [4610, 4214, 4555, 2380, 2349, 2412])
def test_systems_whose_shift_is_not_known_are_refused(epsg: int) -> None:
    findings = Findings()
    assert stated_crs(f"EPSG:{epsg}", "units", findings) is None
    assert "CGCS2000" in findings.problems[0].remedy


def test_degrees_declared_as_a_metric_system_are_a_fault_with_the_cure() -> None:
    findings = Findings()
    assert bounds_lon_lat(points([(109.7, 26.9)], 4526), "units", findings) is None
    assert "look like longitude and latitude" in findings.problems[0].remedy


def test_metres_declared_as_degrees_are_a_fault_with_the_cure() -> None:
    findings = Findings()
    assert to_metric(points([(374_311.0, 2_975_737.0)], 4490), CRS.from_epsg(4546), "units", findings) is None
    assert "look like metres" in findings.problems[0].remedy


def test_a_zone_in_front_of_the_easting_is_told_with_the_system_that_has_it() -> None:
    findings = Findings()
    assert to_metric(points([(37_374_311.0, 2_975_737.0)], 4546), CRS.from_epsg(4546), "units", findings) is None
    assert findings.problems[0].remedy == '37374311 begins with the number of its zone: write crs = "EPSG:4525".'
    assert "CGCS2000 3 度带，中央经线 111°（EPSG:4546）" in findings.problems[0].told("zh")


@pytest.mark.parametrize("zone", [*range(13, 24), *range(25, 46)])
def test_the_zone_in_front_of_the_easting_is_that_of_the_system_which_is_named(zone: int) -> None:
    """By PROJ's own false easting of the system that the remedy names."""
    findings = Findings()
    to_metric(points([(zone * 1e6 + 500_000, 3_000_000.0)], 4490), CRS.from_epsg(4546), "units", findings)
    code = int(str(findings.problems[0].remedy).rsplit(":", 1)[1].rstrip('".'))
    steps = {step.name: step.value for step in CRS.from_epsg(code).coordinate_operation.params}
    assert steps["False easting"] == zone * 1e6 + 500_000


def test_two_ways_to_write_one_place_meet() -> None:
    """Huitong (109.735, 26.887): EPSG 4525 with the zone in front, 4546 without."""
    findings = Findings()
    a = to_metric(points([(109.735, 26.887)], 4490), CRS.from_epsg(4546), "a", findings)
    b = to_metric(points([(37_374_311.23, 2_975_737.14)], 4525), CRS.from_epsg(4546), "b", findings)
    assert a is not None
    assert b is not None
    assert (a.geometry.iloc[0].x, a.geometry.iloc[0].y) == pytest.approx((374_311.23, 2_975_737.14), abs=0.01)
    assert a.geometry.iloc[0].distance(b.geometry.iloc[0]) < 0.01


def test_a_layer_elsewhere_is_a_fault_and_a_row_elsewhere_a_warning() -> None:
    findings = Findings()
    far = points([(109.735, 32.0)], 4490)
    assert into_place(far, CRS.from_epsg(4546), BOX_M, "facilities", findings) is None
    assert "km away" in findings.problems[0].what
    findings = Findings()
    mixed = points([(109.735, 26.887), (109.735, 32.0)], 4490)
    placed = into_place(mixed, CRS.from_epsg(4546), BOX_M, "facilities", findings)
    assert placed is not None
    assert len(placed) == 2
    assert (findings.problems[0].severity, findings.problems[0].rows) == ("warning", ("row 3",))


def test_exchanged_easting_and_northing_are_recognised() -> None:
    findings = Findings()
    assert into_place(points([(2_975_737.0, 374_311.0)], 4546), CRS.from_epsg(4546), BOX_M, "facilities", findings) is None
    assert "exchanged" in findings.problems[0].remedy
