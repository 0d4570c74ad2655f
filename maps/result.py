"""`result.json`: a result for other programs. Its keys stand in `result_model`, its schema is published as `result.schema.json`.

Figures without data are null; minutes are null when no facility is in reach, and `reach` tells why.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

import pandas as pd

from layers.problems import Problem
from layers.saying import in_language
from maps.result_model import (
    BalanceOfUnit,
    ChoiceMade,
    Circle,
    InputProblem,
    InputSource,
    MeasureOfUnit,
    MinutesOfPoint,
    NumberOfRule,
    PeopleThen,
    ProjectedYear,
    Proposal,
    Question,
    ReadingOfRule,
    Result,
    RuleStated,
    Title,
    VerdictOfRule,
)
from maps.result_part import Part
from maps.result_plans import (
    AlternativePlan,
    ClosureAsked,
    ClosureLoss,
    CurvePoint,
    CurveStep,
    DistrictBalance,
    DistrictFlow,
    DistrictLoad,
    DistrictsFound,
    PhaseOfSite,
)
from maps.tables import closure_tables, district_tables, place_tables, plan_tables, rule_tables, run_tables
from maps.tables.plan_reasons import told_of_plan
from maps.tables.shown import ShownTable, states
from planner.assessment import Assessment

SCHEMA_FILE = "result.schema.json"


def result_of(assessment: Assessment) -> dict[str, Any]:
    """The result as plain JSON values, checked against the schema."""
    area, notes, told = assessment.before.area, (*assessment.notes, *assessment.choice.notes), told_of_plan(assessment)
    result = Result(
        schema_="quarterhour-result/1",
        title=Title(zh=assessment.title.get("zh", ""), en=assessment.title.get("en", "")),
        place=area.name,
        as_of=assessment.as_of,
        synthetic=area.is_synthetic,
        circle=Circle(
            kinds=assessment.circle_kinds,
            base=assessment.circle_base,
            minutes=assessment.circle_minutes,
            profile=assessment.circle_profile,
        ),
        rules=tuple(_rules(assessment)),
        verdicts=tuple(_of_both(VerdictOfRule, assessment, "verdicts")),
        measures=tuple(_of_table(MeasureOfUnit, rule_tables.measures(assessment))),
        minutes=tuple(_minutes(assessment)),
        proposals=tuple(_of_table(Proposal, place_tables.proposals(assessment))),
        choice=_part(ChoiceMade, {**vars(assessment.choice), "told": told, "told_zh": tuple(in_language(line, "zh") for line in told)}),
        phases=tuple(_of_table(PhaseOfSite, plan_tables.phases(assessment))),
        curve=tuple(_of_table(CurvePoint, plan_tables.curve(assessment))),
        curve_steps=tuple(_of_table(CurveStep, plan_tables.curve_steps(assessment))),
        alternatives=tuple(_of_table(AlternativePlan, plan_tables.alternatives(assessment))),
        closures=tuple(_of_table(ClosureAsked, closure_tables.closures(assessment))),
        closure_losses=tuple(_of_table(ClosureLoss, closure_tables.closure_losses(assessment))),
        districts=_districts(assessment),
        balance=tuple(_of_both(BalanceOfUnit, assessment, "balance")),
        notes=notes,
        notes_zh=tuple(in_language(note, "zh") for note in notes),
        assumptions=area.assumptions,
        assumptions_zh=tuple(in_language(text, "zh") for text in area.assumptions),
        problems=tuple(_problem(problem) for problem in area.problems),
        sources=tuple(_of_table(InputSource, run_tables.sources(assessment))),
        open_questions=tuple(_part(Question, vars(question)) for question in assessment.open_questions),
        projected=_projected(assessment),
    )
    return result.model_dump(mode="json", by_alias=True)


def write_result(assessment: Assessment, path: Path) -> None:
    """Write `result.json`: keys sorted, one row of a table per line. The same assessment gives the same bytes."""
    result = result_of(assessment)
    lines = [f"{json.dumps(key)}:{_lines(result[key])}" for key in sorted(result)]
    path.write_bytes(("{\n" + ",\n".join(lines) + "\n}\n").encode())


def check_result(path: Path) -> None:
    """Read the file back; pydantic's `ValidationError` when it does not hold to its schema."""
    Result.model_validate_json(path.read_bytes())


def schema_text() -> str:
    """The JSON Schema of a result: the content of `result.schema.json`."""
    schema = Result.model_json_schema(by_alias=True, mode="serialization")
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1, sort_keys=True, ensure_ascii=False)
        + "\n"
    )


