"""The compiled searches: bounded shortest ways to each site, over a queue of buckets.

Dial 1969 with buckets wider than the shortest edge: inside a bucket junctions may be settled more than once, which costs less than
keeping them in strict order. Minutes are sums along a path from the site outwards; adding is monotone, so the result is the least of these
sums, the same to the last bit in whatever order the queue hands out the junctions.

The tables that the kernels read are named here too: numba's cache on disk looks at the date of this file only, and would run old code on
fields that have changed their places elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.travel.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NONE = -1
"""end of a bucket's list"""
NOT_QUEUED = -2


class Roads(NamedTuple):
    """The ways that lead to each junction: for junction u, entries `first[u]` to `first[u + 1]`."""

    first: NDArray[np.int64]
    """(n + 1,)"""
    neighbour: Ints
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
    """(b,) first junction of each bucket"""
    after: Ints
    """(n,) next junction in the same bucket"""
    before: Ints
    """(n,) the one before, or NOT_QUEUED"""


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


def desk(task: Task) -> Desk:
    """Clean working memory for the searches of a task."""
    n = len(task.roads.first) - 1
    return Desk(
        np.full(n, np.inf),
        np.empty(n, dtype=np.int32),
        np.full(int(task.limit * task.per_minute) + 1, NONE, dtype=np.int32),
        np.empty(n, dtype=np.int32),
        np.full(n, NOT_QUEUED, dtype=np.int32),
    )


@compiled
def enqueue(node: int, minutes: float, per_minute: float, work: Desk) -> None:
    """Put a junction into the bucket of its minutes; take it out of its old one first."""
    bucket, after, before = work.bucket, work.after, work.before
    if before[node] != NOT_QUEUED:
        left, right = before[node], after[node]
        if left == NONE:
            bucket[int(work.minutes[node] * per_minute)] = right
        else:
            after[left] = right
        if right != NONE:
            before[right] = left
    work.minutes[node] = minutes
    b = int(minutes * per_minute)
    head = bucket[b]
    bucket[b] = node
    after[node], before[node] = head, NONE
    if head != NONE:
        before[head] = node


@compiled
def search(task: Task, site: int, work: Desk) -> int:
    """Minutes of all junctions within the limit of one site, into `work.minutes`; returns how many, listed in `work.reached`."""
    roads, doors, limit, per_minute = task.roads, task.doors, task.limit, task.per_minute
    minutes, reached, bucket, after, before = work.minutes, work.reached, work.bucket, work.after, work.before
    first, neighbour, cost = roads.first, roads.neighbour, roads.minutes
    edge, share, leg = doors.edge[site], doors.share[site], doors.leg[site]
    n = 0
    for is_end in range(2):
        node = doors.end[site] if is_end else doors.start[site]
        at = leg + ((1.0 - share) * roads.backward[edge] if is_end else share * roads.forward[edge])
        if at <= limit and at < minutes[node]:
            if minutes[node] == np.inf:
                reached[n] = node
                n += 1
            enqueue(node, at, per_minute, work)
    for b in range(len(bucket)):
        while bucket[b] != NONE:
            node = bucket[b]
            bucket[b] = after[node]
            if after[node] != NONE:
                before[after[node]] = NONE
            before[node] = NOT_QUEUED
            here = minutes[node]
            for k in range(first[node], first[node + 1]):
                other = neighbour[k]
                there = here + cost[k]
                if there < minutes[other] and there <= limit:
                    if minutes[other] == np.inf:
                        reached[n] = other
                        n += 1
                    enqueue(other, there, per_minute, work)
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
def homes_of_edge(task: Task, site: int, edge: int, start: int, end: int, work: Desk, out: Found, n: int) -> int:
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
            edge, other = roads.edge[k], roads.neighbour[k]
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
    written = 0
    for site in range(first_site, stop):
        n = homes_of_site(task, site, search(task, site, work), work, out, written)
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
