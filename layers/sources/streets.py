"""The streets of a scenario, from whichever source it names: an OSM extract, a line layer, or a place name looked up by osmnx.

A new kind of source is a reader here that ends in `layers.street_building`, where lines become a network. Faults go to `Findings`;
beside an error stands an empty network, which the next door keeps from being used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layers.columns import name_columns
from layers.fault_place import of_file, within
from layers.layer_sources import StreetSource
from layers.problems import Findings, LayerFaultsError
from layers.projection import to_metric
from layers.saying import say
from layers.sources.asked import Asked
from layers.sources.database import is_database
from layers.sources.database_reading import read_database
from layers.sources.osm import read_osm_streets
from layers.sources.street_place import read_place_streets
from layers.sources.vector import read_vector
from layers.sources.walkable import KNOWN, WALK_TAGS, highways_of, is_walkable
from layers.street_building import no_streets, streets_from_lines
from layers.streets import StreetNetwork
from layers.tables import Column

STREET_CLASS = Column("class", "text", "类型", "class of street", aliases=("highway", "fclass", "类型"))
"""The column of a line layer that says what kind of street a line is; OSM words are understood (`layers.sources.walkable`)."""

NAMED_CLASSES = 8
"""unknown classes that are named"""

ONEWAY = {
    **dict.fromkeys(("", "0", "no", "false", "b", "否", "双向"), 0),
    **dict.fromkeys(("1", "yes", "true", "f", "是", "单向"), 1),
    **dict.fromkeys(("-1", "reverse", "t"), -1),
}
"""What a cell of a one-way column says: 1 only along the line, -1 only against it. B, F, T: both, from, to (Geofabrik's shapefiles)."""


def read_streets(
    source: StreetSource, path: Path | None, crs: CRS, findings: Findings, tell: Callable[[str], None] = lambda _: None
) -> StreetNetwork:
    """The street network in `crs`; how far it hangs together is told as a note.

    `path` is the file of the source, None for a place name; `tell` hears of waits for a server. In a line layer, one-way is only read from the column that the scenario
    names (`columns = { oneway = ... }`): in most files it binds vehicles, not people.
    """
    try:
        streets = _read(source, path, crs, findings, tell)
    except LayerFaultsError as fault:  # of an OSM file or of a place name
        findings.problems.extend(replace(problem, where=_where(source)) for problem in fault.problems)
        return no_streets()
    if streets.n_edges:
        n, share = component_share(streets)
        parts = say("in one piece")
        if n > 1:
            parts = say("in {n} pieces that are not joined; the largest holds {percent:.1f} % of the length", n=n, percent=100 * share)
        km = float(streets.edge_length_m.sum()) / 1000
        what = say("{km:,.1f} km of streets, {n:,} junctions, {parts}", km=km, n=streets.n_nodes, parts=parts)
        findings.note(_where(source), what)
    return streets


def _read(source: StreetSource, path: Path | None, crs: CRS, findings: Findings, tell: Callable[[str], None]) -> StreetNetwork:
    if path is None:
        return read_place_streets(source.place, crs, findings, tell=tell)
    if path.name.lower().endswith((".pbf", ".osm")):
        return read_osm_streets(path, crs, findings)
    return _read_lines(source, path, crs, findings)


def _read_lines(source: StreetSource, path: Path, crs: CRS, findings: Findings) -> StreetNetwork:
    where = _where(source)
    read = read_database if is_database(source.path) else read_vector
    frame = read(path, source, Asked(where, "any"), findings)
    if not isinstance(frame, gpd.GeoDataFrame):
        return no_streets()
    named = name_columns(frame, (STREET_CLASS,), source.columns, where, findings).frame
    lines = _walkable(_only_lines(named, where, findings), where, findings)
    if not len(lines):
        findings.error(where, say("no streets: no line in it can be walked"), say("Give a layer of lines."))
        return no_streets()
    class_column = "class" if "class" in lines else None
    oneway_column = "oneway" if "oneway" in source.columns and "oneway" in lines else None
    if oneway_column:
        lines = lines.assign(oneway=_oneway(lines["oneway"], where, findings))
    moved = to_metric(lines, crs, where, findings)
    if moved is None:
        return no_streets()
    streets = streets_from_lines(moved, class_column=class_column, oneway_column=oneway_column)
    n_crossings = unjoined_crossings(streets)
    if n_crossings:
        what = say("{n} pair(s) of streets cross or touch without a common vertex and are not joined there", n=n_crossings)
        findings.note(where, what, say("Right for bridges; else give the lines a vertex there."), count=n_crossings)
    return streets


def _only_lines(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> gpd.GeoDataFrame:
    is_line = frame.geom_type.isin(["LineString", "LinearRing", "MultiLineString"]).to_numpy() & ~frame.is_empty.to_numpy()
    other = list(frame.index[~is_line].astype(str))
    if other:
        what = say("{n} row(s) are no lines and are left out", n=len(other))
        findings.warning(where, what, say("Right for points and areas; else draw them as lines."), other)
    return _with_length(frame[is_line], where, findings)


def _with_length(lines: gpd.GeoDataFrame, where: str, findings: Findings) -> gpd.GeoDataFrame:
    """The lines that lead somewhere: those with a coordinate that is no number, and those without length, are left out and told."""
    geometry = lines.geometry.to_numpy()
    xy, row = shapely.get_coordinates(geometry, return_index=True)
    broken = np.zeros(len(lines), dtype=np.bool_)
    broken[row[~np.isfinite(xy).all(axis=1)]] = True
    still = np.zeros(len(lines), dtype=np.bool_)
    still[~broken] = shapely.length(geometry[~broken]) == 0
    remedy = say("Draw them again, or delete them.")
    for bad, why in ((broken, say("have a coordinate that is no number")), (still, say("have no length"))):
        if bad.any():
            rows = list(lines.index[bad].astype(str))
            findings.warning(where, say("{n} line(s) {why} and are left out", n=len(rows), why=why), remedy, rows)
    return lines[~broken & ~still]


def _walkable(lines: gpd.GeoDataFrame, where: str, findings: Findings) -> gpd.GeoDataFrame:
    """The lines whose class and whose columns named like OSM tags let people walk; those without a class are kept.

    A line of several classes ("motorway;primary") is walked only where each of them is.
    """
    if "class" not in lines:
        return lines
    highways = {text: highways_of(text) for text in lines["class"].unique()}
    strange = sorted(text for text, words in highways.items() if not KNOWN.issuperset(words))
    if strange:
        n = int(lines["class"].isin(strange).sum())
        what = say("{n} line(s) are of a class that is not known, and count as walked: {classes}", n=n, classes=strange[:NAMED_CLASSES])
        findings.warning(where, what, say("Take out those that nobody can walk, or write them in OSM's words (motorway ...)."), count=n)
    tags = lines[[tag for tag in WALK_TAGS if tag in lines and tag != "highway"]]
    left_out = np.zeros(len(lines), np.bool_)
    for at, (text, cells) in enumerate(zip(lines["class"], tags.itertuples(index=False), strict=True)):
        row = dict(zip(tags.columns, cells, strict=True))
        left_out[at] = not all(is_walkable({**row, "highway": word}) for word in highways[text])
    if left_out.any():
        n = int(left_out.sum())
        by_class = [f"{name} {count}" for name, count in sorted(Counter[str](lines["class"][left_out]).items())]
        what = say("{n} line(s) that cannot be walked are left out ({classes})", n=n, classes=by_class)
        findings.note(where, what, say("Where people do walk there, a column foot = yes keeps them."), count=n)
    return lines[~left_out]


def _oneway(cells: pd.Series, where: str, findings: Findings) -> NDArray[np.int8]:
    values = cells.str.strip().str.lower().map(ONEWAY)
    odd = [f"{row}: {cell}" for row, cell in cells[values.isna()].items()]
    if odd:
        what = say("{n} cell(s) say neither both ways nor one way", n=len(odd))
        findings.error(within(where, "oneway"), what, say("Write one of {words}.", words=[word for word in ONEWAY if word]), odd)
    return np.asarray(values.fillna(0), np.int8)


def component_share(streets: StreetNetwork) -> tuple[int, float]:
    """Number of pieces of the network that are not joined, and the share of the street length in the longest (0 to 1)."""
    links = coo_array((np.ones(streets.n_edges, np.int8), (streets.edge_from, streets.edge_to)), shape=(streets.n_nodes,) * 2)
    n_pieces, piece = connected_components(links, directed=False)
    length_m = np.bincount(piece[streets.edge_from], weights=streets.edge_length_m)
    return int(n_pieces), float(length_m.max() / length_m.sum())


def unjoined_crossings(streets: StreetNetwork) -> int:
    """Number of pairs of edges that cross, or touch, without a junction: bridges and underpasses, or faults of the drawing."""
    lines = streets.lines()
    left, right = shapely.STRtree(lines).query(lines, predicate="intersects")
    left, right = left[left < right], right[left < right]
    ends = np.column_stack([streets.edge_from, streets.edge_to])
    share_end = (ends[left][:, :, None] == ends[right][:, None, :]).any(axis=(1, 2))
    n_without_junction = int((~share_end).sum())
    return n_without_junction + int(shapely.crosses(lines[left[share_end]], lines[right[share_end]]).sum())


def _where(source: StreetSource) -> str:
    return of_file(say("streets"), source.path or source.place or "")
