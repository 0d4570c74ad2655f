"""`plan.gpkg`: every layer and table of a result in one GeoPackage 1.2 that opens styled in QGIS.

Tables and columns have ASCII names; their names for readers stand in the aliases of the styles, in `gpkg_data_columns` and in the
identifiers of `gpkg_contents`. Figures without data and minutes out of reach are NULL (`minutes_state_...` tells which). The bytes are
the same for the same assessment: no clock, and the file is rewritten in order at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from layers.streets import StreetNetwork
from maps import place_tables, rule_tables, run_tables, unit_tables
from maps.geopackage_meta import write_meta
from maps.manifest import PublishError
from maps.record import RunRecord
from maps.tables import Heading, ShownTable, states, table
from planner.assessment import Assessment

VERSION = "1.2"
"""read by ArcGIS Pro from 3.2 on; 1.4, the default of GDAL, only from 3.4 on"""

_CIRCLES = (
    Heading("state", "状态", "state", codes="state"),
    Heading("facility_id", "设施编号(空为合并)", "facility (empty: merged)"),
    Heading("kind", "设施类别", "kind of facility", codes="kind"),
    Heading("minutes", "分钟", "minutes", unit="min"),
)
_STREETS = (
    Heading("street_class", "道路类别", "street class"),
    Heading("length_m", "长度(米)", "length (m)", is_figure=True),
    Heading("rise_m", "高差(米)", "rise (m)", is_figure=True),
    Heading("oneway", "单行", "one way"),
)
_POLYGON_LAYERS = (*unit_tables.LAYER_NAMES.values(), "service_circles")


def write_geopackage(assessment: Assessment, path: Path, *, record: RunRecord, language: str) -> None:
    """Write the GeoPackage; `language` is that of aliases, styles and layer names.

    Raises
    ------
    PublishError
        when what was written cannot be read back as it was
    """
    tables = [*_layers(assessment), *_attribute_tables(assessment, record)]
    draft = path.with_name(f"draft-{path.name}")
    for old in (draft, path):
        old.unlink(missing_ok=True)
    with _without_waiting_for_the_disk():
        for number, shown_table in enumerate(tables):
            _write_table(draft, shown_table, language, is_first=number == 0)
    with closing(sqlite3.connect(draft)) as database:
        database.execute("PRAGMA synchronous = OFF")
        write_meta(database, assessment, tables, record, file_name=path.name, language=language)
        # how often GDAL commits depends on time and stays in the draft as a count of changes; a copy has none
        database.execute("VACUUM INTO ?", (str(path),))
    draft.unlink()
    _compare(path, tables)


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """GDAL would flush the file after each table; `publish` flushes it once, when it is whole."""
    option = "OGR_SQLITE_SYNCHRONOUS"
    before = pyogrio.get_gdal_config_option(option)
    pyogrio.set_gdal_config_options({option: "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({option: before})


def check_geopackage(path: Path) -> None:
    """Open the file again; raises when it is damaged."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or database.execute("PRAGMA foreign_key_check").fetchall():
            raise PublishError(f"{path.name} is damaged")


def _layers(assessment: Assessment) -> Iterator[ShownTable]:
    """Every layer with geometry, in the order of drawing: the filled finest units first, boundaries of coarser ones over them."""
    area = assessment.before.area
    for level in reversed(area.levels):
        yield unit_tables.units(assessment, level)
    if len(area.residential):
        yield unit_tables.units(assessment, "residential_area")
    yield _circles(assessment)
    if area.streets is not None:
        yield _streets(area.streets, assessment)
    yield place_tables.demand(assessment)
    yield place_tables.candidates(assessment)
    yield place_tables.facilities(assessment)
    yield place_tables.proposals(assessment)


def _attribute_tables(assessment: Assessment, record: RunRecord) -> Iterator[ShownTable]:
    yield run_tables.key_figures(assessment)
    yield rule_tables.verdicts(assessment)
    yield rule_tables.rules(assessment)
    yield rule_tables.rule_readings(assessment)
    yield rule_tables.rule_numbers(assessment)
    yield rule_tables.measures(assessment)
    yield place_tables.balance(assessment)
    yield place_tables.people(assessment)
    yield place_tables.unassigned(assessment)
    yield place_tables.off_network(assessment)
    yield from run_tables.choice_tables(assessment)
    yield run_tables.sources(assessment)
    yield run_tables.problems(assessment)
    yield run_tables.statements(assessment)
    yield run_tables.run_metadata(assessment, record)


def _circles(assessment: Assessment) -> ShownTable:
    """The service circles of both states, single and merged."""
    frames = [finding.circles.assign(state=state) for state, finding in states(assessment)]
    together = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=assessment.before.area.crs)
    return table("service_circles", "服务圈", "Service circles", together, _CIRCLES)


def _streets(network: StreetNetwork, assessment: Assessment) -> ShownTable:
    """The streets that minutes were counted along."""
    frame = pd.DataFrame(
        {
            "street_class": np.asarray(network.class_names, dtype=object)[network.edge_class],
            "length_m": network.edge_length_m,
            "rise_m": network.edge_rise_m,
            "oneway": network.edge_oneway.astype(bool),
        }
    )
    lines = gpd.GeoDataFrame(frame, geometry=network.lines(), crs=assessment.before.area.crs)
    return table("streets", "道路", "Streets", lines, _STREETS)


def _write_table(path: Path, shown_table: ShownTable, language: str, *, is_first: bool) -> None:
    frame = shown_table.frame.copy()
    for heading in shown_table.headings:
        frame[heading.name] = _storable(frame[heading.name])
    geometry = {} if "geometry" not in frame else _geometry_options(shown_table.id)
    pyogrio.write_dataframe(
        frame,
        path,
        layer=shown_table.id,
        driver="GPKG",
        dataset_options={"VERSION": VERSION} if is_first else None,
        layer_options={"IDENTIFIER": shown_table.title(language), "DESCRIPTION": f"{shown_table.zh} / {shown_table.en}"},
        **geometry,
    )


def _geometry_options(layer: str) -> dict[str, object]:
    if layer in _POLYGON_LAYERS:
        return {"geometry_type": "MultiPolygon", "promote_to_multi": True}
    return {"geometry_type": "LineString" if layer == "streets" else "Point"}


def _storable(values: pd.Series) -> pd.Series:
    """Flags as nullable booleans; infinite minutes as no figure."""
    if values.dtype == np.float64:
        return values.where(np.isfinite(values))
    if any(isinstance(cell, bool) for cell in values):
        return values.astype("boolean")
    return values


def _compare(path: Path, tables: Sequence[ShownTable]) -> None:
    """Hold the written file against the tables: layers, rows, and the sum of every figure."""
    written = {str(name) for name, _ in pyogrio.list_layers(path)}
    missing = [t.id for t in tables if t.id not in written]
    if missing:
        raise PublishError(f"{path.name}: {', '.join(missing)} was not written")
    for shown_table in tables:
        found = pyogrio.read_dataframe(path, layer=shown_table.id, where="1=1")
        if len(found) != len(shown_table.frame):
            raise PublishError(f"{path.name}: {shown_table.id} has {len(found)} rows instead of {len(shown_table.frame)}")
        for heading in shown_table.headings:
            values = shown_table.frame[heading.name]
            if values.dtype == np.float64 and len(values):
                expected, got = _storable(values).to_numpy(dtype=float), found[heading.name].to_numpy(dtype=float)
                if not np.array_equal(expected, got, equal_nan=True):
                    raise PublishError(f"{path.name}: {shown_table.id}.{heading.name} does not read back as it was written")
