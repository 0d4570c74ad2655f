"""`plan_geoparquet.zip`: every layer as GeoParquet 1.1 and every table as Parquet, for analysis in Python, R or DuckDB."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
from pyproj import CRS

from maps.gis.layer_package import DICTIONARY, dictionary, names_as_they_are, other_columns, pack, packed_fields
from maps.publishing.manifest import PublishError
from maps.publishing.record import RunRecord
from maps.tables.all_tables import all_tables, storable
from maps.tables.shown import ShownTable
from planner.assessment import Assessment

SCHEMA_VERSION = "1.1.0"


def write_geoparquet(assessment: Assessment, path: Path, *, record: RunRecord, crs: CRS) -> None:
    """Write the package; layers in `crs`."""
    tables = all_tables(assessment, record, crs)
    files: dict[str, Path | bytes] = {DICTIONARY: dictionary(tables, {table.id: names_as_they_are(table) for table in tables}, {})}
    files |= {f"{table.id}.parquet": _parquet(table) for table in tables}
    pack(path, files)


def check_geoparquet(path: Path) -> None:
    """Read every table again; raises when one is damaged or has other columns than the dictionary says."""
    fields_of = dict(packed_fields(path))
    with zipfile.ZipFile(path) as archive:
        for table, fields in fields_of.items():
            names = pq.read_table(io.BytesIO(archive.read(f"{table}.parquet"))).column_names
            if [name for name in names if name != "geometry"] != fields:
                raise PublishError(other_columns(path, table))


def _parquet(table: ShownTable) -> bytes:
    """The bytes of a table; texts are strings also where there is no row."""
    columns = {heading.name: storable(table, heading) for heading in table.headings}
    frame = pd.DataFrame({name: values.astype("string") if values.dtype == object else values for name, values in columns.items()})
    buffer = io.BytesIO()
    if "geometry" in table.frame:
        shapes = table.frame["geometry"].to_numpy()
        layer = gpd.GeoDataFrame(frame, geometry=shapes, crs=table.frame.crs)
        layer.to_parquet(buffer, index=False, compression="zstd", schema_version=SCHEMA_VERSION)
    else:
        frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
