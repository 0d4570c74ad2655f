"""What the page draws besides units: people, facilities, candidates, proposals, service circles and streets."""

from __future__ import annotations

import math
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.kinds import rows_of_kind
from layers.place_names import names_with_township
from layers.streets import StreetNetwork
from layers.tables import QUANTITIES
from maps.numbers import shown, shown_yuan
from maps.page.coordinates import DisplayGrid
from maps.page.island import Json, narrow, packed
from planner.assessment import Assessment, Finding
from planner.circles import service_circles
from planner.ledger import bringing, replaceable
from planner.measures import OPEN_STATUSES, open_of_kind

BEYOND, OFF_NETWORK = 3, 4
"""Band of a demand point after the three thirds of the circle (0, 1, 2)."""
BINS = 15
"""Parts of the circle in the chart of minutes."""
MAX_EDGES = 20_000
"""With more streets than this only the main classes are drawn, and the page says so."""
MAIN_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary")
STREET_DETAIL_M = 8.0
CIRCLE_DETAIL_M = 15.0


def bands_minutes(circle_minutes: float) -> tuple[float, float, float]:
    """Thirds of the circle: 5, 10 and 15 of 15 minutes."""
    return circle_minutes / 3, 2 * circle_minutes / 3, circle_minutes


def people(assessment: Assessment, grid: DisplayGrid) -> Json:
    """The demand points that have people of the circle's base, or of whom it is not known: place, band, and people as whole numbers (0 where it
    is not known), on which nothing but the size of a dot rests."""
    area = assessment.before.area
    number = area.demand[assessment.circle_base].to_numpy(dtype=float)
    shown_rows, stray = shown_people(assessment), stray_people(assessment)
    size = np.rint(np.nan_to_num(number[shown_rows])).astype(np.int64)
    states = {
        name: {
            "band": packed(bands_of(finding.minutes, stray, assessment.circle_minutes)[shown_rows], "u1"),
        }
        for name, finding in (("before", assessment.before), ("after", assessment.after))
    }
    return {**grid.points(area.demand_xy_m[shown_rows]), "size": narrow(size), **states}


def shown_people(assessment: Assessment) -> NDArray[np.int64]:
    """Rows of the demand points that the page draws: those with people of the circle's base, or of whom it is not known."""
    return np.flatnonzero(assessment.before.area.demand[assessment.circle_base].to_numpy(dtype=float) != 0)


def stray_people(assessment: Assessment) -> NDArray[np.bool_]:
    """(d,) demand points that no street reaches."""
    off = assessment.off_network
    return np.asarray(assessment.before.area.demand["demand_id"].isin(off.loc[off["table"] == "demand", "id"]), dtype=bool)


def bands_of(minutes: NDArray[np.float64], stray: NDArray[np.bool_], circle_minutes: float) -> NDArray[np.int64]:
    """(d,) which third of the circle, each limit included; `BEYOND`, or `OFF_NETWORK` for those whom no street reaches."""
    tolerance = 1e-9
    band = np.searchsorted(np.asarray(bands_minutes(circle_minutes)) + tolerance, minutes, side="left")
    return np.where(stray & ~np.isfinite(minutes), OFF_NETWORK, np.minimum(band, BEYOND))


def bins_of(minutes: NDArray[np.float64], stray: NDArray[np.bool_], circle_minutes: float) -> NDArray[np.int64]:
    """(d,) which of `BINS` equal parts of the circle, five to a band; then beyond it, and off the network."""
    edges = circle_minutes * np.arange(1, BINS + 1) / BINS
    found = np.searchsorted(edges + 1e-9, minutes, side="left")
    return np.where(stray & ~np.isfinite(minutes), BINS + 1, np.minimum(found, BINS))


def minutes_spread(assessment: Assessment) -> Json:
    """How many people of the circle's base have how far: digits per bin in both states, and the upper edges of the bins [minutes]."""
    rows, stray = shown_people(assessment), stray_people(assessment)
    people_ = assessment.before.area.demand[assessment.circle_base].to_numpy(dtype=float)[rows]
    states: dict[str, Json] = {}
    for name, finding in (("before", assessment.before), ("after", assessment.after)):
        bins = bins_of(finding.minutes, stray, assessment.circle_minutes)[rows]
        states[name] = [shown(math.fsum(people_[(bins == i) & ~np.isnan(people_)]), "people") for i in range(BINS + 2)]
    edges = [shown(assessment.circle_minutes * (i + 1) / BINS, "min").removesuffix(".0") for i in range(BINS)]
    return {"edges": edges, **states}


def facilities(assessment: Assessment, grid: DisplayGrid) -> Json:
    """Every facility that stands today, with what is known of it."""
    table = assessment.before.area.facilities
    return {
        **grid.points(_xy(table)),
        "id": table["facility_id"].tolist(),
        "name": table["name"].tolist(),
        "kind": [_known_kinds(text) for text in table["kind"]],
        "unit_id": table["unit_id"].tolist(),
        "open": packed(table["status"].isin(OPEN_STATUSES).to_numpy(), "u1"),
        "facts": _facts(table),
    }


def candidates(assessment: Assessment, grid: DisplayGrid) -> Json:
    """The candidates that were not chosen."""
    every = assessment.before.area.candidates
    table = every.drop(index=list(assessment.choice.opened))
    return {
        **grid.points(_xy(table)),
        "id": table["candidate_id"].tolist(),
        "name": table["name"].tolist(),
        "kind": [_known_kinds(text) for text in table["kind"]],
        "cost": [_cost(yuan) for yuan in table["cost_yuan"]],
        "facts": _facts(table),
    }


