"""Standard output: one JSON object for other programs, and columns for people; a Chinese character is two columns wide."""

from __future__ import annotations

import json
import time

import typer

from maps.wrapping import width_of
from scenarios.language import told


def print_json(value: object) -> None:
    """Print a value as JSON, readable for people too."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


_STARTED = time.monotonic()


def tell_progress(text: str) -> None:
    """Progress, on standard error, with the seconds since the start."""
    typer.echo(f"[{time.monotonic() - _STARTED:5.1f} s] {told(text)}", err=True)


def padded(text: str, columns: int) -> str:
    """The text with blanks after it up to a number of columns of a terminal."""
    return text + " " * max(0, columns - width_of(text))
