"""The layers and tables of a result in a PostGIS database: `[outputs] postgis = "postgresql://user@host/database"`. Needs the extra `postgis`.

One transaction: who reads meanwhile sees the old result, afterwards the new one, never a part. A table that still has the same columns is
emptied and filled again, so that rights and views on it stay; one with other columns is made anew. Tables of other origin in the schema are
never touched: what is ours stands in its table `quarterhour_tables`. Every table and column has its names as a comment, and its styles stand
where QGIS looks for them (`postgis_styles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import sql

from layers.saying import later, say
from layers.sources.database import Address, shown_address
from layers.sources.postgis import CONNECT_SECONDS
from maps.gis.postgis_styles import LayerStyles, layer_styles, write_styles
from maps.gis.short_names import unique_names
from maps.outputs import Outputs
from maps.publishing.manifest import PublishError
from maps.tables.all_tables import shape_type, storable
from maps.tables.shown import ShownTable, Stored, code_word

__all__ = ["check_postgis", "layer_styles", "write_postgis"]

Connection = psycopg.Connection[tuple[Any, ...]]

MANIFEST_TABLE = "quarterhour_tables"
KEY = "fid"
MAX_NAME_BYTES = 63
LOCK_SECONDS = 30
"""how long a reader in another program may keep a table that has to be made anew"""
FOREIGN = later("{where}: {tables} was not written by an earlier run. Name another schema: [outputs] postgis_schema.")
DEPENDENT = later("{where}: {reason}. The tables have other columns than before; drop the views on them, or name another schema.")
REFUSED = later("{where}: {reason}. The database is as it was. A password comes from PGPASSWORD or ~/.pgpass.")
_EXISTING = """
SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_COLUMNS = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
WHERE a.attrelid = %s::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


@dataclass(frozen=True)
class _Stored:
    """A table as it stands in the database: name and type of its columns, and its rows."""

    table: ShownTable
    columns: dict[str, str]
    rows: list[tuple[object, ...]]


def check_postgis(tables: Sequence[ShownTable], outputs: Outputs) -> None:
    """Try the door before anything is written.

    Raises
    ------
    PublishError
        when the database cannot be reached, has no PostGIS, refuses the schema, or holds tables of somebody else under these names
    """
    with _transaction(outputs) as connection:
        _own_tables(connection, tables, outputs)
        connection.rollback()


def write_postgis(tables: Sequence[ShownTable], outputs: Outputs, found: Sequence[LayerStyles] = ()) -> None:
    """Put the layers (all in one system) and tables, and their styles, in place of those of the run before.

    Raises
    ------
    PublishError
        when that is not possible; the database is then as it was
    """
    schema = outputs.postgis_schema
    with _transaction(outputs) as connection:
        ours = _own_tables(connection, tables, outputs)
        for table in tables:
            _put(connection, schema, _stored(connection, table), is_there=table.id in ours)
        for name in sorted(ours - {table.id for table in tables}):
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(schema, name)))
        _note_tables(connection, schema, tables)
        write_styles(connection, schema, found)


@contextmanager
def _transaction(outputs: Outputs) -> Iterator[Connection]:
    """A transaction that is undone when anything goes wrong; faults of the database are told."""
    url = Address.parse(outputs.postgis).url
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, client_encoding="utf8", application_name="quarterhour") as connection:
            connection.execute("SELECT pg_catalog.set_config('lock_timeout', %s, true)", (f"{LOCK_SECONDS}s",))
            yield connection
    except psycopg.errors.DependentObjectsStillExist as error:
        raise PublishError(say(DEPENDENT, where=_where(outputs), reason=" ".join(str(error).split()))) from error
    except psycopg.Error as error:
        raise PublishError(say(REFUSED, where=_where(outputs), reason=" ".join(str(error).split()))) from error


def _where(outputs: Outputs) -> str:
    return f"{shown_address(outputs.postgis)}, schema {outputs.postgis_schema}"


def _own_tables(connection: Connection, tables: Sequence[ShownTable], outputs: Outputs) -> set[str]:
    """The tables of the run before; one of the same name that is somebody else's is a `PublishError`."""
    ours, there = _prepare(connection, outputs.postgis_schema), _names(connection, outputs.postgis_schema)
    foreign = sorted((there & {table.id for table in tables}) - ours)
    if foreign:
        raise PublishError(say(FOREIGN, where=_where(outputs), tables=foreign))
    return ours


