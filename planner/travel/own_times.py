"""Minutes that the place brings along (`StudyArea.own_minutes`), as the arcs of a pace."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from layers.own_minutes import OwnMinutes
from layers.problems import InputFaultsError, Problem
from layers.saying import say
from layers.study_area import StudyArea
from planner.travel.arcs import Arcs
from planner.travel.model import PROFILES
from planner.travel.searches import limit_included


def own_arcs(area: StudyArea, limits: Mapping[str, float]) -> dict[str, Arcs]:
    """The arcs of each profile of `limits` that the place brings minutes for; a profile that it does not know is left to the streets.

    Raises `InputFaultsError` when more is asked than the minutes hold, or when they are of a pace that does not exist.
    """
    own = area.own_minutes
    if own is None:
        return {}
    faults = list(_faults(own, limits))
    if faults:
        raise InputFaultsError(faults)
    return {profile: _arcs(area, own, profile, limit) for profile, limit in limits.items() if profile in own.limit_minutes}


def _faults(own: OwnMinutes, limits: Mapping[str, float]) -> list[Problem]:
    """What keeps the minutes from being used."""
    unknown = sorted(set(own.limit_minutes) - set(PROFILES))
    known = say("Profiles: {profiles}.", profiles=list(PROFILES))
    faults = [Problem("error", own.where, say("profile {profile} does not exist", profile=profile), known) for profile in unknown]
    for profile, limit in limits.items():
        held = own.limit_minutes.get(profile, np.inf)
        if limit_included(held) < limit:
            what = say(
                "holds the pairs of {profile} up to {held:g} minutes; {limit:g} are asked for by the rules or the circle",
                profile=profile,
                held=held,
                limit=limit,
            )
            remedy = say("Give a file with all pairs up to there, or take these rules out.")
            faults.append(Problem("error", own.where, what, remedy))
    return faults


def _arcs(area: StudyArea, own: OwnMinutes, profile: str, limit_minutes: float) -> Arcs:
    """The pairs of a profile within the limit; a candidate that stands as a facility has its minutes as both."""
    site_ids = pd.concat([area.facilities["facility_id"], area.candidates["candidate_id"]], ignore_index=True)
    sites = pd.DataFrame({"site_id": site_ids, "site_row": np.arange(len(site_ids), dtype=np.int32)})
    taken = own.pairs[(own.pairs["profile"] == profile) & (own.pairs["minutes"] <= limit_included(limit_minutes))]
    pairs = taken.merge(sites, on="site_id").sort_values(["demand_row", "site_row"])
    demand_row, site_row = (pairs[name].to_numpy(dtype=np.int32) for name in ("demand_row", "site_row"))
    return Arcs(demand_row, site_row, pairs["minutes"].to_numpy(dtype=np.float64), limit_minutes, len(area.demand), len(site_ids))


def own_notes(area: StudyArea, profiles: Mapping[str, Arcs]) -> tuple[str, ...]:
    """What every output must say when minutes are not counted along the streets."""
    if area.own_minutes is None or not profiles:
        return ()
    note = say(
        "minutes ({profiles}) are those of {file}, not counted along the streets; service circles are drawn along the streets",
        profiles=list(profiles),
        file=area.own_minutes.where,
    )
    return (note,)
