"""The check report as values: every fault with its place, and the balance of rows, people and facilities. Its schema is `check.schema.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Literal

import geopandas as gpd

from layers.assemble import PlaceRead
from layers.fault_place import FaultPlace, place_of
from layers.problems import Problem
from layers.saying import in_language
from layers.study_area import Source
from maps.check.model import (
    CheckReport,
    PeopleOfBase,
    PeopleUnassigned,
    ProblemAtPlace,
    RowsLeftOut,
    RowsOfFile,
    SitesOfKind,
    SitesOfLayer,
)
from maps.result_model import InputSource, Title

SCHEMA_FILE = "check.schema.json"
LAYERS = (
    "units",
    "population",
    "population, spread",
    "facilities",
    "candidates",
    "residential",
    "streets",
    "terrain",
    "minutes",
    "projection",
)
"""The order in which a planner mends them: what stands further on rests on what stands before. The scenario file goes first of all."""
_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Checked:
    """What a check has read and found."""

    scenario: str
    """name of the scenario file"""
    title: Mapping[str, str] | None
    language: str
    problems: tuple[Problem, ...]
    place: PlaceRead | None
    """None when the scenario file itself cannot be read"""
    is_synthetic: bool = False
    assumptions: tuple[str, ...] = ()


def report_of(checked: Checked) -> CheckReport:
    """Everything that is known of the input, as far as its faults allow."""
    place = checked.place
    sources = place.reading.sources if place else []
    n_of = {severity: sum(p.severity == severity for p in checked.problems) for severity in _SEVERITIES}
    assumptions = (*checked.assumptions, *(place.people.assumptions if place and place.people else ()))
    return CheckReport(
        schema_="quarterhour-check/1",
        scenario=checked.scenario,
        title=Title(**checked.title) if checked.title else None,
        synthetic=checked.is_synthetic,
        can_run=n_of["error"] == 0,
        n_errors=n_of["error"],
        n_warnings=n_of["warning"],
        n_notes=n_of["note"],
        problems=_problems(checked.problems, sources),
        rows=tuple(_rows(place)) if place else (),
        people=tuple(_people(place)) if place else (),
        unassigned=tuple(_unassigned(place)) if place else (),
        sites=tuple(_sites(place)) if place else (),
        kinds=tuple(_kinds(place)) if place else (),
        sources=tuple(_source(source) for source in sources),
        assumptions=tuple(str(text) for text in assumptions),
        assumptions_zh=tuple(in_language(text, "zh") for text in assumptions),
    )


def _problems(problems: tuple[Problem, ...], sources: list[Source]) -> tuple[ProblemAtPlace, ...]:
    """File by file in the order of `LAYERS`, within a file by severity, otherwise as they were found."""
    placed = [(problem, _with_layer(place_of(problem.where), sources)) for problem in problems]

    def order(item: tuple[Problem, FaultPlace]) -> tuple[int, str, str, int]:
        problem, place = item
        known = LAYERS.index(str(place.layer)) if place.layer in LAYERS else len(LAYERS)
        return (known if place.layer else -1, place.file, place.part, _SEVERITIES.index(problem.severity))

    return tuple(_problem(problem, place) for problem, place in sorted(placed, key=order))


def _with_layer(place: FaultPlace, sources: list[Source]) -> FaultPlace:
    """The place, with the layer of its file where the reader told only the file's name."""
    found = next((s for s in sources if PurePath(s.path).name == place.file), None)
    return replace(place, layer=found.layer, file=found.path) if found is not None and not place.layer else place


def _problem(problem: Problem, place: FaultPlace) -> ProblemAtPlace:
    return ProblemAtPlace(
        severity=problem.severity,
        where=str(problem.where),
        where_zh=in_language(problem.where, "zh"),
        what=str(problem.what),
        what_zh=in_language(problem.what, "zh"),
        remedy=str(problem.remedy),
        remedy_zh=in_language(problem.remedy, "zh"),
        rows=problem.told_rows("en"),
        rows_zh=problem.told_rows("zh"),
        count=problem.count,
        layer=str(place.layer),
        layer_zh=in_language(place.layer, "zh"),
        file=place.file,
        part=place.part,
        row=str(place.row),
        column=str(place.column),
        column_zh=in_language(place.column, "zh"),
        left_out=problem.left_out,
    )


