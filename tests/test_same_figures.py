"""One figure, one reading: over every rule, reading and unit of the demonstration county, page, GeoPackage, workbook, brief and result file
agree.

The page holds digits; a figure of the others is written as the page would, and must read the same. Where the full figure is kept
(GeoPackage, workbook, result file) it must be the same to the last bit.
"""

from __future__ import annotations

import base64
import json
import math
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from maps import report
from maps.numbers import NO_DATA, shown
from maps.words import words
from scenarios.demo import write_demo_county
from scenarios.line import run, write
from scenarios.reading import read_scenario
from tests.packed_columns import whole_numbers

Key = tuple[str, str, str, str, str]
"""state, rule, reading, level, unit"""
VERDICTS = ("pass", "fail", "no_data", "not_applicable", "report_only")
"""of the packed columns of the page, by code"""
fonts = import_module("maps.report.fonts") if report.is_installed() else None
STATES = {"before": "现状", "after": "规划后"}


@dataclass(frozen=True)
class Figure:
    """What one output says of one rule in one unit."""

    value: float | None
    required: float | None
    shortfall: float | None
    verdict: str
    unit: str
    shortfall_unit: str


@dataclass(frozen=True)
class Outputs:
    folder: Path

    @cached_property
    def page(self) -> dict[str, Any]:
        text = (self.folder / "index.html").read_text(encoding="utf-8")
        (island,) = re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
        return dict(json.loads(island))

    @cached_property
    def result(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "result.json").read_bytes()))

    @cached_property
    def sheets(self) -> dict[str, list[tuple[Any, ...]]]:
        book = openpyxl.load_workbook(self.folder / "tables.xlsx", read_only=True)
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}

    def rows(self, sql: str) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self.folder / "plan.gpkg")) as database:
            database.row_factory = sqlite3.Row
            return database.execute(sql).fetchall()


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    scenario = read_scenario(write_demo_county(tmp_path_factory.mktemp("demo")))
    assessment = run(scenario)
    write(scenario, assessment)
    if fonts and fonts.known_family():
        import_module("maps.report.brief").write_brief(assessment, scenario.output_folder / "brief.docx", language="zh")
    return Outputs(scenario.output_folder)


# ---------------------------------------------------------------- what each output says


def in_result(outputs: Outputs) -> dict[Key, Figure]:
    return {
        (m["state"], m["rule_id"], m["reading"], m["level"], m["unit_id"]): Figure(
            m["value"], m["required"], m["shortfall"], m["verdict"], m["unit"], m["shortfall_unit"]
        )
        for m in outputs.result["measures"]
    }


def in_geopackage(outputs: Outputs) -> dict[Key, Figure]:
    return {
        (m["state"], m["rule_id"], m["reading"] or "", m["level"], m["unit_id"] or ""): Figure(
            m["value"], m["required"], m["shortfall"], m["verdict"], m["unit"] or "", m["shortfall_unit"] or ""
        )
        for m in outputs.rows("SELECT * FROM rule_results")
    }


def in_workbook(outputs: Outputs) -> dict[Key, Figure]:
    """The sheet of measures, its words turned back into codes."""
    rows = outputs.sheets["测算明细"]
    top = next(i for i, row in enumerate(rows) if str(row[0]).startswith("状态") and row[1])
    names = [str(cell).split("\n")[0] for cell in rows[top] if cell]
    codes = {section: {text: code for code, text in section_words(section).items()} for section in ("state", "verdict", "level", "unit")}
    found = {}
    for row in rows[top + 1 :]:
        cells = dict(zip(names, row, strict=False))
        key = (
            codes["state"][cells["状态"]], cells["规则编号"], cells["口径编号"] or "", codes["level"][cells["层级"]], cells["单元代码"] or "",
        )  # fmt: skip
        found[key] = Figure(
            cells["数值"], cells["要求"], cells["缺口"], codes["verdict"][cells["结论"]], cells["单位"] or "", cells["缺口单位"] or ""
        )
    return found


