"""Instances whose optimum is published, made from their definition: what every method must find, or bound from the right side.

Chess boards (least pieces that guard every square): Yaglom and Yaglom, Challenging Mathematical Problems with Elementary Solutions I, 1964;
queens 5, kings 9, knights 12 on the usual board. Steiner triples (set covering, famous for its hardness): Fulkerson, Nemhauser and Trotter
1974; A9 = 5, A27 = 18; A81 = 61, what is left of the largest cap of 20 points (Pellegrino 1970). Covering codes of radius 1: Cohen, Honkala, Litsyn and Lobstein, Covering Codes, 1997; K2(5,1) = 7, K2(7,1) = 16 (the
Hamming code), K3(4,1) = 9 (the ternary Hamming code). Paths and rings: p-center and p-median by formula.
"""

from __future__ import annotations

from itertools import combinations, product
from math import ceil

import numpy as np
import pytest
from numpy.typing import NDArray

from planner.siting.problem import Requirement, SitingProblem
from planner.siting.seats.choice import solve_seats
from planner.siting.seats.search import Seats
from planner.siting.seats.ways import ways_of
from planner.siting.solve import solve
from tests.siting_problems import candidates, problem
from tests.test_siting_circle_goals import Town

LIMIT_S = 60.0
Table = NDArray[np.bool_]


def guarded(piece: str, n: int = 8) -> Table:
    """Squares x squares: whether a piece on the second guards the first (its own included)."""
    at = np.array(list(product(range(n), repeat=2)))
    apart = np.abs(at[:, None] - at[None])
    down, along = apart[..., 0], apart[..., 1]
    moves = {
        "queen": (down == 0) | (along == 0) | (down == along),
        "king": np.maximum(down, along) <= 1,
        "knight": (down * along == 2) | (down + along == 0),
    }
    return moves[piece]


def lines_of_affine_space(dimension: int) -> Table:
    """Lines x points of the affine space over three elements: the Steiner triples of 9 and 27 points."""
    points = np.array(list(product(range(3), repeat=dimension)))
    index = {tuple(point): row for row, point in enumerate(points.tolist())}
    third = ((-points[:, None] - points[None]) % 3).tolist()
    triples = {tuple(sorted((a, b, index[tuple(third[a][b])]))) for a, b in combinations(range(len(points)), 2)}
    table = np.zeros((len(triples), len(points)), dtype=bool)
    for row, triple in enumerate(sorted(triples)):
        table[row, list(triple)] = True
    return table


def words_within_one(letters: int, length: int) -> Table:
    """Words x words: whether they differ in at most one letter."""
    words = np.array(list(product(range(letters), repeat=length)))
    table: Table = (words[:, None] != words[None]).sum(axis=2) <= 1
    return table


def cheapest_cover(table: Table) -> SitingProblem:
    n, m = table.shape
    return problem(table.tolist(), [1.0] * n, candidates([1.0] * m), goal="meet", requirements=(Requirement(0, float(n), "needs"),))


COVERS = {
    "queens": (guarded("queen"), 5),
    "kings": (guarded("king"), 9),
    "knights": (guarded("knight"), 12),
    "A9": (lines_of_affine_space(2), 5),
    "A27": (lines_of_affine_space(3), 18),
    "K2(5,1)": (words_within_one(2, 5), 7),
    "K2(7,1)": (words_within_one(2, 7), 16),
    "K3(4,1)": (words_within_one(3, 4), 9),
}


def test_the_instances_are_what_they_are_called() -> None:
    assert COVERS["A9"][0].shape == (12, 9)
    assert COVERS["A27"][0].shape == (117, 27)
    assert COVERS["K3(4,1)"][0].sum(axis=1).tolist() == [9] * 81


@pytest.mark.parametrize("name", COVERS)
@pytest.mark.parametrize("method", ["exact", "heuristic"])
def test_set_cover_of_the_literature(name: str, method: str) -> None:
    table, least = COVERS[name]
    solved = solve(cheapest_cover(table), method, LIMIT_S)
    assert table[:, solved.opened].any(axis=1).all()
    assert solved.bound <= least <= solved.objective
    if method == "exact":
        assert (solved.status, solved.objective) == ("optimal", least)


def test_the_81_steiner_points_are_covered_by_61_or_a_few_more_and_never_proved_wrong() -> None:
    table = lines_of_affine_space(4)
    assert table.shape == (1080, 81)
    solved = solve(cheapest_cover(table), "heuristic", LIMIT_S)
    assert table[:, solved.opened].any(axis=1).all()
    assert solved.bound <= 61 <= solved.objective <= 62


@pytest.mark.parametrize(("capacity", "n_served"), [(8, 128), (7, 112)])
def test_a_perfect_code_fills_every_place(capacity: int, n_served: int) -> None:
    # 16 words of the Hamming code of length 7 have 8 words within one letter each, and none twice: nobody is left, nothing is free.
    word, near = np.nonzero(words_within_one(2, 7))
    who = candidates([1.0] * 128, sites=16.0)
    ways = ways_of(np.ones(128), np.full(128, float(capacity)), word.astype(np.int32), near.astype(np.int32))
    found = solve_seats(Seats(problem([], [], who), ways), np.zeros(128, dtype=bool), "heuristic", LIMIT_S)
    assert found.served <= n_served <= found.bound
    assert found.bound == pytest.approx(n_served)
    assert found.served >= n_served * 0.9


@pytest.mark.parametrize(("name", "n_pieces"), [("queens", 5), ("kings", 9), ("knights", 12), ("K3(4,1)", 9)])
def test_maximal_cover_with_as_many_as_are_needed_is_everything(name: str, n_pieces: int) -> None:
    table = COVERS[name][0]
    n, m = table.shape
    enough = solve(problem(table.tolist(), [1.0] * n, candidates([1.0] * m, sites=n_pieces)), "exact", LIMIT_S)
    assert enough.objective == pytest.approx(1.0)


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_p_center_of_a_path_and_of_a_ring(p: int) -> None:
    # Every open site serves itself and r places on either side: 2 r + 1 of n.
    n = 13
    place = np.arange(n)
    apart = np.abs(place[:, None] - place[None])
    for between in (apart, np.minimum(apart, n - apart)):
        town = Town([1.0] * n, [[]] * n, [[float(m) for m in line] for line in between], [1.0] * n)
        assert town.choose("worst_minutes", max_sites=p, method="exact").objective == ceil((n / p - 1) / 2)


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_p_median_of_a_path(p: int) -> None:
    # n places in p runs of nearly equal length; a run of k costs floor(k^2 / 4).
    n = 13
    place = np.arange(n)
    town = Town([1.0] * n, [[]] * n, [[float(abs(m - i)) for m in place] for i in place], [1.0] * n)
    runs = [n // p + (k < n % p) for k in range(p)]
    choice = town.choose("mean_minutes", max_sites=p, method="exact")
    assert choice.objective == pytest.approx(sum(k * k // 4 for k in runs) / n)
    assert choice.status == "optimal"
