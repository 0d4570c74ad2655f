"""What a plan on the console needs beside its figures: how far its goal was reached, why nothing was chosen, which rules had no data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import cast

import pandas as pd

from layers.saying import Said, Word, say
from layers.tables import base_name, column_name
from maps.numbers import shown
from planner.assessment import Assessment
from planner.circle import Circle
from planner.rules import Rule
from planner.siting.build import chosen_rules
from planner.siting.serve import assigned


def goal_lines(assessment: Assessment) -> Iterator[Said]:
    """What the goal asked for, where that is no rule and not the people inside the circle."""
    siting = assessment.siting
    if siting.goal == "share":
        row = assessment.after.balance.query("unit_id == ''").iloc[0]
        if not row["total"] > 0:
            return
        reached = float(row["served"]) / float(row["total"])
        figures = {"asked": shown(100 * siting.target_share, "%"), "reached": shown(100 * reached, "%")}
        # a billionth: the sum of the people may be rounded
        is_met = reached >= siting.target_share * (1 - 1e-9)
        yield (
            say("asked for: {asked} % of them inside the circle; reached: {reached} %", **figures)
            if is_met
            else say("asked for: {asked} % of them inside the circle; NOT reached: {reached} %", **figures)
        )
    if siting.goal == "serve":
        was, now = (
            float(assigned(f.area, f.times, siting, _circle(assessment)).served.sum()) for f in (assessment.before, assessment.after)
        )
        total = float(assessment.after.balance.query("unit_id == ''")["total"].iloc[0])
        yield say(
            "{base} with a place ({column}): {was} of {total} -> {now}",
            base=base_name(assessment.circle_base),
            column=column_name(siting.capacity),
            was=shown(was, "people"),
            total=shown(total, "people"),
            now=shown(now, "people"),
        )


def _circle(assessment: Assessment) -> Circle:
    return Circle(
        kinds=assessment.circle_kinds,
        base=assessment.circle_base,
        minutes=assessment.circle_minutes,
        profile=assessment.circle_profile,
    )


def why_nothing(assessment: Assessment) -> Iterator[Said]:
    """Why no site is chosen, as far as candidates, limits and rules tell it."""
    choice, siting, n = assessment.choice, assessment.siting, len(assessment.before.area.candidates)
    if choice.opened:
        return
    if siting.goal == "none":
        yield say('no site was to be chosen: goal = "none" under [siting]')
    elif not n:
        yield say("there are no candidates: add [[layers.candidates]], or write search_areas = 10 under [siting]")
    elif choice.excluded["candidate_id"].nunique() == n:
        why = list(dict.fromkeys(choice.excluded["reason"]))
        yield say("none of the {n} candidates may be opened: {why}", n=n, why=why)
    elif not (choice.claimed["shortfall_before"] > 0).any():
        yield _nothing_short(assessment)
    elif choice.status == "nothing to do":
        yield say("none of the {n} candidates mends what is short: another kind, no capacity, or nobody short near", n=n)
    elif siting.limit_yuan is not None or siting.max_sites is not None:
        yield say("no candidate that mends what is short can be opened within the budget and number of sites of [siting]")


def _nothing_short(assessment: Assessment) -> Said:
    """Of the rules that sites are chosen for: how many are met, have no data, or state no limit."""
    if assessment.siting.goal not in ("relieve", "meet"):
        return say("what the goal asks for is reached without any")
    chosen = chosen_rules(assessment.rules, assessment.siting)
    if not chosen:
        return say("no rule of these standards is one that sites are chosen for: name some under [siting], rules = [...]")
    verdicts = _verdicts(assessment)
    found = Counter(verdicts.get(rule.full_id, "") for rule in chosen)
    parts: list[Said] = []
    if found["pass"]:
        parts.append(say("{n} met", n=found["pass"]))
    if found["no_data"]:
        parts.append(say("{n} without data", n=found["no_data"]))
    if found["report_only"]:
        first = next(rule.full_id for rule in chosen if verdicts.get(rule.full_id) == "report_only")
        parts.append(say('{n} without a limit (write [rules."{rule}"] value = ...)', n=found["report_only"], rule=first))
    if rest := len(chosen) - found["pass"] - found["no_data"] - found["report_only"]:
        parts.append(say("{n} that no site changes, or that are not decided", n=rest))
    return say("nothing is short that a site could mend; rules that sites are chosen for: {parts}", parts=parts)


def without_data(assessment: Assessment) -> Iterator[Said]:
    """Rules without data, by what is missing, and what would give it to them."""
    verdicts, measures = _verdicts(assessment), assessment.before.measures
    rows = measures[(measures["reading"] == "") & (measures["verdict"] == "no_data")]
    causes: dict[str, list[Rule]] = {}
    for rule in assessment.rules:
        if verdicts.get(rule.full_id) == "no_data":
            causes.setdefault(_cause(rows.loc[rows["rule_id"] == rule.full_id, "note"]), []).append(rule)
    for cause, rules in causes.items():
        titles = [Word(rule.marked_title_en, rule.marked_title) for rule in rules]
        if cause:
            yield say("{n} rule(s) without data, since {cause}: {rules}", n=len(rules), cause=cause, rules=titles)
        else:
            yield say("{n} rule(s) without data: {rules}", n=len(rules), rules=titles)
    yield from _people_remedy(causes, assessment.before.area.bases)


def _verdicts(assessment: Assessment) -> dict[str, str]:
    """Full id -> verdict of today, by the base reading."""
    rows = assessment.before.verdicts
    mine = rows[rows["reading"] == ""]
    return dict(zip(mine["rule_id"], mine["verdict"], strict=True))


def _cause(notes: pd.Series) -> str:
    """What most of the places lack."""
    return next((note for note, _ in Counter(_bare(note) for note in notes if note).most_common(1)), "")


def _bare(note: str) -> str:
    """A note without the names of the facilities it speaks of (`naming`) and without what stands before it (`both`)."""
    fields = note.fields if isinstance(note, Said) else {}
    inner = fields.get("second") or fields.get("what")
    return _bare(cast("str", inner)) if inner else note


def _people_remedy(causes: dict[str, list[Rule]], bases: tuple[str, ...]) -> Iterator[Said]:
    """What to write when people are known under another name than the rules ask for."""
    missing = {str(cause.fields.get("column")) for cause in causes if isinstance(cause, Said)}
    if "pop_total" in missing and {"pop_resident", "pop_hukou"} & set(bases):
        yield say(
            'If the resident or registered people are all there are, take that column as pop_total too: columns = {{ pop_total = "..." }}, with total_is = "resident" or "registered".'
        )
    elif "pop_total" in bases and {"pop_resident", "pop_hukou"} & missing:
        yield say('Say what pop_total counts: total_is = "resident" or "registered" under [layers.population].')
