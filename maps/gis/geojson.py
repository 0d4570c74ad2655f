"""`plan_geojson.zip`: the layers of a result as GeoJSON (RFC 7946), in longitude and latitude of WGS 84 with seven decimals (a centimetre)."""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from layers.projection import WGS84
from maps.gis.layer_package import DICTIONARY, dictionary, names_as_they_are, other_columns, pack, packed_fields
from maps.publishing.manifest import PublishError
from maps.tables.all_tables import in_system, map_layers, shape_type, storable
from maps.tables.shown import ShownTable
from planner.assessment import Assessment

DECIMALS = 7
"""of a degree"""


def write_geojson(assessment: Assessment, path: Path) -> None:
    """Write the package.

    Raises
    ------
    PublishError
        when a shape cannot be told in WGS 84
    """
    layers = [_rounded(in_system(layer, WGS84)) for layer in map_layers(assessment)]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for layer in layers:
            _write(layer, Path(folder) / f"{layer.id}.geojson")
        files: dict[str, Path | bytes] = {DICTIONARY: dictionary(layers, {layer.id: names_as_they_are(layer) for layer in layers}, {})}
        files |= {f"{layer.id}.geojson": Path(folder) / f"{layer.id}.geojson" for layer in layers}
        pack(path, files)


def check_geojson(path: Path) -> None:
    """Read every layer again; raises when one is damaged or its features have other fields than the dictionary says."""
    fields_of = dict(packed_fields(path))
    with zipfile.ZipFile(path) as archive:
        for layer, fields in fields_of.items():
            features = json.loads(archive.read(f"{layer}.geojson"))["features"]
            if any(list(feature["properties"]) != fields for feature in features):
                raise PublishError(other_columns(path, layer))


def _rounded(layer: ShownTable) -> ShownTable:
    """The layer with coordinates of `DECIMALS`, rounded so that shapes stay valid; one that is smaller than that keeps its own."""
    shapes = layer.frame["geometry"].to_numpy()
    rounded = shapely.set_precision(shapes, 10.0**-DECIMALS)
    gone = shapely.is_empty(rounded)
    rounded[gone] = shapes[gone]
    return replace(layer, frame=layer.frame.assign(geometry=rounded))


def _write(layer: ShownTable, file: Path) -> None:
    columns = pd.DataFrame({heading.name: storable(layer, heading) for heading in layer.headings})
    shape = shape_type(layer)
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(columns, geometry=layer.frame["geometry"].to_numpy(), crs=WGS84),
        file,
        driver="GeoJSON",
        geometry_type=shape,
        promote_to_multi=shape == "MultiPolygon",
        layer_options={"RFC7946": "YES", "COORDINATE_PRECISION": str(DECIMALS)},
    )
