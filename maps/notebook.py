"""The result on a folium map, for a look in a notebook: `explore(assessment)`.

This is not the committee page: a folium map fetches Leaflet from the internet when it is shown. No text from data reaches folium as it
is, because branca reads what it has rendered a second time as a Jinja template, so that a village's name could run Python (`inert`).
"""

from __future__ import annotations

import html
from typing import Literal

import folium
import geopandas as gpd

from layers.kinds import kinds
from maps import palette
from maps.words import words
from planner.assessment import Assessment

_TEMPLATE_SIGNS = str.maketrans({sign: f"&#{ord(sign)};" for sign in "{}`$\\\n\r\u2028\u2029%"})
_WGS84 = "EPSG:4326"
_FILL = {"pass": palette.MET, "fail": palette.SHORT[2], "no_data": palette.NO_DATA, "report_only": palette.FIGURE[1]}


def inert(text: str) -> str:
    """The text as HTML that neither a browser nor a template engine takes for anything but text."""
    return html.escape(text, quote=True).translate(_TEMPLATE_SIGNS)


def explore(
    assessment: Assessment, *, rule_id: str = "", state: Literal["before", "after"] = "after", language: Literal["zh", "en"] = "zh"
) -> folium.Map:
    """Units coloured by what a rule says of them, the facilities, and the proposed sites.

    `rule_id` is a full id such as huitong.land_per_capita, by default the first rule that has a verdict in the finest units; `KeyError`
    when no unit of the finest level has an answer to it.
    """
    finding = assessment.before if state == "before" else assessment.after
    area = finding.area
    answers = finding.measures[(finding.measures["level"] == area.finest_level) & (finding.measures["reading"] == "")]
    wanted = rule_id or (str(answers["rule_id"].iloc[0]) if len(answers) else "")
    answers = answers[answers["rule_id"] == wanted]
    if not len(answers):
        raise KeyError(f"no unit of level {area.finest_level} has an answer to rule {wanted!r}")
    told = words(language)
    units = area.places(area.finest_level)[["unit_id", "name", "geometry"]].merge(answers[["unit_id", "value", "verdict"]], on="unit_id")
    units["name"] = units["name"].map(inert)
    units["verdict_word"] = units["verdict"].map(lambda verdict: told[f"verdict.{verdict}"])
    shown = units.to_crs(_WGS84)
    west, south, east, north = shown.total_bounds
    view = folium.Map(tiles=None, prefer_canvas=True)
    folium.GeoJson(
        shown.to_json(),
        name=inert(wanted),
        style_function=lambda feature: {
            "fillColor": _FILL.get(feature["properties"]["verdict"], palette.NOT_APPLICABLE),
            "color": "#667",
            "weight": 0.7,
            "fillOpacity": 0.75,
        },
        tooltip=folium.GeoJsonTooltip(["name", "value", "verdict_word"], labels=False),
    ).add_to(view)
    _points(area.facilities, "facility_id", language).add_to(view)
    _points(assessment.proposals, "candidate_id", language, proposed=True).add_to(view)
    folium.LayerControl().add_to(view)
    view.fit_bounds([[south, west], [north, east]])
    return view


def _points(frame: gpd.GeoDataFrame, key: str, language: str, *, proposed: bool = False) -> folium.FeatureGroup:
    """Facilities or proposals as circles in the colour of their kind."""
    group = folium.FeatureGroup(name=words(language)["layers.proposals" if proposed else "layers.facilities"])
    shown = frame.to_crs(_WGS84)
    for id_, name, kind, point in zip(frame[key], frame["name"], frame["kind"], shown.geometry, strict=True):
        first = kind.split(";")[0]
        colour = kinds()[first].colour if first in kinds() else "#555555"
        folium.CircleMarker(
            (point.y, point.x),
            radius=7 if proposed else 4,
            color=palette.PROPOSAL if proposed else "#ffffff",
            weight=2 if proposed else 1,
            fill=True,
            fill_color=colour,
            fill_opacity=1.0,
            tooltip=inert(f"{name} ({id_})"),
        ).add_to(group)
    return group
