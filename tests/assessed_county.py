"""An invented county measured and planned for real, of any size: for pages at the edges, and for how much a page weighs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from layers.study_area import StudyArea
from maps.comparison.model import Comparison
from planner.assess import Question, assess
from planner.assessment import Assessment
from planner.circle import Circle
from planner.rules import Rule
from planner.siting.model import Siting
from planner.travel.model import Travel
from tests.county_assessment import county_rules, invented_place
from tests.small_assessment import written_rules

CIRCLE = Circle(kinds=("day_care", "mutual_aid_point"), base="pop60", minutes=15.0, profile="elder_walk")


def invented_county(*, n_villages: int = 300, n_demand: int = 10_000, n_street: int = 120, seed: int = 7) -> StudyArea:
    """A county with 200 facilities and 120 candidates; streets are a grid of `n_street` x `n_street` junctions."""
    return invented_place(np.random.default_rng(seed), n_villages, n_demand, n_street)


def assessed(area: StudyArea, *, budget_yuan: float = 6_000_000.0, rules: Sequence[Rule] = ()) -> Assessment:
    """The county held against the rules (those of the small place by default), with a plan for what the circle and the land lack."""
    siting = Siting(goal="relieve", budget_yuan=budget_yuan, method="heuristic", rules=("small.circle", "small.land"))
    title = {"zh": f"{area.name}养老服务设施布局评估", "en": f"{area.name}: elderly-care facilities"}
    question = Question(title, date(2026, 6, 30), tuple(rules) or written_rules(), Travel(), CIRCLE, siting)
    return assess(area, question, progress=lambda _: None)


def three_plans() -> Comparison:
    """300 villages, 10,000 points of people, 200 facilities and eleven rules, with plans for 3, 6 and 12 million yuan."""
    area = invented_county()
    names = ("3 million", "6 million", "12 million")
    return Comparison(names, tuple(assessed(area, budget_yuan=yuan, rules=county_rules()) for yuan in (3e6, 6e6, 12e6)))
