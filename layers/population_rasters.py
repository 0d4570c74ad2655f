"""People given as rasters: one raster of counts, and further ones on the same grid beside it."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from pathlib import PurePath

import pandas as pd

from layers.fault_place import of_file, within
from layers.layer_sources import PopulationSource
from layers.problems import SHOWN_ROWS, Findings, did_you_mean
from layers.projection import Bounds
from layers.reading import Layer, Reading, read_raster
from layers.saying import Said, say
from layers.tables import BASE_NAMES, KNOWN_BASES


def read_population_rasters(source: PopulationSource, layer: Said, reading: Reading, near: Bounds | None) -> Layer | None:
    """The cells of a raster with those of further rasters beside them, a column for each base; None after telling their faults."""
    where = of_file(layer, source.path)
    if source.join == "unit_id":
        remedy = say('Say join = "none" (the cells are the demand).')
        reading.findings.error(where, say("is a raster; its cells have no unit codes"), remedy)
        return None
    rasters = [(source.path, source.base), *((more.path, more.base) for more in source.rasters)]
    if not _are_named_well(rasters, where, reading.findings):
        return None
    read = [read_raster(source.model_copy(update={"path": path}), layer, base, reading, near) for path, base in rasters]
    joined = read[0]
    for more, (_, base) in zip(read[1:], rasters[1:], strict=True):
        joined = _beside(joined, more, base, reading.findings) if joined is not None and more is not None else None
    return joined


def _are_named_well(rasters: list[tuple[str, str]], where: Said, findings: Findings) -> bool:
    """Whether every raster counts a base that there is, and none is named twice."""
    unknown = [base for _, base in rasters if base not in BASE_NAMES]
    for base in unknown:
        remedy = did_you_mean(get_close_matches(base, BASE_NAMES, n=1), say("Bases: {bases}.", bases=KNOWN_BASES))
        findings.error(within(where, "base"), say("`{word}` is no base", word=base), remedy)
    twice = [path for path, n in Counter(str(PurePath(path)) for path, _ in rasters).items() if n > 1]
    if twice and not unknown:
        what = say("the raster(s) {paths} are named twice; their people would count twice", paths=twice)
        findings.error(within(where, "rasters"), what, say("Name each once."))
    return not unknown and not twice


def _beside(first: Layer, other: Layer, base: str, findings: Findings) -> Layer | None:
    """The cells of both rasters; those of a base that is there already add up, and are unknown where either is."""
    if first.grid is None or other.grid is None or not first.grid.is_beside(other.grid):
        what = say("its cells are not those of {first}", first=first.where)
        findings.error(other.where, what, say("Warp it to the same grid with `sum` resampling."))
        return None
    frame, more = first.frame, other.frame[base]
    if not frame.index.equals(more.index):
        alone = frame.index.symmetric_difference(more.index)
        what = say(
            "{n} cell(s) have data here or in {first} only; there the missing figure is no data, not 0 people",
            n=len(alone),
            first=first.where,
        )
        findings.warning(other.where, what, say("Fill in 0 where nobody lives."), other.names_of(alone[:SHOWN_ROWS]), len(alone))
        every = frame.index.union(more.index).sort_values()
        frame, more = frame.reindex(every), more.reindex(every)
    counts: pd.DataFrame = frame.assign(**{base: frame[base] + more if base in first.theirs else more})
    return Layer(first.where, counts, {**first.theirs, base: other.theirs[base]}, is_osm=False, grid=first.grid)
