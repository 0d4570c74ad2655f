"""The print layout inside the QGIS project: an A3 sheet with title, map, legend, scale, north arrow and sources, ready to print or change.

Item types, attributes and their units (millimetres on paper) are those that QGIS 3.22 writes.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from maps import palette
from maps.credits import credits_of
from maps.gis.qgis_style import LEVELS_OF_LAYERS, NO_WORD, looks
from maps.gis.qgis_xml import Look, rgba
from maps.publishing.record import named_sources
from maps.tables.shown import ShownTable
from maps.words import words
from maps.wrapping import wrapped
from planner.assessment import Assessment

A3_MM = (420.0, 297.0)
TITLE_PT, TEXT_PT = 20.0, 8.0
MARGIN_MM = 10.0
MAP_MM = (10.0, 30.0, 292.0, 234.0)
"""left, top, width, height of the map on the sheet"""
LEGEND_MM = (308.0, 30.0)
SCALES = tuple(int(digit * 10**power) for power in (3, 4, 5, 6) for digit in (1, 1.5, 2, 2.5, 4, 5, 8))
"""denominators that a map may have"""
SOURCES_SHOWN = 12
LEGEND_WIDTH = 62
"""letters in a line of it"""
_BREAK = "¶"
_FONT = "Noto Sans CJK SC"
_PAGE, _LEGEND, _LABEL, _MAP, _PICTURE, _SCALE_BAR = "65638", "65642", "65641", "65639", "65640", "65646"
"""types of items"""


@dataclass(frozen=True)
class Edition:
    """In which form the GeoPackage is written."""

    file_name: str
    """its name, which the project inside it goes by"""
    language: str
    review_number: str = ""
    """审图号 of the map, "" while it has none"""


@dataclass(frozen=True)
class Extent:
    """A rectangle in the project's system [m]."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float

    @classmethod
    def of(cls, layer: ShownTable) -> Extent:
        """The rectangle of a layer; of one without shapes, a kilometre."""
        bounds = [float(b) for b in layer.frame["geometry"].total_bounds]
        return cls(*bounds) if all(map(math.isfinite, bounds)) else cls(0.0, 0.0, 1000.0, 1000.0)

    def write(self, parent: ET.Element) -> None:
        """As an element of the project."""
        element = ET.SubElement(parent, "extent")
        for name, value in vars(self).items():
            ET.SubElement(element, name).text = repr(value)


def layouts(assessment: Assessment, shown: Sequence[ShownTable], extent: Extent, edition: Edition, theme: str) -> ET.Element:
    """The `Layouts` of a project; `shown` are the layers that are switched on, the uppermost first; `theme` is the map theme that shows them,
    which the sheet keeps whatever theme is chosen on the screen, since its legend tells of that one."""
    language, word = edition.language, words(edition.language)
    root = ET.Element("Layouts")
    layout = ET.SubElement(
        root, "Layout", {"name": word["qgis.layout"], "units": "mm", "printResolution": "300", "worldFileMap": _uuid("map")}
    )
    page = _item(ET.SubElement(layout, "PageCollection"), _PAGE, "page", (0.0, 0.0, *A3_MM))
    page.set("background", "true")
    denominator = _denominator(extent)
    _label(layout, "title", (MARGIN_MM, 8.0, 330.0, 12.0), assessment.title.get(language, ""), TITLE_PT, bold=True)
    _label(layout, "subtitle", (MARGIN_MM, 20.0, 400.0, 8.0), _subtitle(assessment, language), TEXT_PT + 2)
    _map(layout, extent, denominator, theme)
    _legend(layout, assessment, shown, language)
    north = _item(layout, _PICTURE, "north", (288.0, 33.0, 11.0, 14.0))
    north.attrib.update(file=":/images/north_arrows/layout_default_north_arrow.svg", mode="2", resizeMode="0", northMode="0",
                        mapUuid=_uuid("map"), anchorPoint="4", svgFillColor="17,24,39,255", svgBorderColor="17,24,39,255")  # fmt: skip
    _scale_bar(layout, denominator)
    _label(layout, "scale", (16.0, 244.0, 60.0, 6.0), f"1 : {denominator:,}".replace(",", " "), TEXT_PT)
    _label(layout, "sources", (MARGIN_MM, 267.0, 292.0, 22.0), _sources(assessment, language), TEXT_PT)
    _label(
        layout,
        "review",
        (308.0, 281.0, 102.0, 8.0),
        word["sheet.review"].format(number=edition.review_number or word["qgis.no_number"]),
        TEXT_PT,
    )
    return root


