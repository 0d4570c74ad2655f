"""How units are filled on a drawn map: the classes and colours of the page, for one rule in one state of the place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maps import palette
from maps.legend import ranges
from maps.tables.shown import State
from maps.words import words
from planner.assessment import Assessment
from planner.rules import Rule


@dataclass(frozen=True)
class Class:
    """One entry of the legend."""

    colour: str
    text: str
    hatch: str = ""


@dataclass(frozen=True, eq=False)
class Fill:
    """What each unit of a level is filled with."""

    unit_ids: NDArray[np.object_]
    """(n,) in the order of `StudyArea.places`"""
    of_class: NDArray[np.int64]
    """(n,) position in `classes`"""
    classes: tuple[Class, ...]
    """only those that occur in either state, so that two maps side by side have one legend"""


def rule_fill(assessment: Assessment, rule: Rule, level: str, state: State, language: str) -> Fill:
    """The fill of a rule as it is written (its base reading)."""
    word = words(language)
    both = {name: _rows(finding.measures, rule, level) for name, finding in (("before", assessment.before), ("after", assessment.after))}
    together = pd.concat(both.values())
    reports = bool((together["verdict"] == "report_only").any())
    figure, bad = ("value", "report_only") if reports else ("shortfall", "fail")
    unit = str(together["unit" if reports else "shortfall_unit"].iloc[0]) if len(together) else ""
    limits = palette.breaks(together[figure] if reports else both["before"][figure], 5 if reports else 4)
    colours = palette.FIGURE if reports else palette.SHORT
    classes = [Class(colours[i], f"{word[f'verdict.{bad}']} {text}".strip()) for i, text in enumerate(ranges(limits, unit, language))]
    ends = {"pass": palette.MET, "no_data": palette.NO_DATA, "not_applicable": palette.NOT_APPLICABLE}
    places = {verdict: len(classes) + i for i, verdict in enumerate(ends)}
    classes += [Class(colour, word[f"verdict.{verdict}"], "////" if verdict == "no_data" else "") for verdict, colour in ends.items()]

    unit_ids = assessment.before.area.places(level)["unit_id"].to_numpy(dtype=object)
    positions = {name: _positions(rows, unit_ids, figure, bad, limits, places) for name, rows in both.items()}
    used = np.unique(np.concatenate(list(positions.values())))
    return Fill(unit_ids, np.searchsorted(used, positions[state]), tuple(classes[i] for i in used))


def _rows(measures: pd.DataFrame, rule: Rule, level: str) -> pd.DataFrame:
    return measures[(measures["rule_id"] == rule.full_id) & (measures["reading"] == "") & (measures["level"] == level)]


def _positions(
    rows: pd.DataFrame, unit_ids: NDArray[np.object_], figure: str, bad: str, limits: tuple[float, ...], places: dict[str, int]
) -> NDArray[np.int64]:
    """(n,) the class of each unit; one that the rule says nothing of is not applicable."""
    by_unit = rows.set_index("unit_id").reindex(unit_ids)
    verdict = by_unit["verdict"].to_numpy(dtype=object)
    size = palette.class_of(by_unit[figure].to_numpy(dtype=float), limits)
    return np.array(
        [max(int(n), 0) if said == bad else places.get(str(said), places["not_applicable"]) for said, n in zip(verdict, size, strict=True)]
    )
