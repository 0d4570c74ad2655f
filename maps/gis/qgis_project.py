"""A QGIS project inside the GeoPackage: all layers in groups and order, styled, with their names for readers, map themes, and a sheet to print
(Project > Open from > GeoPackage).

Its own system is always the metric one of the analysis, so that scale and lengths are right; layers in another are drawn into it. The
extension `qgis_projects` keeps a project as the hexadecimal text of a zip file with one `.qgs` in it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import geopandas as gpd
from pyproj import CRS

from maps.gis.qgis_layout import Edition, Extent, layer_id, layouts
from maps.gis.qgis_style import looks
from maps.gis.qgis_themes import presets, style_manager, themes
from maps.gis.qgis_xml import GEOMETRY_TYPES, style_root
from maps.tables.all_tables import in_system
from maps.tables.shown import ShownTable
from maps.words import words
from planner.assessment import Assessment

PROJECT_NAME = "plan"
PLAN = ("proposals", "facilities", "candidates")
REACH = ("demand", "streets", "service_circles")
"""Layers of the first two groups; the others are units."""
HIDDEN = ("demand", "candidates", "streets")
"""Layers that are there but not switched on when the project is opened."""
OPEN = ("proposals", "facilities", "service_circles", "villages")
"""Layers whose legend is open."""
_GEOMETRY_NAMES = {"0": "Point", "1": "Line", "2": "Polygon"}
_FILE_TIME = (1980, 1, 1, 0, 0, 0)


def project_row(assessment: Assessment, tables: Sequence[ShownTable], moment: str, edition: Edition) -> tuple[str, bytes, bytes]:
    """name, metadata and content: a row of `qgis_projects`."""
    qgs = _project(assessment, tables, edition)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo(f"{PROJECT_NAME}.qgs", date_time=_FILE_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, qgs)
    metadata = json.dumps({"last_modified_time": moment, "last_modified_user": "quarterhour"}, sort_keys=True)
    return PROJECT_NAME, metadata.encode(), packed.getvalue().hex().encode()


def _project(assessment: Assessment, tables: Sequence[ShownTable], edition: Edition) -> bytes:
    file_name, language = edition.file_name, edition.language
    crs, title = assessment.before.area.crs, assessment.title.get(language, "")
    root = ET.Element("qgis", {"version": "3.22.16", "projectname": title})
    _text(root, "title", title)
    _reference_system(ET.SubElement(root, "projectCrs"), crs)
    held = ET.SubElement(root, "projectlayers")
    order = ET.SubElement(root, "layerorder")
    tree = ET.SubElement(root, "layer-tree-group")
    for group, members in groups(tables):
        branch = ET.SubElement(
            tree,
            "layer-tree-group",
            {"name": words(language)[f"qgis.{group}"], "checked": "Qt::Checked", "expanded": _flag(on=group != "tables")},
        )
        for table in members:
            _leaf(branch, table, file_name, language)
            held.append(_layer(assessment, table, file_name, language))
            ET.SubElement(order, "layer", {"id": layer_id(table)})
    _properties(root)
    lowest = next(table for table in tables if "geometry" in table.frame)
    extent = Extent.of(in_system(lowest, crs))
    _view(root, extent, crs)
    opened = [table for _, members in groups(tables) for table in members if is_shown(table)]
    found = themes(assessment, tables, opened, language)
    root.append(presets(found, tables))
    root.append(layouts(assessment, opened, extent, edition, found[0].name))
    text = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")
    return text.encode()


def groups(tables: Sequence[ShownTable]) -> list[tuple[str, list[ShownTable]]]:
    """The groups of the project and their tables, the uppermost first: layers as they are drawn, then those without geometry."""
    layers = [table for table in reversed(tables) if "geometry" in table.frame]
    members = {
        "plan": [table for table in layers if table.id in PLAN],
        "reach": [table for table in layers if table.id in REACH],
        "units": [table for table in layers if table.id not in (*PLAN, *REACH)],
        "tables": [table for table in tables if "geometry" not in table.frame],
    }
    return [(group, found) for group, found in members.items() if found]


def is_shown(table: ShownTable) -> bool:
    """Whether a layer is switched on when the project is opened."""
    return "geometry" in table.frame and table.id not in HIDDEN


def _leaf(branch: ET.Element, table: ShownTable, file_name: str, language: str) -> None:
    ET.SubElement(
        branch, "layer-tree-layer",
        {
            "id": layer_id(table), "name": table.title(language), "source": _source(table, file_name), "providerKey": "ogr",
            "checked": "Qt::Checked" if is_shown(table) else "Qt::Unchecked", "expanded": _flag(on=table.id in OPEN),
        },
    )  # fmt: skip


def _layer(assessment: Assessment, table: ShownTable, file_name: str, language: str) -> ET.Element:
    """One layer: where it is, and the first of its looks."""
    look = looks(assessment, table, language)[0]
    geometry = _GEOMETRY_NAMES[GEOMETRY_TYPES[look.categories[0].symbol.shape]] if look.categories else "No geometry"
    layer = ET.Element("maplayer", {"type": "vector", "geometry": geometry, "labelsEnabled": "1" if look.labels else "0"})
    _text(layer, "id", layer_id(table))
    _text(layer, "datasource", _source(table, file_name))
    _text(layer, "layername", table.title(language))
    if isinstance(table.frame, gpd.GeoDataFrame):
        _reference_system(ET.SubElement(layer, "srs"), table.frame.crs)
    ET.SubElement(layer, "provider", {"encoding": "UTF-8"}).text = "ogr"
    layer.extend(style_root(table, look, language, with_fields=True))
    if look.categories:
        layer.append(style_manager(assessment, table, language))
    return layer


def _flag(*, on: bool) -> str:
    return "1" if on else "0"


def _source(table: ShownTable, file_name: str) -> str:
    return f"./{file_name}|layername={table.id}"


def _reference_system(parent: ET.Element, crs: CRS) -> None:
    system = ET.SubElement(parent, "spatialrefsys")
    authority = crs.to_authority()
    _text(system, "wkt", crs.to_wkt())
    _text(system, "authid", ":".join(authority) if authority else "")
    _text(system, "srid", authority[1] if authority else "0")
    _text(system, "description", crs.name)
    _text(system, "geographicflag", "true" if crs.is_geographic else "false")


def _properties(root: ET.Element) -> None:
    """Paths relative to the project, so that the file can be moved; the project has a coordinate system; metres."""
    properties = ET.SubElement(root, "properties")
    ET.SubElement(ET.SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", {"type": "int"}).text = "1"
    ET.SubElement(ET.SubElement(properties, "Paths"), "Absolute", {"type": "bool"}).text = "false"
    measure = ET.SubElement(properties, "Measurement")
    ET.SubElement(measure, "DistanceUnits", {"type": "QString"}).text = "meters"
    ET.SubElement(measure, "AreaUnits", {"type": "QString"}).text = "m2"


def _view(root: ET.Element, extent: Extent, crs: CRS) -> None:
    """Open on the whole place."""
    canvas = ET.SubElement(root, "mapcanvas", {"name": "theMapCanvas", "annotationsVisible": "1"})
    _text(canvas, "units", "meters")
    extent.write(canvas)
    _reference_system(ET.SubElement(canvas, "destinationsrs"), crs)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
