"""Reading a scenario file: every fault of the file and of its rule packs is told at once, as `file:line:column`."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from layers.problems import Problem
from scenarios.packs import read_rules, with_overrides
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
    standards = file.data.get("standards", [])
    names = [name for name in standards if isinstance(name, str)] if isinstance(standards, list) else []
    rules, faults = read_rules(names, base_folder=file.path.parent, where=lambda i: file.where("standards", i))
    problems += faults
    overrides = file.data.get("rules", {})
    if isinstance(overrides, dict) and not faults:
        rules, faults = with_overrides(rules, overrides, where=lambda *keys: file.where("rules", *keys))
        problems += faults
    if not problems:
        known = {rule.full_id for rule in rules}
        problems += _unknown_rules(written, file, known)
    if problems:
        raise ScenarioFaultsError(problems)
    return Scenario(file.path, file.text, written, rules)


def _unknown_rules(written: ScenarioFile, file: TomlFile, known: set[str]) -> list[Problem]:
    """Rules that `[siting]` names and no standard holds."""
    named = {"rules": written.siting.rules, "mandatory": written.siting.mandatory, "weights": tuple(written.siting.weights)}
    return [
        Problem(
            "error",
            file.where("siting", key),
            f"siting.{key} names {rule_id!r}, which none of the standards holds",
            f"Known rules: {', '.join(sorted(known))}.",
        )
        for key, ids in named.items()
        for rule_id in ids
        if rule_id not in known
    ]
