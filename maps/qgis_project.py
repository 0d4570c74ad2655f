"""A QGIS project inside the GeoPackage: all layers in their order, styled, with their names for readers (Project > Open from > GeoPackage).

The extension `qgis_projects` keeps a project as the hexadecimal text of a zip file with one `.qgs` in it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from pyproj import CRS

from maps.qgis_style import looks
from maps.qgis_xml import GEOMETRY_TYPES, style_root
from maps.tables import ShownTable
from planner.assessment import Assessment

PROJECT_NAME = "plan"
HIDDEN = ("demand", "candidates", "streets")
"""Layers that are there but not switched on when the project is opened."""
_GEOMETRY_NAMES = {"0": "Point", "1": "Line", "2": "Polygon"}
_FILE_TIME = (1980, 1, 1, 0, 0, 0)


def project_row(
    assessment: Assessment, tables: Sequence[ShownTable], file_name: str, moment: str, language: str
) -> tuple[str, bytes, bytes]:
    """name, metadata and content: a row of `qgis_projects`."""
    qgs = _project(assessment, tables, file_name, language)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo(f"{PROJECT_NAME}.qgs", date_time=_FILE_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, qgs)
    metadata = json.dumps({"last_modified_time": moment, "last_modified_user": "quarterhour"}, sort_keys=True)
    return PROJECT_NAME, metadata.encode(), packed.getvalue().hex().encode()


def _project(assessment: Assessment, tables: Sequence[ShownTable], file_name: str, language: str) -> bytes:
    crs, title = assessment.before.area.crs, assessment.title.get(language, "")
    root = ET.Element("qgis", {"version": "3.22.16", "projectname": title})
    _text(root, "title", title)
    _reference_system(ET.SubElement(root, "projectCrs"), crs)
    tree = ET.SubElement(root, "layer-tree-group")
    held = ET.SubElement(root, "projectlayers")
    order = ET.SubElement(root, "layerorder")
    layers = [table for table in tables if "geometry" in table.frame]
    for table in [*reversed(layers), *(t for t in tables if "geometry" not in t.frame)]:
        is_shown = "geometry" in table.frame and table.id not in HIDDEN
        ET.SubElement(
            tree, "layer-tree-layer",
            {
                "id": _layer_id(table), "name": table.title(language), "source": _source(table, file_name), "providerKey": "ogr",
                "checked": "Qt::Checked" if is_shown else "Qt::Unchecked", "expanded": "0",
            },
        )  # fmt: skip
        held.append(_layer(assessment, table, file_name, language))
        ET.SubElement(order, "layer", {"id": _layer_id(table)})
    _properties(root)
    _view(root, layers[0], crs)
    text = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")
    return text.encode()


def _layer(assessment: Assessment, table: ShownTable, file_name: str, language: str) -> ET.Element:
    """One layer: where it is, and the first of its looks."""
    look = looks(assessment, table, language)[0]
    geometry = _GEOMETRY_NAMES[GEOMETRY_TYPES[look.categories[0].symbol.shape]] if look.categories else "No geometry"
    layer = ET.Element("maplayer", {"type": "vector", "geometry": geometry, "labelsEnabled": "1" if look.labels else "0"})
    _text(layer, "id", _layer_id(table))
    _text(layer, "datasource", _source(table, file_name))
    _text(layer, "layername", table.title(language))
    if look.categories:
        _reference_system(ET.SubElement(layer, "srs"), assessment.before.area.crs)
    ET.SubElement(layer, "provider", {"encoding": "UTF-8"}).text = "ogr"
    layer.extend(style_root(table, look, language, with_fields=True))
    return layer


def _layer_id(table: ShownTable) -> str:
    # QGIS passes over ids of ten characters and less
    return f"quarterhour_{table.id}"


def _source(table: ShownTable, file_name: str) -> str:
    return f"./{file_name}|layername={table.id}"


def _reference_system(parent: ET.Element, crs: CRS) -> None:
    system = ET.SubElement(parent, "spatialrefsys")
    authority = crs.to_authority()
    _text(system, "wkt", crs.to_wkt())
    _text(system, "authid", ":".join(authority) if authority else "")
    _text(system, "srid", authority[1] if authority else "0")
    _text(system, "description", crs.name)
    _text(system, "geographicflag", "false")


def _properties(root: ET.Element) -> None:
    """Paths relative to the project, so that the file can be moved; the project has a coordinate system; metres."""
    properties = ET.SubElement(root, "properties")
    ET.SubElement(ET.SubElement(properties, "SpatialRefSys"), "ProjectionsEnabled", {"type": "int"}).text = "1"
    ET.SubElement(ET.SubElement(properties, "Paths"), "Absolute", {"type": "bool"}).text = "false"
    measure = ET.SubElement(properties, "Measurement")
    ET.SubElement(measure, "DistanceUnits", {"type": "QString"}).text = "meters"
    ET.SubElement(measure, "AreaUnits", {"type": "QString"}).text = "m2"


def _view(root: ET.Element, layer: ShownTable, crs: CRS) -> None:
    """Open on the whole place."""
    canvas = ET.SubElement(root, "mapcanvas", {"name": "theMapCanvas", "annotationsVisible": "1"})
    _text(canvas, "units", "meters")
    extent = ET.SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), layer.frame["geometry"].total_bounds, strict=True):
        _text(extent, name, repr(float(value)))
    _reference_system(ET.SubElement(canvas, "destinationsrs"), crs)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
