"""Switching: the ledgers of all rules say of every set of candidates what measuring it anew says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.study_area import StudyArea
from planner.assessment import Assessment
from planner.indicators.counting import openings_of
from planner.ledger import two_parts
from planner.measures import open_of_kind
from planner.rules import expand
from planner.siting.model import Siting
from planner.switching import Switching, switching_of
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from planner.travel.times import TravelTimes
from tests.small_assessment import small_assessment
from tests.switched_towns import CIRCLE, RULES, allowed, planned_town, town
from tests.switching_model import figures_of

SEEDS = st.integers(0, 10_000)
LIMITS = {"elder_walk": 15.0}
NEAR = tuple(rule for rule in RULES if rule.id in ("reach", "land"))


def times_of(area: StudyArea) -> TravelTimes:
    return measure_times(area, Travel(), LIMITS)


def stands(area: StudyArea, opened: list[int]) -> set[int]:
    """Site rows of what comes and goes, and stands with these candidates opened."""
    table = area.candidates.iloc[opened]
    gone = set(table["replaces"])
    sites = {row for row, id_ in enumerate(area.facilities["facility_id"]) if id_ not in gone}
    return sites | {area.n_facilities + row for row in opened if area.candidates["action"].iloc[row] != "close"}


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, chance=SEEDS)
def test_a_ledger_says_what_measuring_anew_says(seed: int, chance: int) -> None:
    area = town(seed)
    opened = allowed(area, np.random.default_rng(chance))
    after = area.with_opened(opened)
    times, times_after = times_of(area), times_of(after)
    for rule in expand(RULES):
        ledger = rule.ledger(area, times)
        was, is_now = rule.measure(area, times), rule.measure(after, times_after)
        if ledger is None:
            assert rule.id == "ground"
            continue
        rest = np.setdiff1d(np.arange(len(was)), ledger.place_row)
        columns = ["value", "have", "base", "shortfall", "verdict", "required"]
        assert was.loc[rest, columns].equals(is_now.loc[rest, columns])
        for row, figure in zip(ledger.place_row, figures_of(rule, ledger, stands(area, opened)), strict=True):
            found = is_now.loc[row]
            told = [figure.value, figure.have, figure.base, figure.shortfall]
            np.testing.assert_array_equal(told, found[["value", "have", "base", "shortfall"]].astype(float), err_msg=rule.full_id)
            assert figure.verdict == found["verdict"]


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, chance=SEEDS)
def test_the_nearest_site_is_the_one_found_anew(seed: int, chance: int) -> None:
    assessment = planned_town(seed, NEAR, Siting(goal="none"))
    area, found = assessment.before.area, switched(assessment)
    opened = allowed(area, np.random.default_rng(chance))
    after, there = area.with_opened(opened), stands(area, opened)
    sites = np.zeros(len(after.site_xy_m), dtype=bool)
    sites[: after.n_facilities] = open_of_kind(after.facilities, CIRCLE.kinds)
    minutes, row = times_of(after).nearest("elder_walk", 15.0, sites)
    ids = [*area.facilities["facility_id"], *area.candidates["candidate_id"]]
    nearest = found.nearest
    for i in range(len(area.demand)):
        nearer = [k for k in range(nearest.start[i], nearest.start[i + 1]) if nearest.site_row[k] in there]
        site = nearest.site_row[nearer[0]] if nearer else nearest.always_row[i]
        assert (nearest.minutes[nearer[0]] if nearer else nearest.always_minutes[i]) == minutes[i]
        assert (ids[site] if site >= 0 else "") == (after.facilities["facility_id"].iloc[row[i]] if row[i] >= 0 else "")


def test_a_closure_among_the_candidates_does_not_shift_the_others() -> None:
    area = town(1)
    assert "close" in set(area.candidates["action"])
    openings = openings_of(area)
    assert openings["facility_id"].tolist() == area.candidates["candidate_id"].tolist()
    assert openings.loc[(area.candidates["action"] == "close").to_numpy(), "kind"].tolist() == ["", ""]


def switched(assessment: Assessment) -> Switching:
    found = switching_of(assessment)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", [3, 8])
def test_the_switches_are_the_candidates_with_their_plots_costs_and_bars(seed: int) -> None:
    assessment = planned_town(seed)
    area, switches = assessment.before.area, switched(assessment).switches
    ids = area.candidates["candidate_id"].tolist()
    assert switches.plan == assessment.choice.opened
    assert {ids[row] for row in switches.barred} == set(assessment.choice.excluded["candidate_id"])
    np.testing.assert_array_equal(switches.cost_yuan, area.candidates["cost_yuan"])
    for row, candidate in area.candidates.iterrows():
        assert switches.brings[row] == (candidate["action"] != "close")
        gone = area.facilities["facility_id"].iloc[switches.closes[row]] if switches.closes[row] >= 0 else ""
        assert gone == candidate["replaces"]
        assert switches.plot[row] == (f"replaces {gone}" if gone else candidate["site_id"])


def test_nothing_is_switched_where_the_minutes_were_not_kept() -> None:
    assert switching_of(small_assessment()) is None


@given(st.lists(st.floats(-1e9, 1e9), max_size=30))
def test_two_parts_hold_a_sum_with_twice_the_digits(amounts: list[float]) -> None:
    whole, rest = two_parts(amounts)
    assert whole == math.fsum(amounts)
    assert math.fsum([*amounts, -whole, -rest]) == pytest.approx(0.0, abs=abs(whole) * 1e-30 + 1e-300)
