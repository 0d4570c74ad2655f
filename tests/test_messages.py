"""Every message can be told in Chinese: the catalogue is whole, no text goes round it, and a Chinese console shows no English sentence."""

from __future__ import annotations

import ast
import json
import pickle
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from layers.fault_place import of_file, within
from layers.problems import Problem
from layers.saying import Said, Word, in_language, say
from maps.tables.run_tables import problems as problems_table
from planner.rules import Number
from planner.travel.times import TravelTimes
from scenarios.cli import app, main
from scenarios.language import console_language
from scenarios.packs import find_pack
from scenarios.toml_file import ScenarioFaultsError, TomlFile
from scenarios.value_faults import FAULTS
from tests.place_files import CANDIDATES, PEOPLE
from tests.small import small_area
from tests.small_assessment import small_assessment
from tests.small_scenario import write_small_scenario

ROOT = Path(__file__).parents[1]
FILES = sorted(path for folder in ("layers", "planner", "maps", "scenarios") for path in (ROOT / folder).rglob("*.py"))
CATALOGUE = tomllib.loads((ROOT / "layers" / "messages.zh.toml").read_text(encoding="utf-8"))["message"]
CHINESE = re.compile("[\u4e00-\u9fff]")
SENTENCE = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")
"""three English words in a row"""
TOLD = {"error": 3, "warning": 3, "note": 3, "Problem": 4, "PublishError": 1, "progress": 1}
"""Calls that tell something to people, and up to which argument their texts stand."""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def patterns() -> dict[str, str]:
    """English pattern -> the file that it stands in."""
    return {
        node.args[0].value: path.name
        for path in FILES
        for name, node in calls(path)
        if name in ("say", "later") and node.args and isinstance(node.args[0], ast.Constant)
    }


def fields_of(pattern: str) -> Counter[str]:
    return Counter({name: 1 for _, name, _, _ in string.Formatter().parse(pattern) if name is not None})


# ---------------------------------------------------------------- the catalogue


def test_every_pattern_has_its_chinese_and_no_chinese_is_left_over() -> None:
    used, known = patterns(), [row["en"] for row in CATALOGUE]
    assert {pattern: file for pattern, file in used.items() if pattern not in known} == {}
    assert [pattern for pattern in known if pattern not in used] == []
    assert [pattern for pattern, n in Counter(known).items() if n > 1] == []


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row["en"][:40])
def test_the_chinese_keeps_every_field(row: dict[str, str]) -> None:
    assert set(row) == {"en", "zh"}
    assert fields_of(row["zh"]) == fields_of(row["en"])
    assert CHINESE.search(row["zh"]) or not re.search("[a-z]{2,} [a-z]{2,}", re.sub(r"\{[^}]*\}", "", row["en"]))
    assert not SENTENCE.search(re.sub(r"`[^`]*`|\"[^\"]*\"|OpenStreetMap contributors", "", row["zh"]))


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row["en"][:40])
def test_marks_between_chinese_words_are_full_width(row: dict[str, str]) -> None:
    """A field counts as a word; what is quoted is code."""
    words = re.sub(r"`[^`]*`|\"[^\"]*\"|'[^']*'", "", row["zh"])
    if CHINESE.search(re.sub(r"\{[^{}]*\}", "", words)):
        assert not re.search(r"[\u4e00-\u9fff）][,;:?!(]|[,;:?!)][\u4e00-\u9fff（]", re.sub(r"\{[^{}]*\}", "字", words))


def test_patterns_that_are_not_literal_come_from_a_table_marked_by_later() -> None:
    """A name or an entry of a table, never a text put together where it is said."""
    for path in FILES:
        for name, node in calls(path):
            if name == "say" and path.name != "saying.py":
                assert isinstance(node.args[0], ast.Constant | ast.Name | ast.Subscript | ast.Attribute), f"{path.name}:{node.lineno}"


def is_raw(node: ast.expr) -> bool:
    """A text of several words that was not made by `say`."""
    if isinstance(node, ast.IfExp):
        return is_raw(node.body) or is_raw(node.orelse)
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )


def test_nothing_is_told_to_people_that_was_not_made_by_say() -> None:
    """Of `what` and `remedy` mypy sees the type; here also what stands in `where`, and the progress."""
    for path in FILES:
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            raw = {
                target.id
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and is_raw(node.value)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(function):
                if not isinstance(node, ast.Call):
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                told = node.args[1 if name == "Problem" else 0 : TOLD.get(name, 0)]
                bad = [arg for arg in told if is_raw(arg) or (isinstance(arg, ast.Name) and arg.id in raw and path.name != "toml_file.py")]
                assert not bad, f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(bad[0])}"