def section_words(section: str) -> dict[str, str]:
    return {key.removeprefix(f"{section}."): text for key, text in words("zh").items() if key.startswith(f"{section}.")}


def on_page(outputs: Outputs) -> Iterator[tuple[Key, str, str, str]]:
    """Key, verdict, digits of the figure and its unit, of every unit on the page; the figure is the shortfall, or the value where
    nothing is asked."""
    page = outputs.page
    ids, levels = page["places"]["id"], levels_of(page)
    for rule in page["rules"]:
        for answer in rule["answers"]:
            for state in STATES:
                columns = answer["units"] and answer["units"][state]
                if columns:
                    yield from _unit_cells(answer, columns, (state, rule["id"], answer["reading"]), ids, levels)


def levels_of(page: dict[str, Any]) -> list[str]:
    """The level of every place of the page, which holds them level by level."""
    return [part["level"] for part in sorted(page["places"]["levels"], key=lambda part: part["first"]) for _ in range(part["size"])]


def _unit_cells(
    answer: dict[str, Any], columns: dict[str, Any], key: tuple[str, str, str], ids: list[str], levels: list[str]
) -> Iterator[tuple[Key, str, str, str]]:
    places = whole_numbers(answer["units"]["place"])
    codes = np.frombuffer(base64.b64decode(columns["verdict"]), dtype="u1")
    for at, code, value, shortfall in zip(places, codes, columns["value_text"], columns["shortfall_text"], strict=True):
        if code != 255:
            yield (*key, levels[at], ids[at]), VERDICTS[code], value, shortfall


# ---------------------------------------------------------------- the same


def same(one: float | None, other: float | None) -> bool:
    return one is None if other is None else one is not None and math.isclose(one, other, rel_tol=0, abs_tol=0)


def test_every_figure_of_result_geopackage_and_workbook_is_the_same(outputs: Outputs) -> None:
    result, geopackage, workbook = in_result(outputs), in_geopackage(outputs), in_workbook(outputs)
    assert result.keys() == geopackage.keys() == workbook.keys()
    assert len(result) > 5000
    assert len({key[1:3] for key in result}) > 30
    unit_words = section_words("unit")
    for key, figure in result.items():
        stored, written = geopackage[key], workbook[key]
        for name in ("value", "required", "shortfall"):
            assert same(getattr(stored, name), getattr(figure, name)), (key, name)
            cell = getattr(written, name)
            # a workbook keeps 16 digits of a figure
            assert (cell is None) == (getattr(figure, name) is None), (key, name)
            assert cell is None or math.isclose(cell, getattr(figure, name), rel_tol=1e-15, abs_tol=0), (key, name)
        assert stored.verdict == figure.verdict == written.verdict, key
        assert (stored.unit, stored.shortfall_unit) == (figure.unit, figure.shortfall_unit), key
        assert written.unit == unit_words.get(figure.unit, figure.unit), key


def test_every_digit_on_the_page_is_that_of_the_result(outputs: Outputs) -> None:
    result = in_result(outputs)
    n_checked = 0
    for key, verdict, value, shortfall in on_page(outputs):
        figure = result[key]
        assert verdict == figure.verdict, key
        assert value == shown(figure.value, figure.unit, beside=figure.required), key
        assert shortfall == shown(figure.shortfall, figure.shortfall_unit), key
        n_checked += 1
    drawn = set(zip(levels_of(outputs.page), outputs.page["places"]["id"], strict=True))
    assert n_checked == sum(key[3:] in drawn for key in result)
    assert n_checked > 5000


def test_units_of_the_geopackage_repeat_the_long_table(outputs: Outputs) -> None:
    """The columns `<rule>_<what>_<state>` of every layer of units, against the base reading of each rule."""
    result = in_result(outputs)
    layers = {"village": "villages", "township": "townships", "county": "counties", "residential_area": "residential"}
    n_checked = 0
    for level, layer in layers.items():
        key_column = "residential_id" if level == "residential_area" else "unit_id"
        units = {row[key_column]: row for row in outputs.rows(f"SELECT * FROM {layer}")}  # noqa: S608 - our own
        for (state, rule_id, reading, of_level, unit_id), figure in result.items():
            if of_level != level or reading:
                continue
            row, stem = units[unit_id], rule_id.replace(".", "_")
            for name in ("value", "required", "shortfall"):
                assert same(row[f"{stem}_{name}_{state}"], getattr(figure, name)), (unit_id, rule_id, name)
            assert row[f"{stem}_verdict_{state}"] == figure.verdict
            n_checked += 1
    assert n_checked == sum(not key[2] and key[3] in layers for key in result)


