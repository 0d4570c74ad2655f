"""`Ground`: what is drawn once for all scenarios of a place: the numbered list of its places with their outlines, and the grid of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
from pyproj import CRS, Transformer

from layers.study_area import StudyArea
from maps.page.coordinates import DisplayGrid
from maps.page.island import Json
from maps.page.places import bounds_m, places, places_table


@dataclass(frozen=True, eq=False)
class Ground:
    """The places of a page."""

    grid: DisplayGrid
    crs: CRS
    table: pd.DataFrame
    """of `places.places_table`: rows are numbered from 0"""
    rows: Mapping[tuple[str, str], int]
    """(level, id) -> row of the places"""
    drawn: Mapping[str, Json]
    """what `places.places` writes"""

    @classmethod
    def of(cls, area: StudyArea) -> Ground:
        """The ground of a place."""
        grid = DisplayGrid.of(area.crs, bounds_m(area))
        table = places_table(area)
        rows = {(str(level), str(i)): row for row, (level, i) in enumerate(zip(table["level"], table["place_id"], strict=True))}
        return cls(grid, area.crs, table, rows, places(area, table, grid))

    def grid_of(self, area: StudyArea) -> DisplayGrid:
        """The same grid for a scenario of the place that is measured in another system."""
        if area.crs == self.crs:
            return self.grid
        return replace(self.grid, to_degrees=Transformer.from_crs(area.crs, CRS.from_epsg(4326), always_xy=True))
