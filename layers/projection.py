"""Coordinate systems: which metric one a place is worked in, and how layers get into it.

Everything behind the door is in one projected system in metres. Nothing is guessed: a layer that does not say what its numbers are is
refused, and so are systems whose way to CGCS2000 is not known to PROJ (Xian 1980, Beijing 1954: it would move them by 0 m and be silent).
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from layers.problems import Findings
from layers.saying import Said, Word, say

Bounds = tuple[float, float, float, float]
"""west, south, east, north"""

WGS84 = CRS.from_epsg(4326)

MAINLAND_BOX: Bounds = (73.5, 18.0, 135.1, 53.6)
"""Where `auto` takes a CGCS2000 three-degree zone [degrees]; a box, so it holds some neighbours too, for which the zone is as good."""
AREA_OF_USE_MARGIN_DEG = 2.0
"""How far a layer may lie outside its system's area of use before the numbers are taken for something else."""
NEAR_KM = 20.0
"""A layer of which nothing lies within this distance of the units' rectangle is in the wrong place."""

_UNSAFE_DATUMS = ("xian", "beijing", "xi'an", "西安", "北京")
_XIAN_AXIS_M, _BEIJING_AXIS_M = 6378140.0, 6378245.0
"""Their ellipsoids, by which they are known where a file gives them names of its own; the second serves named systems of other countries too."""
_USE_CGCS2000 = say(
    'Have it converted to CGCS2000 with the parameters of your survey office, then write its system, e.g. crs = "EPSG:4490".'
)


_GAUSS_KRUGER = re.compile(r"CGCS2000 / (3|6)-degree Gauss-Kruger (?:CM (\d+)E|zone (\d+))")
_DEGREES_ZH = {"China Geodetic Coordinate System 2000": "CGCS2000 经纬度", "WGS 84": "WGS 84 经纬度"}


def crs_name(crs: CRS) -> str:
    """A system as messages name it: with its code, and the usual ones in Chinese too."""
    found = _GAUSS_KRUGER.fullmatch(crs.name)
    zh = _DEGREES_ZH.get(crs.name, crs.name)
    if found:
        zh = f"CGCS2000 {found[1]} 度带" + (f"，中央经线 {found[2]}°" if found[2] else f"第 {found[3]} 带")
    code = crs.to_epsg()
    return Word(f"{crs.name} (EPSG:{code})" if code else crs.name, f"{zh}（EPSG:{code}）" if code else zh)


def stated_crs(text: str, where: str, findings: Findings) -> CRS | None:
    """The system a scenario names, or None with a fault; unsafe systems are refused."""
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        findings.error(
            where,
            say("`{text}` is no coordinate system", text=text),
            say('Write e.g. crs = "EPSG:4490" (CGCS2000, longitude and latitude).'),
        )
        return None
    return crs if is_safe(crs, where, findings) else None


def is_safe(crs: CRS, where: str, findings: Findings) -> bool:
    """Whether the way from this system to the others is known; a fault is told when it is not."""
    names = f"{crs.name} {crs.geodetic_crs.name if crs.geodetic_crs else ''} {crs.datum.name if crs.datum else ''}".lower()
    is_shifted = crs.is_bound and crs.coordinate_operation is not None and any(crs.coordinate_operation.towgs84)  # with parameters
    axis_m = crs.ellipsoid.semi_major_metre if crs.ellipsoid and not is_shifted else None
    is_unnamed = "unknown" in names or "undefined" in names or "not specified" in names
    if any(word in names for word in _UNSAFE_DATUMS) or axis_m == _XIAN_AXIS_M or (is_unnamed and axis_m == _BEIJING_AXIS_M):
        what = say("is in {crs}, whose shift to CGCS2000 is not public (tens of metres or more)", crs=crs_name(crs))
        findings.error(where, what, _USE_CGCS2000)
        return False
    return True


