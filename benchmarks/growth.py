"""How time and memory grow: the great searches, each in a process of its own whose peak memory is read at its end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.travel import LIMIT_M, task_of
from planner.travel.graph import street_graph
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from planner.travel.nearest import nearest_sites
from planner.travel.searches import Reach, by_demand, search_all
from planner.travel.snap import open_edges, snap
from tests.towns import town

HEADER = (
    "| task | junctions | sites | demand | read and cut [s] | search [s] | answer | peak memory |\n|---|---:|---:|---:|---:|---:|---|---:|"
)


def peak_bytes() -> int:
    """Peak memory of this process."""
    import resource  # noqa: PLC0415 -- not there on Windows

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024


def pairs(side: int, n_sites: int, n_demand: int, limit_m: float = LIMIT_M) -> str:
    """All pairs of sites and demand points within the limit, from streets and points to sorted arcs, on all processors."""
    streets, rng = town(side, seed=1), np.random.default_rng(2)
    points = rng.uniform(streets.node_xy_m.min(axis=0), streets.node_xy_m.max(axis=0), (n_demand + n_sites, 2))
    begin, walkable = time.perf_counter(), open_edges(streets, ())
    both, graph = snap(points, streets, walkable, limit_m=500.0), street_graph(streets, walkable)
    demand, sites = both.part(0, n_demand), both.part(n_demand, len(both.edge))
    task, demand_row = task_of(streets, graph, demand, sites, limit_m)
    prepared = time.perf_counter()
    reach = Reach(task, np.flatnonzero(sites.is_on).astype(np.int32), demand_row)
    arcs = by_demand(search_all(reach, n_threads=2, memory_gib=Travel().memory_gib), limit_m, n_demand, n_sites)
    done = time.perf_counter()
    answer = f"{len(arcs.minutes):,} pairs within {limit_m:,.0f} m"
    return _line("pairs", streets.n_nodes, n_sites, n_demand, (begin, prepared, done), answer)


def nearest(side: int, n_sites: int, n_demand: int) -> str:
    """The nearest site of every demand point, from streets and points to the answer."""
    streets, rng = town(side, seed=1), np.random.default_rng(2)
    low, high = streets.node_xy_m.min(axis=0), streets.node_xy_m.max(axis=0)
    demand, sites = rng.uniform(low, high, (n_demand, 2)), rng.uniform(low, high, (n_sites, 2))
    begin = time.perf_counter()
    found = nearest_sites(streets, Travel(), demand, sites, profile="distance", limit_minutes=1e6)
    done = time.perf_counter()
    reached = np.isfinite(found.minutes[:, 0])
    answer = f"{reached.mean():.1%} reach one, the farthest over {found.minutes[reached].max():,.0f} m"
    return _line("nearest", streets.n_nodes, n_sites, n_demand, (begin, begin, done), answer)


def _line(task: str, junctions: int, sites: int, demand: int, times: tuple[float, float, float], answer: str) -> str:
    begin, prepared, done = times
    memory = f"{peak_bytes() / 2**30:.2f} GiB"
    return f"| {task} | {junctions:,} | {sites:,} | {demand:,} | {prepared - begin:.2f} | {done - prepared:.2f} | {answer} | {memory} |"


TASKS: dict[str, Callable[[], str]] = {
    "pairs 20k": lambda: pairs(141, 400, 20_000),
    "pairs 200k": lambda: pairs(447, 4_000, 200_000),
    "pairs 1M": lambda: pairs(1_000, 20_000, 1_000_000),
    "pairs 1M, 3 km": lambda: pairs(1_000, 20_000, 1_000_000, 3_000.0),
    "pairs 5M, 3 km": lambda: pairs(2_236, 20_000, 2_000_000, 3_000.0),
    "nearest 200k": lambda: nearest(447, 2_000, 200_000),
    "nearest 1M": lambda: nearest(1_000, 20_000, 1_000_000),
    "nearest 5M": lambda: nearest(2_236, 20_000, 2_000_000),
}


def warm() -> None:
    """Compile or load what the searches need, outside of their times."""
    from tests.small import small_area  # noqa: PLC0415 -- only here

    area = small_area()
    measure_times(area, Travel(), {"distance": 500.0})
    nearest_sites(area.streets, Travel(), area.demand_xy_m, area.site_xy_m, profile="distance", limit_minutes=500.0)


def main() -> None:
    """Each task in a new process, so that its peak is its own."""
    print(HEADER, flush=True)
    for name in TASKS:
        done = subprocess.run([sys.executable, "-m", "benchmarks.growth", name], capture_output=True, text=True, check=True)  # noqa: S603
        print(done.stdout.strip(), flush=True)


if __name__ == "__main__":
    warm()
    print(TASKS[sys.argv[1]]())
