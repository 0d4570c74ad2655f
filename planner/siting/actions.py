"""Actions on what stands: enlarge, convert, upgrade, close or merge, as candidates that replace a facility.

A candidate whose `replaces` names a facility says what stands there afterwards, whole; the facility closes when the candidate opens. `action`
is the word for it: enlarge, convert, upgrade, or close, which puts nothing in its place. A merger is two rows: the one home closes, the
other is enlarged.

For the choice every facility that could be replaced is taken out of the place and offered again, free of cost and on one plot with whatever
may replace it: a candidate that is *kept*. So what a replacement costs in service is weighed exactly, by every rule, with nothing new in
the solver. Needs and relief are then those of the place without these facilities; the notes of the choice say so. A closure is taken only
where it is required (decided): no goal here pays for closing a home, and `planner.closures` says what would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.fault_place import within
from layers.problems import Findings
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import CANDIDATES, QUANTITY_NAMES
from planner.closures import with_closed
from planner.measures import OPEN_STATUSES
from planner.travel.arcs import Arcs
from planner.travel.times import TravelTimes

KEPT = "is_kept"
"""column of the staged candidates: a facility that may stay as it is"""
CLOSE = "close"


@dataclass(frozen=True, eq=False)
class Stage:
    """A place as the choice sees it."""

    area: StudyArea
    times: TravelTimes
    replaced: tuple[int, ...]
    """facility rows that could be replaced: closed in `area`, and offered again after the candidates of the place"""


def staged(area: StudyArea, times: TravelTimes) -> Stage:
    """The place with every facility that could be replaced offered as a candidate; as it is where no candidate replaces anything.

    `LayerFaultsError` for a candidate that replaces what is not there, or not open, or several facilities at once.
    """
    if "replaces" not in area.candidates.columns or not (area.candidates["replaces"] != "").any():
        return Stage(area, times, ())
    row_of = {str(id_): row for row, id_ in enumerate(area.facilities["facility_id"])}
    _check(area, row_of)
    named = area.candidates["replaces"]
    replaced = tuple(sorted(row_of[id_] for id_ in set(named) - {""}))
    ids = area.facilities["facility_id"].iloc[list(replaced)].tolist()
    plot = _plots(area).where(named == "", named.map(lambda id_: f"replaces {id_}"))
    offered = area.candidates.assign(site_id=plot, **{KEPT: False})
    if "action" in offered.columns:
        offered = _without_bringing(offered, (offered["action"] == CLOSE).to_numpy())
    kept = _kept_rows(area, replaced).assign(site_id=[f"replaces {id_}" for id_ in ids])
    together = pd.concat([offered, kept.reindex(columns=offered.columns)], ignore_index=True)
    stage = with_closed(replace(area, candidates=gpd.GeoDataFrame(together, geometry="geometry", crs=area.crs)), replaced)
    return Stage(stage, _times_of(times, replaced), replaced)


def _plots(area: StudyArea) -> pd.Series:
    """The plot of each candidate; its own id where none is given."""
    ids: pd.Series = area.candidates["candidate_id"]
    if "site_id" not in area.candidates.columns:
        return ids
    plots: pd.Series = area.candidates["site_id"]
    return plots.where(plots != "", ids)


def _check(area: StudyArea, row_of: Mapping[str, int]) -> None:
    """Stop when a candidate replaces what cannot be replaced."""
    table, findings = area.candidates, Findings()
    ids, named = table["candidate_id"].astype(str), table["replaces"]
    several = named.str.contains(";")
    absent = (named != "") & ~several & ~named.isin(row_of)
    status = area.facilities["status"]
    shut = named.isin([id_ for id_, row in row_of.items() if status.iloc[row] not in OPEN_STATUSES])
    differ = (named.groupby(_plots(area)).transform("nunique") > 1).to_numpy()
    where = within(say("candidates"), "replaces")
    for bad, what, remedy in (
        (several, say("replaces several facilities"), say("Name one; write a merger as one row that closes and one that enlarges.")),
        (absent, say("replaces a facility that does not exist"), say("Correct the facility_id.")),
        (shut, say("replaces a facility that is not open"), say("Leave replaces empty.")),
        (differ, say("one plot replaces different facilities"), say("Give them different site_id.")),
    ):
        if bad.any():
            findings.error(where, what, remedy, sorted(ids[bad]))
    findings.raise_errors()


def _without_bringing(table: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """The table whose marked rows bring nothing."""
    empty: dict[str, object] = {name: 0.0 for name in QUANTITY_NAMES if name in table.columns}
    changes = {
        name: table[name].where(~rows, value)
        for name, value in {**empty, "kind": "", "serves": "", "functions": ""}.items()
        if name in table
    }
    return table.assign(**changes)


def _kept_rows(area: StudyArea, replaced: tuple[int, ...]) -> pd.DataFrame:
    """The facilities as candidates that cost nothing."""
    table = area.facilities.iloc[list(replaced)].reset_index(drop=True)
    texts = {c.name: "" for c in CANDIDATES if c.type in ("text", "list", "choice") and c.name not in table.columns}
    ids = [f"keep {id_}" for id_ in table["facility_id"]]
    rows: pd.DataFrame = table.assign(**{**texts, "candidate_id": ids, "role": "candidate", "cost_yuan": 0.0, KEPT: True})
    return rows


def _times_of(times: TravelTimes, replaced: tuple[int, ...]) -> TravelTimes:
    """The times with the arcs of the replaced facilities once more, to the candidates at the end."""
    return replace(times, by_profile={profile: _arcs_of(arcs, replaced) for profile, arcs in times.by_profile.items()})


def _arcs_of(arcs: Arcs, replaced: tuple[int, ...]) -> Arcs:
    new = np.full(arcs.n_sites, -1, dtype=np.int32)
    new[list(replaced)] = arcs.n_sites + np.arange(len(replaced), dtype=np.int32)
    again = new[arcs.site_row] >= 0
    demand = np.concatenate([arcs.demand_row, arcs.demand_row[again]])
    site = np.concatenate([arcs.site_row, new[arcs.site_row[again]]])
    minutes = np.concatenate([arcs.minutes, arcs.minutes[again]])
    order = np.lexsort((site, demand))
    return Arcs(demand[order], site[order], minutes[order], arcs.limit_minutes, arcs.n_demand, arcs.n_sites + len(replaced))
