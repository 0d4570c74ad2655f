"""The product on one screen: a scenario is read, a place is checked, minutes are counted, rules measured, sites chosen, pages written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from layers.assemble import PlaceRead, read_layers
from layers.compiled import telling_of_compiling
from layers.layer_sources import LayerSources
from layers.shortage import telling_of_memory
from layers.study_area import StudyArea
from maps.export import export
from maps.matrix import publish_pairs
from maps.publishing.record import run_record
from planner.assess import Question, assess, limits_asked
from planner.assessment import Assessment
from planner.siting.model import Siting
from planner.travel.measure import pairs_in_blocks
from scenarios.factors import read_growth
from scenarios.named import check_named
from scenarios.scenario import Scenario

Progress = Callable[[str], None]


def quiet(_: str) -> None:
    """Progress that nobody looks at."""


def read_place(scenario: Scenario, *, progress: Progress = quiet) -> StudyArea:
    """The checked place of a scenario; `LayerFaultsError` with every fault of its layers, `ScenarioFaultsError` for what the scenario names
    and the place does not hold."""
    area = read_sources(scenario.file.layers, scenario.file.name, scenario.folder, progress=progress).checked()
    check_named(scenario, area)
    return area


def read_sources(sources: LayerSources, name: str, folder: Path, *, progress: Progress = quiet) -> PlaceRead:
    """A place as far as the faults of its layers allow."""
    with telling_of_memory(progress) as tell, telling_of_compiling(tell):
        return read_layers(sources, name=name, base_folder=folder, progress=tell)


def run(scenario: Scenario, *, progress: Progress = quiet) -> Assessment:
    """What the scenario's rules say of its place, the sites proposed, and what the rules say then."""
    return run_in(read_place(scenario, progress=progress), scenario, progress=progress)


def run_in(area: StudyArea, scenario: Scenario, *, progress: Progress = quiet) -> Assessment:
    """As `run`, in a place that was read before."""
    question = question_of(scenario)
    if (ahead := scenario.file.projection) is not None:
        growth, area = read_growth(scenario, ahead, area)
        question = replace(question, growth=growth)
    with telling_of_memory(progress) as tell, telling_of_compiling(tell):
        return assess(area, question, progress=tell)


def run_today(scenario: Scenario, *, progress: Progress = quiet) -> Assessment:
    """What the scenario's rules say of its place as it is; no site is sought."""
    return run_today_in(read_place(scenario, progress=progress), scenario, progress=progress)


def run_today_in(area: StudyArea, scenario: Scenario, *, progress: Progress = quiet) -> Assessment:
    """As `run_today`, in a place that was read before."""
    with telling_of_memory(progress) as tell, telling_of_compiling(tell):
        return assess(area, replace(question_of(scenario), siting=Siting(goal="none"), closures=(), districts=None), progress=tell)


def write_minutes(scenario: Scenario, folder: Path, *, as_csv: bool = False, progress: Progress = quiet) -> list[Path]:
    """Every pair of people and sites within the limits that the scenario asks about, some sites at a time, into a folder; no rule is judged."""
    area, question = read_place(scenario, progress=progress), question_of(scenario)
    limits = limits_asked(area, question)
    with telling_of_memory(progress) as tell, telling_of_compiling(tell):
        return publish_pairs(area, pairs_in_blocks(area, question.travel, limits), limits, folder, tell, as_csv=as_csv)


def question_of(scenario: Scenario) -> Question:
    """What a scenario asks of its place, as it is."""
    return Question(
        title=scenario.file.title.model_dump(),
        as_of=scenario.file.as_of,
        rules=scenario.rules,
        travel=scenario.file.travel,
        circle=scenario.file.circle,
        siting=scenario.file.siting,
        closures=scenario.file.closures,
        districts=scenario.file.districts,
    )


def write(scenario: Scenario, assessment: Assessment, *, folder: Path | None = None, progress: Progress = quiet) -> list[Path]:
    """The files of the scenario's formats, written whole or not at all into its output folder (or into `folder`)."""
    record = run_record(assessment, scenario.text)
    with telling_of_memory(progress) as tell:
        return export(assessment, scenario.file.outputs, folder or scenario.output_folder, record, tell)