# ---------------------------------------------------------------- sentences


def test_a_sentence_is_its_english_text_and_can_be_told_in_chinese() -> None:
    said = say("{n} row(s) have no {column}", n=2, column=Word("pop60", "60岁及以上人口"))
    assert said == "2 row(s) have no pop60"
    assert in_language(said, "en") == "2 row(s) have no pop60"
    assert in_language(said, "zh") == "有 2 行缺少“60岁及以上人口”"
    assert in_language("a name", "zh") == "a name"


def test_sentences_and_lists_in_a_sentence_are_told_in_the_language_of_the_whole() -> None:
    said = say("{first}; {second}", first=say("nobody lives here"), second=say("Kinds: {known}.", known=["a", say("none")]))
    assert said == "nobody lives here; Kinds: a, none."
    assert in_language(said, "zh") == "无人居住；可用类别：a、无。"


def test_copies_of_a_sentence_in_other_processes_keep_it() -> None:
    said = say("{n} row(s) have no {column}", n=2, column=Word("pop60", "60岁及以上人口"))
    copy = pickle.loads(pickle.dumps(said))  # noqa: S301 - our own bytes
    assert (copy, in_language(copy, "zh")) == (said, in_language(said, "zh"))


def test_braces_of_a_name_are_no_field() -> None:
    assert (
        say("Correct `columns` in the scenario. Did you mean {word}?", word="{n}") == "Correct `columns` in the scenario. Did you mean {n}?"
    )
    assert "{n}" in in_language(say("Correct `columns` in the scenario. Did you mean {word}?", word="{n}"), "zh")


def test_a_pattern_without_chinese_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        in_language(Said("nobody wrote this down", {}), "zh")


def test_a_fault_is_told_with_place_rows_and_remedy_in_either_language() -> None:
    where = within(of_file(say("facilities"), "a.csv"), "status")
    problem = Problem("error", where, say("is below 0"), say("Correct the figures."), ("row 3: -1", "feature 4"), 30)
    assert str(problem) == "facilities: a.csv, status: is below 0 [row 3: -1, feature 4 and 10 more]. Correct the figures."
    assert problem.told("zh") == "设施 a.csv，status：小于 0〔第 3 行：-1、要素 4，另有 10 处〕。请改正数值。"


def test_sentences_survive_in_the_tables_of_the_planner_and_of_packs() -> None:
    by_id = {rule.id: rule for rule in find_pack("huitong", ROOT).rules}
    measured = by_id["assessment_2024"].measure(small_area(), TravelTimes({}, pd.DataFrame()))
    [note] = pd.concat([measured, measured], ignore_index=True)["note"].unique()
    assert in_language(note, "zh").endswith("须由使用者提供台账")
    rule = by_id["land_per_capita"]
    own = rule.model_copy(
        update={"numbers": (*rule.numbers, Number(at="value", is_=1.0, status="default", note=say("set by the scenario")))}
    )
    assert in_language(own.with_changes({}).numbers[-1].note, "zh") == "由方案设定"


