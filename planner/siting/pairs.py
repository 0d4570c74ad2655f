"""`Pairs`: which candidate does how much for which row (a need, a place), kept from both sides as plain arrays that the kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from layers.compiled import inner


class Pairs(NamedTuple):
    """The pairs of n rows and m candidates that have to do with each other, once in the order of the rows and once in that of the candidates."""

    start: NDArray[np.int64]
    """(n + 1,) the pairs of row i are start[i] : start[i + 1]"""
    candidate: NDArray[np.int32]
    """(k,)"""
    value: NDArray[np.float64]
    """(k,)"""
    by_start: NDArray[np.int64]
    """(m + 1,) the pairs of candidate j are by_start[j] : by_start[j + 1] of the next two"""
    by_row: NDArray[np.int32]
    """(k,)"""
    by_value: NDArray[np.float64]
    """(k,)"""


def pairs_of(start: NDArray[np.int64], candidate: NDArray[np.int32], value: NDArray[np.float64], n_candidates: int) -> Pairs:
    """The pairs given in the order of the rows, from both sides: every array one type (writable, without gaps), so that each kernel is compiled
    once."""
    by_start, by_row, order = turned(start, candidate, n_candidates)
    pairs = Pairs(start, candidate, value, by_start, by_row, value[order])
    return Pairs(*(np.require(array, requirements=["C", "W", "A"]) for array in pairs))  # type: ignore[arg-type]  # each stays what it is


def row_of(start: NDArray[np.int64]) -> NDArray[np.int32]:
    """(k,) the row of each pair."""
    return np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))


def turned(
    start: NDArray[np.int64], candidate: NDArray[np.int32], n_candidates: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """The pairs from the candidates' side: where those of each begin (m + 1,), their rows (k,), ascending for each, and which pairs they are (k,)."""
    by_row = sparse.csr_matrix((np.arange(len(candidate)), candidate, start), shape=(len(start) - 1, n_candidates)).tocsc()
    return by_row.indptr.astype(np.int64), by_row.indices.astype(np.int32), by_row.data


@inner
def mark_neighbours(pairs: Pairs, j: int, look: NDArray[np.bool_]) -> None:
    """Mark in (m,) every candidate that shares a row with j."""
    for e in range(pairs.by_start[j], pairs.by_start[j + 1]):
        i = pairs.by_row[e]
        for f in range(pairs.start[i], pairs.start[i + 1]):
            look[pairs.candidate[f]] = True
