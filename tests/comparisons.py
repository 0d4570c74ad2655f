"""Comparisons worked out by hand: the small place with its plan, without any site, and with another rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layers.study_area import StudyArea
from maps.comparison.model import Comparison
from planner.assessment import Assessment
from tests.county_assessment import _finding, county_assessment
from tests.small_assessment import small_assessment


def without_sites(area: StudyArea | None = None) -> Assessment:
    """The small place where nothing is opened: 500 of 650 people stay inside, and village 3 outside."""
    small = small_assessment(area)
    choice = replace(small.choice, opened=(), order=(), cost_yuan=0.0, status="nothing to do", reasons=small.choice.reasons.iloc[:0])
    return replace(small, after=small.before, choice=choice, proposals=small.proposals.iloc[:0])


def with_higher_land_rule() -> Assessment:
    """The small place with its plan, asked for 0.12 m2 of land per head, and without the rule of centres."""
    small = small_assessment()
    rules = tuple(rule.model_copy(update={"value": 0.12}) if rule.id == "land" else rule for rule in small.rules if rule.id != "centre")
    tables = {name: getattr(small.after, name) for name in ("measures", "verdicts")}
    kept = {name: table[table["rule_id"] != "small.centre"].reset_index(drop=True) for name, table in tables.items()}
    before = {name: getattr(small.before, name) for name in ("measures", "verdicts")}
    kept_before = {name: table[table["rule_id"] != "small.centre"].reset_index(drop=True) for name, table in before.items()}
    return replace(small, rules=rules, after=replace(small.after, **kept), before=replace(small.before, **kept_before))


def small_comparison(area: StudyArea | None = None) -> Comparison:
    """With the plan, and without any site."""
    return Comparison(("plan", "nothing"), (small_assessment(area), without_sites(area)))


def county_comparison(*, n_demand: int = 10_000) -> Comparison:
    """An invented county of 300 villages, 200 facilities and three plans of other sites."""
    base = county_assessment(n_demand=n_demand)
    plans = [base]
    area = base.before.area
    for seed, n_sites, share in ((11, 20, 0.6), (12, 24, 0.85)):
        rows = np.sort(np.random.default_rng(seed).choice(len(area.candidates), n_sites, replace=False))
        after = _finding(np.random.default_rng(7), area.with_opened(rows.tolist()), base.rules, share, base.after)
        sites = area.candidates.iloc[rows].reset_index(drop=True)
        sites = sites.assign(
            for_whom="pop60",
            people_in_reach=400.0,
            people_gained=100.0,
            reason_zh="补足 100 人",
            reason_en="100 people",
            next_best_id="c0",
            next_best_loss=0.01,
        )
        choice = replace(base.choice, opened=tuple(rows.tolist()), order=tuple(rows.tolist()), cost_yuan=float(sites["cost_yuan"].sum()))
        plans.append(replace(base, after=after, choice=choice, proposals=sites))
    return Comparison(("budget-3m", "budget-6m", "budget-12m"), tuple(plans))
