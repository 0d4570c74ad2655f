"""The styles of a result in a database, where QGIS looks for them: rows of a table `layer_styles`, one of them the default of each layer.

QGIS shares one such table among all layers of a database and finds it by the search path. It is taken where it stands; only our own rows in it are
replaced, and a default that somebody has set for a layer of ours stays the default. Where the user may neither write to it nor make it, it is
made in the schema of the result: `SET search_path` then makes it known to QGIS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from maps.gis.qgis_style import Style, styles
from maps.tables.shown import ShownTable
from planner.assessment import Assessment

Connection = psycopg.Connection[tuple[Any, ...]]

TABLE = "layer_styles"
MARK = "quarterhour"
"""the description of our own rows"""
_CREATE = """
CREATE TABLE IF NOT EXISTS {} (id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
  f_geometry_column varchar, stylename text, styleqml xml, stylesld xml, useasdefault boolean, description text,
  owner varchar(63) DEFAULT CURRENT_USER, ui xml, update_time timestamp DEFAULT CURRENT_TIMESTAMP, type varchar)
"""
"""as QGIS 3.22 makes it"""
_DEFAULTS = """
SELECT DISTINCT f_table_name FROM {} WHERE f_table_catalog = current_database() AND f_table_schema = %s AND useasdefault
"""
_INSERT = """
INSERT INTO {} (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename, styleqml, useasdefault, description)
VALUES (current_database(), %s, %s, %s, %s, XMLPARSE(DOCUMENT %s), %s, %s)
"""


@dataclass(frozen=True)
class LayerStyles:
    """The styles of a table, and the column that its shapes stand in ("" for a table without)."""

    table_id: str
    geometry_column: str
    styles: Sequence[Style]


def layer_styles(assessment: Assessment, tables: Sequence[ShownTable], language: str) -> list[LayerStyles]:
    """The styles of all layers and tables, as in the GeoPackage."""
    return [LayerStyles(table.id, "geom" if "geometry" in table.frame else "", styles(assessment, table, language)) for table in tables]


def write_styles(connection: Connection, schema: str, found: Sequence[LayerStyles]) -> None:
    """Put the styles in place of those of the run before, within the transaction of the tables."""
    table = _table(connection, schema)
    where = sql.SQL("DELETE FROM {} WHERE f_table_catalog = current_database() AND f_table_schema = %s AND description = %s")
    connection.execute(where.format(table), (schema, MARK))
    taken = {name for (name,) in connection.execute(sql.SQL(_DEFAULTS).format(table), (schema,))}
    rows = [
        (schema, layer.table_id, layer.geometry_column, style.name, style.qml, style.is_default and layer.table_id not in taken, MARK)
        for layer in found
        for style in layer.styles
    ]
    connection.cursor().executemany(sql.SQL(_INSERT).format(table), rows)


def _table(connection: Connection, schema: str) -> sql.Identifier:
    """The table that QGIS finds, if its rows may be changed; otherwise a new one where QGIS would look, or else in our own schema."""
    (place, usable) = connection.execute(
        "SELECT c.relnamespace::pg_catalog.regnamespace::text, pg_catalog.has_table_privilege(c.oid, 'INSERT') AND "
        "pg_catalog.has_table_privilege(c.oid, 'DELETE') FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(%s)",
        (TABLE,),
    ).fetchone() or (None, False)
    if usable:
        return sql.Identifier(str(place), TABLE)
    (first,) = connection.execute(
        "SELECT current_schema() WHERE pg_catalog.has_schema_privilege(current_schema(), 'CREATE')"
    ).fetchone() or (None,)
    target = sql.Identifier(schema if place or not first else str(first), TABLE)
    connection.execute(sql.SQL(_CREATE).format(target))
    return target
