"""Which column of a sheet is which of ours, and from what it was guessed.

Certain enough to be written down: a heading known to `layers.tables`, a heading that says nothing else, cells that can be nothing else. What
is only like one of ours stays open: `Matching.open` holds it to choose from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from layers.cells import plain, position_of
from layers.columns import known_columns, likeliest
from layers.header_units import split_unit
from layers.saying import Said, say
from layers.tables import BASE_NAMES, Column
from layers.traditional import simplified
from scenarios.proposal.sheets import Sheet

_PEOPLE = r"(?:高龄|老年|总)?(?:人口|人数|老年人|老人)?(?:数量?|总数|合计)?"


def _aged(years: int) -> str:
    return rf"(?:年满)?{years}周?岁?(?:\(?[及含]\)?)?(?:以上|\+){_PEOPLE}"


_HEADINGS = {
    "x": r"东经|东坐标.*|经度.*|e|easting",
    "y": r"北纬|北坐标.*|纬度.*|n|northing",
    "unit_id": r"(?:统计|行政)?(?:用?区划|村居?|社区|行政村|乡镇|地区|单位所在地)+(?:统计|区划)?(?:代码|编码)|v_id",
    "name": r"(?:行政|自然)?(?:村居?|社区|村\(社区\)|乡镇|街道|县|区划|单元|单位|机构|机关|设施|养老|托育|服务|场所|项目|资产|小区|点位|据点)+(?:名称?|全称)|village|adm\d_(?:en|zh|name)",
    "facility_id": r"(?:设施|机构|单位|服务点|点位)?(?:编号|编码|序号|id|no\.?)",
    "candidate_id": r"(?:候选|资产|地块|点位|房屋)?(?:编号|编码|序号|id|no\.?)",
    "residential_id": r"小区(?:编号|编码|序号|id)",
    "kind": r"(?:养老|托育|服务|机构|设施|单位)+(?:类型|类别|种类|性质类别)",
    "pop_total": r"(?:全村|全部|户籍常住)?总?人口(?:总?数|总量|合计|数量)?|总人数",
    "pop_resident": r"(?:总)?常住(?:总)?人(?:口|数)(?:总?数|数量|合计)?",
    "pop_hukou": r"(?:总)?户籍(?:总)?人(?:口|数)(?:总?数|数量|合计)?",
    "pop60": _aged(60),
    "pop65": _aged(65),
    "pop80": _aged(80),
    "pop_u3": r"(?:(?:未满)?[3三]周?岁以下|0[-~—至到]2周?岁)(?:婴幼儿|儿童|幼儿|人口)*(?:人?数)?",
    "households": r"总?(?:家庭)?(?:户籍|常住)?户(?:总?数|数量)",
    "beds_total": r"(?:设置|核定|养老|现有|总)?床位(?:总?数|数量|合计)?(?:量)?",
    "land_area_m2": r"(?:项目|总)?(?:占地(?:面积)?|用地面积)",
    "floor_area_m2": r"总?(?:建筑|房屋|用房)面积",
    "childcare_places": r"(?:设置|核定|现有|总)?托位(?:总?数|数量)?",
    "cost_yuan": r"(?:估算|预计|改造|计划)?(?:总)?投资(?:额|估算|金额)?|造价|改造费用",
}
"""Headings that say one thing, as a whole (full-width marks made narrow, units taken off); adm4_en is of the boundaries that OCHA gives out."""
_OF_EACH_ROW = ("unit_id", "name")
"""Columns that tell one unit from another."""
_LONGITUDES, _LATITUDES = (73.0, 136.0), (3.0, 54.0)


@dataclass(frozen=True)
class Match:
    """One of our columns and the column of the file that it is taken to be."""

    ours: str
    theirs: str
    why: Said


@dataclass(frozen=True)
class Matching:
    """What was matched, in the order of our columns, and what stays open: our column -> columns of the file that are like it."""

    found: tuple[Match, ...]
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def theirs(self, ours: str) -> str:
        """The column of the file, "" when none was found."""
        return next((match.theirs for match in self.found if match.ours == ours), "")

    def n_bases(self) -> int:
        """How many columns of people were found."""
        return sum(match.ours in BASE_NAMES for match in self.found)


def match(sheet: Sheet, columns: Sequence[Column]) -> Matching:
    """The columns of a sheet for these of ours; no column of the file is taken twice."""
    found: dict[str, Match] = {}
    for ways in (_by_known_name, _by_heading, _by_classes, _by_cells):
        for column in columns:
            taken = {match.theirs for match in found.values()}
            free = [name for name in sheet.names if name not in taken]
            if column.name not in found and (matched := ways(sheet, column, free)) is not None:
                found[column.name] = matched
    told = tuple(_with_others(sheet, column, found) for column in columns if column.name in found)
    return Matching(told, _open(sheet, columns, found))


def _with_others(sheet: Sheet, column: Column, found: Mapping[str, Match]) -> Match:
    """What was matched; its reason also names the columns that are left, have such a heading too and hold something else."""
    matched, taken = found[column.name], {match.theirs for match in found.values()}
    left = [name for name in sheet.names if name not in taken and matched.theirs in sheet.frame]
    known = {*known_columns(column, left), *(name for name in left if _says(name, column))}
    others = [name for name in left if name in known and (sheet.frame[name] != sheet.frame[matched.theirs]).any()]
    if not others:
        return matched
    return replace(matched, why=say("{why}; {columns} could be it too: choose", why=matched.why, columns=others))


def _by_known_name(sheet: Sheet, column: Column, free: Sequence[str]) -> Match | None:
    known = known_columns(column, free)
    if not known or (column.name == "unit_id" and not _holds_codes(sheet, known[0])):
        return None
    return Match(column.name, known[0], say("a known heading"))


def _holds_codes(sheet: Sheet, name: str) -> bool:
    """Whether a column called code holds codes: of China or of elsewhere, but no running numbers that repeat nothing of them."""
    return bool(sheet.codes(name)) or not any(sheet.codes(other) for other in sheet.names)


def _by_heading(sheet: Sheet, column: Column, free: Sequence[str]) -> Match | None:
    names = [name for name in free if _says(name, column)]
    if column.name in _OF_EACH_ROW and column.required:  # of village and township the village, which differs from row to row
        names.sort(key=lambda name: -sheet.frame[name].nunique())
    return Match(column.name, names[0], say("its heading says so")) if names else None


def _says(heading: str, column: Column) -> bool:
    """Whether a heading says one thing, and that is a column of ours."""
    pattern = _HEADINGS.get(column.name)
    return pattern is not None and re.fullmatch(pattern, simplified("".join(split_unit(heading)[0].split()).lower())) is not None


def _by_classes(sheet: Sheet, column: Column, _free: Sequence[str]) -> Match | None:
    """The sum of the classes of age that follow one another from the age asked for up to the open one: 65-69岁 + 70-79岁 + 80岁以上;
    for all people from 0 on."""
    age = re.fullmatch(r"pop(?:(\d+)|_total)", column.name)
    classes = {found[0]: (name, found[1]) for name in sheet.names if "+" not in name and (found := _ages(name)) is not None}
    low, chain = int(age[1] or 0) if age else -1, []
    while low in classes:
        name, high = classes[low]
        chain.append(name)
        if high is None:
            why = say("classes of age added up") if len(chain) > 1 else say("its heading says so")
            return Match(column.name, " + ".join(chain), why)
        low = high + 1
    return None


def _ages(name: str) -> tuple[int, int | None] | None:
    """The ages that a heading counts, (65, 69) or (80, None); None when it says something else. A65A69_CNT and A100UP_5_CNT are of Taiwan's
    villages (內政部 SEGIS); those of men and women (A65A69_M_CNT) are parts of them."""
    bare = simplified("".join(plain(name).split()))
    if found := re.fullmatch(rf"(\d+)周?岁?[-~—–至到](\d+)周?岁{_PEOPLE}|A(\d+)A(\d+)_CNT", bare):
        return int(found[1] or found[3]), int(found[2] or found[4])
    found = re.fullmatch(rf"(\d+)周?岁(?:及|\(含\))?以上{_PEOPLE}|A(\d+)UP(?:_\d+)?_CNT", bare)
    return (int(found[1] or found[2]), None) if found else None


def _by_cells(sheet: Sheet, column: Column, free: Sequence[str]) -> Match | None:
    if column.name == "unit_id":
        of_one_row = [name for name in free if not column.required or _differs_in_each_row(sheet, name)]
        coded = max(of_one_row, key=lambda name: max(map(len, sheet.codes(name)), default=0), default="")
        digits = max(map(len, sheet.codes(coded)), default=0) if coded else 0
        return Match("unit_id", coded, say("its cells are division codes of {n} digits", n=digits)) if digits else None
    ranges = {"x": _LONGITUDES, "y": _LATITUDES}
    if column.name in ranges:
        low, high = ranges[column.name]
        for name in free:
            numbers = _numbers(sheet.frame[name])
            if numbers and all(low <= n <= high and n != int(n) for n in numbers):
                return Match(
                    column.name, name, say("its cells are degrees from {low:.3f} to {high:.3f}", low=min(numbers), high=max(numbers))
                )
    return None


def _differs_in_each_row(sheet: Sheet, name: str) -> bool:
    """Whether no two rows have the same code: a column of the county's code says nothing of its villages."""
    codes = sheet.codes(name)
    return len(set(codes)) == len(codes)