def test_the_sheets_of_units_repeat_the_long_table(outputs: Outputs) -> None:
    """Figures and verdict of every rule beside every unit in the workbook, found by the place of their heading."""
    result, codes = in_result(outputs), {text: code for code, text in section_words("verdict").items()}
    rules = {rule["rule_id"]: f"{rule['title']} ※" if rule["unverified"] else rule["title"] for rule in outputs.result["rules"]}
    n_checked = 0
    for level, sheet in {"village": "各村", "township": "各乡镇", "county": "各县", "residential_area": "各小区"}.items():
        base = {(key[0], key[1], key[4]): figure for key, figure in result.items() if key[3] == level and not key[2]}
        measured = [rule_id for rule_id in rules if any(key[1] == rule_id and key[3] == level and not key[2] for key in result)]
        columns = [(rule_id, state, what) for rule_id in measured for state in STATES for what in ("数值", "要求", "缺口", "结论")]
        top, *rows = outputs.sheets[sheet][5:]
        names = [str(cell).split("\n")[0].split(" [")[0] for cell in top]
        first = names.index(f"{rules[measured[0]]}·数值（现状）")
        assert names[first : first + len(columns)] == [f"{rules[r]}·{what}（{STATES[state]}）" for r, state, what in columns]
        for row in rows:
            found: dict[tuple[str, str], list[Any]] = {}
            for (rule_id, state, _), cell in zip(columns, row[first:], strict=False):
                found.setdefault((state, rule_id), []).append(cell)
            for (state, rule_id), (value, required, shortfall, verdict) in found.items():
                figure = base.get((state, rule_id, str(row[0])))
                wanted = [figure.value, figure.required, figure.shortfall] if figure else [None] * 3
                for cell, number in zip((value, required, shortfall), wanted, strict=True):
                    assert (cell is None) == (number is None), (sheet, row[0], rule_id)
                    assert cell is None or math.isclose(cell, number, rel_tol=1e-15, abs_tol=0), (sheet, row[0], rule_id)
                assert codes.get(verdict, "") == (figure.verdict if figure else ""), (sheet, row[0], rule_id)
                n_checked += figure is not None
    assert n_checked == sum(not key[2] for key in result)


