"""The compiled searches: bounded shortest ways to each site, over a queue of buckets.

Dial 1969 with buckets wider than the shortest edge: inside a bucket junctions may be settled more than once, which costs less than
keeping them in strict order. A junction that improves is entered anew and its old entry passed over later, which costs less than moving it
(there is one entry in twelve too many). Minutes are sums along a path from the site outwards; adding is monotone, so the result is the least
of these sums, the same to the last bit in whatever order the queue hands out the junctions.

Whether a way improves its junction cannot be foreseen, and a processor that guesses wrong stands still for the time of some ten additions.
So the inner loops ask nothing: they write minutes and entry in either case, and count the entry only where it is one (a third to a half of
the time saved). Indices are unsigned where it counts, since numba looks whether a signed one is below 0.

The tables that the kernels read are named here too: numba's cache on disk looks at the date of this file only, and would run old code on
fields that have changed their places elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

Count: TypeAlias = int | np.int64
NONE = -1
"""end of a bucket's list"""


class Roads(NamedTuple):
    """The ways that lead to each junction: for junction u, entries `first[u]` to `first[u + 1]`."""

    first: NDArray[np.uint32]
    """(n + 1,)"""
    neighbour: NDArray[np.uint32]
    """(k,) junction at the other end"""
    edge: Ints
    """(k,) position of the edge in `StreetGraph.edge_row`"""
    at_start: NDArray[np.bool_]
    """(k,) whether u is where the edge starts"""
    minutes: Floats
    """(k,) from the neighbour to u"""
    start: Ints
    """(m,) junction where each edge starts; edges are in the order of these"""
    end: Ints
    """(m,) junction where it ends"""
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
    first_from: Ints
    """(n + 1,) the same by the junction where the edge starts"""
    edge: Ints
    """(p,)"""
    share: Floats
    """(p,) of the edge, from its start"""
    leg: Floats
    """(p,) minutes between door and street"""


class Desk(NamedTuple):
    """Working memory of one thread; clean between two searches."""

    minutes: Floats
    """(n,) of each junction; inf where it has not been reached"""
    reached: Ints
    """(n + 1,) the junctions reached, in no particular order; one place more than can be needed, for what is written and not counted"""
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
    """position in `Homes`, site by site; has room for all the homes of one site at least, and one more"""
    minutes: Floats
    per_site: NDArray[np.int64]
    """(s,) how many homes each site reaches"""


def desk(task: Task, n_entries: int = 0) -> Desk:
    """Clean working memory for the searches of a task; with room for twice as many entries as there are junctions unless stated."""
    n = len(task.roads.first) - 1
    room = n_entries or 2 * n + 2
    return Desk(
        np.full(n, np.inf),
        np.empty(n + 1, dtype=np.int32),
        np.full(int(task.limit * task.per_minute) + 1, NONE, dtype=np.int32),
        np.empty(room, dtype=np.uint32),
        np.empty(room, dtype=np.int32),
    )


@inner
def minutes_to_end(task: Task, site: int, is_end: int) -> float:
    """Minutes from a door to the start (0) or end (1) of its edge, the leg included."""
    edge, share = task.doors.edge[site], task.doors.share[site]
    along = (1.0 - share) * task.roads.backward[edge] if is_end else share * task.roads.forward[edge]
    minutes: float = task.doors.leg[site] + along
    return minutes


@inner
def begin(task: Task, first_site: int, stop: int, work: Desk) -> tuple[int, int]:
    """Enter the two ends of the own edges of some sites; returns how many junctions have been reached, and how many entries there are, more
    than there is room for when some are left out."""
    n, entries = 0, 0
    for site in range(first_site, stop):
        for is_end in range(2):
            door, at = np.uint32(task.doors.end[site] if is_end else task.doors.start[site]), minutes_to_end(task, site, is_end)
            if at <= task.limit and at < work.minutes[door]:
                if work.minutes[door] == np.inf:
                    work.reached[n] = door
                    n += 1
                work.minutes[door] = at
                if entries < len(work.node):
                    b = int(at * task.per_minute)
                    work.node[entries], work.before[entries], work.bucket[b] = door, work.bucket[b], entries
                entries += 1
    return n, entries


@compiled
def search(task: Task, first_site: int, stop: int, work: Desk) -> Count:
    """Minutes of all junctions within the limit of the nearest of the sites from `first_site` up to `stop`, into `work.minutes`; returns how
    many, listed in `work.reached`."""
    limit, per_minute, room, last = task.limit, task.per_minute, len(work.node), np.float64(len(work.bucket) - 1)
    first, neighbour, cost = task.roads.first, task.roads.neighbour, task.roads.minutes  # looking into a table costs time in a loop
    minutes, reached, bucket, entry_node, before = work.minutes, work.reached, work.bucket, work.node, work.before
    n_begun, n_entries = begin(task, first_site, stop, work)
    n, entries = np.uint32(n_begun), np.uint32(n_entries)
    for b in range(len(bucket)):
        while bucket[b] != NONE:
            e, bucket[b] = bucket[b], NONE  # the whole list at once, lest every entry waits for what the one before it writes
            while e != NONE:
                node, e = entry_node[np.uint32(e)], before[np.uint32(e)]
                here, stop_way = minutes[node], first[node + np.uint32(1)]
                if int(here * per_minute) != b:
                    continue  # it has been settled in an earlier bucket
                if entries + (stop_way - first[node]) > room:
                    return settle_rest(task, work, np.int64(n))
                for k in range(first[node], stop_way):
                    other, there = neighbour[k], here + cost[k]
                    old, later = minutes[other], np.uint32(min(there * per_minute, last))
                    improves = (there < old) & (there <= limit)
                    minutes[other] = there if improves else old
                    reached[n] = other
                    n += np.uint32(improves & (old == np.inf))
                    top = bucket[later]
                    entry_node[entries], before[entries] = other, top
                    bucket[later] = np.int32(entries) if improves else top
                    entries += np.uint32(improves)
    return np.int64(n)


