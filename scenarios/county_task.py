"""One county of a batch: a pure task from files to files, and the record of what its result was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from layers.problems import Findings, InputFaultsError
from layers.shortage import TooLittleMemoryError
from layers.sources.admission import admit
from maps.outputs import Language
from maps.province import CountyFigures, RunState, county_figures
from maps.publishing.manifest import MANIFEST, PublishError, changed_files, sha256_of
from maps.publishing.publish import refuse_shut
from maps.publishing.record import PACKAGES
from scenarios.line import run, write
from scenarios.reading import read_scenario
from scenarios.scenario import Scenario

RECORD_SCHEMA = "quarterhour-county/1"


@dataclass(frozen=True)
class CountyRecord:
    """What came of a county, and what it was made from."""

    named: str
    """the scenario file, as the list has it"""
    state: RunState
    name: str = ""
    reason: str = ""
    """why it failed"""
    output_folder: str = ""
    made_from: Mapping[str, str] = field(default_factory=dict)
    """fingerprint of the scenario, of its rules, and of every file read; versions of the packages"""
    manifest_sha256: str = ""
    """of the manifest of its outputs: what stands in the folder is the result of this very run"""
    figures: CountyFigures | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values; NaN as null."""
        figures = None if self.figures is None else self.figures.as_json()
        return {"schema": RECORD_SCHEMA, **asdict(replace(self, figures=None)), "reason": str(self.reason), "figures": figures}

    @classmethod
    def from_json(cls, cells: Mapping[str, Any]) -> Self:
        """The record that `as_json` wrote; `ValueError`, `KeyError` or `TypeError` for anything else."""
        if cells["schema"] != RECORD_SCHEMA:
            raise ValueError(f"schema {cells['schema']!r}")
        figures = CountyFigures.from_json(cells["figures"])
        return cls(**{**{name: cells[name] for name in cells if name != "schema"}, "figures": figures})


@dataclass(frozen=True)
class CountyTask:
    """A county to be run. Small and plain, so that it can be sent to another process or machine."""

    named: str
    path: str
    """of the scenario file, absolute"""
    known: CountyRecord | None = None
    """the record of an earlier run that may still hold"""
    language: Language = "zh"
    """that its faults are told in"""


def run_county(task: CountyTask) -> CountyRecord:
    """Run a county from its files to its files, unless its earlier result still holds. Faults of its input are its failure, told in the record."""
    try:
        scenario = read_scenario(task.path)
        if task.known is not None and still_holds(task.known, scenario):
            return replace(task.known, state="unchanged")
        refuse_shut(scenario.output_folder)
        assessment = run(scenario)
        write(scenario, assessment)
    except (InputFaultsError, PublishError, TooLittleMemoryError) as error:
        return CountyRecord(task.named, "failed", reason=error.told(task.language))
    except OSError as error:
        return CountyRecord(task.named, "failed", reason=str(error))
    return CountyRecord(
        named=task.named,
        state="done",
        name=scenario.file.name,
        output_folder=str(scenario.output_folder.resolve()),
        made_from=made_from(scenario, {source.path: source.sha256 for source in assessment.before.area.sources}),
        manifest_sha256=sha256_of(scenario.output_folder / MANIFEST),
        figures=county_figures(assessment),
    )


def still_holds(record: CountyRecord, scenario: Scenario) -> bool:
    """Whether a county would come out the same: scenario, rules, files and program unchanged, and its outputs as they were written."""
    if scenario.file.outputs.rests_on_more or record.output_folder != str(scenario.output_folder.resolve()):
        return False
    files = {key.removeprefix("file "): "" for key in record.made_from if key.startswith("file ")}
    if made_from(scenario, {named: _fingerprint(named, scenario.folder) for named in files}) != dict(record.made_from):
        return False
    manifest = scenario.output_folder / MANIFEST
    if not manifest.is_file() or sha256_of(manifest) != record.manifest_sha256:
        return False
    return not changed_files(scenario.output_folder)


def made_from(scenario: Scenario, files: Mapping[str, str]) -> dict[str, str]:
    """What a result depends on: the text of the scenario, its rules with the packs they come from, files, and versions."""
    rules = json.dumps([rule.model_dump(mode="json") for rule in scenario.rules], ensure_ascii=False, sort_keys=True)
    return {
        "scenario": hashlib.sha256(scenario.text.encode()).hexdigest(),
        "rules": hashlib.sha256(rules.encode()).hexdigest(),
        **{f"file {named}": sha256 for named, sha256 in files.items()},
        **{f"version {package}": version(package) for package in ("quarterhour", *PACKAGES)},
    }


def _fingerprint(named: str, folder: Path) -> str:
    """SHA-256 of a file of a scenario, as its readers take it; "" when it cannot be read any more."""
    admitted = admit(named, folder, "batch", Findings())
    return admitted.sha256 if admitted else ""