def _numbers(cells: Iterable[str]) -> list[float]:
    """The numbers of a column; [] when a cell holds something else."""
    try:
        return [n for cell in cells if (n := position_of(cell)) is not None]
    except ValueError:
        return []


def _open(sheet: Sheet, columns: Sequence[Column], found: dict[str, Match]) -> dict[str, tuple[str, ...]]:
    """Our columns that were not found, if they are needed or one of the columns that are left is like them."""
    taken = {match.theirs for match in found.values()}
    left = [name for name in sheet.names if name not in taken]
    is_asked: Callable[[Column], bool] = lambda c: c.required or c.name in BASE_NAMES  # noqa: E731
    likely = {c.name: likeliest(c, [n for n in left if _may_be(c, n)]) for c in columns if c.name not in found and is_asked(c)}
    required = {c.name for c in columns if c.required}
    return {
        ours: tuple(left) if ours in required and len(left) <= MOST_TO_CHOOSE else tuple(n for n in [name] if n != "...")
        for ours, name in likely.items()
        if ours in required or name != "..."
    }


def _may_be(column: Column, name: str) -> bool:
    """Whether a heading of another age can be ruled out."""
    ages = {"pop60": "60", "pop65": "65", "pop80": "80", "pop_u3": "[3三婴幼托]"}
    return column.name not in ages or re.search(ages[column.name], plain(name)) is not None


MOST_TO_CHOOSE = 12
"""Of a table with more columns left only the likeliest is listed."""


def kind_column_cells(sheet: Sheet, matching: Matching) -> list[str]:
    """The different words of the column of kinds, in their order."""
    name = matching.theirs("kind")
    return list(dict.fromkeys(plain(cell) for cell in sheet.frame[name] if plain(cell))) if name else []
