"""`Assessment`: all that was found about a place, before and after the proposed sites. What `maps` draws and writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.answers import OpenQuestion
from planner.closures import CLOSURE_COLUMNS, Closure
from planner.districts import WhoGoesWhere
from planner.siting.model import Choice, Siting
from planner.travel.model import Travel
from planner.travel.times import TravelTimes

if TYPE_CHECKING:
    from planner.rules import Rule


@dataclass(frozen=True, eq=False)
class Finding:
    """What the rules say of one state of the place, before or after."""

    area: StudyArea
    measures: pd.DataFrame
    """columns of `measures.MEASURE_COLUMNS`"""
    verdicts: pd.DataFrame
    """columns of `measures.VERDICT_COLUMNS`"""
    minutes: NDArray[np.float64]
    """(d,) minutes from each demand point to the nearest facility of the shown circle; inf when none is in reach"""
    nearest_row: NDArray[np.int32]
    """(d,) facility row of it, -1 when none"""
    circles: gpd.GeoDataFrame
    """service circles for drawing: facility_id ("" for all merged), minutes, kind, geometry (valid multipolygons)"""
    balance: pd.DataFrame
    """unit_id ("" for all), served, too_far, off_network, unassigned, total: people of `circle_base`, adding up exactly"""
    times: TravelTimes = field(default_factory=lambda: TravelTimes({}, pd.DataFrame()))
    """what was measured with: every pair of a demand point and a site"""


@dataclass(frozen=True, eq=False)
class Judged:
    """What the rules say of one state of the place, without what is drawn."""

    measures: pd.DataFrame
    """columns of `measures.MEASURE_COLUMNS`"""
    verdicts: pd.DataFrame
    """columns of `measures.VERDICT_COLUMNS`"""


@dataclass(frozen=True, eq=False)
class Projected:
    """The place in a target year: other numbers of people, the same facilities, without and with the plan."""

    year: int
    base_year: int
    before: Judged
    after: Judged
    people: pd.DataFrame
    """base, people, people_then: all people in both years"""
    notes: tuple[str, ...] = ()
    """bases that are kept as they are, groups that outgrow everybody"""


@dataclass(frozen=True, eq=False)
class Assessment:
    """The result of a run. Pure data: no file, no clock."""

    title: dict[str, str]
    """zh and en"""
    as_of: date
    rules: tuple[Rule, ...]
    """in the order of the scenario's standards, with quotes, clauses and numbers"""
    before: Finding
    choice: Choice
    proposals: gpd.GeoDataFrame
    """one row per opened candidate, best first: candidate_id, name, unit_id, kind, cost_yuan, for_whom (base), people_in_reach and
    people_gained (of `for_whom`, `planner.for_whom`), reason_zh, reason_en, next_best_id (the candidate that would replace it, "" if none),
    next_best_loss, geometry"""
    after: Finding
    circle_kinds: tuple[str, ...]
    """kinds of facilities of the shown circle"""
    circle_base: str
    """whose people are counted in it, e.g. pop60"""
    circle_minutes: float
    circle_profile: str
    off_network: pd.DataFrame
    """table ("demand" | "facilities" | "candidates"), id, name, unit_id, distance_m, people: places that no street reaches"""
    notes: tuple[str, ...]
    """what every output must say: straight lines in place of streets, time limits, unverified numbers"""
    open_questions: tuple[OpenQuestion, ...] = ()
    """what somebody has to state, with evidence, before these rules can be judged"""
    projected: Projected | None = None
    """what the rules say of the people of a target year"""
    travel: Travel = field(default_factory=Travel)
    """how people travel"""
    siting: Siting = field(default_factory=Siting)
    """how sites were to be chosen: budget and number"""
    people_with_a_place: tuple[float, ...] = ()
    """of goal `serve`: people of `circle_base` with a place, today and with the plan"""
    closures_asked: tuple[Closure, ...] = ()
    """in the order of the scenario"""
    closures: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({name: [] for name in ("state", *CLOSURE_COLUMNS)}))
    """what each closure would lose: state ("before": of the place today; "after": once the plan stands, where all of them are still open),
    columns of `closures.CLOSURE_COLUMNS`; rules under their base reading"""
    districts: WhoGoesWhere | None = None
    """who goes where when places are limited; None when not asked"""
