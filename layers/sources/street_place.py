"""Streets of a place name, downloaded from OpenStreetMap: the only source here that uses a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS, Transformer

from layers.fault_place import of_file
from layers.problems import Findings, LayerFaultsError, Problem
from layers.saying import Said, say
from layers.sources.street_download import SHOWN_FOLDER, NoStreetsError, Patience, download, kept_answers
from layers.sources.walkable import is_walkable, walking_direction
from layers.street_building import Chains, network_from_chains
from layers.streets import StreetNetwork

_REMEDY = say("Try again later, or download an extract (.osm.pbf) and give its `path`.")


def read_place_streets(
    place: str,
    crs: CRS,
    findings: Findings,
    *,
    tell: Callable[[str], None],
    folder: Path | None = None,
    patience: Patience = Patience(),  # noqa: B008  frozen
) -> StreetNetwork:
    """The streets of a place that can be walked, by the same rules as those of an OSM file; answers are kept in `folder`, else in the user's."""
    folder = folder or kept_answers()
    try:
        graph = download(place, tell, folder, patience)
    except NoStreetsError as fault:
        raise _fault(place, fault.reason) from fault
    later = (
        say("a later run may differ")
        if folder is None
        else say("the answers are kept in {folder} and used again: delete it to have newer ones", folder=SHOWN_FOLDER)
    )
    what = say("downloaded from OpenStreetMap (ODbL 1.0, © OpenStreetMap contributors); {later}", later=later)
    findings.note(of_file(say("streets"), place), what)
    return _network(graph, place, crs)


def _network(graph: Any, place: str, crs: CRS) -> StreetNetwork:  # noqa: ANN401  networkx is not typed
    """The graph of osmnx, in which every step between two OSM nodes is an edge, as a network."""
    steps = [(u, v, tags) for u, v, tags in graph.edges(data=True) if not tags.get("reversed") and is_walkable(tags)]
    if not steps:
        raise _fault(place, say("no street there can be walked"))
    directions = np.asarray([walking_direction(tags) for _, _, tags in steps], np.int8)
    ends = np.asarray([(u, v) for u, v, _ in steps], np.int64)
    ends[directions < 0] = ends[directions < 0, ::-1]
    ids, vertex = np.unique(ends, return_inverse=True)
    lon_lat = np.asarray([(graph.nodes[number]["x"], graph.nodes[number]["y"]) for number in ids.tolist()], float)
    xy_m = np.column_stack(Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*lon_lat.T))
    names, codes = np.unique([tags["highway"] for _, _, tags in steps], return_inverse=True)
    return network_from_chains(
        Chains(
            xy_m=xy_m,
            vertex=vertex.reshape(-1).astype(np.int64),
            start=np.arange(len(steps) + 1, dtype=np.int64) * 2,
            street_class=codes.astype(np.int16),
            oneway=np.abs(directions),
            class_names=tuple(str(name) for name in names),
        )
    )


def _fault(place: str, what: Said) -> LayerFaultsError:
    return LayerFaultsError([Problem("error", of_file(say("streets"), place), what, _REMEDY)])
