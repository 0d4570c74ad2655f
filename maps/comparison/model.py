"""`Comparison`: several scenarios of one place side by side. The first is the reference; every difference is a scenario less the reference.

Nothing is differenced in silence. A rule that only one scenario has, or that asks otherwise in the two, keeps its figures beside one another,
and the difference is NaN with the reason beside it; so are people where the shown circle is another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.problems import InputFaultsError, Problem
from layers.saying import say
from layers.study_area import StudyArea
from planner.assessment import Assessment

NAMED = 5
"""So many ids are named in a refusal."""
NOISE = 1e-9
"""Of the figures: a smaller difference is rounding."""
WITHIN_M = 1.0
"""Points that differ by less stand at the same place."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scenarios of one place, the reference first."""

    names: tuple[str, ...]
    """short, no two alike"""
    assessments: tuple[Assessment, ...]
    settings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"key": []}))
    """what the scenario files set otherwise: key, then the texts "0", "1" ... of each scenario ("" for not set)"""

    def __post_init__(self) -> None:
        if len(self.names) < 2 or len(set(self.names)) != len(self.names) or len(self.names) != len(self.assessments):
            raise ValueError("a comparison needs two scenarios or more, each with a name of its own")
        refuse_other_places(self.names, [assessment.before.area for assessment in self.assessments])

    @property
    def reference(self) -> Assessment:
        """The scenario that differences are taken from."""
        return self.assessments[0]

    def others(self) -> Iterator[tuple[int, Assessment]]:
        """The scenarios after the reference, numbered from 1."""
        yield from enumerate(self.assessments[1:], start=1)


def refuse_other_places(names: Sequence[str], areas: Sequence[StudyArea]) -> None:
    """Raise `InputFaultsError` naming the units and residential areas that a scenario has and the reference has not, or the other way round."""
    problems = []
    for name, area in zip(names[1:], areas[1:], strict=True):
        for table, key, named in (("units", "unit_id", say("units")), ("residential", "residential_id", say("residential areas"))):
            mine, theirs = (_levels_of(getattr(one, table), key) for one in (areas[0], area))
            for missing, holder, other in ((mine - theirs, names[0], name), (theirs - mine, name, names[0])):
                if missing:
                    ids = tuple(sorted(i for _, i in missing))
                    what = say("{n} of its {table} are not in {other} (with the same code and level)", n=len(ids), table=named, other=other)
                    remedy = say("Compare scenarios that read the same units; their people, facilities and candidates may differ.")
                    problems.append(Problem("error", holder, what, remedy, ids[:NAMED], len(ids)))
    if problems:
        raise InputFaultsError(problems)


def _levels_of(table: gpd.GeoDataFrame, key: str) -> set[tuple[str, str]]:
    levels = table["level"] if "level" in table.columns else pd.Series("", index=table.index)
    return set(zip(levels, table[key], strict=True))


def proposals_side_by_side(comparison: Comparison) -> pd.DataFrame:
    """Every candidate that some scenario proposes, those of the reference first, in its order.

    candidate_id, name, unit_id, kind, n_scenarios that propose it, and for each scenario `i` rank_i (NaN where it is not proposed) and
    cost_yuan_i, for_whom_i ("" where it is not proposed), people_gained_i. The same id for another place or kind is another proposal: it is
    listed by itself, and `same_id` is True.
    """
    rows: list[dict[str, object]] = []
    places: list[gpd.GeoDataFrame] = []
    for i, assessment in enumerate(comparison.assessments):
        table = assessment.proposals
        for n in range(len(table)):
            one = table.iloc[[n]]
            at = next((j for j, place in enumerate(places) if _is_same_site(place, one)), len(rows))
            if at == len(rows):
                cells: dict[str, object] = {name: one[name].iloc[0] for name in ("candidate_id", "name", "unit_id", "kind")}
                cells["same_id"] = any(row["candidate_id"] == cells["candidate_id"] for row in rows)
                rows.append(cells)
                places.append(one)
            rows[at] |= {f"rank_{i}": n + 1.0, f"for_whom_{i}": str(one["for_whom"].iloc[0])}
            rows[at] |= {f"{name}_{i}": float(one[name].iloc[0]) for name in ("cost_yuan", "people_gained")}
    numbers = [f"{name}_{i}" for i in range(len(comparison.names)) for name in ("rank", "cost_yuan", "people_gained")]
    whom = [f"for_whom_{i}" for i in range(len(comparison.names))]
    frame = pd.DataFrame(rows, columns=["candidate_id", "name", "unit_id", "kind", "same_id", *numbers, *whom])
    frame[numbers], frame[whom] = frame[numbers].astype(float), frame[whom].astype(object).fillna("")
    frame["n_scenarios"] = frame[[f"rank_{i}" for i in range(len(comparison.names))]].notna().sum(axis=1).astype(float)
    return frame


def _is_same_site(mine: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame) -> bool:
    alike = all(mine[name].iloc[0] == theirs[name].iloc[0] for name in ("candidate_id", "kind"))
    return alike and same_points(mine, theirs)


def same_points(mine: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame) -> bool:
    """Whether points stand at the same places, row by row, to within a metre."""
    there = theirs if mine.crs == theirs.crs else theirs.to_crs(mine.crs)
    return bool((mine.geometry.distance(there.geometry, align=False) <= WITHIN_M).all())


def difference(was: pd.Series, now: pd.Series) -> pd.Series:
    """Now - was; what is only rounding of the two sums is 0."""
    less = now - was
    return less.mask(less.abs() <= NOISE * np.maximum(was.abs(), now.abs()), 0.0)
