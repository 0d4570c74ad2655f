"""Pieces of a QGIS style (QML): symbols, categories, labels, names of columns. Which layer gets which is told in `qgis_style`.

Built as XML trees, never as text, so that no name can break out of them. Written for QGIS 3.16 and later: symbol options stand in
both the old (`prop`) and the new (`Option`) form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

from maps.tables.shown import Heading, ShownTable, code_word

Shape = Literal["fill", "line", "marker"]
GEOMETRY_TYPES: dict[Shape, str] = {"marker": "0", "line": "1", "fill": "2"}

MARKERS = {
    "circle": ("circle", 0), "square": ("square", 0), "diamond": ("diamond", 0), "triangle": ("triangle", 0), "triangle_down": ("triangle", 180),
    "pentagon": ("pentagon", 0), "hexagon": ("hexagon", 0), "cross": ("cross_fill", 0), "star": ("star", 0),
}  # fmt: skip
"""Symbol of `layers/kinds.toml` -> name of the marker in QGIS, and by how many degrees it is turned."""


@dataclass(frozen=True)
class Symbol:
    """How one class is drawn. Sizes and widths in millimetres on paper."""

    shape: Shape
    colour: str
    """#rrggbb"""
    opacity: float = 1.0
    outline: str = "#5b6470"
    outline_mm: float = 0.1
    size_mm: float = 2.0
    marker: str = "circle"
    style: Literal["solid", "no"] = "solid"
    """of a fill; "no" leaves the outline only"""


@dataclass(frozen=True)
class Category:
    """One class: the value of the expression, its legend text, its symbol. The value "" stands for all others."""

    value: str
    label: str
    symbol: Symbol


@dataclass(frozen=True)
class Labels:
    """Names written on the map, from a scale on."""

    expression: str
    size_pt: float = 8.0
    largest_denominator: int = 0
    """labels are drawn at scales of 1 : this and larger; 0 for always"""


@dataclass(frozen=True)
class Look:
    """A way to draw a layer: in categories of an expression. Without categories it only names the columns of a table."""

    name: str
    expression: str = "''"
    categories: Sequence[Category] = ()
    labels: Labels | None = None
    state: Literal["", "before", "after"] = ""
    """of the place that it shows; "" for both"""


def qml(table: ShownTable, look: Look, language: str, *, with_fields: bool = True) -> str:
    """The QML of a look; `with_fields` adds the names of columns and the words of codes."""
    root = style_root(table, look, language, with_fields=with_fields)
    ET.indent(root, " ")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode") + "\n"


def style_root(table: ShownTable, look: Look, language: str, *, with_fields: bool) -> ET.Element:
    """The root element of a QML; its children also stand in a layer of a QGIS project."""
    root = ET.Element("qgis", {"version": "3.22.16", "styleCategories": "Symbology|Labeling" + ("|Fields|Forms" if with_fields else "")})
    if look.categories:
        root.append(_renderer(look.expression, look.categories))
        if look.labels:
            root.append(_labeling(look.labels, look.categories[0].symbol.shape))
        _child(root, "layerGeometryType").text = GEOMETRY_TYPES[look.categories[0].symbol.shape]
    if with_fields:
        root.append(_field_configuration(table, language))
        aliases = _child(root, "aliases")
        for index, heading in enumerate(table.headings, start=1):
            _child(aliases, "alias", field=heading.name, index=str(index), name=alias(heading, language))
    return root


def alias(heading: Heading, language: str) -> str:
    """The name of a column for readers, with its unit."""
    unit = code_word(heading.unit, "unit", language)
    return heading.title(language) + (f" [{unit}]" if unit else "")


def _renderer(expression: str, categories: Sequence[Category]) -> ET.Element:
    renderer = ET.Element("renderer-v2", {"type": "categorizedSymbol", "attr": expression, "enableorderby": "0", "symbollevels": "0", "forceraster": "0"})  # fmt: skip
    listed, symbols = _child(renderer, "categories"), _child(renderer, "symbols")
    for number, category in enumerate(categories):
        _child(listed, "category", value=category.value, label=category.label, symbol=str(number), render="true", type="string")
        symbols.append(_symbol(str(number), category.symbol))
    return renderer


