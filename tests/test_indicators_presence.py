"""Presence: the worked cases N1 to N5 of the domain notes, shared facilities, several kinds together, and a law for any place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_rules import NO_TIMES, a_place, a_rule, judged, measured

POINTS = a_rule("facility_count_per_unit", facilities=("mutual_aid_point",), value=2)
CENTRE = a_rule("facility_count_per_unit", unit="township", facilities=("township_centre",), value=1, units_pct=60)


def test_n1_two_points_in_every_village() -> None:
    points = [{"unit": unit, "kind": "mutual_aid_point"} for unit in ("B", "C", "C", "D", "D", "D")]
    place = a_place([{}] * 4, facilities=points)
    rows = measured(POINTS, place)
    assert list(rows["verdict"]) == ["fail", "fail", "pass", "pass"]
    assert list(rows["shortfall"]) == [2.0, 1.0, 0.0, 0.0]
    verdict = judged(POINTS, place)
    assert (verdict["verdict"], verdict["lower_pct"], verdict["shortfall"]) == ("fail", 50.0, 3.0)


@pytest.mark.parametrize(("n_with", "verdict", "pct"), [(11, "pass", 61.1), (10, "fail", 55.6)])
def test_n2_sixty_per_cent_of_18_townships_are_11(n_with: int, verdict: str, pct: float) -> None:
    centres = [{"unit": chr(ord("A") + i), "kind": "township_centre"} for i in range(n_with)]
    row = judged(CENTRE, a_place([{}] * 18, level="township", facilities=centres))
    assert (row["verdict"], row["units_needed"], round(row["lower_pct"], 1)) == (verdict, 11, pct)


def test_n3_missing_data_leaves_it_open() -> None:
    kinds = ["canteen"] * 9 + ["laundry"] * 5 + [""] * 4
    centres = [{"unit": chr(ord("A") + i), "kind": "township_centre", "functions": f} for i, f in enumerate(kinds)]
    rule = CENTRE.with_changes({"where": "functions includes 'canteen'"})
    row = judged(rule, a_place([{}] * 18, level="township", facilities=centres))
    assert (row["n_pass"], row["n_fail"], row["n_no_data"], row["verdict"]) == (9, 5, 4, "undetermined")
    assert (round(row["lower_pct"], 1), round(row["upper_pct"], 1)) == (50.0, 72.2)


@pytest.mark.parametrize(("shared", "passing"), [(True, ["A", "B", "C"]), (False, ["A"])])
def test_n4_a_centre_counts_for_those_it_serves_only_when_shared(passing: list[str], *, shared: bool) -> None:
    centre = {"unit": "A", "kind": "township_centre", "serves": "A; B;C"}
    rows = measured(CENTRE.with_changes({"shared": shared}), a_place([{}] * 4, level="township", facilities=[centre]))
    assert list(rows.index[rows["verdict"] == "pass"]) == passing
    assert rows.loc["A", "have"] == 1.0


def test_n5_seven_per_cent_of_100_units_are_7() -> None:
    rule = POINTS.with_changes({"units_pct": 7, "value": 1})
    place = a_place([{}] * 100, facilities=[{"unit": unit, "kind": "mutual_aid_point"} for unit in "ABCDEFG"])
    row = judged(rule, place)
    assert (row["units_needed"], row["verdict"]) == (7, "pass")


def test_a_village_with_enough_passes_whatever_else_is_not_known() -> None:
    rule = POINTS.with_changes({"where": "grade >= 1", "value": 1})
    points = [{"unit": "A", "kind": "mutual_aid_point", "grade": g} for g in (1.0, np.nan)] + [
        {"unit": "B", "kind": "mutual_aid_point", "grade": 0.0}
    ]
    assert list(measured(rule, a_place([{}] * 2, facilities=points))["verdict"]) == ["pass", "fail"]


def test_together_asks_for_one_of_each_kind() -> None:
    rule = CENTRE.with_changes({"facilities": ("institution",), "together": ("elderly_home", "nursing_home"), "units_pct": 100})
    homes = [("A", "elderly_home"), ("A", "elderly_home"), ("B", "elderly_home;nursing_home"), ("C", "institution")]
    offered = [{"unit": "A", "kind": kind} for kind in ("elderly_home", "nursing_home")] + [{"unit": "C", "kind": "nursing_home"}]
    place = a_place([{}] * 3, level="township", facilities=[{"unit": u, "kind": k} for u, k in homes], candidates=offered)
    rows = measured(rule, place)
    assert list(rows["verdict"]) == ["fail", "pass", "fail"]
    assert list(rows["shortfall"]) == [1.0, 0.0, 2.0]
    relief = rule.relief(place, NO_TIMES)
    assert relief is not None
    assert relief.needs["unit_id"].tolist() == ["A", "C", "C"]
    assert list(zip(relief.need_row.tolist(), relief.candidate_row.tolist(), strict=True)) == [(0, 1), (2, 2)]
    assert relief.at_least == 3.0
    opened = rule.measure(place.with_opened([1, 2]), NO_TIMES)
    assert rule.relieved(rule.measure(place, NO_TIMES), opened) == 2.0


def test_together_must_name_kinds_among_the_facilities() -> None:
    with pytest.raises(ValueError, match="day_care, which is not among facilities"):
        CENTRE.with_changes({"together": ("day_care",)})


def test_more_than_one_asks_for_two() -> None:
    rule = POINTS.with_changes({"op": ">", "value": 1})
    rows = measured(rule, a_place([{}] * 2, facilities=[{"unit": "A", "kind": "mutual_aid_point"}]))
    assert list(rows["shortfall"]) == [1.0, 2.0]


def test_relief_serves_every_unit_that_a_shared_candidate_names() -> None:
    rule = CENTRE.with_changes({"shared": True, "units_pct": 100})
    offered = [{"unit": "A", "kind": "township_centre", "serves": "B"}, {"unit": "B", "kind": "day_care"}]
    relief = rule.relief(a_place([{}] * 3, level="township", candidates=offered), NO_TIMES)
    assert relief is not None
    assert (relief.need_row.tolist(), relief.candidate_row.tolist(), relief.at_least) == ([0, 1], [0, 0], 3.0)
    sixty = rule.with_changes({"units_pct": 60}).relief(a_place([{}] * 3, level="township", candidates=offered), NO_TIMES)
    assert sixty is not None
    assert sixty.at_least == 2.0


def test_nothing_is_short_where_every_unit_has_enough() -> None:
    place = a_place([{}], level="township", facilities=[{"unit": "A", "kind": "township_centre"}])
    assert CENTRE.relief(place, NO_TIMES) is None


SITES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["mutual_aid_point", "day_care"]), st.sampled_from(["", "A", "A;C"])), max_size=5
)


@settings(max_examples=20, deadline=None)
@given(standing=SITES, offered=SITES, asked=st.integers(1, 3), shared=st.booleans(), data=st.data())
def test_what_relief_claims_is_what_the_second_measuring_finds(
    standing: list, offered: list, asked: int, data: st.DataObject, *, shared: bool
) -> None:
    rule = POINTS.with_changes({"value": asked, "shared": shared})
    rows = [[{"unit": "ABC"[u], "kind": kind, "serves": serves} for u, kind, serves in sites] for sites in (standing, offered)]
    place = a_place([{}] * 3, facilities=rows[0], candidates=rows[1])
    opened = sorted(data.draw(st.sets(st.integers(0, len(offered) - 1)))) if offered else []
    before, relief = rule.measure(place, NO_TIMES), rule.relief(place, NO_TIMES)
    if relief is None:
        assert set(before["verdict"]) == {"pass"}
        return
    brought = np.bincount(relief.need_row, weights=relief.amount * np.isin(relief.candidate_row, opened), minlength=len(relief.needs))
    assert rule.relieved(before, rule.measure(place.with_opened(opened), NO_TIMES)) == np.minimum(relief.needs["amount"], brought).sum()
