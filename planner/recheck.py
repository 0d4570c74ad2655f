"""The second look: what the solver claims its sites mend must be what the rules find when the place is measured again."""

from __future__ import annotations

import math
from collections.abc import Sequence

from planner.assessment import Finding
from planner.rules import Rule
from planner.siting.model import Choice

TOLERANCE = 1e-6
"""relative difference allowed between the claim and the second measuring: rounding of sums, nothing more"""


class ClaimError(AssertionError):
    """The plan does not do what the solver said. A fault of this program, never of the input: please report it."""


def check_claims(rules: Sequence[Rule], choice: Choice, before: Finding, after: Finding) -> None:
    """Raise `ClaimError` unless every relief that the choice claims is found again by measuring from scratch."""
    by_id = {rule.full_id: rule for rule in rules}
    for claim in choice.claimed.itertuples():
        rule = by_id[str(claim.rule_id)]
        was, is_now = (
            finding.measures[(finding.measures["rule_id"] == rule.full_id) & (finding.measures["reading"] == "")]
            for finding in (before, after)
        )
        found, claimed = rule.relieved(was, is_now), float(claim.relieved)  # type: ignore[arg-type]  # a column of numbers
        if not math.isclose(found, claimed, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            raise ClaimError(f"{rule.full_id}: the chosen sites were to mend {claimed:.9g}; measured again they mend {found:.9g}")
