"""Minutes are counted: from every demand point to every site, at every pace that the rules ask about.

Ways are kept to the network: from the door straight to the nearest street (the leg counts), along the streets, and straight to the other
door. Slopes and one-way footways make the two directions of a street differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.saying import Said, say
from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from planner.travel.arcs import Arcs
from planner.travel.costs import edge_minutes, heeds_slope, leg_pace_m_per_min
from planner.travel.graph import StreetGraph, street_graph
from planner.travel.kernels import Task
from planner.travel.model import PROFILES, Travel
from planner.travel.own_times import own_arcs, own_notes
from planner.travel.pieces import SHORT_PIECE_M, on_short_piece, short_pieces
from planner.travel.searches import (
    Pairs,
    Reach,
    buckets_per_minute,
    by_demand,
    limit_included,
    most_pairs_in,
    n_threads_default,
    search_all,
    search_in_blocks,
)
from planner.travel.snap import Snapped, open_edges, snap
from planner.travel.straight import SITES_PER_BLOCK, straight_arcs, straight_blocks
from planner.travel.times import TravelTimes

OFF_NETWORK_COLUMNS = ("table", "id", "name", "unit_id", "distance_m", "people")


def measure_times(area: StudyArea, travel: Travel, limits: Mapping[str, float], *, n_threads: int | None = None) -> TravelTimes:
    """All arcs from every demand point to every site within the limit [minutes] of each profile id in `limits`, the limit included.

    Profiles that the place brings its own minutes for are taken from these. Without streets, straight lines stand in for them. `notes`
    says either. `n_threads` (one per processor by default) changes the speed only.
    Raises KeyError for a profile that is not in `PROFILES`, and `InputFaultsError` when the place's own minutes do not go so far.
    """
    own = own_arcs(area, limits)
    rest = {profile: limit for profile, limit in limits.items() if profile not in own}
    counted = _counted(area, travel, rest, n_threads or n_threads_default()) if rest else TravelTimes({}, _table_of([]))
    return TravelTimes({**own, **counted.by_profile}, counted.off_network, (*own_notes(area, own), *counted.notes))


def pairs_in_blocks(
    area: StudyArea, travel: Travel, limits: Mapping[str, float], *, n_threads: int | None = None
) -> Iterator[tuple[str, Arcs]]:
    """The arcs of `measure_times` by profile, those of some sites at a time: for what looks at each pair once, such as a file of them all.

    Each pair is in one block; those of a block are sorted as in `Arcs`. No more pairs are held at once than `travel.memory_gib` has room
    for, however many there are. Minutes that the place brings along are in memory already and are one block for each profile.
    """
    own = own_arcs(area, limits)
    yield from sorted(own.items())
    rest = {profile: limits[profile] for profile in sorted(limits) if profile not in own}
    for profile, pairs in _blocks(area, travel, rest, n_threads or n_threads_default()) if rest else ():
        yield profile, by_demand([pairs], limits[profile], len(area.demand), len(area.site_xy_m))


def _blocks(area: StudyArea, travel: Travel, limits: Mapping[str, float], n_threads: int) -> Iterator[tuple[str, Pairs]]:
    if area.streets is None:
        n_sites = max(1, min(SITES_PER_BLOCK, most_pairs_in(travel.memory_gib) // max(len(area.demand), 1)))
        for profile, limit in limits.items():
            yield from ((profile, pairs) for pairs in straight_blocks(area, travel, PROFILES[profile], limit, n_sites))
        return
    ways = _ways(area.streets, area, travel)
    for profile, limit in limits.items():
        reach = _reach(ways, travel, profile=profile, limit_minutes=limit)
        yield from ((profile, pairs) for pairs in search_in_blocks(reach, n_threads=n_threads, memory_gib=travel.memory_gib))


def _counted(area: StudyArea, travel: Travel, limits: Mapping[str, float], n_threads: int) -> TravelTimes:
    """The arcs along the streets, or by straight lines where there are none."""
    if area.streets is None:
        arcs = {profile: straight_arcs(area, travel, PROFILES[profile], limit) for profile, limit in limits.items()}
        return TravelTimes(arcs, _table_of([]), (straight_note(travel),))
    ways = _ways(area.streets, area, travel)
    by_profile = {}
    for profile, limit in limits.items():
        reach = _reach(ways, travel, profile=profile, limit_minutes=limit)
        blocks = search_all(reach, n_threads=n_threads, memory_gib=travel.memory_gib)
        by_profile[profile] = by_demand(blocks, limit, len(ways.demand.edge), len(ways.sites.edge))
    off = off_network(area, ways.demand, ways.sites)
    notes = _slope_notes(area.streets, travel, limits) + _off_notes(off, travel)
    return TravelTimes(by_profile, off, notes + _gap_notes(area, ways.walkable, ways.demand, ways.sites))


@dataclass(frozen=True, eq=False)
class _Ways:
    """The streets that are open, and where people and sites join them."""

    streets: StreetNetwork
    walkable: NDArray[np.int32]
    graph: StreetGraph
    demand: Snapped
    sites: Snapped


def _ways(streets: StreetNetwork, area: StudyArea, travel: Travel) -> _Ways:
    walkable = open_edges(streets, travel.classes_closed)
    graph = street_graph(streets, walkable)
    both = snap(np.concatenate([area.demand_xy_m, area.site_xy_m]), streets, walkable, limit_m=travel.snap_limit_m)
    return _Ways(streets, walkable, graph, both.part(0, len(area.demand)), both.part(len(area.demand), len(both.edge)))


def _reach(ways: _Ways, travel: Travel, *, profile: str, limit_minutes: float) -> Reach:
    """What the searches of one pace read."""
    walker = PROFILES[profile]
    minutes = edge_minutes(ways.streets, walker, travel)
    pace = leg_pace_m_per_min(walker, travel)
    homes, demand_row = ways.graph.homes(ways.demand, pace)
    fineness = buckets_per_minute(limit_minutes, walker.speed_m_per_min)
    task = Task(ways.graph.roads(minutes), ways.graph.doors(ways.sites, pace), homes, limit_included(limit_minutes), fineness)
    return Reach(task, np.flatnonzero(ways.sites.is_on).astype(np.int32), demand_row)


def off_network(area: StudyArea, demand: Snapped, sites: Snapped) -> pd.DataFrame:
    """The places farther from every open street than the snap limit, as in `TravelTimes.off_network`.

    `people` is the largest population base of a demand point (`pop_total` where there is one), NaN for facilities and candidates;
    `distance_m` is NaN where the place has no open street at all.
    """
    places = (
        ("demand", area.demand, "demand_id", demand.is_on, demand.leg_m),
        ("facilities", area.facilities, "facility_id", sites.is_on[: area.n_facilities], sites.leg_m[: area.n_facilities]),
        ("candidates", area.candidates, "candidate_id", sites.is_on[area.n_facilities :], sites.leg_m[area.n_facilities :]),
    )
    parts = []
    for table, frame, key, is_on, distance_m in places:
        off = np.flatnonzero(~is_on)
        rows = frame.iloc[off]
        part = pd.DataFrame({"table": table, "id": rows[key].to_numpy(), "name": rows["name"].to_numpy() if "name" in rows else ""})
        people = _people(area)[off] if table == "demand" else np.nan
        parts.append(part.assign(unit_id=rows["unit_id"].to_numpy(), distance_m=distance_m[off], people=people))
    return _table_of([part for part in parts if len(part)])


def _table_of(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The parts one below the other, with all columns also when there is none."""
    empty = pd.DataFrame({name: pd.Series(dtype=float if name in ("distance_m", "people") else object) for name in OFF_NETWORK_COLUMNS})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _people(area: StudyArea) -> NDArray[np.float64]:
    """(d,) people at each demand point by the largest base there is; NaN without any."""
    bases = [base for base in area.bases if base != "households"]
    if not bases:
        return np.full(len(area.demand), np.nan)
    base = "pop_total" if "pop_total" in bases else max(bases, key=lambda name: float(area.demand[name].sum()))
    people: NDArray[np.float64] = area.demand[base].to_numpy(dtype=float)
    return people


