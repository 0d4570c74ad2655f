"""Small siting problems made by hand or by hypothesis, and the answer found by looking at every set of candidates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.typing import NDArray

from planner.relief import NEED_COLUMNS
from planner.siting.problem import Candidates, Requirement, SitingProblem


def candidates(
    price: Sequence[float],
    *,
    required: Sequence[bool] | None = None,
    plot: Sequence[int] | None = None,
    budget: float = np.inf,
    sites: float = np.inf,
) -> Candidates:
    """Candidates c0, c1, ... in the order given."""
    m = len(price)
    return Candidates(
        ids=np.array([f"c{j}" for j in range(m)], dtype=object),
        row=np.arange(m, dtype=np.int32),
        cost_yuan=np.array(price, dtype=float),
        price=np.array(price, dtype=float),
        price_unit="yuan",
        required=np.array(required if required is not None else [False] * m, dtype=bool),
        plot=np.array(plot if plot is not None else range(m), dtype=np.int32),
        budget_left=budget,
        sites_left=sites,
    )


def problem(
    relief: Sequence[Sequence[float]],
    amount: Sequence[float],
    who: Candidates,
    *,
    goal: str = "relieve",
    rule: Sequence[int] | None = None,
    requirements: tuple[Requirement, ...] = (),
) -> SitingProblem:
    """A problem from a dense table of needs x candidates; every rule weighs 1."""
    table = np.array(relief, dtype=float).reshape(len(amount), len(who.ids))
    rules = np.array(rule if rule is not None else [0] * len(amount), dtype=np.int32)
    amounts = np.array(amount, dtype=float)
    whole = np.bincount(rules, weights=amounts)
    need, candidate = np.nonzero(table)
    needs = pd.DataFrame({name: [""] * len(amounts) for name in NEED_COLUMNS})
    needs = needs.assign(rule_id=[f"r{r}" for r in rules], unit_id=[f"u{i}" for i in range(len(amounts))], amount=amounts, unit="m2")
    return SitingProblem(
        goal="meet" if goal == "meet" else "relieve",
        candidates=who,
        rule_ids=tuple(f"r{r}" for r in range(len(whole))),
        needs=needs,
        rule=rules,
        amount=amounts,
        weight=1.0 / whole[rules],
        count=np.ones(len(amounts)),
        start=np.concatenate([[0], np.bincount(need, minlength=len(amounts)).cumsum()]).astype(np.int64),
        candidate=candidate.astype(np.int32),
        relief=table[need, candidate],
        requirements=requirements,
    )


def allowed_sets(p: SitingProblem) -> Iterator[NDArray[np.bool_]]:
    """Every set of candidates that holds the required ones and keeps plots and limits."""
    who = p.candidates
    for bits in product((False, True), repeat=p.n_candidates):
        opened = np.array(bits, dtype=bool)
        free = opened & ~who.required
        stands = (opened | ~who.required).all() and np.bincount(who.plot[opened], minlength=1).max() <= 1
        if stands and who.price[free].sum() <= who.budget_left * (1 + 1e-9) and free.sum() <= who.sites_left:
            yield opened


def attained(p: SitingProblem, opened: NDArray[np.bool_]) -> float:
    """sum_r min(1, level_r / L_r) over what can be reached at all."""
    relieved, reach = p.relieved(opened), p.reach()
    levels = [(p.level(r, relieved), min(r.at_least, p.level(r, reach))) for r in p.requirements]
    return sum(min(1.0, level / most) for level, most in levels if most > 0)


def best_by_enumeration(p: SitingProblem, requirements: tuple[Requirement, ...]) -> float:
    """The best objective of any allowed set that meets the requirements."""
    asked = p.with_requirements(requirements)
    values = [
        p.worth(p.relieved(opened)) if p.goal == "relieve" else p.price(opened)
        for opened in allowed_sets(p)
        if all(asked.level(r, asked.relieved(opened)) >= r.floor for r in requirements)
    ]
    return max(values) if p.goal == "relieve" else min(values)


@st.composite
def small_problems(draw: st.DrawFn, *, harm: bool = True, plots: bool = True, mandatory: bool = True) -> SitingProblem:
    """Up to 7 candidates and 6 needs of two rules, whole numbers, with or without limits, plots, required candidates and requirements."""
    m, n = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    cell = st.one_of(st.just(0), st.integers(-3 if harm else 0, 6))
    table = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
    amount = draw(st.lists(st.integers(1, 8), min_size=n, max_size=n))
    price = draw(st.lists(st.integers(0, 5), min_size=m, max_size=m))
    plot = draw(st.lists(st.integers(0, m - 1), min_size=m, max_size=m)) if plots and draw(st.booleans()) else list(range(m))
    required = [draw(st.booleans()) and plot.count(plot[j]) == 1 and draw(st.booleans()) for j in range(m)]
    who = candidates(
        price,
        required=required,
        plot=plot,
        budget=draw(st.one_of(st.just(np.inf), st.integers(0, 12).map(float))),
        sites=draw(st.one_of(st.just(np.inf), st.integers(0, m).map(float))),
    )
    rule = sorted(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    rule = [r - rule[0] for r in rule]
    requirements = []
    for r in sorted(set(rule)) if mandatory else []:
        counted = draw(st.sampled_from(["needs", "amount", "none"]))
        if counted == "needs":
            requirements.append(Requirement(r, float(draw(st.integers(1, rule.count(r)))), "needs"))
        elif counted == "amount":
            whole = sum(a for a, of in zip(amount, rule, strict=True) if of == r)
            requirements.append(Requirement(r, float(draw(st.integers(1, whole))), "amount"))
    goal = draw(st.sampled_from(["meet", "relieve"])) if requirements else "relieve"
    return problem(table, amount, who, goal=goal, rule=rule, requirements=tuple(requirements))
