"""The plan, closures and districts in a line each, as the command line prints them; every figure stands in the tables too."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from layers.saying import Said, later, say
from layers.tables import base_name
from maps.money import money
from maps.numbers import shown, shown_parts
from maps.tables import closure_tables, district_tables, plan_tables
from planner.access import BALANCE_PARTS
from planner.assessment import Assessment


def plan_lines(assessment: Assessment) -> Iterator[Said]:
    """Short sentences of `layers.saying`; names as the data has them."""
    yield from _phases(assessment)
    yield from _curve(assessment)
    if others := assessment.choice.alternatives:
        worst = shown(100 * max(other.loss_share for other in others), "%")
        yield say("{n} near-best plan(s), {worst} % worse at most", n=len(others), worst=worst)
    rows = closure_tables.closures(assessment).frame.to_dict("records")
    for row, asked in zip(rows, assessment.closures_asked, strict=True):
        names = closure_tables.closing_names(assessment.before.area, asked)
        yield _closure({str(name): cell for name, cell in row.items()}, names)
    yield from _districts(assessment)


def _phases(assessment: Assessment) -> Iterator[Said]:
    rows = plan_tables.phases(assessment).frame
    for phase, mine in rows.groupby("phase", sort=False):
        yield say(
            "{year}: {n} site(s), {cost}; {relieved} % of all weighted needs are relieved by then",
            year=say("no money in any phase") if phase == plan_tables.UNFUNDED else str(phase),
            n=len(mine),
            cost=money(float(mine["cost_yuan"].sum())),
            relieved=shown(float(mine["relieved_pct"].iloc[-1]), "%"),
        )


def _curve(assessment: Assessment) -> Iterator[Said]:
    found = assessment.choice.curve
    if found is not None and found.aside:
        yield found.aside
    if found is None or not found.knee_step:
        return
    knee = found.steps.iloc[found.knee_step]
    cost, relieved = float(knee["cost"]), shown(100 * float(knee["relieved_share"]), "%")
    spent = money(cost) if found.unit == "yuan" else shown(cost, found.unit)
    if found.unit == "yuan":
        pattern = later("beyond {spent} ({relieved} % relieved) a further yuan relieves less than the average one")
    elif cost == 1:
        pattern = later("beyond {spent} site ({relieved} % relieved) a further site relieves less than the average one")
    else:
        pattern = later("beyond {spent} sites ({relieved} % relieved) a further site relieves less than the average one")
    yield say(pattern, spent=spent, relieved=relieved)


def _closure(row: Mapping[str, object], names: list[str]) -> Said:
    """What one closure would lose today and, where that is something else, once the plan stands."""
    closed = say("if {names} closed", names=names)
    if row["into"]:
        closed = say("if {names} moved into {into}", names=names, into=row["into"])
    now, then = (
        say(
            "{people} people would leave the circle, {n} rule(s) fall further short",
            people=shown(_figure(row, f"people_lost_{state}"), "people"),
            n=shown(_figure(row, f"rules_worse_{state}"), "rules"),
        )
        for state in ("before", "after")
    )
    if math.isnan(_figure(row, "people_lost_after")) or then == now:
        return say("{closed}: {now}", closed=closed, now=now)
    return say("{closed}: {now}; once the plan stands: {then}", closed=closed, now=now, then=then)


def _districts(assessment: Assessment) -> Iterator[Said]:
    found = assessment.districts
    if found is None:
        return
    rows = district_tables.district_balance(assessment, found).frame
    whole = rows[rows["unit_id"] == ""].iloc[0]
    for state, when in (("before", say("today")), ("after", say("with the plan"))):
        parts = {part: float(whole[f"{part}_{state}"]) for part in (*BALANCE_PARTS, "total")}
        yield say(
            "{base}, {when}: {parts}",
            base=base_name(found.asked.base),
            when=when,
            parts=_parts(parts, has_limit=bool(found.asked.capacity)),
        )


def _parts(people: Mapping[str, float], *, has_limit: bool) -> list[Said]:
    """The parts of a balance, those that are nobody left out except the first."""
    n = shown_parts({part: people[part] for part in BALANCE_PARTS if people[part] > 0 or part == "served"}, "people")
    served, total = n["served"], shown(people["total"], "people")
    found: list[Said] = [
        say("{n} of {total} have a place", n=served, total=total)
        if has_limit
        else say("{n} of {total} have one within reach", n=served, total=total)
    ]
    if "over_capacity" in n:
        found.append(say("{n} find all within reach full", n=n["over_capacity"]))
    if "capacity_unknown" in n:
        found.append(say("{n} reach one that states no capacity", n=n["capacity_unknown"]))
    if "too_far" in n:
        found.append(say("{n} have none within reach", n=n["too_far"]))
    if "off_network" in n:
        found.append(say("{n} are off the street network", n=n["off_network"]))
    if "unassigned" in n:
        found.append(say("{n} have no known place", n=n["unassigned"]))
    return found


def _figure(row: Mapping[str, object], name: str) -> float:
    return float(str(row[name]))
