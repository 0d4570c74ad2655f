"""The help of the command line, and what is told of a wrong use of it, in Chinese or English. In the code the texts stand in English,
beside what they explain; `help.zh.toml` holds their Chinese.

The pages are written here: those of typer know English only, cut Chinese, which has no blanks, at the edge, and take brackets for marks of
their own.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.resources import files
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup

from maps.wrapping import wrapped
from scenarios.printing import padded

# ruff: noqa: ANN401 -- typer brings commands of its own, or those of click, by its version

FRAME = ("Usage: {}", "Arguments:", "Options:", "Commands:", "options", "command", "required", "default: {}", "Error: {}", "Help: {}")
"""what stands in the pages besides the texts of commands, arguments and options"""
UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""what is raised over a wrong use of the command line"""
_MOST_COLUMNS, _LEAST_COLUMNS, _NAMES_COLUMNS = 110, 50, 28
Told = Callable[[str], str]


def with_pages(command: Any, language: str) -> Any:
    """A command of typer and those below it, with help pages in "zh" or "en"."""
    words = chinese_words() if language == "zh" else {}
    for part in (part for part in all_parts(command) if hasattr(part, "format_help")):
        part.format_help = partial(_write_page, part, lambda text: words.get(text, text))
    return command


def told_usage(error: Any, language: str) -> str:
    """What was wrong with a command line, and how to get help; the whole help where nothing was asked for."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.format_message())
    words, what = chinese_words() if language == "zh" else {}, " ".join(error.format_message().split())
    if language == "zh":
        for pattern, chinese in _usage_faults().items():
            what = re.sub(pattern, chinese, what)
    shown = words.get("Error: {}", "Error: {}").format(what)
    return f"{shown}\n{words.get('Help: {}', 'Help: {}').format(f'{error.ctx.command_path} --help')}" if error.ctx else shown


def chinese_words() -> dict[str, str]:
    """English text -> Chinese."""
    return {english: chinese for english, chinese in _file().items() if isinstance(chinese, str)}


def all_parts(command: Any) -> Iterator[Any]:
    """The command, its arguments and options (`--help` among them), and the same of the commands below it."""
    yield command
    yield from command.get_params(typer.Context(command))
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            yield from all_parts(below)


def _file() -> dict[str, Any]:
    return tomllib.loads(files("scenarios").joinpath("help.zh.toml").read_text(encoding="utf-8"))


def _usage_faults() -> dict[str, str]:
    """What typer says of a wrong use, as a regular expression -> what stands in its place in Chinese."""
    return dict(_file()["usage"])


# ---------------------------------------------------------------- pages


def _write_page(command: Any, told: Told, context: Any, formatter: Any) -> None:
    formatter.write(_page(command, told, context))


def _page(command: Any, told: Told, context: Any) -> str:
    width = max(_LEAST_COLUMNS, min(shutil.get_terminal_size().columns, _MOST_COLUMNS) - 1)
    params = command.get_params(context)
    arguments = [param for param in params if isinstance(param, TyperArgument)]
    options = [param for param in params if not isinstance(param, TyperArgument)]
    below = list(command.commands.values()) if isinstance(command, TyperGroup) else []
    usage = [context.command_path, *map(_placeholder, arguments), f"[{told('options')}]", *([f"[{told('command')}]"] if below else [])]
    parts = [
        told("Usage: {}").format(" ".join(usage)),
        "\n".join(wrapped(told(command.help or ""), width)),
        _list(told("Arguments:"), ((param.name, _explained(param, told)) for param in arguments), width),
        _list(told("Options:"), ((_flags(param), _explained(param, told)) for param in options), width),
        _list(told("Commands:"), ((str(part.name), told(part.help or "")) for part in below), width),
        "\n".join(wrapped(told(command.epilog or ""), width)),
    ]
    return "\n\n".join(part for part in parts if part)


def _placeholder(argument: Any) -> str:
    name = f"{argument.name}..." if argument.nargs != 1 else str(argument.name)
    return name if argument.required else f"[{name}]"


def _flags(option: Any) -> str:
    """An option as it is written, with the name of its value if it takes one."""
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {option.name.upper()}"


def _explained(param: Any, told: Told) -> str:
    """What it is, and whether it must be given or what it is otherwise."""
    text = told(param.help or "")
    if param.required:
        return f"{text} [{told('required')}]"
    is_told = param.show_default and param.default not in (None, "", False)
    return f"{text} [{told('default: {}').format(param.default)}]" if is_told else text


def _list(title: str, rows: Iterable[tuple[str, str]], width: int) -> str:
    """Names and what they are, side by side, where a longer name has a line of its own; "" where there is none."""
    lines: list[str] = []
    for name, text in rows:
        beside = f"  {name}"
        if len(beside) + 2 > _NAMES_COLUMNS:
            lines, beside = [*lines, beside], ""
        first, *others = wrapped(text, width - _NAMES_COLUMNS)
        lines += [padded(beside, _NAMES_COLUMNS) + first, *(" " * _NAMES_COLUMNS + line for line in others)]
    return "\n".join([title, *lines]) if lines else ""
