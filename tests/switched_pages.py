"""What the page must show with other sites opened: everything measured anew and written by the page's own Python, and the page's answer."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maps.numbers import shown_yuan
from maps.page import about, figures, marks
from maps.page.ground import Ground
from maps.page.render import page
from planner.assessment import Assessment
from planner.balance import balance_of_people
from planner.measures import open_of_kind
from planner.rules import expand
from planner.travel.measure import measure_times
from planner.verdicts import verdicts
from tests.browser import Page


def with_sites(assessment: Assessment, opened: Sequence[int]) -> Assessment:
    """The assessment with exactly these candidates opened, measured anew from the place."""
    area = assessment.before.area.with_opened(opened)
    rules = expand(assessment.rules)
    limits = {profile: arcs.limit_minutes for profile, arcs in assessment.before.times.by_profile.items()}
    times = measure_times(area, assessment.travel, limits)
    measures = pd.concat([table for rule in rules if len(table := rule.measure(area, times))], ignore_index=True)
    sites = np.zeros(len(area.site_xy_m), dtype=bool)
    sites[: area.n_facilities] = open_of_kind(area.facilities, assessment.circle_kinds)
    minutes, nearest_row = times.nearest(assessment.circle_profile, assessment.circle_minutes, sites)
    after = replace(
        assessment.after,
        area=area,
        measures=measures,
        verdicts=verdicts(measures, rules, assessment.as_of),
        minutes=minutes,
        nearest_row=nearest_row,
        balance=balance_of_people(area, assessment.circle_base, minutes, times.off_network),
        times=times,
    )
    proposals = assessment.before.area.candidates.iloc[list(opened)]
    return replace(assessment, after=after, proposals=proposals)


def told_by_python(assessment: Assessment) -> dict[str, Any]:
    """What the page says after switching, as its Python writes it for a plan of these sites."""
    ground = Ground.of(assessment.before.area)
    head: Any = about.head(assessment)
    balance: Any = about.balance(assessment)
    spread: Any = marks.minutes_spread(assessment)
    rules: Any = figures.rules(assessment, ground.rows)
    people: Any = marks.people(assessment, ground.grid)
    return {
        "people": head["people"],
        "sites": head["sites"],
        "balance": [[row["after"], row["pct"][1]] for row in balance["rows"]],
        "unit_balance": about.unit_balance(assessment),
        "spread": spread["after"],
        "band": np.frombuffer(base64.b64decode(people["after"]["band"]), "u1").tolist(),
        "answers": [[_answer(answer) for answer in rule["answers"]] for rule in rules],
    }


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    units = answer["units"]
    columns = units and {
        "value": units["after"]["value_text"],
        "shortfall": units["after"]["shortfall_text"],
        "verdict": np.frombuffer(base64.b64decode(units["after"]["verdict"]), "u1").tolist(),
    }
    return {"after": answer["after"], "units": columns}


INSIDE = """(function () {
  return {
    people: data.head.people, sites: data.head.sites, spread: data.minutes_spread.after, band: Array.from(people.after.band),
    balance: data.balance.rows.map(function (row) { return [row.after, row.pct[1]]; }), unit_balance: data.unit_balance,
    answers: data.rules.map(function (rule) { return rule.answers.map(function (answer) {
      var columns = answer.units && answer.units.after;
      return { after: answer.after, followed: answer.followed !== false, units: columns && { value: columns.value_text, shortfall: columns.shortfall_text, verdict: Array.from(columns.verdict) } };
    }); })
  };
}())"""


def write_opened_page(told: Assessment | str, path: Path) -> None:
    """The page with one line added by which a test can look inside its script; the policy that forbids such a line is left out."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", told if isinstance(told, str) else page(told))
    ends = text.rindex("}());")
    path.write_text(text[:ends] + "window.inside = function (code) { return eval(code); };\n" + text[ends:], encoding="utf-8")


def inside(browser: Page, code: str) -> Any:  # noqa: ANN401 - whatever the page gives
    """The value of an expression inside the page's script."""
    return json.loads(browser.evaluate(f"JSON.stringify(window.inside({json.dumps(code)}))"))


def told_by_page(browser: Page, opened: Sequence[int]) -> dict[str, Any]:
    """What the page says with exactly these candidates opened."""
    inside(browser, f"switchTo(opened({list(opened)})), null")
    found: dict[str, Any] = inside(browser, INSIDE)
    return found


def assert_same(page_says: dict[str, Any], python_says: dict[str, Any], ids: Sequence[str]) -> None:
    """Every figure of the page is the one measured anew; where a rule is not followed, the page shows none."""
    for key in ("people", "sites", "balance", "unit_balance", "spread", "band"):
        assert page_says[key] == python_says[key], key
    for id_, mine, wanted in zip(ids, page_says["answers"], python_says["answers"], strict=True):
        for i, (answer, expected) in enumerate(zip(mine, wanted, strict=True)):
            if not answer.pop("followed"):
                assert answer["after"] is None
                assert answer["units"] is None or set(answer["units"]["value"]) <= {"—"}
                continue
            assert answer == expected, (id_, i)


def cost_text(assessment: Assessment, rows: Sequence[int]) -> str:
    """The cost of some candidates as Chinese readers see it."""
    cost = assessment.before.area.candidates["cost_yuan"].iloc[list(rows)].dropna()
    return shown_yuan(math.fsum(cost), "zh")[0]
