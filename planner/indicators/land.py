"""Residential land inside service radii: the figure that planning bureaus quote, measured on polygons.

People are counted by travel minutes (`planner.indicators.reach`); this is for the customary figure only, under its own name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.indicators.needs import Lacking

QUAD_SEGS = 64
"""corners per quarter circle: such a disc has 0.9999 of the true area (8 corners: 0.9936)"""
DUST_M2 = 1e-6
"""pieces smaller than this come from rounding"""

Polygons = NDArray[np.object_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Land:
    """Parcels of residential land, and the straight service circles that meet each of them."""

    parcels: Polygons
    place_row: Rows
    """(n,) the place each parcel belongs to, -1 for none"""
    circles: dict[int, shapely.Geometry]
    """by site row, facilities and candidates"""
    meeting: list[Rows]
    """(n,) site rows of the circles that meet each parcel, ascending"""
    n_facilities: int

    @property
    def area_m2(self) -> NDArray[np.float64]:
        """(n,) of the parcels."""
        area: NDArray[np.float64] = shapely.area(self.parcels)
        return area

    def covered_m2(self) -> NDArray[np.float64]:
        """(n,) area of each parcel inside the circles of the facilities."""
        return np.array([self._covered_m2(row) for row in range(len(self.parcels))])

    def lacking(self, short: NDArray[np.bool_], ids: NDArray[np.object_]) -> Lacking:
        """The pieces of ground outside every facility's circle, in the places marked in (p,)."""
        parcels = np.flatnonzero((self.place_row >= 0) & short[self.place_row])
        pieces = [(parcel, m2, by) for parcel in parcels.tolist() for m2, by in self.pieces(parcel)]
        parcel = np.array([p for p, _, _ in pieces], dtype=np.int64)
        arcs = [(need, site - self.n_facilities) for need, (_, _, by) in enumerate(pieces) for site in sorted(by)]
        need_row, candidate_row = np.array(arcs, dtype=np.int64).reshape(-1, 2).T
        amount = np.array([m2 for _, m2, _ in pieces], dtype=float)
        return Lacking(self.place_row[parcel], ids[parcel], amount, need_row, candidate_row)

    def pieces(self, row: int) -> Iterator[tuple[float, tuple[int, ...]]]:
        """The ground of a parcel outside the facilities' circles, cut by those of the candidates: (area, the site rows that would cover it).

        Each piece is covered as a whole by exactly these sites, so that areas can be added up whichever of them are opened.
        """
        ground = shapely.difference(self.parcels[row], self._standing(row))
        parts: list[tuple[shapely.Geometry, tuple[int, ...]]] = [(ground, ())]
        for site in self.meeting[row][self.meeting[row] >= self.n_facilities].tolist():
            inside = [(shapely.intersection(part, self.circles[site]), (*by, site)) for part, by in parts]
            outside = [(shapely.difference(part, self.circles[site]), by) for part, by in parts]
            parts = [(part, by) for part, by in inside + outside if shapely.area(part) > DUST_M2]
        yield from ((float(shapely.area(part)), by) for part, by in parts if shapely.area(part) > DUST_M2)

    def _standing(self, row: int) -> shapely.Geometry:
        """The circles of the facilities that meet a parcel, in one."""
        return shapely.union_all([self.circles[site] for site in self.meeting[row] if site < self.n_facilities])

    def _covered_m2(self, row: int) -> float:
        standing = self._standing(row)
        whole = shapely.covers(standing, self.parcels[row])
        return float(shapely.area(self.parcels[row] if whole else shapely.intersection(self.parcels[row], standing)))


def land_of(area: StudyArea, place_row: Rows, sites: NDArray[np.bool_], site_place: Rows | None, radius_m: float) -> Land:
    """The residential land of a place with the circles of `radius_m` around the sites marked in (s,).

    With `site_place` only sites of the parcel's own place serve it.
    """
    parcels: Polygons = np.asarray(area.residential.geometry, dtype=object)
    rows = np.flatnonzero(sites)
    drawn: Polygons = np.asarray(shapely.buffer(shapely.points(area.site_xy_m[rows]), radius_m, quad_segs=QUAD_SEGS), dtype=object)
    parcel, circle = shapely.STRtree(drawn).query(parcels, predicate="intersects")
    site = rows[circle]
    if site_place is not None:
        same = site_place[site] == place_row[parcel]
        parcel, site = parcel[same], site[same]
    meeting = [np.sort(site[parcel == row]) for row in range(len(parcels))]
    return Land(parcels, place_row, dict(zip(rows.tolist(), drawn, strict=True)), meeting, area.n_facilities)
