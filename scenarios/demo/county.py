"""The whole invented county, part by part: each step needs only those before it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from scenarios.demo.boundaries import Boundaries, make_boundaries
from scenarios.demo.candidates import Candidate, make_candidates
from scenarios.demo.dwellings import make_dwellings
from scenarios.demo.estates import make_estates
from scenarios.demo.facilities import Facility, make_childcare, make_clinics, make_facilities
from scenarios.demo.hamlets import make_hamlets
from scenarios.demo.people import make_people
from scenarios.demo.roads import make_roads, settled_nodes
from scenarios.demo.settlements import hamlet_cells, make_settlements
from scenarios.demo.spots import make_spots
from scenarios.demo.terrain import Ground, make_ground
from scenarios.demo.town_streets import make_town_streets
from scenarios.demo.units import village_units
from scenarios.demo.ways import make_ways

TOWN_FRINGE_M = 150.0
"""no hamlet stands so close to the blocks of a town"""


@dataclass(frozen=True, eq=False)
class County:
    """Everything that is written to files; geometry in EPSG:4546."""

    ground: Ground
    bounds: Boundaries
    villages: gpd.GeoDataFrame
    people: pd.DataFrame
    """figures of the villages, same order"""
    roads: gpd.GeoDataFrame
    dwellings: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    elderly_care: list[Facility]
    childcare: list[Facility]
    clinics: list[Facility]
    candidates: list[Candidate]


def make_county() -> County:
    """The county; the same one every time."""
    ground = make_ground()
    places = make_settlements(ground)
    bounds = make_boundaries(ground, places)
    streets = make_town_streets(ground, places)
    in_town = shapely.contains_xy(shapely.buffer(streets.outline, TOWN_FRINGE_M), ground.grid.centres())
    cells = hamlet_cells(ground, places, in_town)
    ways = make_ways(ground, places, streets, cells)
    node_m = settled_nodes(ways, cells)
    hamlets = make_hamlets(ground, places, cells, node_m[cells])
    dwellings = make_dwellings(ground, bounds, streets, hamlets)
    villages = village_units(ground, places, bounds)
    spots = make_spots(places, bounds, dwellings)
    estates = make_estates(places, bounds, streets, dwellings)
    return County(
        ground=ground,
        bounds=bounds,
        villages=villages,
        people=make_people(villages, dwellings["village"].to_numpy(), dwellings["户数"].to_numpy()),
        roads=make_roads(ground, ways, node_m, streets, hamlets),
        dwellings=dwellings,
        estates=estates,
        elderly_care=make_facilities(villages, spots, estates),
        childcare=make_childcare(villages, spots),
        clinics=make_clinics(villages, spots),
        candidates=make_candidates(ground, villages, spots, estates),
    )
