"""Headings in Traditional characters, as lists from Taiwan, Hong Kong and Macau have them: read as the Simplified ones that ours are written in."""

from __future__ import annotations

_PAIRS = (
    "機机構构關关單单據据點点設设稱称編编號号碼码區区劃划縣县鄉乡鎮镇類类別别種种狀状態态經经緯纬總总數数戶户歲岁齡龄開开護护養养託托兒儿嬰婴運运營营積积佔占樓楼層层"
    "項项備备閒闲產产權权屬属資资擬拟價价務务圍围統统計计級级業业東东會会體体辦办醫医場场塊块滿满災灾築筑簽签約约質质達达選选規规記记評评費费驗验預预額额長长隱隐現现"
    "標标療疗與与"
)
"""every Traditional character of the words that `layers.tables` and `scenarios.proposal` look for, each with its Simplified one behind it"""
_SIMPLIFIED = str.maketrans(_PAIRS[::2], _PAIRS[1::2])


def simplified(heading: str) -> str:
    """The heading with Simplified characters for the Traditional ones that headings are made of."""
    return heading.translate(_SIMPLIFIED)
