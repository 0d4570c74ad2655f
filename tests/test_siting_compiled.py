"""What a first run compiles: only what the question needs, and nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

SCRIPT = """
import json
from benchmarks.siting import covering
from planner.siting import pairs
from planner.siting.best_of import exchange
from planner.siting.curve import curve_of
from planner.siting.reasons import most_useful_first
from planner.siting.search import covering as weighted, filling, interchange, moves, ruin, set_cover
from planner.siting.seats import flow
from planner.siting.solve import solve

asked = covering(60, 12, 3)
opened = solve(asked, "auto", 20.0).opened
most_useful_first(asked, opened)
curve_of(asked, opened)
kernels = {
    "used": [moves.toggle_all, filling.fill_up, interchange.exchange_near, ruin._until_gain],
    "inside": [moves.toggle_inside, moves.fits_inside, moves.is_met_inside, pairs.mark_neighbours, filling.list_near],
    "not_used": [weighted.cover, set_cover._search, exchange.fill, flow.attract],
}
print(json.dumps({name: [len(kernel.signatures) for kernel in list_] for name, list_ in kernels.items()}))
"""


def test_a_small_problem_compiles_each_part_once_and_no_search_for_large_ones() -> None:
    ran = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], check=True, capture_output=True, text=True, cwd=ROOT)
    found = json.loads(ran.stdout)
    assert found["used"] == [1] * 4
    assert max(found["inside"]) <= 1  # 0 where the callers came from the cache
    assert found["not_used"] == [0] * 4
