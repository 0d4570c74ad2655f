"""Several scenarios of one place side by side: each is run as by itself, then held against the first.

from scenarios import read_scenario
from scenarios.compare import compare, write_comparison

scenarios = [read_scenario("budget-3m.toml"), read_scenario("budget-6m.toml")]
comparison = compare(scenarios)
write_comparison(scenarios, comparison, Path("out/compared"))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from layers.problems import InputFaultsError, Problem
from layers.saying import say
from maps.comparison.model import Comparison, refuse_other_places
from maps.comparison_export import export_comparison
from maps.page.edition import edition_of
from maps.publishing.record import run_record
from planner.assessment import Assessment
from scenarios.line import Progress, quiet, read_place, run_in
from scenarios.scenario import Scenario

NOT_ASKED = {"name", "title", "outputs"}
"""Parts of a scenario file that say nothing about the place or what is asked of it."""


def compare(scenarios: Sequence[Scenario], *, progress: Progress = quiet) -> Comparison:
    """The scenarios run and held side by side, the first as the reference.

    Raises `InputFaultsError` when there are fewer than two, or naming what differs when they are not of one place; before anything is computed.
    """
    if len(scenarios) < 2:
        what, remedy = say("needs two scenarios or more"), say("Name the reference first, then the others.")
        raise InputFaultsError([Problem("error", "compare", what, remedy)])
    names = names_of(scenarios)
    areas = []
    for name, scenario in zip(names, scenarios, strict=True):
        progress(say("reading {name}", name=name))
        areas.append(read_place(scenario, progress=progress))
    refuse_other_places(names, areas)
    assessments = []
    for name, scenario, area in zip(names, scenarios, areas, strict=True):
        progress(say("running {name}", name=name))
        assessments.append(run_in(area, scenario, progress=progress))
    return Comparison(names, tuple(assessments), settings_otherwise(scenarios, assessments))


def write_comparison(
    scenarios: Sequence[Scenario], comparison: Comparison, folder: Path, *, language: str = "", progress: Progress = quiet
) -> list[Path]:
    """Page, workbook, result and run record of a comparison, written whole or not at all into a folder. The workbook is in the language of the
    reference's outputs unless another is named; base map and review number of the page are those of the reference."""
    records = [run_record(assessment, scenario.text) for scenario, assessment in zip(scenarios, comparison.assessments, strict=True)]
    outputs = scenarios[0].file.outputs
    language, edition = language or outputs.language, edition_of(outputs)

    def writing(name: str) -> None:
        progress(say("writing {file}", file=name))

    return export_comparison(comparison, records, folder, language=language, progress=writing, edition=edition)


def names_of(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """A name of its own for each: the scenario's; where these are alike, that of its file; where these are too, with its folder before it."""
    for call in (lambda s: s.file.name, lambda s: s.path.stem, lambda s: f"{s.path.parent.name}/{s.path.stem}"):
        names = tuple(call(scenario) for scenario in scenarios)
        if len(set(names)) == len(names):
            return names
    counted = Counter[str]()
    numbered = []
    for scenario in scenarios:
        counted[scenario.path.stem] += 1
        numbered.append(f"{scenario.path.stem} ({counted[scenario.path.stem]})")
    return tuple(numbered)


def settings_otherwise(scenarios: Sequence[Scenario], assessments: Sequence[Assessment]) -> pd.DataFrame:
    """What the scenarios set otherwise, as `Comparison.settings`; of a file of one name but another content, the fingerprints."""
    told = [dict(_flat(scenario.file.model_dump(mode="json", exclude=NOT_ASKED))) for scenario in scenarios]
    prints = [{source.path: source.sha256[:12] for source in assessment.before.area.sources} for assessment in assessments]
    rows = _unlike(told) + [row for row in _unlike(prints) if all(row[1:])]
    return pd.DataFrame(rows, columns=["key", *(str(i) for i in range(len(scenarios)))])


def _unlike(told: Sequence[Mapping[str, str]]) -> list[list[str]]:
    keys = dict.fromkeys(key for one in told for key in one)
    return [[key, *texts] for key in keys if len(set(texts := [one.get(key, "") for one in told])) > 1]


def _flat(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Dotted keys and texts of a tree of settings; what is not set is left out."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _flat(member, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(member, dict) for member in value):
        for number, member in enumerate(value, start=1):
            yield from _flat(member, f"{key}[{number}]")
    elif value not in (None, "", []):
        yield key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
