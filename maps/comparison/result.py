"""`result.json` of a comparison, for other programs. Its JSON Schema is published as `comparison.schema.json`.

Lists have one member per scenario, the reference first; its differences are null, as are figures without data. A new key is a field here; then
write the schema anew: `python -m maps.comparison.result`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field

from maps.comparison import tables as comparison_tables
from maps.comparison.model import Comparison
from maps.comparison.notes import notes
from maps.result_part import Figure, Part
from maps.tables.shown import ShownTable
from planner.measures import RuleVerdict, Verdict

SCHEMA_FILE = "comparison.schema.json"

Figures = tuple[Figure, ...]
"""one per scenario"""


class Scenario(Part):
    """One of the scenarios."""

    name: str
    title: dict[str, str]
    """by language"""
    as_of: date
    synthetic: bool


class Setting(Part):
    """What the scenario files set otherwise; "" for not set."""

    key: str
    values: tuple[str, ...]


class KeyFigure(Part):
    """A figure of the place; null in scenarios that have no such figure."""

    figure: str
    figure_en: str
    unit: str
    before: Figures
    after: Figures
    difference: Figures


class RuleCompared(Part):
    """A rule as it is read, with the plan of each scenario."""

    rule_id: str
    reading: str
    verdict: tuple[RuleVerdict | Literal[""], ...]
    """"" where the scenario has no such rule"""
    value: Figures
    value_difference: Figures
    value_unit: str
    n_pass: Figures
    n_fail: Figures
    shortfall: Figures
    shortfall_difference: Figures
    """null where either shortfall is a lower bound only"""
    shortfall_unit: str
    why: tuple[str, ...]
    """why there is no difference; "" where there is one"""


class PeopleCompared(Part):
    """People within the circle: level and unit_id "" for all, unit_id "(outside)" for those in no unit."""

    level: str
    unit_id: str
    served: Figures
    total: Figures
    served_difference: Figures
    gained: Figures
    """people whose point is within the circle in this scenario and not in the reference"""
    lost: Figures


class UnitCompared(Part):
    """What a rule, as it is read, says of a unit with each plan."""

    rule_id: str
    reading: str
    level: str
    unit_id: str
    verdict: tuple[Verdict | Literal[""], ...]
    value: Figures
    value_difference: Figures
    unit: str
    shortfall: Figures
    shortfall_difference: Figures
    shortfall_unit: str


class ProposalCompared(Part):
    """A site that some plan proposes; rank null where a plan does not."""

    candidate_id: str
    name: str
    kind: str
    rank: Figures
    cost_yuan: Figures
    for_whom: tuple[str, ...]
    """the group that the site is for in each plan; "" where a plan does not propose it"""
    people_gained: Figures
    """people of that group newly inside the circle; of a scenario under goal serve newly with a place"""


class ComparisonResult(Part):
    """Scenarios of one place side by side; the first is the reference, differences are a scenario less the reference."""

    schema_: Literal["quarterhour-comparison/1"] = Field(alias="schema")
    scenarios: tuple[Scenario, ...]
    settings: tuple[Setting, ...]
    notes: tuple[dict[str, str], ...]
    """by language"""
    figures: tuple[KeyFigure, ...]
    rules: tuple[RuleCompared, ...]
    people: tuple[PeopleCompared, ...]
    units: tuple[UnitCompared, ...]
    proposals: tuple[ProposalCompared, ...]


def comparison_result(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON values, checked against the schema."""
    n = len(comparison.names)
    result = ComparisonResult(
        schema_="quarterhour-comparison/1",
        scenarios=tuple(
            Scenario(name=name, title=dict(a.title), as_of=a.as_of, synthetic=a.before.area.is_synthetic)
            for name, a in zip(comparison.names, comparison.assessments, strict=True)
        ),
        settings=tuple(Setting(key=str(row[0]), values=tuple(map(str, row[1:]))) for row in comparison.settings.itertuples(index=False)),
        notes=tuple(notes(comparison)),
        figures=tuple(_of_table(KeyFigure, comparison_tables.summary(comparison), n)),
        rules=tuple(_of_table(RuleCompared, comparison_tables.rules(comparison), n)),
        people=tuple(_of_table(PeopleCompared, comparison_tables.people(comparison), n)),
        units=tuple(_of_table(UnitCompared, comparison_tables.units(comparison), n)),
        proposals=tuple(_of_table(ProposalCompared, comparison_tables.proposals(comparison), n)),
    )
    return result.model_dump(mode="json", by_alias=True)


def write_comparison_result(comparison: Comparison, path: Path) -> None:
    """Write `result.json`: keys sorted, one row of a table per line. The same comparison gives the same bytes."""
    result = comparison_result(comparison)
    path.write_bytes(("{\n" + ",\n".join(f"{json.dumps(key)}:{_lines(result[key])}" for key in sorted(result)) + "\n}\n").encode())


def check_comparison_result(path: Path) -> None:
    """Read the file back; pydantic's `ValidationError` when it does not hold to its schema."""
    ComparisonResult.model_validate_json(path.read_bytes())


def schema_text() -> str:
    """The JSON Schema of a comparison: the content of `comparison.schema.json`."""
    schema = ComparisonResult.model_json_schema(by_alias=True, mode="serialization")
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def published_schema() -> str:
    """The JSON Schema as it is shipped."""
    return files("maps.comparison").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")


_P = TypeVar("_P", bound=Part)


def _of_table(model: type[_P], table: ShownTable, n: int) -> Iterator[_P]:
    """Parts from the rows of a table; fields with one member per scenario are gathered from their numbered columns."""
    for row in table.frame.to_dict("records"):
        cells = {str(name): _plain(cell) for name, cell in row.items()}
        whole = {
            name: cells[name] if name in cells else [cells.get(f"{name}_{i}", _missing(name)) for i in range(n)]
            for name in model.model_fields
        }
        yield model.model_validate(whole)


def _missing(name: str) -> str | None:
    """What the reference has in place of a difference."""
    return "" if name == "why" else None


def _plain(cell: object) -> object:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _lines(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(_lines(item) for item in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))


if __name__ == "__main__":
    Path(__file__).with_name(SCHEMA_FILE).write_text(schema_text(), encoding="utf-8", newline="\n")
