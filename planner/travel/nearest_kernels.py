"""The compiled searches from all sites at once: the nearest door of every junction and home, and the k nearest.

For one door the buckets of `kernels` are used, and every junction keeps the best pair (minutes, door); for several a heap hands the
junctions out in order, and each is settled once for each of its k nearest doors. Minutes are the same sums as in `kernels`, so the
nearest is, to the last bit, the least over all single searches; equally near doors go by their order.

Change this file too when functions or tables of `kernels` change: numba's cache on disk looks at the date of this file only.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.travel.compiled import compiled
from planner.travel.kernels import NONE, Desk, Floats, Ints, Task, along_own_edge

NOBODY = -1
"""stands for the door where none is in reach"""


class Labels(NamedTuple):
    """The k nearest doors of n junctions or homes, nearest first."""

    minutes: Floats
    """(n, k) inf where there is none"""
    door: Ints
    """(n, k) entry in `Doors`, NOBODY where there is none"""


class DoorsByEdge(NamedTuple):
    """The doors on edge e: `door[first[e]]` to `door[first[e + 1] - 1]`."""

    first: Ints
    door: Ints


@compiled
def minutes_to_end(task: Task, door: int, is_end: int) -> float:
    """Minutes from a door to the start (0) or end (1) of its edge, the leg included, as the searches of `kernels` count them."""
    roads, doors = task.roads, task.doors
    edge, share = doors.edge[door], doors.share[door]
    minutes: float = doors.leg[door] + ((1.0 - share) * roads.backward[edge] if is_end else share * roads.forward[edge])
    return minutes


@compiled
def begin_everywhere(task: Task, work: Desk, door: Ints) -> int:
    """Enter the ends of the edges of all doors; returns how many entries there are, more than there is room for when some are left out."""
    entries = 0
    for site in range(len(task.doors.edge)):
        for is_end in range(2):
            node = np.uint32(task.doors.end[site] if is_end else task.doors.start[site])
            at = minutes_to_end(task, site, is_end)
            if at <= task.limit and at < work.minutes[node]:
                work.minutes[node], door[node] = at, site
                if entries < len(work.node):
                    b = int(at * task.per_minute)
                    work.node[entries], work.before[entries], work.bucket[b] = node, work.bucket[b], entries
                entries += 1
    return entries


@compiled
def label_nearest(task: Task, work: Desk, door: Ints) -> None:
    """The nearest door of every junction within the limit, into `door` (n,) and `work.minutes`."""
    limit, per_minute, room = task.limit, task.per_minute, len(work.node)
    first, neighbour, cost = task.roads.first, task.roads.neighbour, task.roads.minutes
    minutes, bucket, entry_node, before = work.minutes, work.bucket, work.node, work.before
    entries = begin_everywhere(task, work, door)
    for b in range(len(bucket)):
        while bucket[b] != NONE:
            e = np.uint32(bucket[b])
            node, bucket[b] = entry_node[e], before[e]
            here, own = minutes[node], door[node]
            if int(here * per_minute) != b:
                continue  # it has been settled in an earlier bucket
            for k in range(first[node], first[node + np.uint32(1)]):
                other, there = neighbour[k], here + cost[k]
                if there <= limit and (there < minutes[other] or (there == minutes[other] and own < door[other])):
                    minutes[other], door[other] = there, own
                    if entries < room:
                        later = np.uint32(there * per_minute)
                        entry_node[entries], before[entries], bucket[later] = other, bucket[later], entries
                    entries += 1
    if entries > room:
        label_rest(task, work, door)


@compiled
def label_rest(task: Task, work: Desk, door: Ints) -> None:
    """What is left undone for want of entries: round after round over all junctions, until nothing improves."""
    roads, minutes, improves = task.roads, work.minutes, True
    while improves:
        improves = False
        for node in range(len(door)):
            for k in range(roads.first[node], roads.first[node + 1]):
                other, there = roads.neighbour[k], minutes[node] + roads.minutes[k]
                if there <= task.limit and (there < minutes[other] or (there == minutes[other] and door[node] < door[other])):
                    minutes[other], door[other] = there, door[node]
                    improves = True


@compiled
def label_k_nearest(task: Task, labels: Labels) -> None:
    """The k nearest doors of every junction within the limit."""
    roads, doors, limit, k = task.roads, task.doors, task.limit, labels.door.shape[1]
    n_found = np.zeros(len(labels.door), dtype=np.int64)
    queue = [(np.inf, np.int64(0), np.int64(0))]
    queue.pop()
    for first in range(len(doors.edge)):
        for is_end in range(2):
            at = minutes_to_end(task, first, is_end)
            if at <= limit:
                heapq.heappush(queue, (at, np.int64(first), np.int64(doors.end[first] if is_end else doors.start[first])))
    while queue:
        here, site, node = heapq.heappop(queue)
        n = n_found[node]
        if n == k or (labels.door[node, :n] == site).any():
            continue
        labels.minutes[node, n], labels.door[node, n] = here, site
        n_found[node] = n + 1
        for way in range(roads.first[node], roads.first[node + 1]):
            other, there = roads.neighbour[way], here + roads.minutes[way]
            if there <= limit and n_found[other] < k:
                heapq.heappush(queue, (there, site, np.int64(other)))


@compiled
def offer(labels: Labels, row: int, at: float, door: int) -> None:
    """Enter a door into the k nearest of a row, each door once, in the order of minutes, then of doors."""
    minutes, doors = labels.minutes[row], labels.door[row]
    place = len(doors) - 1
    for j in range(len(doors)):
        if doors[j] == door:
            place = j
    if at > minutes[place] or (at == minutes[place] and door >= doors[place]):
        return
    while place > 0 and (at < minutes[place - 1] or (at == minutes[place - 1] and door < doors[place - 1])):
        minutes[place], doors[place] = minutes[place - 1], doors[place - 1]
        place -= 1
    minutes[place], doors[place] = at, door


@compiled
def label_homes(task: Task, on_edge: DoorsByEdge, junctions: Labels, ends: tuple[Ints, Ints], homes: Labels) -> None:
    """The k nearest doors of every home, from those of the two `ends` (starts, ends) of its edge and the doors on the edge itself."""
    roads, doors, table = task.roads, task.doors, task.homes
    starts, stops = ends
    for edge in range(len(table.first) - 1):
        forward, backward = roads.forward[edge], roads.backward[edge]
        for p in range(table.first[edge], table.first[edge + 1]):
            share, leg = table.share[p], table.leg[p]
            for is_end in range(2):
                node = stops[edge] if is_end else starts[edge]
                along = (1.0 - share) * forward if is_end else share * backward
                for j in range(junctions.door.shape[1]):
                    at = junctions.minutes[node, j] + along + leg
                    if junctions.door[node, j] != NOBODY and at <= task.limit:
                        offer(homes, p, at, junctions.door[node, j])
            for i in range(on_edge.first[edge], on_edge.first[edge + 1]):
                door = on_edge.door[i]
                at = doors.leg[door] + along_own_edge(share, doors.share[door], forward, backward) + leg
                if at <= task.limit:
                    offer(homes, p, at, door)


def no_labels(n: int, k: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Minutes and doors of n rows that nothing has reached yet."""
    return np.full((n, k), np.inf), np.full((n, k), NOBODY, dtype=np.int32)
