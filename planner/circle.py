"""The circle that the page shows and the people are counted in: which facilities, whose minutes, which pace."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from layers.study_area import StudyArea
from planner.indicators.reach import ServiceCircleCoverage
from planner.rules import Rule
from planner.travel.model import PROFILES, Travel


class Circle(BaseModel):
    """The `[circle]` part of a scenario; what is not given is taken from the first service-circle rule of the standards."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kinds: tuple[str, ...] = ()
    """kinds of facilities"""
    base: str = ""
    """whose people are counted, e.g. pop60"""
    minutes: float | None = Field(default=None, gt=0)
    """the radius of the circle, e.g. 15"""
    profile: str = ""
    """the pace, e.g. elder_walk"""

    def completed(self, area: StudyArea, rules: Sequence[Rule], travel: Travel) -> Circle:
        """This circle with every gap filled: by the first circle rule in minutes, else every elderly-care facility, 15 minutes, all
        people."""
        rule = circle_rule(rules)
        base = self.base or (rule.weight if rule else "")
        return Circle(
            kinds=self.kinds or (rule.facilities if rule else ("elderly",)),
            base=base if base in area.bases else area.bases[0],
            minutes=self.minutes or (rule.max_minutes if rule else 15.0),
            profile=self.profile or (rule.profile if rule and rule.profile in PROFILES else travel.profile),
        )


def circle_rule(rules: Sequence[Rule]) -> ServiceCircleCoverage | None:
    """The rule whose circle is shown where the scenario names none: the first service circle in minutes."""
    return next((r for r in rules if isinstance(r, ServiceCircleCoverage) and r.max_minutes is not None), None)
