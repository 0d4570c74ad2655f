"""How far the heuristics go, in counted rounds and steps: the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass

from planner.siting.proof.split import SplitEffort


@dataclass(frozen=True)
class Effort:
    """What is spent where a gap is left."""

    split_arcs: int
    """largest maximal cover, in arcs, whose bound is sharpened by regions (`split`)"""
    split_maximal: SplitEffort
    split_cover: SplitEffort
    """of maximal and of set covers"""
    searches: int
    """thorough searches of a maximal cover or p-median one after another, as long as they gain"""
    row_weighting: float
    """of set covers: steps over arcs, as a multiple of `set_cover.STEPS`"""


EFFORTS = {
    "usual": Effort(
        split_arcs=120_000,
        split_maximal=SplitEffort(sites=2.2, rounds=150, nodes=2_000_000),
        split_cover=SplitEffort(sites=3.0, rounds=165, nodes=5_000_000),
        searches=1,
        row_weighting=1.0,
    ),
    "thorough": Effort(
        split_arcs=300_000,
        split_maximal=SplitEffort(sites=3.0, rounds=200, nodes=10_000_000),
        split_cover=SplitEffort(sites=4.0, rounds=320, nodes=20_000_000),
        searches=4,
        row_weighting=5.0,
    ),
}
"""keys are the values of `Siting.effort`; usual: some seconds for 10,000 needs and 2,000 candidates, thorough: a minute"""
USUAL = EFFORTS["usual"]