def proposals(assessment: Assessment, grid: DisplayGrid) -> Json:
    """The proposed sites, best first: the page numbers them from 1."""
    table = assessment.proposals
    every = assessment.before.area.candidates
    names = dict(zip(every["candidate_id"], every["name"], strict=True))
    next_names = [names.get(other, "") for other in table["next_best_id"]]
    rows = every.set_index("candidate_id").loc[table["candidate_id"]].reset_index()
    return {
        **grid.points(_xy(table)),
        "id": table["candidate_id"].tolist(),
        "name": table["name"].tolist(),
        "kind": [_known_kinds(text) for text in table["kind"]],
        "unit_id": table["unit_id"].tolist(),
        "place": table["unit_id"].map(names_with_township(assessment.before.area)).tolist(),
        "cost": [_cost(yuan) for yuan in table["cost_yuan"]],
        "for_whom": table["for_whom"].tolist(),
        **{name: [shown(n, "people") for n in table[f"people_{name}"]] for name in ("in_reach", "gained")},
        "reason": [{"zh": zh, "en": en} for zh, en in zip(table["reason_zh"], table["reason_en"], strict=True)],
        "next_best": [name or other for name, other in zip(next_names, table["next_best_id"], strict=True)],
        "next_best_loss": [shown(100 * loss, "%") for loss in table["next_best_loss"].astype(float)],
        "facts": _facts(rows),
    }


def circles(assessment: Assessment, grid: DisplayGrid) -> Json:
    """The merged circles of both states, wide to narrow."""
    return {"before": _merged(assessment.before, grid), "after": _merged(assessment.after, grid)}


def own_circles(assessment: Assessment, grid: DisplayGrid, switch: Callable[[int], int]) -> Json:
    """The circles of what comes and goes, site by site, and of all that stands whatever is opened; `switch` numbers the sites.

    `own` holds one entry per site of `of`, its bands wide to narrow; `always` the merged circles of today without what could be replaced, None
    where nothing could be.
    """
    area = assessment.before.area
    moves = np.flatnonzero(replaceable(area) & open_of_kind(area.facilities, assessment.circle_kinds))
    barred = area.candidates["candidate_id"].isin(assessment.choice.excluded["candidate_id"]).to_numpy()
    brings = bringing(area)
    brings = brings[~barred[brings]]
    of_kind = brings[rows_of_kind(area.candidates["kind"].iloc[brings], assessment.circle_kinds)]
    opened = area.with_opened(brings.tolist())
    sites = [*moves.tolist(), *(area.n_facilities + np.searchsorted(brings, of_kind)).tolist()]
    own = service_circles(
        opened, assessment.travel, profile=assessment.circle_profile, site_rows=sites, bands=bands_minutes(assessment.circle_minutes)
    )
    shapes = [own.iloc[3 * i : 3 * i + 3] for i in range(len(sites))]
    numbers = [switch(int(row)) for row in (*moves, *(area.n_facilities + of_kind))]
    return {
        "of": narrow(np.array(numbers, dtype=np.int64)),
        "own": [_drawn(table, grid) for table in shapes],
        "always": _always(assessment, grid, moves) if len(moves) else None,
    }


def _always(assessment: Assessment, grid: DisplayGrid, moves: NDArray[np.int64]) -> list[Json]:
    """The merged circles of the facilities that stand whatever is opened."""
    every = assessment.before.circles
    gone = set(assessment.before.area.facilities["facility_id"].iloc[moves])
    stay = every[(every["facility_id"] != "") & ~every["facility_id"].isin(gone)]
    return _drawn(stay.dissolve(by="minutes", as_index=False), grid)


def _merged(finding: Finding, grid: DisplayGrid) -> list[Json]:
    return _drawn(finding.circles[finding.circles["facility_id"] == ""], grid)


def _drawn(bands: gpd.GeoDataFrame, grid: DisplayGrid) -> list[Json]:
    """Circles of several bands, wide to narrow."""
    table = bands.sort_values("minutes", ascending=False)
    shapes = np.asarray(shapely.simplify(np.asarray(table.geometry, dtype=object), CIRCLE_DETAIL_M), dtype=object)
    return [
        {"minutes": shown(minutes, "min").removesuffix(".0"), **grid.areas(shapes[[row]])} for row, minutes in enumerate(table["minutes"])
    ]


def streets(network: StreetNetwork | None, grid: DisplayGrid) -> Json:
    """The streets, minor ones first; `main` marks the wider ones. None without streets."""
    if network is None:
        return None
    is_main = np.array([name.removesuffix("_link") in MAIN_CLASSES for name in network.class_names], dtype=bool)
    main = is_main[network.edge_class] if network.n_edges else np.zeros(0, dtype=bool)
    thinned = network.n_edges > MAX_EDGES and bool(main.any())
    rows = np.flatnonzero(main) if thinned else np.argsort(main, kind="stable")
    lines = np.asarray(shapely.simplify(network.lines()[rows], STREET_DETAIL_M), dtype=object)
    return {**grid.lines(lines), "main": packed(main[rows], "u1"), "thinned": thinned}


def _xy(table: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([table.geometry.x, table.geometry.y]).reshape(-1, 2)


def _known_kinds(text: str) -> list[Json]:
    """The kinds of a `kind` column as written there: known ones have words and a symbol on the page, others are shown as they are."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _cost(yuan: float) -> dict[str, Json]:
    """A sum of money in both languages: [digits, unit]."""
    return {language: list(shown_yuan(yuan, language)) for language in ("zh", "en")}


def _facts(table: pd.DataFrame) -> list[Json]:
    """For each row the quantities that are known: [column, digits, unit]."""
    columns = [column for column in QUANTITIES if column.name in table.columns]
    return [
        [[c.name, shown(value, c.unit), c.unit] for c in columns if not np.isnan(value := float(row[c.name]))]
        for row in table.to_dict("records")
    ]
