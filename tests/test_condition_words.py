"""Conditions of rules in Chinese words: what `explain` tells of a rule that does not apply or cannot be decided."""

from __future__ import annotations

import re

import pytest

from layers.condition_words import condition_words
from layers.saying import in_language
from scenarios.packs import standards


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("functions includes ['disabled_care', 'canteen']", "功能包含失能照护（disabled_care）、助餐（canteen）"),
        ("has_medical = false", "内设医疗机构为否"),
        ("std_quality_ok and std_safety_ok", "服务质量基本规范达标为是，且服务安全基本规范达标为是"),
        ("subtype in ['town']", "类型为镇（town）"),
        ("not urban_class in ['210', '220']", "并非（城乡分类代码为“210”、“220”之一）"),
        ("assessed", "assessed为是"),
        ("name = ''", "名称没有数据"),
        ("a < 1.5 and (b >= 2 or c != 'x')", "a小于 1.5，且（b不小于 2，或c不为“x”）"),
        ("distance_to(medical) <= 200", "distance_to(medical)不大于 200"),
        ("", ""),
    ],
)
def test_a_condition_in_words(condition: str, words: str) -> None:
    assert in_language(condition_words(condition), "zh") == words
    assert in_language(condition_words(condition), "en") == condition


def test_no_condition_of_our_packs_shows_its_code_words_alone() -> None:
    rules = [rule for pack in standards() for rule in pack.rules if getattr(rule, "over", "") != "records"]
    counted = [match[1] for rule in rules if (match := re.fullmatch(r"count_if\((.*)\)", getattr(rule, "num", "")))]
    conditions = {*counted, *(text for rule in rules for text in (rule.universe, getattr(rule, "where", "")) if text)}
    assert "std_quality_ok and std_safety_ok" in conditions
    for condition in conditions:
        told = in_language(condition_words(condition), "zh")
        assert not re.search(r"(?<![（a-z_])[a-z_]{3,}", told), told
