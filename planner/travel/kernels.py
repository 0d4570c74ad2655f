"""The compiled searches: bounded shortest ways to each site, over a queue of buckets.

Dial 1969 with buckets wider than the shortest edge: inside a bucket junctions may be settled more than once, which costs less than
keeping them in strict order. A junction that improves is entered anew and its old entry passed over later, which costs less than moving it
(there is one entry in twelve too many); indices are unsigned where it counts, since numba looks whether a signed one is below 0. Minutes are sums along a path from the site outwards; adding is monotone, so the result is the least of these
sums, the same to the last bit in whatever order the queue hands out the junctions.

The tables that the kernels read are named here too: numba's cache on disk looks at the date of this file only, and would run old code on
fields that have changed their places elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from planner.travel.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

Junction: TypeAlias = int | np.int32
NONE = -1
"""end of a bucket's list"""


class Roads(NamedTuple):
    """The ways that lead to each junction: for junction u, entries `first[u]` to `first[u + 1]`."""

    first: NDArray[np.uint64]
    """(n + 1,)"""
    neighbour: NDArray[np.uint32]
    """(k,) junction at the other end"""
    edge: Ints
    """(k,) position of the edge in `StreetGraph.edge_row`"""
    at_start: NDArray[np.bool_]
    """(k,) whether u is where the edge starts"""
    minutes: Floats
    """(k,) from the neighbour to u"""
    forward: Floats
    """(m,) minutes of each whole edge, from its start to its end"""
    backward: Floats
    """(m,) from its end to its start"""


class Doors(NamedTuple):
    """Sites on the network, one entry each."""

    edge: Ints
    """(s,) position of the edge"""
    start: Ints
    """(s,) junction where the edge starts"""
    end: Ints
    """(s,) junction where it ends"""
    share: Floats
    """(s,) of the edge, from its start"""
    leg: Floats
    """(s,) minutes between street and door"""


class Homes(NamedTuple):
    """Demand points on the network, sorted by edge: those of edge e stand from `first[e]` to `first[e + 1]`."""

    first: Ints
    """(m + 1,)"""
    share: Floats
    """(p,) of the edge, from its start"""
    leg: Floats
    """(p,) minutes between door and street"""


class Desk(NamedTuple):
    """Working memory of one thread; clean between two searches."""

    minutes: Floats
    """(n,) of each junction; inf where it has not been reached"""
    reached: Ints
    """(n,) the junctions reached, in no particular order"""
    bucket: Ints
    """(b,) last entry of each bucket, NONE where it is empty"""
    node: NDArray[np.uint32]
    """(e,) junction of each entry"""
    before: Ints
    """(e,) the entry before in the same bucket, or NONE"""


class Task(NamedTuple):
    """What all searches of one pace read."""

    roads: Roads
    doors: Doors
    homes: Homes
    limit: float
    """minutes; the limit is included"""
    per_minute: float
    """buckets"""


class Found(NamedTuple):
    """Where the searches of some sites write the demand points they reach."""

    home: Ints
    """position in `Homes`, site by site; has room for at least all the homes of one site"""
    minutes: Floats
    per_site: NDArray[np.int64]
    """(s,) how many homes each site reaches"""


def desk(task: Task, n_entries: int = 0) -> Desk:
    """Clean working memory for the searches of a task; with room for twice as many entries as there are junctions unless stated."""
    n = len(task.roads.first) - 1
    room = n_entries or 2 * n + 2
    return Desk(
        np.full(n, np.inf),
        np.empty(n, dtype=np.int32),
        np.full(int(task.limit * task.per_minute) + 1, NONE, dtype=np.int32),
        np.empty(room, dtype=np.uint32),
        np.empty(room, dtype=np.int32),
    )


@compiled
def begin(task: Task, first_site: int, stop: int, work: Desk) -> tuple[int, int]:
    """Enter the two ends of the own edges of some sites; returns how many junctions have been reached, and how many entries there are, more
    than there is room for when some are left out."""
    roads, doors, minutes = task.roads, task.doors, work.minutes
    n, entries = 0, 0
    for site in range(first_site, stop):
        edge, share, leg = doors.edge[site], doors.share[site], doors.leg[site]
        for is_end in range(2):
            door = np.uint32(doors.end[site] if is_end else doors.start[site])
            at = leg + ((1.0 - share) * roads.backward[edge] if is_end else share * roads.forward[edge])
            if at <= task.limit and at < minutes[door]:
                if minutes[door] == np.inf:
                    work.reached[n] = door
                    n += 1
                minutes[door] = at
                if entries < len(work.node):
                    b = int(at * task.per_minute)
                    work.node[entries], work.before[entries], work.bucket[b] = door, work.bucket[b], entries
                entries += 1
    return n, entries


