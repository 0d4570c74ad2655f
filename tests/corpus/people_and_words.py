"""Words of real lists: states of facilities, kinds, names of villages for their codes; nobody at all; dwellings outside."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import shapely

from layers.study_area import StudyArea
from tests.corpus.cases import Spoil, mended, refused, same, told
from tests.corpus.place import CODES, PEOPLE, Spoilt, facility_rows, village_frame
from tests.small import METRIC, X0, Y0

STATES = {"open": ("在营", "正常", "试运营"), "closed": ("已关停", "停业", "闲置"), "planned": ("筹建", "在建", "待开业")}


def facilities(change: Callable[[list[list[str]]], object], **source: object) -> Spoil:
    def spoil(place: Spoilt) -> None:
        rows = facility_rows()
        change(rows)
        place.put("facilities.csv", rows)
        place.layers["facilities"][0].update(source)

    return spoil


def column(i: int, name: str, *cells: str) -> Callable[[list[list[str]]], object]:
    """One column called otherwise and with other cells; with one cell the same in all rows."""

    def change(rows: list[list[str]]) -> None:
        for row, cell in zip(rows, (name, *(cells * len(rows))[: len(rows) - 1]), strict=True):
            row[i] = cell

    return change


def headed(i: int, name: str) -> Callable[[list[list[str]]], object]:
    return lambda rows: rows[0].__setitem__(i, name)


def dwellings(*metres: tuple[float, float]) -> Spoil:
    """A dwelling of one household at some points of the place."""

    def spoil(place: Spoilt) -> None:
        points = [shapely.Point(X0 + x, Y0 + y) for x, y in metres]
        gpd.GeoDataFrame({"户数": ["1"] * len(points)}, geometry=points, crs=METRIC).to_file(place.folder / "homes.gpkg")
        place.layers["population"]["spread"] = {"path": "homes.gpkg"}

    return spoil


def fields(*metres: tuple[float, float]) -> Spoil:
    """The same as squares of 20 m."""

    def spoil(place: Spoilt) -> None:
        squares = [shapely.box(X0 + x, Y0 + y, X0 + x + 20, Y0 + y + 20) for x, y in metres]
        gpd.GeoDataFrame({"n": range(len(squares))}, geometry=squares, crs=METRIC).to_file(place.folder / "homes.gpkg")
        place.layers["population"]["spread"] = {"path": "homes.gpkg"}

    return spoil


MIDDLES = ((500.0, 500.0), (1500.0, 500.0), (2500.0, 500.0), (3500.0, 500.0))


def renamed(names: list[str]) -> Spoil:
    """The villages under other names."""
    return lambda place: place.villages(village_frame().assign(name=names))


def status_of(area: StudyArea) -> dict[str, str]:
    return dict(zip(area.facilities["facility_id"], area.facilities["status"], strict=True))


def units_of(area: StudyArea) -> list[str]:
    return list(area.facilities["unit_id"])


NAMED = column(2, "所在社区", "一社区", "二村", "一社区居委会")
CASES = (
    *(
        told(
            f"facilities that are {status}, in words of lists, under {name}",
            facilities(column(4, name, *words)),
            r".",
            lambda area, status=status: set(status_of(area).values()) == {status},
        )
        for name, (status, words) in zip(("运营状态", "经营状态", "营业状态"), STATES.items(), strict=True)
    ),
    refused(
        "a state that is not known", facilities(column(4, "运营状态", "搬迁")), r"facilities\.csv, row 2, column 运营状态: unknown word"
    ),
    mended(
        "states that are not filled in",
        facilities(column(4, "状态", "正常", "", "")),
        r"note: .*facilities\.csv: 2 row\(s\) have no 状态 \(status\): they count as open.*row 3, row 4",
    ),
    told(
        "states that are not filled in, closed by the scenario",
        facilities(column(4, "状态", "正常", "", "—"), status="closed"),
        r"note: .*2 row\(s\) have no 状态 \(status\): they count as closed",
        lambda area: status_of(area) == {"f1": "open", "f2": "closed", "f3": "closed"},
    ),
    same("codes as the statistics bureau calls them", facilities(headed(2, "统计用区划代码"))),
    same("a village by its name", facilities(NAMED)),
    same("a village by its name, named by the scenario", facilities(NAMED, columns={"unit_id": "所在社区"})),
    told(
        "a village by its name, and a point in another",
        facilities(column(2, "所在社区", "一社区", "二村", "四村")),
        r"facilities\.csv: 1 row\(s\) do not lie in the unit they state; the stated unit is used.*row 4: 431299200202, lies in 431299100001",
        lambda area: units_of(area) == [CODES[0], CODES[1], CODES[3]],
    ),
    told(
        "a village that there is not",
        facilities(column(2, "所在社区", "一社区", "二村", "九村")),
        r"facilities\.csv: 1 row\(s\) state a unit that is not in the units layer.*row 4: 九村",
        lambda area: units_of(area) == [CODES[0], CODES[1], CODES[0]],
    ),
    told(
        "two villages of one name",
        lambda p: (renamed(["东村", "东村", "三村", "四村"])(p), facilities(column(2, "所在村", "东村"))(p)),
        r".",
        lambda area: units_of(area) == [CODES[0], CODES[1], CODES[0]],
    ),
    *(
        told(
            f"{word} in the column of kinds",
            facilities(column(3, "设施类别", word)),
            r".",
            lambda area, kind=kind: set(area.facilities["kind"]) == {kind},
        )
        for word, kind in (("驿站", "station"), ("社区养老服务驿站", "station"), ("托育园", "childcare"))
    ),
    refused("a word that is no kind", facilities(column(3, "设施类别", "早教中心")), r"facilities\.csv: unknown kind"),
    told(
        "nobody of 60 in any village",
        lambda p: p.put("people.csv", [PEOPLE[0], *([*row[:3], "0"] for row in PEOPLE[1:])]),
        r"warning: .*people\.csv: 60岁及以上 \(pop60\) is 0 in every row: it counts none at all",
    ),
    told(
        "codes of two villages exchanged",
        lambda p: p.put("people.csv", [PEOPLE[0], [CODES[1], *PEOPLE[1][1:]], [CODES[0], *PEOPLE[2][1:]], *PEOPLE[3:]]),
        r"people\.csv: 2 row\(s\) have another name than the unit of their code, 2 of them that of another unit"
        r".*row 2: 一社区, the code is that of 二村.*compare them with your source",
    ),
    told(
        "a village of another name",
        lambda p: p.put("people.csv", [*PEOPLE[:2], [CODES[1], "九里", *PEOPLE[2][2:]], *PEOPLE[3:]]),
        r"people\.csv: 1 row\(s\) have another name than the unit of their code \[row 3: 九里, the code is that of 二村\]",
    ),
    told(
        "names with township and committee",
        lambda p: p.put(
            "people.csv",
            [
                PEOPLE[0],
                *(
                    [row[0], name, *row[2:]]
                    for row, name in zip(PEOPLE[1:], ("一社区居委会", "东镇二村", "三村村民委员会", "四"), strict=True)
                ),
            ],
        ),
        r".",
        lambda area: not any("another name" in problem.what for problem in area.problems),
    ),
    told(
        "registered people only",
        lambda p: p.put("people.csv", [["区划代码", "名称", "户籍人口", "60岁及以上"], *PEOPLE[1:]]),
        r'people\.csv: has 户籍人口, but no column of all people.*pop_total = "户籍人口" \}.*total_is = "registered"',
        lambda area: "pop_total" not in area.demand,
    ),
    told(
        "a dwelling outside every village",
        dwellings(*MIDDLES, (500.0, 3000.0)),
        r"note: .*homes\.gpkg: 1 place\(s\) where people live lie outside every unit.*feature 5",
    ),
    told(
        "houses outside every village", fields(*MIDDLES, (500.0, 3000.0), (900.0, 3000.0)), r"homes\.gpkg: 2 place\(s\) where people live"
    ),
    told(
        "a house over the border",
        fields(*MIDDLES, (3990.0, 500.0)),
        r".",
        lambda area: not any("outside every unit" in problem.what for problem in area.problems),
    ),
)
