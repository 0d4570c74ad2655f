"""A condition of a rule as readers of results see it: in Chinese in words, in English as the rule writes it (it reads as English does)."""

from __future__ import annotations

from functools import cache

from layers.kinds import kinds
from layers.predicates import Joined, Literal, Node, Not, Predicate, Test, Value
from layers.saying import Word, in_language
from layers.tables import column_name

_VALUES_ZH = {
    "street": "街道", "town": "镇", "rural_township": "乡", "admin_village": "行政村", "community": "社区",
    "new": "新建", "existing": "既有", "public": "公办", "private": "民办", "township": "乡镇级", "county": "县级",
    "disabled_care": "失能照护", "canteen": "助餐", "bathing": "助浴", "cleaning": "助洁", "medical_aid": "助医", "mobility_aid": "助行",
    "full_care": "全托", "day_care": "日托", "home_service": "上门服务", "guidance": "指导", "long_term_care": "长期照护",
}  # fmt: skip
"""words that the rule packs ask for in columns of text, besides kinds of facilities; others stand as they are"""


@cache
def condition_words(text: str) -> Word:
    """The condition `text`, which can be read (`Predicate.parse`), with its Chinese."""
    root = Predicate.parse(text).root
    return Word(text, _told(root) if root is not None else text)


def _told(node: Node) -> str:
    match node:
        case Not():
            return f"并非（{_told(node.part)}）"
        case Joined():
            return ("，且" if node.word == "and" else "，或").join(
                f"（{_told(part)}）" if isinstance(part, Joined) else _told(part) for part in node.parts
            )
        case Test():
            return _of_test(node)


def _of_test(test: Test) -> str:
    name = _of_value(test.value)
    words = [_of_literal(literal) for literal in test.literals]
    if test.literals == ("",):
        return f"{name}{'没有数据' if test.op == '=' else '有数据'}"
    if test.op == "includes":
        return f"{name}包含{'、'.join(words)}"
    if test.op == "in":
        return f"{name}为{'、'.join(words)}" + ("之一" if len(words) > 1 else "")
    return f"{name}{_OPERATORS[test.op]}{words[0]}"


def _of_value(value: Value) -> str:
    """A column, the quotient of two (`per`), or a function as the rule writes it."""
    if value.arguments is None:
        return in_language(column_name(value.name), "zh")
    if value.name == "per":
        return "除以".join(in_language(column_name(name), "zh") for name in value.arguments)
    return f"{value.name}({', '.join(value.arguments)})"


_OPERATORS = {"=": "为", "!=": "不为", "<": "小于 ", "<=": "不大于 ", ">": "大于 ", ">=": "不小于 "}


def _of_literal(literal: Literal) -> str:
    if isinstance(literal, bool):
        return "是" if literal else "否"
    if isinstance(literal, float):
        return f"{literal:g}"
    zh = kinds()[literal].zh if literal in kinds() else _VALUES_ZH.get(literal)
    return f"{zh}（{literal}）" if zh else f"“{literal}”"
