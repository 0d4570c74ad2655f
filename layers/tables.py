"""What a column of each table is: name, type, unit, range and meaning. Checks, documentation, legends and exports read this list.

A new column is one `Column` line below. Tables may carry further columns of the user's own; they are kept and can be used in
predicates (`where`, `universe`), but nothing is known about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from layers.saying import Word

ColumnType = Literal["text", "number", "count", "coordinate", "flag", "choice", "list", "point", "polygon"]
TableName = Literal["units", "demand", "facilities", "candidates", "residential"]


@dataclass(frozen=True)
class Column:
    """One column. `text` and `list` (values parted by `;`) are str, `number` and `count` float64 with NaN for no data,
    `flag` is object holding True, False or None."""

    name: str
    type: ColumnType
    zh: str
    en: str
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """column names met in real tables, taken as this column when the scenario does not say otherwise"""


def _text(name: str, zh: str, en: str, *aliases: str, required: bool = False) -> Column:
    return Column(name, "text", zh, en, required=required, aliases=aliases)


def _list(name: str, zh: str, en: str, *aliases: str, required: bool = False) -> Column:
    return Column(name, "list", zh, en, required=required, aliases=aliases)


def _number(name: str, zh: str, en: str, unit: str, *aliases: str) -> Column:
    return Column(name, "number", zh, en, unit, minimum=0.0, aliases=aliases)


def _count(name: str, zh: str, en: str, unit: str, *aliases: str) -> Column:
    return Column(name, "count", zh, en, unit, minimum=0.0, aliases=aliases)


def _flag(name: str, zh: str, en: str, *aliases: str) -> Column:
    return Column(name, "flag", zh, en, aliases=aliases)


BASES: tuple[Column, ...] = (
    _count("pop_total", "总人口", "all people", "people", "总人口", "人口", "人口数", "population", "pop"),
    _count("pop_resident", "常住人口", "resident people", "people", "常住人口"),
    _count("pop_hukou", "户籍人口", "registered people", "people", "户籍人口"),
    _count("pop_urban_resident", "城镇常住人口", "resident people of the towns", "people", "城镇常住人口"),
    _count("pop60", "60岁及以上人口", "people aged 60 and over", "people", "60岁及以上", "60岁以上", "60岁以上人口", "老年人口"),
    _count("pop65", "65岁及以上人口", "people aged 65 and over", "people", "65岁及以上", "65岁以上", "65岁以上人口"),
    _count("pop80", "80岁及以上人口", "people aged 80 and over", "people", "80岁及以上", "80岁以上", "高龄老人"),
    _count("pop_u3", "3岁以下人口", "children under three", "people", "3岁以下", "3岁以下人口", "婴幼儿"),
    _count("households", "户数", "households", "households", "户数", "家庭户", "家庭户数"),
)
"""What a quota can be counted on; a base may be in the units, in the demand, or in both."""

QUANTITIES: tuple[Column, ...] = (
    _number("land_area_m2", "占地面积", "land", "m2", "占地面积", "用地面积"),
    _number("floor_area_m2", "建筑面积", "floor", "m2", "建筑面积", "用房面积"),
    _count("beds_total", "床位数", "beds", "beds", "床位总数", "床位总数量", "床位数", "床位数量", "开放床数"),
    _count("beds_nursing", "护理型床位数", "nursing beds", "beds", "护理型床位数", "护理型床位数量"),
    _count("childcare_places", "托位数", "childcare places", "places", "托位数"),
    _count("childcare_places_inclusive", "普惠性托位数", "inclusive childcare places", "places", "普惠性托位数", "普惠托位数"),
    _count("social_workers", "社会工作者人数", "social workers", "people", "社会工作者", "社工人数"),
)
"""What a facility brings (or a candidate would bring)."""

_CODES = ("区划代码", "行政区划代码", "统计用区划代码", "统计区划代码", "代码", "code")
UNIT_NAME_HEADINGS = (
    "所在社区",
    "所在村",
    "所在村社区",
    "所在村(社区)",
    "所在村（社区）",
    "所属社区",
    "所属村",
    "所在村居",
    "里别",
    "里別",
)
"""Columns that say by its name which unit of the finest level a row belongs to; they keep their names."""
_PLACE = (
    _text("unit_id", "区划代码", "unit code", *_CODES),
    _text("name", "名称", "name", "名称", "单位名称", "机构名称", "设施名称"),
)

UNITS: tuple[Column, ...] = (
    _text("unit_id", "区划代码", "unit code", *_CODES, required=True),
    _text("name", "名称", "name", "名称", "村名", "乡镇名", required=True),
    _text("level", "层级", "level"),
    _text("parent_id", "上级代码", "code of the unit above"),
    _text("subtype", "类型", "sub-type (street, town, admin_village, community ...)"),
    _text("urban_class", "城乡分类代码", "urban-rural class code", "城乡分类", "城乡分类代码"),
    *BASES,
)
DEMAND: tuple[Column, ...] = (
    _text("demand_id", "居住点编号", "demand point", required=True),
    _text("unit_id", "区划代码", "unit code"),
    *BASES,
)
FACILITIES: tuple[Column, ...] = (
    _text("facility_id", "设施编号", "facility", "设施编号", "编号", "序号", required=True),
    *_PLACE,
    _list("kind", "设施类别", "kind of facility", "设施类别", "设施类型", "机构类别", required=True),
    Column(
        "status",
        "choice",
        "状态",
        "status",
        choices=("open", "planned", "closed", "proposed"),
        aliases=("状态", "机构生存状态", "运营状态", "经营状态", "营业状态", "运行状态"),
    ),
    *QUANTITIES,
    _list("serves", "服务范围(区划代码)", "units served besides its own", "服务范围"),
    _list("functions", "功能", "functions", "功能"),
    _text("residential_id", "所属小区编号", "residential area it belongs to", "小区编号"),
    _text("ownership", "兴办主体", "ownership", "兴办主体"),
    _text("admin_tier", "层级", "administrative tier"),
    _count("grade", "评定等级", "grade (1 lowest, 5 highest)", "", "机构等级"),
    _flag("has_medical", "内设医疗机构", "own clinic", "是否内设医疗机构"),
    _flag("has_medical_contract", "与医疗机构签约", "contract with a clinic", "是否与医疗机构签约合作"),
    _flag("filed", "登记备案", "registered and filed", "是否登记备案", "是否备案"),
    _flag("fire_ok", "消防验收合格", "passed the fire acceptance", "消防验收是否合格", "消防是否合格"),
    _flag("std_quality_ok", "服务质量基本规范达标", "meets the norm on service quality", "服务质量基本规范是否达标"),
    _flag("std_safety_ok", "服务安全基本规范达标", "meets the norm on service safety", "服务安全基本规范是否达标"),
)
_CALLED_BY_CANDIDATES: dict[str, tuple[str, ...]] = {
    "name": ("资产名称", "闲置资产名称", "候选点名称"),
    "land_area_m2": ("拟用地面积", "规划用地面积"),
    "floor_area_m2": ("拟建建筑面积", "拟建面积"),
    "beds_total": ("拟设床位", "拟设床位数", "拟建床位", "拟建床位数"),
    "childcare_places": ("拟设托位", "拟设托位数", "拟建托位", "拟建托位数"),
}
"""headings that lists of candidates have for what could be there; of a facility they would promise what does not stand yet"""


def _of_candidates(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(replace(column, aliases=(*column.aliases, *_CALLED_BY_CANDIDATES.get(column.name, ()))) for column in columns)


CANDIDATES: tuple[Column, ...] = (
    _text("candidate_id", "候选点编号", "candidate", "候选点编号", "候选编号", "编号", "序号", required=True),
    *_of_candidates(_PLACE),
    _list("kind", "可建类别", "kind it would become", "可建类别", "拟建类别", "拟设类别", "拟建类型", "设施类别", required=True),
    Column("role", "choice", "取舍", "role", choices=("candidate", "required", "forbidden")),
    _text("site_id", "地块编号", "plot; of the rows of one plot at most one is opened", "地块编号"),
    *_of_candidates(QUANTITIES),
    Column(
        "action",
        "choice",
        "措施",
        "what is done; with replaces: to that facility",
        choices=("build", "enlarge", "convert", "upgrade", "close"),
        aliases=("措施", "建设方式"),
    ),
    _text("replaces", "替代设施编号", "facility that closes when this opens; the row says what stands there afterwards", "替代设施编号"),
    Column("cost_yuan", "number", "投资", "cost", "yuan", minimum=0.0, aliases=("投资", "投资估算", "造价")),
    _list("serves", "服务范围(区划代码)", "units served besides its own", "服务范围"),
    _list("functions", "功能", "functions", "功能"),
    _text("residential_id", "所属小区编号", "residential area it belongs to", "小区编号"),
    _text("tenure", "权属", "tenure (state, collective, private)", "权属"),
    _text("asset_type", "资产类型", "type of asset", "资产类型"),
    _text("owner_type", "产权单位类型", "type of owner"),
    _text("land_use", "用地性质", "land use", "用地性质"),
    _text("hazard", "灾害隐患", "natural hazard", "灾害隐患"),
    _flag("idle", "是否闲置", "stands idle", "是否闲置", "闲置"),
    Column("storey", "number", "楼层", "storey (1 = ground floor)", aliases=("楼层",)),
)
RESIDENTIAL: tuple[Column, ...] = (
    _text("residential_id", "小区编号", "residential area", "小区编号", required=True),
    *_PLACE,
    _text("built_status", "建设状态", "new or existing", "建设状态"),
    _flag("old_estate", "老旧小区", "old estate", "老旧小区"),
    _count("households", "户数", "households", "households", "户数", "规划户数"),
    _count("pop_total", "人口", "people", "people", "人口"),
)

TABLES: dict[TableName, tuple[Column, ...]] = {
    "units": UNITS,
    "demand": DEMAND,
    "facilities": FACILITIES,
    "candidates": CANDIDATES,
    "residential": RESIDENTIAL,
}

BASE_NAMES = tuple(c.name for c in BASES)
KNOWN_BASES = tuple(Word(f"{c.name} ({c.en})", f"{c.name}（{c.zh}）") for c in BASES)
"""every base with what it counts, for messages"""
QUANTITY_NAMES = tuple(c.name for c in QUANTITIES)
COUNTED_QUANTITIES = tuple(c.name for c in QUANTITIES if c.type == "count")
"""quantities that come in whole numbers"""


def column_name(name: str, theirs: Mapping[str, str] | None = None) -> str:
    """A column of ours as messages name it: as the user's file calls it (`theirs`: our name -> the file's), with what it is taken for
    where that is another word; a column that is none of the file's by our name, or its own word in Chinese; any other as it stands."""
    ours = next((Word(c.name, c.zh) for columns in TABLES.values() for c in columns if c.name == name), name)
    called = (theirs or {}).get(name)
    if called is None or called == name or not isinstance(ours, Word):
        return ours if called in (None, name) else called
    return Word(f"{called} ({name})", called if ours.zh.startswith(called) else f"{called}（{ours.zh}）")


def base_name(name: str) -> str:
    """Whose people are counted, for readers of results: in words in both languages; one of the user's own as it stands."""
    return next((Word(c.en, c.zh) for c in BASES if c.name == name), name)


_UNITS_ZH = {
    "people": "人", "households": "户", "beds": "张床位", "places": "个托位", "m2": "平方米", "yuan": "元", "minutes": "分钟", "1": "个",
}  # fmt: skip


def unit_name(unit: str) -> str:
    """The unit of a column as messages name it, in the language of the message; one without a word stays as it is."""
    return Word(unit, _UNITS_ZH[unit]) if unit in _UNITS_ZH else unit


def column(table: TableName, name: str) -> Column | None:
    """The description of a column of a table, or None when it is the user's own."""
    return next((c for c in TABLES[table] if c.name == name), None)
