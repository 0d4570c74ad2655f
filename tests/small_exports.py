"""The small place published once, honest and hostile, and how its GeoPackage and workbook are read back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio

from layers.problems import Problem
from maps.export import EXPORTS, export
from maps.outputs import Outputs
from maps.publishing.record import run_record
from planner.assessment import Assessment
from tests.small import small_area
from tests.small_assessment import assessed_area, small_assessment

HOSTILE = (
    "=1+1",
    "'; DROP TABLE villages; --",
    '<script>alert("x")</script>',
    "{{ 7*7 }}",
    "a\x07b & <b> ]]> \"'",
    "@SUM(A1)\t-1",
    "http://x.cn/?a=1",
)
OUTPUTS = Outputs(folder="out", formats=tuple(EXPORTS))
SCENARIO = 'name = "small-county"\n'


def hostile_assessment() -> Assessment:
    """The small place, whose names, notes and own columns try to be code."""
    area = assessed_area()
    unit_names = [HOSTILE[i % len(HOSTILE)] for i in range(len(area.units))]
    facilities = area.facilities.assign(name=HOSTILE[:3], ownership=HOSTILE[3:6])
    facilities["负责人 '\"<x>"] = HOSTILE[:3]
    facilities["Name"] = HOSTILE[1:4]
    facilities["fid"] = [7.0, 8.0, np.nan]
    hostile = replace(
        area,
        units=area.units.assign(name=unit_names),
        facilities=facilities,
        candidates=area.candidates.assign(name=HOSTILE[:3]),
        problems=(Problem("warning", HOSTILE[0], HOSTILE[1], HOSTILE[2], (HOSTILE[3],), 1),),
        assumptions=HOSTILE,
    )
    found = small_assessment(hostile)
    return replace(found, title={"zh": HOSTILE[2], "en": HOSTILE[1]}, notes=HOSTILE)


def bare_assessment() -> Assessment:
    """The small place without candidates, streets or measures: nothing is proposed."""
    found = small_assessment()
    bare = small_area(streets=None)
    bare = replace(bare, candidates=bare.candidates.iloc[:0], residential=bare.residential.iloc[:0])
    choice = replace(found.choice, opened=(), status="nothing to do", order=(), **{
        name: getattr(found.choice, name).iloc[:0] for name in ("claimed", "unmet", "excluded", "reasons")
    })  # fmt: skip
    finding = replace(
        found.before,
        area=bare,
        measures=found.before.measures.iloc[:0],
        verdicts=found.before.verdicts.iloc[:0],
        circles=found.before.circles.iloc[:0],
    )
    return replace(
        found, before=finding, after=finding, choice=choice, proposals=found.proposals.iloc[:0], off_network=found.off_network.iloc[:0]
    )


def published(found: Assessment, folder: Path, *formats: str) -> Path:
    """The folder `out` with these forms of a result, or with all."""
    outputs = Outputs.model_validate({"folder": "out", "formats": formats or tuple(EXPORTS)})
    export(found, outputs, folder / "out", run_record(found, SCENARIO), lambda _: None)
    return folder / "out"


def layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(folder / "plan.gpkg", layer=name, where="1=1")


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "plan.gpkg")) as database:
        return database.execute(sql).fetchall()


def sheet_table(folder: Path, sheet: str, first_heading: str) -> list[dict[str, openpyxl.cell.Cell]]:
    """The rows below the headings that start with `first_heading`: Chinese heading (without unit) -> cell."""
    cells = list(openpyxl.load_workbook(folder / "tables.xlsx")[sheet].iter_rows())
    top = next(i for i, row in enumerate(cells) if str(row[0].value).split("\n")[0] == first_heading and row[1].value)
    names = [str(cell.value).split("\n")[0].split(" [")[0] for cell in cells[top] if cell.value]
    found = []
    for row in cells[top + 1 :]:
        if all(cell.value is None for cell in row):
            break
        found.append(dict(zip(names, row, strict=False)))
    return found


def tree(text: str) -> ET.Element:
    """The XML of a style or project below its document type."""
    return ET.fromstring(text.partition("\n")[2])  # noqa: S314 - written a moment ago by the code under test


def same(figures: pd.Series, expected: pd.Series) -> None:
    np.testing.assert_array_equal(figures.to_numpy(dtype=float), expected.to_numpy(dtype=float))
