"""The help of the command line is told in Chinese too, every sentence of it."""

from __future__ import annotations

import os
import subprocess
import sys

import typer

from scenarios.cli import app
from scenarios.help_words import TOLD, all_parts, chinese_words


def test_every_help_text_has_its_chinese_and_none_is_left_over() -> None:
    texts = {told for part in all_parts(typer.main.get_command(app)) for name in TOLD if (told := getattr(part, name, None))}
    assert texts == set(chinese_words())


def test_the_help_follows_the_language_of_the_console() -> None:
    told = {}
    for language in ("zh", "en"):
        command = [sys.executable, "-m", "scenarios.cli", "check", "--help"]
        environment = {**os.environ, "QUARTERHOUR_LANGUAGE": language, "PYTHONIOENCODING": "utf-8"}
        told[language] = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, env=environment).stdout
    assert "一次列出全部错误" in told["zh"]
    assert "显示本帮助并退出" in told["zh"]
    assert "tell every fault at once" in told["en"]