def choose_crs(asked: str, lon_lat: Bounds, where: str, findings: Findings) -> CRS | None:
    """The metric system to work in: the one asked for, or by the middle of the units a CGCS2000 three-degree zone or a UTM zone."""
    lon, lat = (lon_lat[0] + lon_lat[2]) / 2, (lon_lat[1] + lon_lat[3]) / 2
    if asked != "auto":
        return _asked_crs(asked, lon_lat, where, findings)
    west, south, east, north = MAINLAND_BOX
    if west <= lon <= east and south <= lat <= north:
        return CRS.from_epsg(4534 + math.floor((lon + 1.5) / 3) - 25)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + min(int((lon + 180) // 6) + 1, 60))


def _asked_crs(asked: str, lon_lat: Bounds, where: str, findings: Findings) -> CRS | None:
    crs = stated_crs(asked, where, findings)
    if crs is None:
        return None
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        what = say("{crs} does not measure in metres", crs=crs_name(crs))
        findings.error(where, what, say('Write crs = "auto", or a projected system in metres.'))
        return None
    if crs.coordinate_operation is not None and crs.coordinate_operation.method_name.startswith(("Mercator", "Popular Visualisation")):
        what = say("{crs} stretches lengths (12 % at 27 degrees north)", crs=crs_name(crs))
        findings.error(where, what, say('Write crs = "auto".'))
        return None
    if not _within_area_of_use(crs, lon_lat):
        what = say("the units lie outside the area of use of {crs}", crs=crs_name(crs))
        findings.error(where, what, say('Write crs = "auto".'))
        return None
    return crs


def _within_area_of_use(crs: CRS, lon_lat: Bounds) -> bool:
    use = crs.area_of_use
    if use is None:
        return True
    m = AREA_OF_USE_MARGIN_DEG
    in_latitude = use.south - m <= lon_lat[1] and lon_lat[3] <= use.north + m
    if use.west > use.east:  # goes over the date line
        return in_latitude
    return in_latitude and use.west - m <= lon_lat[0] and lon_lat[2] <= use.east + m


def bounds_lon_lat(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> Bounds | None:
    """The rectangle of a layer in WGS 84 [degrees], or None with a fault when its numbers do not fit its system."""
    assert frame.crs is not None, where  # noqa: S101 - readers give no frame without one
    west, south, east, north = (float(v) for v in frame.total_bounds)
    box = (west, south, east, north)
    found = _transformed_box(frame.crs, box)
    if found is not None and _within_area_of_use(frame.crs, found):
        return found
    outside = frame if found is None else _rows_outside(frame)
    x, y, *_ = outside.geometry.iloc[0].bounds if len(outside) else box
    what = say("the coordinates ({x:.10g}, {y:.10g} ...) do not fit {crs}", x=x, y=y, crs=crs_name(frame.crs))
    remedy = say("Check the coordinates of these rows.") if 2 * len(outside) <= len(frame) else _remedy(frame.crs, box)
    findings.error(where, what, remedy, [str(row) for row in outside.index] if len(outside) < len(frame) else [])
    return None


def _rows_outside(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows whose own coordinates do not fit the system."""
    return frame[[_is_outside(frame.crs, shape.bounds) for shape in frame.geometry]]


def _is_outside(crs: CRS, box: Bounds) -> bool:
    found = _transformed_box(crs, box)
    return found is None or not _within_area_of_use(crs, found)


@lru_cache(maxsize=64)
def _to_degrees(crs: CRS) -> Transformer:
    """Making one takes a tenth of a second, most of the reading of a small place."""
    return Transformer.from_crs(crs, WGS84, always_xy=True)


def _transformed_box(crs: CRS, box: Bounds) -> Bounds | None:
    try:
        west, south, east, north = _to_degrees(crs).transform_bounds(*box)
    except ProjError:
        return None
    if not all(math.isfinite(v) for v in (west, south, east, north)) or not all(math.isfinite(v) for v in box):
        return None
    if crs.is_geographic and not (-90 <= box[1] <= box[3] <= 90 and -180 <= box[0] <= box[2] <= 360):
        return None
    return west, south, east, north


def _remedy(crs: CRS, box: Bounds) -> Said:
    looks_like_degrees = all(math.isfinite(v) for v in box) and max(abs(box[0]), abs(box[2])) <= 180 and max(abs(box[1]), abs(box[3])) <= 90
    if crs.is_projected and looks_like_degrees:
        return say('They look like longitude and latitude: write so in the scenario, e.g. crs = "EPSG:4490".')
    if (zoned := _zoned_epsg(box)) is not None and zoned != crs.to_epsg():
        return say('{x:.0f} begins with the number of its zone: write crs = "EPSG:{code}".', x=box[0], code=zoned)
    exchanged = _transformed_box(crs, (box[1], box[0], box[3], box[2]))
    if exchanged is not None and _within_area_of_use(crs, exchanged):
        return say("x and y look exchanged: give `x` and `y` the other way round.")
    if crs.is_geographic and not looks_like_degrees:
        return say('They look like metres: write the right system in the scenario, e.g. crs = "EPSG:4546".')
    return say("Write their right coordinate system in the scenario (`crs`).")


def _zoned_epsg(box: Bounds) -> int | None:
    """The CGCS2000 system whose zone number stands before all eastings, as in 37500300; None where they bear none or several."""
    zones = {int(x // 1_000_000) for x in (box[0], box[2]) if math.isfinite(x)}
    zone = zones.pop() if len(zones) == 1 else 0
    if 25 <= zone <= 45:  # three degrees wide
        return 4513 + zone - 25
    return 4491 + zone - 13 if 13 <= zone <= 23 else None


def to_metric(frame: gpd.GeoDataFrame, crs: CRS, where: str, findings: Findings) -> gpd.GeoDataFrame | None:
    """The layer in the working system, or None with a fault when a coordinate has no place there."""
    if len(frame) and bounds_lon_lat(frame, where, findings) is None:
        return None
    moved = frame.to_crs(crs)
    lost = ~np.isfinite(moved.geometry.bounds.to_numpy()).all(axis=1)
    if not lost.any():
        return moved
    rows = list(moved.index[lost].astype(str))
    what = say("{n} row(s) cannot be brought into {crs}", n=len(rows), crs=crs_name(crs))
    findings.error(where, what, say("Write their right coordinate system in the scenario (`crs`)."), rows)
    return None


def into_place(frame: gpd.GeoDataFrame, crs: CRS, units_box_m: Bounds, where: str, findings: Findings) -> gpd.GeoDataFrame | None:
    """The layer in the working system and near the units, or None with a fault; a few rows far away are a warning."""
    moved = to_metric(frame, crs, where, findings)
    if moved is None or not len(moved):
        return moved
    off_m = _metres_outside(moved, units_box_m)
    far = off_m > NEAR_KM * 1000
    if far.all():
        swapped = _metres_outside(_swapped(frame).to_crs(crs), units_box_m).min() <= NEAR_KM * 1000
        remedy = say("Probably the wrong file or the wrong coordinate system: check `path`, `crs` and `coordinates`.")
        if swapped:
            remedy = say("x and y are exchanged: give `x` and `y` the other way round.")
        what = say("nothing of it lies near the units; its nearest row is {km:.0f} km away", km=float(off_m.min()) / 1000)
        findings.error(where, what, remedy)
        return None
    if far.any():
        rows = list(moved.index[far].astype(str))
        what = say("{n} row(s) lie more than {km:.0f} km outside the rectangle around the units", n=len(rows), km=NEAR_KM)
        findings.warning(where, what, say("Check the coordinates of these rows."), rows)
    return moved


def _metres_outside(frame: gpd.GeoDataFrame, box_m: Bounds) -> NDArray[np.float64]:
    """(n,) distance of each row's rectangle from a rectangle [m]; infinite where a row has no place."""
    west, south, east, north = box_m
    rows = frame.geometry.bounds.to_numpy(dtype=float)
    x_off = np.maximum(np.maximum(west - rows[:, 2], rows[:, 0] - east), 0.0)
    y_off = np.maximum(np.maximum(south - rows[:, 3], rows[:, 1] - north), 0.0)
    off_m = np.hypot(x_off, y_off)
    return np.where(np.isfinite(off_m), off_m, np.inf)


def _swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    swapped = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return gpd.GeoDataFrame(geometry=swapped, crs=frame.crs)
