"""All searches of one pace: blocks of sites shared among threads, and their finds sorted by demand point; all at once, or some sites at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from layers.problems import InputFaultsError, Problem
from layers.saying import say
from planner.travel.arcs import LIMIT_TOLERANCE_MINUTES, Arcs
from planner.travel.kernels import Doors, Found, Task, copy_to_places, desk, scatter_by_demand, search_block

SITES_PER_BLOCK = 256
PAIRS_PER_BUFFER = 1 << 18
BYTES_PER_PAIR = 32
"""12 as they are found, as much again while they are sorted, and some room for what freed memory is not given back at once"""
BUCKET_M = 32.0
"""width of a bucket in metres at the level pace; measured: any width from 8 m to 131 m is within 20 % of the best"""
MOST_BUCKETS = 1 << 16


@dataclass(frozen=True, eq=False)
class Pairs:
    """Demand points and sites that reach each other, site by site."""

    demand_row: NDArray[np.int32]
    """(k,)"""
    minutes: NDArray[np.float64]
    """(k,)"""
    site_row: NDArray[np.int32]
    """(s,) of each site, rising"""
    per_site: NDArray[np.int64]
    """(s,) how many of the pairs are those of each site"""


@dataclass(frozen=True, eq=False)
class Reach:
    """The searches of one pace; rows are those of the area."""

    task: Task
    site_row: NDArray[np.int32]
    """(doors,)"""
    demand_row: NDArray[np.int32]
    """(homes,)"""


@dataclass(frozen=True, eq=False)
class _Block:
    """The demand points that some sites in a row reach, site by site."""

    first_site: int
    per_site: NDArray[np.int64]
    demand_row: NDArray[np.int32]
    minutes: NDArray[np.float64]


def limit_included(limit_minutes: float) -> float:
    """The limit that the searches keep to."""
    return limit_minutes + LIMIT_TOLERANCE_MINUTES


def buckets_per_minute(limit_minutes: float, speed_m_per_min: float) -> float:
    """Fineness of the queue of a search: the speed depends on it, the result does not."""
    return min(speed_m_per_min / BUCKET_M, MOST_BUCKETS / max(limit_minutes, 1.0))


def n_threads_default() -> int:
    """One thread per processor. The result is the same for any number of them."""
    return os.cpu_count() or 1


def search_all(reach: Reach, *, n_threads: int, memory_gib: float) -> list[Pairs]:
    """The pairs of all sites, in one block.

    Raises `InputFaultsError` when the pairs take more memory than stated, as soon as that is seen.
    """
    ordered, order = _in_street_order(reach)
    starts = range(0, len(order), SITES_PER_BLOCK)
    n_threads, most_pairs = max(1, min(n_threads, len(starts))), most_pairs_in(memory_gib)
    with ThreadPoolExecutor(n_threads) as pool:
        shares = pool.map(lambda t: _search_share(ordered, starts[t::n_threads], most_pairs // n_threads, most_pairs), range(n_threads))
        blocks = list(chain.from_iterable(shares))
    return [_in_site_order(blocks, reach.site_row, order)]


def search_in_blocks(reach: Reach, *, n_threads: int, memory_gib: float) -> Iterator[Pairs]:
    """The same pairs, those of some sites at a time, so that no more of them are held than fit into the memory stated.

    Threads search a few sites each, round by round, until it might be that what another round finds no longer fits.
    """
    ordered, order = _in_street_order(reach)
    most_pairs, n_homes = most_pairs_in(memory_gib), max(len(reach.demand_row), 1)
    n_threads = max(1, min(n_threads, len(order), most_pairs // (2 * n_homes)))
    n_sites = max(1, min(SITES_PER_BLOCK, most_pairs // (2 * n_homes * n_threads)))
    starts, most_in_round = range(0, len(order), n_sites), n_sites * n_threads * n_homes
    workers, held = [_worker(ordered) for _ in range(n_threads)], list[_Block]()
    with ThreadPoolExecutor(n_threads) as pool:
        for first in range(0, len(starts), n_threads):
            held += pool.map(lambda worker, start: worker(start, start + n_sites), workers, starts[first : first + n_threads])
            if sum(len(block.minutes) for block in held) + most_in_round > most_pairs:
                yield _in_site_order(held, reach.site_row, order)
                held = []
    if held:
        yield _in_site_order(held, reach.site_row, order)


def most_pairs_in(memory_gib: float) -> int:
    """How many pairs fit."""
    return int(memory_gib * 2**30 / BYTES_PER_PAIR)


def _in_street_order(reach: Reach) -> tuple[Reach, NDArray[np.int64]]:
    """The sites in the order of the streets they stand at, and the row of each in their own order. So what one search has read the next finds
    in the processor's cache; that halves the time."""
    order = np.argsort(reach.task.doors.start, kind="stable")
    doors = Doors._make(column[order] for column in reach.task.doors)
    return Reach(reach.task._replace(doors=doors), reach.site_row[order], reach.demand_row), order


