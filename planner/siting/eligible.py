"""Who may be opened: roles, site rules, plots and costs decide before anything is counted.

What a site rule says of a candidate is True, False or None (not known). Not known excludes nobody; the notes of the choice say where
it was so. `forbid` and `require` exclude, `prefer` breaks ties, `allow` changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.fault_place import within
from layers.problems import Findings
from layers.saying import Word, later, say
from layers.study_area import StudyArea
from layers.tables import QUANTITY_NAMES
from planner.rules import Rule
from planner.siting.actions import CLOSE, KEPT
from planner.siting.model import Siting
from planner.siting.names import names_of
from planner.siting.problem import Candidates

ExcludedCode = Literal["role_forbidden", "site_rule_forbids", "site_rule_requires", "no_cost", "plot_taken", "not_decided"]

EXCLUDED: dict[ExcludedCode, str] = {
    "role_forbidden": later("its role is forbidden"),
    "site_rule_forbids": later("forbidden by {rule_id}, {clause}"),
    "site_rule_requires": later("does not fulfil {rule_id}, {clause}"),
    "no_cost": later("no cost_yuan, and a budget is to be kept"),
    "plot_taken": later("a required candidate stands on the same plot"),
    "not_decided": later("a closure is taken only where its role is required"),
}
"""Why a candidate may not be opened."""


class SiteRule(Protocol):
    """What this page asks of a rule of kind `site_rule`."""

    full_id: str
    clause: str
    effect: Literal["allow", "prefer", "require", "forbid"]

    def holds(self, area: StudyArea) -> NDArray[np.object_]:
        """(c,) True, False or None per candidate."""
        ...


@dataclass(frozen=True, eq=False)
class Eligible:
    """The candidates that may be opened, those that may not, and what must be said of them."""

    candidates: Candidates
    excluded: pd.DataFrame
    """candidate_id, rule_id, reason, code; ordered by candidate_id"""
    notes: tuple[str, ...]


def eligible(area: StudyArea, rules: Sequence[Rule], siting: Siting) -> Eligible:
    """The candidates of a place that may be opened, in the fixed order; `LayerFaultsError` when the table contradicts itself."""
    table = area.candidates
    ids = table["candidate_id"].to_numpy(dtype=object)
    role = _text(table, "role")
    required = role == "required"
    cost = table["cost_yuan"].to_numpy(dtype=float) if "cost_yuan" in table.columns else np.full(len(table), np.nan)
    plots = np.where(_text(table, "site_id") == "", ids, _text(table, "site_id"))
    _check_table(ids, table)
    _check_required(ids[required], plots[required], cost[required], siting)

    names = names_of(rules)
    site_rules = [cast("SiteRule", rule) for rule in rules if rule.kind == "site_rule"]
    kept = table[KEPT].to_numpy(dtype=bool) if KEPT in table.columns else np.zeros(len(table), dtype=bool)
    said = {rule.full_id: _of_sites(rule.holds(area), rule.effect, kept) for rule in site_rules}
    why = dict(_reasons(ids, role, plots, cost, site_rules, said, siting))
    why |= {int(row): ("not_decided", "", "") for row in np.flatnonzero(_text(table, "action") == CLOSE)}
    out = np.isin(np.arange(len(ids)), list(why)) & ~required
    preferred = _any_true([said[r.full_id] for r in site_rules if r.effect == "prefer"], len(ids))

    rows = np.array(sorted(np.flatnonzero(~out), key=lambda row: (not preferred[row], str(ids[row]))), dtype=np.int32)
    candidates = _candidates(rows, ids, plots, cost, required, kept, siting)
    return Eligible(
        candidates=candidates,
        excluded=_excluded_table(ids, names, {row: reason for row, reason in why.items() if out[row] and not kept[row]}),
        notes=(
            *_forbidden_but_required(ids, names, required, why),
            *_not_known(site_rules, names, said),
            *_limit_notes(candidates, siting),
        ),
    )


def _text(table: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """(c,) a text column, "" where the table does not have it."""
    return table[column].to_numpy(dtype=object) if column in table.columns else np.full(len(table), "", dtype=object)


def _check_table(ids: NDArray[np.object_], table: pd.DataFrame) -> None:
    """Stop when the table holds what cannot be: costs or quantities below 0. A place that was read from files was checked at its door."""
    findings = Findings()
    for name in ("cost_yuan", *QUANTITY_NAMES):
        if name in table.columns:
            below = (table[name] < 0).to_numpy()
            if below.any():
                where = within(say("candidates"), name)
                findings.error(where, say("is below 0"), say("Correct the figures."), sorted(map(str, ids[below])))
    findings.raise_errors()


def _check_required(ids: NDArray[np.object_], plots: NDArray[np.object_], cost: NDArray[np.float64], siting: Siting) -> None:
    """Stop when two required candidates exclude each other, or when the budget cannot be kept for want of their cost."""
    findings = Findings()
    twice = pd.Series(plots).duplicated(keep=False).to_numpy()
    if twice.any():
        where = within(say("candidates"), "site_id")
        findings.error(where, say("required candidates stand on one plot"), say("Require one of them."), sorted(map(str, ids[twice])))
    unknown = np.isnan(cost) & (siting.limit_yuan is not None)
    if unknown.any():
        where = within(say("candidates"), "cost_yuan")
        what = say("required candidates have no cost, but a budget is to be kept")
        findings.error(where, what, say("Enter their cost_yuan, or set no budget."), sorted(map(str, ids[unknown])))
    findings.raise_errors()


_Reason = tuple[ExcludedCode, str, str]
"""code, rule_id, clause"""


def _reasons(
    ids: NDArray[np.object_],
    role: NDArray[np.object_],
    plots: NDArray[np.object_],
    cost: NDArray[np.float64],
    site_rules: Sequence[SiteRule],
    said: dict[str, NDArray[np.object_]],
    siting: Siting,
) -> Iterator[tuple[int, _Reason]]:
    """Candidate rows that may not be opened, each with its weightiest reason, which comes last."""
    taken = np.isin(plots.astype(str), plots[role == "required"].astype(str)) & (role != "required")
    yield from ((int(row), ("plot_taken", "", "")) for row in np.flatnonzero(taken))
    if siting.limit_yuan is not None:
        yield from ((int(row), ("no_cost", "", "")) for row in np.flatnonzero(np.isnan(cost)))
    codes: dict[str, tuple[ExcludedCode, bool]] = {"require": ("site_rule_requires", False), "forbid": ("site_rule_forbids", True)}
    for effect, (code, answer) in codes.items():
        for rule in reversed([r for r in site_rules if r.effect == effect]):
            hit = [row for row in range(len(ids)) if _is(said[rule.full_id][row], answer=answer)]
            yield from ((row, (code, rule.full_id, rule.clause)) for row in hit)
    yield from ((int(row), ("role_forbidden", "", "")) for row in np.flatnonzero(role == "forbidden"))


def _is(value: object, *, answer: bool) -> bool:
    """Whether a three-valued answer is known and equal to `answer`."""
    return value is not None and bool(value) == answer


def _of_sites(answers: NDArray[np.object_], effect: str, kept: NDArray[np.bool_]) -> NDArray[np.object_]:
    """The answers of a site rule, which says nothing against facilities that stay as they are."""
    return np.where(kept, effect == "require", answers)


def _any_true(answers: Sequence[NDArray[np.object_]], n: int) -> NDArray[np.bool_]:
    """(n,) whether any of the three-valued answers is True."""
    return np.array([any(_is(a[row], answer=True) for a in answers) for row in range(n)], dtype=bool)


def _candidates(
    rows: NDArray[np.int32],
    ids: NDArray[np.object_],
    plots: NDArray[np.object_],
    cost: NDArray[np.float64],
    required: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    siting: Siting,
) -> Candidates:
    """The chosen rows with prices and what the required ones leave of the limits."""
    priced = len(rows) > 0 and not np.isnan(cost[rows]).any()
    must = required[rows]
    spent = float(cost[rows][must].sum())
    budget = np.inf if siting.limit_yuan is None else max(0.0, siting.limit_yuan - spent)
    sites = np.inf if siting.max_sites is None else max(0, siting.max_sites - int(must.sum()))
    return Candidates(
        ids=ids[rows],
        row=rows,
        cost_yuan=cost[rows],
        price=cost[rows] if priced else np.ones(len(rows)),
        price_unit="yuan" if priced else "sites",
        required=must,
        plot=np.unique(plots[rows].astype(str), return_inverse=True)[1].astype(np.int32),
        budget_left=float(budget),
        sites_left=float(sites),
        kept=kept[rows],
    )


def _excluded_table(ids: NDArray[np.object_], names: Mapping[str, Word], why: dict[int, _Reason]) -> pd.DataFrame:
    """candidate_id, rule_id, reason, code."""
    rows = [
        (str(ids[row]), rule, say(EXCLUDED[code], rule_id=names.get(rule, rule), clause=clause), code)
        for row, (code, rule, clause) in why.items()
    ]
    return pd.DataFrame(sorted(rows), columns=["candidate_id", "rule_id", "reason", "code"], dtype=object)


def _forbidden_but_required(
    ids: NDArray[np.object_], names: Mapping[str, Word], required: NDArray[np.bool_], why: Mapping[int, _Reason]
) -> Iterator[str]:
    """The planner's own `required` is obeyed, but not in silence."""
    for row, (code, rule, clause) in sorted(why.items()):
        if required[row]:
            reason = say(EXCLUDED[code], rule_id=names.get(rule, rule), clause=clause)
            yield say("{candidate} is required and opened, although {reason}", candidate=ids[row], reason=reason)


def _not_known(site_rules: Sequence[SiteRule], names: Mapping[str, Word], said: dict[str, NDArray[np.object_]]) -> Iterator[str]:
    """Where a site rule could not be judged."""
    for rule in site_rules:
        n = sum(value is None for value in said[rule.full_id])
        if n and rule.effect in ("require", "forbid"):
            yield say(
                "{rule}: could not be judged for {n} candidate(s), which are not excluded; fill in what it asks of them",
                rule=names[rule.full_id],
                n=n,
            )


def _limit_notes(candidates: Candidates, siting: Siting) -> Iterator[str]:
    """Limits that the required candidates use up, and costs that are missing."""
    must = candidates.required
    if siting.limit_yuan is not None and candidates.cost_yuan[must].sum() > siting.limit_yuan:
        yield say("the required candidates alone cost more than the budget; raise it, or require fewer")
    if siting.max_sites is not None and must.sum() > siting.max_sites:
        yield say("the required candidates alone are more than max_sites; raise it, or require fewer")
    if candidates.price_unit == "sites" and len(candidates.ids):
        n = int(np.isnan(candidates.cost_yuan).sum())
        yield say("{n} candidate(s) have no cost_yuan: every site counts the same; fill it in for all to choose by cost", n=n)