def _subtitle(assessment: Assessment, language: str) -> str:
    word = words(language)
    parts = [f"{word['page.as_of']} {assessment.as_of.isoformat()}"]
    if assessment.before.area.is_synthetic:
        parts.append(word["page.synthetic_long"])
    return " · ".join(parts)


def _sources(assessment: Assessment, language: str) -> str:
    """The files that were read, the system, and who may see it."""
    word, area = words(language), assessment.before.area
    names = list(dict.fromkeys(source.path for source in named_sources(assessment)))
    listed = ", ".join(names[:SOURCES_SHOWN]) + (f" +{len(names) - SOURCES_SHOWN}" if len(names) > SOURCES_SHOWN else "")
    credit = credits_of(named_sources(assessment))
    marks = [f"{word['about.crs']}: {area.crs.name} ({area.crs.to_string()})", *credit]
    return "\n".join([f"{word['about.sources']}: {listed}", "    ".join(marks), word["page.internal"]])


def _denominator(extent: Extent) -> int:
    """The largest round scale at which the place fits on the map."""
    width_m, height_m = extent.xmax - extent.xmin, extent.ymax - extent.ymin
    needed = 1.04 * 1000 * max(width_m / MAP_MM[2], height_m / MAP_MM[3])
    return next((scale for scale in SCALES if scale >= needed), math.ceil(needed))


def _map(layout: ET.Element, extent: Extent, denominator: int, theme: str) -> None:
    item = _item(layout, _MAP, "map", MAP_MM)
    item.attrib.update(
        frame="true", background="true", keepLayerSet="false", followPreset="true", followPresetName=theme, mapRotation="0", drawCanvasItems="true",
    )  # fmt: skip
    ET.SubElement(item, "FrameColor", {"red": "91", "green": "100", "blue": "112", "alpha": "255"})
    middle = (extent.xmin + extent.xmax) / 2, (extent.ymin + extent.ymax) / 2
    half = [side / 1000 * denominator / 2 for side in MAP_MM[2:]]
    corners = {"xmin": middle[0] - half[0], "xmax": middle[0] + half[0], "ymin": middle[1] - half[1], "ymax": middle[1] + half[1]}
    ET.SubElement(item, "Extent", {name: repr(value) for name, value in corners.items()})
    ET.SubElement(item, "LayerSet")


def _legend(layout: ET.Element, assessment: Assessment, shown: Sequence[ShownTable], language: str) -> None:
    """The layers that are switched on, each with what its colours tell; it grows with its content."""
    item = _item(layout, _LEGEND, "legend", (*LEGEND_MM, 102.0, 200.0))
    item.attrib.update(
        title=words(language)["qgis.legend"], map_uuid=_uuid("map"), resizeToContents="1", symbolWidth="6", symbolHeight="3.4",
        columnCount="1", splitLayer="0", equalColumnWidth="0", columnSpace="2", boxSpace="0", background="false", fontColor="#111827",
        wrapChar=_BREAK, lineSpacing="0.8", titleAlignment="1", symbolAlignment="1", rasterBorder="0", legendFilterByAtlas="0",
    )  # fmt: skip
    styles = ET.SubElement(item, "styles")
    for name, size, margins in (
        ("title", 13, {"marginBottom": "2"}), ("group", 10, {"marginTop": "2"}), ("subgroup", 9, {"marginTop": "2.2"}),
        ("symbol", 8, {"marginTop": "0.7"}), ("symbolLabel", 8, {"marginTop": "0.7", "marginLeft": "1.5"}),
    ):  # fmt: skip
        style = ET.SubElement(styles, "style", {"name": name, "alignment": "1", "indent": "0", **margins})
        ET.SubElement(style, "styleFont", {"description": _font(size, bold=name in ("title", "subgroup")), "style": ""})
    tree = ET.SubElement(item, "layer-tree-group")
    for table in shown:
        look = looks(assessment, table, language)[0]
        title = _BREAK.join(wrapped(_legend_title(table, look, language), LEGEND_WIDTH))
        node = ET.SubElement(tree, "layer-tree-layer", {"id": layer_id(table), "name": title, "checked": "Qt::Checked", "expanded": "1"})
        options = ET.SubElement(ET.SubElement(node, "customproperties"), "Option", {"type": "Map"})
        classes = ",".join(str(n) for n, category in enumerate(look.categories) if category.label != NO_WORD)
        # one class says by itself what the layer is
        heading = "subgroup" if len(look.categories) > 1 else "hidden"
        for key, value in (
            ("cached_name", title),
            ("legend/title-label", title),
            ("legend/title-style", heading),
            ("legend/node-order", classes),
        ):
            ET.SubElement(options, "Option", {"type": "QString", "name": key, "value": value})


