"""What stands: elderly care of every kind, childcare and clinics, with the gaps that a real list has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from scenarios.demo.chance import stream
from scenarios.demo.settlements import N_TOWNS
from scenarios.demo.spots import Spots
from scenarios.demo.units import township_code

WITH_CENTRE = (0, 1, 2, 3, 5, 6, 8, 11)
"""townships that have a centre: 8 of 14"""
WITH_HOME = (2, 4, 5, 7, 9, 10, 12)
"""townships that have a home"""
WITH_OUTLET = (0, 1, 2, 4, 6, 8)
CENTRE_SERVES = {3: (4,), 11: (13,)}
"""centres that serve a neighbouring township as well"""
ALL_FUNCTIONS = "disabled_care;canteen;bathing;cleaning;medical_aid;mobility_aid"


@dataclass(frozen=True)
class Facility:
    """One facility; None is no data. Areas in m2, `village` is the row of its unit."""

    name: str
    kind: str
    village: int
    xy_m: tuple[float, float]
    land_m2: float | None = None
    floor_m2: float | None = None
    beds: int | None = None
    nursing_beds: int | None = None
    workers: int | None = 0
    functions: str = ""
    serves: str = ""
    status: str = "正常"
    owner: str = "public"
    grade: int | None = None
    estate: str = ""
    places: int | None = None
    inclusive_places: int | None = None


def make_facilities(units: gpd.GeoDataFrame, spots: Spots, estates: gpd.GeoDataFrame) -> list[Facility]:
    """Elderly care: of the county, of the townships, of the villages and communities, of the residential areas."""
    seats = seat_villages(units)
    return [
        *_of_county(seats, spots),
        *_of_townships(seats, spots),
        *_of_villages(units, spots),
        *_of_estates(estates),
    ]


def seat_villages(units: gpd.GeoDataFrame) -> dict[int, tuple[int, str]]:
    """Row and short name of the first community of each township."""
    seats: dict[int, tuple[int, str]] = {}
    for village, (township, place, name) in enumerate(zip(units["township"], units["place"], units["名称"], strict=True)):
        if place < 99 and township not in seats:
            seats[int(township)] = (village, name.removesuffix("社区"))
    return seats


def _of_county(seats: dict[int, tuple[int, str]], spots: Spots) -> list[Facility]:
    rng = stream(90)
    north, south = seats[0][0], seats[1][0]
    at = [*spots.of(north, 2, rng, middle=False), *spots.of(south, 3, rng, middle=False)]
    return [
        Facility("示范县养老服务指导中心", "县级指导中心", north, at[0], 600, 1200, workers=4),
        Facility("示范县社会福利院", "养老院", north, at[1], 9800, 7600, 220, 118, 6, ALL_FUNCTIONS, grade=3),
        Facility("颐康老年公寓", "养老院", south, at[2], 3100, 4200, 120, 34, 2, "canteen;cleaning", owner="private", grade=2),
        Facility("夕照护养院", "老年养护院", south, at[3], 2600, 3900, 100, 82, 3, ALL_FUNCTIONS, owner="private", grade=3),
        Facility("安禾养老中心", "养老院", south, at[4], 5200, 6100, 150, 90, None, "", "", "在建", "private"),
    ]


def _of_townships(seats: dict[int, tuple[int, str]], spots: Spots) -> list[Facility]:
    rng = stream(91)
    out = []
    for township, (village, short) in sorted(seats.items()):
        name = f"{short}区域养老服务中心" if township >= 2 else f"{('江北', '江南')[township]}街道综合养老服务中心"
        at = spots.of(village, 4, rng)
        if township in WITH_CENTRE:
            floor, beds = int(rng.integers(70, 200)) * 10, int(rng.integers(10, 36))
            functions = ALL_FUNCTIONS if township not in (3, 8) else "canteen;cleaning"
            serves = ";".join(township_code(t) for t in CENTRE_SERVES.get(township, ()))
            out.append(Facility(name, "综合养老服务中心", village, at[0], floor // 2 + 120, floor, beds, beds // 2, 2, functions, serves))
        if township in WITH_HOME:
            beds = int(rng.integers(36, 82))
            functions = "canteen;disabled_care" if township in (4, 9) else "canteen"
            owner_grade = None if township in (10, 12) else 1
            out.append(
                Facility(
                    f"{short}敬老院", "乡镇敬老院", village, at[1], beds * 46, beds * 31, beds, beds // 4, 1, functions, grade=owner_grade
                )
            )
        if township in WITH_OUTLET:
            out.append(Facility(f"{short}康复辅具租赁点", "康复辅具网点", village, at[2], None, int(rng.integers(30, 90)), owner="private"))
    out.append(_closed_home(seats[13], spots, rng))
    out.append(_central_home(seats[3], spots, rng))
    return out


def _closed_home(seat: tuple[int, str], spots: Spots, rng: np.random.Generator) -> Facility:
    at = spots.of(seat[0], 2, rng)[1]
    return Facility(f"{seat[1]}敬老院", "乡镇敬老院", seat[0], at, 2100, 1150, 40, 4, status="关停")


def _central_home(seat: tuple[int, str], spots: Spots, rng: np.random.Generator) -> Facility:
    at = spots.of(seat[0], 3, rng)[2]
    functions = ALL_FUNCTIONS
    return Facility(f"{seat[1]}区域性中心敬老院", "区域性中心敬老院", seat[0], at, 7200, 5200, 130, 66, 3, functions, grade=2)


def _of_villages(units: gpd.GeoDataFrame, spots: Spots) -> list[Facility]:
    """Facilities of every unit, each with a stream of chance of its own, so that a change of one leaves the others as they were."""
    out: list[Facility] = []
    for village, (name, place) in enumerate(zip(units["名称"], units["place"], strict=True)):
        rng = np.random.Generator(np.random.PCG64([92, village]))
        if place == 99:
            out += _of_admin_village(str(name), village, spots, rng)
        else:
            out += _of_community(str(name).removesuffix("社区"), village, int(place), spots, rng)
    return out


def _of_admin_village(name: str, village: int, spots: Spots, rng: np.random.Generator) -> list[Facility]:
    out = []
    has = rng.random(5) < (0.2, 0.09, 0.09, 0.05, 0.04)
    n_points = int(rng.choice(4, p=(0.38, 0.25, 0.30, 0.07)))
    at = spots.of(village, 1 + max(n_points, 1), rng)
    if has[0]:
        floor = int(rng.integers(90, 320))
        out.append(
            Facility(f"{name}农村幸福院", "农村幸福院", village, at[0], _land(rng, 60, 300, 0.08), floor, beds=int(rng.integers(4, 15)))
        )
    start = 1 if has[0] else 0
    for k in range(n_points):
        spot = at[min(start + k, len(at) - 1)]
        out.append(Facility(f"{name}养老互助点{k + 1}", "养老互助点", village, spot, _land(rng, 18, 60, 0.12), int(rng.integers(30, 95))))
    if has[1]:
        out.append(Facility(f"{name}老年活动中心", "老年活动中心", village, at[0], _land(rng, 40, 120, 0.15), int(rng.integers(50, 150))))
    if has[2]:
        out.append(
            Facility(f"{name}老饭桌", "老年助餐点", village, at[0], _land(rng, 20, 60, 0.3), int(rng.integers(30, 90)), functions="canteen")
        )
    if has[3]:
        out.append(
            Facility(f"{name}日间照料中心", "日间照料中心", village, at[0], _land(rng, 80, 260, 0.1), int(rng.integers(120, 380)), 10, 2)
        )
    if has[4] and out:
        out[-1] = replace(out[-1], status="停用")
    return out


def _of_community(name: str, village: int, place: int, spots: Spots, rng: np.random.Generator) -> list[Facility]:
    out = []
    in_county_town = place == -1
    chances = (0.8, 0.7, 0.6, 0.5) if in_county_town else (0.6, 0.3, 0.4, 0.35)
    has = rng.random(4) < chances
    small = 1.0 if in_county_town else 0.55
    at = spots.of(village, 5, rng)
    if has[0]:
        floor, beds = int(small * rng.integers(320, 800)), int(rng.integers(8, 24))
        out.append(
            Facility(f"{name}日间照料中心", "日间照料中心", village, at[0], _land(rng, small * 180, small * 620, 0.15), floor, beds, 4)
        )
    if has[1]:
        for k in range(2 if in_county_town else 1):
            spot, floor = at[1 + k], int(small * rng.integers(80, 320))
            out.append(
                Facility(f"{name}社区养老服务站{k + 1}", "社区养老服务站", village, spot, _land(rng, 60, 240, 0.35), floor, owner="private")
            )
    if has[2]:
        out.append(
            Facility(
                f"{name}长者食堂", "老年助餐点", village, at[3], _land(rng, 60, 160, 0.4), int(rng.integers(90, 260)), functions="canteen"
            )
        )
    if has[3]:
        out.append(Facility(f"{name}老年活动中心", "老年活动中心", village, at[4], _land(rng, 90, 300, 0.3), int(rng.integers(120, 420))))
    return out


def _land(rng: np.random.Generator, low: float, high: float, missing: float) -> float | None:
    """Land [m2], or None as often as the list leaves it empty."""
    land, lot = float(round(rng.uniform(low, high))), rng.random()
    return None if lot < missing else land


def _of_estates(estates: gpd.GeoDataFrame) -> list[Facility]:
    """Rooms in residential areas: in half of the new ones, in a third of the others."""
    rng = stream(93)
    out = []
    points = estates.geometry.representative_point()
    for row in range(len(estates)):
        estate = estates.iloc[row]
        if rng.random() < (0.55 if estate["is_new"] else 0.34):
            need = 0.2 * float(estate["户数"])
            floor = float(round(need * rng.uniform(0.45, 1.9)))
            kind = ("社区养老服务站", "老年活动中心")[int(rng.integers(2))]
            at = (round(float(points[row].x), 2), round(float(points[row].y), 2))
            name = f"{estate['名称']}{'养老服务站' if kind == '社区养老服务站' else '老年活动室'}"
            out.append(Facility(name, kind, int(estate["village"]), at, None, floor, owner="private", estate=str(estate["小区编号"])))
    return out


def make_childcare(units: gpd.GeoDataFrame, spots: Spots) -> list[Facility]:
    """Childcare: mostly in the county town, one in each town; fewer than half of the places inclusive."""
    rng = stream(94)
    seats = seat_villages(units)
    town = [village for village, place in enumerate(units["place"]) if place == -1]
    homes = [(v, str(units["名称"].iloc[v]).removesuffix("社区")) for v in (*town, *town[::2])]
    homes += [seats[t] for t in range(2, 2 + N_TOWNS)]
    out = []
    for number, (village, name) in enumerate(homes):
        places = int(rng.integers(4, 13)) * 5 + (20 if number < len(town) else 0)
        inclusive = int(places * rng.choice((0.0, 0.5, 0.6, 1.0), p=(0.22, 0.4, 0.23, 0.15)))
        title = f"{name}{('托育园', '托育中心', '幼儿园托班')[number % 3]}"
        spot = spots.of(village, 1, rng, middle=False)[0]
        land, floor = places * 9.0, places * 7.5
        out.append(Facility(title, "托育机构", village, spot, land, floor, owner="private", places=places, inclusive_places=inclusive))
    return out


def make_clinics(units: gpd.GeoDataFrame, spots: Spots) -> list[Facility]:
    """The county hospital, a health centre in every township, community stations in the county town."""
    rng = stream(95)
    seats = seat_villages(units)
    out = [Facility("示范县人民医院", "医疗卫生机构", seats[1][0], spots.of(seats[1][0], 1, rng, middle=False)[0])]
    for village, short in seats.values():
        out.append(Facility(f"{short}卫生院", "医疗卫生机构", village, spots.of(village, 1, rng, middle=False)[0]))
    for village, (place, name) in enumerate(zip(units["place"], units["名称"], strict=True)):
        if place == -1:
            out.append(Facility(f"{name}卫生服务站", "医疗卫生机构", village, spots.of(village, 1, rng, middle=False)[0]))
    return out
