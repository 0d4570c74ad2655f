"""Site rule: which candidates a policy allows, prefers, requires or forbids. Nothing is measured; siting asks `holds`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import AfterValidator, Field
from scipy.spatial import cKDTree

from layers.kinds import kinds
from layers.predicates import Predicate
from layers.saying import say
from layers.study_area import StudyArea
from planner.indicators.places import with_unit_columns
from planner.ledger import NOTHING, Ledger
from planner.measures import MEASURE_COLUMNS, open_of_kind
from planner.relief import Relief
from planner.rules import Amount, Rule, check_condition, check_known
from planner.travel.times import TravelTimes


def _check(text: str) -> str:
    """The condition; ValueError when it cannot be read or asks for the distance to an unknown kind."""

    def distance_to(frame: pd.DataFrame, kind: str) -> NDArray[np.float64]:
        check_known(kind, tuple(kinds()), say("kind of facility"))
        return np.zeros(len(frame))

    Predicate.parse(check_condition(text, ("distance_to",))).evaluate(pd.DataFrame(), {"distance_to": distance_to})
    return text


class SiteRule(Rule):
    """A condition on candidates, and what follows from it.

    `distance_to(kind)` is the straight distance to the nearest open facility of a kind [m]. A site that one rule prefers and another
    forbids is forbidden.
    """

    needs_unit: ClassVar[bool] = False
    kind: Literal["site_rule"]
    effect: Literal["allow", "prefer", "require", "forbid"]
    predicate: Annotated[str, AfterValidator(_check)]
    weight: Amount = Field(default=1.0, gt=0)
    """how much a preference counts against others"""

    def holds(self, area: StudyArea) -> NDArray[np.object_]:
        """(c,) whether the condition holds for each candidate: True, False, or None when the data does not tell."""
        candidates = with_unit_columns(area, area.candidates)

        def distance_to(frame: pd.DataFrame, kind: str) -> NDArray[np.float64]:  # noqa: ARG001 - the same form for every function
            return metres_to(area, kind)

        return Predicate.parse(self.predicate).evaluate(candidates, {"distance_to": distance_to})

    def travel_limits(self) -> Mapping[str, float]:
        """Nothing: distances are straight."""
        return {}

    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:  # noqa: ARG002 - the same form for every kind
        """No rows: nothing is computed."""
        return pd.DataFrame(columns=list(MEASURE_COLUMNS))

    def ledger(self, area: StudyArea, times: TravelTimes) -> Ledger:  # noqa: ARG002 - the same form for every kind
        """Nothing that sites change."""
        return NOTHING

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:  # noqa: ARG002 - the same form for every kind
        """None: nothing is short."""
        return None


def metres_to(area: StudyArea, kind: str) -> NDArray[np.float64]:
    """(c,) straight distance from each candidate to the nearest open facility of a kind or of one below it [m]; inf when there is none."""
    there = area.site_xy_m[: area.n_facilities][open_of_kind(area.facilities, (kind,))]
    here = area.site_xy_m[area.n_facilities :]
    if not len(there) or not len(here):
        return np.full(len(here), np.inf)
    return np.asarray(cKDTree(there).query(here)[0], dtype=np.float64)
