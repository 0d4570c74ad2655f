"""Towns made for tests and benchmarks: streets from a list of junctions and lines, and a perturbed grid with all that makes streets awkward."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from tests.small import X0, Y0, frame, small_area

Line = Sequence[tuple[float, float]]


def streets_of(lines: Sequence[Line], *, rises_m: Sequence[float] = (), classes: Sequence[str] = ()) -> StreetNetwork:
    """Streets from lines in metres from the corner of the small place; lines that end at the same point meet there."""
    shapes = [np.asarray(line, dtype=float) + (X0, Y0) for line in lines]
    ends = np.array([[shape[0], shape[-1]] for shape in shapes]).reshape(-1, 2)
    nodes, junction = np.unique(ends, axis=0, return_inverse=True)
    names = tuple(dict.fromkeys(classes)) or ("residential",)
    return StreetNetwork(
        node_xy_m=nodes,
        edge_from=junction.reshape(-1, 2)[:, 0].astype(np.int32),
        edge_to=junction.reshape(-1, 2)[:, 1].astype(np.int32),
        edge_length_m=np.array([np.hypot(*np.diff(shape, axis=0).T).sum() for shape in shapes]),
        edge_rise_m=np.asarray(rises_m if len(rises_m) else np.zeros(len(shapes)), dtype=float),
        edge_oneway=np.zeros(len(shapes), dtype=np.int8),
        edge_class=np.array([names.index(c) for c in classes] if classes else np.zeros(len(shapes)), dtype=np.int16),
        class_names=names,
        shape_start=np.concatenate([[0], np.cumsum([len(shape) for shape in shapes])]).astype(np.int64),
        shape_xy_m=np.concatenate(shapes),
    )


def town(side: int, seed: int, *, step_m: float = 100.0, keep: float = 0.7, rise_m: float = 0.0) -> StreetNetwork:
    """A perturbed grid of side x side junctions with shuffled ids, `keep` of its edges, each with a bend, heights up to `rise_m` per edge."""
    rng = np.random.default_rng(seed)
    n, at = side * side, np.arange(side * side)
    xy = np.column_stack([at % side, at // side]) * step_m + rng.uniform(-0.3, 0.3, (n, 2)) * step_m + (X0, Y0)
    start = np.concatenate([at[at % side < side - 1], at[: n - side]])
    end = np.concatenate([at[at % side < side - 1] + 1, at[side:]])
    kept = rng.random(len(start)) < keep
    start, end = start[kept], end[kept]
    m = len(start)
    bend = (xy[start] + xy[end]) / 2 + rng.uniform(-0.1, 0.1, (m, 2)) * step_m
    new_id = rng.permutation(n)
    nodes = np.empty_like(xy)
    nodes[new_id] = xy
    shape = np.stack([xy[start], bend, xy[end]], axis=1)
    return StreetNetwork(
        node_xy_m=nodes,
        edge_from=new_id[start].astype(np.int32),
        edge_to=new_id[end].astype(np.int32),
        edge_length_m=np.hypot(*np.moveaxis(np.diff(shape, axis=1), 2, 0)).sum(axis=1),
        edge_rise_m=rng.uniform(-rise_m, rise_m, m),
        edge_oneway=np.zeros(m, dtype=np.int8),
        edge_class=np.zeros(m, dtype=np.int16),
        class_names=("residential",),
        shape_start=np.arange(m + 1, dtype=np.int64) * 3,
        shape_xy_m=shape.reshape(-1, 2),
    )


def area_of(
    streets: StreetNetwork | None,
    demand: Sequence[tuple[float, float]] | NDArray[np.float64],
    sites: Sequence[tuple[float, float]] | NDArray[np.float64],
    *,
    people: Sequence[float] = (),
) -> StudyArea:
    """The small place with other streets, demand points and facilities, given in metres from its corner; no candidates."""
    return small_area(
        streets=streets,
        demand=demand_of(demand, people=people),
        facilities=facilities_of(sites),
        candidates=frame([], candidate_id=[], unit_id=[], kind=[]),
    )


def demand_of(points: Sequence[tuple[float, float]] | NDArray[np.float64], *, people: Sequence[float] = ()) -> gpd.GeoDataFrame:
    """Demand points outside every unit."""
    n = len(points)
    counts = np.asarray(people if len(people) else np.ones(n), dtype=float)
    return frame(list(points), demand_id=[f"d{i}" for i in range(n)], unit_id=[""] * n, pop_total=counts)


def facilities_of(points: Sequence[tuple[float, float]] | NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Open day-care centres outside every unit."""
    n = len(points)
    ids = [f"f{i}" for i in range(n)]
    return frame(list(points), facility_id=ids, name=ids, unit_id=[""] * n, kind=["day_care"] * n, status=["open"] * n)
