"""Sites are chosen on the small place: roles, site rules, limits, words and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from layers.problems import LayerFaultsError
from layers.study_area import StudyArea
from planner.relief import Relief
from planner.siting.choose import choose_sites
from planner.siting.model import Choice, Siting
from planner.siting.problem import SitingProblem
from planner.siting.reasons import next_best
from planner.siting.solve import solve
from planner.travel.times import TravelTimes
from tests.siting_problems import allowed_sets, small_problems
from tests.small import small_area

NO_TIMES = TravelTimes({}, pd.DataFrame())


@dataclass
class Short:
    """A stand-in for a computed rule: place -> (unit, amount, {candidate_id: relief})."""

    full_id: str
    places: dict[str, tuple[str, float, dict[str, float]]]
    at_least: float | None = None
    counted: Any = "needs"
    strength: str = "must"
    kind: str = "quantity_per_base"
    reading_id: str = ""
    unit_of_amount: str = "m2"
    clause: str = ""
    title: str = "用地不足"
    title_en: str = "land too small"

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:
        assert isinstance(times, TravelTimes)
        if not self.places:
            return None
        row_of = {id_: row for row, id_ in enumerate(area.candidates["candidate_id"])}
        arcs = sorted((need, row_of[id_], a) for need, (_, _, relief) in enumerate(self.places.values()) for id_, a in relief.items())
        need, row, amount = zip(*arcs, strict=True) if arcs else ((), (), ())
        return Relief(
            needs=pd.DataFrame(
                {
                    "rule_id": self.full_id,
                    "unit_id": [unit for unit, _, _ in self.places.values()],
                    "place_id": list(self.places),
                    "amount": [amount for _, amount, _ in self.places.values()],
                    "unit": self.unit_of_amount,
                    "people": 1.0,
                }
            ),
            need_row=np.array(need, dtype=np.int32),
            candidate_row=np.array(row, dtype=np.int32),
            amount=np.array(amount, dtype=float),
            at_least=float(len(self.places)) if self.at_least is None else self.at_least,
            counted=self.counted,
        )


@dataclass
class SiteRule:
    """A stand-in for a site rule: candidate_id -> True, False or None (the rest False)."""

    full_id: str
    effect: str
    says: dict[str, bool | None]
    clause: str = "3.0.2"
    kind: str = "site_rule"
    strength: str = "must"
    reading_id: str = ""
    title: str = "避开灾害"
    title_en: str = "away from hazards"

    def holds(self, area: StudyArea) -> np.ndarray[Any, np.dtype[np.object_]]:
        return np.array([self.says.get(id_, False) for id_ in area.candidates["candidate_id"]], dtype=object)

    def relief(self, area: StudyArea, times: TravelTimes) -> None:
        """A site rule never falls short."""


def with_candidates(**columns: list[Any]) -> StudyArea:
    """The small place with columns of its three candidates replaced."""
    area = small_area()
    return small_area(candidates=area.candidates.assign(**columns))


def choose(area: StudyArea, given: list[Any], **siting: object) -> Choice:
    return choose_sites(area, given, NO_TIMES, Siting.model_validate(siting))


NOTHING = choose(small_area(), [], goal="none")
LAND = Short("small.land", {"v1": ("v1", 10.0, {"c1": 10.0, "c2": 10.0}), "v2": ("v2", 30.0, {"c2": 30.0, "c3": 20.0})})


def test_goal_none_opens_nothing() -> None:
    choice = choose(small_area(), [LAND], goal="none")
    assert (choice.opened, choice.status, len(choice.claimed)) == ((), "nothing to do", 0)


def test_nothing_short_opens_nothing() -> None:
    assert choose(small_area(), [Short("small.land", {})]).status == "nothing to do"


def test_cheapest_set_that_meets_the_rule() -> None:
    # c2 alone costs 800,000 and meets both; c1 + c3 cost 450,000 but leave 10 m2 of v2.
    choice = choose(small_area(), [LAND], goal="meet")
    assert (choice.opened, choice.objective, choice.objective_unit, choice.status) == ((1,), 800_000.0, "yuan", "optimal")
    assert choice.cost_yuan == 800_000.0
    assert choice.claimed.to_dict("records") == [{"rule_id": "small.land", "shortfall_before": 40.0, "relieved": 40.0, "unit": "m2"}]
    assert len(choice.unmet) == 0


def test_most_relief_within_the_budget() -> None:
    choice = choose(small_area(), [LAND], goal="relieve", budget_yuan=460_000)
    assert choice.opened == (0, 2)
    assert choice.objective == pytest.approx(30 / 40)
    assert choice.cost_yuan == 450_000.0
    assert choice.gap_share == 0.0


def test_relief_is_split_in_the_order_of_usefulness_and_adds_up() -> None:
    # Per yuan c3 (20 m2 for 150,000) comes before c2 (40 for 800,000), which then adds 10 of v1 and the last 10 of v2.
    choice = choose(small_area(), [LAND], goal="relieve", max_sites=2)
    assert choice.opened == (1,)  # c2 alone relieves everything; a second site would relieve nothing
    two = choose(with_candidates(role=["candidate", "candidate", "required"]), [LAND], goal="relieve", max_sites=2)
    assert two.order == (2, 1)
    assert two.reasons.to_dict("records") == [
        {"candidate_id": "c3", "rule_id": "small.land", "relieved": 20.0, "unit": "m2", "n_units": 1},
        {"candidate_id": "c2", "rule_id": "small.land", "relieved": 20.0, "unit": "m2", "n_units": 2},
    ]
    assert two.reasons["relieved"].sum() == two.claimed["relieved"].sum()


def test_next_best_is_the_one_that_loses_least() -> None:
    choice = choose(small_area(), [LAND], goal="relieve", max_sites=1)
    assert choice.opened == (1,)
    (row,) = choice.next_best.to_dict("records")
    # c2 relieves 40 of 40; c3 in its place 20, c1 10.
    assert (row["candidate_id"], row["next_best_id"]) == ("c2", "c3")
    assert row["next_best_loss"] == pytest.approx(20 / 40)


def _shares_a_need(p: SitingProblem, j: int, k: int) -> bool:
    helped = [set(p.arc_need[(p.candidate == c) & (p.relief > 0)]) for c in (j, k)]
    return bool(helped[0] & helped[1])


@given(small_problems())
@settings(max_examples=80, deadline=None)
def test_next_best_is_that_of_trying_every_exchange(p: SitingProblem) -> None:
    solved = solve(p, "exact", 60.0)
    table = next_best(p, solved.opened)
    sets = [tuple(opened) for opened in allowed_sets(p)]
    met = [r for r in p.requirements if p.level(r, p.relieved(solved.opened)) >= r.floor]
    whole = float((p.weight * p.amount).sum())
    for j, row in zip(np.flatnonzero(solved.opened), table.to_dict("records"), strict=True):
        without = solved.opened.copy()
        without[j] = False
        alone = p.worth(p.relieved(without))
        worth = {-1: alone}
        for k in np.flatnonzero(~solved.opened):
            other = without.copy()
            other[k] = True
            keeps = all(p.level(r, p.relieved(other)) >= r.floor for r in met)
            if _shares_a_need(p, int(j), int(k)) and keeps and tuple(other) in sets:
                worth[int(k)] = p.worth(p.relieved(other))
        assert row["candidate_id"] == f"c{j}"
        if p.candidates.required[j]:
            continue
        lost = max(0.0, p.worth(p.relieved(solved.opened)) - max(worth.values()))
        assert row["next_best_loss"] == pytest.approx(lost / whole if whole else 0.0, abs=1e-9)


def test_no_next_best_where_nobody_else_can_mend_it() -> None:
    only = Short("small.land", {"v1": ("v1", 10.0, {"c1": 10.0})})
    (row,) = choose(small_area(), [only], max_sites=1).next_best.to_dict("records")
    assert (row["next_best_id"], row["next_best_loss"]) == ("", pytest.approx(1.0))


def test_required_is_opened_and_forbidden_is_not() -> None:
    area = with_candidates(role=["required", "forbidden", "candidate"])
    choice = choose(area, [LAND], goal="meet")
    assert choice.opened == (0,)  # c3 could mend 20 of the 30 m2 of v2, which would not meet it
    assert choice.excluded[["candidate_id", "rule_id", "code"]].to_numpy().tolist() == [["c2", "", "role_forbidden"]]
    assert choice.unmet[["rule_id", "unit_id", "amount", "code"]].to_numpy().tolist() == [["small.land", "v2", 30.0, "in_part"]]


def test_need_that_no_candidate_reaches_is_told_and_the_rest_is_met() -> None:
    rule = Short("small.land", {"v1": ("v1", 10.0, {"c1": 10.0}), "v9": ("v9", 5.0, {})})
    choice = choose(small_area(), [rule], goal="meet")
    assert (choice.opened, choice.status) == ((0,), "optimal")
    assert choice.unmet[["unit_id", "amount", "code"]].to_numpy().tolist() == [["v9", 5.0, "out_of_reach"]]


def test_people_outside_are_told_as_such_since_a_rule_may_ask_for_a_share_of_them() -> None:
    """15 people of v1 live outside and 10 must come in: the 9 whom no candidate reaches are no shortfall of 9."""
    rule = Short("small.circle", {"d1": ("v1", 6.0, {"c1": 6.0}), "d2": ("v1", 9.0, {})}, at_least=10.0, counted="amount")
    choice = choose(small_area(), [rule], goal="meet")
    assert choice.unmet[["unit_id", "amount", "code"]].to_numpy().tolist() == [["v1", 9.0, "unreached"]]
    choice = choose(small_area(), [rule], goal="meet", max_sites=0)
    assert choice.unmet[["unit_id", "amount", "code"]].to_numpy().tolist() == [["v1", 6.0, "not_chosen"], ["v1", 9.0, "unreached"]]
    assert choice.unmet["reason"].iloc[1].startswith("outside, and no candidate reaches it")


def test_budget_that_ends_too_early_is_told() -> None:
    choice = choose(small_area(), [LAND], goal="meet", budget_yuan=400_000)
    assert choice.opened == (0,)
    assert choice.unmet[["unit_id", "amount", "code"]].to_numpy().tolist() == [["v2", 30.0, "limits"]]


def test_sixty_per_cent_of_townships_are_enough() -> None:
    rule = Short("small.centre", {f"t{i}": (f"t{i}", 1.0, {f"c{i}": 1.0}) for i in (1, 2, 3)}, at_least=2.0)
    choice = choose(small_area(), [rule], goal="meet")
    assert choice.opened == (0, 2)  # 300,000 and 150,000; 800,000 is not needed
    assert len(choice.unmet) == 0


def test_site_rule_that_forbids_names_itself_and_its_clause() -> None:
    hazard = SiteRule("gb50180.hazards", "forbid", {"c2": True, "c3": None})
    choice = choose(small_area(), [LAND, hazard], goal="relieve")
    assert choice.opened == (0, 2)
    assert choice.excluded.to_dict("records") == [
        {
            "candidate_id": "c2",
            "rule_id": "gb50180.hazards",
            "reason": "forbidden by away from hazards, 3.0.2",
            "code": "site_rule_forbids",
        }
    ]
    assert choice.notes == (
        "away from hazards: could not be judged for 1 candidate(s), which are not excluded; fill in what it asks of them",
    )


def test_site_rule_that_requires_excludes_those_that_do_not_fulfil_it() -> None:
    tenure = SiteRule("small.tenure", "require", {"c1": True, "c2": None})
    choice = choose(small_area(), [LAND, tenure], goal="relieve")
    assert choice.excluded[["candidate_id", "code"]].to_numpy().tolist() == [["c3", "site_rule_requires"]]


def test_forbid_wins_over_prefer_and_required_wins_with_a_note() -> None:
    hazard, idle = SiteRule("gb50180.hazards", "forbid", {"c2": True}), SiteRule("shanxi.idle", "prefer", {"c2": True})
    assert 1 not in choose(small_area(), [LAND, idle, hazard]).opened
    required = choose(with_candidates(role=["candidate", "required", "candidate"]), [LAND, hazard])
    assert required.opened == (1,)
    assert required.notes == ("c2 is required and opened, although forbidden by away from hazards, 3.0.2",)


@pytest.mark.parametrize("method", ["exact", "heuristic"])
def test_preferred_wins_a_tie_and_nothing_more(method: str) -> None:
    tie = Short("small.land", {"v1": ("v1", 10.0, {"c1": 10.0, "c3": 10.0, "c2": 9.0})})
    equal = with_candidates(cost_yuan=[5.0, 5.0, 5.0])
    assert choose(equal, [tie], max_sites=1, method=method).opened == (0,)
    idle = SiteRule("shanxi.idle", "prefer", {"c2": True, "c3": True})
    assert choose(equal, [tie, idle], max_sites=1, method=method).opened == (2,)


def test_one_plot_takes_one_of_its_rows() -> None:
    rule = Short("small.land", {"v1": ("v1", 10.0, {"c1": 6.0, "c2": 6.0, "c3": 1.0})})
    choice = choose(with_candidates(site_id=["p", "p", ""]), [rule])
    assert choice.opened == (0, 2)
    assert choice.claimed["relieved"].tolist() == [7.0]
    taken = choose(with_candidates(site_id=["p", "p", ""], role=["candidate", "required", "candidate"]), [rule])
    assert taken.opened == (1, 2)
    assert taken.excluded[["candidate_id", "code"]].to_numpy().tolist() == [["c1", "plot_taken"]]


def test_two_required_on_one_plot_are_a_fault() -> None:
    area = with_candidates(site_id=["p", "p", ""], role=["required", "required", "candidate"])
    with pytest.raises(LayerFaultsError, match="required candidates stand on one plot"):
        choose(area, [LAND])


def test_missing_cost_counts_sites_and_says_so() -> None:
    area = with_candidates(cost_yuan=[np.nan, 800_000.0, 150_000.0])
    choice = choose(area, [LAND], goal="meet")
    assert (choice.opened, choice.objective, choice.objective_unit) == ((1,), 1.0, "sites")
    assert choice.notes == ("1 candidate(s) have no cost_yuan: every site counts the same; fill it in for all to choose by cost",)


def test_with_a_budget_a_missing_cost_excludes() -> None:
    area = with_candidates(cost_yuan=[np.nan, 800_000.0, 150_000.0])
    choice = choose(area, [LAND], budget_yuan=1_000_000)
    assert choice.opened == (1,)
    assert choice.excluded[["candidate_id", "code"]].to_numpy().tolist() == [["c1", "no_cost"]]
    with pytest.raises(LayerFaultsError, match="have no cost"):
        choose(area.__class__(**{**vars_of(area), "candidates": area.candidates.assign(role="required")}), [LAND], budget_yuan=1.0)


def vars_of(area: StudyArea) -> dict[str, Any]:
    return {name: getattr(area, name) for name in ("name", "crs", "units", "demand", "facilities", "candidates", "residential", "streets")}


def test_required_alone_above_the_budget_is_said_and_nothing_more_is_bought() -> None:
    choice = choose(with_candidates(role=["candidate", "required", "candidate"]), [LAND], budget_yuan=100_000, max_sites=0)
    assert choice.opened == (1,)
    assert choice.notes == (
        "the required candidates alone cost more than the budget; raise it, or require fewer",
        "the required candidates alone are more than max_sites; raise it, or require fewer",
    )


def test_may_rules_are_left_out_unless_named() -> None:
    may = Short("small.may", {"v1": ("v1", 1.0, {"c3": 1.0})}, strength="may")
    assert choose(small_area(), [may]).status == "nothing to do"
    assert choose(small_area(), [may], rules=("small.may",)).opened == (2,)


def test_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no rule is called small\.lnad"):
        choose(small_area(), [LAND], rules=("small.lnad",))


def test_weight_decides_between_two_rules() -> None:
    one = Short("small.one", {"v1": ("v1", 10.0, {"c1": 10.0})})
    other = Short("small.other", {"v2": ("v2", 99.0, {"c2": 99.0})})
    assert choose(small_area(), [one, other], max_sites=1).opened == (0,)  # both relieve their whole rule: the cheaper one
    assert choose(small_area(), [one, other], max_sites=1, weights={"small.other": 2.0}).opened == (1,)


def test_beds_that_lower_a_share_are_counted_against_the_site() -> None:
    # The nursing share lacks 6 beds; c1 brings 10 ordinary beds (-6), c2 4 nursing beds.
    share = Short(
        "small.share", {"county": ("county", 6.0, {"c1": -6.0, "c2": 4.0})}, counted="amount", at_least=6.0, unit_of_amount="beds"
    )
    land = Short("small.land", {"v1": ("v1", 10.0, {"c1": 10.0})})
    both = choose(small_area(), [share, land], goal="relieve")
    assert both.opened == (1,)  # c1 would add 1 of land and take 1 of the share: no gain for 300,000 yuan
    forced = choose(with_candidates(role=["required", "candidate", "candidate"]), [share, land], goal="relieve")
    assert forced.claimed.set_index("rule_id")["relieved"].to_dict() == {"small.share": -2.0, "small.land": 10.0}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", ["exact", "heuristic"])
def test_order_of_the_rows_does_not_matter(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    n, m = 30, 12
    area = small_area()
    table = pd.concat([area.candidates.iloc[[0]]] * m, ignore_index=True)
    table = table.assign(candidate_id=[f"c{j:02d}" for j in range(m)], site_id="", cost_yuan=rng.integers(1, 4, m).astype(float))
    reach = {f"v{i:02d}": (f"v{i % 4}", 5.0, {f"c{j:02d}": float(rng.integers(2, 7)) for j in rng.choice(m, 3, False)}) for i in range(n)}
    shuffled = dict(sorted(reach.items(), key=lambda _: rng.random()))
    one = choose(small_area(candidates=table), [Short("small.land", reach)], budget_yuan=7, method=method)
    mixed = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    other = choose(small_area(candidates=mixed), [Short("small.land", shuffled)], budget_yuan=7, method=method)
    assert {table["candidate_id"][row] for row in one.opened} == {mixed["candidate_id"][row] for row in other.opened}
    assert [table["candidate_id"][row] for row in one.order] == [mixed["candidate_id"][row] for row in other.order]
    assert one.objective == other.objective
    pd.testing.assert_frame_equal(one.reasons, other.reasons)
    pd.testing.assert_frame_equal(one.next_best, other.next_best)


def test_no_candidates_at_all() -> None:
    area = small_area()
    choice = choose(small_area(candidates=area.candidates.iloc[:0]), [Short("small.land", {"v1": ("v1", 10.0, {})})], goal="meet")
    assert (choice.opened, choice.status) == ((), "nothing to do")
    assert choice.unmet["code"].tolist() == ["out_of_reach"]
