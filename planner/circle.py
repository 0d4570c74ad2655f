"""The circle that the page shows and the people are counted in: which facilities, whose minutes, which pace."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from layers.kinds import lineage
from layers.study_area import StudyArea
from planner.indicators.figures import group_of
from planner.indicators.reach import ServiceCircleCoverage
from planner.rules import Rule
from planner.travel.model import PROFILES, Travel


class Circle(BaseModel):
    """The `[circle]` part of a scenario; what is not given is taken from the first service-circle rule of the standards, else from
    what its rules are about."""

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
        """This circle with every gap filled: by the first circle rule in minutes, else by the group that all rules are about and its people;
        where they are about several, every elderly-care facility and all people. 15 minutes where no rule says."""
        rule = circle_rule(rules)
        group = _group_of_all(rules)
        base = self.base or (rule.weight if rule else group_of(group) if group else "")
        return Circle(
            kinds=self.kinds or (rule.facilities if rule else group or ("elderly",)),
            base=base if base in area.bases else area.bases[0],
            minutes=self.minutes or (rule.max_minutes if rule else 15.0),
            profile=self.profile or (rule.profile if rule and rule.profile in PROFILES else travel.profile),
        )


def circle_rule(rules: Sequence[Rule]) -> ServiceCircleCoverage | None:
    """The rule whose circle is shown where the scenario names none: the first service circle in minutes."""
    return next((r for r in rules if isinstance(r, ServiceCircleCoverage) and r.max_minutes is not None), None)


def _group_of_all(rules: Sequence[Rule]) -> tuple[str, ...]:
    """The one group of kinds that all rules on facilities are about, e.g. ("childcare",); () where they are about several, or none."""
    tops = {lineage(kind)[-1] for rule in rules for kind in getattr(rule, "facilities", None) or ()}
    return tuple(tops) if len(tops) == 1 else ()
