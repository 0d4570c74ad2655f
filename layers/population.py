"""People as the scenario gives them: a table, points or a raster, what it assumes where figures are missing, and where people live.

`layers.settling` sets them on the ground. A new base of a quota is one line of `layers.tables.BASES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.layer_sources import PopulationSource
from layers.people_checks import tell_parts, tell_points, tell_shares
from layers.problems import Findings, did_you_mean, of_file, within
from layers.projection import Bounds
from layers.reading import Layer, Reading, read_layer
from layers.saying import Word, say
from layers.sources.admission import ending_of
from layers.sources.asked import Geometry
from layers.sources.raster import VALUE
from layers.tables import BASE_NAMES, BASES, UNITS, Column

LAYER = say("population")
SPREAD = within(LAYER, Word("spread", "分布（spread）"))
_TOTAL_IS = {"resident": "pop_resident", "registered": "pop_hukou"}
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


_ALL_PEOPLE = {"pop_total", "pop_resident", "pop_hukou"}
"""a table of people that has none of these is likely to call it by a name that is not known here"""


def read_people(source: PopulationSource, reading: Reading, near: Bounds | None) -> People | None:
    """The population and, when one is given, the layer to spread it by; None after telling their faults."""
    spread = _read_spread(source, reading, near)
    layer = _read_population(source, reading, near)
    if layer is None:
        return None
    bases = tuple(name for name in BASE_NAMES if name in layer.theirs)
    if not bases:
        remedy = say('Say what they are, e.g. columns = {{ pop_total = "..." }}. Bases: {bases}.', bases=BASE_NAMES)
        reading.findings.error(layer.where, say("has no column of people; its columns: {columns}", columns=_names(layer)), remedy)
        return None
    if not _ALL_PEOPLE & set(bases) and source.join != "none":
        what = say(
            "has no column of all people (总人口, pop_total): rules on them have no data; its columns: {columns}", columns=_names(layer)
        )
        reading.findings.warning(layer.where, what, say('If one of them is it, say so: columns = {{ pop_total = "..." }}.'))
    frame, assumptions = _with_assumed(layer, source, bases, reading.findings)
    bases = tuple(name for name in BASE_NAMES if name in bases or name in source.shares or name == _TOTAL_IS.get(source.total_is))
    tell_parts(frame, [b for b in bases if b in frame], layer.where, reading.findings)
    if source.join != "unit_id" and ending_of(source.path) not in (".tif", ".tiff"):
        tell_points(layer, [b for b in bases if b in layer.theirs], reading.findings)
    if source.join == "unit_id":
        tell_shares(layer, [b for b in bases if b in layer.theirs], reading.findings)
    return People(source, layer, frame, tuple(b for b in bases if b in frame), assumptions, spread)


def _names(layer: Layer) -> tuple[str, ...]:
    absent = {"geometry", "x", "y", *BASE_NAMES, "unit_id", "name"} - set(layer.theirs)
    return tuple(str(layer.theirs.get(name, name)) for name in layer.frame.columns if name not in absent)


def _read_population(source: PopulationSource, reading: Reading, near: Bounds | None) -> Layer | None:
    where = of_file(LAYER, source.path)
    if ending_of(source.path) in (".tif", ".tiff"):
        return _read_rasters(source, reading, near)
    unit_id, name = (column for column in UNITS if column.name in ("unit_id", "name"))
    if source.rasters:
        reading.findings.error(within(where, "rasters"), say("has use only beside a raster"), say("Take it out, or give a raster as path."))
        return None
    joins_by_code = source.join == "unit_id"
    geometry: Geometry = "none" if joins_by_code else "point"
    return read_layer(
        source, LAYER, (unit_id, name, *BASES), geometry, reading, given=("name",) if joins_by_code else ("name", "unit_id"), near=near
    )


def _read_rasters(source: PopulationSource, reading: Reading, near: Bounds | None) -> Layer | None:
    """The cells of a raster, with those of further rasters beside them."""
    where = of_file(LAYER, source.path)
    if source.join == "unit_id":
        remedy = say('Say join = "none" (the cells are the demand).')
        reading.findings.error(where, say("is a raster; its cells have no unit codes"), remedy)
        return None
    unknown = [base for base in (source.base, *(more.base for more in source.rasters)) if base not in BASE_NAMES]
    for base in unknown:
        remedy = did_you_mean(get_close_matches(base, BASE_NAMES, n=1), say("Bases: {bases}.", bases=BASE_NAMES))
        reading.findings.error(within(where, "base"), say("`{word}` is no base", word=base), remedy)
    if unknown:
        return None
    rasters = [(source.path, source.base), *((more.path, more.base) for more in source.rasters)]
    twice = [path for path, n in Counter(str(PurePath(path)) for path, _ in rasters).items() if n > 1]
    if twice:
        what = say("the raster(s) {paths} are named twice; their people would count twice", paths=twice)
        reading.findings.error(within(where, "rasters"), what, say("Name each once."))
        return None
    layers = [_read_raster(source.model_copy(update={"path": path}), base, reading, near) for path, base in rasters]
    read = [layer for layer in layers if layer is not None]
    if len(read) < len(layers):
        return None
    first = read[0]
    for layer, (_, base) in zip(read[1:], rasters[1:], strict=True):
        joined = _beside(first, layer, base, reading.findings)
        if joined is None:
            return None
        first = joined
    return first


def _read_raster(source: PopulationSource, base: str, reading: Reading, near: Bounds | None) -> Layer | None:
    columns = tuple(column for column in (*UNITS, *BASES) if column.name in ("unit_id", "name", base))
    said = source.model_copy(update={"columns": {base: VALUE}})
    return read_layer(said, LAYER, columns, "point", reading, given=("name", "unit_id"), near=near)


def _beside(first: Layer, other: Layer, base: str, findings: Findings) -> Layer | None:
    """The cells of both rasters; those of a base that is there already add up, and are unknown where either is."""
    if not isinstance(first.frame, gpd.GeoDataFrame) or not isinstance(other.frame, gpd.GeoDataFrame):
        return None
    both = first.frame.index.intersection(other.frame.index)
    same = first.frame.crs == other.frame.crs and len(both) > 0
    if not same or not first.frame.geometry.loc[both].geom_equals_exact(other.frame.geometry.loc[both], tolerance=1e-9).all():
        what = say("its cells are not those of {first}", first=first.where)
        findings.error(other.where, what, say("Warp it to the same grid with `sum` resampling."))
        return None
    alone = first.frame.index.symmetric_difference(other.frame.index)
    if len(alone):
        what = say(
            "{n} cell(s) have data here or in {first} only; there the missing figure is no data, not 0 people",
            n=len(alone),
            first=first.where,
        )
        findings.warning(other.where, what, say("Fill in 0 where nobody lives."), list(alone))
    every = first.frame.index.union(other.frame.index, sort=False)
    place = first.frame.geometry.reindex(every).combine_first(other.frame.geometry.reindex(every))
    counts, more = first.frame.drop(columns="geometry").reindex(every), other.frame[base].reindex(every)
    counts[base] = counts[base] + more if base in first.theirs else more
    texts = [name for name in ("unit_id", "name") if name in counts]
    counts[texts] = counts[texts].fillna("")
    frame = gpd.GeoDataFrame(counts, geometry=gpd.GeoSeries(place, index=every, crs=first.frame.crs))
    return Layer(first.where, frame, {**first.theirs, base: VALUE}, first.is_osm)


def _read_spread(source: PopulationSource, reading: Reading, near: Bounds | None) -> Layer | None:
    if source.spread is None:
        return None
    if source.join == "none":
        what = say('has no use with join = "none": the points are the demand')
        reading.findings.error(SPREAD, what, say("Take it out."))
        return None
    spread = source.spread
    is_raster = ending_of(spread.path) in (".tif", ".tiff")
    said = {**spread.columns, **({"weight": VALUE} if is_raster else {"weight": spread.weight} if spread.weight else {})}
    is_osm = ending_of(spread.path) in (".osm", ".pbf", ".osm.pbf")
    layer = read_layer(
        spread.model_copy(update={"columns": said}),
        SPREAD,
        (_WEIGHT,) if "weight" in said else (),
        "polygon" if is_osm else "any",
        reading,
        near=near,
    )
    if layer is not None and "weight" in layer.theirs and layer.frame["weight"].isna().any():
        rows = list(layer.frame.index[layer.frame["weight"].isna()])
        what = say("{n} row(s) have no {column}", n=len(rows), column=spread.weight or "weight")
        reading.findings.error(layer.where, what, say("Fill in the cells; 0 for places where nobody lives."), rows)
    return layer


def _with_assumed(layer: Layer, source: PopulationSource, bases: Sequence[str], findings: Findings) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table with the bases that the scenario assumes: shares of pop_total where there is no figure, and what pop_total counts."""
    frame, told = layer.frame, []
    for base, share in source.shares.items():
        if base not in BASE_NAMES or not 0 <= share <= 1 or "pop_total" not in bases:
            what = say("{base} = {share} cannot be used", base=base, share=share)
            remedy = say("Give a base ({bases}), a share from 0 to 1 and a column pop_total.", bases=BASE_NAMES)
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
    copied = _TOTAL_IS.get(source.total_is, "")
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
