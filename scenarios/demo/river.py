"""The one river of the county: a winding line from the north-east corner of the frame to its south-west."""

from __future__ import annotations

import numpy as np
import shapely

from scenarios.demo.chance import Floats, stream

WIDTH_M = 90.0
"""width of the water; nothing stands or walks there but on bridges"""


def river_line(entry_m: tuple[float, float], exit_m: tuple[float, float]) -> shapely.LineString:
    """The middle of the water, from where the river enters the frame to where it leaves.

    A sine-generated curve: the direction of flow swings like a sine of the way along the river, the plan form that meanders
    take (Langbein and Leopold 1966), here with two wave lengths and noise.
    """
    rng = stream(1)
    way = np.linspace(0.0, 1.0, 4000)
    swing = np.radians(42) * np.sin(2 * np.pi * (2.4 * way + 0.12)) + np.radians(66) * np.sin(2 * np.pi * (10.3 * way + 0.4))
    knots = rng.normal(0.0, np.radians(30), 38)
    swing = swing + np.interp(way, np.linspace(0, 1, 38), knots)
    path = np.cumsum(np.column_stack([np.cos(swing), np.sin(swing)]), axis=0)
    line = shapely.LineString(_between(path, np.array(entry_m), np.array(exit_m)))
    smooth = shapely.LineString(_moving_mean(np.asarray(shapely.get_coordinates(line)), 60)[::8])
    return shapely.LineString(np.round(shapely.get_coordinates(smooth), 2))


def _between(path: Floats, start: Floats, end: Floats) -> Floats:
    """The path turned and stretched so that it leads from start to end."""
    shift = path[-1] - path[0]
    a, b = complex(*shift), complex(*(end - start))
    turned = (path[:, 0] - path[0, 0] + 1j * (path[:, 1] - path[0, 1])) * (b / a)
    return np.column_stack([turned.real, turned.imag]) + start


def _moving_mean(xy: Floats, window: int) -> Floats:
    padded = np.concatenate([np.repeat(xy[:1], window, axis=0), xy, np.repeat(xy[-1:], window, axis=0)])
    sums = np.cumsum(padded, axis=0)
    means = (sums[2 * window :] - sums[: -2 * window]) / (2 * window)
    means[0], means[-1] = xy[0], xy[-1]
    return np.asarray(means, dtype=np.float64)
