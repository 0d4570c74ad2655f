"""Tables of a PostGIS database as layers: `path = "postgresql://user@host/database"`, `layer = "schema.table"`.

Of a table with several geometry columns one is named in brackets: `schema.table(geom)`. What is read is one snapshot in a transaction that
cannot write. Nothing of the scenario becomes SQL: names are looked up in the catalogue and quoted. Needs the extra `postgis`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.layer_sources import FileSource
from layers.problems import Findings, reason_of
from layers.saying import say
from layers.sources.asked import Asked
from layers.sources.database import Address
from layers.sources.vector import with_system

CONNECT_SECONDS = 10
SHOWN_TABLES = 12
"""tables that a message lists at most"""
Row = tuple[str | None, ...]
Connection = psycopg.Connection[tuple[Any, ...]]

_NAME = re.compile(r"(?:(?P<schema>[^.()]+)\.)?(?P<table>[^()]+?)(?:\((?P<geometry>[^()]+)\))?")
_TABLES = """
SELECT n.nspname, c.relname, c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2
"""
_COLUMNS = """
SELECT a.attname, t.typname IN ('geometry', 'geography') FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_KEY = """
SELECT a.attname FROM pg_catalog.pg_index i CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = %s AND i.indisprimary ORDER BY k.place
"""
_OWN_TABLES = ("spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews")
"""tables of PostGIS itself"""


@dataclass(frozen=True)
class DatabaseTable:
    """A table or view as the catalogue describes it."""

    schema: str
    name: str
    columns: tuple[str, ...]
    """without geometry"""
    geometry: str
    """"" where there is none, or none is asked for"""
    key: tuple[str, ...]
    """columns of the primary key"""


