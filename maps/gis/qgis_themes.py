"""Map themes of the QGIS project: one for every way to draw the units, the people and the circles, so that one click changes the map.

A theme says which layers are switched on and in which style; the styles themselves stand in the style manager of each layer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from maps.gis.qgis_layout import layer_id
from maps.gis.qgis_style import LEVELS_OF_LAYERS, looks
from maps.gis.qgis_xml import Look, style_root
from maps.tables.shown import ShownTable
from maps.words import words
from planner.assessment import Assessment

ALWAYS = ("facilities", "proposals")
"""Points on every theme; proposals not on those of today."""
DRAWN_ALONE = ("demand", "service_circles")
"""Layers that are a theme in each of their looks, over the boundaries."""


@dataclass(frozen=True)
class Theme:
    """A name, and the layers that it switches on: their table -> the name of the style."""

    name: str
    styles: Mapping[str, str]


def themes(assessment: Assessment, tables: Sequence[ShownTable], opened: Sequence[ShownTable], language: str) -> list[Theme]:
    """The theme that the project opens in (the `opened` layers as they are by default), then one for every other look of more than one unit: a
    place in one colour is no map."""
    of_table = {table.id: looks(assessment, table, language) for table in tables if "geometry" in table.frame}
    wholes = {table.id for table in tables if len(table.frame) == 1}
    titles = {table.id: table.title(language) for table in tables}
    first = Theme(words(language)["qgis.overview"], {table.id: of_table[table.id][0].name for table in opened})
    single = [(table_id, look) for table_id, look in _single(of_table) if table_id not in wholes]
    count = Counter(look.name for _, look in single)
    found = [first]
    for table_id, look in single:
        name = look.name if count[look.name] == 1 else f"{look.name} - {titles[table_id]}"
        found.append(Theme(name, {**_around(of_table, table_id, look), table_id: look.name}))
    return found


def _single(of_table: Mapping[str, Sequence[Look]]) -> Iterator[tuple[str, Look]]:
    """Table and look of every theme: people and circles, then units from the coarsest down; boundaries alone are none."""
    for table_id in (*DRAWN_ALONE, *LEVELS_OF_LAYERS):
        yield from ((table_id, look) for look in of_table.get(table_id, ()) if look.state)


def _around(of_table: Mapping[str, Sequence[Look]], table_id: str, look: Look) -> dict[str, str]:
    """What is seen beside the layer of a theme: facilities, sites, and the boundaries of other units."""
    points = [name for name in ALWAYS if name in of_table and not (name == "proposals" and look.state == "before")]
    boundaries = [name for name in LEVELS_OF_LAYERS if name in of_table and name != table_id]
    outlines = {name: next(other.name for other in of_table[name] if not other.state) for name in boundaries}
    return {name: of_table[name][0].name for name in points} | outlines


def presets(found: Sequence[Theme], tables: Sequence[ShownTable]) -> ET.Element:
    """The `visibility-presets` of a project."""
    root = ET.Element("visibility-presets")
    ids = {table.id: layer_id(table) for table in tables}
    for theme in found:
        preset = ET.SubElement(root, "visibility-preset", {"name": theme.name})
        for table_id, style in theme.styles.items():
            ET.SubElement(preset, "layer", {"id": ids[table_id], "style": style, "visible": "1", "expanded": "1"})
    return root


def style_manager(assessment: Assessment, table: ShownTable, language: str) -> ET.Element:
    """The `map-layer-style-manager` of a layer: its looks, the first of which is the current one and stands in the layer itself."""
    current, *others = looks(assessment, table, language)
    root = ET.Element("map-layer-style-manager", {"current": current.name})
    ET.SubElement(root, "map-layer-style", {"name": current.name})
    for look in others:
        ET.SubElement(root, "map-layer-style", {"name": look.name}).append(style_root(table, look, language, with_fields=False))
    return root
