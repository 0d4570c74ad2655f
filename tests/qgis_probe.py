"""Run by the Python of QGIS (`/usr/bin/python3`), never by ours: tells as JSON how QGIS sees a GeoPackage, and prints its layout.

python3 qgis_probe.py plan.gpkg picture.png
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayerTreeGroup,
    QgsLayerTreeModel,
    QgsLayoutExporter,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsProject,
    QgsVectorLayer,
)


def tree(group):
    """Groups by name, layers by name and whether they are switched on, from the top down."""
    return [
        {"group": node.name(), "members": tree(node)}
        if isinstance(node, QgsLayerTreeGroup)
        else {"layer": node.name(), "shown": node.isVisible()}
        for node in group.children()
    ]


def told(layer):
    """What a reader sees of a layer."""
    renderer = layer.renderer()
    return {
        "valid": layer.isValid(),
        "rows": layer.featureCount(),
        "crs": layer.crs().authid(),
        "renderer": type(renderer).__name__ if renderer else "",
        "classes": [category.label() for category in renderer.categories()] if hasattr(renderer, "categories") else [],
        "aliases": {field.name(): layer.attributeAlias(i) for i, field in enumerate(layer.fields())},
        "classed": classed(layer, renderer),
    }


def classed(layer, renderer):
    """How many rows fall into a class that is drawn."""
    if not hasattr(renderer, "categories"):
        return 0
    expression, context = QgsExpression(renderer.classAttribute()), QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.layerScope(layer))
    values = {str(category.value()) for category in renderer.categories()}
    n = 0
    for feature in layer.getFeatures():
        context.setFeature(feature)
        n += str(expression.evaluate(context)) in values or "" in values
    return n


def themes(project):
    """Each theme chosen in turn: its layers with the style that they are drawn in and how many of their rows fall into a class."""
    found, root = {}, project.layerTreeRoot()
    model = QgsLayerTreeModel(root)
    for name in project.mapThemeCollection().mapThemes():
        project.mapThemeCollection().applyTheme(name, root, model)
        found[name] = {
            layer.id().removeprefix("quarterhour_"): [
                layer.styleManager().currentStyle(),
                classed(layer, layer.renderer()),
                layer.featureCount(),
            ]
            for layer in root.checkedLayers()
        }
    return found


def main(geopackage, picture):
    """Open the layers one by one, as if dropped into an empty project; then the project inside the file, and print its layout."""
    application = QgsApplication([], False)
    application.initQgis()
    project = QgsProject()
    is_read = project.read(f"geopackage:{geopackage}?projectName=plan")
    layers = sorted(project.mapLayers().values(), key=lambda layer: layer.id())
    dropped = {layer.id().removeprefix("quarterhour_"): QgsVectorLayer(layer.source(), "dropped", "ogr") for layer in layers}
    (layout,) = project.layoutManager().printLayouts()
    items = {
        kind.__name__: [item for item in layout.items() if isinstance(item, kind)]
        for kind in (QgsLayoutItemMap, QgsLayoutItemLegend, QgsLayoutItemScaleBar)
    }
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 60
    settings.exportMetadata = False
    page = layout.pageCollection().page(0).pageSize()
    in_project = {layer.id().removeprefix("quarterhour_"): told(layer) for layer in layers}
    exported = QgsLayoutExporter(layout).exportToImage(picture, settings)
    opened = tree(project.layerTreeRoot())
    chosen = themes(project)
    aliases = {layer.id().removeprefix("quarterhour_"): told(layer)["aliases"] for layer in layers}
    QgsLayoutExporter(layout).exportToImage(f"after-{picture}", settings)
    print(json.dumps({
        "read": is_read, "title": project.title(), "crs": project.crs().authid(), "tree": opened,
        "layers": {name: told(layer) for name, layer in dropped.items()},
        "in_project": in_project, "themes": chosen, "aliases_after": aliases,
        "layout": layout.name(), "page_mm": [page.width(), page.height()], "items": {kind: len(found) for kind, found in items.items()},
        "scale": items["QgsLayoutItemMap"][0].scale(), "labels": [item.text() for item in layout.items() if hasattr(item, "currentText")],
        "legend": [node.layer().id() for node in items["QgsLayoutItemLegend"][0].model().rootGroup().findLayers() if node.layer()],
        "exported": exported,
    }))  # fmt: skip
    sys.stdout.flush()
    os._exit(0)  # taking QGIS down in order crashes in some versions


main(*sys.argv[1:])
