"""HiGHS holding a linear program, silent, with one thread and a fixed seed: the same answer on every machine."""

from __future__ import annotations

from collections.abc import Mapping

import highspy
import numpy as np
from highspy._core import _Highs
from numpy.typing import NDArray
from scipy import sparse

FIXED: dict[str, bool | int | float | str] = {"output_flag": False, "threads": 1, "parallel": "off", "random_seed": 0}

Span = tuple[NDArray[np.float64], NDArray[np.float64]]
"""least and most"""


def highs(
    cost: NDArray[np.float64],
    columns: Span,
    matrix: sparse.csr_matrix,
    rows: Span,
    options: Mapping[str, bool | float | str],
    *,
    whole: NDArray[np.bool_] | None = None,
) -> _Highs:
    """A solver for: least `cost` of x within `columns`, `matrix` x within `rows`; x whole where marked.

    `highspy.Highs()` writes a banner to stdout before it can be told not to; its base class does not.
    """
    solver = _Highs()
    for name, value in {**FIXED, **options}.items():
        solver.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_, (lp.col_lower_, lp.col_upper_), (lp.row_lower_, lp.row_upper_) = cost, columns, rows
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    if whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(w)] for w in whole]
    solver.passModel(lp)
    return solver