@inner
def settle_rest(task: Task, work: Desk, n: Count) -> Count:
    """What a search leaves undone when it runs out of entries: round after round over all junctions reached, until nothing improves."""
    roads, minutes, improves = task.roads, work.minutes, True
    for b in range(len(work.bucket)):
        work.bucket[b] = NONE
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


@inner
def edge_minutes_at(share: float, start: float, end: float, forward: float, backward: float) -> float:
    """Minutes from a point part-way along an edge, by whichever end is nearer; `start` and `end` are those of its ends, inf if not reached."""
    return min(start + share * backward, end + (1.0 - share) * forward)


@inner
def along_own_edge(share: float, door: float, forward: float, backward: float) -> float:
    """Minutes straight along an edge from one point of it to another, the `door`, both given as shares."""
    return (door - share) * forward if share <= door else (share - door) * backward


@inner
def homes_between(task: Task, site: int, low: int, high: int, start: float, minutes: Floats, out: Found, n: int) -> int:
    """Write those of the homes from `low` up to `high` that are within the limit after the `n` that `out` holds; returns how many now, also
    when `out` is full. Their edges start at one junction, `start` minutes away; on that of the door itself it may be nearer to walk straight
    along it."""
    roads, doors, homes, most, own = task.roads, task.doors, task.homes, len(out.home) - 1, task.doors.edge[site]
    for p in range(low, high):
        edge, share = homes.edge[p], homes.share[p]
        forward, backward = roads.forward[edge], roads.backward[edge]
        at = edge_minutes_at(share, start, minutes[roads.end[edge]], forward, backward)
        if edge == own:
            at = min(at, doors.leg[site] + along_own_edge(share, doors.share[site], forward, backward))
        at += homes.leg[p]
        place = min(n, most)  # the last place of all is for what is written and not counted
        out.home[place], out.minutes[place] = p, at
        n += at <= task.limit
    return n


@inner
def homes_of_site(task: Task, site: int, n_reached: Count, work: Desk, out: Found, n: int) -> int:
    """Write the demand points on all edges reached, each edge once: with the junction where it starts, or that where it ends if only this
    is reached; and on the edge of the door if neither is. Cleans the desk. Returns how many `out` holds now."""
    roads, homes, minutes, own = task.roads, task.homes, work.minutes, task.doors.edge[site]
    if min(minutes[roads.start[own]], minutes[roads.end[own]]) == np.inf:
        n = homes_between(task, site, homes.first[own], homes.first[own + 1], np.inf, minutes, out, n)
    for i in range(n_reached):
        node = np.uint32(work.reached[i])
        n = homes_between(task, site, homes.first_from[node], homes.first_from[node + np.uint32(1)], minutes[node], minutes, out, n)
        for k in range(roads.first[node], roads.first[node + np.uint32(1)]):
            if minutes[roads.neighbour[k]] == np.inf and not roads.at_start[k]:
                n = homes_between(task, site, homes.first[roads.edge[k]], homes.first[roads.edge[k] + 1], np.inf, minutes, out, n)
    for i in range(n_reached):
        minutes[work.reached[i]] = np.inf
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
        if n >= len(out.home):
            return site, written
        out.per_site[site] = n - written
        written = n
    return stop, written


@compiled
def copy_to_places(
    demand: Ints, minutes: Floats, per_site: NDArray[np.int64], begin: NDArray[np.int64], out_demand: Ints, out_minutes: Floats
) -> None:
    """Copy the pairs of some sites, site by site, to where those of each begin."""
    done = 0
    for site in range(len(per_site)):
        for i in range(per_site[site]):
            out_demand[begin[site] + i], out_minutes[begin[site] + i] = demand[done + i], minutes[done + i]
        done += per_site[site]


@compiled
def scatter_by_demand(
    demand: Ints, minutes: Floats, site: Ints, per_site: NDArray[np.int64], cursor: NDArray[np.int64], out_site: Ints, out_minutes: Floats
) -> None:
    """Put pairs that come site by site into the places of their demand points; `cursor` is where the next of each goes."""
    done = 0
    for s in range(len(site)):
        for i in range(done, done + per_site[s]):
            at = cursor[demand[i]]
            out_site[at], out_minutes[at] = site[s], minutes[i]
            cursor[demand[i]] = at + 1
        done += per_site[s]
