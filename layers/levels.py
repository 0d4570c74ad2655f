"""Levels of units, and what the digits of a Chinese division code say about one.

The 12-digit statistical division code: 1-2 province, 3-4 prefecture, 5-6 county, 7-9 township, 10-12 village
(Statistics bureau of Gansu, explanation of the code). Codes of other countries are plain text here; their levels come from the
layer they stand in, and their parents from the scenario or from which polygon lies inside which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.saying import say


@dataclass(frozen=True)
class Level:
    """A level of units; `code_digits` leading digits of a Chinese code name a unit of this level (0: not administrative)."""

    id: str
    zh: str
    en: str
    code_digits: int


LEVELS: dict[str, Level] = {
    level.id: level
    for level in (
        Level("province", "省（自治区、直辖市）", "province", 2),
        Level("prefecture", "地（市、州、盟）", "prefecture", 4),
        Level("county", "县（市、区）", "county", 6),
        Level("township", "乡级（街道/镇/乡）", "township", 9),
        Level("village", "村级（村委会/居委会）", "village", 12),
        Level("residential_area", "居住（小）区", "residential area", 0),
    )
}
"""Coarse to fine."""

_NAMES = {
    str(name): name
    for name in (say("province"), say("prefecture"), say("county"), say("township"), say("village"), say("residential_area"))
}


def level_name(level: str) -> str:
    """A level as messages name it, in the language of the message."""
    return _NAMES.get(level, level)


_TOWNSHIP_SUBTYPES = ((1, 99, "street"), (100, 199, "town"), (200, 399, "rural_township"), (400, 599, "quasi"))
_VILLAGE_SUBTYPES = (
    (1, 199, "community"),
    (200, 399, "admin_village"),
    (400, 499, "quasi_community"),
    (500, 599, "quasi_village"),
)
"""The village ranges are knowledge, not found in a published text in full; a `subtype` column overrides them."""


def short_name(name: str) -> str:
    """A village or community without its committee: 东风村民委员会 is 东风村, 东风社区居委会 is 东风社区."""
    return re.sub(r"(?<=村)(?:民委员|委)会$|(?<=社区)居(?:民委员|委)会$", "", name.strip())


def is_chinese_code(unit_id: str) -> bool:
    """Whether a code looks like a 2- to 12-digit Chinese division code."""
    return unit_id.isdecimal() and unit_id.isascii() and len(unit_id) in (2, 4, 6, 9, 12)


def without_zeros(code: str) -> str:
    """A padded Chinese code without its padding: `431225100000` is the township `431225100`; other codes as they are."""
    if not is_chinese_code(code):
        return code
    return next((code[:digits] for digits in (2, 4, 6, 9) if len(code) > digits and set(code[digits:]) == {"0"}), code)


def code_at(unit_id: str, level: str) -> str:
    """The code of the unit of `level` that a Chinese code lies in, padded as it stands: `431225100203` at township is `431225100`."""
    return unit_id[: LEVELS[level].code_digits]


def subtype_of(unit_id: str, level: str) -> str:
    """street, town, rural_township, quasi (townships); community, admin_village, quasi_... (villages); "" when the code does not say."""
    ranges, digits = {
        "township": (_TOWNSHIP_SUBTYPES, unit_id[6:9]),
        "village": (_VILLAGE_SUBTYPES, unit_id[9:12]),
    }.get(level, ((), ""))
    if not is_chinese_code(unit_id) or len(digits) != 3:
        return ""
    return next((name for low, high, name in ranges if low <= int(digits) <= high), "")
