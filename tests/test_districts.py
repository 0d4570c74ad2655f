"""Who goes where when places are limited: the small place worked out on paper, the balance to the person, and what cannot be asked."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.study_area import StudyArea
from planner.access import BALANCE_PARTS, BalanceError, assign_people, balance_with_capacity
from planner.balance import OUTSIDE
from planner.districts import Assigned, Districts, assigned
from scenarios import read_scenario
from scenarios.line import read_place
from scenarios.toml_file import ScenarioFaultsError
from tests.siting_place import CIRCLE, times_of
from tests.small import small_area
from tests.small_scenario import write_small_scenario

AREA = small_area()
WHOLE = 650.0
"""people of 60 and over"""


def districts(area: StudyArea = AREA, /, **asked: object) -> Assigned:
    return assigned(area, times_of(area), Districts.model_validate(asked).completed(CIRCLE))


def whole(found: Assigned) -> pd.Series:
    return found.balance.set_index("unit_id").loc[""]


def test_gaps_are_filled_from_the_shown_circle() -> None:
    asked = Districts(capacity="beds_total").completed(CIRCLE)
    assert (asked.base, asked.kinds, asked.minutes, asked.profile) == ("pop60", CIRCLE.kinds, 15.0, "elder_walk")
    assert Districts(base="pop_total", minutes=5).completed(CIRCLE).minutes == 5.0


def test_without_a_limit_everybody_goes_to_the_nearest() -> None:
    # f1 (x = 300) takes d1 (x = 200, 250 people) at 2 minutes and d2 (800, 50) at 10; f2 (1400) takes d3 (1500, 200) at 2; d4 reaches none
    found = districts()
    assert found.flows[["demand_id", "facility_id", "people", "minutes"]].to_numpy().tolist() == [
        ["d1", "f1", 250.0, 2.0],
        ["d2", "f1", 50.0, 10.0],
        ["d3", "f2", 200.0, 2.0],
    ]
    loads = found.loads.set_index("facility_id")
    assert loads["load"].to_dict() == {"f1": 300.0, "f2": 200.0}
    assert loads.loc["f1", ["mean_minutes", "longest_minutes"]].tolist() == [pytest.approx((250 * 2 + 50 * 10) / 300), 10.0]
    assert loads["capacity"].isna().all()
    assert whole(found)[["served", "too_far", "total"]].tolist() == [500.0, 150.0, WHOLE]


def test_full_homes_turn_away_whom_they_have_no_room_for() -> None:
    # One bed for 5 people: f1 has room for 50, f3 (500 m, 100 m off the street) for 200. d1 is 2 minutes from f1 and 8 from f3, d2 10 and 8:
    # f1 takes 50 of d1, f3 200 of both. 50 of their 300 find all full; d3 and d4 reach neither.
    found = districts(kinds=["day_care", "township_centre"], capacity="beds_total", persons_per_place=5)
    loads = found.loads.set_index("facility_id")
    assert loads[["places", "capacity", "load", "free"]].to_numpy().tolist() == [[10, 50, 50, 0], [40, 200, 200, 0]]
    assert whole(found)[list(BALANCE_PARTS)].tolist() == [250.0, 50.0, 0.0, 350.0, 0.0, 0.0]
    ways = found.flows.set_index(["demand_id", "facility_id"])["people"]
    assert ["d2", "f1"] not in found.flows[["demand_id", "facility_id"]].to_numpy().tolist()
    assert ways["d1", "f1"] == 50.0
    assert float(found.flows["people"] @ found.flows["minutes"]) == pytest.approx(50 * 2 + 200 * 8)


def test_a_home_that_states_no_places_takes_nobody_and_leaves_no_false_zero() -> None:
    # f2 states no beds: d3 (200) reaches it alone, d2 (50) reaches it at 12 minutes too; nobody knows whether they have a place there
    found = districts(capacity="beds_total", persons_per_place=5)
    assert found.loads.set_index("facility_id").loc["f2", ["capacity", "load", "free", "mean_minutes"]].isna().all()
    assert whole(found)[list(BALANCE_PARTS)].tolist() == [50.0, 200.0, 250.0, 150.0, 0.0, 0.0]


def test_where_nobody_states_places_nobody_is_served() -> None:
    found = districts(capacity="childcare_places")
    assert whole(found)[["served", "capacity_unknown", "too_far"]].tolist() == [0.0, 500.0, 150.0]


def test_people_without_a_point_stay_in_the_balance() -> None:
    lost = pd.DataFrame({"base": ["pop60", "pop_total"], "people": [10.5, 40.0], "unit_id": ["", ""], "reason": ["", ""]})
    found = districts(small_area(unassigned=lost))
    assert found.balance.set_index("unit_id").loc[OUTSIDE, ["unassigned", "total"]].tolist() == [10.5, 10.5]
    assert whole(found)["total"] == WHOLE + 10.5


def test_people_lost_on_the_way_stop_the_run() -> None:
    area, times = AREA, times_of(AREA)
    arcs = times.by_profile["elder_walk"].within(15.0, np.ones(len(area.site_xy_m), dtype=bool))
    people = np.array([250.0, 50.0, 200.0, 149.0])  # one person less than the place has
    ids = area.demand["demand_id"].to_numpy(), np.arange(len(area.site_xy_m)).astype(object)
    found = assign_people(arcs, people, np.full(len(area.site_xy_m), np.inf), demand_ids=ids[0], site_ids=ids[1])
    with pytest.raises(BalanceError, match="649 people of 650"):
        balance_with_capacity(area, "pop60", found, times.off_network)


@given(
    st.lists(st.floats(0, 400, allow_subnormal=False), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=3, max_size=3),
    st.floats(0.1, 12, allow_subnormal=False),
    st.floats(0, 99, allow_subnormal=False),
    st.permutations(range(3)),
)
@settings(max_examples=60, deadline=None)
def test_everybody_stands_once_in_the_balance_whatever_the_order_of_the_homes(
    people: list[float], beds: list[int | None], persons: float, without_point: float, order: list[int]
) -> None:
    lost = pd.DataFrame({"base": ["pop60"], "people": [without_point], "unit_id": ["431299100001"], "reason": ["no dwelling"]})
    demand = AREA.demand.assign(pop60=people)
    facilities = AREA.facilities.assign(beds_total=[math.nan if b is None else float(b) for b in beds])
    found, again = (
        districts(
            small_area(demand=demand, facilities=facilities.iloc[rows].reset_index(drop=True), unassigned=lost),
            kinds=["day_care", "mutual_aid_point", "township_centre"],
            capacity="beds_total",
            persons_per_place=persons,
        )
        for rows in ([0, 1, 2], order)
    )
    balance = found.balance.set_index("unit_id")
    assert balance.loc["", "total"] == pytest.approx(math.fsum([*people, without_point]), rel=1e-12, abs=1e-9)
    for part in (*BALANCE_PARTS, "total"):
        assert balance.loc["", part] == pytest.approx(math.fsum(balance[part].iloc[1:]), abs=1e-9)
    assert (balance[list(BALANCE_PARTS)].sum(axis=1) - balance["total"]).abs().max() < 1e-9
    assert (balance >= -1e-9).all(axis=None)
    loads = found.loads.set_index("facility_id")
    assert loads["load"].sum() == pytest.approx(balance.loc["", "served"], abs=1e-5)
    assert (loads["load"].dropna() <= loads["capacity"].dropna() + 1e-6).all()
    pd.testing.assert_frame_equal(found.balance, again.balance)
    pd.testing.assert_frame_equal(loads, again.loads.set_index("facility_id").loc[loads.index])


def faults(folder: Path, more: str) -> list[str]:
    """The faults of the small scenario with more written at its end, without the line."""
    path = write_small_scenario(folder)
    text = path.read_text(encoding="utf-8") + more
    path.write_text(text, encoding="utf-8")
    first = text.count("\n") - more.count("\n")
    with pytest.raises(ScenarioFaultsError) as caught:
        read_place(read_scenario(path))
    return [f"{int(p.where.split(':')[1]) - first}:{p.where.split(':')[2]} {p.what}. {p.remedy}" for p in caught.value.problems]


CLOSURES = """[[closures]]
facilities = ["f1", "f9"]
[[closures]]
facilities = ["c1"]
[[closures]]
facilities = ["f2"]
into = "二村互助点"
"""


def test_facilities_that_are_not_there_are_told_by_line_and_column(tmp_path: Path) -> None:
    assert faults(tmp_path, CLOSURES) == [
        "2:21 there is no facility f9. Write a facility_id of the table of facilities.",
        "4:15 c1 is a candidate, not a facility: what is not built cannot close. Name a facility that stands.",
        "7:1 there is no facility 二村互助点. Did you mean f2?",
    ]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[districts]\nbase = "pop80"\n', "2:1 no people of base pop80 are read. Known: pop_total, pop60."),
        ('[districts]\ncapacity = "childcare_places"\n', "2:1 no facility states childcare_places. Read a table"),
        ('[districts]\ncapacity = "bed_total"\n', "2:1 districts.capacity"),
        ('[districts]\nkinds = ["daycare"]\n', "2:10 districts.kinds.1"),
        ("[districts]\npersons_per_place = -1\n", "2:1 districts.persons_per_place"),
        ("[districts]\nminutes = 0\n", "2:1 districts.minutes"),
        ("[[closures]]\nfacilities = []\n", "2:1 closures.1.facilities"),
        ('[[closures]]\nfacilities = ["f1", "f1"]\n', "1:1 closures.1"),
        ('[[closures]]\nfacilities = ["f1"]\nin_to = "f2"\n', "3:1 closures.1.in_to: unknown key. Did you mean into?"),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_place(tmp_path: Path, more: str, told: str) -> None:
    (fault,) = faults(tmp_path, more)
    assert fault.startswith(told)
