"""The compiled searches from all sites at once: the k nearest doors of every junction, and of every home those of its edge's ends.

A heap hands the junctions out in order, and each is settled once for each of its k nearest doors; for one door `tile_kernels` is quicker.
Minutes are the same sums as in `kernels`, so the nearest is, to the last bit, the least over all single searches; equally near doors go by
their order.

Change this file too when functions or tables of `kernels` change: numba's cache on disk looks at the date of this file only.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating, compiled, inner
from planner.travel.kernels import Floats, Ints, Task, along_own_edge, minutes_to_end

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


@allocating
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


@inner
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
def label_homes(task: Task, on_edge: DoorsByEdge, junctions: Labels, homes: Labels) -> None:
    """The k nearest doors of every home, from those of the two ends of its edge and the doors on the edge itself."""
    roads, doors, table = task.roads, task.doors, task.homes
    for edge in range(len(table.first) - 1):
        forward, backward = roads.forward[edge], roads.backward[edge]
        for p in range(table.first[edge], table.first[edge + 1]):
            share, leg = table.share[p], table.leg[p]
            for is_end in range(2):
                node = roads.end[edge] if is_end else roads.start[edge]
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
