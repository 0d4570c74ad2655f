"""Hamlets: how large each is, and the lanes between its houses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from scenarios.demo.chance import Floats, Ints, stream
from scenarios.demo.river import WIDTH_M
from scenarios.demo.settlements import Settlements
from scenarios.demo.terrain import Ground

LONGEST_LANE_M = 220.0


@dataclass(frozen=True, eq=False)
class Hamlets:
    """Hamlets (h) and their lanes (n)."""

    cell: Ints
    """(h,) cell of the ground"""
    middle_m: Floats
    """(h, 2)"""
    size: Floats
    """(h,) relative number of houses"""
    lanes: NDArray[np.object_]
    """(n,) straight lines"""
    lane_hamlet: Ints
    """(n,) hamlet of each lane"""


def make_hamlets(ground: Ground, places: Settlements, cells: Ints, middle_m: Floats) -> Hamlets:
    """Lanes from house group to house group around the middle of every hamlet, stretched along the slope."""
    rng = stream(40)
    is_main = np.isin(cells, ground.grid.cells_at(places.village_m[places.village_place == 99]))
    size = np.round(np.exp(rng.normal(0.0, 0.35, len(cells))) * (0.45 + places.worth[cells]) * np.where(is_main, 2.0, 1.0), 3)
    count = np.clip((5.0 * size + 3.0).astype(np.int64), 3, 16)
    owner = np.repeat(np.arange(len(cells)), count)
    spot_m = middle_m[owner] + _spread(ground, cells[owner], size[owner], rng)
    spot_m, owner = np.concatenate([middle_m, spot_m]), np.concatenate([np.arange(len(cells)), owner])
    spot_m = np.round(spot_m, 2)
    crowded = cKDTree(spot_m).query_pairs(24.0, output_type="ndarray")
    apart = ~np.isin(np.arange(len(spot_m)), crowded.max(axis=1)) | (np.arange(len(spot_m)) < len(cells))
    dry = shapely.distance(shapely.points(spot_m), ground.river) > WIDTH_M / 2 + 12.0
    at = ground.grid.cells_at(spot_m)
    kept = apart & dry & ground.inside[at]
    lines, lane_hamlet = _lanes(spot_m[kept], owner[kept], int(kept[: len(cells)].sum()), rng)
    clear = ~shapely.intersects(lines, ground.river.buffer(WIDTH_M / 2 + 4.0))
    return Hamlets(cells, middle_m, size, lines[clear], lane_hamlet[clear])


def _spread(ground: Ground, cell: Ints, size: Floats, rng: np.random.Generator) -> Floats:
    """(n, 2) offsets from the middle [m]: wide along the contour lines, narrow up and down the slope."""
    down, right = np.gradient(ground.height_m.reshape(ground.grid.shape))
    rise = np.column_stack([right.ravel()[cell], -down.ravel()[cell]]) + 1e-6
    uphill = rise / np.hypot(*rise.T)[:, None]
    level = np.column_stack([-uphill[:, 1], uphill[:, 0]])
    reach_m = 62.0 + 48.0 * size
    along, up = rng.normal(0.0, 1.0, (2, len(cell)))
    return np.asarray((along * reach_m)[:, None] * level + (up * 0.5 * reach_m)[:, None] * uphill, dtype=np.float64)


def _lanes(spot_m: Floats, owner: Ints, n_middles: int, rng: np.random.Generator) -> tuple[NDArray[np.object_], Ints]:
    """The shortest lanes that hold each hamlet together, and some short cuts; none cross, being sides of one triangulation.

    The first `n_middles` spots are the middles of the hamlets; lanes that do not hang together with one are left out.
    """
    sides = Delaunay(spot_m).simplices[:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2)
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    length_m = np.hypot(*(spot_m[sides[:, 0]] - spot_m[sides[:, 1]]).T)
    kept = (owner[sides[:, 0]] == owner[sides[:, 1]]) & (length_m < LONGEST_LANE_M)
    sides, length_m = sides[kept], length_m[kept]
    shape = (len(spot_m), len(spot_m))
    tree = minimum_spanning_tree(coo_array((length_m, (sides[:, 0], sides[:, 1])), shape=shape).tocsr()).tocoo()
    in_tree = np.isin(sides @ [len(spot_m), 1], np.minimum(tree.row, tree.col) * len(spot_m) + np.maximum(tree.row, tree.col))
    chosen = sides[in_tree | ((length_m < 85.0) & (rng.random(len(sides)) < 0.18))]
    _, piece = connected_components(coo_array((np.ones(len(chosen)), (chosen[:, 0], chosen[:, 1])), shape=shape), directed=False)
    chosen = chosen[np.isin(piece[chosen[:, 0]], piece[:n_middles])]
    return np.asarray(shapely.linestrings(spot_m[chosen]), dtype=object), owner[chosen[:, 0]]
