"""The themes of the corpus, each a module of cases."""

from __future__ import annotations

from tests.corpus import (
    codes,
    coordinates,
    damaged,
    headings,
    hostile,
    lookalikes,
    own_minutes,
    people_and_words,
    rasters,
    scenario_files,
    shapes,
    street_layers,
    tables,
    texts,
)
from tests.corpus.cases import Case

THEMES: dict[str, tuple[Case, ...]] = {
    "coordinates": coordinates.CASES,
    "tables": tables.CASES,
    "texts and numbers": texts.CASES,
    "names and codes": codes.CASES,
    "headings": headings.CASES,
    "lookalikes": lookalikes.CASES,
    "minutes of one's own": own_minutes.CASES,
    "people and words": people_and_words.CASES,
    "shapes": shapes.CASES,
    "rasters": rasters.CASES,
    "streets": street_layers.CASES,
    "damaged files": damaged.CASES,
    "scenario files": scenario_files.CASES,
    "hostile files": hostile.CASES,
}
