"""People of whom there is no figure are in no sum: never 0, never a share of a whole that leaves them out unsaid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planner.balance import balance_of_people, units_without_figure
from scenarios.line import run_today
from scenarios.reading import read_scenario
from tests.small import frame, small_area
from tests.small_scenario import write_small_scenario

NOBODY_OFF = pd.DataFrame({"table": [], "id": []})
VILLAGES = ["431299100001", "431299100201", "431299200201"]


def balance(people: list[float], minutes: list[float]) -> pd.DataFrame:
    demand = frame([(500, 500), (1500, 500), (2500, 500)], demand_id=["a", "b", "c"], unit_id=VILLAGES, pop60=people)
    return balance_of_people(small_area(demand=demand), "pop60", np.array(minutes), NOBODY_OFF).set_index("unit_id")


def test_a_unit_without_a_figure_has_no_row_and_is_in_no_sum() -> None:
    """100 inside and 60 outside; the second village says nothing, so it is not 0 of 0."""
    found = balance([100.0, np.nan, 60.0], [4.0, 5.0, np.inf])
    assert found.loc["", ["served", "too_far", "total"]].to_list() == [100.0, 60.0, 160.0]
    assert list(found.index) == ["", VILLAGES[0], VILLAGES[2]]


def test_nobody_is_a_figure() -> None:
    assert balance([100.0, 0.0, 60.0], [4.0, 5.0, np.inf]).loc[VILLAGES[1], "total"] == 0.0


def test_where_nothing_is_known_all_are_unknown_and_not_none() -> None:
    found = balance([np.nan] * 3, [4.0, 5.0, np.inf])
    assert list(found.index) == [""]
    assert found.loc["", ["served", "too_far", "off_network", "unassigned", "total"]].isna().all()


@pytest.mark.parametrize(
    ("people", "units"), [([1.0, np.nan, 2.0], VILLAGES[1:2]), ([np.nan, 0.0, np.nan], VILLAGES[::2]), ([1.0, 2.0, 3.0], [])]
)
def test_the_units_without_a_figure_are_named(people: list[float], units: list[str]) -> None:
    demand = frame([(500, 500), (1500, 500), (2500, 500)], demand_id=["a", "b", "c"], unit_id=VILLAGES, pop60=people)
    assert units_without_figure(small_area(demand=demand), "pop60") == units


def test_a_unit_of_which_part_is_known_is_counted_by_that_part() -> None:
    demand = frame([(500, 500), (600, 500)], demand_id=["a", "b"], unit_id=[VILLAGES[0]] * 2, pop60=[7.0, np.nan])
    area = small_area(demand=demand)
    assert balance_of_people(area, "pop60", np.array([1.0, 1.0]), NOBODY_OFF).set_index("unit_id").loc[VILLAGES[0], "served"] == 7.0
    assert not units_without_figure(area, "pop60")


def test_people_of_a_code_that_no_unit_has_stand_in_the_totals_and_in_no_rule_as_the_warning_says(tmp_path: Path) -> None:
    """80 people beside the 650 of the four villages."""
    path = write_small_scenario(tmp_path)
    with (tmp_path / "people.csv").open("a", encoding="utf-8") as file:
        file.write("431299100203,空村,90,80\n")
    assessment = run_today(read_scenario(path))
    (warning,) = [str(p) for p in assessment.before.area.problems if "have a code that no unit has" in p.what]
    assert (
        "their people stand in the totals (headline, balance) as unassigned, but in the rules of no unit [row 6: 431299100203]" in warning
    )
    whole = assessment.before.balance.set_index("unit_id").loc[""]
    assert whole[["unassigned", "total"]].to_list() == [80.0, 730.0]
    rows = assessment.before.measures.query("rule_id == 'huitong.circle15' and reading == ''")
    assert rows["base"].max() == 650.0
