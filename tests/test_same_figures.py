"""One figure, one reading: over every rule, reading and unit of the demonstration county, page, GeoPackage, workbook and result file agree.

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
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from maps.numbers import shown
from maps.words import words
from scenarios.demo import write_demo_county
from scenarios.line import run, write
from scenarios.reading import read_scenario

Key = tuple[str, str, str, str, str]
"""state, rule, reading, level, unit"""
VERDICTS = ("pass", "fail", "no_data", "not_applicable", "report_only")
"""of the packed columns of the page, by code"""
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
    write(scenario, run(scenario))
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
    places = np.frombuffer(base64.b64decode(answer["units"]["place"]), dtype="<i4")
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
