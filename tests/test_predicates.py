"""Conditions on rows: the forms of the packs, three-valued answers, and faults that name the place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.predicates import Predicate, PredicateError

FRAME = pd.DataFrame(
    {
        "idle": [True, False, None],
        "tenure": ["state", "", "private"],
        "storey": [1.0, np.nan, 3.0],
        "urban_class": ["111", "220", ""],
        "functions": ["canteen;disabled_care", "canteen", ""],
        "grade": ["1", "", "3"],
        "机构生存状态": ["正常", "停业", "正常"],
        "60岁以上": ["1,200", "3", "—"],
    }
)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("", [True, True, True]),
        ("idle = true and tenure = 'state'", [True, False, False]),
        ("idle", [True, False, None]),
        ("idle = false or storey < 2", [True, True, None]),
        ("not storey < 2", [False, None, True]),
        ("urban_class in ['111', '112']", [True, False, None]),
        ("urban_class not in ['111']", [False, True, None]),
        ("functions includes ['disabled_care', 'canteen']", [True, False, None]),
        ("grade != ''", [True, False, True]),
        ("grade = ''", [False, True, False]),
        ("grade >= 2", [False, None, True]),
        ("机构生存状态 = '正常'", [True, False, True]),
        ("60岁以上 >= 1200", [True, False, None]),
        ("`60岁以上` >= 1200 or (idle and not tenure = 'state')", [True, False, None]),
        ("nowhere = 1", [None, None, None]),
        ("distance_to(medical) <= 200", [True, False, None]),
        ("storey != 1", [False, None, True]),
    ],
)
def test_answers_of_the_forms_in_use(text: str, answers: list[bool | None]) -> None:
    distances = {"distance_to": lambda frame, kind: [200.0, 200.5, None] if kind == "medical" else [None] * len(frame)}
    assert list(Predicate.parse(text).evaluate(FRAME, distances)) == answers


@pytest.mark.parametrize(
    ("text", "position"),
    [("idle = ", 6), ("a = 'x", 4), ("a == 1", 3), ("a in ['x'", 9), ("a = x", 4), ("(a = 1", 6), ("and", 0), ("a = 1 b", 6)],
)
def test_a_condition_that_cannot_be_read_names_the_place(text: str, position: int) -> None:
    with pytest.raises(PredicateError) as caught:
        Predicate.parse(text)
    assert caught.value.position == position


def test_names_used_are_told() -> None:
    predicate = Predicate.parse("a = 1 and (b in ['x'] or not distance_to(medical) < 3)")
    assert predicate.columns == {"a", "b"}
    assert predicate.functions == {"distance_to"}


THREE = st.sampled_from([True, False, None])


@given(a=THREE, b=THREE)
def test_laws_of_kleene(*, a: bool | None, b: bool | None) -> None:
    frame = pd.DataFrame({"a": pd.Series([a], dtype=object), "b": pd.Series([b], dtype=object)})

    def answer(text: str) -> bool | None:
        return Predicate.parse(text).evaluate(frame)[0]

    assert answer("not (a and b)") == answer("not a or not b")
    assert answer("a or b") == answer("b or a")
    assert answer("a and b") == (False if a is False or b is False else None if None in (a, b) else True)
