"""From measures per unit to one verdict per rule: what is certain, what missing data leaves open, and what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from planner.exact import exact_sum, units_needed
from planner.measures import VERDICT_COLUMNS, RuleVerdict
from planner.rules import Rule, expand


def verdicts(measures: pd.DataFrame, rules: Sequence[Rule], as_of: date) -> pd.DataFrame:
    """One row per rule and reading that was measured, in the order of `rules`; columns of `VERDICT_COLUMNS`.

    With P, F and N units that pass, fail and lack data: lower = 100 P / (P + F + N), upper = 100 (P + N) / (P + F + N). The rule passes
    when the lower share is at least `units_pct`, fails when the upper is below it, and is undetermined between. `measures` may hold the
    readings too; `rules` may be the base rules alone.
    """
    groups = dict(list(measures.groupby(["rule_id", "reading"], sort=False))) if len(measures) else {}
    rows = [_row(rule, groups[key], as_of) for rule in expand(rules) if (key := (rule.full_id, rule.reading_id)) in groups]
    return pd.DataFrame(rows, columns=list(VERDICT_COLUMNS))


def _row(rule: Rule, measures: pd.DataFrame, as_of: date) -> dict[str, object]:
    tally = measures["verdict"].value_counts()
    passed, failed, open_, outside = (int(tally.get(v, 0)) for v in ("pass", "fail", "no_data", "not_applicable"))
    asked = passed + failed + open_
    verdict = _verdict(rule, passed, failed, open_, n_reported=int(tally.get("report_only", 0)))
    is_due = rule.deadline is not None and rule.deadline < as_of
    return {
        "rule_id": rule.full_id,
        "reading": rule.reading_id,
        "verdict": verdict,
        "n_pass": passed,
        "n_fail": failed,
        "n_no_data": open_,
        "n_not_applicable": outside,
        "lower_pct": 100 * passed / asked if asked else np.nan,
        "upper_pct": 100 * (passed + open_) / asked if asked else np.nan,
        "units_pct": rule.units_pct,
        "units_needed": units_needed(rule.units_pct, asked),
        "value": _pooled(rule, measures),
        "shortfall": _least_shortfall(rule, measures, passed, asked),
        "shortfall_unit": measures["shortfall_unit"].iloc[0],
        "shortfall_is_open": rule.value is not None and units_needed(rule.units_pct, asked) > passed + failed,
        "overdue": is_due and verdict in ("fail", "undetermined", "no_data"),
    }


def _least_shortfall(rule: Rule, measures: pd.DataFrame, passed: int, asked: int) -> float:
    """What must be mended at the least for as many units to pass as must, in the rule's unit; NaN where nothing is known."""
    if rule.value is None or not asked or not measures["shortfall"].notna().any():
        return np.nan
    failing = measures.loc[measures["verdict"] == "fail", "shortfall"].sort_values()
    n_to_mend = max(0, units_needed(rule.units_pct, asked) - passed)
    return float(exact_sum(failing.iloc[:n_to_mend]))


def _verdict(rule: Rule, passed: int, failed: int, open_: int, *, n_reported: int) -> RuleVerdict:
    asked = passed + failed + open_
    if rule.value is None and n_reported:
        return "report_only"
    if not asked:
        return "not_applicable"
    if not passed + failed:
        return "no_data"
    needed = units_needed(rule.units_pct, asked)
    if passed >= needed:
        return "pass"
    return "fail" if passed + open_ < needed else "undetermined"


def _pooled(rule: Rule, measures: pd.DataFrame) -> float:
    """The figure over all units that the rule speaks of, NaN where any of them lacks data or where it would mean nothing."""
    asked = measures[measures["verdict"] != "not_applicable"]
    if rule.pooled_scale is None or not len(asked) or asked[["have", "base"]].isna().any(axis=None):
        return np.nan
    if (asked["verdict"] == "no_data").any():
        return np.nan
    have, base = (exact_sum(asked[column]) for column in ("have", "base"))
    return float(rule.pooled_scale * have / base) if base else np.nan
