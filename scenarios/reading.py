"""Reading a scenario file: every fault of the file and of its rule packs is told at once, as `file:line:column`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from layers.problems import Problem
from layers.saying import say
from planner.rules import Rule
from planner.travel.model import PROFILES, Travel
from scenarios.overrides import with_overrides, with_the_scenario_s_own
from scenarios.packs import read_rules
from scenarios.scenario import Scenario, ScenarioFile
from scenarios.toml_file import ScenarioFaultsError, TomlFile


def read_scenario(path: str | Path) -> Scenario:
    """The scenario at `path`.

    Raises
    ------
    ScenarioFaultsError
        with every fault of the file: unknown keys with the nearest known one, values of the wrong kind, standards that do not exist.
    """
    file = TomlFile.read(Path(path).absolute(), shown_path=Path(path).name)
    problems: list[Problem] = []
    try:
        written = ScenarioFile.model_validate(file.data)
    except ValidationError as error:
        problems += file.problems(error, ScenarioFile)
    else:
        problems += _truths_as_numbers(file, file.data, written.model_dump())
    rules: tuple[Rule, ...] = ()
    try:
        rules = read_rules(_standards(file), file.path.parent, profile=_profile(file), where=lambda i: file.where("standards", i))
        rules, faults = with_overrides(rules, _overrides(file), file.where)
        problems += faults
    except ScenarioFaultsError as error:
        problems += error.problems
    if not problems:
        known = {rule.full_id for rule in rules}
        rules, faults = with_the_scenario_s_own(rules, written, file)
        problems += [*faults, *_unknown_rules(written, file, known), *_backward(written, file), *_two_rates(written, file)]
    if problems:
        raise ScenarioFaultsError(problems)
    return Scenario(file.path, file.text, written, rules)


def _truths_as_numbers(file: TomlFile, given: object, taken: object, *keys: str | int) -> list[Problem]:
    """`true` where a number belongs: pydantic would take it for 1."""
    if isinstance(given, bool) and isinstance(taken, int | float) and not isinstance(taken, bool):
        what = say("{key}: {fault} (found {value})", key=file.called(*keys), fault=say("should be a valid number"), value=repr(given))
        return [Problem("error", file.where(*keys), what, say("Correct the value."))]
    pairs: Iterable[tuple[str | int, Any, Any]] = ()
    if isinstance(given, dict) and isinstance(taken, dict):
        pairs = ((key, given[key], taken[key]) for key in given if key in taken)
    elif isinstance(given, list) and isinstance(taken, list | tuple):
        pairs = ((i, a, b) for i, (a, b) in enumerate(zip(given, taken, strict=False)))
    return [problem for key, a, b in pairs for problem in _truths_as_numbers(file, a, b, *keys, key)]


def _backward(written: ScenarioFile, file: TomlFile) -> list[Problem]:
    """A target year that does not lie after the base year."""
    ahead = written.projection
    if ahead is None or ahead.year > (ahead.base_year or written.as_of.year):
        return []
    base_year = ahead.base_year or written.as_of.year
    what = say("projection.year {year} is not after the base year {base_year}", year=ahead.year, base_year=base_year)
    return [Problem("error", file.where("projection", "year"), what, say("Give a later year, or base_year."))]


def _two_rates(written: ScenarioFile, file: TomlFile) -> list[Problem]:
    """Bases that the scenario says are the same people, growing at different rates."""
    same = written.layers.population.same_people
    rates = {base: rate for base, rate in written.projection.growth.items() if base in same} if written.projection else {}
    if len(set(rates.values())) < 2:
        return []
    what = say("projection.growth: {bases} are the same people (total_is), but grow at different rates", bases=list(rates))
    return [Problem("error", file.where("projection", "growth"), what, say("Give one of them, or the same rate; or take total_is out."))]


def _standards(file: TomlFile) -> list[str]:
    """The names under `standards`, as far as they can be read although other keys may be wrong."""
    names = file.data.get("standards", [])
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _profile(file: TomlFile) -> str:
    travel = file.data.get("travel", {})
    profile = travel.get("profile", "") if isinstance(travel, dict) else ""
    return profile if profile in PROFILES else Travel().profile


def _overrides(file: TomlFile) -> dict[str, dict[str, Any]]:
    rules = file.data.get("rules", {})
    return {id_: changes for id_, changes in rules.items() if isinstance(changes, dict)} if isinstance(rules, dict) else {}


def _unknown_rules(written: ScenarioFile, file: TomlFile, known: set[str]) -> list[Problem]:
    """Rules that `[siting]` names and no standard holds."""
    named = {"rules": written.siting.rules, "mandatory": written.siting.mandatory, "weights": tuple(written.siting.weights)}
    return [
        Problem(
            "error",
            file.where("siting", key),
            say("siting.{key} names '{rule}', which none of the standards holds", key=key, rule=rule_id),
            say("Known rules: {rules}.", rules=sorted(known)),
        )
        for key, ids in named.items()
        for rule_id in ids
        if rule_id not in known
    ]
