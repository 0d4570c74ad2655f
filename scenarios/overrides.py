"""What a scenario says of single rules: other numbers, higher values for some units, attested answers. A pack stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from layers.problems import Problem
from layers.saying import say
from planner.answers import with_attestations
from planner.rules import Number, Rule
from planner.uplift import with_uplift
from scenarios.packs import GIVEN, unknown_word
from scenarios.scenario import ScenarioFile
from scenarios.toml_file import Key, TomlFile
from scenarios.value_faults import fault_of

IDENTITY = frozenset((*GIVEN, "id", "kind", "quote", "clause", "numbers", "readings", "number", "reading"))
"""what a rule is: a scenario cannot override it, only another pack can say otherwise"""


def _dotted(*keys: Key) -> str:
    return ".".join(str(key) for key in keys)


def with_overrides(
    rules: Sequence[Rule],
    overrides: Mapping[str, Mapping[str, Any]],
    where: Callable[..., str] = _dotted,
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules with the keys that a scenario sets otherwise, e.g. `[rules."huitong.circle15"] value = 60`, and the faults found.

    A number set so becomes the scenario's own: status `default`, with a note. Readings of the rule take the new keys over. `where` names the
    place of keys in the scenario file (`TomlFile.where`).
    """
    known = {rule.full_id: rule for rule in rules}
    problems: list[Problem] = []
    for full_id, changes in overrides.items():
        if full_id in known:
            known[full_id] = _overridden(known[full_id], changes, where, problems)
        else:
            problems.append(unknown_word(full_id, sorted(known), say("rule"), where("rules", full_id)))
    return tuple(known[rule.full_id] for rule in rules), problems


def _overridden(rule: Rule, changes: Mapping[str, Any], where: Callable[..., str], problems: list[Problem]) -> Rule:
    fixed = sorted(IDENTITY & set(changes))
    if fixed:
        what = say("{keys} of a rule cannot be set in a scenario", keys=fixed)
        remedy = say("Write your own pack (docs/standards.md).")
        problems.append(Problem("error", where("rules", rule.full_id, fixed[0]), what, remedy))
        return rule
    try:
        changed = rule.with_changes(changes)
        for reading in changed.readings:
            changed.with_reading(reading)
    except ValidationError as error:
        problems += [_fault_of(rule, dict(item), where) for item in error.errors(include_url=False)]
        return rule
    own = {key: value for key, value in changed.own_numbers().items() if key in changes}
    numbers = tuple(n for n in changed.numbers if n.at not in changes)
    new = tuple(Number(at=key, is_=value, status="default", note=say("set by the scenario")) for key, value in own.items())
    return changed.model_copy(update={"numbers": numbers + new})


def _fault_of(rule: Rule, item: Mapping[str, Any], where: Callable[..., str]) -> Problem:
    keys = item["loc"]
    place = where("rules", rule.full_id, *keys)
    known = sorted(set(type(rule).model_fields) - IDENTITY)
    if item["type"] == "extra_forbidden":
        return unknown_word(str(keys[-1]), known, say("key of {rule}", rule=rule.full_id), place)
    what = say("{key}: {fault} (found {value})", key=rule.full_id, fault=fault_of(item), value=repr(item["input"]))
    return Problem("error", place, what, say("Correct the value."))


def with_the_scenario_s_own(rules: Sequence[Rule], file: ScenarioFile, toml: TomlFile) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules with the uplift and the attested answers of a scenario, and the faults found."""
    lifted, bad_rows = with_uplift(rules, file.uplift)
    answered, bad_answers = with_attestations(lifted, file.attestations, file.as_of)
    problems = [Problem("error", toml.where("uplift", i), say("uplift: {why}", why=why), say("Correct the row.")) for i, why in bad_rows]
    problems += [
        Problem(
            "error",
            toml.where("attestations", full_id),
            say("attestations.{rule}: {why}", rule=full_id, why=why),
            say("Correct the entry."),
        )
        for full_id, why in bad_answers
    ]
    return answered, problems
