"""Streets of the towns: warped grids of blocks on the flat ground of both banks, with alleys through the blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from scenarios.demo.chance import Flags, Floats, Ints, stream, value_noise
from scenarios.demo.river import WIDTH_M
from scenarios.demo.settlements import N_TOWNS, Settlements
from scenarios.demo.terrain import Ground


@dataclass(frozen=True)
class TownShape:
    """Size of a town and of its blocks [m]; the main streets are every `main_every`-th."""

    half_length_m: float
    half_width_m: float
    block_m: tuple[float, float]
    main_every: int


COUNTY_TOWN = TownShape(1_950.0, 1_250.0, (128.0, 104.0), 4)
MARKET_TOWN = TownShape(440.0, 260.0, (92.0, 76.0), 3)
RURAL_SEAT = TownShape(310.0, 170.0, (88.0, 72.0), 3)


@dataclass(frozen=True, eq=False)
class TownStreets:
    """Streets of all towns together: junctions, the streets between them, the blocks they enclose."""

    node_m: Floats
    node_town: Ints
    """-1 county town, else the seat"""
    edges: Ints
    """(m, 2) junction rows"""
    classes: NDArray[np.object_]
    """(m,) OSM highway values"""
    blocks: NDArray[np.object_]
    """(b,) polygons"""
    block_town: Ints
    alleys: NDArray[np.object_]
    """(a,) lines from the middle of one side of a block to the other"""
    outline: shapely.Geometry
    """ground of the towns, 60 m around their blocks"""


def make_town_streets(ground: Ground, places: Settlements) -> TownStreets:
    """The streets of the county town and of the twelve market towns."""
    rng = stream(30)
    parts = [_town(ground, places.town_m, COUNTY_TOWN, _along_river(ground, places.town_m), rng)]
    for seat, centre in enumerate(places.seat_m):
        shape = MARKET_TOWN if seat < N_TOWNS else RURAL_SEAT
        parts.append(_town(ground, centre, shape, _along_valley(ground, centre), rng))
    towns = np.arange(-1, len(parts) - 1)
    offset = np.cumsum([0, *[len(p[0]) for p in parts[:-1]]])
    blocks = np.concatenate([p[3] for p in parts])
    return TownStreets(
        node_m=np.concatenate([p[0] for p in parts]),
        node_town=np.repeat(towns, [len(p[0]) for p in parts]),
        edges=np.concatenate([p[1] + o for p, o in zip(parts, offset, strict=True)]),
        classes=np.concatenate([p[2] for p in parts]),
        blocks=blocks,
        block_town=np.repeat(towns, [len(p[3]) for p in parts]),
        alleys=_alleys(blocks, rng),
        outline=shapely.union_all(shapely.buffer(blocks, 60.0, quad_segs=4)),
    )


def _town(
    ground: Ground, centre: Floats, shape: TownShape, angle: float, rng: np.random.Generator
) -> tuple[Floats, Ints, NDArray[np.object_], NDArray[np.object_]]:
    """Junctions, edges, classes and blocks of one town."""
    across = [int(half / block) + 1 for half, block in zip((shape.half_length_m, shape.half_width_m), shape.block_m, strict=True)]
    u, v = (np.cumsum(block * (1.0 + 0.16 * rng.uniform(-1, 1, 2 * n + 1))) for n, block in zip(across, shape.block_m, strict=True))
    u, v = u - u[len(u) // 2], v - v[len(v) // 2]
    mesh = np.meshgrid(u, v, indexing="ij")
    bend = [value_noise(rng, mesh[0].shape, 9.0, octaves=2) - 0.5 for _ in range(2)]
    x, y = (m + 0.75 * shape.block_m[1] * b for m, b in zip(mesh, bend, strict=True))
    node_m = np.column_stack([(x * np.cos(angle) - y * np.sin(angle)).ravel(), (x * np.sin(angle) + y * np.cos(angle)).ravel()]) + centre
    node_m = np.round(node_m, 2)
    edge_of_town = 1.0 + 0.5 * (value_noise(rng, mesh[0].shape, 8.0, octaves=2) - 0.5)
    within = (mesh[0] / shape.half_length_m) ** 2 + (mesh[1] / shape.half_width_m) ** 2 < edge_of_town
    fit = within.ravel() & _buildable(ground, node_m)
    return _cells(node_m, fit, mesh[0].shape, shape.main_every, ground.river, rng)


def _buildable(ground: Ground, xy_m: Floats) -> Flags:
    cells = ground.grid.cells_at(xy_m)
    to_river_m = shapely.distance(shapely.points(xy_m), ground.river)
    return np.asarray((ground.slope[cells] < 0.28) & (to_river_m > WIDTH_M / 2 + 35.0) & ground.inside[cells])


def _cells(
    node_m: Floats, fit: Flags, shape: tuple[int, int], main_every: int, river: shapely.LineString, rng: np.random.Generator
) -> tuple[Floats, Ints, NDArray[np.object_], NDArray[np.object_]]:
    """The blocks whose four corners can be built on, and the sides of those blocks as streets."""
    number = np.arange(len(node_m)).reshape(shape)
    corners = np.stack([number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]], axis=-1).reshape(-1, 4)
    corners = corners[fit[corners].all(axis=1)]
    blocks = np.asarray(shapely.polygons(node_m[corners]), dtype=object)
    dry = ~shapely.intersects(blocks, river.buffer(WIDTH_M / 2 + 10.0))
    corners, blocks = corners[dry], blocks[dry]
    sides = np.unique(np.sort(np.stack([corners, np.roll(corners, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1), axis=0)
    row, col = np.divmod(sides[:, 0], shape[1])
    lengthways = sides[:, 1] - sides[:, 0] == shape[1]
    line = np.where(lengthways, col - shape[1] // 2, row - shape[0] // 2)
    main = line % main_every == 0
    classes = np.where(main & lengthways, "secondary", np.where(main, "tertiary", "residential")).astype(object)
    kept = main | (rng.random(len(sides)) > 0.1)
    used, edges = np.unique(sides[kept], return_inverse=True)
    return node_m[used], edges.reshape(-1, 2), classes[kept], blocks


def _alleys(blocks: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    corners = shapely.get_coordinates(blocks).reshape(-1, 5, 2)
    first = rng.integers(0, 2, len(blocks))
    rows = np.arange(len(blocks))
    ends = [(corners[rows, first + k] + corners[rows, first + k + 1]) / 2 for k in (0, 2)]
    far = (first + 3) % 4
    ends[1] = (corners[rows, first + 2] + corners[rows, far]) / 2
    lines = np.asarray(shapely.linestrings(np.stack(ends, axis=1)), dtype=object)
    return lines[rng.random(len(blocks)) < 0.7]


def _along_river(ground: Ground, at_m: Floats) -> float:
    """Direction of the river near a place [radians]."""
    middle = shapely.line_locate_point(ground.river, shapely.Point(at_m))
    a, b = shapely.get_coordinates(shapely.line_interpolate_point(ground.river, [middle - 900.0, middle + 900.0]))
    return float(np.arctan2(b[1] - a[1], b[0] - a[0]))


def _along_valley(ground: Ground, at_m: Floats) -> float:
    """Direction in which the flat ground around a place stretches [radians]."""
    centres = ground.grid.centres()
    near = (np.hypot(*(centres - at_m).T) < 700.0) & (ground.slope < 0.12)
    spread = centres[near] - centres[near].mean(axis=0)
    _, axes = np.linalg.eigh(spread.T @ spread)
    return float(np.arctan2(axes[1, 1], axes[0, 1]) % np.pi)
