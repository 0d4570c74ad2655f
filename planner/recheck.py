"""The second look: what the solver claims its sites mend must be what the rules find when the place is measured again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner.assessment import Finding
from planner.circle import Circle
from planner.rules import Rule
from planner.siting.circle_goals import reach_of, relieved_of_circle
from planner.siting.model import Choice, Siting
from planner.siting.serve import assigned

TOLERANCE = 1e-6
"""relative difference allowed between the claim and the second measuring: rounding of sums, nothing more"""


class ClaimError(AssertionError):
    """The plan does not do what the solver said. A fault of this program, never of the input: please report it."""


def check_claims(
    rules: Sequence[Rule], choice: Choice, before: Finding, after: Finding, siting: Siting | None = None, circle: Circle | None = None
) -> None:
    """Raise `ClaimError` unless every relief that the choice claims is found again by measuring from scratch.

    `siting` and the completed `circle` are needed for the claims of goals on the people of the circle.
    """
    by_id = {rule.full_id: rule for rule in rules}
    for claim in choice.claimed.itertuples():
        rule_id, claimed = str(claim.rule_id), float(claim.relieved)  # type: ignore[arg-type]  # a column of numbers
        if rule_id in by_id:
            found = _found(by_id[rule_id], before, after)
        elif siting is not None and circle is not None and siting.goal == "serve":
            found = _gain(before, after, siting, circle)
        elif siting is not None and circle is not None:
            found = relieved_of_circle(siting, choice.objective, *(reach_of(f.area, f.times, circle) for f in (before, after)))
        else:
            raise ClaimError(f"{rule_id}: nothing is known of such a rule")
        if not math.isclose(found, claimed, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            raise ClaimError(f"{rule_id}: the chosen sites were to mend {claimed:.9g}; measured again they mend {found:.9g}")


def check_gains(proposals: pd.DataFrame, before: Finding, after: Finding, siting: Siting, circle: Circle) -> None:
    """Raise `ClaimError` unless the people of the circle's base whom the proposals gain add up to what the place gains with them, measured
    again."""
    claimed = math.fsum(proposals.loc[proposals["for_whom"] == circle.base, "people_gained"].dropna())
    found = _gain(before, after, siting, circle)
    if not math.isclose(found, claimed, rel_tol=TOLERANCE, abs_tol=TOLERANCE * max(1.0, found)):
        raise ClaimError(f"the proposals were to gain {claimed:.9g} people; measured again they gain {found:.9g}")


def with_a_place(finding: Finding, siting: Siting, circle: Circle) -> float:
    """People of the circle's base who have a place under goal `serve`, each served once."""
    return float(assigned(finding.area, finding.times, siting, circle).served.sum())


def _gain(before: Finding, after: Finding, siting: Siting, circle: Circle) -> float:
    """People of the circle's base who are newly within it; under goal `serve` newly with a place."""
    if siting.goal == "serve":
        was, is_now = (with_a_place(finding, siting, circle) for finding in (before, after))
    else:
        was, is_now = (float(f.area.demand[circle.base].fillna(0.0)[np.isfinite(f.minutes)].sum()) for f in (before, after))
    return is_now - was


def _found(rule: Rule, before: Finding, after: Finding) -> float:
    """What a rule finds mended."""
    was, is_now = (
        finding.measures[(finding.measures["rule_id"] == rule.full_id) & (finding.measures["reading"] == "")] for finding in (before, after)
    )
    return rule.relieved(was, is_now)
