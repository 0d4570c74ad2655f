"""What was found in each place and how it is judged: the table of measures that every computed kind fills in the same way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.condition_words import condition_words
from layers.kinds import lineage
from layers.saying import Said, say
from planner.exact import exact, meets, missing
from planner.indicators.places import Places
from planner.measures import MEASURE_COLUMNS, Verdict
from planner.rules import Rule

NAMES_SHOWN = 5
"""a note names this many facilities at most"""


@dataclass(frozen=True)
class Figure:
    """What one place has. NaN where it is not known."""

    value: float
    have: float
    base: float
    shortfall: float
    verdict: Verdict
    note: str = ""
    required: float | None = None
    """asked of this place; None: what the rule asks of every place"""


def judge(
    rule: Rule,
    have: Fraction,
    base: Fraction,
    *,
    most: Fraction | None,
    scale: int = 1,
    note: str = "",
    asked: float | None = None,
    is_whole: bool = False,
) -> Figure:
    """The figure `scale * have / base` held against the rule, or against what is `asked` of this place instead.

    `have` is what is there for certain, `most` what may be there at the utmost (None: without limit): where missing data leaves the verdict
    open it is `no_data`, and where every possible figure passes or fails it is that. Of things that come whole (`is_whole`: beds, places)
    the shortfall is the next whole number: of 1294.24 beds asked, 1295 must be there.
    """
    value = scale * have / base
    if rule.value is None or rule.op is None:
        known = most == have
        return Figure(
            float(value) if known else np.nan,
            float(have),
            float(base),
            np.nan,
            "report_only" if known else "no_data",
            "" if known else note,
        )
    limit = rule.value if asked is None else asked
    required = exact(limit) * base / scale
    sure = meets(have, rule.op, required)
    possible = rule.op in (">=", ">") if most is None else meets(most, rule.op, required)
    if sure != possible:
        return Figure(np.nan, float(have), float(base), np.nan, "no_data", note, limit)
    short = missing(have, rule.op, required)
    lacking = float(math.ceil(short) if is_whole else short)
    return Figure(float(value), float(have), float(base), lacking, "pass" if sure else "fail", note, limit)


def unknown(note: str, *, have: float = np.nan, base: float = np.nan) -> Figure:
    """A place without the data to judge it by."""
    return Figure(np.nan, have, base, np.nan, "no_data", note)


def nothing_to_ask(note: str) -> Figure:
    """A place that the rule does not concern: nobody lives there, or there is nothing to take a share of."""
    return Figure(np.nan, 0.0, 0.0, 0.0, "not_applicable", note)


def table(
    rule: Rule, places: Places, figures: Sequence[Figure], *, unit: str, shortfall_unit: str, people: NDArray[np.float64]
) -> pd.DataFrame:
    """The columns of `MEASURE_COLUMNS`, one row per place; one row without data when there is no place at all.

    Places outside the rule's universe become not_applicable, and no_data where it is not known whether they lie in it.
    """
    if not len(places.frame):
        figures, ids, people = [unknown(places.note)], [""], np.array([np.nan])
    else:
        figures = [_in_universe(rule, f, applies=applies) for f, applies in zip(figures, places.applies, strict=True)]
        ids = list(places.frame["unit_id"])
    rows = pd.DataFrame([f.__dict__ for f in figures])
    common = np.nan if rule.value is None else rule.value
    notes = [both(places.note if f.note != places.note else "", f.note) for f in figures]
    rows = rows.assign(
        rule_id=rule.full_id,
        reading=rule.reading_id,
        unit_id=ids,
        level=places.level,
        required=[common if f.required is None else f.required for f in figures],
        unit=rule.value_unit or unit,
        shortfall_unit=shortfall_unit,
        people=people,
        note=pd.Series(notes, dtype=object),
    )
    return rows[list(MEASURE_COLUMNS)]


def _in_universe(rule: Rule, figure: Figure, *, applies: bool | None) -> Figure:
    if applies is None:
        return unknown(say("not known whether {condition}", condition=condition_words(rule.universe)))
    return (
        figure
        if applies
        else replace(nothing_to_ask(say("not asked here: {condition}", condition=condition_words(rule.universe))), have=np.nan, base=np.nan)
    )


def group_of(kinds: Sequence[str]) -> str:
    """Whose facilities these are: pop_u3 for childcare, pop60 for elderly care, everybody otherwise."""
    tops = {lineage(kind)[-1] for kind in kinds}
    return {frozenset({"childcare"}): "pop_u3", frozenset({"elderly"}): "pop60"}.get(frozenset(tops), "pop_total")


def naming(names: Sequence[str], what: str) -> Said:
    """`a, b and 3 more: what`."""
    shown = list(names[:NAMES_SHOWN])
    if len(names) > NAMES_SHOWN:
        return say("{names} and {n} more: {what}", names=shown, n=len(names) - NAMES_SHOWN, what=what)
    return say("{names}: {what}", names=shown, what=what)


def both(first: str, second: str) -> str:
    """Two notes as one, or the one that is not empty."""
    return say("{first}; {second}", first=first, second=second) if first and second else first or second
