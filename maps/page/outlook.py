"""The target year on the page: the people then, and what every rule says of them, beside today."""

from __future__ import annotations

from maps.numbers import shown
from maps.page.island import Json
from maps.tables.outlook_tables import MOMENTS_AHEAD, outlook_rows
from planner.assessment import Assessment


def outlook(assessment: Assessment) -> Json:
    """Years, people of each base, and one row per rule and reading; None without a projection."""
    ahead = assessment.projected
    if ahead is None:
        return None
    people = zip(ahead.people["base"], ahead.people["people"], ahead.people["people_then"], strict=True)
    return {
        "year": ahead.year,
        "base_year": ahead.base_year,
        "people": [[base, shown(float(now), "people"), shown(float(then), "people")] for base, now, then in people],
        "rules": [
            {
                "rule": str(row["rule_id"]),
                "reading": str(row["reading"]),
                "title": {"zh": str(row["reading_title"]), "en": str(row["reading_title_en"])},
                "cells": [_cell(row, moment) for moment in MOMENTS_AHEAD],
            }
            for row in outlook_rows(assessment)
        ],
    }


def _cell(row: dict[str, object], moment: str) -> Json:
    short, unit = float(str(row[f"shortfall_{moment}"])), str(row["shortfall_unit"])
    return {
        "verdict": str(row[f"verdict_{moment}"]),
        "value": shown(float(str(row[f"value_{moment}"])), str(row["value_unit"])),
        "value_unit": str(row["value_unit"]),
        "shortfall": shown(short, unit),
        "unit": unit,
        "short": short > 0,
    }
