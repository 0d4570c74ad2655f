"""What a case is: how the clean place is spoiled, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from layers.study_area import StudyArea
from tests.corpus.place import Spoilt

Spoil = Callable[[Spoilt], object]
Outcome = Literal["refused", "mended", "told", "same"]


@dataclass(frozen=True)
class Case:
    """One nasty input.

    refused: an error with `code` whose line matches `says` (it must name the file or the key, and the field where there is one);
    mended: the figures of the clean place, and a warning or note that matches `says`;
    told: other figures than the clean place's, rightly so; a warning or note matches `says`, and `holds` is true of the place;
    same: the figures of the clean place, and no warning.
    """

    name: str
    outcome: Outcome
    spoil: Spoil
    says: str = ""
    code: int = 3
    holds: Callable[[StudyArea], bool] = lambda _area: True
    within: float = 1e-9
    """relative difference that the figures may have, for places drawn in another system"""


def refused(name: str, spoil: Spoil, says: str, code: int = 3) -> Case:
    """A fault of a layer, told and not worked with."""
    return Case(name, "refused", spoil, says, code)


def faulty(name: str, spoil: Spoil, says: str) -> Case:
    """A fault of the scenario file."""
    return Case(name, "refused", spoil, says, code=2)


def mended(name: str, spoil: Spoil, says: str, within: float = 1e-9) -> Case:
    """A fault that has one certain repair, which is told."""
    return Case(name, "mended", spoil, says, within=within)


def told(name: str, spoil: Spoil, says: str, holds: Callable[[StudyArea], bool] = lambda _area: True) -> Case:
    """Something that changes the figures, rightly, and is told."""
    return Case(name, "told", spoil, says, holds=holds)


def same(name: str, spoil: Spoil, within: float = 1e-9) -> Case:
    """Another way to write the same thing."""
    return Case(name, "same", spoil, within=within)
