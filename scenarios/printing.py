"""Standard output: one JSON object for other programs, and columns for people; a Chinese character is two columns wide."""

from __future__ import annotations

import json
import re
import time
import unicodedata

import typer

from scenarios.language import told

_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
_PIECES = re.compile(rf"[（“]*(?:[{_WIDE}]|[^\s{_WIDE}“”]+)[，。、；：？！）”]*\s*|\S\s*")
"""What stays on one line: a Chinese character or a word of other letters, with the marks that belong to it, and the blanks behind it."""


def print_json(value: object) -> None:
    """Print a value as JSON, readable for people too."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


_STARTED = time.monotonic()


def tell_progress(text: str) -> None:
    """Progress, on standard error, with the seconds since the start."""
    typer.echo(f"[{time.monotonic() - _STARTED:5.1f} s] {told(text)}", err=True)


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def padded(text: str, columns: int) -> str:
    """The text with blanks after it up to a number of columns of a terminal."""
    return text + " " * max(0, columns - columns_of(text))


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns, broken at blanks and between Chinese characters; a longer word goes beyond."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and columns_of(lines[-1] + piece.rstrip()) > columns:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]
