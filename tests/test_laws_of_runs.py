"""Laws of whole runs, from files to files, on any small place: nobody is lost, two runs are equal, the order of rows is nothing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pandas as pd
import pytest
from hypothesis import Phase, given, settings

from maps.result import result_of
from scenarios.line import run, write
from scenarios.reading import read_scenario
from tests.small_runs import Place, assessed, places, written

MANY = int(os.environ.get("QUARTERHOUR_LAWS", "1"))
"""`QUARTERHOUR_LAWS=20` tries twenty times as many places; a failure is not made smaller, which would take minutes"""
T = TypeVar("T")
BY_CIRCLE = ["served", "too_far", "off_network", "unassigned"]
BY_PLACES = ["served", "over_capacity", "capacity_unknown", "too_far", "off_network", "unassigned"]
COMPARED = ("rules", "verdicts", "measures", "proposals", "balance", "problems", "notes")


def in_new_folder(work: Callable[[Path], T]) -> T:
    """Hypothesis calls a test many times; each call has a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return work(Path(folder))


def assert_nobody_is_lost(balance: pd.DataFrame, parts: list[str], total: float) -> None:
    everybody = balance[balance["unit_id"] == ""].iloc[0]
    assert everybody["total"] == pytest.approx(total, abs=1e-6)
    assert balance[parts].sum(axis=1).to_numpy() == pytest.approx(balance["total"].to_numpy(), abs=1e-6)
    for part in [*parts, "total"]:
        assert balance.loc[balance["unit_id"] != "", part].sum() == pytest.approx(everybody[part], abs=1e-6)
    assert (balance[parts] >= 0).all(axis=None)


@settings(max_examples=3 * MANY, phases=[Phase.generate])
@given(places())
def test_everybody_is_served_too_far_off_the_streets_or_without_a_place_before_and_after(place: Place) -> None:
    found = in_new_folder(lambda folder: assessed(place, folder / "place"))
    assert found.districts is not None
    for state, assigned in ((found.before, found.districts.before), (found.after, found.districts.after)):
        assert_nobody_is_lost(state.balance, BY_CIRCLE, place.pop60)
        assert_nobody_is_lost(assigned.balance, BY_PLACES, place.pop60)
        assert assigned.flows["people"].sum() == pytest.approx(assigned.balance["served"].iloc[0], abs=1e-6)
        assert state.area.demand["pop60"].sum() == pytest.approx(place.pop60, abs=1e-6)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@settings(max_examples=MANY, phases=[Phase.generate])
@given(places())
def test_a_second_run_over_the_first_and_one_elsewhere_give_the_same_bytes(place: Place) -> None:
    def thrice(folder: Path) -> list[dict[str, bytes]]:
        here, there = folder / "here", folder / "there"
        here.mkdir()
        written(place, here)
        shutil.copytree(here, there)
        results = []
        for place_folder in (here, here, there):
            scenario = read_scenario(place_folder / "scenario.toml")
            write(scenario, run(scenario))
            results.append(files_of(place_folder / "out"))
        return results

    first, over_it, elsewhere = in_new_folder(thrice)
    assert first == over_it
    assert first == elsewhere


def compared(place: Place, folder: Path, order: Random | None) -> dict[str, Any]:
    """What a run says, but for the order in which it says it and the fingerprints of its files."""
    result = result_of(assessed(place, folder, order=order))
    return {key: sorted(json.dumps(rounded(row), ensure_ascii=False, sort_keys=True) for row in result[key]) for key in COMPARED}


def rounded(value: object) -> object:
    """Sums in another order may differ in their last digit."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return round(value, 6) + 0.0 if isinstance(value, float) else value


@settings(max_examples=4 * MANY, phases=[Phase.generate])
@given(places())
def test_the_order_of_the_rows_of_every_file_is_nothing(place: Place) -> None:
    def both(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        chance = Random(7)  # noqa: S311 - the same order in every run
        return compared(place, folder / "as it is", None), compared(place, folder / "shuffled", chance)

    as_it_is, shuffled = in_new_folder(both)
    for key in COMPARED:
        assert as_it_is[key] == shuffled[key], key