def straight_note(travel: Travel) -> Said:
    """What every output must say when there are no streets."""
    return say(
        "no streets: minutes are straight-line metres times a detour factor of {factor:g}, over the pace", factor=travel.detour_factor
    )


def _slope_notes(streets: StreetNetwork, travel: Travel, limits: Mapping[str, float]) -> tuple[str, ...]:
    """What every output must say when slopes change the minutes."""
    if not any(heeds_slope(streets, PROFILES[profile], travel) for profile in limits):
        return ()
    return (say("minutes on foot are corrected for slopes (Tobler 1993)"),)


def _off_notes(off: pd.DataFrame, travel: Travel) -> tuple[str, ...]:
    """What every output must say when people or sites are too far from every street to be reached."""
    people = off.loc[off["table"] == "demand", "people"]
    if off.empty:
        return ()
    note = say(
        "{people:,.0f} people at {n} demand points and {n_sites} facilities and candidates are farther than {metres:g} m from every "
        "open street: they count as out of reach; look for missing streets and wrong coordinates there",
        people=float(np.nansum(people)),
        n=len(people),
        n_sites=len(off) - len(people),
        metres=travel.snap_limit_m,
    )
    return (note,)


def _gap_notes(area: StudyArea, walkable: NDArray[np.int32], demand: Snapped, sites: Snapped) -> tuple[str, ...]:
    """What every output must say when people or sites have joined short pieces of street that join no other."""
    if area.streets is None or not len(walkable):
        return ()
    short = short_pieces(area.streets, walkable)
    cut_off, n_sites = on_short_piece(demand, short), int(on_short_piece(sites, short).sum())
    if not n_sites and not cut_off.any():
        return ()
    note = say(
        "{n} demand points ({people:,.0f} people) and {n_sites} facilities and candidates stand on pieces of street of less than "
        "{length_m:g} m that join no other: look for gaps in the street map",
        n=int(cut_off.sum()),
        people=float(np.nansum(_people(area)[cut_off])),
        n_sites=n_sites,
        length_m=SHORT_PIECE_M,
    )
    return (note,)