def published_schema() -> str:
    """The JSON Schema as it is shipped."""
    return files("maps").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")


_P = TypeVar("_P", bound=Part)


def _part(model: type[_P], cells: Mapping[str, object]) -> _P:
    """A part from the cells that it has fields for; NaN and infinity become null."""
    return model.model_validate({name: _plain(cells[name]) for name in model.model_fields})


def _problem(problem: Problem) -> InputProblem:
    """A fault of the input in both languages."""
    in_zh = {"what_zh": in_language(problem.what, "zh"), "remedy_zh": in_language(problem.remedy, "zh")}
    return _part(InputProblem, {**vars(problem), **in_zh})


def _plain(cell: object) -> object:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _of_table(model: type[_P], table: ShownTable) -> Iterator[_P]:
    columns = {name: table.frame[name].to_list() for name in model.model_fields}
    for number in range(len(table.frame)):
        yield _part(model, {name: cells[number] for name, cells in columns.items()})


def _of_frame(model: type[_P], frame: pd.DataFrame) -> Iterator[_P]:
    for row in frame.to_dict("records"):
        yield _part(model, {str(name): cell for name, cell in row.items()})


def _of_both(model: type[_P], assessment: Assessment, table: Literal["verdicts", "balance"]) -> Iterator[_P]:
    """The rows of a table of both findings."""
    for state, finding in states(assessment):
        for row in getattr(finding, table).to_dict("records"):
            yield _part(model, {**row, "state": state})


def _projected(assessment: Assessment) -> ProjectedYear | None:
    ahead = assessment.projected
    if ahead is None:
        return None
    tables = pd.concat([ahead.before.verdicts.assign(state="before"), ahead.after.verdicts.assign(state="after")])
    return ProjectedYear(
        year=ahead.year,
        base_year=ahead.base_year,
        people=tuple(_of_frame(PeopleThen, ahead.people)),
        verdicts=tuple(_of_frame(VerdictOfRule, tables)),
    )


def _districts(assessment: Assessment) -> DistrictsFound | None:
    found = assessment.districts
    if found is None:
        return None
    both = pd.concat([rows.balance.assign(state=state) for state, rows in (("before", found.before), ("after", found.after))])
    return DistrictsFound(
        **found.asked.model_dump(),
        loads=tuple(_of_table(DistrictLoad, district_tables.district_loads(assessment, found))),
        balance=tuple(_of_frame(DistrictBalance, both)),
        flows=tuple(_of_table(DistrictFlow, district_tables.district_flows(assessment))),
    )


def _rules(assessment: Assessment) -> Iterator[RuleStated]:
    for rule in assessment.rules:
        numbers = [("", number) for number in rule.numbers] + [(r.id, number) for r in rule.readings for number in r.numbers]
        yield RuleStated(
            **rule.model_dump(include=set(RuleStated.model_fields) & set(type(rule).model_fields) - {"numbers", "readings"}),
            rule_id=rule.full_id,
            level=rule.unit,
            unverified=rule.has_unverified_number,
            numbers=tuple(
                NumberOfRule(
                    reading=reading,
                    at=n.at,
                    number=str(n.is_),
                    status=n.status,
                    quote=n.quote,
                    url=n.url,
                    note=n.note,
                    note_zh=in_language(n.note, "zh"),
                )
                for reading, n in numbers
            ),
            readings=tuple(ReadingOfRule(reading=r.id, why=r.why) for r in rule.readings),
        )


def _minutes(assessment: Assessment) -> Iterator[MinutesOfPoint]:
    table = place_tables.demand(assessment).frame
    people = [_plain(n) for n in assessment.before.area.demand[assessment.circle_base].to_list()]
    for state in ("before", "after"):
        columns = (
            table[name].to_list() for name in ("demand_id", "unit_id", f"minutes_{state}", f"minutes_state_{state}", f"nearest_{state}")
        )
        for cells in zip(people, *columns, strict=True):
            names = ("people", "demand_id", "unit_id", "minutes", "reach", "nearest")
            yield _part(MinutesOfPoint, {"state": state, **dict(zip(names, cells, strict=True))})


def _lines(value: object) -> str:
    """JSON; a list of objects has one of them per line."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(_lines(item) for item in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))


if __name__ == "__main__":
    Path(__file__).with_name(SCHEMA_FILE).write_text(schema_text(), encoding="utf-8", newline="\n")
