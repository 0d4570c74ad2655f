"""The help of the command line in Chinese. In the code it stands in English, beside what it explains."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import typer
from typer.core import TyperGroup

TOLD = ("help", "short_help", "epilog")
"""what of a command or an option is for readers"""


def in_chinese(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command of typer and those below it, their help told in Chinese."""
    words = chinese_words()
    for part in all_parts(command):
        for name in TOLD:
            if told := getattr(part, name, None):
                setattr(part, name, words.get(told, told))
    return command


def chinese_words() -> dict[str, str]:
    """English text -> Chinese."""
    return tomllib.loads(files("scenarios").joinpath("help.zh.toml").read_text(encoding="utf-8"))


def all_parts(command: Any) -> Iterator[Any]:  # noqa: ANN401 -- typer brings its own commands, or those of click, by its version
    """The command, its arguments and options (`--help` among them), and the same of the commands below it."""
    yield command
    yield from command.get_params(typer.Context(command))
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            yield from all_parts(below)
