"""Tests on real places. They run where the places are and are skipped, with the reason, where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_FOLDER = Path(os.environ.get("QUARTERHOUR_PLACES") or Path(__file__).resolve().parents[2].parent / "shared" / "data")

PLACES: Path | None = _FOLDER if _FOLDER.is_dir() else None
"""Folder with one folder per place: QUARTERHOUR_PLACES, or ../shared/data beside the repository; None when there is none."""


def needs_place(name: str) -> pytest.MarkDecorator:
    """A marker (for a test, or for `pytestmark`) that skips where the place `name` is not there."""
    there = PLACES is not None and (PLACES / name).is_dir()
    return pytest.mark.skipif(not there, reason=f"the place {name} is not in {_FOLDER} (set QUARTERHOUR_PLACES to change the folder)")


def place(name: str) -> Path:
    """Folder of a place; for tests that bear `needs_place(name)`."""
    if PLACES is None:
        raise FileNotFoundError(_FOLDER)
    return PLACES / name
