"""The compiled search from all sites at once: the nearest door of every junction.

Junctions follow the ground (`z_curve`), and are searched tile by tile, each small enough for the processor's cache: of a million junctions
searched all at once every other word comes from memory, which takes longer than the search. A way that leads out of the tile improves the
junction beyond it and lets it wait for its own tile's turn; the tile whose waiting junction is the soonest comes next. A tile comes up a few
times until nothing waits; in all a tenth of the junctions are settled twice.

Within a tile the queue is that of `kernels`, and as there the inner loop writes first and counts afterwards. Every junction keeps the least
pair (minutes, door), and sums only grow along a way, so the pairs are the same in whatever order junctions and tiles come up.

Change this file too when functions or tables of `kernels` change: numba's cache on disk looks at the date of this file only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from layers.compiled import compiled, inner
from planner.travel.kernels import NONE, Desk, Floats, Ints, Task, minutes_to_end

TILE_BITS = 13
"""8,192 junctions: half a megabyte with their streets, a half of what a processor core's own cache holds; twice or half as many cost 5 % more"""
TILE = 1 << TILE_BITS
NOT_WAITING = -2


class Tiles(NamedTuple):
    """Which junctions wait for their tile's turn. Tile t holds the junctions from t * TILE on."""

    soonest: Floats
    """(t,) minutes of a tile's soonest waiting junction, inf where none waits"""
    head: Ints
    """(t,) the first waiting junction of each tile, NONE where none waits"""
    after: Ints
    """(n,) the next waiting junction of the same tile; NONE at the last, NOT_WAITING where it does not wait"""
    fetched: Floats
    """(t,) NaN until the tile has been fetched"""


def tiles_of(n: int) -> Tiles:
    """The tiles of n junctions, none of which waits."""
    t = -(-n // TILE)
    waits_not = np.full(n, NOT_WAITING, dtype=np.int32)
    return Tiles(np.full(t, np.inf), np.full(t, NONE, dtype=np.int32), waits_not, np.full(t, np.nan))


@inner
def wait(tiles: Tiles, node: int, minutes: float) -> None:
    """Let a junction wait for its tile's turn."""
    tile = node >> TILE_BITS
    if tiles.after[node] == NOT_WAITING:
        tiles.after[node], tiles.head[tile] = tiles.head[tile], node
    tiles.soonest[tile] = min(tiles.soonest[tile], minutes)


@inner
def begin_everywhere(task: Task, minutes: Floats, door: Ints, tiles: Tiles) -> None:
    """Let the ends of the edges of all doors wait."""
    for site in range(len(task.doors.edge)):
        for is_end in range(2):
            node, at = task.doors.end[site] if is_end else task.doors.start[site], minutes_to_end(task, site, is_end)
            if at <= task.limit and at < minutes[node]:
                minutes[node], door[node] = at, site
                wait(tiles, node, at)


@inner
def fetched(task: Task, minutes: Floats, door: Ints, tile: int) -> float:
    """Read the tables of a tile from end to end, one word in 64 bytes; from memory that is faster than in the order of the search.

    The sum of all has no meaning, but unless it is used the compiler leaves the reading out.
    """
    stop = min((tile + 1) << TILE_BITS, len(door))
    ways = task.roads.first[tile << TILE_BITS], task.roads.first[stop]
    words = 0.0
    for k in range(ways[0], ways[1], 8):
        words += task.roads.minutes[k]
    for k in range(ways[0], ways[1], 16):
        words += task.roads.neighbour[k]
    for node in range(tile << TILE_BITS, stop, 8):
        words += minutes[node] + door[node]
    return words


@inner
def enter_waiting(task: Task, work: Desk, tiles: Tiles, tile: int) -> tuple[int, int]:
    """Enter the waiting junctions of a tile, as many as there is room for; returns how many entries there are, and the last bucket in use."""
    entries, latest, node = 0, 0, tiles.head[tile]
    while node != NONE and entries < len(work.node) - 1:
        b = int(work.minutes[node] * task.per_minute)
        work.node[entries], work.before[entries], work.bucket[b] = node, work.bucket[b], entries
        entries, latest = entries + 1, max(latest, b)
        tiles.after[node], node = NOT_WAITING, tiles.after[node]
    tiles.head[tile], tiles.soonest[tile] = node, np.inf
    while node != NONE:
        tiles.soonest[tile] = min(tiles.soonest[tile], work.minutes[node])
        node = tiles.after[node]
    return entries, latest


@inner
def settle_tile(task: Task, work: Desk, door: Ints, tiles: Tiles, tile: int) -> None:
    """Search a tile from its waiting junctions; what improves beyond it, or finds no more room for its entry, waits."""
    limit, per_minute, last = task.limit, task.per_minute, np.float64(len(work.bucket) - 1)
    first, neighbour, cost = task.roads.first, task.roads.neighbour, task.roads.minutes
    minutes, bucket, entry_node, before = work.minutes, work.bucket, work.node, work.before
    low, room, b = np.uint32(tile << TILE_BITS), np.uint32(len(entry_node) - 1), np.uint32(int(tiles.soonest[tile] * per_minute))
    n_entries, last_used = enter_waiting(task, work, tiles, tile)
    entries, latest = np.uint32(n_entries), np.uint32(last_used)
    while b <= latest:
        while bucket[b] != NONE:
            e, bucket[b] = bucket[b], NONE
            while e != NONE:
                node, e = entry_node[np.uint32(e)], before[np.uint32(e)]
                here, own = minutes[node], door[node]
                if np.uint32(here * per_minute) != b:
                    continue  # it has been settled in an earlier bucket
                for k in range(first[node], first[node + np.uint32(1)]):
                    other, there = neighbour[k], here + cost[k]
                    old, whose = minutes[other], door[other]
                    improves = (there <= limit) & ((there < old) | ((there == old) & (own < whose)))
                    minutes[other], door[other] = there if improves else old, own if improves else whose
                    if improves & ((other - low >= TILE) | (entries >= room)):
                        wait(tiles, other, there)
                        continue
                    later = np.uint32(min(there * per_minute, last))
                    top, latest = bucket[later], max(latest, later) if improves else latest
                    entry_node[entries], before[entries] = other, top
                    bucket[later] = np.int32(entries) if improves else top
                    entries += np.uint32(improves)
        b += np.uint32(1)


@compiled
def label_nearest(task: Task, work: Desk, door: Ints, tiles: Tiles) -> None:
    """The nearest door of every junction within the limit, into `door` (n,), nobody's so far, and `work.minutes`."""
    begin_everywhere(task, work.minutes, door, tiles)
    while len(door):
        tile = int(0)  # noqa: UP018, RUF046 -- see `search_block`: what is handed a plain 0 is compiled twice
        for t in range(len(tiles.soonest)):
            if tiles.soonest[t] < tiles.soonest[tile]:
                tile = t
        if tiles.soonest[tile] == np.inf:
            return
        if np.isnan(tiles.fetched[tile]):
            tiles.fetched[tile] = fetched(task, work.minutes, door, tile)
        settle_tile(task, work, door, tiles, tile)
