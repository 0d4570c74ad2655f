"""The parts of a drawn map: units, boundaries, circles, facilities, numbered proposals, scale and north. Nothing here knows of paper."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from matplotlib_scalebar.scalebar import ScaleBar
from numpy.typing import NDArray

from layers.kinds import kinds
from layers.study_area import StudyArea
from layers.tables import column
from maps import palette
from maps.report.fills import Fill
from maps.tables.shown import code_word
from maps.words import words
from maps.wrapping import width_of
from planner.assessment import Assessment, Finding
from planner.measures import open_of_kind

MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "triangle_down": "v",
    "cross": "P",
    "pentagon": "p",
    "hexagon": "h",
}
"""Symbols of `kinds.toml` as matplotlib calls them."""

DOT_AREA_PER_PERSON = 0.25
"""square points"""
FRAME = "#222222"
"""round a part that is enlarged"""
SITE_POINTS = 6.0
"""of the numbers of proposed sites; their marks grow with them"""

Bounds = tuple[float, float, float, float]
"""west, south, east, north [m]"""


def bounds_of(area: StudyArea) -> Bounds:
    """The whole place with a margin."""
    west, south, east, north = (float(edge) for edge in area.places(area.levels[0]).total_bounds)
    margin = 0.03 * max(east - west, north - south)
    return (west - margin, south - margin, east + margin, north + margin)


def frame(axes: Axes, view: Bounds) -> None:
    """Show a part of the country in true proportions, without ticks."""
    west, south, east, north = view
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal", anchor="C")
    axes.set_axis_off()


def units(axes: Axes, area: StudyArea, level: str, fill: Fill) -> None:
    """Units of a level, each in the colour of its class; hatched where a class is."""
    shapes = area.places(level).geometry.to_numpy()
    for number, look in enumerate(fill.classes):
        for shape in shapes[fill.of_class == number]:
            axes.add_patch(_patch(shape, facecolor=look.colour, edgecolor="white", linewidth=0.25, hatch=look.hatch or None))


def ground(axes: Axes, area: StudyArea) -> None:
    """The land of the place with thin lines between its finest units."""
    for shape in _in_view(axes, area.places(area.finest_level).geometry.to_numpy()):
        axes.add_patch(_patch(shape, facecolor="#f7f6f2", edgecolor="#d9d6cc", linewidth=0.25))


def people_beyond(axes: Axes, assessment: Assessment, finding: Finding) -> None:
    """People of the circle's base who reach no facility of it: a dot for each place, its area as their number."""
    area = finding.area
    people = area.demand[assessment.circle_base].to_numpy(dtype=float)
    beyond = ~np.isfinite(finding.minutes) & (people > 0)
    xy = area.demand_xy_m[beyond]
    size = DOT_AREA_PER_PERSON * people[beyond]
    axes.scatter(xy[:, 0], xy[:, 1], s=np.clip(size, 0.15, 12.0), color=palette.BEYOND, linewidth=0, alpha=0.7, rasterized=True, zorder=3)


def boundaries(axes: Axes, area: StudyArea) -> None:
    """Boundaries of every level above the finest, the coarser the wider."""
    for rank, level in enumerate(reversed(area.levels[:-1] or area.levels)):
        lines = _lines(area.places(level).geometry.boundary)
        axes.add_collection(LineCollection(lines, colors=palette.BOUNDARY, linewidths=0.5 + 0.6 * rank, capstyle="round"))


def streets(axes: Axes, area: StudyArea) -> None:
    """The streets, thin."""
    if area.streets is not None:
        lines = [np.asarray(line.coords) for line in _in_view(axes, area.streets.lines())]
        axes.add_collection(LineCollection(lines, colors=palette.STREET, linewidths=0.25))


def circles(axes: Axes, finding: Finding) -> None:
    """The merged service circles by band, far to near."""
    merged = finding.circles[finding.circles["facility_id"] == ""].sort_values("minutes", ascending=False)
    for colour, shape in zip(reversed(palette.MINUTES), merged.geometry, strict=False):
        axes.add_patch(_patch(shape, facecolor=colour, edgecolor="none", alpha=0.75))


def facilities(axes: Axes, finding: Finding, wanted: Sequence[str]) -> None:
    """Open facilities of the wanted kinds, by symbol and colour."""
    table = finding.area.facilities
    shown = table[open_of_kind(table, tuple(wanted))]
    for kind in _kinds_of(shown):
        points = shown[shown["kind"].str.split(";").str[0] == kind]
        look = kinds()[kind]
        marker = MARKERS[look.symbol]
        axes.scatter(
            points.geometry.x, points.geometry.y, s=9, marker=marker, color=look.colour, edgecolor="white", linewidth=0.3, zorder=4
        )


def diameter_points(size_points: float) -> float:
    """Of the mark of a proposed site."""
    return 1.27 * size_points


def proposals(axes: Axes, table: gpd.GeoDataFrame, size_points: float = SITE_POINTS, bare: Bounds | None = None) -> None:
    """Proposed sites with their numbers, best first; in the part that is `bare` small marks without numbers, which stand elsewhere."""
    for number, (x, y) in enumerate(zip(table.geometry.x, table.geometry.y, strict=True), start=1):
        is_bare = bare is not None and bare[0] <= x <= bare[2] and bare[1] <= y <= bare[3]
        area = diameter_points(size_points / 2 if is_bare else size_points) ** 2
        axes.scatter(x, y, s=area, marker="o", color=palette.PROPOSAL, edgecolor="white", linewidth=0.5, zorder=5)
        if is_bare:
            continue
        axes.annotate(str(number), (x, y), color="white", fontsize=size_points * 0.8, ha="center", va="center", zorder=6, fontweight="bold")


