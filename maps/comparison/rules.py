"""Rules of several scenarios: which can be held against one another, and what each says of every unit with either plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from layers.study_area import StudyArea
from maps.comparison.model import Comparison, difference
from maps.tables.rule_values import setting_word, value_word
from maps.words import words
from planner.assessment import Assessment
from planner.rules import Rule, expand

TEXT_KEYS = frozenset(
    {"pack_title", "pack_title_en", "reading_title", "reading_title_en", "title", "title_en", "quote", "clause", "gloss", "spatial", "needs",
     "ambiguity", "ambiguity_zh", "numbers", "readings", "attested", "asks"}
)  # fmt: skip
"""Keys of a rule that do not say what is measured or asked; an attested answer is data, like a facility."""
WHY = (("why_zh", "zh"), ("why", "en"))
"""Columns that tell why there is no difference, and their language."""


@dataclass(frozen=True)
class Standing:
    """Whether a scenario's rule, as it is read, can be held against that of the reference."""

    rule: Rule
    """the scenario's, or the reference's where the scenario has none"""
    only_in: tuple[str, ...] = ()
    """names of the scenarios that have it, where not both do"""
    differs: tuple[tuple[str, object, object], ...] = ()
    """(key, in the reference, in the scenario) for what the two ask otherwise"""

    @property
    def is_comparable(self) -> bool:
        """Whether a difference means something."""
        return not self.only_in and not self.differs

    def why(self, language: str) -> str:
        """Why there is no difference, in a language; "" where there is one."""
        if self.only_in:
            return words(language)["comparison.only_in"].format(name=self.only_in[0])
        parts = (f"{setting_word(key, was, language)} / {value_word(key, now, language)}" for key, was, now in self.differs)
        return ("；" if language == "zh" else "; ").join(parts)


def standings(comparison: Comparison, k: int) -> dict[tuple[str, str], Standing]:
    """(rule, reading) -> how scenario `k` stands to the reference, in the order of the reference, then what only the scenario has."""
    mine, theirs = (_read(comparison.assessments[i]) for i in (0, k))
    found = {}
    for key in dict.fromkeys((*mine, *theirs)):
        if key in mine and key in theirs:
            found[key] = Standing(theirs[key], differs=tuple(_asked_otherwise(mine[key], theirs[key])))
        else:
            found[key] = Standing(mine.get(key) or theirs[key], only_in=(comparison.names[0 if key in mine else k],))
    return found


def _read(assessment: Assessment) -> dict[tuple[str, str], Rule]:
    return {(rule.full_id, rule.reading_id): rule for rule in expand(assessment.rules)}


def _asked_otherwise(mine: Rule, theirs: Rule) -> Iterator[tuple[str, object, object]]:
    asked, asks = (rule.model_dump(mode="json", exclude=set(TEXT_KEYS)) for rule in (mine, theirs))
    for key in sorted({*asked, *asks}):
        if asked.get(key) != asks.get(key):
            yield key, asked.get(key), asks.get(key)


def unit_differences(comparison: Comparison, k: int) -> pd.DataFrame:
    """Each rule, reading and unit with the plan of scenario `k` beside the plan of the reference.

    rule_id, reading, level, unit_id, then value, shortfall and verdict of both (`_reference`, `_scenario`; NaN and "" where one has no such
    row), value_difference, shortfall_difference (NaN where the rules differ or a figure is not known), unit, shortfall_unit, and why there is no
    difference (`WHY`).
    """
    keys = ["rule_id", "reading", "level", "unit_id"]
    columns = [*keys, "value", "shortfall", "verdict", "unit", "shortfall_unit"]
    tables = [comparison.assessments[i].after.measures[columns] for i in (0, k)]
    both = tables[0].merge(tables[1], on=keys, how="outer", suffixes=("_reference", "_scenario"), sort=False)
    known = standings(comparison, k)
    rank = {key: i for i, key in enumerate(known)}
    pairs = list(zip(both["rule_id"], both["reading"], strict=True))
    for column, language in WHY:
        both[column] = [known[pair].why(language) for pair in pairs]
    for name, unit in (("value", "unit"), ("shortfall", "shortfall_unit")):
        mine, theirs = (both[f"{unit}_{side}"].fillna("") for side in ("reference", "scenario"))
        alike = (both["why"] == "") & (mine == theirs)
        both[f"{name}_difference"] = difference(both[f"{name}_reference"], both[f"{name}_scenario"]).where(alike)
        both[unit] = theirs.where(theirs != "", mine)
    for side in ("reference", "scenario"):
        both[f"verdict_{side}"] = both[f"verdict_{side}"].fillna("")
    both["_rank"] = [rank[pair] for pair in pairs]
    both["_place"] = both["unit_id"].map({i: n for n, i in enumerate(_ids(comparison.reference.before.area))}).fillna(-1)
    both = both.sort_values(["_rank", "_place"], kind="stable")
    sides = [f"{name}_{side}" for name in ("value", "shortfall", "verdict") for side in ("reference", "scenario")]
    return both[
        [*keys, *sides, "value_difference", "shortfall_difference", "unit", "shortfall_unit", *(column for column, _ in WHY)]
    ].reset_index(drop=True)


def _ids(area: StudyArea) -> list[str]:
    return [*area.units["unit_id"], *area.residential["residential_id"]]
