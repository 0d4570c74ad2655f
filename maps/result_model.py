"""The shape of `result.json`, as models that check it. The JSON Schema `result.schema.json` is made from them.

A new key is a field here; then write the schema anew: `python -m maps.result`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from maps.result_part import Figure, Moment, Part
from maps.result_plans import AlternativePlan, ClosureAsked, ClosureLoss, CurvePoint, CurveStep, DistrictsFound, PhaseOfSite
from planner.measures import RuleVerdict, Verdict
from planner.rules import NumberStatus, Strength


class NumberOfRule(Part):
    """Where one number of a rule comes from."""

    reading: str
    """"" for the rule as it stands"""
    at: str
    number: str
    status: NumberStatus
    quote: str
    url: str
    note: str
    note_zh: str


class ReadingOfRule(Part):
    """A rival reading of a rule."""

    reading: str
    why: str


class RuleStated(Part):
    """A clause of a policy."""

    rule_id: str
    kind: str
    pack: str
    pack_title: str
    pack_title_en: str
    title: str
    title_en: str
    clause: str
    quote: str
    gloss: str
    strength: Strength
    level: str
    """of the units it is measured in"""
    op: Literal[">=", ">", "<=", "<"] | None
    value: Figure
    value_unit: str
    units_pct: float
    deadline: date | None
    unverified: bool
    """uses a number that is not verified"""
    ambiguity: tuple[str, ...]
    numbers: tuple[NumberOfRule, ...]
    readings: tuple[ReadingOfRule, ...]


class VerdictOfRule(Part):
    """What one rule, under one reading, says of all its units."""

    state: Moment
    rule_id: str
    reading: str
    verdict: RuleVerdict
    n_pass: int
    n_fail: int
    n_no_data: int
    n_not_applicable: int
    lower_pct: Figure
    """share of units that pass, those without data taken as failing"""
    upper_pct: Figure
    """share of units that pass, those without data taken as passing"""
    units_pct: float
    units_needed: int
    value: Figure
    shortfall: Figure
    """the least that must be mended for the rule to be met"""
    shortfall_is_open: bool
    """units without data may have to be mended too: the shortfall is a lower bound"""
    shortfall_unit: str
    overdue: bool


class MeasureOfUnit(Part):
    """What one rule, under one reading, says of one unit."""

    state: Moment
    rule_id: str
    reading: str
    unit_id: str
    unit_name: str
    level: str
    value: Figure
    required: Figure
    unit: str
    have: Figure
    base: Figure
    shortfall: Figure
    shortfall_unit: str
    people: Figure
    verdict: Verdict
    note: str
    note_zh: str


class MinutesOfPoint(Part):
    """Minutes from one demand point to the nearest facility of the shown circle."""

    state: Moment
    demand_id: str
    unit_id: str
    people: Figure
    """of the circle's base"""
    minutes: Figure
    reach: Literal["reached", "out of reach", "off network"]
    nearest: str
    """facility_id; "" when none is in reach"""


class Proposal(Part):
    """A site to open, best first."""

    rank: int
    candidate_id: str
    name: str
    unit_id: str
    unit_name: str
    kind: str
    phase: str
    """year of building; "unfunded" where the money of all phases does not reach, "" without phases"""
    action: str
    """build, enlarge, convert, upgrade or close"""
    cost_yuan: Figure
    for_whom: str
    """the group that the site is for: pop60, pop_u3 or another base"""
    people_in_reach: Figure
    """people of the group within the minutes of the circle from the site; null where no circle counts such sites"""
    people_gained: Figure
    """people of the group newly inside the circle; of a scenario under goal serve newly with a place"""
    people_per_10k_yuan: Figure
    """people gained per 10,000 yuan of its cost"""
    reason_zh: str
    reason_en: str
    next_best_id: str
    next_best_loss: Figure
    longitude: float
    """WGS 84"""
    latitude: float


class ChoiceMade(Part):
    """How good the choice of sites provably is."""

    status: Literal["optimal", "feasible", "time limit", "nothing to do"]
    method: str
    objective: Figure
    bound: Figure
    objective_unit: str
    gap_share: Figure
    cost_yuan: Figure
    told: tuple[str, ...]
    """how far the goal was reached, or why no site is chosen"""
    told_zh: tuple[str, ...]


class BalanceOfUnit(Part):
    """People of the circle's base in one unit: the parts add up to the total. Who has no figure is in no row; null for all where
    nobody has one."""

    state: Moment
    unit_id: str
    """"" for all, "(outside)" for people outside every unit"""
    served: float | None
    too_far: float | None
    off_network: float | None
    unassigned: float | None
    total: float | None


class Circle(Part):
    """The circle that minutes and balance speak of."""

    kinds: tuple[str, ...]
    base: str
    minutes: float
    profile: str


class InputProblem(Part):
    """Something wrong with the input that was mended or can be lived with."""

    severity: Literal["error", "warning", "note"]
    where: str
    what: str
    what_zh: str
    remedy: str
    remedy_zh: str
    rows: tuple[str, ...]
    count: int


class InputSource(Part):
    """A file that was read."""

    layer: str
    path: str
    sha256: str
    rows: int
    note: str
    note_zh: str


class Question(Part):
    """What only people can answer."""

    rule_id: str
    asks_zh: str
    asks_en: str


class PeopleThen(Part):
    """All people of one base in both years."""

    base: str
    people: float
    people_then: float


class ProjectedYear(Part):
    """The place in a target year: before is without the plan, after with it."""

    year: int
    base_year: int
    people: tuple[PeopleThen, ...]
    verdicts: tuple[VerdictOfRule, ...]


class Title(Part):
    """The title in both languages."""

    zh: str
    en: str


class Result(Part):
    """The result of a run."""

    schema_: Literal["quarterhour-result/1"] = Field(alias="schema")
    title: Title
    place: str
    as_of: date
    synthetic: bool
    """an invented place, not for decisions"""
    circle: Circle
    rules: tuple[RuleStated, ...]
    verdicts: tuple[VerdictOfRule, ...]
    measures: tuple[MeasureOfUnit, ...]
    minutes: tuple[MinutesOfPoint, ...]
    proposals: tuple[Proposal, ...]
    choice: ChoiceMade
    phases: tuple[PhaseOfSite, ...]
    curve: tuple[CurvePoint, ...]
    """what more or less money would relieve"""
    curve_steps: tuple[CurveStep, ...]
    alternatives: tuple[AlternativePlan, ...]
    closures: tuple[ClosureAsked, ...]
    """what would be lost if these closed"""
    closure_losses: tuple[ClosureLoss, ...]
    districts: DistrictsFound | None
    balance: tuple[BalanceOfUnit, ...]
    notes: tuple[str, ...]
    """what every reader must know"""
    notes_zh: tuple[str, ...]
    assumptions: tuple[str, ...]
    assumptions_zh: tuple[str, ...]
    problems: tuple[InputProblem, ...]
    sources: tuple[InputSource, ...]
    open_questions: tuple[Question, ...]
    """what somebody has to state, with evidence, before these rules can be judged"""
    projected: ProjectedYear | None
    """the people of a target year, and what the rules say of them"""
