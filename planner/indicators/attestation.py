"""Attestation: what only a person can answer, with evidence: money spent, plans approved, training given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from layers.saying import Said, say
from layers.study_area import StudyArea
from planner.attested import Attested
from planner.exact import exact
from planner.indicators.figures import Figure, both, judge, table
from planner.indicators.places import place_of_answer
from planner.ledger import NOTHING, Ledger
from planner.measures import MEASURE_COLUMNS
from planner.relief import Relief
from planner.rules import Rule
from planner.travel.times import TravelTimes


class Attestation(Rule):
    """A question to be answered by hand. Without an answer it stands among the open questions and is never judged by this program."""

    needs_unit: ClassVar[bool] = False
    kind: Literal["attestation"]
    asks: str
    """what has to be stated"""
    attested: Attested | None = None

    @property
    def asked_of_people(self) -> str:
        """What has to be stated, while nobody has."""
        return "" if self.attested else self.asks

    def unfit(self, answer: Attested) -> str:
        """A rule that states a number asks for a number; sums of registers belong to ratios."""
        if answer.value is None:
            return say("{rule} asks for a value, not for num and den", rule=self.full_id)
        if self.value is not None and isinstance(answer.value, bool | dt.date):
            asked = f"{self.op} {self.value:g} {self.value_unit}"
            return say("{rule} asks for a number: {asked}", rule=self.full_id, asked=asked)
        return ""

    def travel_limits(self) -> Mapping[str, float]:
        """Nothing: no travel is asked about."""
        return {}

    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:  # noqa: ARG002 - the same form for every kind
        """The attested answer as one row for the whole place; no row while there is none."""
        if self.attested is None:
            return pd.DataFrame(columns=list(MEASURE_COLUMNS))
        places = place_of_answer(self, area)
        short = "% points" if self.value_unit == "%" else self.value_unit
        return table(self, places, [self._figure(self.attested)], unit=self.value_unit, shortfall_unit=short, people=np.array([np.nan]))

    def ledger(self, area: StudyArea, times: TravelTimes) -> Ledger:  # noqa: ARG002 - the same form for every kind
        """Nothing that sites change."""
        return NOTHING

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:  # noqa: ARG002 - the same form for every kind
        """None: no site mends it."""
        return None

    def _figure(self, answer: Attested) -> Figure:
        """Yes passes; a day passes when it is not after the deadline; a number is held against the rule's."""
        value = answer.value
        if isinstance(value, dt.date):
            late = self.deadline is not None and value > self.deadline
            done = say("done {day}", day=value.isoformat())
            if self.deadline:
                done = say("done {day}, due {deadline}", day=value.isoformat(), deadline=self.deadline.isoformat())
            return _yes_or_no(done, answer, is_met=not late)
        if isinstance(value, bool):
            return _yes_or_no(say("yes") if value else say("no"), answer, is_met=value)
        figure = exact(value or 0.0)
        return replace(judge(self, figure, Fraction(1), most=figure), base=np.nan, note=answer.told)


def _yes_or_no(said: Said, answer: Attested, *, is_met: bool) -> Figure:
    """An answer without a figure."""
    note = both(said, answer.told)
    return Figure(np.nan, np.nan, np.nan, 0.0 if is_met else np.nan, "pass" if is_met else "fail", note)
