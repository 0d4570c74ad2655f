"""Faults in scenario files are told where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from scenarios.toml_file import ScenarioFaultsError, TomlFile

TEXT = '''# a comment
name = "x"
title = { zh = "县", en = "county" }
list = [
  "a", # [not a table]
  { path = "b" },
]

[travel]
profile = """
[no.table]
"""
'quoted key' = 1

[[layers.units]]
level = "county"
[[layers.units]]
level = "village"
columns = { unit_id = "代码",   name = "名称" }
[layers.units.extra]
deep.er = 2
'''


@pytest.fixture
def file(tmp_path: Path) -> TomlFile:
    path = tmp_path / "scenario.toml"
    path.write_text(TEXT, encoding="utf-8")
    return TomlFile.read(path)


@pytest.mark.parametrize(
    ("keys", "line", "column"),
    [
        (("name",), 2, 1),
        (("title", "en"), 3, 21),
        (("list", 1, "path"), 6, 5),
        (("travel",), 9, 1),
        (("travel", "profile"), 10, 1),
        (("travel", "quoted key"), 13, 1),
        (("layers", "units", 0, "level"), 16, 1),
        (("layers", "units", 1, "level"), 18, 1),
        (("layers", "units", 1, "columns", "name"), 19, 31),
        (("layers", "units", 1, "extra", "deep", "er"), 21, 1),
        (("layers", "units", 1, "missing"), 17, 1),
        (("nothing", "here"), 1, 1),
    ],
)
def test_each_value_stands_at_its_line_and_column(file: TomlFile, keys: tuple[str | int, ...], line: int, column: int) -> None:
    assert file.where(*keys) == f"scenario.toml:{line}:{column}"


class _Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    level: str


class _Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    units: tuple[_Inner, ...]


def test_an_unknown_key_is_told_with_the_nearest_known_one(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('[[units]]\nlevel = "a"\n[[units]]\nlevle = "b"\n', encoding="utf-8")
    file = TomlFile.read(path)
    with pytest.raises(ValidationError) as caught:
        _Outer.model_validate(file.data)
    told = {str(p) for p in file.problems(caught.value, _Outer)}
    assert told == {
        "s.toml:3:1: units.2.level is missing. Add level = ... .",
        "s.toml:4:1: units.2.levle: unknown key. Did you mean level? Known here: level.",
    }


def test_broken_toml_names_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("a = 1\nb = 012\n", encoding="utf-8")
    with pytest.raises(ScenarioFaultsError, match=r"s\.toml:2:\d+: not valid TOML"):
        TomlFile.read(path)


def test_a_missing_file_names_its_near_neighbour(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").touch()
    with pytest.raises(ScenarioFaultsError, match=r"Did you mean scenario\.toml"):
        TomlFile.read(tmp_path / "scenaro.toml")
