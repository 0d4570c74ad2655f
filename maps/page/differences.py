"""What the page shows of a scenario beside the reference: who gains and who loses, by unit, and every rule's figures less those of the reference.

Digits and classes of colour are written here; classes run from 0 (much is lost) over 3 (the same) to 6 (much is gained).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maps import palette
from maps.comparison.model import Comparison
from maps.comparison.people import people_differences, why_other_people
from maps.comparison.rules import Standing, standings, unit_differences
from maps.numbers import shown, shown_difference
from maps.page.ground import Ground
from maps.page.island import Json, narrow, packed
from maps.words import LANGUAGES
from planner.balance import OUTSIDE

NO_DATA, NOT_APPLICABLE = 255, 254
"""Classes of a unit whose difference is not known, or that neither plan has anything to say of."""
MIDDLE = 3


def differences(comparison: Comparison, k: int, ground: Ground) -> Json:
    """Everything that scenario `k` has otherwise than the reference."""
    units = dict(tuple(unit_differences(comparison, k).groupby(["rule_id", "reading"], sort=False)))
    empty = pd.DataFrame()
    return {
        "people": _people(comparison, k, ground),
        "rules": [
            {
                "id": key[0],
                "reading": key[1],
                "why": _why(standing),
                "units": _units(units.get(key, empty), ground.rows) if standing.is_comparable else None,
            }
            for key, standing in standings(comparison, k).items()
        ],
    }


def _why(standing: Standing) -> Json:
    return None if standing.is_comparable else {language: standing.why(language) for language in LANGUAGES}


def _people(comparison: Comparison, k: int, ground: Ground) -> Json:
    """People within the circle, with both plans; level "" holds everybody and those in no unit."""
    table = people_differences(comparison, k)
    finest = table[table["level"] == comparison.reference.before.area.finest_level]
    limits = palette.breaks(finest["served_difference"].abs(), MIDDLE)
    why = {language: why_other_people(comparison, k, language) for language in LANGUAGES}
    levels: dict[str, Json] = {}
    for level, rows in table.groupby("level", sort=False):
        numbers = rows["served_difference"].to_numpy(dtype=float)
        nobody = (rows["total_reference"].isna() & rows["total_scenario"].isna()).to_numpy()
        levels[str(level)] = {
            "place": packed([ground.rows.get((str(level), str(i)), -1) for i in rows["unit_id"]], "i"),
            "role": ["outside" if i == OUTSIDE else "whole" if i == "" else "unit" for i in rows["unit_id"]],
            "cells": [_people_cells(row) for row in rows.to_dict("records")],
            "number": narrow(numbers.astype(np.float32)),
            "class": packed(np.where(nobody, NOT_APPLICABLE, _classes(numbers, limits)), "u1"),
        }
    return {"why": why if any(why.values()) else None, "limits": [shown(limit, "people") for limit in limits], "levels": levels}


def _people_cells(row: Mapping[Hashable, float]) -> list[Json]:
    """Digits: with the plan of the reference, with that of the scenario, difference, gained, lost."""
    figures = [shown(float(row[name]), "people") for name in ("served_reference", "served_scenario")]
    changed = [shown(float(row[name]), "people") for name in ("gained", "lost")]
    return [*figures, shown_difference(float(row["served_difference"]), "people"), *changed]


def _units(rows: pd.DataFrame, place_rows: Mapping[tuple[str, str], int]) -> Json:
    """Units of a rule: digits of the difference of value and shortfall, and how much is gained: a shortfall less, or for a rule without a limit
    a value more (`directed` is then False: it is neither good nor bad). None when no unit is a place of the page."""
    keys = list(zip(rows["level"], rows["unit_id"], strict=True)) if len(rows) else []
    is_place = np.array([key in place_rows for key in keys], dtype=bool)
    rows = rows[is_place] if len(rows) else rows
    if not len(rows):
        return None
    verdicts = rows[["verdict_reference", "verdict_scenario"]]
    directed = not bool((verdicts == "report_only").any(axis=None))
    name = "shortfall" if directed else "value"
    gain = (-1 if directed else 1) * rows[f"{name}_difference"].to_numpy(dtype=float)
    limits = palette.breaks(np.abs(gain), MIDDLE)
    apart = (verdicts == "not_applicable").all(axis=1).to_numpy()
    unit = str(rows["shortfall_unit" if directed else "unit"].iloc[0])
    return {
        "place": packed([place_rows[key] for key, keep in zip(keys, is_place, strict=True) if keep], "i"),
        "directed": directed,
        "limits": [shown(limit, unit) for limit in limits],
        "unit": unit,
        "value": [shown_difference(float(v), u) for v, u in zip(rows["value_difference"], rows["unit"], strict=True)],
        "shortfall": [shown_difference(float(v), u) for v, u in zip(rows["shortfall_difference"], rows["shortfall_unit"], strict=True)],
        "number": narrow(np.where(apart, np.nan, gain).astype(np.float32)),
        "class": packed(np.where(apart, NOT_APPLICABLE, _classes(gain, limits)), "u1"),
    }


def _classes(numbers: NDArray[np.float64], limits: tuple[float, ...]) -> NDArray[np.int64]:
    """Classes of differences; with fewer limits than two the outer classes are taken."""
    steps = 1 + palette.class_of(np.abs(numbers), limits) + (2 - len(limits))
    classes = MIDDLE + np.sign(np.nan_to_num(numbers)).astype(int) * steps
    return np.where(np.isnan(numbers), NO_DATA, classes)