def _prepare(connection: Connection, schema: str) -> set[str]:
    """Make the schema and its list of our tables where they are missing; returns the list. One run at a time."""
    (free,) = connection.execute(
        "SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext(%s))", (f"quarterhour {schema}",)
    ).fetchone() or (False,)
    if not free:
        raise PublishError(say("another run is writing to the schema {schema}. Run again when it is done.", schema=schema))
    (extension,) = connection.execute("SELECT count(*) FROM pg_catalog.pg_extension WHERE extname = 'postgis'").fetchone() or (0,)
    if not extension:
        raise PublishError(say("the database has no PostGIS. Let its owner run: CREATE EXTENSION postgis."))
    if not connection.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (schema,)).fetchone():
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    manifest = sql.Identifier(schema, MANIFEST_TABLE)
    connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} (name text PRIMARY KEY)").format(manifest))
    listed = {str(name) for (name,) in connection.execute(sql.SQL("SELECT name FROM {}").format(manifest))}
    return listed & _names(connection, schema)


def _names(connection: Connection, schema: str) -> set[str]:
    return {str(name) for (name,) in connection.execute(_EXISTING, (schema,))}


def _note_tables(connection: Connection, schema: str, tables: Sequence[ShownTable]) -> None:
    manifest = sql.Identifier(schema, MANIFEST_TABLE)
    connection.execute(sql.SQL("DELETE FROM {}").format(manifest))
    for table in tables:
        connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(manifest), (table.id,))


def _stored(connection: Connection, table: ShownTable) -> _Stored:
    names = unique_names([h.name for h in table.headings], MAX_NAME_BYTES, taken=(KEY, "geom", *_SYSTEM_COLUMNS))
    columns = {KEY: "integer"}
    cells: list[list[object]] = [list(range(1, len(table.frame) + 1))]
    for heading in table.headings:
        values = storable(table, heading)
        columns[names[heading.name]] = _TYPES[heading.stored_as]
        cells.append([None if pd.isna(cell) else cell for cell in values.astype(object)])
    if "geometry" in table.frame:
        srid = _srid(connection, table)
        shape = shape_type(table)
        columns["geom"] = f"geometry({shape},{srid})"
        shapes = table.frame["geometry"].to_numpy()
        if shape == "MultiPolygon":
            shapes = np.array([shapely.multipolygons(shapely.get_parts(s)) for s in shapes], dtype=object)
        cells.append(list(shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True)))
    return _Stored(table, columns, list(zip(*cells, strict=True)))


_TYPES: dict[Stored, str] = {"text": "text", "number": "double precision", "count": "bigint", "flag": "boolean"}
_SYSTEM_COLUMNS = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")
"""names that no column of PostgreSQL can have"""


def _srid(connection: Connection, table: ShownTable) -> int:
    crs = table.frame.crs
    authority = crs.to_authority()
    if authority and authority[0] == "EPSG":
        found = connection.execute(
            "SELECT srid FROM spatial_ref_sys WHERE auth_name = 'EPSG' AND auth_srid = %s", (int(authority[1]),)
        ).fetchone()
        if found:
            return int(found[0])
    raise PublishError(
        say("the database does not know the system {crs}. Name one that it knows under [outputs] crs, such as EPSG:4490.", crs=crs.name)
    )


def _put(connection: Connection, schema: str, stored: _Stored, *, is_there: bool) -> None:
    """The rows of one table, into the table that is there if it has the same columns."""
    name = sql.Identifier(schema, stored.table.id)
    columns = sql.SQL(", ").join(map(sql.Identifier, stored.columns))
    if is_there and _columns(connection, name) == stored.columns:
        connection.execute(sql.SQL("DELETE FROM {}").format(name))
    else:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        _create(connection, name, stored)
    with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(name, columns)) as copy:
        for row in stored.rows:
            copy.write_row(row)
    _describe(connection, name, stored)


def _columns(connection: Connection, name: sql.Identifier) -> dict[str, str]:
    rows = connection.execute(_COLUMNS, (name.as_string(connection),)).fetchall()
    return {str(column): str(kind).rpartition(".")[2] for column, kind in rows}


def _create(connection: Connection, name: sql.Identifier, stored: _Stored) -> None:
    # the types are from a fixed list, the SRID is a number
    described = [sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in stored.columns.items()]
    key = sql.SQL("PRIMARY KEY ({})").format(sql.Identifier(KEY))
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join([*described, key])))
    if "geom" in stored.columns:
        connection.execute(sql.SQL("CREATE INDEX ON {} USING gist (geom)").format(name))


def _describe(connection: Connection, name: sql.Identifier, stored: _Stored) -> None:
    """Names for readers, in Chinese and English, with units, as comments."""
    table = stored.table
    connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, sql.Literal(f"{table.zh} / {table.en}")))
    for column, heading in zip(list(stored.columns)[1:], table.headings, strict=False):
        titles = (heading.title(language) + _unit(heading.unit, language) for language in ("zh", "en"))
        connection.execute(sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(name, sql.Identifier(column), sql.Literal(" / ".join(titles))))


def _unit(unit: str, language: str) -> str:
    word = code_word(unit, "unit", language)
    return f" [{word}]" if word else ""
