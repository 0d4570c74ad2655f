"""Which rules had no data, by what is missing, and what would give it to them: lines of the console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import cast

import pandas as pd

from layers.saying import Said, Word, say
from maps.tables.plan_reasons import verdicts_today
from planner.assessment import Assessment
from planner.rules import Rule


def without_data(assessment: Assessment) -> Iterator[Said]:
    """Rules without data, by what is missing, and what would give it to them."""
    verdicts, measures = verdicts_today(assessment), assessment.before.measures
    rows = measures[(measures["reading"] == "") & (measures["verdict"] == "no_data")]
    causes: dict[str, list[Rule]] = {}
    for rule in assessment.rules:
        if verdicts.get(rule.full_id) == "no_data":
            causes.setdefault(_cause(rows.loc[rows["rule_id"] == rule.full_id, "note"]), []).append(rule)
    for cause, rules in causes.items():
        titles = [Word(rule.marked_title_en, rule.marked_title) for rule in rules]
        if cause:
            yield say("{n} rule(s) without data, since {cause}: {rules}", n=len(rules), cause=cause, rules=titles)
        else:
            yield say("{n} rule(s) without data: {rules}", n=len(rules), rules=titles)
    yield from _people_remedy(causes, assessment.before.area.bases)


def _cause(notes: pd.Series) -> str:
    """What most of the places lack."""
    return next((note for note, _ in Counter(_bare(note) for note in notes if note).most_common(1)), "")


def _bare(note: str) -> str:
    """A note without the names of the facilities it speaks of (`naming`) and without what stands before it (`both`)."""
    fields = note.fields if isinstance(note, Said) else {}
    inner = fields.get("second") or fields.get("what")
    return _bare(cast("str", inner)) if inner else note


def _people_remedy(causes: dict[str, list[Rule]], bases: tuple[str, ...]) -> Iterator[Said]:
    """What to write when people are known under another name than the rules ask for."""
    missing = {str(cause.fields.get("column")) for cause in causes if isinstance(cause, Said)}
    if "pop_total" in missing and {"pop_resident", "pop_hukou"} & set(bases):
        yield say(
            'If the resident or registered people are all there are, take that column as pop_total too: columns = {{ pop_total = "..." }}, with total_is = "resident" or "registered".'
        )
    elif "pop_total" in bases and {"pop_resident", "pop_hukou"} & missing:
        yield say('Say what pop_total counts: total_is = "resident" or "registered" under [layers.population].')
