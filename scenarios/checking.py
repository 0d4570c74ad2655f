"""`quarterhour check`: everything that `run` would read is read, and what is wrong is gathered instead of stopping at the first door."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from layers.assemble import PlaceRead
from layers.layer_sources import LayerSources
from layers.problems import InputFaultsError, LayerFaultsError, Problem
from layers.study_area import StudyArea
from maps.check.report import Checked
from scenarios.factors import read_growth
from scenarios.language import console_language
from scenarios.line import Progress, quiet, read_sources
from scenarios.named import check_named
from scenarios.reading import read_scenario
from scenarios.scenario import Scenario
from scenarios.toml_file import ScenarioFaultsError, TomlFile


@dataclass(frozen=True, eq=False)
class Check:
    """What was found, and the fault that stops a run, if there is one."""

    checked: Checked
    area: StudyArea | None
    fault: InputFaultsError | None


def check(path: Path, *, progress: Progress = quiet) -> Check:
    """A scenario, its layers and what it names in them, looked at as far as their faults allow."""
    try:
        scenario = read_scenario(path)
    except ScenarioFaultsError as fault:
        place = _layers_of_a_faulty_file(path, progress)
        every = ScenarioFaultsError((*fault.problems, *(place.reading.findings.problems if place else ())))
        return Check(Checked(path.name, None, console_language(), every.problems, place), None, every)
    return _check_layers(scenario, progress)


def _layers_of_a_faulty_file(path: Path, progress: Progress) -> PlaceRead | None:
    """What the layers hold, if the `[layers]` part is sound and the fault stands elsewhere: nobody should have to come back for them."""
    try:
        sources = LayerSources.model_validate(TomlFile.read(path.absolute()).data.get("layers"))
    except (ScenarioFaultsError, ValidationError):
        return None
    return read_sources(sources, path.stem, path.absolute().parent, progress=progress)


def _check_layers(scenario: Scenario, progress: Progress) -> Check:
    written = scenario.file
    place = read_sources(written.layers, written.name, scenario.folder, progress=progress)
    problems: tuple[Problem, ...] = tuple(place.reading.findings.problems)
    fault: InputFaultsError | None = LayerFaultsError(problems) if place.reading.findings.has_errors else None
    area = None if fault else place.checked()
    if area is not None:
        try:
            check_named(scenario, area)
            if written.projection is not None:
                _, area = read_growth(scenario, written.projection, area)
                problems = area.problems
        except InputFaultsError as found:
            problems, fault = (*problems, *found.problems), found
    checked = Checked(
        scenario.path.name,
        written.title.model_dump(),
        written.outputs.language,
        problems,
        place,
        is_synthetic=written.layers.synthetic,
        assumptions=written.layers.assumptions,
    )
    return Check(checked, area, fault)
