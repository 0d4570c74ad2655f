"""How far the goal of a plan was reached and, where no site is chosen, why: told wherever the plan is told, in plain words.

What a planner may write to change it stands apart (`remedy`): the console names the keys, a committee reads the reason alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from layers.saying import Said, Word, say
from layers.tables import QUANTITIES, base_name
from maps.numbers import shown
from planner.assessment import Assessment
from planner.siting.build import chosen_rules


@dataclass(frozen=True)
class WhyNothing:
    """Why no site is chosen."""

    reason: Said
    remedy: Said | None = None
    """which keys of the scenario to write, where some would change it"""

    @property
    def in_full(self) -> Said:
        """The reason and its remedy."""
        return self.reason if self.remedy is None else say("{reason}: {remedy}", reason=self.reason, remedy=self.remedy)


def told_of_plan(assessment: Assessment) -> tuple[Said, ...]:
    """What page, sheet, brief and workbook say of the plan beside its sites."""
    why = why_nothing(assessment)
    return (*goal_lines(assessment), *([why.reason] if why else []))


def goal_lines(assessment: Assessment) -> Iterator[Said]:
    """What the goal asked for, where that is no rule and not the people inside the circle."""
    siting, base = assessment.siting, base_name(assessment.circle_base)
    total = float(assessment.after.balance.query("unit_id == ''")["total"].iloc[0])
    if siting.goal == "share" and total > 0:
        reached = float(assessment.after.balance.query("unit_id == ''")["served"].iloc[0]) / total
        figures = {"base": base, "asked": shown(100 * siting.target_share, "%"), "reached": shown(100 * reached, "%")}
        # a billionth: the sum of the people may be rounded
        is_met = reached >= siting.target_share * (1 - 1e-9)
        yield (
            say("{base} inside the circle: {asked} % asked for, {reached} % reached", **figures)
            if is_met
            else say("{base} inside the circle: {asked} % asked for, NOT reached: {reached} %", **figures)
        )
    if assessment.people_with_a_place:
        was, now = assessment.people_with_a_place
        yield say(
            "{base} with a place ({column}): {was} of {total} -> {now}",
            base=base,
            column=next(Word(column.en, column.zh) for column in QUANTITIES if column.name == siting.capacity),
            was=shown(was, "people"),
            total=shown(total, "people"),
            now=shown(now, "people"),
        )


def why_nothing(assessment: Assessment) -> WhyNothing | None:
    """Why no site is chosen, as far as candidates, limits and rules tell it; None where some are, or nothing tells it."""
    if assessment.choice.opened:
        return None
    if assessment.siting.goal == "none":
        return WhyNothing(say("no site was to be chosen"), say('goal = "none" under [siting]'))
    if not len(assessment.before.area.candidates):
        return WhyNothing(say("there are no candidates"), say("add [[layers.candidates]], or write search_areas = 10 under [siting]"))
    return _no_candidate_chosen(assessment)


def _no_candidate_chosen(assessment: Assessment) -> WhyNothing | None:
    """Why none of the candidates there are is chosen."""
    choice, siting, n = assessment.choice, assessment.siting, len(assessment.before.area.candidates)
    if choice.excluded["candidate_id"].nunique() == n:
        why = list(dict.fromkeys(choice.excluded["reason"]))
        return WhyNothing(say("none of the {n} candidates may be opened: {why}", n=n, why=why))
    if not (choice.claimed["shortfall_before"] > 0).any():
        return _nothing_short(assessment)
    if choice.status == "nothing to do":
        return WhyNothing(say("none of the {n} candidates mends what is short: another kind, no capacity, or nobody short near", n=n))
    if siting.limit_yuan is not None or siting.max_sites is not None:
        return WhyNothing(
            say("no candidate that mends what is short can be opened within the budget and number of sites"),
            say("raise them under [siting], or bring candidates that cost less"),
        )
    return None


def _nothing_short(assessment: Assessment) -> WhyNothing:
    """Of the rules that sites are chosen for: how many are met, have no data, or state no limit."""
    if assessment.siting.goal not in ("relieve", "meet"):
        return WhyNothing(say("what the goal asks for is reached without any"))
    chosen = chosen_rules(assessment.rules, assessment.siting)
    if not chosen:
        return WhyNothing(
            say("no rule of these standards is one that sites are chosen for"), say("name some under [siting], rules = [...]")
        )
    verdicts = verdicts_today(assessment)
    found = Counter(verdicts.get(rule.full_id, "") for rule in chosen)
    parts: list[Said] = []
    remedy = None
    if found["pass"]:
        parts.append(say("{n} met", n=found["pass"]))
    if found["no_data"]:
        parts.append(say("{n} without data", n=found["no_data"]))
    if found["report_only"]:
        first = next(rule.full_id for rule in chosen if verdicts.get(rule.full_id) == "report_only")
        parts.append(say("{n} without a limit", n=found["report_only"]))
        remedy = say('write [rules."{rule}"] value = ...', rule=first)
    if rest := len(chosen) - found["pass"] - found["no_data"] - found["report_only"]:
        parts.append(say("{n} that no site changes, or that are not decided", n=rest))
    return WhyNothing(say("nothing is short that a site could mend; rules that sites are chosen for: {parts}", parts=parts), remedy)


def verdicts_today(assessment: Assessment) -> dict[str, str]:
    """Full id -> verdict of today, by the base reading."""
    rows = assessment.before.verdicts
    mine = rows[rows["reading"] == ""]
    return dict(zip(mine["rule_id"], mine["verdict"], strict=True))
