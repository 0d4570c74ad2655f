"""Every layer and every table of a result, as the GeoPackage, the exchange formats and a database hold them.

A new table is a line in `attribute_tables`, a new layer one in `map_layers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from layers.saying import say
from layers.streets import StreetNetwork
from maps.publishing.manifest import PublishError
from maps.publishing.record import RunRecord
from maps.tables import closure_tables, district_tables, outlook_tables, place_tables, plan_tables, rule_tables, run_tables, unit_tables
from maps.tables.shown import Heading, ShownTable, states, table
from planner.assessment import Assessment

ShapeType = Literal["Point", "LineString", "MultiPolygon"]

_CIRCLES = (
    Heading("state", "状态", "state", codes="state"),
    Heading("facility_id", "设施编号（空为合并）", "facility (empty: merged)"),
    Heading("kind", "设施类别", "kind of facility", codes="kind"),
    Heading("minutes", "分钟", "minutes", unit="min"),
)
_STREETS = (
    Heading("street_class", "道路类别", "street class"),
    Heading("length_m", "长度（米）", "length (m)", is_figure=True),
    Heading("rise_m", "高差（米）", "rise (m)", is_figure=True),
    Heading("oneway", "单行", "one way", is_flag=True),
)
_POLYGON_LAYERS = (*unit_tables.LAYER_NAMES.values(), "service_circles")


def map_layers(assessment: Assessment) -> Iterator[ShownTable]:
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


def attribute_tables(assessment: Assessment, record: RunRecord) -> Iterator[ShownTable]:
    """Every table without geometry."""
    yield run_tables.key_figures(assessment)
    yield rule_tables.verdicts(assessment)
    yield rule_tables.rules(assessment)
    yield rule_tables.rule_readings(assessment)
    yield rule_tables.rule_numbers(assessment)
    yield rule_tables.measures(assessment)
    yield outlook_tables.open_questions(assessment)
    yield from outlook_tables.outlook_tables(assessment)
    yield place_tables.balance(assessment)
    yield place_tables.people(assessment)
    yield place_tables.unassigned(assessment)
    yield place_tables.off_network(assessment)
    yield from run_tables.choice_tables(assessment)
    yield from plan_tables.plan_tables(assessment)
    yield from closure_tables.closure_tables(assessment)
    yield from district_tables.district_tables(assessment)
    if assessment.districts is not None:
        yield district_tables.district_flows(assessment)
    yield run_tables.sources(assessment)
    yield run_tables.problems(assessment)
    yield run_tables.statements(assessment)
    yield run_tables.run_metadata(assessment, record)


def all_tables(assessment: Assessment, record: RunRecord, crs: CRS) -> list[ShownTable]:
    """Layers in a coordinate system, then the tables without geometry."""
    return [*(in_system(layer, crs) for layer in map_layers(assessment)), *attribute_tables(assessment, record)]


def in_system(layer: ShownTable, crs: CRS) -> ShownTable:
    """A layer in a coordinate system, every shape of it valid.

    Raises
    ------
    PublishError
        when a shape cannot be told in that system, or nothing would be left of it
    """
    frame = layer.frame
    if not isinstance(frame, gpd.GeoDataFrame):
        return layer
    moved = frame if frame.crs == crs else frame.to_crs(crs)
    shapes = moved.geometry.to_numpy()
    nothing = shapely.is_empty(frame.geometry.to_numpy())  # the circle of a facility off the streets
    told = nothing | np.isfinite(shapely.bounds(shapes)).all(axis=1)
    valid = valid_shapes(shapes, polygons=layer.id in _POLYGON_LAYERS) if told.all() else shapes
    n_lost = int((~nothing & (~told | shapely.is_empty(valid))).sum())
    if n_lost:
        raise PublishError(
            say(
                "{layer}: {n} shape(s) cannot be expressed in {crs}. Name another system under [outputs] crs.",
                layer=layer.id,
                n=n_lost,
                crs=crs.to_string(),
            )
        )
    columns = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return replace(layer, frame=gpd.GeoDataFrame(columns, geometry=valid, crs=crs))


def valid_shapes(shapes: NDArray[np.object_], *, polygons: bool) -> NDArray[np.object_]:
    """The shapes, those that are not valid mended; with `polygons`, nothing but polygons comes of it."""
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return shapes
    mended = shapes.copy()
    mended[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    if polygons:
        mended[bad] = [shapely.multipolygons([p for p in shapely.get_parts(s) if p.geom_type == "Polygon"]) for s in mended[bad]]
    return mended


def shape_type(layer: ShownTable) -> ShapeType:
    """What the shapes of a layer are."""
    if layer.id in _POLYGON_LAYERS:
        return "MultiPolygon"
    return "LineString" if layer.id == "streets" else "Point"


def storable(shown_table: ShownTable, heading: Heading) -> pd.Series:
    """A column as files and databases can hold it, of the type its heading declares: text, float64, `Int64` (counts) or `boolean` (flags).

    Infinite minutes are no figure.
    """
    values = shown_table.frame[heading.name]
    if heading.stored_as == "text":
        return values
    if heading.stored_as == "flag":
        return values.astype("boolean")
    figures = values.where(np.isfinite(values))
    return figures.astype("Int64") if heading.stored_as == "count" else figures


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