@pytest.mark.skipif(not fonts, reason="the extra `report` is not installed")
def test_the_brief_says_of_every_rule_what_the_result_says(outputs: Outputs) -> None:
    """The table of rules of the brief, row by row: verdict, units that meet it or its figure, and what is short."""
    document = import_module("docx").Document(str(outputs.folder / "brief.docx"))
    key_figures, table = ([[cell.text for cell in row.cells] for row in table.rows] for table in document.tables[:2])
    titles = {rule["rule_id"]: rule["title"] for rule in outputs.result["rules"]}
    stored = {row["rule_id"]: row for row in outputs.rows("SELECT * FROM verdicts WHERE coalesce(reading, '') = ''")}
    verdicts = {(v["rule_id"], v["state"]): v for v in outputs.result["verdicts"] if not v["reading"]}
    computed = [rule_id for rule_id in titles if stored[rule_id]["verdict_before"] not in ("attestation", "site_rule")]
    assert [row[0].split("\n")[0].removesuffix(" ※") for row in table[1:]] == [titles[rule_id] for rule_id in computed]
    for rule_id, (_, required, *cells, short) in zip(computed, table[1:], strict=True):
        row, unit = stored[rule_id], stored[rule_id]["value_unit"] or ""
        assert digits_of(required) == shown(row["required"], unit)
        shortfalls = []
        for state, cell in zip(STATES, cells, strict=True):
            verdict = verdicts[rule_id, state]
            n_asked = verdict["n_pass"] + verdict["n_fail"] + verdict["n_no_data"]
            figure = shown(row[f"value_{state}"], unit, beside=row["required"])
            wanted = f"{verdict['n_pass']} / {n_asked}" if n_asked > 1 else "" if figure == NO_DATA else figure
            said, _, number = cell.partition("\n")
            assert said == words("zh")[f"verdict.{verdict['verdict']}"] + (" · " + words("zh")["rules.overdue"]) * verdict["overdue"]
            assert number == wanted or digits_of(number) == wanted, (rule_id, state)
            digits = shown(verdict["shortfall"], verdict["shortfall_unit"])
            shortfalls.append("≥ " * (verdict["shortfall_is_open"] and digits != NO_DATA) + digits)
        both = " → ".join(dict.fromkeys(shortfalls))
        assert short == both or short.rpartition(" ")[0] == both, rule_id
    for cells, row in zip(key_figures[1:], outputs.rows("SELECT * FROM key_figures"), strict=True):
        for cell, state in zip(cells[1:], STATES, strict=True):
            in_wan = row["unit"] == "yuan" and row[state] is not None
            assert digits_of(cell) == (shown(row[state] / 10_000, "wan_yuan") if in_wan else shown(row[state], row["unit"] or ""))


def digits_of(text: str) -> str:
    """A figure without the unit behind it."""
    return text.partition(" ")[0]


def test_verdicts_and_overall_figures_are_the_same_everywhere(outputs: Outputs) -> None:
    stored = {(row["rule_id"], row["reading"] or ""): row for row in outputs.rows("SELECT * FROM verdicts")}
    result = {(v["state"], v["rule_id"], v["reading"]): v for v in outputs.result["verdicts"]}
    pages = {
        (state, rule["id"], answer["reading"]): answer[state]
        for rule in outputs.page["rules"]
        for answer in rule["answers"]
        for state in STATES
        if answer[state]
    }
    assert result.keys() == pages.keys()
    for (state, rule_id, reading), verdict in result.items():
        on_the_page, row = pages[state, rule_id, reading], stored[rule_id, reading]
        assert on_the_page["verdict"] == verdict["verdict"]
        assert row[f"verdict_{state}"] in (verdict["verdict"], "attestation", "site_rule")
        for name in ("n_pass", "n_fail", "n_no_data", "n_not_applicable"):
            assert on_the_page[name] == row[f"{name}_{state}"] == verdict[name]
        assert same(row[f"shortfall_{state}"], verdict["shortfall"])
        digits = shown(verdict["shortfall"], verdict["shortfall_unit"])
        assert on_the_page["shortfall"].removeprefix("≥ ") == digits
        required = row["required"]
        assert on_the_page["value"] == shown(row[f"value_{state}"], row["value_unit"] or "", beside=required)


def test_people_and_proposals_are_the_same_everywhere(outputs: Outputs) -> None:
    figures = {row["figure_en"]: row for row in outputs.rows("SELECT * FROM key_figures")}
    whole = {row["state"]: row for row in outputs.result["balance"] if row["unit_id"] == ""}
    (page,) = (row for row in outputs.page["balance"]["rows"] if row["role"] == "whole")
    columns = outputs.page["balance"]["columns"]
    for state in STATES:
        row = next(row for name, row in figures.items() if name.startswith("people") and "within" in name)
        assert row[state] == whole[state]["served"]
        for column, digits in zip(columns, page[state], strict=True):
            assert digits == shown(whole[state][column], "people")
    stored = {row["candidate_id"]: row for row in outputs.rows("SELECT * FROM proposals")}
    assert list(stored) == [proposal["candidate_id"] for proposal in outputs.result["proposals"]]
    for proposal in outputs.result["proposals"]:
        row = stored[proposal["candidate_id"]]
        assert (row["people_gained"], row["cost_yuan"], row["rank"]) == (proposal["people_gained"], proposal["cost_yuan"], proposal["rank"])
