"""People as the scenario gives them: a table, points or a raster, what it assumes where figures are missing, and where people live.

`layers.settling` sets them on the ground. A new base of a quota is one line of `layers.tables.BASES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.fault_place import of_file, within
from layers.layer_sources import BASE_OF_TOTAL, PopulationSource
from layers.people_checks import tell_nobody, tell_parts, tell_points, tell_shares
from layers.population_rasters import read_population_rasters
from layers.problems import Findings
from layers.projection import Bounds
from layers.reading import Layer, Reading, read_layer, read_raster
from layers.saying import Word, say
from layers.sources.admission import ending_of
from layers.sources.asked import Geometry
from layers.tables import BASE_NAMES, BASES, KNOWN_BASES, UNITS, Column

LAYER = say("population")
SPREAD = within(LAYER, Word("spread", "分布（spread）"))
_TOTAL_IS_SAID = {"resident": Word("resident", "常住"), "registered": Word("registered", "户籍")}
_WEIGHT = Column("weight", "number", "权重", "weight", minimum=0.0)


@dataclass(frozen=True, eq=False)
class People:
    """The population layer as read, every base a column; `spread` is the layer of where people live, in its own system."""

    source: PopulationSource
    layer: Layer
    frame: pd.DataFrame
    bases: tuple[str, ...]
    assumptions: tuple[str, ...]
    spread: Layer | None


def read_people(source: PopulationSource, reading: Reading, near: Bounds | None) -> People | None:
    """The population and, when one is given, the layer to spread it by; None after telling their faults."""
    spread = _read_spread(source, reading, near)
    layer = _read_population(source, reading, near)
    if layer is None:
        return None
    bases = tuple(name for name in BASE_NAMES if name in layer.theirs)
    if not bases:
        remedy = say('Say what they are, e.g. columns = {{ pop_total = "..." }}. Bases: {bases}.', bases=KNOWN_BASES)
        reading.findings.error(layer.where, say("has no column of people; its columns: {columns}", columns=_names(layer)), remedy)
        return None
    if "pop_total" not in bases and layer.grid is None and source.join != "none":
        _tell_no_total(layer, bases, reading.findings)
    frame, assumptions = _with_assumed(layer, source, bases, reading.findings)
    bases = tuple(name for name in BASE_NAMES if name in bases or name in source.shares or name in source.same_people)
    tell_parts(frame, [b for b in bases if b in frame], layer, reading.findings)
    tell_nobody(layer, [b for b in bases if b in layer.theirs], reading.findings)
    if source.join != "unit_id" and layer.grid is None:
        tell_points(layer, [b for b in bases if b in layer.theirs], reading.findings)
    if source.join == "unit_id":
        tell_shares(layer, [b for b in bases if b in layer.theirs], reading.findings)
    return People(source, layer, frame, tuple(b for b in bases if b in frame), assumptions, spread)


def _tell_no_total(layer: Layer, bases: Sequence[str], findings: Findings) -> None:
    """Rules on all people have no data; a table that counts resident or registered people may say that those are all."""
    which = next((word for word, base in BASE_OF_TOTAL.items() if base in bases), None)
    if which is None:
        what = say(
            "has no column of all people (总人口, pop_total): rules on them have no data; its columns: {columns}", columns=_names(layer)
        )
        findings.warning(layer.where, what, say('If one of them is it, say so: columns = {{ pop_total = "..." }}.'))
        return
    theirs = layer.theirs[BASE_OF_TOTAL[which]]
    what = say("has {column}, but no column of all people (总人口, pop_total): rules on them have no data", column=theirs)
    remedy = say(
        'If those are all people, say so: columns = {{ pop_total = "{column}" }} and total_is = "{which}".', column=theirs, which=which
    )
    findings.note(layer.where, what, remedy)


def is_raster(path: str) -> bool:
    """Whether a file is a raster, by its name."""
    return ending_of(path) in (".tif", ".tiff")


def _names(layer: Layer) -> tuple[str, ...]:
    absent = {"geometry", "x", "y", *BASE_NAMES, "unit_id", "name"} - set(layer.theirs)
    return tuple(str(layer.theirs.get(name, name)) for name in layer.frame.columns if name not in absent)


def _read_population(source: PopulationSource, reading: Reading, near: Bounds | None) -> Layer | None:
    where = of_file(LAYER, source.path)
    if is_raster(source.path):
        return read_population_rasters(source, LAYER, reading, near)
    unit_id, name = (column for column in UNITS if column.name in ("unit_id", "name"))
    if source.rasters:
        reading.findings.error(within(where, "rasters"), say("has use only beside a raster"), say("Take it out, or give a raster as path."))
        return None
    joins_by_code = source.join == "unit_id"
    geometry: Geometry = "none" if joins_by_code else "point"
    return read_layer(
        source, LAYER, (unit_id, name, *BASES), geometry, reading, given=("name",) if joins_by_code else ("name", "unit_id"), near=near
    )


def _read_spread(source: PopulationSource, reading: Reading, near: Bounds | None) -> Layer | None:
    if source.spread is None:
        return None
    if source.join == "none":
        what = say('has no use with join = "none": the points are the demand')
        reading.findings.error(SPREAD, what, say("Take it out."))
        return None
    spread = source.spread
    if is_raster(spread.path):
        return read_raster(spread, SPREAD, "weight", reading, near)
    said = {**spread.columns, **({"weight": spread.weight} if spread.weight else {})}
    is_osm = ending_of(spread.path) in (".osm", ".pbf", ".osm.pbf")
    layer = read_layer(
        spread.model_copy(update={"columns": said}),
        SPREAD,
        (_WEIGHT,) if "weight" in said else (),
        "polygon" if is_osm else "any",
        reading,
        near=near,
    )
    if layer is None or "weight" not in layer.theirs:
        return layer
    rows = [row for row in layer.frame.index[layer.frame["weight"].isna()] if row not in layer.unread.get("weight", ())]
    if rows:
        what = say("{n} row(s) have no {column}", n=len(rows), column=spread.weight or "weight")
        reading.findings.error(layer.where, what, say("Fill in the cells; 0 for places where nobody lives."), rows)
    return layer


def _with_assumed(layer: Layer, source: PopulationSource, bases: Sequence[str], findings: Findings) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table with the bases that the scenario assumes: shares of pop_total where there is no figure, and what pop_total counts."""
    frame, told = layer.frame, []
    for base, share in source.shares.items():
        if base not in BASE_NAMES or not 0 <= share <= 1 or "pop_total" not in bases:
            what = say("{base} = {share} cannot be used", base=base, share=share)
            remedy = say("Give a base ({bases}), a share from 0 to 1 and a column pop_total.", bases=KNOWN_BASES)
            findings.error(within(layer.where, "shares"), what, remedy)
            continue
        had = frame[base] if base in bases else pd.Series(np.nan, index=frame.index)
        frame = frame.assign(**{base: had.fillna(frame["pop_total"] * share)})
        made = {"base": base, "share": share, "file": source.path}
        n, n_all = int(had.isna().sum()), len(had)
        told.append(
            say("{base} = {share:g} x pop_total ({file})", **made)
            if n == n_all
            else say("{base} = {share:g} x pop_total in {n} of {n_all} rows, where there is no figure ({file})", **made, n=n, n_all=n_all)
        )
    copied = BASE_OF_TOTAL.get(source.total_is, "")
    if copied and "pop_total" not in bases:
        findings.error(
            within(layer.where, "total_is"), say("there is no column pop_total"), say("Name it under `columns`, or take this out.")
        )
    elif copied and copied not in bases:
        frame = frame.assign(**{copied: frame["pop_total"]})
        told.append(
            say(
                "pop_total of {file} counts {which} people ({column})",
                file=source.path,
                which=_TOTAL_IS_SAID[source.total_is],
                column=copied,
            )
        )
    return frame.drop(columns=[name for name in BASE_NAMES if name in frame and frame[name].isna().all() and name not in bases]), tuple(
        told
    )
