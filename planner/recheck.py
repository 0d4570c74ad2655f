"""The second look: what the solver claims its sites mend must be what the rules find when the place is measured again."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
            was, is_now = (float(assigned(f.area, f.times, siting, circle).served.sum()) for f in (before, after))
            found = is_now - was
        elif siting is not None and circle is not None:
            found = relieved_of_circle(siting, choice.objective, *(reach_of(f.area, f.times, circle) for f in (before, after)))
        else:
            raise ClaimError(f"{rule_id}: nothing is known of such a rule")
        if not math.isclose(found, claimed, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            raise ClaimError(f"{rule_id}: the chosen sites were to mend {claimed:.9g}; measured again they mend {found:.9g}")


def _found(rule: Rule, before: Finding, after: Finding) -> float:
    """What a rule finds mended."""
    was, is_now = (
        finding.measures[(finding.measures["rule_id"] == rule.full_id) & (finding.measures["reading"] == "")] for finding in (before, after)
    )
    return rule.relieved(was, is_now)
