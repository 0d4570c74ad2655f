"""What the people gained by a proposal are called: newly inside the circle, or under goal `serve` newly with a place."""

from __future__ import annotations

from typing import Literal

from layers.tables import Column
from maps.tables.shown import Heading
from maps.words import words
from planner.assessment import Assessment

Gain = Literal["circle", "place"]
"""What is gained: a key of the section `gained` of `maps/words/*.toml`."""


def gain_of(assessment: Assessment) -> Gain:
    """What `people_gained` of its proposals counts (`planner.gains`)."""
    return "place" if assessment.siting.goal == "serve" else "circle"


def gain_word(assessment: Assessment, language: str) -> str:
    """The short heading of the figure, e.g. on the sheet; the page takes the same words."""
    return words(language)[f"gained.{gain_of(assessment)}"]


def people_gained(assessment: Assessment) -> Heading:
    """The heading of `people_gained`."""
    zh, en = _both(assessment)
    return Heading("people_gained", f"{zh}人口", en, unit="people")


def people_per_10k_yuan(assessment: Assessment) -> Heading:
    """The heading of `people_per_10k_yuan`."""
    zh, en = _both(assessment)
    return Heading("people_per_10k_yuan", f"每万元{zh}人口", f"{en} per 10,000 yuan", is_figure=True)


def group_gained(assessment: Assessment, base: Column) -> Heading:
    """The heading of one group's part of the figure."""
    zh, en = _both(assessment)
    return Heading(f"gained_{base.name}", f"{zh}·{base.zh}", f"{en}: {base.en}", unit="people")


def _both(assessment: Assessment) -> tuple[str, str]:
    """In Chinese, and in English as headings of tables begin: small."""
    zh, en = (gain_word(assessment, language) for language in ("zh", "en"))
    return zh, en[:1].lower() + en[1:]
