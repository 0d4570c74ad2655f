"""Names and codes: rounded, shortened, doubled, pointing nowhere, at odds with the ground, and what they are called."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd

from layers.study_area import StudyArea
from tests.corpus.cases import mended, refused, same, told
from tests.corpus.place import CODES, PEOPLE, Spoilt, facility_rows, village_frame


def code(row: int, text: object) -> Callable[[Spoilt], None]:
    return lambda place: place.people(row, 0, text)


def site(row: int, column: str, text: str) -> Callable[[Spoilt], None]:
    return lambda place: place.facility(row, column, text)


def villages(**columns: object) -> Callable[[Spoilt], None]:
    """The villages with other columns."""
    return lambda place: place.villages(village_frame().assign(**columns))


def own_codes(here: list[str], there: list[str]) -> Callable[[Spoilt], None]:
    """Villages and people with codes of another country; townships left out."""

    def spoil(place: Spoilt) -> None:
        place.villages(village_frame().assign(unit_id=there))
        place.layers["units"] = place.layers["units"][1:]
        place.put("people.csv", [PEOPLE[0], *([unit, *row[1:]] for unit, row in zip(here, PEOPLE[1:], strict=True))])
        place.put("facilities.csv", [[*row[:2], *row[3:]] for row in facility_rows()])

    return spoil


def people_kept(area: StudyArea) -> bool:
    """Everybody of the table is in a village or on the list of those that are in none."""
    placed = float(area.demand["pop_total"].sum()) + float(area.unassigned.query("base == 'pop_total'")["people"].sum())
    return abs(placed - 2586) < 1e-6


def as_numbers(place: Spoilt) -> None:
    place.villages(village_frame().assign(unit_id=village_frame()["unit_id"].astype(float)))


NAMES = (
    "<script>alert(1)</script>",
    '=cmd|"/C calc"!A0',
    "{{ 7 * 7 }}",
    "'; drop table units; --",
    "a\tb",
    "\u202egnp.exe",
    "🏠",
    "`${1}`",
    "-2+3",
    "@SUM(A1)",
)

CASES = (
    refused(
        "a code in scientific notation", code(2, "4.31E+11"), r"people\.csv, row 3, column 区划代码: 1 code\(s\) were rounded.*as text"
    ),
    refused(
        "a code in scientific notation without a point", code(2, "4E+11"), r"people\.csv, row 3, column 区划代码: 1 code\(s\) were rounded"
    ),
    refused(
        "a code in scientific notation, small letter",
        code(2, "4.31299e11"),
        r"people\.csv, row 3, column 区划代码: 1 code\(s\) were rounded",
    ),
    same("a code in scientific notation with all its digits", code(2, "4.31299100201E+11")),
    refused("a code rounded to zeros", code(2, "431299000000"), r"people\.csv"),
    same("codes as numbers in the villages", as_numbers),
    refused(
        "a code twice in the villages",
        villages(unit_id=[CODES[0], CODES[1], CODES[1], CODES[3]]),
        r"village\.gpkg: unit_id is not unique.*431299100201",
    ),
    refused(
        "a code twice, once in full width",
        villages(unit_id=[CODES[0], CODES[1], "４３１２９９１００２０１", CODES[3]]),
        r"village\.gpkg: unit_id is not unique",
    ),
    refused(
        "a village without a code",
        villages(unit_id=[CODES[0], None, CODES[2], CODES[3]]),
        r"village\.gpkg: 1 row\(s\) have no unit_id.*feature 2",
    ),
    refused(
        "a village with a blank for a code",
        villages(unit_id=[CODES[0], " ", CODES[2], CODES[3]]),
        r"village\.gpkg: 1 row\(s\) have no unit_id",
    ),
    refused("villages without names", lambda p: p.villages(village_frame().drop(columns="name")), r"village\.gpkg: has no column for name"),
    refused("codes of another county", villages(unit_id=["4399" + c[4:] for c in CODES]), r"people\.csv: none of its codes"),
    told(
        "a code of a neighbour", code(2, "431299100299"), r"people\.csv: 1 row\(s\) have a code that no unit has.*431299100299", people_kept
    ),
    refused(
        "codes that lost their first zeros", own_codes(["101", "102", "201", "202"], ["0101", "0102", "0201", "0202"]), r"people\.csv.*0101"
    ),
    told(
        "some codes that lost their first zeros",
        own_codes(["101", "102", "1201", "1202"], ["0101", "0102", "1201", "1202"]),
        r"people\.csv: 2 row\(s\) have a code that no unit has",
        people_kept,
    ),
    same("codes of 12 digits in villages that have 15", lambda p: p.villages(village_frame().assign(unit_id=[f"{c}" for c in CODES]))),
    refused(
        "a parent that is not there",
        villages(parent_id=["431299100", "431299100", "431299900", "431299200"]),
        r"units: 1 unit\(s\) of level village name a unit above \(parent_id\) that is not there",
    ),
    told(
        "a parent that the ground contradicts",
        villages(parent_id=["431299100", "431299100", "431299100", "431299200"]),
        r"units: 1 unit\(s\).*431299200201",
    ),
    told(
        "a code whose township lies elsewhere",
        lambda p: (
            villages(unit_id=[CODES[0], CODES[1], "431299100202", CODES[3]])(p),
            p.people(3, 0, "431299100202"),
            p.edit("facilities.csv", "x", "x", 0),
        ),
        r"units: 1 unit\(s\).*431299100202",
    ),
    refused("a facility without an id", site(1, "设施编号", ""), r"facilities\.csv: 1 row\(s\) have no 设施编号 \(facility_id\).*row 2"),
    refused("an id twice", site(2, "设施编号", "f1"), r"facilities\.csv: 设施编号 \(facility_id\) is not unique.*row 2: f1"),
    refused("an id twice, once with a blank", site(2, "设施编号", "f1 "), r"facilities\.csv: 设施编号 \(facility_id\) is not unique"),
    refused("an id twice, once in full width", site(2, "设施编号", "ｆ１"), r"facilities\.csv: 设施编号 \(facility_id\) is not unique"),
    refused(
        "an id of a facility for a candidate",
        lambda p: p.edit("candidates.csv", "c1,", "f1,"),
        r"candidates, candidate_id: 1 id\(s\) are ids of facilities too.*f1",
    ),
    refused("one file of facilities twice", lambda p: p.layers["facilities"].append(p.layers["facilities"][0]), r"facility.*is not unique"),
    told(
        "a facility that states another village",
        site(1, "区划代码", CODES[3]),
        r"facilities\.csv: 1 row\(s\) do not lie in the unit they state.*431299200202, lies in 431299100001",
    ),
    told(
        "a facility that states no village that is there",
        site(1, "区划代码", "431299100999"),
        r"facilities\.csv: 1 row\(s\) state a unit that is not in the units layer.*row 2: 431299100999",
    ),
    same("a facility that states its township", site(1, "区划代码", "431299100")),
    same("a facility that states its county", site(1, "区划代码", "431299")),
    same("a facility that states its township with zeros", site(1, "区划代码", "431299100000")),
    told(
        "a facility that states another township",
        site(1, "区划代码", "431299200"),
        r"facilities\.csv: 1 row\(s\) state a unit that is not in the units layer or does not hold them",
    ),
    same("facilities without codes", lambda p: p.put("facilities.csv", [[*row[:2], *row[3:]] for row in facility_rows()])),
    refused(
        "a rounded code of a facility",
        site(1, "区划代码", "4.313E+11"),
        r"facilities\.csv, row 2, column 区划代码: 1 code\(s\) were rounded",
    ),
    refused(
        "an unknown kind", site(1, "设施类别", "幸福超市"), r"facilities\.csv: unknown kind\(s\) of facility: 幸福超市.*row 2.*kinds = "
    ),
    refused("no kind", site(1, "设施类别", ""), r"facilities\.csv: the kind of 1 row\(s\) is not known.*row 2"),
    same("a kind with blanks", site(1, "设施类别", " 日间照料中心 ")),
    same("a kind by our own name", site(1, "设施类别", "day_care")),
    refused("an unknown status", site(1, "状态", "不详"), r"facilities\.csv, row 2, column 状态: unknown word\(s\): 不详"),
    same("no status", site(1, "状态", "")),
    told(
        "a unit that is served and not there",
        lambda p: p.put(
            "facilities.csv", [[*row, "服务范围" if i == 0 else "431299100777" if i == 1 else ""] for i, row in enumerate(facility_rows())]
        ),
        r"facilities, serves: 1 id\(s\) stand in no layer",
    ),
    *(same(f"a name such as {name!r}", site(1, "设施名称", name)) for name in NAMES),
    mended(
        "a village called like a formula",
        lambda p: p.villages(gpd.GeoDataFrame(village_frame().assign(name=["=1+1", "<b>二村", "{{x}}", "'"]))),
        r"people\.csv: 3 row\(s\) have another name than the unit of their code.*row 2: 一社区, the code is that of =1\+1",
    ),
    refused(
        "the level of the villages is called a town's",
        lambda p: p.layers["units"][1].update(level="township"),
        r"people\.csv: 2 unit\(s\) stand in several rows",
    ),
)
