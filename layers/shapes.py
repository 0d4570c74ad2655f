"""The shapes of a layer made fit: points for what stands somewhere, valid polygons for what covers ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.columns import Named
from layers.layer_sources import FileSource, PointSource, PopulationSource
from layers.offsets import COORDINATES
from layers.problems import Findings
from layers.projection import stated_crs
from layers.saying import Said, say
from layers.tables import Column

X = Column(
    "x",
    "coordinate",
    "经度或东坐标",
    "longitude or easting",
    required=True,
    aliases=("经度", "lon", "lng", "long", "longitude", "东坐标", "横坐标"),
)
Y = Column(
    "y", "coordinate", "纬度或北坐标", "latitude or northing", required=True, aliases=("纬度", "lat", "latitude", "北坐标", "纵坐标")
)
"""The coordinate columns of a table of points."""

_POLYGONS = ("Polygon", "MultiPolygon")


def has_shapes(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> bool:
    """Whether every row has a geometry; the rows that have none are told."""
    geometry = frame.geometry.to_numpy()
    bare = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if bare.any():
        findings.error(
            where,
            say("{n} row(s) have no geometry", n=int(bare.sum())),
            say("Delete or draw them; the file may also be cut off."),
            list(frame.index[bare]),
        )
    return not bare.any()


def _have_numbers(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> bool:
    """Whether every corner is a number; the rows with others are told."""
    broken = ~corners_are_numbers(frame.geometry.to_numpy())
    if broken.any():
        what = say("{n} row(s) have a coordinate that is no number", n=int(broken.sum()))
        findings.error(where, what, say("Draw them again."), list(frame.index[broken]))
    return not broken.any()


def corners_are_numbers(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """(n,) whether every corner of a shape is a finite number."""
    xy, row = shapely.get_coordinates(geometry, return_index=True)
    are_numbers = np.ones(len(geometry), dtype=np.bool_)
    are_numbers[row[~np.isfinite(xy).all(axis=1)]] = False
    return are_numbers


def as_polygons(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> gpd.GeoDataFrame | None:
    """The layer with valid polygons; invalid ones are mended with a warning that names them."""
    if not has_shapes(frame, where, findings) or not _have_numbers(frame, where, findings):
        return None
    geometry = _polygons_of_collections(frame, where, findings)
    invalid = ~shapely.is_valid(geometry)
    if invalid.any():
        mended = geometry.copy()
        mended[invalid] = [_polygon_part(shape) for shape in shapely.make_valid(geometry[invalid])]
        what = say("{n} polygon(s) cross themselves and were mended", n=int(invalid.sum()))
        findings.warning(where, what, say("Check their outlines."), list(frame.index[invalid]))
        geometry = mended
    other = ~np.isin(np.array([shape.geom_type for shape in geometry]), _POLYGONS) | shapely.is_empty(geometry)
    if other.any():
        what = say("{n} row(s) are no polygons", n=int(other.sum()))
        findings.error(where, what, say("Give a layer of polygons."), list(frame.index[other]))
        return None
    return frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs))


def _polygons_of_collections(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> NDArray[np.object_]:
    """(n,) the shapes, of collections that hold polygons only these."""
    geometry = frame.geometry.to_numpy()
    mixed = shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    if not mixed.any():
        return np.asarray(geometry, dtype=object)
    parts = geometry.copy()
    parts[mixed] = [_polygon_part(shape) for shape in geometry[mixed]]
    what = say("{n} row(s) hold lines or points beside polygons; only the polygons are used", n=int(mixed.sum()))
    findings.warning(where, what, say("Save the layer as polygons."), list(frame.index[mixed]))
    return np.asarray(np.where(shapely.is_empty(parts), geometry, parts), dtype=object)


def _polygon_part(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in _POLYGONS]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def as_points(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> gpd.GeoDataFrame | None:
    """The layer as points: points as they are, polygons by a point inside; lines and several points in one row are a fault."""
    if not has_shapes(frame, where, findings) or not _have_numbers(frame, where, findings):
        return None
    geometry = frame.geometry.to_numpy()
    lone = (shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOINT) & (shapely.get_num_geometries(geometry) == 1)
    points = geometry.copy()
    points[lone] = shapely.get_geometry(geometry[lone], 0)
    sorts = shapely.get_type_id(points)
    is_ground = np.isin(sorts, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    other = ~is_ground & (sorts != shapely.GeometryType.POINT)
    if other.any():
        what = say("{n} row(s) are neither points nor polygons", n=int(other.sum()))
        findings.error(where, what, say("Give a layer of points."), list(frame.index[other]))
        return None
    points[is_ground] = shapely.point_on_surface(points[is_ground])
    return frame.set_geometry(gpd.GeoSeries(points, index=frame.index, crs=frame.crs))


def _no_degrees(table: Named, xy: NDArray[np.float64]) -> Said:
    """What to write for coordinates of which some are no longitude and latitude."""
    if ((np.abs(xy[:, 0]) <= 90) & (np.abs(xy[:, 1]) <= 180)).all():
        return say('x and y are exchanged: write x = "{x}", y = "{y}".', x=table.theirs["y"], y=table.theirs["x"])
    if (np.abs(xy) > 360).all():
        return say('They look like metres: write their system in place of `coordinates`, e.g. crs = "EPSG:4546".')
    return say('If they are metres, write their system in place of `coordinates`, e.g. crs = "EPSG:4546"; else correct them.')


def says_its_system(source: FileSource, where: str, findings: Findings) -> bool:
    """Whether the scenario says what the coordinates of a table are; told when it does not."""
    if source.crs is not None or getattr(source, "coordinates", None) is not None:
        return True
    remedy = say('Add coordinates = "wgs84" (or "cgcs2000", "gcj02" of AMap and Tencent, "bd09" of Baidu), or a `crs`.')
    findings.error(where, say("the scenario does not say what its coordinates are"), remedy)
    return False


def points_of_table(table: Named, source: PointSource | PopulationSource, findings: Findings) -> gpd.GeoDataFrame | None:
    """The rows of a table as points, by its columns `x` and `y` (numbers by now) and what the scenario says that they are."""
    frame = table.frame
    missing = frame[["x", "y"]].isna().any(axis=1)
    if missing.any():
        remedy = say("""Fill them in, or leave these rows out with where = "{column} != ''".""", column=table.theirs.get("x", "x"))
        findings.error(table.where, say("{n} row(s) have no coordinates", n=int(missing.sum())), remedy, list(frame.index[missing]))
        return None
    lon_lat = frame[["x", "y"]].to_numpy(dtype=np.float64)
    if source.coordinates is not None:
        crs, undo = COORDINATES[source.coordinates]
        if not ((np.abs(lon_lat[:, 0]) <= 180) & (np.abs(lon_lat[:, 1]) <= 90)).all():
            what = say("its coordinates are not longitude and latitude of {system}", system=source.coordinates)
            findings.error(table.where, what, _no_degrees(table, lon_lat))
            return None
        xy = undo(lon_lat)
    elif source.crs is not None:
        stated = stated_crs(source.crs, table.where, findings)
        if stated is None:
            return None
        crs, xy = stated, lon_lat
    else:
        return None  # told by `says_its_system`
    rest = pd.DataFrame(frame.drop(columns=["x", "y"]))
    return gpd.GeoDataFrame(rest, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=crs)
