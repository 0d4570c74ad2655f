"""The offsets of Chinese web maps, GCJ-02 (AMap, Tencent) and BD-09 (Baidu), and how to undo them: 0.4 to 1.5 km that no EPSG code describes.

Outside the box, and in Hong Kong, Macao and Taiwan, where the maps follow another rule, nothing should be declared as offset.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

Floats = NDArray[np.float64]

# GCJ-02: constants and series as published in gcoord 1.0.7, src/crs/GCJ02.ts and BD09.ts.
_GCJ_A = 6378245.0
_GCJ_EE = 0.00669342162296594323
_GCJ_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_WGS84 = CRS.from_epsg(4326)
_BD_PI = math.pi * 3000.0 / 180.0
_ROUNDS = 6
"""Fixed-point rounds; five leave 5e-7 m at most over China (measured)."""


def _gcj_offset(lon_lat: Floats) -> Floats:
    """(n, 2) what GCJ-02 adds to a WGS 84 longitude and latitude [degrees]; nothing outside the box."""
    lon, lat = lon_lat[:, 0], lon_lat[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    d_lat += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    d_lat += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    d_lon += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    d_lon += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - _GCJ_EE * np.sin(phi) ** 2
    d_lat = d_lat * 180 / (_GCJ_A * (1 - _GCJ_EE) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = d_lon * 180 / (_GCJ_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    west, south, east, north = _GCJ_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.where(inside[:, None], np.column_stack([d_lon, d_lat]), 0.0)


def wgs84_to_gcj02(lon_lat: Floats) -> Floats:
    """(n, 2) longitude and latitude as the maps of AMap and Tencent show them."""
    return lon_lat + _gcj_offset(lon_lat)


def gcj02_to_bd09(lon_lat: Floats) -> Floats:
    """(n, 2) longitude and latitude as Baidu's maps show them."""
    x, y = lon_lat[:, 0], lon_lat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_PI)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _inverse(forward: Callable[[Floats], Floats], lon_lat: Floats) -> Floats:
    """(n, 2) the points that `forward` moves to the given ones, by fixed-point iteration."""
    found = lon_lat
    for _ in range(_ROUNDS):
        found = found + (lon_lat - forward(found))
    return found


def gcj02_to_wgs84(lon_lat: Floats) -> Floats:
    """(n, 2) true longitude and latitude of GCJ-02 points."""
    return _inverse(wgs84_to_gcj02, lon_lat)


def bd09_to_gcj02(lon_lat: Floats) -> Floats:
    """(n, 2) GCJ-02 longitude and latitude of BD-09 points."""
    return _inverse(gcj02_to_bd09, lon_lat)


def bd09_to_wgs84(lon_lat: Floats) -> Floats:
    """(n, 2) true longitude and latitude of BD-09 points."""
    return gcj02_to_wgs84(bd09_to_gcj02(lon_lat))


COORDINATES: dict[str, tuple[CRS, Callable[[Floats], Floats]]] = {
    "wgs84": (_WGS84, lambda lon_lat: lon_lat),
    "cgcs2000": (CRS.from_epsg(4490), lambda lon_lat: lon_lat),
    "gcj02": (_WGS84, gcj02_to_wgs84),
    "bd09": (_WGS84, bd09_to_wgs84),
}
"""What a table may say its longitudes and latitudes are: the system they are in after the offset is undone, and how to undo it."""

MISTAKEN: dict[str, dict[str, Callable[[Floats], Floats]]] = {
    "": {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84},
    "gcj02": {"wgs84": wgs84_to_gcj02, "bd09": lambda lon_lat: bd09_to_wgs84(wgs84_to_gcj02(lon_lat))},
    "bd09": {
        "wgs84": lambda lon_lat: gcj02_to_bd09(wgs84_to_gcj02(lon_lat)),
        "gcj02": lambda lon_lat: gcj02_to_wgs84(gcj02_to_bd09(wgs84_to_gcj02(lon_lat))),
    },
}
"""What a table was read as ("" for no offset) -> what it may be instead -> its true longitudes and latitudes then, from those that were read."""
