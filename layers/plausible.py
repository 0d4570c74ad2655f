"""What figures are usual, in one table: what is beyond is told with its rows and used as it stands; what is beyond all bounds is a fault.

A figure out of its range is mostly one in another unit (万元 taken for 元) or of another column. A further range is one row of `USUAL`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from layers.problems import Findings
from layers.saying import Said, say
from layers.tables import BASE_NAMES, BASES, CANDIDATES, QUANTITIES, column_name, unit_name

IMPOSSIBLE: Mapping[str, float] = {"people": 2e9, "households": 2e9, "beds": 1e5, "places": 1e5, "m2": 1e8, "yuan": 1e12}
"""Unit -> more than this is in no place or facility on earth: mostly a telephone number, or a code in the wrong column. A fault (`checks`)."""

_CHECK = say("Check the figures, and the unit in the heading; they are used as they stand.")
_IN_WAN = say("Are they in 10,000 yuan? Then say so in the heading, 投资（万元）; they are used as they stand.")


@dataclass(frozen=True)
class Usual:
    """The usual figures of a column, both ends included; 0 and no data are never told."""

    most: float
    least: float = 0.0
    remedy: Said = _CHECK


_OF_SITES = {column.name: Usual(most=1e6 if column.unit == "m2" else 10_000) for column in QUANTITIES}

USUAL: Mapping[str, Mapping[str, Usual]] = {
    "facilities": _OF_SITES,
    "candidates": {**_OF_SITES, "cost_yuan": Usual(least=10_000, most=1e10, remedy=_IN_WAN)},
    "residential": {"households": Usual(most=100_000), "pop_total": Usual(most=300_000)},
    "village": dict.fromkeys(BASE_NAMES, Usual(most=1e6)),
    "township": dict.fromkeys(BASE_NAMES, Usual(most=3e6)),
    "county": dict.fromkeys(BASE_NAMES, Usual(most=1.5e7)),
}
"""Layer, or level of the finest units -> column -> what is usual there. The largest townships of China have about 2 million people."""

_LAYERS = {
    "facilities": (say("facilities"), "facility_id"),
    "candidates": (say("candidates"), "candidate_id"),
    "residential": (say("residential"), "residential_id"),
}
_OF_UNITS = (say("population"), "unit_id")
_UNIT_OF = {column.name: column.unit for column in (*BASES, *QUANTITIES, *CANDIDATES)}


def tell_unusual(layer: str, frame: pd.DataFrame, findings: Findings) -> None:
    """A warning for each column with figures beyond what `USUAL` says of a layer, or of units of a level; rows by id and name."""
    where, key = _LAYERS.get(layer, _OF_UNITS)
    for name, usual in USUAL.get(layer, {}).items():
        if name not in frame.columns:
            continue
        values = frame[name].astype(float)
        high, low = frame[values > usual.most], frame[(values > 0) & (values < usual.least)]
        said = {"column": column_name(name), "unit": unit_name(_UNIT_OF[name])}
        if len(high):
            what = say("{column} is above {limit:,.0f} {unit} in {n} row(s), far more than usual", n=len(high), limit=usual.most, **said)
            findings.warning(where, what, usual.remedy, _rows(high, key, name))
        if len(low):
            what = say("{column} is below {limit:,.0f} {unit} in {n} row(s), far less than usual", n=len(low), limit=usual.least, **said)
            findings.warning(where, what, usual.remedy, _rows(low, key, name))


def _rows(frame: pd.DataFrame, key: str, name: str) -> list[str]:
    """`431281100001 东风村: 1300000`."""
    names = frame["name"] if "name" in frame.columns else [""] * len(frame)
    return [f"{f'{id_} {called}'.strip()}: {value:.12g}" for id_, called, value in zip(frame[key], names, frame[name], strict=True)]
