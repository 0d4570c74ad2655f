"""What a scenario file that is not TOML is told: what stands there and how to mend it, in words of a planner and not of Python."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from layers.problems import Problem
from scenarios.packs import Pack
from scenarios.scenario import ScenarioFile
from scenarios.toml_file import ScenarioFaultsError, TomlFile
from scenarios.value_faults import FORMS


def fault(text: str) -> Problem:
    with pytest.raises(ScenarioFaultsError) as caught:
        TomlFile.of_text(Path("s.toml"), text)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "found", "remedy"),
    [
        ("a = 1\na = 2\n", "a key stands twice", "Keep one"),
        ("a = {b = 1, b = 2}\n", "a key stands twice", "Keep one"),
        ("[t]\n[t]\n", "a table stands twice", "one heading"),
        ("a = [1\nb = 2\n", "a list is not closed", "`]`"),
        ("a = {b = 1\n", "braces are not closed", "closing brace"),
        ('a = "x\n', "a text is not closed in its line", "quotation mark"),
        ('a = """x', "a text is not closed", "quotation mark"),
        ("a = x\n", "this is no value", "quotes"),
        ("a = 0431\n", "something stands behind the value", "codes too"),
        ("a 1\n", "a key has no `=`", "key = value"),
        ("[t\n", "the heading of a table is not closed", "[name]"),
        ("a = 2026-02-30\n", "there is no such date or time", "2026-12-31"),
        ('a = "C:\\data"\n', "a text holds a stroke", "`/`"),
        ('a = "C:\\Users"\n', "a text holds a stroke", "`/`"),
        ("a = “s”\n", "this is no value", 'write `"`'),
        ("a = 12,000,000\n", "something stands behind the value", "write 12_000_000"),
        ("a = -1，500 # yuan\n", "something stands behind the value", "write -1_500"),
        ("a = 1,2\n", "something stands behind the value", "quotes"),
        ("a\u3000= 1\n", "a key has no `=`", "plain one"),
    ],
)
def test_text_that_is_no_toml_is_told_in_plain_words(text: str, found: str, remedy: str) -> None:
    problem = fault(text)
    assert problem.what.startswith(f"not valid TOML: {found}")
    assert remedy in problem.remedy
    assert not re.search("[a-z]{3,} [a-z]{3,}", problem.told("zh"))


def test_every_pattern_of_a_text_is_told_in_words() -> None:
    """The pattern itself is no message for a planner."""
    schemas = json.dumps([model.model_json_schema() for model in (ScenarioFile, Pack)])
    assert set(FORMS) == {json.loads(found) for found in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', schemas)}
