"""What could be opened: idle schools, village offices and state premises, public rental rooms, plots of collective land.

A third of the villages have none, some sites lie under a slope that may slide, and some plots offer two uses of which one can be had.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from scenarios.demo.chance import stream
from scenarios.demo.facilities import ALL_FUNCTIONS, WITH_CENTRE, WITH_OUTLET, seat_villages
from scenarios.demo.spots import Spots
from scenarios.demo.terrain import Ground


@dataclass(frozen=True)
class Asset:
    """A type of premises or plot: its words, its size, what work on it costs."""

    word: str
    asset_type: str
    tenure: str
    owner_type: str
    land_use: str
    idle: bool
    floor_m2: tuple[int, int]
    land_share: float
    """land per floor"""
    yuan_m2: int


SCHOOL = Asset("原小学", "school", "collective", "village", "education", True, (140, 420), 1.6, 900)
VILLAGE_OFFICE = Asset("旧村部", "village_office", "collective", "village", "construction", True, (70, 190), 0.9, 800)
PLOT = Asset("集体建设用地", "plot", "collective", "village", "construction", False, (90, 200), 1.3, 1900)
WORKSHOP = Asset("闲置厂房", "factory", "collective", "village", "inefficient", True, (160, 480), 1.4, 1000)
OFFICE = Asset("闲置办公用房", "office", "state", "public", "public_service", True, (180, 700), 0.6, 1100)
RENTAL = Asset("空置公租房", "public_rental", "state", "public", "residential", True, (80, 240), 0.3, 900)
COMPANY = Asset("国企闲置用房", "company_premises", "state", "state_company", "commercial", True, (150, 520), 0.5, 1200)
SERVICE = Asset("社区综合服务用房", "community_service", "state", "public", "public_service", False, (60, 160), 0.4, 700)
SHOP = Asset("临街商业用房", "shop", "private", "private", "commercial", False, (60, 200), 0.35, 1500)
TRAINING = Asset("原干部培训中心", "training_centre", "state", "public", "public_service", True, (3_200, 4_200), 1.5, 2200)
SANATORIUM = Asset("原职工疗养院", "training_centre", "state", "state_company", "public_service", True, (2_600, 3_600), 2.0, 2400)
OLD_OFFICE = Asset("原乡镇办公楼", "office", "state", "public", "public_service", True, (700, 1_000), 0.8, 1500)
OLD_HEALTH_CENTRE = Asset("原卫生院旧址", "public_unit", "state", "public", "public_service", True, (1_000, 1_500), 0.8, 1500)
CHEMICAL_WORKS = Asset("化工厂旧址", "factory", "state", "state_company", "industrial", True, (800, 1_200), 3.0, 1300)


@dataclass(frozen=True)
class Use:
    """What a site would become and hold."""

    kind: str
    beds: int = 0
    nursing_beds: int = 0
    places: int = 0
    inclusive_places: int = 0
    workers: int = 0
    functions: str = ""
    serves: str = ""
    role: str = "candidate"
    estate: str = ""


@dataclass(frozen=True)
class Candidate:
    """One use of one site; the rows of one `site` exclude each other. Areas in m2, `village` is the row of its unit."""

    name: str
    use: Use
    village: int
    xy_m: tuple[float, float]
    site: int
    asset: Asset
    land_m2: float
    floor_m2: float
    cost_yuan: float
    hazard: str
    storey: int


@dataclass(frozen=True, eq=False)
class _Land:
    """What the sites are chosen from."""

    units: gpd.GeoDataFrame
    spots: Spots
    ground: Ground

    def hazard(self, xy_m: tuple[float, float], rng: np.random.Generator) -> str:
        """Either landslide, on steep ground now and then, or flood, by the river, or nothing."""
        cell = self.ground.grid.cells_at(np.array([xy_m]))[0]
        lot = rng.random()
        if self.ground.river_distance_m[cell] < 170.0 and lot < 0.5:
            return "flood"
        return "landslide" if lot < 1.1 * (self.ground.slope[cell] - 0.12) else ""


def make_candidates(ground: Ground, units: gpd.GeoDataFrame, spots: Spots, estates: gpd.GeoDataFrame) -> list[Candidate]:
    """All sites, those of the villages first; `site` counts the plots."""
    land = _Land(units, spots, ground)
    out: list[Candidate] = []
    for village in range(len(units)):
        rng = np.random.Generator(np.random.PCG64([101, village]))
        place = int(units["place"].iloc[village])
        out += _of_village(land, village, rng, _next(out)) if place == 99 else _of_community(land, village, rng, _next(out))
    for township, (village, _) in sorted(seat_villages(units).items()):
        out += _of_township(land, township, village, _next(out))
    out += _of_county(land, _next(out))
    return [*out, *_of_estates(land, estates, _next(out))]


def _next(rows: list[Candidate]) -> int:
    return rows[-1].site + 1 if rows else 1


def _offer(land: _Land, village: int, at: tuple[float, float], site: int, asset: Asset, use: Use, rng: np.random.Generator) -> Candidate:
    """A row of one asset: sizes by chance, costs by floor, whole thousands."""
    floor_m2 = float(rng.integers(*asset.floor_m2))
    cost_yuan = round((20_000.0 + floor_m2 * asset.yuan_m2 * rng.uniform(0.85, 1.2)) / 1_000.0) * 1_000.0
    return Candidate(
        name=f"{land.units['名称'].iloc[village]}{asset.word}",
        use=use,
        village=village,
        xy_m=at,
        site=site,
        asset=asset,
        land_m2=float(round(floor_m2 * asset.land_share)),
        floor_m2=floor_m2,
        cost_yuan=cost_yuan,
        hazard=land.hazard(at, rng),
        storey=1 if asset is not RENTAL else int(rng.integers(1, 4)),
    )


def _of_village(land: _Land, village: int, rng: np.random.Generator, site: int) -> list[Candidate]:
    """Nothing in three villages of ten, else one or two sites; a school can also be used in part."""
    if rng.random() < 0.3:
        return []
    count = 2 if rng.random() < 0.22 else 1
    out = []
    for number, at in enumerate(land.spots.of(village, count, rng, middle=bool(rng.random() < 0.3))):
        asset = (SCHOOL, VILLAGE_OFFICE, PLOT, WORKSHOP)[int(rng.choice(4, p=(0.36, 0.3, 0.24, 0.1)))]
        use = (Use("mutual_aid_point"), Use("happiness_home", 8), Use("day_care", 12, 4))[int(rng.choice(3, p=(0.55, 0.3, 0.15)))]
        whole = _offer(land, village, at, site + number, asset, use, rng)
        out.append(whole)
        if asset is SCHOOL and rng.random() < 0.4 and use.kind != "mutual_aid_point":
            out.append(_smaller_use(whole))
    return out


def _smaller_use(whole: Candidate) -> Candidate:
    """The same plot with only a few rooms made into a mutual-aid point with a meal table, at a third of the size and cost."""
    return replace(
        whole,
        name=f"{whole.name}(部分)",
        use=Use("mutual_aid_point;meal_point", functions="canteen"),
        land_m2=float(round(whole.land_m2 / 3)),
        floor_m2=float(round(whole.floor_m2 / 3)),
        cost_yuan=round(whole.cost_yuan / 3_000.0) * 1_000.0,
    )


def _of_community(land: _Land, village: int, rng: np.random.Generator, site: int) -> list[Candidate]:
    """Two or three premises in a community of the county town, one or two in a market town."""
    count = int(rng.integers(2, 4)) - (0 if int(land.units["place"].iloc[village]) == -1 else 1)
    uses = (
        Use("day_care", 15, 5),
        Use("station"),
        Use("meal_point", functions="canteen"),
        Use("childcare", places=40, inclusive_places=32),
    )
    out = []
    for number, at in enumerate(land.spots.of(village, count, rng, middle=False)):
        asset = (OFFICE, RENTAL, COMPANY, SERVICE, SHOP)[int(rng.choice(5, p=(0.26, 0.22, 0.18, 0.18, 0.16)))]
        use = uses[int(rng.choice(4, p=(0.4, 0.25, 0.15, 0.2)))]
        out.append(_offer(land, village, at, site + number, asset, use, rng))
    return out


def _of_township(land: _Land, township: int, village: int, site: int) -> list[Candidate]:
    """Where there is no centre: two premises for one; where there is no outlet for rehabilitation aids: a shop."""
    rng = np.random.Generator(np.random.PCG64([102, township]))
    at = land.spots.of(village, 3, rng, middle=False)
    out = []
    if township not in WITH_CENTRE:
        centre = Use("township_centre", 24, 14, workers=2, functions=ALL_FUNCTIONS)
        for number, asset in enumerate((OLD_OFFICE, OLD_HEALTH_CENTRE)):
            out.append(_offer(land, village, at[number], site + number, asset, centre, rng))
    if township not in WITH_OUTLET:
        out.append(_offer(land, village, at[2], site + 2, SHOP, Use("rehab_outlet"), rng))
    return out


def _of_county(land: _Land, site: int) -> list[Candidate]:
    """Two premises for the institution the county lacks, one of them also fit for a nursing home; a plot that is ruled out."""
    rng = stream(103)
    north, south = (seat_villages(land.units)[t][0] for t in (0, 1))
    (a,), (b,), (c,) = (land.spots.of(v, 1, rng, middle=False) for v in (north, south, south))
    support = Use("county_support_institution", 120, 100, workers=4, functions=ALL_FUNCTIONS)
    training = _offer(land, north, a, site, TRAINING, support, rng)
    return [
        training,
        replace(training, use=replace(support, kind="nursing_home")),
        _offer(land, south, b, site + 1, SANATORIUM, support, rng),
        _offer(land, south, c, site + 2, CHEMICAL_WORKS, Use("day_care", 20, role="forbidden"), rng),
    ]


def _of_estates(land: _Land, estates: gpd.GeoDataFrame, site: int) -> list[Candidate]:
    """Rooms that could serve a residential area, in half of them."""
    rng = stream(104)
    points = estates.geometry.representative_point()
    out: list[Candidate] = []
    for row in range(len(estates)):
        estate = estates.iloc[row]
        if rng.random() > 0.5:
            continue
        asset = COMPANY if estate["is_old"] else (RENTAL, SHOP)[int(rng.integers(2))]
        rooms = replace(asset, floor_m2=(30, 130), land_share=0.4)
        at = (round(float(points.iloc[row].x) + 9.0, 2), round(float(points.iloc[row].y) - 7.0, 2))
        use = Use("station", estate=str(estate["小区编号"]))
        out.append(_offer(land, int(estate["village"]), at, site + len(out), rooms, use, rng))
    return out