# ---------------------------------------------------------------- the console


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"QUARTERHOUR_LANGUAGE": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ({"QUARTERHOUR_LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "C"}, "zh"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "C"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_of_the_console_is_the_variable_s_else_the_system_s(environment: dict[str, str], language: str) -> None:
    assert console_language(environment) == language


def plain(text: str) -> str:
    """The text without what is quoted: keys, words to write, names of files, and what libraries say after 无法读取."""
    return re.sub(r"`[^`]*`|\"[^\"]*\"|'[^']*'|无法读取：.*|/[^ ]*", "", text)


def spoil(scenario: Path) -> None:
    """Faults in every layer."""
    folder = scenario.parent
    (folder / "people.csv").write_text(PEOPLE.replace("300", "三百").replace("代码", "编码表") + "合计,,2586,650\n", encoding="utf-8")
    (folder / "candidates.csv").write_text(
        CANDIDATES.replace("养老互助点", "养老小站") + "c1,又一处,日间照料中心,-5,,否,x,1,2\n", encoding="utf-8"
    )
    (folder / "facilities.csv").write_text("编号,名称,设施类别,状态\nf1,a,日间照料中心,在建中\nf1,b,,正常,多\n", encoding="utf-8")
    (folder / "streets.gpkg").write_bytes(b"SQLite format 3\x00 cut")
    text = scenario.read_text(encoding="utf-8").replace('path = "units.gpkg"\nlayer = "village"', 'path = "unit.gpkg"\nlayer = "village"')
    scenario.write_text(text, encoding="utf-8")


def run_main(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The command line with its faults as messages: exit code, standard output, standard error."""
    monkeypatch.setattr("sys.argv", ["quarterhour", *words])
    monkeypatch.setattr("scenarios.cli.sys.stdout.reconfigure", lambda **_: None, raising=False)
    monkeypatch.setattr("scenarios.cli.sys.stderr.reconfigure", lambda **_: None, raising=False)
    with pytest.raises(SystemExit) as stopped:
        main()
    done = capsys.readouterr()
    return int(stopped.value.code or 0), done.out, done.err


def test_a_chinese_console_tells_faulty_layers_without_an_english_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = write_small_scenario(tmp_path)
    spoil(scenario)
    monkeypatch.setenv("QUARTERHOUR_LANGUAGE", "zh")
    code, _, told = run_main(["check", str(scenario)], monkeypatch, capsys)
    assert code == 3
    lines = [line for line in told.splitlines() if line.startswith("  ")]
    assert len(lines) >= 5
    assert [line for line in lines if SENTENCE.search(plain(line)) or not CHINESE.search(line)] == []


def test_a_chinese_console_tells_a_faulty_scenario_file_without_an_english_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = write_small_scenario(tmp_path)
    text = scenario.read_text(encoding="utf-8")
    for old, new in (
        ("as_of = 2026-11-25", 'as_of = "soon"\ncolour = "red"'),
        ('goal = "relieve"', 'goal = "releive"\nrules = 3\nbudget_yuan = -1'),
        ('folder = "out"', 'formats = []\ncrs = "EPSG:0"'),
        ("synthetic = true", 'synthetic = "perhaps"'),
    ):
        assert old in text
        text = text.replace(old, new)
    scenario.write_text(text, encoding="utf-8")
    monkeypatch.setenv("QUARTERHOUR_LANGUAGE", "zh")
    code, _, told = run_main(["check", str(scenario)], monkeypatch, capsys)
    assert code == 2
    lines = told.splitlines()
    assert len(lines) >= 9
    assert [line for line in lines if SENTENCE.search(plain(line)) or not CHINESE.search(line)] == []


def test_a_whole_run_on_a_chinese_console_is_chinese_and_on_an_english_one_english(tmp_path: Path) -> None:
    scenario = write_small_scenario(tmp_path)
    done = CliRunner().invoke(app, ["run", str(scenario)], env={"QUARTERHOUR_LANGUAGE": "zh"})
    assert done.exit_code == 0
    assert [line for line in done.output.splitlines() if SENTENCE.search(plain(line))] == []
    assert "合成数据" in done.output
    english = CliRunner().invoke(app, ["check", str(scenario)], env={"QUARTERHOUR_LANGUAGE": "en"})
    assert "No error." in english.output


def test_json_is_in_english_with_the_chinese_beside_it_whatever_the_console_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = write_small_scenario(tmp_path)
    spoil(scenario)
    told = {}
    for language in ("zh", "en"):
        monkeypatch.setenv("QUARTERHOUR_LANGUAGE", language)
        code, out, _ = run_main(["check", str(scenario), "--json"], monkeypatch, capsys)
        assert code == 3
        told[language] = json.loads(out)
    assert told["zh"] == told["en"]
    missing = next(p for p in told["zh"]["problems"] if p["where"] == "units: unit.gpkg")
    assert (missing["what"], missing["what_zh"]) == ("there is no such file", "没有这个文件")
    assert missing["remedy_zh"].startswith("该文件夹内有：")


def test_what_pydantic_finds_is_told_in_our_words(tmp_path: Path) -> None:
    """Every sort of fault that the table names can be filled in; the fields are those of pydantic's context."""
    context = {name: 3 for pattern in FAULTS.values() for name in fields_of(pattern)}
    for pattern in FAULTS.values():
        assert CHINESE.search(in_language(say(pattern, **context), "zh"))
    path = tmp_path / "broken.toml"
    path.write_text("a = [", encoding="utf-8")
    with pytest.raises(ScenarioFaultsError) as caught:
        TomlFile.read(path)
    assert "不合 TOML 格式" in caught.value.told("zh")


# ---------------------------------------------------------------- outputs


def test_the_table_of_problems_stands_in_both_languages() -> None:
    assessment = small_assessment()
    frame = problems_table(assessment).frame
    assert len(frame) == len(assessment.before.area.problems) > 0
    for row, problem in zip(frame.to_dict("records"), assessment.before.area.problems, strict=True):
        assert (row["what"], row["what_zh"]) == (str(problem.what), in_language(problem.what, "zh"))
