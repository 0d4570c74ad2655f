"""Towns made by chance for the tests of switching: candidates that build, enlarge and close, several sizes of one plot, data that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.random import Generator

from layers.study_area import StudyArea
from planner.assess import Question, assess
from planner.assessment import Assessment
from planner.circle import Circle
from planner.rules import Reading, Rule
from planner.siting.model import Siting
from planner.travel.model import Travel
from tests.small import frame, small_area
from tests.small_rules import a_rule

VILLAGES = ("431299100001", "431299100201", "431299200201", "431299200202")
KINDS = ("day_care", "mutual_aid_point", "township_centre", "day_care;mutual_aid_point")
CIRCLE = Circle(kinds=("day_care", "mutual_aid_point"), base="pop60", minutes=15.0, profile="elder_walk")
POINTS = ("day_care", "mutual_aid_point")


def _reach(id_: str, **more: object) -> Rule:
    return a_rule("service_circle_coverage", **{"id": id_, "facilities": POINTS, "weight": "pop60", "method": "network", "value_unit": "%", "title": id_, **more})  # fmt: skip


def _quota(id_: str, **more: object) -> Rule:
    return a_rule("quantity_per_base", **{"id": id_, "facilities": ("elderly",), "quantity": "land_area_m2", "base": "pop_total", "title": id_, **more})  # fmt: skip


def _count(id_: str, **more: object) -> Rule:
    return a_rule("facility_count_per_unit", **{"id": id_, "facilities": ("elderly",), "title": id_, **more})


def _share(id_: str, **more: object) -> Rule:
    return a_rule("ratio", **{"id": id_, "over": "facilities", "facilities": ("elderly",), "num": "beds_nursing", "den": "beds_total", "value_unit": "%", "title": id_, **more})  # fmt: skip


RULES: tuple[Rule, ...] = (
    _reach("reach", max_minutes=15.0, value=90.0, units_pct=60, deadline=date(2025, 12, 31)),
    _reach("reach_county", unit="county", max_minutes=10.0, value=60.0, weight="pop_total"),
    _reach("reach_told", unit="township", max_minutes=15.0, cross_boundary=False),
    _reach("reach_straight", method="buffer", max_metres=400.0, value=50.0, op=">", weight="building", unit="township"),
    _quota(
        "land", value=0.1, value_unit="m2 of land per person", units_pct=75,
        readings=(
            Reading(id="floor", why="floor", quantity="floor_area_m2", value_unit="m2 of floor per person"),
            Reading(id="counted", why="counted", kind="facility_count_per_unit", value=2, value_unit="facilities"),
        ),
    ),
    _quota("land_told", unit="township", per=1000, where="floor_area_m2 >= 200"),
    _quota("beds", unit="county", quantity="beds_total", base="pop60", per=1000, value=40, value_unit="beds per 1000"),
    _quota("not_more", value=0.2, op="<", unit="township"),
    _quota("estate", unit="residential_area", base="households", per=100, value=20, quantity="floor_area_m2", facilities=("community_elderly",)),
    _count("points", facilities=POINTS, value=1, op=">"),
    _count("served", facilities=("elderly",), value=2, shared=True, unit="village", units_pct=50, universe="subtype = 'admin_village'"),
    _count("together", facilities=POINTS, together=POINTS, value=1, unit="township"),
    _count("counted_where", where="land_area_m2 >= 100", value=1),
    _share("nursing", value=50.0, unit="township"),
    _share("nursing_told", unit="county"),
    _share("large", num="count_if(floor_area_m2 >= 200)", den="count", value=60, unit="county"),
    a_rule("service_circle_coverage", id="ground", title="ground", facilities=POINTS, weight="res_area_m2", method="buffer", max_metres=300.0, value=50.0, unit="county"),
)  # fmt: skip
"""Every kind of rule, with and without a value, for every level; the last one cannot be followed."""


def town(seed: int) -> StudyArea:
    """Four villages along a street with people, facilities and candidates by chance."""
    chance = np.random.default_rng(seed)
    n_demand, n_facilities, n_candidates = (int(chance.integers(low, high)) for low, high in ((4, 12), (2, 7), (3, 8)))
    people = np.round(chance.gamma(2.0, 30.0, n_demand), int(chance.integers(0, 3)))
    x, unit = _spots(chance, n_demand)
    demand = frame(
        list(zip(x, 500 + chance.uniform(-60, 60, n_demand), strict=True)), demand_id=[f"d{i}" for i in range(n_demand)], unit_id=unit,
        pop60=np.where(chance.random(n_demand) < 0.15, 0.0, people), pop_total=people * 4,
    )  # fmt: skip
    facilities = _sites(chance, "facility_id", "f", n_facilities, missing=0.2)
    area = small_area(demand=demand, facilities=facilities, candidates=_candidates(chance, n_candidates, facilities))
    lost = pd.DataFrame({"base": ["pop60", "pop60"], "people": [7.0, 3.3], "unit_id": ["", VILLAGES[1]], "reason": ["", ""]})
    return small_area(demand=demand, facilities=facilities, candidates=area.candidates, unassigned=lost)


SITING = Siting(goal="relieve", max_sites=2, budget_yuan=3_000_000.0, method="heuristic", rules=("test.land", "test.reach"))


def planned_town(seed: int, rules: Sequence[Rule] = RULES, siting: Siting = SITING) -> Assessment:
    """The town assessed, with a plan of at most two sites."""
    question = Question({"zh": "小镇", "en": "Town"}, date(2026, 6, 30), tuple(rules), Travel(), CIRCLE, siting)
    return assess(town(seed), question, progress=lambda _: None)


def allowed(area: StudyArea, chance: Generator) -> list[int]:
    """A set of candidates by chance, one at most of every plot and of what replaces one facility."""
    taken: set[str] = set()
    chosen = []
    for row in chance.permutation(len(area.candidates)).tolist():
        candidate = area.candidates.iloc[row]
        plot = f"replaces {candidate['replaces']}" if candidate["replaces"] else str(candidate["site_id"])
        if chance.random() < 0.5 and plot not in taken:
            taken.add(plot)
            chosen.append(row)
    return sorted(chosen)


def _spots(chance: Generator, n: int) -> tuple[list[float], list[str]]:
    village = chance.integers(0, 4, n)
    return (1000.0 * village + chance.uniform(50, 950, n).round(1)).tolist(), [VILLAGES[i] for i in village]


def _sites(chance: Generator, key: str, letter: str, n: int, *, missing: float) -> object:
    x, unit = _spots(chance, n)
    beds = chance.integers(0, 40, n).astype(float)

    def some(values: object) -> object:
        return np.where(chance.random(n) < missing, np.nan, np.asarray(values, dtype=float))

    return frame(
        [(at, 500.0) for at in x], **{key: [f"{letter}{i}" for i in range(n)]}, name=[f"{letter}{i}" for i in range(n)], unit_id=unit,
        kind=[KINDS[i] for i in chance.integers(0, len(KINDS), n)], status=["open"] * n,
        land_area_m2=some(np.round(chance.uniform(0, 200, n), 1)), floor_area_m2=some(np.round(chance.uniform(0, 400, n), 2)),
        beds_total=some(beds), beds_nursing=some(np.floor(beds * chance.random(n))),
        serves=[";".join(VILLAGES[i] for i in chance.choice(4, chance.integers(0, 3), replace=False)) for _ in range(n)],
        functions=[""] * n, residential_id=[""] * n,
    )  # fmt: skip


def _candidates(chance: Generator, n: int, facilities: pd.DataFrame) -> object:
    table = _sites(chance, "candidate_id", "c", n, missing=0.1)
    replaces = [str(chance.choice(facilities["facility_id"])) if chance.random() < 0.3 else "" for _ in range(n)]
    action = [("close" if chance.random() < 0.3 else "enlarge") if gone else "build" for gone in replaces]
    plot = [f"p{chance.integers(0, n)}" if not gone else f"own {i}" for i, gone in enumerate(replaces)]
    cost = np.where(chance.random(n) < 0.15, np.nan, chance.integers(8, 90, n) * 10_000.0)
    role = np.where(chance.random(n) < 0.1, "forbidden", "candidate")
    return table.drop(columns="status").assign(replaces=replaces, action=action, site_id=plot, cost_yuan=cost, role=role)  # type: ignore[attr-defined]
