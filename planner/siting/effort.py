"""How far the heuristics go, in counted rounds and steps: the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """What is spent where a gap is left."""

    cut_arcs: int
    """largest maximal cover, in arcs, whose bound is sharpened by cuts"""
    cut_rounds: tuple[int, int]
    """rounds of cuts (`odd_sets`) for maximal and for set covers; one takes as long as the relaxation"""
    searches: int
    """thorough searches of a maximal cover or p-median one after another, as long as they gain"""
    row_weighting: float
    """of set covers: steps over arcs, as a multiple of `set_cover.STEPS`"""


EFFORTS = {
    "usual": Effort(cut_arcs=120_000, cut_rounds=(3, 3), searches=1, row_weighting=1.0),
    "thorough": Effort(cut_arcs=300_000, cut_rounds=(8, 10), searches=4, row_weighting=5.0),
}
"""keys are the values of `Siting.effort`; usual: some seconds for 10,000 needs and 2,000 candidates, thorough: a minute"""
USUAL = EFFORTS["usual"]
