"""An attested answer: what only people can state (money spent, plans approved, sums of registers), with its evidence.

A scenario gives it under `[attestations."<rule>"]`; `planner.answers` puts it to its rule.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from layers.saying import Said, say


def _not_text(given: object) -> object:
    if isinstance(given, str):
        raise ValueError(say("give a number, true or false, or a date, without quotes; words go into evidence"))  # noqa: TRY004 - told by pydantic
    return given


class Attested(BaseModel):
    """One answer: a figure, yes or no, or the day it was done; of a register the two sums. Never names of persons."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    value: Annotated[StrictBool | dt.date | float, BeforeValidator(_not_text)] | None = None
    """in the unit the rule asks for (per cent from 0 to 100); true or false; or the day on which it was done"""
    num: float | None = Field(default=None, ge=0)
    """of a rule on a register: how many of them"""
    den: float | None = Field(default=None, ge=0)
    """of a rule on a register: how many in all"""
    evidence: str = Field(min_length=1)
    """where it can be looked up, e.g. 决算报告2025"""
    date: dt.date
    """of the evidence"""

    @model_validator(mode="after")
    def _one_answer(self) -> Attested:
        sums = [self.num, self.den]
        if (self.value is None) == (None in sums) or sums.count(None) == 1:
            raise ValueError(say("give either value, or num and den"))
        if self.num is not None and self.den is not None and self.num > self.den:
            raise ValueError(say("num {num:g} is more than den {den:g}", num=self.num, den=self.den))
        return self

    @property
    def told(self) -> Said:
        """The evidence as notes tell it."""
        return say("attested {day}: {evidence}", day=self.date.isoformat(), evidence=self.evidence)