def _legend_title(table: ShownTable, look: Look, language: str) -> str:
    """The name of a layer, and what its colours tell where that is another thing."""
    title = table.title(language)
    return f"{title}: {look.name}" if table.id in LEVELS_OF_LAYERS and title not in look.name else look.name


def layer_id(table: ShownTable) -> str:
    """The id of a layer in the project; QGIS passes over ids of ten characters and less."""
    return f"quarterhour_{table.id}"


def _scale_bar(layout: ET.Element, denominator: int) -> None:
    """Two parts of about 25 mm, each a round length."""
    metres = 25 / 1000 * denominator
    power = 10 ** math.floor(math.log10(metres))
    part_m = max(digit * power for digit in (1, 2, 5) if digit * power <= metres)
    unit, label, units = ("km", "km", part_m / 1000) if part_m >= 500 else ("meters", "m", part_m)
    item = _item(layout, _SCALE_BAR, "scale-bar", (16.0, 249.0, 80.0, 13.0))
    item.attrib.update(
        style="Single Box", unitType=unit, unitLabel=label, numUnitsPerSegment=f"{units:g}", numMapUnitsPerScaleBarUnit="1",
        numSegments="2", numSegmentsLeft="0", segmentSizeMode="0", height="2.5", labelBarSpace="1.5", boxContentSpace="1", alignment="0",
        mapUuid=_uuid("map"), outlineWidth="0.2", lineJoinStyle="miter", lineCapStyle="square", minBarWidth="20", maxBarWidth="80",
        labelVerticalPlacement="0", labelHorizontalPlacement="0", background="false",
    )  # fmt: skip
    ET.SubElement(item, "text-style", {"fontFamily": _FONT, "fontSize": "8", "fontSizeUnit": "Point", "textColor": "17,24,39,255"})
    ET.SubElement(item, "fillColor", _channels(palette.SELECTED))
    ET.SubElement(item, "fillColor2", {"red": "255", "green": "255", "blue": "255", "alpha": "255"})
    ET.SubElement(item, "strokeColor", _channels(palette.SELECTED))


def _label(
    layout: ET.Element, name: str, place: tuple[float, float, float, float], text: str, size_pt: float, *, bold: bool = False
) -> None:
    item = _item(layout, _LABEL, name, place)
    # QGIS works out what stands between [% and %]; names are text
    item.attrib.update(labelText=text.replace("[%", "[ %"), htmlState="0", halign="1", valign="32", marginX="0", marginY="0")
    ET.SubElement(item, "LabelFont", {"description": _font(size_pt, bold=bold), "style": ""})
    ET.SubElement(item, "FontColor", _channels(palette.SELECTED))


def _item(parent: ET.Element, kind: str, name: str, place: tuple[float, float, float, float]) -> ET.Element:
    """An item at (left, top, width, height); what comes later lies on top."""
    left, top, width, height = (f"{value:g}" for value in place)
    at = f"{left},{top},mm"
    return ET.SubElement(
        parent, "LayoutItem",
        {
            "type": kind, "id": name, "uuid": _uuid(name), "templateUuid": _uuid(name), "position": at, "positionOnPage": at,
            "size": f"{width},{height},mm", "zValue": str(len(parent)), "visibility": "1", "opacity": "1", "frame": "false",
            "background": "false", "referencePoint": "0", "itemRotation": "0", "blendMode": "0", "outlineWidthM": "0.2,mm",
        },
    )  # fmt: skip


def _uuid(name: str) -> str:
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, f'quarterhour/layout/{name}')}}}"


def _font(size_pt: float, *, bold: bool = False) -> str:
    """A font as Qt writes it."""
    return f"{_FONT},{size_pt:g},-1,5,{75 if bold else 50},0,0,0,0,0"


def _channels(colour: str) -> dict[str, str]:
    return dict(zip(("red", "green", "blue", "alpha"), rgba(colour).split(","), strict=True))
