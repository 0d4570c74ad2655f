"""Compiling: once, told of, kept on disk; and the benchmarks run at their smallest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks import circles, county, travel, zonal
from layers.compiled import telling_of_compiling
from tests.towns import town

ROOT = Path(__file__).parents[1]

SCRIPT = """
import gc
from layers.compiled import telling_of_compiling
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from tests.small import small_area
with telling_of_compiling(print):
    measure_times(small_area(), Travel(), {"elder_walk": 15.0, "distance": 500.0})
assert gc.isenabled()
"""


def test_the_first_run_says_once_that_it_compiles_and_a_second_process_does_not_compile(tmp_path: Path) -> None:
    said = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", SCRIPT],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert said == [["compiling the searches (once; they are kept on disk for the next run)"], []]


def test_nothing_is_told_where_nothing_is_compiled() -> None:
    told: list[str] = []
    with telling_of_compiling(told.append):
        np.zeros(3).sum()
    assert told == []


def test_the_benchmark_of_minutes_gives_equal_answers_with_every_engine() -> None:
    size = travel.Size(side=20, n_sites=12, n_demand=300, n_scipy=12, n_networkx=12, n_ego=3)
    rows = list(travel.rows(size, town(size.side, seed=1)))
    assert {row.task for row in rows} == {"T1 nearest", "T2 areas 1000 m", "T3 pairs 1000 m"}
    assert {"ours", "scipy dijkstra(min_only)", "networkx cutoff", "networkx, split graph"} <= {row.engine for row in rows}


def test_the_benchmark_of_circles_asserts_that_people_inside_are_those_counted_and_that_merged_circles_are_their_union() -> None:
    assert {row.engine for row in circles.compare(25, 4, 600.0, 2)} >= {
        "ours",
        "union of street buffers, quad_segs 2",
        "union of the circles",
    }


def test_the_benchmark_of_rasters_keeps_everybody() -> None:
    engines = [row.engine for row in (*zonal.points_in_units(200), *zonal.sums_by_unit(200))]
    assert engines[:4] == ["ours", "geopandas sjoin", "ours", "every cell cut as a polygon"]


def test_the_benchmark_of_a_county_opens_sites() -> None:
    (row,) = county.rows(large=False)
    assert "10 sites" in row.note
