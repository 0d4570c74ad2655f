"""The shape of `check.json`, as models that check it. The JSON Schema `check.schema.json` is made from them.

A new key is a field here, filled in `maps.check.report`; then write the schema anew: `python -m maps.check.report`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from maps.result_model import InputProblem, InputSource, Title
from maps.result_part import Figure, Part


class ProblemAtPlace(InputProblem):
    """A fault, a repair or a note, with its place taken apart; "" for what it is not bound to."""

    layer: str
    layer_zh: str
    file: str
    part: str
    """layer of a GeoPackage, or sheet of a workbook"""
    row: str
    """line of a table or of the scenario file; further rows stand in `rows`"""
    column: str
    column_zh: str
    where_zh: str
    rows_zh: tuple[str, ...]
    left_out: int
    """rows of the file that are in no layer because of this"""


class RowsLeftOut(Part):
    """Rows that a layer does without, and why."""

    why: str
    why_zh: str
    rows: int


class RowsOfFile(Part):
    """Rows of a file (or of a layer or sheet in it): read = kept + those left out; null for a file that cannot be read."""

    layer: str
    layer_zh: str
    file: str
    part: str
    read: int | None
    kept: int | None
    left_out: tuple[RowsLeftOut, ...]


class PeopleOfBase(Part):
    """People of one base: those of the input = those at demand points + those unassigned; null where faults kept them from being placed."""

    base: str
    given: float
    """of the input, with what the scenario assumes where figures are missing"""
    placed: Figure
    unassigned: Figure


class PeopleUnassigned(Part):
    """People of the input that are at no demand point, and why."""

    base: str
    people: float
    unit_id: str
    reason: str
    reason_zh: str


class SitesOfLayer(Part):
    """Facilities or candidates: rows kept of all files = those in a unit + those outside every unit; null where faults kept them from being set."""

    layer: Literal["facilities", "candidates"]
    kept: int
    in_units: int | None
    outside: int | None


class SitesOfKind(Part):
    """How many there are of a kind (or of several kinds together) and a status."""

    layer: Literal["facilities", "candidates"]
    kind: str
    status: str
    """of facilities; "" for candidates"""
    n: int


class CheckReport(Part):
    """What `quarterhour check` found."""

    schema_: Literal["quarterhour-check/1"] = Field(alias="schema")
    scenario: str
    """name of the scenario file"""
    title: Title | None
    """null when the scenario file itself could not be read"""
    synthetic: bool
    can_run: bool
    """whether `quarterhour run` takes this scenario: no fault was found"""
    n_errors: int
    n_warnings: int
    n_notes: int
    problems: tuple[ProblemAtPlace, ...]
    """in the order in which they are best mended: file by file, faults first"""
    rows: tuple[RowsOfFile, ...]
    people: tuple[PeopleOfBase, ...]
    unassigned: tuple[PeopleUnassigned, ...]
    sites: tuple[SitesOfLayer, ...]
    kinds: tuple[SitesOfKind, ...]
    sources: tuple[InputSource, ...]
    assumptions: tuple[str, ...]
    assumptions_zh: tuple[str, ...]