def _rows(place: PlaceRead) -> Iterator[RowsOfFile]:
    for file in place.reading.rows:
        left_out = tuple(RowsLeftOut(why=str(why), why_zh=in_language(why, "zh"), rows=n) for why, n in file.left_out)
        yield RowsOfFile(
            layer=str(file.layer),
            layer_zh=in_language(file.layer, "zh"),
            file=file.path,
            part=file.part,
            read=file.read,
            kept=file.kept,
            left_out=left_out,
        )


def _people(place: PlaceRead) -> Iterator[PeopleOfBase]:
    """Counted here once more, from the rows of the input and from the demand points."""
    if place.people is None:
        return
    settled = place.settled
    for base in place.people.bases:
        placed = unassigned = None
        if settled is not None:
            placed = math.fsum(settled.demand[base].dropna())
            unassigned = math.fsum(settled.unassigned.loc[settled.unassigned["base"] == base, "people"])
        yield PeopleOfBase(base=base, given=math.fsum(place.people.frame[base].dropna()), placed=placed, unassigned=unassigned)


def _unassigned(place: PlaceRead) -> Iterator[PeopleUnassigned]:
    rows = place.settled.unassigned.to_dict("records") if place.settled is not None else []
    for row in rows:
        reason = row["reason"]
        told = {"reason": str(reason), "reason_zh": in_language(reason, "zh")}
        yield PeopleUnassigned(base=str(row["base"]), people=float(row["people"]), unit_id=str(row["unit_id"]), **told)


_SITES: tuple[Literal["facilities", "candidates"], ...] = ("facilities", "candidates")


def _set_sites(place: PlaceRead, layer: Literal["facilities", "candidates"]) -> gpd.GeoDataFrame | None:
    return place.facilities if layer == "facilities" else place.candidates


def _sites(place: PlaceRead) -> Iterator[SitesOfLayer]:
    for layer in _SITES:
        kept = sum(file.kept or 0 for file in place.reading.rows if str(file.layer) == layer)
        frame = _set_sites(place, layer)
        if not kept:
            continue
        if frame is None or len(frame) != kept:  # the rows of a file with faults are not set on the ground
            yield SitesOfLayer(layer=layer, kept=kept, in_units=None, outside=None)
        else:
            outside = int((frame["unit_id"] == "").sum())
            yield SitesOfLayer(layer=layer, kept=kept, in_units=len(frame) - outside, outside=outside)


def _kinds(place: PlaceRead) -> Iterator[SitesOfKind]:
    for layer in _SITES:
        frame = _set_sites(place, layer)
        if frame is None or not len(frame):
            continue
        status = frame["status"] if layer == "facilities" else frame["kind"].map(lambda _: "")
        for (kind, state), rows in frame.groupby([frame["kind"], status.rename("state")], sort=True):
            yield SitesOfKind(layer=layer, kind=str(kind), status=str(state), n=len(rows))


def _source(source: Source) -> InputSource:
    return InputSource(
        layer=str(source.layer),
        path=source.path,
        sha256=source.sha256,
        rows=source.rows,
        note=str(source.note),
        note_zh=in_language(source.note, "zh"),
    )


def report_text(report: CheckReport) -> str:
    """The content of `check.json`. The same input gives the same bytes."""
    return json.dumps(report.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def schema_text() -> str:
    """The JSON Schema of a report: the content of `check.schema.json`."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **CheckReport.model_json_schema(by_alias=True, mode="serialization"),
    }
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def published_schema() -> str:
    """The JSON Schema as it is shipped."""
    return files("maps.check").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")


if __name__ == "__main__":
    Path(__file__).with_name(SCHEMA_FILE).write_text(schema_text(), encoding="utf-8", newline="\n")
