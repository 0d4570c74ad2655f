"""Streets of a place name, looked up by osmnx (Nominatim and Overpass): the only source here that uses a network.

osmnx is driven through its public settings. Three of its habits are kept off: files written to the working folder, retries without end
(a deadline bounds them), and a partial answer of a server out of time that is only logged (the log is read, and it is a fault).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import numpy as np
from pyproj import CRS, Transformer

from layers.problems import Findings, LayerFaultsError, Problem, of_file
from layers.saying import Said, say
from layers.sources.walkable import WALK_TAGS, is_walkable, walking_direction
from layers.street_building import Chains, network_from_chains
from layers.streets import StreetNetwork

REQUEST_SECONDS = 60
"""Longest wait for one answer of a server."""
PLACE_SECONDS = 240.0
"""Longest wait for all answers."""
_LOG_NAME = "quarterhour.osmnx"
_REMEDY = say("Try again later, or download an extract (.osm.pbf) and give its `path`.")


class _Remarks(logging.Handler):
    """Keeps the remarks of the servers that osmnx only logs."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text of a warning."""
        self.texts.append(record.getMessage())


def read_place_streets(place: str, crs: CRS, findings: Findings) -> StreetNetwork:
    """The streets of a place that can be walked, by the same rules as those of an OSM file."""
    graph, remarks = _download(place)
    cut_short = [text for text in remarks if "remarked" in text]
    if cut_short:
        raise _fault(place, say("the server sent only a part: {reason}", reason=cut_short[0]))
    what = say("downloaded from OpenStreetMap (ODbL 1.0, © OpenStreetMap contributors); a later run may differ")
    findings.note(of_file(say("streets"), place), what)
    return _network(graph, place, crs)


def _download(place: str) -> tuple[Any, list[str]]:
    """The unsimplified graph of all streets, and what the servers remarked."""
    answer: Future[Any] = Future()
    remarks = _Remarks()
    thread = threading.Thread(target=_ask, args=(place, answer, remarks), daemon=True)
    thread.start()
    try:
        return answer.result(timeout=PLACE_SECONDS), remarks.texts
    except TimeoutError as fault:
        raise _fault(place, say("no complete answer within {seconds:.0f} s", seconds=PLACE_SECONDS)) from fault
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as fault:
        raise _fault(place, say("cannot be looked up: {reason}", reason=str(fault))) from fault


def _ask(place: str, answer: Future[Any], remarks: _Remarks) -> None:
    import osmnx  # noqa: PLC0415  slow to import, and used by nothing else

    try:
        with _settings(osmnx.settings, remarks):
            graph = osmnx.graph_from_place(
                place, network_type="walk", simplify=False, retain_all=True, truncate_by_edge=True, custom_filter='["highway"]'
            )
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as fault:
        answer.set_exception(fault)
    else:
        answer.set_result(graph)


@contextmanager
def _settings(settings: Any, remarks: _Remarks) -> Iterator[None]:  # noqa: ANN401  a module, used as a record
    """The settings of osmnx as we need them, put back afterwards."""
    ours = {
        "requests_timeout": REQUEST_SECONDS,
        "use_cache": False,
        "log_file": True,
        "log_name": _LOG_NAME,
        "useful_tags_way": [*WALK_TAGS],
    }
    before = {name: getattr(settings, name) for name in ours}
    logger = logging.getLogger(_LOG_NAME)
    logger.addHandler(remarks)  # osmnx opens no log file where a handler is there already
    logger.propagate = False
    try:
        for name, value in ours.items():
            setattr(settings, name, value)
        yield
    finally:
        logger.removeHandler(remarks)
        for name, value in before.items():
            setattr(settings, name, value)


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
