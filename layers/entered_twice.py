"""Facilities that may stand in the lists twice: their land and beds would count twice, which no sum shows.

Asked of those of one kind and status: by name and place, by the number of the licence, by figures nearby.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.problems import Findings
from layers.saying import Said, say
from layers.tables import QUANTITY_NAMES

NEAR_M = 100.0
"""Two facilities less far from each other, with all figures alike, may be one."""
FEW_FIGURES, ENOUGH_FIGURES = 2, 3
"""So few of them (above 0) are a sign only where one name holds the other: homes in one house often have the same beds."""
LICENCE_HEADINGS = ("许可证号", "许可证编号", "设立许可证号", "备案编号", "备案号")
"""Columns that hold the number of one establishment; that of the body that runs it (统一社会信用代码) stands for several."""
LICENCE_DIGITS = 4
"""What has fewer digits is no number of a licence: 已备案."""


def tell_entered_twice(facilities: gpd.GeoDataFrame, findings: Findings) -> None:
    """Warn of facilities that look like another one under an id of its own, each pair by the first sign of it."""
    frame = facilities.reset_index(drop=True)
    told: set[tuple[int, int]] = set()
    licences = [name for name in LICENCE_HEADINGS if name in frame.columns]
    signs = [
        (say("have one name, kind and place"), _by_name(frame)),
        *((say("of one kind have the same {column}", column=name), _by_licence(frame, name)) for name in licences),
        (say("of one kind have the same figures and stand less than {m:g} m apart", m=NEAR_M), _by_figures(frame)),
    ]
    for sign, found in signs:
        pairs = sorted(set(found) - told)
        told.update(pairs)
        if pairs:
            what = say("{n} pair(s) {sign}: entered twice?", n=len(pairs), sign=sign)
            remedy = say("If so, delete one of them; it counts twice.")
            findings.warning(say("facilities"), what, remedy, [_called(frame, *pair) for pair in pairs])


def _by_name(frame: gpd.GeoDataFrame) -> Iterator[tuple[int, int]]:
    """Those of one name within about a metre of each other."""
    same = frame[["kind", "status", "name"]].assign(x=frame.geometry.x.round(), y=frame.geometry.y.round())
    return _alike(same[frame["name"] != ""])


def _by_licence(frame: gpd.GeoDataFrame, column: str) -> Iterator[tuple[int, int]]:
    number = frame[column].fillna("").astype(str).str.strip()
    return _alike(frame[["kind", "status"]].assign(number=number)[number.str.count(r"\d") >= LICENCE_DIGITS])


def _by_figures(frame: gpd.GeoDataFrame) -> Iterator[tuple[int, int]]:
    figures = frame[[name for name in QUANTITY_NAMES if name in frame.columns]]
    same, n_figures, name = pd.concat([frame[["kind", "status"]], figures.fillna(-1.0)], axis=1), (figures > 0).sum(axis=1), frame["name"]
    for rows in _groups(same[n_figures >= FEW_FIGURES]):
        points = frame.geometry.iloc[rows].to_numpy()
        first, second = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR_M)
        for a, b in ((rows[i], rows[j]) for i, j in zip(first, second, strict=True) if i < j):
            if n_figures[a] >= ENOUGH_FIGURES or name[a] in name[b] or name[b] in name[a]:
                yield a, b


def _alike(keys: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Each row with the next one that is like it in all columns."""
    for rows in _groups(keys):
        yield from pairwise(rows)


def _groups(keys: pd.DataFrame) -> Iterator[list[int]]:
    """Rows that are alike in all columns, two and more."""
    groups = keys.groupby(list(keys.columns), sort=False).indices.values()
    yield from (keys.index[np.sort(at)].tolist() for at in groups if len(at) > 1)


def _called(frame: pd.DataFrame, first: int, second: int) -> Said:
    """A pair as messages name it."""
    ids, names = frame["facility_id"], frame["name"]
    return say("{first} and {second}", first=f"{ids[first]} {names[first]}".strip(), second=f"{ids[second]} {names[second]}".strip())