def read_postgis(source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The rows of a table as text, geometry as it stands there, in the order of the primary key (or of their content)."""
    try:
        with _opened(source) as connection:
            table = _table_of(connection, source, asked, findings)
            if table is None:
                return None
            rows = _rows(connection, table)
            frame = pd.DataFrame([row[: len(table.columns)] for row in rows], columns=list(table.columns), dtype=object)
            frame.index = pd.Index(_row_names(table, frame), dtype=object)
            if not table.geometry:
                return with_system(frame, source, asked, findings)
            shapes = np.asarray(shapely.from_wkb(np.array([row[-1] for row in rows], dtype=object)))
            srid = _srid_of(shapes, asked, findings)
            crs = _system_of(connection, srid, asked, findings) if srid else None
            if srid is None or (srid and crs is None):
                return None
    except psycopg.Error as error:
        _tell(error, asked.where, findings)
        return None
    except shapely.errors.ShapelyError as error:
        findings.error(asked.where, say("cannot be read: {reason}", reason=reason_of(error)), say("Give plain points, lines or polygons."))
        return None
    return with_system(gpd.GeoDataFrame(frame, geometry=shapes, crs=crs), source, asked, findings)


def fingerprint(source: FileSource, asked: Asked, findings: Findings) -> str | None:
    """The SHA-256 of all rows of the table, whatever their order; None after telling why they cannot be read."""
    try:
        with _opened(source) as connection:
            table = _table_of(connection, source, asked, findings)
            if table is None:
                return None
            digests = sorted(hashlib.sha256(repr(row).encode()).digest() for row in _rows(connection, table))
    except psycopg.Error as error:
        _tell(error, asked.where, findings)
        return None
    named = (*table.columns, table.geometry)
    return hashlib.sha256(repr(named).encode() + b"".join(digests)).hexdigest()


@contextmanager
def _opened(source: FileSource) -> Iterator[Connection]:
    """A connection that can only read, and sees one state of the database."""
    url = Address.parse(source.path).url
    with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, client_encoding="utf8", application_name="quarterhour") as connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection


def _tell(error: psycopg.Error, where: str, findings: Findings) -> None:
    remedy = say("Look at host, database, user and rights; a password comes from PGPASSWORD or ~/.pgpass.")
    findings.error(where, say("cannot be read: {reason}", reason=reason_of(error)), remedy)


def _table_of(connection: Connection, source: FileSource, asked: Asked, findings: Findings) -> DatabaseTable | None:
    """The table that `layer` names, or the only one with geometry."""
    tables = [(str(s), str(t), int(oid)) for s, t, oid in connection.execute(_TABLES) if t not in _OWN_TABLES]
    known = [f"{schema}.{name}" for schema, name, _ in tables]
    match = _NAME.fullmatch(source.layer or "")
    if match is None:
        what = say("is a database; which table to read is not said")
        findings.error(asked.where, what, say('Say which, e.g. layer = "{layer}".', layer=known[0] if known else "gis.villages"))
        return None
    fit = [(s, t, oid) for s, t, oid in tables if t == match["table"] and match["schema"] in (None, s)]
    if len(fit) != 1:
        what = say("has no table {layer}; it has {layers}", layer=source.layer, layers=known[:SHOWN_TABLES])
        if fit:
            what = say("has several tables {layer}: {layers}", layer=source.layer, layers=[f"{s}.{t}" for s, t, _ in fit])
        near = get_close_matches(source.layer or "", known, n=1)
        remedy = (
            say("Correct `layer` in the scenario. Did you mean {word}?", word=near[0])
            if near
            else say("Write one of them as `layer` in the scenario.")
        )
        findings.error(asked.where, what, remedy)
        return None
    schema, name, oid = fit[0]
    columns = [(str(column), bool(is_geometry)) for column, is_geometry in connection.execute(_COLUMNS, (oid,))]
    shapes = [column for column, is_geometry in columns if is_geometry]
    geometry = _geometry_of(shapes, match["geometry"], source, asked, findings)
    if geometry is None:
        return None
    key = tuple(str(column) for (column,) in connection.execute(_KEY, (oid,)))
    return DatabaseTable(schema, name, tuple(column for column, is_geometry in columns if not is_geometry), geometry, key)


def _geometry_of(shapes: Sequence[str], named: str | None, source: FileSource, asked: Asked, findings: Findings) -> str | None:
    """The geometry column to read, "" for none; None after telling that it cannot be known."""
    if asked.geometry == "none" or (not shapes and named is None):
        return ""
    if named in shapes or (named is None and len(shapes) == 1):
        return named or shapes[0]
    what = say("has several geometry columns: {columns}", columns=list(shapes))
    if named is not None:
        what = say("has no geometry column {column}; it has {columns}", column=named, columns=list(shapes))
    table = (source.layer or "").partition("(")[0]
    findings.error(asked.where, what, say('Say which, e.g. layer = "{layer}".', layer=f"{table}({shapes[0] if shapes else 'geom'})"))
    return None


def _rows(connection: Connection, table: DatabaseTable) -> list[Row]:
    """Every row as text, geometry (in hexadecimal EWKB) last."""
    columns = [*table.columns, *([table.geometry] if table.geometry else [])]
    cells = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns)
    order = sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(map(sql.Identifier, table.key))) if table.key else sql.SQL("")
    query = sql.SQL("SELECT {} FROM {}{}").format(cells, sql.Identifier(table.schema, table.name), order)
    rows: list[Row] = connection.execute(query).fetchall()
    return rows if table.key else sorted(rows, key=lambda row: [(cell is not None, cell or "") for cell in row])


def _row_names(table: DatabaseTable, frame: pd.DataFrame) -> list[str]:
    """`row 17`: by the primary key where it is one column."""
    if len(table.key) == 1 and table.key[0] in frame:
        return [f"row {cell}" for cell in frame[table.key[0]]]
    return [f"row {number}" for number in range(1, len(frame) + 1)]


def _srid_of(shapes: NDArray[np.object_], asked: Asked, findings: Findings) -> int | None:
    """The SRID that all shapes state, 0 where they state none; None after telling that there are several."""
    srids = sorted({int(srid) for srid in shapely.get_srid(shapes[~shapely.is_missing(shapes)])} or {0})
    if len(srids) == 1:
        return srids[0]
    findings.error(
        asked.where,
        say("has shapes in several systems: SRID {srids}", srids=[str(s) for s in srids]),
        say("Bring them all into one system."),
    )
    return None


def _system_of(connection: Connection, srid: int, asked: Asked, findings: Findings) -> CRS | None:
    """The system that the database calls so; None after telling that it is not known."""
    found = connection.execute("SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", (srid,)).fetchone()
    try:
        if found is None or found[0] == "EPSG":
            return CRS.from_epsg(srid if found is None else found[1])
        return CRS.from_wkt(found[2])
    except CRSError:
        findings.error(
            asked.where, say("is in a system that is not known: SRID {srid}", srid=srid), say("Convert it to one that is, e.g. EPSG:4490.")
        )
        return None
