"""What the figures of a rule are added up from, item by item, so that any set of sites can be counted without measuring again.

`Rule.measure` says what is; a `Ledger` says of what it is the sum: which facility or candidate brings how much to which place. A page that
holds it follows every switch of a candidate with the planner's own sums and comparisons (`planner.switching`). It is the same place read by
the same functions; `tests/test_switching.py` holds it against measuring anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.measures import OPEN_STATUSES
from planner.travel.arcs import Arcs

Item = tuple[int, int, tuple[int, ...], float]
"""place, column, the sites any of which brings it (() for what always stands), amount"""


@dataclass(frozen=True, eq=False)
class Ledger:
    """The places of one rule whose figures sites can change, and what these figures are added up from."""

    place_row: NDArray[np.int64]
    """(n,) rows of the table of `Rule.measure`, ascending; all other rows stay as they are, whatever is opened"""
    standing: NDArray[np.float64]
    """(n, columns, 2) what always stands; each sum as two numbers that add up to it with twice the digits"""
    items: tuple[Item, ...]
    """of places numbered as in `place_row`, in the order of places; the amounts of items that come and go"""
    terms: NDArray[np.float64]
    """(n, t) what else is asked of each place: base and required figures"""


NOTHING = Ledger(np.zeros(0, dtype=np.int64), np.zeros((0, 1, 2)), (), np.zeros((0, 0)))
"""of a rule that sites do not change"""


def ledger_of(items: Iterable[Item], n_columns: int, is_judged: NDArray[np.bool_], terms: NDArray[np.float64]) -> Ledger:
    """The ledger of some items; `is_judged` (p,) marks the places that have a figure, `terms` (p, t) belong to them."""
    by_place: dict[int, list[Item]] = {}
    for item in items:
        if is_judged[item[0]]:
            by_place.setdefault(item[0], []).append(item)
    live = sorted(place for place, mine in by_place.items() if any(who for _, _, who, _ in mine))
    standing = np.zeros((len(live), n_columns, 2))
    moving: list[Item] = []
    for i, place in enumerate(live):
        fixed: list[list[float]] = [[] for _ in range(n_columns)]
        for _, column, who, amount in by_place[place]:
            if who:
                moving.append((i, column, who, amount))
            else:
                fixed[column].append(amount)
        standing[i] = [two_parts(amounts) for amounts in fixed]
    rows = np.array(live, dtype=np.int64)
    return Ledger(rows, standing, tuple(moving), terms[rows])


def two_parts(amounts: Sequence[float]) -> tuple[float, float]:
    """The exact sum as a number and what rounding took from it."""
    whole = math.fsum(amounts)
    return whole, math.fsum((*amounts, -whole))


def is_true(answers: NDArray[np.object_]) -> NDArray[np.bool_]:
    """(n,) which answers are True, neither False nor None."""
    return np.array([answer is not None and bool(answer) for answer in answers], dtype=bool)


def replaceable(area: StudyArea) -> NDArray[np.bool_]:
    """(f,) the open facilities that some candidate would replace."""
    if "replaces" not in area.candidates.columns:
        return np.zeros(area.n_facilities, dtype=bool)
    is_open = area.facilities["status"].isin(OPEN_STATUSES)
    return np.asarray(is_open & area.facilities["facility_id"].isin(set(area.candidates["replaces"]) - {""}), dtype=bool)


def bringing(area: StudyArea) -> NDArray[np.int64]:
    """Rows of the candidates that put something in place, ascending: all but those that only close."""
    if "action" not in area.candidates.columns:
        return np.arange(len(area.candidates))
    return np.flatnonzero((area.candidates["action"] != "close").to_numpy())


def who_brings(area: StudyArea) -> list[tuple[int, ...]]:
    """For each site row: () for a facility that stands whatever is opened, else the site itself."""
    moves = replaceable(area)
    return [(row,) if row >= area.n_facilities or moves[row] else () for row in range(area.n_facilities + len(area.candidates))]


def frames_of(
    area: StudyArea, facilities: gpd.GeoDataFrame, openings: gpd.GeoDataFrame
) -> Iterator[tuple[gpd.GeoDataFrame, NDArray[np.int64]]]:
    """The facilities and the candidates once opened, as `counting` reads them, each with its site rows."""
    yield facilities, np.arange(area.n_facilities)
    yield openings, area.n_facilities + np.arange(len(area.candidates))


def sites_in_reach(area: StudyArea, arcs: Arcs) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each demand row that a site reaches along the arcs: () where a facility does that stands whatever is opened, else the site rows."""
    stands = np.zeros(arcs.n_sites, dtype=bool)
    stands[: area.n_facilities] = ~replaceable(area)
    brings = np.ones(arcs.n_sites, dtype=bool)
    brings[area.n_facilities :] = np.isin(np.arange(len(area.candidates)), bringing(area))
    always = np.zeros(arcs.n_demand, dtype=bool)
    always[arcs.demand_row[stands[arcs.site_row]]] = True
    yield from ((int(row), ()) for row in np.flatnonzero(always))
    open_ = ~always[arcs.demand_row] & brings[arcs.site_row]
    demand, site = arcs.demand_row[open_], arcs.site_row[open_]
    first = np.flatnonzero(np.diff(demand, prepend=-1))
    for rows in np.split(np.arange(len(demand)), first[1:]) if len(first) else ():
        yield int(demand[rows[0]]), tuple(site[rows].tolist())