def names(axes: Axes, area: StudyArea, font: FontProperties, size_points: float, sites: gpd.GeoDataFrame) -> None:
    """Names of the units above the finest, haloed so that they can be read on any fill, beside the numbered sites; where there is no room, the
    name of the larger unit stands."""
    table = area.places(area.levels[-2] if len(area.levels) > 1 else area.levels[0])
    table = table.iloc[np.argsort(-table.geometry.area.to_numpy(), kind="stable")]
    points = table.geometry.representative_point()
    axes.apply_aspect()
    taken = [shapely.Point(xy).buffer(0.6 * size_points) for xy in _on_paper(axes, sites.geometry)]
    for name, point, (x, y) in zip(table["name"], points, _on_paper(axes, points), strict=True):
        half_width, half_height = 0.28 * width_of(str(name)) * size_points, 0.6 * size_points
        for up in (0.0, 1.3 * size_points, -1.3 * size_points):
            room = shapely.box(x - half_width, y + up - half_height, x + half_width, y + up + half_height)
            if not any(room.intersects(other) for other in taken):
                taken.append(room)
                text = axes.annotate(
                    str(name), (point.x, point.y), (0.0, up), textcoords="offset points", fontproperties=font, fontsize=size_points,
                    ha="center", va="center", zorder=4.5,
                )  # fmt: skip
                text.set_path_effects([withStroke(linewidth=2.0, foreground="white")])
                break


def _on_paper(axes: Axes, points: gpd.GeoSeries) -> NDArray[np.float64]:
    """(n, 2) where points lie on the figure [pt]."""
    xy: NDArray[np.float64] = axes.transData.transform(np.column_stack([points.x, points.y])) * 72 / axes.figure.dpi
    return xy


def framed(axes: Axes, part: Bounds) -> None:
    """The frame of a part that another map shows at a larger scale."""
    west, south, east, north = part
    axes.add_patch(Rectangle((west, south), east - west, north - south, facecolor="none", edgecolor=FRAME, linewidth=1.0, zorder=7))


def border(axes: Axes) -> None:
    """The border of a map that stands on another."""
    axes.set_axis_on()
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set(color=FRAME, linewidth=1.0)


def scale(axes: Axes) -> None:
    """A scale bar in metres or kilometres."""
    bar = ScaleBar(1.0, "m", location="lower left", frameon=False, font_properties={"size": 8}, width_fraction=0.006, length_fraction=0.2)
    axes.add_artist(bar)


def scale_and_north(axes: Axes, language: str, font: FontProperties) -> None:
    """The scale, and the direction of north (grid north of the coordinate system)."""
    scale(axes)
    axes.annotate("▲", (0.975, 0.985), xycoords="axes fraction", ha="center", va="top", fontproperties=font, fontsize=13, color="#222")
    axes.annotate(
        words(language)["page.north"], (0.975, 0.945), xycoords="axes fraction", ha="center", va="top", fontproperties=font, fontsize=9
    )


def handles(assessment: Assessment, finding: Finding, wanted: Sequence[str], language: str) -> list[Line2D]:
    """Legend entries of the facilities drawn, and of the proposals."""
    table = finding.area.facilities
    entries = [
        Line2D([], [], linestyle="", marker=MARKERS[kinds()[kind].symbol], color=kinds()[kind].colour, markersize=5,
               markeredgecolor="white", markeredgewidth=0.3, label=code_word(kind, "kind", language))
        for kind in _kinds_of(table[open_of_kind(table, tuple(wanted))])
    ]  # fmt: skip
    if len(assessment.proposals):
        label = words(language)["legend.proposal"]
        entries.append(Line2D([], [], linestyle="", marker="o", color=palette.PROPOSAL, markersize=8, markeredgecolor="white", label=label))
    return entries


def swatches(fill: Fill) -> list[Patch]:
    """Legend entries of a fill."""
    return [Patch(facecolor=c.colour, edgecolor="#999", linewidth=0.4, hatch=c.hatch or None, label=c.text) for c in fill.classes]


def reach_handles(assessment: Assessment, language: str) -> list[Patch | Line2D]:
    """Legend entries of the circles by band, and of the people beyond them."""
    thirds = [assessment.circle_minutes * n / 3 for n in (1, 2, 3)]
    word = words(language)
    bands = [
        Patch(facecolor=colour, edgecolor="none", alpha=0.75, label=word["legend.circle"].format(minutes=f"{third:g}"))
        for colour, third in zip(palette.MINUTES, thirds, strict=True)
    ]
    base = column("demand", assessment.circle_base)
    whom = (base.zh if language == "zh" else base.en) if base else assessment.circle_base
    beyond = word["sheet.beyond"].format(minutes=f"{assessment.circle_minutes:g}", people=whom)
    return [
        *bands,
        Line2D([], [], linestyle="", marker="o", markersize=3.5, color=palette.BEYOND, alpha=0.7, markeredgewidth=0, label=beyond),
    ]


def _in_view(axes: Axes, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The shapes that the map shows a part of: what it cuts away would only make the file larger."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return shapes[shapely.intersects(shapes, shapely.box(west, south, east, north))]


def _kinds_of(table: gpd.GeoDataFrame) -> list[str]:
    """First kinds of the rows, in the order of the vocabulary."""
    present = set(table["kind"].str.split(";").str[0])
    return [kind for kind in kinds() if kind in present]


def _patch(shape: shapely.Geometry, **look: object) -> PathPatch:
    """A polygon or multipolygon with its holes as one patch."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    outline = Outline.make_compound_path(*(Outline(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings))
    return PathPatch(outline, **look)


def _lines(shapes: gpd.GeoSeries) -> list[np.ndarray]:
    return [np.asarray(line.coords)[:, :2] for shape in shapes for line in shapely.get_parts(shape)]
