"""From failing units to `Relief`: the step that quota, presence and share have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.exact import units_needed
from planner.relief import NEED_COLUMNS, Relief
from planner.rules import Rule


@dataclass(frozen=True, eq=False)
class Lacking:
    """What nobody reaches, and the candidates that would: needs (n,) and arcs (k,), sorted by need."""

    place_row: NDArray[np.int64]
    """(n,) place of each need"""
    ids: NDArray[np.object_]
    """(n,) id of the demand point or parcel"""
    amount: NDArray[np.float64]
    """(n,) its weight"""
    need_row: NDArray[np.int64]
    """(k,)"""
    candidate_row: NDArray[np.int64]
    """(k,)"""


def units_short(rule: Rule, measures: pd.DataFrame) -> int:
    """How many more units must pass before the rule is met, never below 0."""
    tally = measures["verdict"].value_counts()
    passed, failed, open_ = (int(tally.get(v, 0)) for v in ("pass", "fail", "no_data"))
    return max(0, units_needed(rule.units_pct, passed + failed + open_) - passed)


def relief_of_units(
    rule: Rule, measures: pd.DataFrame, place_row: NDArray[np.int64], candidate_row: NDArray[np.int64], amount: NDArray[np.float64]
) -> Relief | None:
    """Every failing unit is one need; the arcs say which candidate brings how much to which place (a row of `measures`).

    As many units as the rule's `units_pct` still lacks must be relieved in full. None when no unit falls short.
    """
    short = measures[(measures["verdict"] == "fail") & (measures["shortfall"] > 0)]
    if not len(short) or rule.op not in (">=", ">"):
        return None
    need_of_place = np.full(len(measures), -1, dtype=np.int32)
    need_of_place[short.index] = np.arange(len(short), dtype=np.int32)
    needs = short.assign(place_id=short["unit_id"], amount=short["shortfall"], unit=short["shortfall_unit"])
    helps = (need_of_place[place_row] >= 0) & (amount != 0)
    need, candidate, amount = need_of_place[place_row][helps], candidate_row[helps], amount[helps]
    order = np.lexsort((candidate, need))
    return Relief(
        needs=needs[list(NEED_COLUMNS)].reset_index(drop=True),
        need_row=need[order],
        candidate_row=candidate[order].astype(np.int32),
        amount=amount[order],
        at_least=float(min(units_short(rule, measures), len(short))),
        counted="needs",
    )
