"""The parts of `result.json` that tell of the plan, of the plans beside it, of closures and of districts."""

from __future__ import annotations

from maps.result_part import Figure, Moment, Part


class PhaseOfSite(Part):
    """When one site is built, in the order of building."""

    phase: str
    """year; "unfunded" where the money of all phases does not reach"""
    candidate_id: str
    decided: bool
    cost_yuan: Figure
    spent_yuan: Figure
    """by all sites so far"""
    granted_yuan: Figure
    """all money up to this year"""
    relieved_pct: Figure
    """of all weighted needs, by all sites so far"""


class CurvePoint(Part):
    """The best plan found at one budget."""

    budget: float
    cost: float
    unit: str
    """of budget and cost: yuan, or sites"""
    n_sites: int
    relieved_pct: float
    left_pct: float
    bound_pct: Figure
    """no plan of this budget relieves more; null where that was not proved"""


class CurveStep(Part):
    """One site after another, each the one that relieves most for its money; the first is the place as it stands."""

    step: int
    candidate_id: str
    cost: float
    """of all sites so far"""
    unit: str
    relieved_pct: float
    left_pct: float
    is_knee: bool
    """from here on a further yuan relieves less than the average yuan"""


class AlternativePlan(Part):
    """A near-best plan."""

    alternative: int
    n_sites: int
    cost_yuan: Figure
    loss_pct: float
    """how much worse than the plan"""
    added: str
    """candidates that the plan does not open, parted by ;"""
    dropped: str
    """candidates that only the plan opens"""


class ClosureAsked(Part):
    """What would go with facilities that close; null after where the plan replaces one of them."""

    closure: str
    """facility ids parted by ; and, of a merger, > and the one they move into"""
    people_lost_before: Figure
    people_lost_after: Figure
    """people no longer inside the shown circle"""
    rules_worse_before: Figure
    rules_worse_after: Figure


class ClosureLoss(Part):
    """What one rule would find short in addition."""

    state: Moment
    closure: str
    rule_id: str
    """"circle" for the people of the shown circle; "" where nothing changes"""
    shortfall_before: Figure
    shortfall_added: Figure
    unit: str
    n_units_lost: int
    people_lost: Figure


class DistrictLoad(Part):
    """How full one facility is; null in a state in which it does not stand, or where it states no capacity."""

    facility_id: str
    capacity_before: Figure
    capacity_after: Figure
    load_before: Figure
    load_after: Figure
    free_before: Figure
    free_after: Figure
    mean_minutes_before: Figure
    mean_minutes_after: Figure


class DistrictBalance(Part):
    """People of the base in one unit: with a place, without one, and why; the parts add up to the total."""

    state: Moment
    unit_id: str
    """"" for all, "(outside)" for people outside every unit"""
    served: float
    over_capacity: float
    capacity_unknown: float
    """nothing in reach has room, but a facility that states no capacity is"""
    too_far: float
    off_network: float
    unassigned: float
    total: float


class DistrictFlow(Part):
    """People of one demand point who go to one facility."""

    state: Moment
    demand_id: str
    facility_id: str
    people: float
    minutes: float


class DistrictsFound(Part):
    """Who goes where when places are limited."""

    base: str
    kinds: tuple[str, ...]
    capacity: str
    """column that holds the places; "" without a limit"""
    persons_per_place: float
    minutes: float
    profile: str
    max_extra_minutes: float | None
    """so many minutes farther people may be led so that loads are even; null where loads are not evened out"""
    loads: tuple[DistrictLoad, ...]
    balance: tuple[DistrictBalance, ...]
    flows: tuple[DistrictFlow, ...]
