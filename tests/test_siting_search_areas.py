"""Search areas stand amid people without hope, on streets, and say that they are no plots."""

from __future__ import annotations

import json
from datetime import date

import numpy as np

from layers.study_area import StudyArea
from planner.assess import Question, assess
from planner.circle import Circle
from planner.siting.model import Siting
from planner.siting.search_areas import with_search_areas
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from tests.small import X0, Y0, small_area

CIRCLE = Circle(kinds=("day_care", "mutual_aid_point"), base="pop60", minutes=5.0, profile="elder_walk")


def with_areas(area: StudyArea, n: int, **siting: object) -> StudyArea:
    times = measure_times(area, Travel(), {"elder_walk": 5.0})
    return with_search_areas(area, times, CIRCLE, Travel(), Siting.model_validate({"search_areas": n, **siting}))


def test_the_search_area_stands_where_most_people_have_no_hope() -> None:
    # 5 minutes are 250 m. d1 is 100 m from f1, d3 100 m from f2; d2 (x = 800, 50 people) has nothing near, d4 (2500, 700) is 100 + 200 m
    # from c1, which is 300 m: d4 (150 people) comes first, on the street at y = 500.
    area = with_areas(small_area(), 2, search_area_cost_yuan=200_000)
    new = area.candidates[area.candidates["is_search_area"]]
    assert new["candidate_id"].tolist() == ["search-001", "search-002"]
    assert [(p.x - X0, p.y - Y0) for p in new.geometry] == [(2500.0, 500.0), (800.0, 500.0)]
    assert new["unit_id"].tolist() == ["431299200201", "431299100001"]
    assert new["kind"].tolist() == ["day_care"] * 2
    assert new["cost_yuan"].tolist() == [200_000.0] * 2
    assert new["land_area_m2"].isna().all()
    assert all("not a plot" in name for name in new["name"])
    assert area.candidates["candidate_id"].tolist()[:3] == ["c1", "c2", "c3"]
    assert not area.candidates["is_search_area"].iloc[:3].any()


def test_no_more_are_made_than_there_are_people_for() -> None:
    assert int(with_areas(small_area(), 20).candidates["is_search_area"].sum()) == 2
    assert with_areas(small_area(), 0).candidates["candidate_id"].tolist() == ["c1", "c2", "c3"]


def test_without_any_list_the_search_areas_are_the_candidates() -> None:
    area = small_area()
    bare = small_area(candidates=area.candidates.iloc[:0])
    assert with_areas(bare, 1).candidates["candidate_id"].tolist() == ["search-001"]
    no_streets = with_areas(small_area(candidates=area.candidates.iloc[:0], streets=None), 1)
    assert no_streets.candidates.geometry.iloc[0].y - Y0 == 700.0  # d4 itself


def test_order_of_the_people_does_not_matter() -> None:
    area = small_area()
    turned = small_area(demand=area.demand.iloc[::-1].reset_index(drop=True))
    one, other = with_areas(area, 2).candidates, with_areas(turned, 2).candidates
    assert one.geometry.to_wkt().tolist() == other.geometry.to_wkt().tolist()


def test_the_whole_planner_opens_a_search_area_and_says_what_it_is() -> None:
    question = Question(
        title={"zh": "小县", "en": "small"},
        as_of=date(2026, 11, 25),
        rules=(),
        travel=Travel(),
        circle=CIRCLE,
        siting=Siting(goal="share", target_share=1.0, search_areas=5, search_area_cost_yuan=100_000),
    )
    found = assess(small_area(), question, progress=lambda _: None)
    assert set(found.proposals["candidate_id"]) == {"search-001", "search-002"}
    assert np.isfinite(found.after.minutes).all()
    assert found.proposals["people_gained"].tolist() == [150.0, 50.0]
    assert found.proposals["people_per_10k_yuan"].tolist() == [15.0, 5.0]
    assert any("not plots" in note for note in found.choice.notes)
    json.dumps(found.proposals.drop(columns="geometry").to_dict("records"), default=str)
