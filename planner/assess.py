"""The planner's part of the line: minutes are counted, rules measured, sites chosen, and the plan measured again from scratch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.kinds import kinds, lineage, rows_of_kind
from layers.saying import Word, say
from layers.study_area import StudyArea
from planner.answers import open_questions
from planner.assessment import Assessment, Finding, Judged, Projected
from planner.balance import balance_of_people
from planner.circle import Circle
from planner.circles import merged_circles, service_circles
from planner.closures import CLOSURE_COLUMNS, Closure, closure_losses, with_closed
from planner.districts import Districts, WhoGoesWhere, assigned
from planner.edge import edge_notes
from planner.measures import MEASURE_COLUMNS, OPEN_STATUSES, open_of_kind
from planner.projection import Growth, notes_of, people_table, projected
from planner.proposals import proposals_of
from planner.recheck import check_claims, check_gains, with_a_place
from planner.rules import Rule, expand
from planner.siting.choose import choose_sites
from planner.siting.model import Siting
from planner.siting.search_areas import with_search_areas
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
    growth: Growth | None = None
    """a target year that every rule is judged for too"""
    closures: tuple[Closure, ...] = ()
    """what would be lost if these closed"""
    districts: Districts | None = None
    """who goes where when places are limited"""


def assess(area: StudyArea, question: Question, *, progress: Progress) -> Assessment:
    """The place before, the sites proposed, and the place with them, measured by the same rules."""
    rules = question.rules
    circle = question.circle.completed(area, rules, question.travel)
    readings = expand(rules)
    districts = question.districts.completed(circle) if question.districts else None
    limits = limits_asked(area, question)

    progress(say("counting minutes: {n} places of people, {n_sites} sites", n=len(area.demand), n_sites=len(area.site_xy_m)))
    times = measure_times(area, question.travel, limits)
    if question.siting.search_areas:
        area = with_search_areas(area, times, circle, question.travel, question.siting)
        times = measure_times(area, question.travel, limits)
    if question.siting.goal != "none":
        progress(say("choosing among {n} candidates", n=len(area.candidates)))
    choice = choose_sites(area, rules, times, question.siting, circle)
    opened = area.with_opened(choice.opened)

    progress(say("drawing the service circles"))
    circles = _circles(opened, area, question.travel, circle)
    progress(say("measuring {n} rules under {n_readings} readings", n=len(rules), n_readings=len(readings)))
    before = _finding(area, times, readings, question, circle, circles)
    if choice.opened:
        progress(say("measuring the plan of {n} sites again", n=len(choice.opened)))
    times_after = measure_times(opened, question.travel, limits)
    after = _finding(opened, times_after, readings, question, circle, circles)
    yardstick = before
    if choice.yardstick_closed:
        yardstick = _finding(with_closed(area, choice.yardstick_closed), times, rules, question, circle, circles)
    check_claims(rules, choice, yardstick, after, question.siting, circle)
    proposals = proposals_of(area, rules, times, choice, question.siting, circle)
    check_gains(proposals, before, after, question.siting, circle)
    has_places = question.siting.goal == "serve"
    ahead = _projected(area, times, opened, times_after, readings, question.growth, progress) if question.growth else None

    return Assessment(
        title=dict(question.title),
        as_of=question.as_of,
        rules=rules,
        before=before,
        choice=choice,
        proposals=proposals,
        after=after,
        circle_kinds=circle.kinds,
        circle_base=circle.base,
        circle_minutes=circle.minutes or 0.0,
        circle_profile=circle.profile,
        off_network=times.off_network,
        notes=(
            *times.notes,
            *edge_notes(before, circle),
            *_notes(area, readings, choice.status),
            *(ahead.notes if ahead else ()),
        ),
        open_questions=open_questions(rules),
        projected=ahead,
        travel=question.travel,
        siting=question.siting,
        people_with_a_place=tuple(with_a_place(f, question.siting, circle) for f in (before, after)) if has_places else (),
        closures_asked=question.closures,
        closures=_closures(question.closures, rules, circle, before, after, progress),
        districts=_who_goes_where(districts, before, after, progress) if districts else None,
    )


def limits_asked(area: StudyArea, question: Question) -> dict[str, float]:
    """Profile -> the longest minutes that any rule, the shown circle or the districts ask about."""
    rules = expand(question.rules)
    circle = question.circle.completed(area, question.rules, question.travel)
    districts = question.districts.completed(circle) if question.districts else None
    shown = [(part.profile, part.minutes or 0.0) for part in (circle, districts) if part is not None]
    limits: dict[str, float] = {}
    for profile, minutes in (*shown, *(asked for rule in rules for asked in rule.travel_limits().items())):
        limits[profile] = max(minutes, limits.get(profile, 0.0))
    return limits


def _circles(area: StudyArea, before: StudyArea, travel: Travel, circle: Circle) -> gpd.GeoDataFrame:
    """The circle of every facility of a place, and of those that stood before, in thirds: 5, 10 and 15 of 15 minutes. It is the facility's own, whatever else stands."""
    standing = np.zeros(area.n_facilities, dtype=bool)
    standing[: before.n_facilities] = open_of_kind(before.facilities, circle.kinds)
    rows = np.flatnonzero(open_of_kind(area.facilities, circle.kinds) | standing)
    return service_circles(area, travel, profile=circle.profile, site_rows=rows, bands=_bands(circle))


