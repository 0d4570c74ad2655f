"""`RunRecord`: what a result was made from, so that anybody can make it again and compare byte by byte.

It holds no clock, no absolute path and no machine name: the same scenario, files and versions give the same record.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import PurePosixPath, PureWindowsPath

from layers.study_area import Source
from planner.assessment import Assessment

RECORD_SCHEMA = "quarterhour-run/1"

PACKAGES = ("geopandas", "highspy", "numba", "numpy", "pandas", "pyogrio", "pyproj", "rasterio", "scipy", "shapely", "xlsxwriter")
"""The packages whose version can change a figure or a byte of the result."""


@dataclass(frozen=True)
class RunRecord:
    """The origin of a result."""

    scenario: str
    """the text of the scenario file as it was run"""
    scenario_sha256: str
    inputs: tuple[Source, ...]
    """every file that was read"""
    versions: tuple[tuple[str, str], ...]
    """package and version, `quarterhour` first"""
    as_of: date

    def text(self) -> str:
        """The record as JSON, keys sorted, ending with a line break: the content of `run.json`."""
        record = {
            "schema": RECORD_SCHEMA,
            "scenario": self.scenario,
            "scenario_sha256": self.scenario_sha256,
            "inputs": [asdict(source) for source in self.inputs],
            "versions": dict(self.versions),
            "as_of": self.as_of.isoformat(),
        }
        return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def run_record(assessment: Assessment, scenario_text: str) -> RunRecord:
    """The record of a run of this scenario text."""
    packages = ("quarterhour", *PACKAGES)
    return RunRecord(
        scenario=scenario_text,
        scenario_sha256=hashlib.sha256(scenario_text.encode()).hexdigest(),
        inputs=named_sources(assessment),
        versions=tuple((name, version(name)) for name in packages),
        as_of=assessment.as_of,
    )


def named_sources(assessment: Assessment) -> tuple[Source, ...]:
    """The inputs of the place, under names that hold on every machine: of an absolute path only the file name is told."""
    return tuple(
        Source(source.layer, _portable(source.path), source.sha256, source.rows, source.note) for source in assessment.before.area.sources
    )


def _portable(path: str) -> str:
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    return path
