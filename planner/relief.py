"""What a rule needs and what each candidate would mend: the form that every kind of rule takes before sites are chosen.

A *need* is a shortfall somewhere (square metres in a village, people beyond 15 minutes at a demand point, a missing centre in a
township, nursing beds of the county). A *relief* says how much of a need one candidate would mend. Opening the candidates x relieves
min(amount_i, sum_j relief_ij x_j) of need i, never more than is short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NEED_COLUMNS: dict[str, str] = {
    "rule_id": "full id of the rule that is not met (base reading)",
    "unit_id": "the unit that falls short",
    "place_id": "where exactly: the unit again, or a demand point",
    "amount": "how much is short, > 0",
    "unit": "of the amount: m2, facilities, people, beds",
    "people": "people concerned, for weights and words",
}
"""One row per need."""


@dataclass(frozen=True, eq=False)
class Relief:
    """What a rule needs and what each candidate would mend; rows of `needs` are numbered from 0."""

    needs: pd.DataFrame
    """columns of `NEED_COLUMNS`"""
    need_row: NDArray[np.int32]
    candidate_row: NDArray[np.int32]
    amount: NDArray[np.float64]
    """(k,) relief in the need's unit, sorted by need then candidate; may be negative (50 ordinary beds lower a nursing share)"""
    at_least: float
    """what meets the rule: with `counted` = "needs", this many needs fully relieved; with "amount", this much relief in all"""
    counted: Literal["needs", "amount"] = "needs"
