"""What a GeoPackage says about itself: names of columns, styles for QGIS, the record of the run. Written after its tables.

Tables and extensions as in the OGC GeoPackage standard 1.2 (annex F.9 schema, F.8 metadata); `layer_styles` as QGIS makes it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence

from maps.gis.qgis_layout import Edition
from maps.gis.qgis_project import project_row
from maps.gis.qgis_style import styles
from maps.gis.qgis_xml import alias
from maps.publishing.record import RunRecord
from maps.tables.shown import ShownTable
from planner.assessment import Assessment

_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT,
  f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT,
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB);
"""
_SCHEMA_URI = "http://www.geopackage.org/spec120/#extension_schema"
_METADATA_URI = "http://www.geopackage.org/spec120/#extension_metadata"
_EXTENSIONS = (
    ("gpkg_data_columns", "gpkg_schema", _SCHEMA_URI),
    ("gpkg_data_column_constraints", "gpkg_schema", _SCHEMA_URI),
    ("gpkg_metadata", "gpkg_metadata", _METADATA_URI),
    ("gpkg_metadata_reference", "gpkg_metadata", _METADATA_URI),
    ("qgis_projects", "qgis_projects", "http://github.com/pka/qgpkg/blob/master/qgis_geopackage_extension.md"),
)


def write_meta(
    database: sqlite3.Connection, assessment: Assessment, tables: Sequence[ShownTable], record: RunRecord, edition: Edition
) -> None:
    """Add aliases, styles and the run record, without traces of the clock."""
    language = edition.language
    moment = f"{record.as_of.isoformat()}T00:00:00.000Z"
    database.executescript(_TABLES)
    with database:
        database.executemany("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", _EXTENSIONS)
        for table in tables:
            database.executemany("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", _column_rows(table, language))
        database.executemany(
            "INSERT INTO layer_styles VALUES (NULL, '', '', ?, ?, ?, ?, '', ?, ?, '', '', ?)",
            _style_rows(assessment, tables, moment, language),
        )
        database.execute(
            "INSERT INTO gpkg_contents VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, NULL, NULL, NULL, NULL, 0)", (moment,)
        )
        database.execute(
            "INSERT INTO gpkg_metadata VALUES (1, 'dataset', 'https://github.com/quarterhour/quarterhour', 'application/json', ?)",
            (record.text(),),
        )
        database.execute("INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)", (moment,))
        database.execute("INSERT INTO qgis_projects VALUES (?, ?, ?)", project_row(assessment, tables, moment, edition))
        database.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))


def _column_rows(table: ShownTable, language: str) -> Iterator[tuple[str, str, str, str, str]]:
    """table, column, name (unique in its table, as the standard asks), title in Chinese, description in English, both with the unit."""
    names = [alias(heading, language) for heading in table.headings]
    count = Counter(names)
    for heading, name in zip(table.headings, names, strict=True):
        unique = name if count[name] == 1 else f"{name} ({heading.name})"
        yield table.id, heading.name, unique, alias(heading, "zh"), alias(heading, "en")


def _style_rows(
    assessment: Assessment, tables: Sequence[ShownTable], moment: str, language: str
) -> Iterator[tuple[str, str, str, str, bool, str, str]]:
    for table in tables:
        geometry_column = "geom" if "geometry" in table.frame else ""
        for style in styles(assessment, table, language):
            yield table.id, geometry_column, style.name, style.qml, style.is_default, table.title(language), moment