def _symbol(name: str, symbol: Symbol) -> ET.Element:
    element = ET.Element(
        "symbol", {"type": symbol.shape, "name": name, "alpha": f"{symbol.opacity:g}", "clip_to_extent": "1", "force_rhr": "0"}
    )
    layer_class, options = _SYMBOL_LAYERS[symbol.shape]
    layer = _child(element, "layer", **{"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    marker, angle = MARKERS[symbol.marker]
    filled = {"s": symbol, "colour": rgba(symbol.colour), "outline": rgba(symbol.outline), "marker": marker, "angle": angle}
    values = {key: text.format(**filled) for key, text in options.items()}
    option_map = _child(layer, "Option", type="Map")
    for key, value in values.items():
        _child(option_map, "Option", type="QString", name=key, value=value)
    for key, value in values.items():
        _child(layer, "prop", k=key, v=value)
    return element


_SYMBOL_LAYERS: dict[Shape, tuple[str, dict[str, str]]] = {
    "fill": (
        "SimpleFill",
        {
            "color": "{colour}", "style": "{s.style}", "outline_color": "{outline}", "outline_style": "solid",
            "outline_width": "{s.outline_mm:g}", "outline_width_unit": "MM",
        },
    ),
    "line": ("SimpleLine", {"line_color": "{colour}", "line_style": "solid", "line_width": "{s.size_mm:g}", "line_width_unit": "MM"}),
    "marker": (
        "SimpleMarker",
        {
            "name": "{marker}", "angle": "{angle}", "color": "{colour}", "size": "{s.size_mm:g}", "size_unit": "MM", "outline_color": "{outline}",
            "outline_style": "solid", "outline_width": "{s.outline_mm:g}", "outline_width_unit": "MM",
        },
    ),
}  # fmt: skip


_PLACEMENTS: dict[Shape, dict[str, str]] = {
    "marker": {
        "placement": "6",
        "predefinedPositionOrder": "TR,TL,BR,BL,R,L,TSR,BSR",
        "dist": "0.6",
        "distUnits": "MM",
        "offsetType": "1",
        "priority": "8",
    },
    "fill": {"placement": "1", "priority": "5"},
    "line": {"placement": "2", "priority": "3"},
}
"""Beside a point where there is room; over the middle of an area; along a line."""


def _labeling(labels: Labels, shape: Shape) -> ET.Element:
    labeling = ET.Element("labeling", {"type": "simple"})
    settings = _child(labeling, "settings", calloutType="simple")
    style = _child(
        settings, "text-style", fieldName=labels.expression, isExpression="1", fontSize=f"{labels.size_pt:g}", fontSizeUnit="Point",
        textColor="31,41,55,255", textOpacity="1",
    )  # fmt: skip
    _child(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,220", bufferOpacity="0.85"
    )
    _child(settings, "placement", **_PLACEMENTS[shape])
    is_scaled = "1" if labels.largest_denominator else "0"
    _child(
        settings,
        "rendering",
        drawLabels="1",
        scaleVisibility=is_scaled,
        scaleMin=str(labels.largest_denominator),
        scaleMax="1",
        obstacle="1",
    )
    return labeling


def _field_configuration(table: ShownTable, language: str) -> ET.Element:
    """Columns of codes are shown with the words of the codes that occur."""
    configuration = ET.Element("fieldConfiguration")
    for heading in table.headings:
        if not heading.codes:
            continue
        words = {str(code): code_word(str(code), heading.codes, language) for code in sorted(set(table.frame[heading.name])) if code}
        if any(code != word for code, word in words.items()):
            field = _child(configuration, "field", name=heading.name, configurationFlags="None")
            _value_map(_child(_child(field, "editWidget", type="ValueMap"), "config"), words)
    return configuration


def _value_map(config: ET.Element, words: Mapping[str, str]) -> None:
    entries = _child(_child(config, "Option", type="Map"), "Option", type="List", name="map")
    for code, word in words.items():
        _child(_child(entries, "Option", type="Map"), "Option", type="QString", name=word, value=code)


def _child(parent: ET.Element, tag: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, {key: _UNWRITABLE.sub("\ufffd", text) for key, text in attributes.items()})


_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""


def rgba(colour: str) -> str:
    """#rrggbb as QGIS writes it, opaque."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"
