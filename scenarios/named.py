"""What a scenario names that only its place can tell: facilities that close, the people and places that districts are made of.

It can be checked when the layers are read, not before; the faults stand at their line of the scenario all the same.
"""

from __future__ import annotations

from layers.problems import Problem
from layers.study_area import StudyArea
from planner.closures import named_wrongly
from planner.districts import not_in_place
from scenarios.scenario import Scenario
from scenarios.toml_file import ScenarioFaultsError, TomlFile


def check_named(scenario: Scenario, area: StudyArea) -> None:
    """Raise `ScenarioFaultsError` with everything that the scenario names and its place does not hold."""
    asked = scenario.file
    faults = [*named_wrongly(area, asked.closures), *(not_in_place(area, asked.districts) if asked.districts else ())]
    if faults:
        file = TomlFile.of_text(scenario.path, scenario.text)
        raise ScenarioFaultsError([Problem("error", file.where(*keys), what, remedy) for keys, what, remedy in faults])
