"""Uplift: a higher standard for some units, by a table of the user's, e.g. more land where more people are old (Huitong plan, 二(三)8).

The policy gives neither the threshold nor the rise; a scenario states both as `[[uplift]]`, and nothing is lifted without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, field_validator

from layers.saying import say
from layers.tables import BASE_NAMES
from planner.exact import exact
from planner.rules import Number, Rule


class Uplift(BaseModel):
    """One row of the table: where a share is at least so high, so much is asked for. The matching row with the highest share decides."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    rule: str
    """full id, e.g. huitong.land_per_capita"""
    base_share: str
    """one base of a unit over another, e.g. pop60/pop_total"""
    at_least: float = Field(ge=0)
    """the share, 0.30 for 30 per cent; 0.30 itself is inside"""
    value: float = Field(gt=0)
    """asked for in place of the rule's value, in the rule's unit"""

    @field_validator("base_share")
    @classmethod
    def _two_bases(cls, text: str) -> str:
        if len(parts := [part.strip() for part in text.split("/")]) != 2 or not set(parts) <= set(BASE_NAMES):
            raise ValueError(say("write two bases, e.g. pop60/pop_total; bases: {bases}", bases=BASE_NAMES))
        return text

    def holds(self, unit: pd.Series) -> bool | None:
        """Whether a unit has the share; None where a base is missing or there is nobody to take a share of."""
        over, under = (float(unit.get(part.strip(), np.nan)) for part in self.base_share.split("/"))
        if np.isnan(over) or np.isnan(under) or under == 0:
            return None
        return exact(over) >= exact(self.at_least) * exact(under)


@dataclass(frozen=True)
class Asked:
    """What is asked of one unit. `least` and `most` differ where the unit's share is not known; None: nothing is."""

    least: float | None
    most: float | None


def required_of(value: float | None, rows: Sequence[Uplift], units: pd.DataFrame) -> list[Asked]:
    """What is asked of each unit, by its base columns; the rule's own `value` where no row matches, never less than it."""
    if value is None or not rows:
        return [Asked(value, value)] * len(units)
    return [_asked(value, rows, unit) for _, unit in units.iterrows()]


def _asked(value: float, rows: Sequence[Uplift], unit: pd.Series) -> Asked:
    least, most = value, value
    for row in sorted(rows, key=lambda row: (row.at_least, row.value)):
        answer = row.holds(unit)
        if answer:
            least = most = max(value, row.value)
        elif answer is None:
            most = max(most, row.value)
    return Asked(least, most)


def with_uplift(rules: Sequence[Rule], rows: Sequence[Uplift]) -> tuple[tuple[Rule, ...], list[tuple[int, str]]]:
    """The rules with their rows and the source of each number, and the rows that cannot be taken: (row, why)."""
    known = {rule.full_id: rule for rule in rules}
    faults = [(i, why) for i, row in enumerate(rows) if (why := _fault(known.get(row.rule), row))]
    refused = {i for i, _ in faults}
    for full_id in dict.fromkeys(row.rule for row in rows):
        mine = tuple(row for i, row in enumerate(rows) if row.rule == full_id and i not in refused)
        if mine:
            said = tuple(
                Number(
                    at="uplift",
                    is_=row.value,
                    status="default",
                    note=say("set by the scenario where {condition}", condition=f"{row.base_share} >= {row.at_least:g}"),
                )
                for row in mine
            )
            rule = known[full_id]
            known[full_id] = rule.model_copy(update={"uplift": mine, "numbers": rule.numbers + said})
    return tuple(known[rule.full_id] for rule in rules), faults


def _fault(rule: Rule | None, row: Uplift) -> str:
    if rule is None:
        return say("none of the standards holds {rule}", rule=row.rule)
    if "uplift" not in type(rule).model_fields:
        return say("{rule} is a rule of kind {kind}; only quantity_per_base can be uplifted", rule=row.rule, kind=rule.kind)
    if rule.value is None or rule.op not in (">=", ">"):
        return say("{rule} states no least figure that could be raised", rule=row.rule)
    if Fraction(str(row.value)) <= Fraction(str(rule.value)):
        least = f"{rule.value:g} {rule.value_unit}"
        return say("{value:g} is not more than the {least} that {rule} asks of every unit", value=row.value, least=least, rule=row.rule)
    return ""
