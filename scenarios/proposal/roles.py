"""Which layer each sheet is: by what the planner said (`--facilities homes.csv`), by its shapes, its columns and its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from layers.kinds import kind_from_name
from layers.levels import without_zeros
from layers.saying import Said, say
from layers.shapes import X, Y
from layers.tables import BASE_NAMES, CANDIDATES, FACILITIES, RESIDENTIAL, UNITS, Column
from scenarios.proposal.matching import Matching, match
from scenarios.proposal.sheets import Sheet

Role = Literal["units", "population", "spread", "facilities", "candidates", "residential", "streets", "terrain", ""]
ROLES: tuple[Role, ...] = get_args(Role)

_WORDS: tuple[tuple[Role, str], ...] = (
    ("candidates", r"闲置|候选|备选|资产|candidate|idle|vacant"),
    ("residential", r"小区|楼盘|estate|residential"),
    ("spread", r"房屋|建筑|民居|居民点|院落|building|dwelling|house"),
    ("terrain", r"dem|srtm|高程|地形|elevation|height|terrain"),
    ("streets", r"路网|道路|公路|街道网|streets?|roads?|highway"),
    ("population", r"人口|台账|population|people|worldpop"),
    ("facilities", r"设施|机构|养老|托育|敬老|facilit|homes?|卫生|医院|clinic"),
    ("units", r"区划|行政|边界|units?|boundar|admin"),
)
"""Words in the name of a file or layer; the first that fits."""
_LEVEL_OF_DIGITS = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
_LEVEL_OF_NAMES = (
    ("village", r".*(村|社区|居委会|村委会|居民委员会|里)"),
    ("township", r".*(镇|乡|街道|办事处)"),
    ("county", r".*(县|区|市|旗)"),
)


_COLUMNS: Mapping[Role, tuple[Column, ...]] = {
    "units": tuple(c for c in UNITS if c.name not in (*BASE_NAMES, "level")),
    "population": tuple(c for c in UNITS if c.name in ("unit_id", "name", *BASE_NAMES)),
    "spread": (Column("weight", "number", "户数", "households", aliases=("户数", "家庭户", "人口", "households", "weight")),),
    "facilities": FACILITIES,
    "candidates": CANDIDATES,
    "residential": RESIDENTIAL,
}


def columns_of(role: Role, sheet: Sheet) -> tuple[Column, ...]:
    """Our columns that a sheet of this role may have."""
    is_list = sheet.shape == "none" and role in ("facilities", "candidates")
    return (*_COLUMNS.get(role, ()), *((X, Y) if is_list else ()))


@dataclass(frozen=True, eq=False)
class Guess:
    """A sheet, the layer it is taken for, from what, and its columns."""

    sheet: Sheet
    role: Role
    why: Said
    matching: Matching
    level: str = ""
    """of units"""
    level_why: Said | Literal[""] = ""


def guess_all(sheets: Sequence[Sheet], said: Mapping[str, Role]) -> list[Guess]:
    """The role of every sheet; `said` holds the paths whose role the planner named."""
    guesses = []
    for sheet in sheets:
        role, why = (said[sheet.path], say("as you said")) if sheet.path in said else _role(sheet)
        guess = Guess(sheet, role, why, match(sheet, columns_of(role, sheet)))
        guesses.append(replace(guess, **_level(guess)) if role == "units" else guess)
    return guesses if any(guess.role == "population" for guess in guesses) else [*guesses, *_people_of_units(guesses)]


def _people_of_units(guesses: Sequence[Guess]) -> Iterator[Guess]:
    """The units again as the table of people, where they state people and no other file does."""
    for guess in guesses:
        matching = match(guess.sheet, columns_of("population", guess.sheet))
        if guess.role == "units" and matching.theirs("unit_id") and matching.n_bases():
            yield Guess(guess.sheet, "population", say("the units state their people"), matching)


def _role(sheet: Sheet) -> tuple[Role, Said]:
    named: list[Role] = [role for role, pattern in _WORDS if re.search(pattern, sheet.words)]
    matching = {role: match(sheet, columns_of(role, sheet)) for role in ROLES}
    match sheet.shape:
        case "osm":
            return "streets", say("an OSM extract")
        case "raster":
            return ("terrain" if "terrain" in named else "population"), say("a raster, by its name")
        case "line":
            is_street = "highway" in sheet.names or "streets" in named
            return ("streets", say("lines that are streets")) if is_street else ("", say("lines that are no streets"))
        case "polygon":
            return _of_polygons(named, matching)
        case _:
            return _of_points_and_tables(sheet, named, matching)


def _of_polygons(named: Sequence[Role], matching: Mapping[Role, Matching]) -> tuple[Role, Said]:
    for role in ("candidates", "residential", "spread"):
        if named[:1] == [role]:
            return role, say("polygons, by their name")
    if matching["residential"].theirs("residential_id") and not matching["candidates"].theirs("kind"):
        return "residential", say("polygons with numbers of residential areas")
    if matching["units"].theirs("unit_id"):
        return "units", say("polygons with division codes")
    if matching["facilities"].theirs("kind"):
        return "facilities", say("rows with a kind of facility")
    return "units", say("polygons")


def _of_points_and_tables(sheet: Sheet, named: Sequence[Role], matching: Mapping[Role, Matching]) -> tuple[Role, Said]:
    facilities = matching["facilities"]
    if sheet.shape == "point" or (facilities.theirs("x") and facilities.theirs("y")):
        return _of_places(sheet, named, matching)
    if matching["population"].n_bases() and matching["population"].theirs("unit_id"):
        return "population", say("a table of people by code")
    for role in named:
        if role in ("population", "facilities", "candidates"):
            return role, say("a table, by its name")
    return "", say("a table that is like none of the layers")


def _of_places(sheet: Sheet, named: Sequence[Role], matching: Mapping[Role, Matching]) -> tuple[Role, Said]:
    candidates = matching["candidates"]
    if named[:1] == ["candidates"] or any(candidates.theirs(ours) for ours in ("cost_yuan", "idle", "asset_type")):
        return "candidates", say("places with costs, idleness or a sort of asset")
    if matching["facilities"].theirs("kind") or "facilities" in named or kind_from_name(sheet.words):
        return "facilities", say("places with a kind of facility, or called so")
    if named[:1] == ["spread"] or matching["population"].n_bases():
        return "spread", say("points with people or households, or called so")
    return "facilities", say("places; nothing says that they are something else")


def _level(guess: Guess) -> dict[str, Any]:
    """The level of units by the digits of their codes, else by the ends of their names, else the finest."""
    sheet, matching = guess.sheet, guess.matching
    codes = sheet.codes(matching.theirs("unit_id")) if matching.theirs("unit_id") else []
    digits = Counter(len(without_zeros(code)) for code in codes).most_common(1)
    if digits:
        return {"level": _LEVEL_OF_DIGITS[digits[0][0]], "level_why": say("codes of {n} digits", n=digits[0][0])}
    names = [str(name) for name in sheet.frame[matching.theirs("name")]] if matching.theirs("name") else []
    for level, pattern in _LEVEL_OF_NAMES:
        if names and 2 * sum(bool(re.fullmatch(pattern, name)) for name in names) > len(names):
            return {"level": level, "level_why": say("by the ends of their names")}
    return {"level": "village", "level_why": say("not known: please look")}
