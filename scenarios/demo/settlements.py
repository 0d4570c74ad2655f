"""Where people settle: the county town on both banks, the seats of the townships, the villages in the valleys and their hamlets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from scenarios.demo.chance import Flags, Floats, Ints, stream, value_noise
from scenarios.demo.terrain import TOWN_M, Ground

N_SEATS = 12
"""townships outside the county town"""
N_TOWNS = 8
"""of these are towns (镇), the others rural townships (乡)"""
N_VILLAGES = 278
"""villages outside the towns"""
N_HAMLETS = 1250


@dataclass(frozen=True, eq=False)
class Settlements:
    """Places by position; all arrays are parallel where they share a first word."""

    town_m: Floats
    """(2,) middle of the county town, on the river"""
    seat_m: Floats
    """(12, 2) market places of the townships outside the county town, from low to high: 8 towns, then 4 rural townships"""
    village_m: Floats
    """(v, 2) the first place of every village-level unit: communities of the town, of the seats, then villages"""
    village_place: Ints
    """(v,) -1 county town, 0-11 a seat's market town, 99 a village"""
    worth: Floats
    """(cells,) how good a cell is to live on, 0 to 1"""


def make_settlements(ground: Ground) -> Settlements:
    """The places of the county, from the town outwards."""
    grid = ground.grid
    centres = grid.centres()
    worth = _worth(ground)
    dry = ground.inside & (ground.river_distance_m > 130.0)
    town_m = _on_river(ground)
    from_town_m = np.hypot(*(centres - town_m).T)
    border_m = cKDTree(centres[~ground.inside]).query(centres)[0]
    room = np.where(dry & (from_town_m > 6_500.0) & (border_m > 2_000.0), worth + 0.5 * _stream_rank(ground), 0.0)
    seats = pick(centres, room, N_SEATS, np.full(grid.size, 7_000.0))
    seats = seats[np.argsort(ground.height_m[seats], kind="stable")]
    town_communities = _town_communities(ground, centres, from_town_m)
    seat_communities, seat_of = _seat_communities(centres, worth * dry, seats)
    taken_m = cKDTree(centres[np.concatenate([town_communities, seat_communities])]).query(centres)[0]
    open_land = np.where(dry & (taken_m > 1_250.0) & (border_m > 350.0), worth, 0.0)
    villages = pick(centres, open_land, N_VILLAGES, 1_350.0 + 900.0 * (1.0 - worth))
    cells = np.concatenate([town_communities, seat_communities, villages])
    place = np.concatenate([np.full(len(town_communities), -1), seat_of, np.full(len(villages), 99)])
    return Settlements(town_m, centres[seats], centres[cells], place, worth)


def pick(centres: Floats, score: Floats, count: int, spacing_m: Floats) -> Ints:
    """Up to `count` cells, best score first, none within the spacing [m] of a better one."""
    tree = cKDTree(centres)
    left = score.copy()
    chosen: list[int] = []
    while len(chosen) < count:
        best = int(np.argmax(left))
        if left[best] <= 0.0:
            break
        chosen.append(best)
        left[tree.query_ball_point(centres[best], float(spacing_m[best]))] = 0.0
    return np.array(chosen, dtype=np.int64)


def hamlet_cells(ground: Ground, places: Settlements, taken: Flags) -> Ints:
    """Cells of hamlets: in the side valleys and on the gentler slopes, away from the towns (`taken`)."""
    centres = ground.grid.centres()
    rng = stream(12)
    score = np.where(ground.inside & ~taken & (ground.river_distance_m > 130.0), places.worth + 0.12 * rng.random(len(centres)), 0.0)
    villages = ground.grid.cells_at(places.village_m[places.village_place == 99])
    score[villages] = 9.0
    return pick(centres, np.where(score > 0.16, score, 0.0), N_HAMLETS, 430.0 + 420.0 * rng.random(len(centres)))


def _stream_rank(ground: Ground) -> Floats:
    return np.asarray(np.clip(np.log10(ground.drained_cells) / 4.0, 0.0, 1.0))


def _worth(ground: Ground) -> Floats:
    """Flat, low and near a stream is good; a little chance."""
    flat = 1.0 / (1.0 + (ground.slope / 0.11) ** 2)
    low = 1.0 / (1.0 + np.clip((ground.height_m - 420.0) / 420.0, 0.0, None) ** 2)
    chance = value_noise(stream(10), ground.grid.shape, 20.0, octaves=3).ravel()
    return np.asarray(np.round(flat * low * (0.45 + 0.3 * _stream_rank(ground) + 0.25 * chance), 4))


def _on_river(ground: Ground) -> Floats:
    at = shapely.line_interpolate_point(ground.river, shapely.line_locate_point(ground.river, shapely.Point(TOWN_M)))
    return np.asarray(np.round(shapely.get_coordinates(at)[0], 1), dtype=np.float64)


def _town_communities(ground: Ground, centres: Floats, from_town_m: Floats) -> Ints:
    """Ten communities of the county town: the flat cells of both banks, well apart."""
    score = np.where((from_town_m < 1_750.0) & (ground.river_distance_m > 150.0) & (ground.slope < 0.12), 3_000.0 - from_town_m, 0.0)
    return pick(centres, score, 10, np.full(len(centres), 700.0))


def _seat_communities(centres: Floats, worth: Floats, seats: Ints) -> tuple[Ints, Ints]:
    """A community at every seat, a second one at the first three; the seat of each."""
    cells, seat_of = list(seats), list(range(len(seats)))
    for seat in range(3):
        away_m = np.hypot(*(centres - centres[seats[seat]]).T)
        cells.append(int(np.argmax(np.where((away_m > 550.0) & (away_m < 900.0), worth, 0.0))))
        seat_of.append(seat)
    return np.array(cells, dtype=np.int64), np.array(seat_of, dtype=np.int64)
