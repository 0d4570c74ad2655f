"""The help of the command line, and what is told of a wrong use, in Chinese and English: whole, and nothing cut off."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from maps.wrapping import width_of, wrapped
from scenarios.cli import app
from scenarios.help_words import FRAME, all_parts, chinese_words, with_pages

COMMANDS = ("", "init", "run", "batch", "minutes", "standards", "standards show")


def answered(*words: str, language: str = "zh", columns: str = "80") -> subprocess.CompletedProcess[str]:
    """The command line in a terminal of so many columns."""
    environment = {**os.environ, "QUARTERHOUR_LANGUAGE": language, "PYTHONIOENCODING": "utf-8", "COLUMNS": columns}
    command = [sys.executable, "-m", "scenarios.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment)


def page(command: str, language: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The help of a command, made in this process."""
    monkeypatch.setenv("COLUMNS", str(columns))
    part: Any = with_pages(typer.main.get_command(app), language)
    context: typer.Context | None = None
    for word in ["quarterhour", *command.split()]:
        part = part if context is None else part.commands[word]
        context = typer.Context(part, parent=context, info_name=word)
    return str(part.get_help(context))


def test_every_help_text_has_its_chinese_and_none_is_left_over() -> None:
    parts = list(all_parts(typer.main.get_command(app)))
    texts = {told for part in parts for name in ("help", "epilog") if (told := getattr(part, name, None))}
    assert texts | set(FRAME) == set(chinese_words())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_holds_every_text_of_its_command_whole_and_within_the_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part: Any = typer.main.get_command(app)
    for word in command.split():
        part = part.commands[word]
    texts = [text for p in (part, *part.get_params(typer.Context(part))) for name in ("help", "epilog") if (text := getattr(p, name, None))]
    for language, words in (("en", {}), ("zh", chinese_words())):
        for columns in (60, 80, 200):
            told = page(command, language, columns, monkeypatch)
            bare = re.sub(r"\s", "", told)
            assert all(re.sub(r"\s", "", words.get(text, text)) in bare for text in texts)
            assert all(width_of(line) < columns for line in told.splitlines())


def test_nothing_of_a_chinese_page_is_in_english_but_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in COMMANDS:
        told = page(command, "zh", 200, monkeypatch)
        assert not re.findall(r"Usage|Arguments|Options|Commands|OPTIONS|required|default|Show", told)
        assert told.startswith("用法：quarterhour")


def test_the_help_follows_the_language_of_the_console() -> None:
    assert "一次列出全部错误" in answered("check", "--help").stdout
    assert "tell every fault at once" in answered("check", "--help", language="en").stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run",), "错误：缺少参数 scenario。\n帮助：quarterhour run --help"),
        (("runn", "x"), "错误：没有命令 runn。是否指 'run'？"),
        (("run", "x", "--jason"), "错误：没有选项 --jason。"),
        (("run", "x", "y", "z"), "错误：多余的参数：y z。"),
        (("batch", "x", "--workers", "0"), "错误：--workers 的值不对："),
        (("batch", "x", "--workers"), "错误：选项 --workers 须给出值。"),
    ],
)
def test_a_wrong_use_is_told_in_chinese_with_exit_code_2(words: tuple[str, ...], told: str) -> None:
    found = answered(*words)
    assert (found.returncode, found.stdout) == (2, "")
    assert re.sub(r"__main__\.py|python\S* -m \S+|cli\.py", "quarterhour", found.stderr).startswith(told), found.stderr
    assert not re.search(r"[A-Za-z]{4,} [a-z]{3,} [a-z]{3,}", found.stderr)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=80), st.integers(10, 60))
def test_wrapping_loses_no_character_and_only_words_reach_beyond(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert width_of(line) <= columns or len(line.split()) == 1


def test_a_chinese_character_takes_two_columns_and_no_line_begins_with_a_stop() -> None:
    assert width_of("村a") == 3
    assert wrapped("一二三四五。六七", 10) == ["一二三四", "五。六七"]
    assert wrapped("ab 一二 cd", 4) == ["ab", "一二", "cd"]
    assert all(unicodedata.east_asian_width(c) in "WF" for c in "，。（）")
