"""The planner's part of the line: minutes are counted, rules measured, sites chosen, and the plan measured again from scratch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.study_area import StudyArea
from planner.assessment import Assessment, Finding
from planner.balance import balance_of_people
from planner.circle import Circle
from planner.circles import merged_circles, service_circles
from planner.measures import MEASURE_COLUMNS, open_of_kind
from planner.proposals import proposals_of
from planner.recheck import check_claims
from planner.rules import Rule, expand
from planner.siting.choose import choose_sites
from planner.siting.model import Siting
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from planner.travel.times import TravelTimes
from planner.verdicts import verdicts

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """What is asked of a place: the rules, how people travel, which circle is shown, how sites are chosen, and for which day."""

    title: Mapping[str, str]
    as_of: date
    rules: tuple[Rule, ...]
    travel: Travel
    circle: Circle
    siting: Siting


def assess(area: StudyArea, question: Question, *, progress: Progress) -> Assessment:
    """The place before, the sites proposed, and the place with them, measured by the same rules."""
    rules = question.rules
    circle = question.circle.completed(area, rules, question.travel)
    readings = expand(rules)
    limits = _travel_limits(readings, circle)

    progress(f"counting minutes: {len(area.demand)} places of people, {len(area.site_xy_m)} sites")
    times = measure_times(area, question.travel, limits)
    progress(f"choosing among {len(area.candidates)} candidates")
    choice = choose_sites(area, rules, times, question.siting)
    opened = area.with_opened(choice.opened)

    progress("drawing the service circles")
    circles = _circles(opened, question.travel, circle)
    progress(f"measuring {len(rules)} rules under {len(readings)} readings")
    before = _finding(area, times, readings, question, circle, circles)
    progress(f"measuring the plan of {len(choice.opened)} sites again")
    after = _finding(opened, measure_times(opened, question.travel, limits), readings, question, circle, circles)
    check_claims(rules, choice, before, after)

    return Assessment(
        title=dict(question.title),
        as_of=question.as_of,
        rules=rules,
        before=before,
        choice=choice,
        proposals=proposals_of(area, rules, times, choice, circle),
        after=after,
        circle_kinds=circle.kinds,
        circle_base=circle.base,
        circle_minutes=circle.minutes or 0.0,
        circle_profile=circle.profile,
        off_network=times.off_network,
        notes=(*times.notes, *_notes(rules, choice.status)),
    )


def _travel_limits(rules: Sequence[Rule], circle: Circle) -> dict[str, float]:
    """Profile -> the longest minutes that any rule or the shown circle asks about."""
    limits: dict[str, float] = {circle.profile: circle.minutes or 0.0}
    for rule in rules:
        for profile, minutes in rule.travel_limits().items():
            limits[profile] = max(minutes, limits.get(profile, 0.0))
    return limits


def _circles(area: StudyArea, travel: Travel, circle: Circle) -> gpd.GeoDataFrame:
    """The circle of every facility, in thirds: 5, 10 and 15 of 15 minutes. It is the facility's own, whatever else stands."""
    minutes = circle.minutes or 0.0
    rows = open_of_kind(area.facilities, circle.kinds).nonzero()[0]
    return service_circles(area, travel, profile=circle.profile, site_rows=rows, bands=(minutes / 3, 2 * minutes / 3, minutes))


def _finding(
    area: StudyArea, times: TravelTimes, rules: Sequence[Rule], question: Question, circle: Circle, circles: gpd.GeoDataFrame
) -> Finding:
    """What the rules say of one state of the place; of `circles` those of its facilities are kept."""
    tables = [table for rule in rules if len(table := rule.measure(area, times))]
    measures = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(MEASURE_COLUMNS))
    in_circle = np.zeros(len(area.site_xy_m), dtype=bool)
    in_circle[: area.n_facilities] = open_of_kind(area.facilities, circle.kinds)
    minutes, nearest_row = times.nearest(circle.profile, circle.minutes or 0.0, in_circle)
    own = circles[circles["facility_id"].isin(area.facilities["facility_id"])]
    return Finding(
        area=area,
        measures=measures,
        verdicts=verdicts(measures, rules, question.as_of),
        minutes=minutes,
        nearest_row=nearest_row,
        circles=pd.concat([own, merged_circles(own)], ignore_index=True),
        balance=balance_of_people(area, circle.base, minutes, times.off_network),
    )


def _notes(rules: Sequence[Rule], status: str) -> tuple[str, ...]:
    """What every output must say about the rules and the choice."""
    unverified = [rule.title for rule in rules if rule.has_unverified_number]
    notes = []
    if unverified:
        notes.append(f"※ 数字未经核实 / numbers not verified: {'; '.join(unverified)}")
    if status == "time limit":
        notes.append("选址在时限内未证明最优 / the choice of sites was stopped by the time limit; its gap is stated")
    return tuple(notes)
