"""What a rule says of a place: the columns of the two tables that every rule fills, and the words of its verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.kinds import rows_of_kind
from layers.saying import Word

Verdict = Literal["pass", "fail", "no_data", "not_applicable", "report_only"]
"""of one rule in one unit. report_only: the rule states no value to compare with"""
RuleVerdict = Literal["pass", "fail", "undetermined", "not_applicable", "report_only", "no_data"]
"""of one rule over all its units"""

MEASURE_COLUMNS: dict[str, str] = {
    "rule_id": "full id, `<pack>.<id>`",
    "reading": "id of the reading, '' for the base rule",
    "unit_id": "the unit measured",
    "level": "its level",
    "value": "the measured figure in `unit` (per cent from 0 to 100 for shares); NaN without data",
    "required": "the figure asked for; NaN when report only",
    "unit": "unit of value and required, e.g. `m2 of land per person`",
    "have": "the numerator: square metres, beds, facilities, people reached",
    "base": "the denominator: people, hundreds of households ... ; NaN where there is none",
    "shortfall": ">= 0, in `shortfall_unit`; 0 when passed, NaN without data",
    "shortfall_unit": "m2, beds, places, facilities, people, % points; `beds` + TO_CONVERT of a share among those there",
    "people": "people of the rule's group living in the unit; NaN unknown",
    "verdict": "pass | fail | no_data | not_applicable | report_only",
    "note": "why there is no data, or what was left out",
}
"""One row per rule, reading and unit."""

VERDICT_COLUMNS: dict[str, str] = {
    "rule_id": "",
    "reading": "",
    "verdict": "pass | fail | undetermined | not_applicable | report_only | no_data",
    "n_pass": "units",
    "n_fail": "units",
    "n_no_data": "units",
    "n_not_applicable": "units",
    "lower_pct": "100 * pass / (pass + fail + no_data); NaN when none applies",
    "upper_pct": "100 * (pass + no_data) / (pass + fail + no_data)",
    "units_pct": "share of units that must pass [%]",
    "units_needed": "ceil(units_pct * applicable / 100), in whole numbers",
    "value": "the figure pooled over all units of the rule, e.g. people reached / people; NaN when not meaningful",
    "shortfall": "the least that must be mended for the rule to be met, in shortfall_unit: of the failing units as many as must still pass, "
    "those short of least first; 0 when the rule is met",
    "shortfall_is_open": "True when units without data may have to be mended too: the shortfall is then a lower bound",
    "shortfall_unit": "",
    "overdue": "True when the deadline lies before the date of the plan and the rule is not known to be met",
}
"""One row per rule and reading."""

TO_CONVERT = " to convert"
"""ends the unit of what is short of a share: so many of those there would have to become other ones. Who builds new ones needs more, since
these raise the whole too: 20 of 350 beds to convert are 50 new nursing beds at 60 %"""

OPEN_STATUSES = ("open", "proposed")
"""Facilities of these statuses count."""


_UNITS_ZH = {
    "m2": "平方米",
    "person-minutes": "人·分钟",
    "people": "人",
    "facilities": "处",
    "beds": "张床位",
    "places": "个托位",
    "households": "户",
    "points": "个点",
    f"facilities{TO_CONVERT}": "处现有设施的达标改造",
    f"beds{TO_CONVERT}": "张现有床位的改造量",
    f"places{TO_CONVERT}": "个现有托位的改造量",
}


def unit_name(unit: str) -> Word:
    """A unit of amounts as sentences name it; one that is not known stays as it is written."""
    return Word(unit, _UNITS_ZH.get(unit, unit))


def open_of_kind(facilities: pd.DataFrame, kinds: Iterable[str]) -> NDArray[np.bool_]:
    """(f,) which facilities are open and of one of the kinds, or of a kind below one."""
    of_kind = rows_of_kind(facilities["kind"], kinds)
    return of_kind & facilities["status"].isin(OPEN_STATUSES).to_numpy(dtype=bool)
