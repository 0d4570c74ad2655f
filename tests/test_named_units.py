"""What names and addresses say of where sites are: which unit they name, and when that they lie elsewhere is told."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.named_units import named_units, tell_named_elsewhere
from layers.offsets import wgs84_to_gcj02
from layers.problems import Findings, Problem
from layers.projection import WGS84
from layers.units import Ground
from tests.small import METRIC, X0, Y0

UNITS = [
    ("10", "township", "青山镇", "", (0, 0, 2000, 2000)),
    ("20", "township", "河口乡", "", (2000, 0, 4000, 2000)),
    ("11", "village", "石桥村", "10", (0, 0, 1000, 1000)),
    ("12", "village", "大石桥村民委员会", "10", (1000, 0, 2000, 1000)),
    ("13", "village", "向阳村", "10", (0, 1000, 2000, 2000)),
    ("21", "village", "向阳村", "20", (2000, 0, 3000, 2000)),
    ("22", "village", "老街社区", "20", (3000, 0, 4000, 1000)),
    ("23", "village", "Rawis", "20", (3000, 1000, 4000, 2000)),
]


def ground() -> Ground:
    """Two townships and six villages of about a kilometre."""
    table = pd.DataFrame([unit[:4] for unit in UNITS], columns=["unit_id", "level", "name", "parent_id"])
    boxes = [shapely.box(X0 + w, Y0 + s, X0 + e, Y0 + n) for *_, (w, s, e, n) in UNITS]
    return Ground(METRIC, gpd.GeoDataFrame(table, geometry=boxes, crs=METRIC), "village")


@pytest.mark.parametrize(
    ("name", "address", "unit"),
    [
        ("石桥村日间照料中心", "", "11"),
        ("日间照料中心", "青山县青山镇石桥村3组", "11"),
        ("大石桥村互助点", "", "12"),  # not 石桥村
        ("小石桥村互助点", "", ""),  # another village, which no layer holds
        ("向阳村互助点", "", ""),  # there are two
        ("青山镇综合养老服务中心", "青山县青山镇", "10"),
        ("石桥村互助点", "河口乡石桥村", ""),  # a namesake elsewhere
        ("石桥村、老街社区互助点", "", ""),
        ("石桥日间照料中心", "", ""),
        ("Rawis Day Care", "", "23"),
        ("Rawisan Day Care", "", ""),
        ("", "", ""),
    ],
)
def test_the_one_unit_that_is_named(name: str, address: str, unit: str) -> None:
    assert named_units(pd.DataFrame({"name": [name], "地址": [address]}), ground()).tolist() == [unit]


def told(names: list[str], xy: list[tuple[float, float]], *, read_as_degrees_of: str = "") -> tuple[Problem, ...]:
    """What is told of sites at these places [m from the corner], their degrees taken as they are though they are of another system."""
    at = gpd.GeoSeries([shapely.Point(X0 + x, Y0 + y) for x, y in xy], crs=METRIC)
    if read_as_degrees_of == "gcj02":
        degrees = at.to_crs(WGS84)
        at = gpd.GeoSeries(gpd.points_from_xy(*wgs84_to_gcj02(degrees.get_coordinates().to_numpy()).T), crs=WGS84).to_crs(METRIC)
    rows = [f"row {i}" for i in range(2, len(names) + 2)]
    frame = gpd.GeoDataFrame({"name": names}, geometry=at.to_numpy(), index=rows, crs=METRIC)
    findings, place = Findings(), ground()
    located = pd.Series(place.ids_at(frame.geometry.to_numpy()), index=frame.index, dtype=object)
    tell_named_elsewhere(frame, located, "", "list.xlsx", place, findings)
    return tuple(findings.problems)


RIGHT = [(500.0, 500.0)] * 6 + [(3500.0, 500.0)] * 6
NAMES = ["石桥村"] * 6 + ["老街社区"] * 6


def test_sites_where_their_names_say_are_silent_and_so_is_one_in_the_next_village() -> None:
    assert told(NAMES, RIGHT) == ()
    assert told(NAMES, [(1500.0, 500.0), *RIGHT[1:]]) == ()
    assert told(["日间照料中心"] * 12, RIGHT) == ()


def test_a_quarter_of_them_elsewhere_is_told_with_examples() -> None:
    (problem,) = told(NAMES, [(1500.0, 1500.0), (3500.0, 1500.0), (2500.0, 500.0), *RIGHT[3:]])
    assert (problem.severity, problem.where, problem.count) == ("note", "list.xlsx", 3)
    assert str(problem.what) == "3 of 12 row(s) that name a unit in name or address lie in another"
    assert problem.rows == ("row 2: 石桥村, lies in 向阳村", "row 3: 石桥村, lies in Rawis", "row 4: 石桥村, lies in 向阳村")
    assert told(NAMES[:7], [(1500.0, 500.0)] * 3 + RIGHT[3:7]) == ()  # seven names are no witness


def test_a_map_offset_that_nobody_declared_is_named() -> None:
    inside = [(float(x), float(y)) for x in (100, 500, 950) for y in (400, 600, 900)]
    names = ["石桥村"] * len(inside)
    assert told(names, inside) == ()
    (problem,) = told(names, inside, read_as_degrees_of="gcj02")
    assert 'try coordinates = "gcj02"' in problem.remedy