@compiled
def search(task: Task, first_site: int, stop: int, work: Desk) -> int:
    """Minutes of all junctions within the limit of the nearest of the sites from `first_site` up to `stop`, into `work.minutes`; returns how
    many, listed in `work.reached`."""
    limit, per_minute, room = task.limit, task.per_minute, len(work.node)
    first, neighbour, cost = task.roads.first, task.roads.neighbour, task.roads.minutes  # looking into a table costs time in a loop
    minutes, reached, bucket, entry_node, before = work.minutes, work.reached, work.bucket, work.node, work.before
    n, entries = begin(task, first_site, stop, work)
    for b in range(len(bucket)):
        while bucket[b] != NONE:
            e = np.uint32(bucket[b])
            node, bucket[b] = entry_node[e], before[e]
            here = minutes[node]
            if int(here * per_minute) != b:
                continue  # it has been settled in an earlier bucket
            for k in range(first[node], first[node + np.uint32(1)]):
                other = neighbour[k]
                there = here + cost[k]
                if there < minutes[other] and there <= limit:
                    if minutes[other] == np.inf:
                        reached[n] = other
                        n += 1
                    minutes[other] = there
                    if entries < room:
                        later = np.uint32(there * per_minute)
                        entry_node[entries], before[entries], bucket[later] = other, bucket[later], entries
                    entries += 1
    return n if entries <= room else settle_rest(task, work, n)


@compiled
def settle_rest(task: Task, work: Desk, n: int) -> int:
    """What a search leaves undone when it runs out of entries: round after round over all junctions reached, until nothing improves."""
    roads, minutes, improves = task.roads, work.minutes, True
    while improves:
        improves, i = False, 0
        while i < n:
            node = np.uint32(work.reached[i])
            for k in range(roads.first[node], roads.first[node + np.uint32(1)]):
                other, there = roads.neighbour[k], minutes[node] + roads.minutes[k]
                if there < minutes[other] and there <= task.limit:
                    if minutes[other] == np.inf:
                        work.reached[n] = other
                        n += 1
                    minutes[other] = there
                    improves = True
            i += 1
    return n


@compiled
def edge_minutes_at(share: float, start: float, end: float, forward: float, backward: float) -> float:
    """Minutes from a point part-way along an edge, by whichever end is nearer; `start` and `end` are those of its ends, inf if not reached."""
    return min(start + share * backward, end + (1.0 - share) * forward)


@compiled
def along_own_edge(share: float, door: float, forward: float, backward: float) -> float:
    """Minutes straight along an edge from one point of it to another, the `door`, both given as shares."""
    return (door - share) * forward if share <= door else (share - door) * backward


@compiled
def homes_of_edge(task: Task, site: int, edge: int, start: Junction, end: Junction, work: Desk, out: Found, n: int) -> int:
    """Write the demand points within the limit on one edge after the `n` that `out` holds; returns how many now, also when `out` is full."""
    doors, homes = task.doors, task.homes
    forward, backward = task.roads.forward[edge], task.roads.backward[edge]
    own = edge == doors.edge[site]
    for p in range(homes.first[edge], homes.first[edge + 1]):
        at = edge_minutes_at(homes.share[p], work.minutes[start], work.minutes[end], forward, backward)
        if own:
            at = min(at, doors.leg[site] + along_own_edge(homes.share[p], doors.share[site], forward, backward))
        at += homes.leg[p]
        if at <= task.limit:
            if n < len(out.home):
                out.home[n] = p
                out.minutes[n] = at
            n += 1
    return n


@compiled
def homes_of_site(task: Task, site: int, n_reached: int, work: Desk, out: Found, n: int) -> int:
    """Write the demand points on all edges reached, each edge once; clean the desk. Returns how many `out` holds now."""
    roads, doors, homes = task.roads, task.doors, task.homes
    own = doors.edge[site]
    n = homes_of_edge(task, site, own, doors.start[site], doors.end[site], work, out, n)
    for i in range(n_reached):
        node = work.reached[i]
        for k in range(roads.first[node], roads.first[node + 1]):
            edge, other = roads.edge[k], np.int32(roads.neighbour[k])
            if homes.first[edge] == homes.first[edge + 1] or edge == own:
                continue
            if roads.at_start[k]:
                n = homes_of_edge(task, site, edge, node, other, work, out, n)
            elif work.minutes[other] == np.inf:
                n = homes_of_edge(task, site, edge, other, node, work, out, n)
    for i in range(n_reached):
        work.minutes[work.reached[i]] = np.inf
    return n


@compiled
def search_block(task: Task, first_site: int, stop: int, work: Desk, out: Found) -> tuple[int, int]:
    """Demand points within the limit of the sites from `first_site` up to `stop`, into `out`.

    Stops before a site whose homes no longer fit. Returns the site to go on with, and how many homes `out` holds. `out` is fixed:
    growing it in here would make the search four times slower (numba/numba#6946).
    """
    written = int(0)  # noqa: UP018, RUF046 -- a plain 0 is a type of its own to numba: what it is handed to would be compiled twice
    for site in range(first_site, stop):
        n = homes_of_site(task, site, search(task, site, site + 1, work), work, out, written)
        if n > len(out.home):
            return site, written
        out.per_site[site] = n - written
        written = n
    return stop, written


@compiled
def scatter_by_demand(
    demand: Ints,
    site: Ints,
    minutes: Floats,
    cursor: NDArray[np.int64],
    out_site: Ints,
    out_minutes: Floats,
) -> None:
    """Put pairs that come by site into the places of their demand points; `cursor` is where the next of each goes."""
    for i in range(len(demand)):
        at = cursor[demand[i]]
        out_site[at] = site[i]
        out_minutes[at] = minutes[i]
        cursor[demand[i]] = at + 1