def _search_share(reach: Reach, starts: Iterable[int], most_pairs: int, most_in_all: int) -> list[_Block]:
    """The work of one thread: some blocks of sites."""
    worker, blocks = _worker(reach), list[_Block]()
    for start in starts:
        if sum(len(block.minutes) for block in blocks) > most_pairs:
            what = say(
                "more than {most:,} pairs of people and sites lie within the limit of {limit:g}", most=most_in_all, limit=reach.task.limit
            )
            remedy = say("Take a shorter limit, fewer candidates, or larger cells (cell_m); or allow more memory: [travel] memory_gib.")
            raise InputFaultsError([Problem("error", say("travel"), what, remedy)])
        blocks.append(worker(start, start + SITES_PER_BLOCK))
    return blocks


def _worker(reach: Reach) -> Callable[[int, int], _Block]:
    """What finds the demand points that the sites from one to before another reach, on a desk of its own."""
    work = desk(reach.task)
    room, n_sites = max(PAIRS_PER_BUFFER, len(reach.demand_row)) + 1, len(reach.site_row)
    out = Found(np.empty(room, dtype=np.int32), np.empty(room), np.zeros(n_sites, dtype=np.int64))

    def search(start: int, stop: int) -> _Block:
        site, stop = start, min(stop, n_sites)
        parts: list[tuple[NDArray[np.int32], NDArray[np.float64]]] = []
        while site < stop:
            site, n = search_block(reach.task, site, stop, work, out)
            parts.append((reach.demand_row[out.home[:n]], out.minutes[:n].copy()))
        demand_row, minutes = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
        return _Block(start, out.per_site[start:stop], demand_row, minutes)

    return search


def _in_site_order(blocks: list[_Block], site_row: NDArray[np.int32], order: NDArray[np.int64]) -> Pairs:
    """The pairs of the sites in their own order; the blocks have them in the stated one. Takes the blocks out of the list one by one."""
    per_site = np.zeros(len(order), dtype=np.int64)
    for block in blocks:
        per_site[order[block.first_site : block.first_site + len(block.per_site)]] = block.per_site
    place = np.cumsum(per_site) - per_site
    pairs = Pairs(np.empty(per_site.sum(), dtype=np.int32), np.empty(per_site.sum()), site_row, per_site)
    while blocks:
        block = blocks.pop()
        begin = place[order[block.first_site : block.first_site + len(block.per_site)]]
        copy_to_places(block.demand_row, block.minutes, block.per_site, begin, pairs.demand_row, pairs.minutes)
    return pairs


def by_demand(blocks: list[Pairs], limit_minutes: float, n_demand: int, n_sites: int) -> Arcs:
    """The arcs of pairs whose blocks come in the order of the sites: a counting sort by demand row keeps that order in each.

    Takes the blocks out of the list one by one, so that they and the arcs are not in memory twice.
    """
    per_demand = np.zeros(n_demand, dtype=np.int64)
    for pairs in blocks:
        per_demand += np.bincount(pairs.demand_row, minlength=n_demand)
    cursor = np.concatenate([[0], np.cumsum(per_demand)])[:n_demand].astype(np.int64)
    n = int(per_demand.sum())
    site_row, minutes = np.empty(n, dtype=np.int32), np.empty(n)
    blocks.reverse()
    while blocks:
        pairs = blocks.pop()
        scatter_by_demand(pairs.demand_row, pairs.minutes, pairs.site_row, pairs.per_site, cursor, site_row, minutes)
        del pairs  # before the next array is made
    demand_row = np.repeat(np.arange(n_demand, dtype=np.int32), per_demand)
    return Arcs(demand_row, site_row, minutes, limit_minutes, n_demand, n_sites)
