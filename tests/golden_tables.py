"""Readable tables of what policies say of a place, kept under `tests/golden/` so that a change of any answer is seen in a diff.

Write them anew after a change that is meant, and read the diff:

    python -m tests.golden_tables              # the demonstration county
    python -m tests.golden_tables taipei legazpi   # places, where ../shared/data holds them
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd

from layers.study_area import StudyArea
from planner.answers import OpenQuestion, open_questions
from planner.rules import Rule, expand
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from planner.verdicts import verdicts
from scenarios import read_scenario
from scenarios.demo import write_demo_county
from scenarios.line import read_place
from scenarios.packs import read_rules

FOLDER = Path(__file__).parent / "golden"
DEMO = "demo"
PACKS = {
    DEMO: ("hunan", "huancui", "xincheng", "huitong", "shanxi"),
    "taipei": ("huitong", "hunan", "shanxi"),
    "legazpi": ("huitong", "hunan", "shanxi"),
}
"""Place -> the policies it is held against"""
AS_OF = date(2026, 11, 25)
NOTE_SHOWN = 90
"""characters of a note: enough to see what is missing"""


@dataclass(frozen=True, eq=False)
class Held:
    """A place held against rules, every reading."""

    area: StudyArea
    rules: tuple[Rule, ...]
    """with their readings"""
    measures: pd.DataFrame
    verdicts: pd.DataFrame
    questions: tuple[OpenQuestion, ...]


def hold(area: StudyArea, packs: Sequence[str], travel: Travel) -> Held:
    """The place held against policy packs."""
    base = read_rules(packs, Path())
    rules = expand(base)
    limits: dict[str, float] = {}
    for rule in rules:
        for profile, minutes in rule.travel_limits().items():
            limits[profile] = max(minutes, limits.get(profile, 0.0))
    times = measure_times(area, travel, limits)
    measures = pd.concat([table for rule in rules if len(table := rule.measure(area, times))], ignore_index=True)
    return Held(area, rules, measures, verdicts(measures, rules, AS_OF), open_questions(base))


@cache
def demo_county() -> tuple[StudyArea, Travel]:
    """The demonstration county as its scenario reads it."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = read_scenario(write_demo_county(Path(folder)))
        return read_place(scenario), scenario.file.travel


@cache
def place(name: str) -> tuple[StudyArea, Travel]:
    """A real place as the scenario under `tests/places` reads it."""
    scenario = read_scenario(Path(__file__).parent / "places" / f"{name}.toml")
    return read_place(scenario), scenario.file.travel


def golden_text(name: str) -> str:
    """The table of a place, as it is kept."""
    area, travel = demo_county() if name == DEMO else place(name)
    held = hold(area, PACKS[name], travel)
    lines = [
        f"{name}: {', '.join(PACKS[name])} as of {AS_OF}",
        "rule | reading | verdict | pass fail no-data n/a | value | required | shortfall",
    ]
    found = {(row["rule_id"], row["reading"]): row for row in held.verdicts.to_dict("records")}
    lines += [" | ".join(_cells(rule, found.get((rule.full_id, rule.reading_id)), held)) for rule in held.rules]
    return "\n".join([*lines, ""])


def _cells(rule: Rule, row: dict[str, object] | None, held: Held) -> Iterable[str]:
    name = f"{rule.full_id}{' ※' if rule.has_unverified_number else ''}"
    if row is None:
        yield from (name, rule.reading_id or "base", reason(rule, held))
        return
    mine = held.measures[(held.measures["rule_id"] == rule.full_id) & (held.measures["reading"] == rule.reading_id)]
    asked = mine[mine["verdict"] != "not_applicable"]
    value = float(asked["value"].iloc[0]) if len(asked) == 1 else float(str(row["value"]))
    counts = " ".join(str(row[f"n_{what}"]) for what in ("pass", "fail", "no_data", "not_applicable"))
    unit = mine["unit"].iloc[0]
    limit = (
        "" if rule.value is None else f"{rule.op} {rule.value:g} {unit}" + (f" in {rule.units_pct:g} %" if rule.units_pct != 100 else "")
    )
    verdict = f"{row['verdict']}{' overdue' if row['overdue'] else ''}"
    short = "" if rule.value is None else f"{_digits(float(str(row['shortfall'])))} {row['shortfall_unit']}"
    yield from (name, rule.reading_id or "base", verdict, counts, _digits(value), limit, short)
    if row["verdict"] == "no_data":
        yield next((note for note in mine["note"] if note), "")[:NOTE_SHOWN]


def _digits(value: float) -> str:
    """Five digits: enough to see a change, not the dust of another processor."""
    return "-" if math.isnan(value) else f"{value:.5g}"


def reason(rule: Rule, held: Held) -> str:
    """Why a rule has no verdict: a site condition screens candidates, an attestation waits for an answer; "" for neither."""
    if rule.kind == "site_rule":
        answers = list(rule.holds(held.area))
        n = {answer: sum(a is answer for a in answers) for answer in (True, False, None)}
        return f"site condition, {rule.effect}: holds for {n[True]}, not for {n[False]}, not known for {n[None]} candidates"
    asked = next((q.asks_en for q in held.questions if q.rule_id == rule.full_id), "")
    return f"open question: {asked}" if asked else ""


def kept(name: str) -> str:
    """The table as it stands under `tests/golden/`."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or [DEMO]:
        (FOLDER / f"{name}.txt").write_text(golden_text(name), encoding="utf-8", newline="\n")
