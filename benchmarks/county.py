"""A county from a read place to a judged plan, as a planner waits for it: 100,000 junctions, 50,000 places of people, 2,000 candidates.

Minutes, the rules before and after, the choice of sites, circles, and the plan measured again. Reading and writing files is not in it. The
second of two runs counts: compiling and imports are not in it either.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import shapely

from benchmarks.common import Row
from layers.study_area import StudyArea
from planner.assess import Question, assess
from planner.circle import Circle
from planner.siting.model import Siting
from planner.travel.model import Travel
from tests.county_assessment import invented_place, sites_in
from tests.small_assessment import written_rules


def place(n_streets: int, n_demand: int, n_candidates: int) -> StudyArea:
    """A county with a grid of `n_streets` x `n_streets` junctions."""
    chance = np.random.default_rng(7)
    area = invented_place(chance, 300, n_demand, n_streets)
    villages = area.units[area.units["level"] == "village"]
    cells: np.ndarray[tuple[int], np.dtype[np.object_]] = villages.geometry.to_numpy()
    return replace(
        area, candidates=sites_in(chance, cells[~shapely.is_empty(cells)], villages["unit_id"].to_list(), n_candidates, "candidate_id", "c")
    )


def question(max_sites: int) -> Question:
    """Who lives within fifteen minutes, and land per head with its other reading."""
    return Question({"zh": "", "en": ""}, date(2026, 11, 25), written_rules()[:2], Travel(), Circle(), Siting(max_sites=max_sites))


def rows(*, large: bool) -> Iterator[Row]:
    """One county; a small one unless `large`."""
    area = place(316, 50_000, 2_000) if large else place(60, 3_000, 100)
    asked = question(100 if large else 10)
    name = f"{area.streets.n_nodes if area.streets else 0:,}: {len(area.candidates):,} candidates, {len(area.demand):,} demand points"
    seconds = wall = 0.0
    for _ in range(2):
        steps: list[tuple[str, float]] = []
        begin, clock = time.process_time(), time.perf_counter()
        found = assess(area, asked, progress=lambda step, steps=steps: steps.append((step, time.perf_counter())))  # type: ignore[misc]
        seconds, wall = time.process_time() - begin, time.perf_counter() - clock
    ends = [at for _, at in steps[1:]] + [clock + wall]
    longest = max(zip(steps, ends, strict=True), key=lambda pair: pair[1] - pair[0][1])
    note = f"{wall:.3g} s wall; {len(found.choice.opened)} sites; longest: {longest[0][0]} {longest[1] - longest[0][1]:.3g} s"
    yield Row("county, end to end", name, "ours", seconds, seconds, note)
