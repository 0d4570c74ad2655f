"""What the page draws besides units: people, facilities, candidates, proposals, service circles and streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from layers.tables import QUANTITIES
from maps.numbers import shown, shown_yuan
from maps.page.coordinates import DisplayGrid
from maps.page.island import Json, packed
from planner.assessment import Assessment, Finding
from planner.measures import OPEN_STATUSES

BEYOND, OFF_NETWORK = 3, 4
"""Band of a demand point after the three thirds of the circle (0, 1, 2)."""
MAX_EDGES = 20_000
"""With more streets than this only the main classes are drawn, and the page says so."""
MAIN_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary")
STREET_DETAIL_M = 8.0
CIRCLE_DETAIL_M = 15.0


def bands_minutes(circle_minutes: float) -> tuple[float, float, float]:
    """Thirds of the circle: 5, 10 and 15 of 15 minutes."""
    return circle_minutes / 3, 2 * circle_minutes / 3, circle_minutes


def people(assessment: Assessment, grid: DisplayGrid) -> Json:
    """The demand points that have people of the circle's base, or of whom it is not known: place, people, minutes and band."""
    area = assessment.before.area
    number = area.demand[assessment.circle_base].to_numpy(dtype=float)
    shown_rows = np.flatnonzero(number != 0)
    off = assessment.off_network
    stray = area.demand["demand_id"].isin(off.loc[off["table"] == "demand", "id"]).to_numpy()
    states = {
        name: {
            "minutes": packed(finding.minutes[shown_rows], "f4"),
            "band": packed(_bands(finding.minutes, stray, assessment.circle_minutes)[shown_rows], "u1"),
        }
        for name, finding in (("before", assessment.before), ("after", assessment.after))
    }
    return {**grid.points(area.demand_xy_m[shown_rows]), "people": packed(number[shown_rows], "f4"), **states}


def _bands(minutes: NDArray[np.float64], stray: NDArray[np.bool_], circle_minutes: float) -> NDArray[np.int64]:
    """(d,) which third of the circle, each limit included; `BEYOND`, or `OFF_NETWORK` for those whom no street reaches."""
    tolerance = 1e-9
    band = np.searchsorted(np.asarray(bands_minutes(circle_minutes)) + tolerance, minutes, side="left")
    return np.where(stray & ~np.isfinite(minutes), OFF_NETWORK, np.minimum(band, BEYOND))


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
        "cost": [_cost(yuan) for yuan in table["cost_yuan"]],
        "gained": [shown(gained, "people") for gained in table["people_gained"]],
        "reason": [{"zh": zh, "en": en} for zh, en in zip(table["reason_zh"], table["reason_en"], strict=True)],
        "next_best": [name or other for name, other in zip(next_names, table["next_best_id"], strict=True)],
        "next_best_loss": [shown(100 * loss, "%") for loss in table["next_best_loss"].astype(float)],
        "facts": _facts(rows),
    }


def circles(assessment: Assessment, grid: DisplayGrid) -> Json:
    """The merged circles of both states, wide to narrow."""
    return {"before": _merged(assessment.before, grid), "after": _merged(assessment.after, grid)}


def _merged(finding: Finding, grid: DisplayGrid) -> list[Json]:
    merged = finding.circles[finding.circles["facility_id"] == ""].sort_values("minutes", ascending=False)
    shapes = np.asarray(shapely.simplify(np.asarray(merged.geometry, dtype=object), CIRCLE_DETAIL_M), dtype=object)
    return [
        {"minutes": shown(minutes, "min").removesuffix(".0"), **grid.areas(shapes[[row]])} for row, minutes in enumerate(merged["minutes"])
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
