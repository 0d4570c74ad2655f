"""Standard output for other programs: one JSON object, nothing else."""

from __future__ import annotations

import json

import typer


def print_json(value: object) -> None:
    """Print a value as JSON, readable for people too."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
