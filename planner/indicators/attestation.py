"""Attestation: what only a person can answer, with evidence: money spent, plans approved, training given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pandas as pd

from layers.study_area import StudyArea
from planner.measures import MEASURE_COLUMNS
from planner.relief import Relief
from planner.rules import Rule
from planner.travel.times import TravelTimes


class Attestation(Rule):
    """A question to be answered by hand; it stands in the tables and is never judged by this program."""

    needs_unit: ClassVar[bool] = False
    kind: Literal["attestation"]
    asks: str
    """what has to be stated"""

    def travel_limits(self) -> Mapping[str, float]:
        """Nothing: no travel is asked about."""
        return {}

    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:  # noqa: ARG002 - the same form for every kind
        """No rows: nothing is computed."""
        return pd.DataFrame(columns=list(MEASURE_COLUMNS))

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:  # noqa: ARG002 - the same form for every kind
        """None: nothing is short."""
        return None