def _bands(circle: Circle) -> tuple[float, float, float]:
    minutes = circle.minutes or 0.0
    return minutes / 3, 2 * minutes / 3, minutes


def _finding(
    area: StudyArea, times: TravelTimes, rules: Sequence[Rule], question: Question, circle: Circle, circles: gpd.GeoDataFrame
) -> Finding:
    """What the rules say of one state of the place; of `circles` those of its facilities are kept."""
    judged = _judged(area, times, rules, question.as_of)
    in_circle = np.zeros(len(area.site_xy_m), dtype=bool)
    in_circle[: area.n_facilities] = open_of_kind(area.facilities, circle.kinds)
    minutes, nearest_row = times.nearest(circle.profile, circle.minutes or 0.0, in_circle)
    rows = np.flatnonzero(in_circle)
    own = circles[circles["facility_id"].isin(area.facilities["facility_id"].iloc[rows])]
    merged = merged_circles(area, question.travel, profile=circle.profile, site_rows=rows, bands=_bands(circle))
    return Finding(
        area=area,
        measures=judged.measures,
        verdicts=judged.verdicts,
        minutes=minutes,
        nearest_row=nearest_row,
        circles=pd.concat([own, merged], ignore_index=True),
        balance=balance_of_people(area, circle.base, minutes, times.off_network),
        times=times,
    )


def _judged(area: StudyArea, times: TravelTimes, rules: Sequence[Rule], as_of: date) -> Judged:
    tables = [table for rule in rules if len(table := rule.measure(area, times))]
    measures = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(MEASURE_COLUMNS))
    return Judged(measures, verdicts(measures, rules, as_of))


def _closures(
    asked: tuple[Closure, ...], rules: Sequence[Rule], circle: Circle, before: Finding, after: Finding, progress: Progress
) -> pd.DataFrame:
    """What the closures would lose today, and once the plan stands: what the plan itself replaces is no question any more."""
    if asked:
        progress(say("measuring what {n} closure(s) would lose", n=len(asked)))
    open_ids = set(after.area.facilities.loc[after.area.facilities["status"].isin(OPEN_STATUSES), "facility_id"])
    still = [closure for closure in asked if open_ids.issuperset((*closure.facilities, *filter(None, [closure.into])))]
    tables = [
        closure_losses(finding.area, rules, finding.times, closures, circle).assign(state=state)
        for state, finding, closures in (("before", before, asked), ("after", after, still))
    ]
    return pd.concat(tables, ignore_index=True)[["state", *CLOSURE_COLUMNS]]


def _who_goes_where(asked: Districts, before: Finding, after: Finding, progress: Progress) -> WhoGoesWhere:
    """Who goes where today, and once the plan stands."""
    progress(say("assigning people to the places there are"))
    return WhoGoesWhere(asked, *(assigned(finding.area, finding.times, asked) for finding in (before, after)))


def _projected(
    area: StudyArea,
    times: TravelTimes,
    opened: StudyArea,
    times_after: TravelTimes,
    rules: Sequence[Rule],
    growth: Growth,
    progress: Progress,
) -> Projected:
    """The people of the target year, judged on its last day: minutes do not change, since nobody moves."""
    progress(say("measuring the people of {year}", year=growth.year))
    then, last_day = projected(area, growth), date(growth.year, 12, 31)
    return Projected(
        year=growth.year,
        base_year=growth.base_year,
        before=_judged(then, times, rules, last_day),
        after=_judged(projected(opened, growth), times_after, rules, last_day),
        people=people_table(area, then),
        notes=tuple(notes_of(then, growth)),
    )


def _notes(area: StudyArea, rules: Sequence[Rule], status: str) -> tuple[str, ...]:
    """What every output must say about the rules, under any reading, and about the choice."""
    unverified = {rule.title: Word(rule.title_en, rule.title) for rule in rules if rule.has_unverified_number}
    notes: list[str] = list(_unlisted(area, rules))
    if unverified:
        notes.append(
            say(
                "※ numbers not verified: {rules}; check them in the text of the standard before you quote them",
                rules=list(unverified.values()),
            )
        )
    if status == "time limit":
        notes.append(
            say("the choice of sites was stopped by the time limit; its gap is stated, and a larger time_limit_s of [siting] may narrow it")
        )
    return tuple(notes)


def _unlisted(area: StudyArea, rules: Sequence[Rule]) -> Iterator[str]:
    """Branches of facilities of which the data holds not a single one: the rules count none, which may be true or may be a missing layer."""
    asked = {lineage(kind)[-1]: None for rule in rules for kind in getattr(rule, "facilities", None) or ()}
    for branch in asked:
        if not rows_of_kind(area.facilities["kind"], (branch,)).any():
            kind = kinds()[branch]
            yield say(
                "no facility of {kind} is in the data: rules on it count none; where there are some, add them or correct their kinds",
                kind=Word(kind.en, kind.zh),
            )
