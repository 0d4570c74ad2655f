"""Whether the streets cover the place: people far from every street count as out of reach of everything, which must not go unseen.

A street file that ends at a town's edge, or an extract of the neighbouring county, is no fault that a program could mend; that whole villages lie
beyond it is told before minutes are counted.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.problems import Findings
from layers.saying import say
from layers.streets import StreetNetwork
from layers.tables import BASES

CELL_M = 500.0
"""Points are far from the streets when neither their cell nor one beside it holds a piece of street, so by this distance at least."""
LEAST_SHARE = 0.02
"""Less than such a share of the people lives in hamlets off the mapped streets in most mountain counties."""


def tell_uncovered(streets: StreetNetwork, demand: gpd.GeoDataFrame, units: gpd.GeoDataFrame, findings: Findings) -> None:
    """A warning when more than 2 % of the people of some base live far from every street, with the units where most of them do."""
    bases = [base.name for base in BASES if base.name in demand and base.unit == "people"]
    far = _far_from(streets, np.column_stack([demand.geometry.x, demand.geometry.y]))
    if not bases or not far.any():
        return
    people = demand[bases].fillna(0.0)
    total = people.sum()
    base = str((people[far].sum() / total.where(total > 0)).fillna(0.0).idxmax())
    n, whole = float(people.loc[far, base].sum()), float(total[base])
    if not whole or n / whole < LEAST_SHARE:
        return
    by_unit = people.loc[far, base].groupby(demand.loc[far, "unit_id"].to_numpy()).sum().sort_values(ascending=False, kind="stable")
    what = say(
        "{n:,.0f} of {total:,.0f} people ({percent:.1f} %) live more than {metres:.0f} m from every street of it",
        n=n,
        total=whole,
        percent=100 * n / whole,
        metres=CELL_M,
    )
    remedy = say(
        "Does the file cover the whole place? People far from the streets count as out of reach of everything: take a larger extract, "
        "or leave [layers.streets] out, and minutes are straight lines."
    )
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    findings.warning(say("streets"), what, remedy, [str(names.get(unit) or unit or say("no unit")) for unit in by_unit.index])


def _far_from(streets: StreetNetwork, xy_m: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) which of the (n, 2) points have no piece of street in their cell or the eight beside it."""
    long = np.flatnonzero(streets.edge_length_m > CELL_M / 2)
    between = shapely.get_coordinates(shapely.segmentize(streets.lines()[long], CELL_M / 2))
    held = np.unique(_cells(np.concatenate([streets.shape_xy_m, between])))
    beside = np.concatenate([held + dx * _ROW + dy for dx in (-1, 0, 1) for dy in (-1, 0, 1)])
    return ~np.isin(_cells(xy_m), beside)


_ROW = 1 << 32
"""cells of one column of cells"""


def _cells(xy_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) number of the cell that each of the (n, 2) points lies in."""
    at = np.floor(xy_m / CELL_M).astype(np.int64)
    cells: NDArray[np.int64] = at[:, 0] * _ROW + at[:, 1]
    return cells
