"""An assessment in a notebook: `View(assessment)` as the last line of a cell shows its key figures and what its rules say.

    from maps.notebook import View
    from scenarios import read_scenario, run

    view = View(run(read_scenario("huitong-2030.toml")))
    view            # key figures and rules
    view.page()     # the committee page inside the notebook; nothing is fetched
    view.explore()  # a folium map to add layers to; it fetches Leaflet from the internet when it is shown

No text from data reaches folium as it is, because branca reads what it has rendered a second time as a Jinja template, so that a village's name
could run Python (`inert`).
"""

from __future__ import annotations

import html
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import folium
import geopandas as gpd
import pandas as pd

from layers.kinds import kinds
from maps import palette
from maps.page.edition import PageEdition
from maps.page.render import PLAIN, page
from maps.report.figures import with_unit
from maps.tables.rule_tables import verdicts
from maps.tables.run_tables import key_figures
from maps.tables.shown import Heading, code_word
from maps.words import words
from planner.assessment import Assessment

_TEMPLATE_SIGNS = str.maketrans({sign: f"&#{ord(sign)};" for sign in "{}`$\\\n\r\u2028\u2029%"})
_WGS84 = "EPSG:4326"
_FILL = {"pass": palette.MET, "fail": palette.SHORT[2], "no_data": palette.NO_DATA, "report_only": palette.FIGURE[1]}


def inert(text: str) -> str:
    """The text as HTML that neither a browser nor a template engine takes for anything but text."""
    return html.escape(text, quote=True).translate(_TEMPLATE_SIGNS)


Language = Literal["zh", "en"]
State = Literal["before", "after"]


@dataclass(frozen=True, eq=False)
class View:
    """What a notebook shows of an assessment."""

    assessment: Assessment
    language: Language = "zh"

    def _repr_html_(self) -> str:
        """Title, key figures and verdicts, with the digits of every other output; texts of the data are inert."""
        told, figures, rules = words(self.language), key_figures(self.assessment), verdicts(self.assessment)
        own_readings = rules.frame[rules.frame["reading"] == ""]
        synthetic = f"<p><strong>{inert(told['page.synthetic_long'])}</strong></p>" if self.assessment.before.area.is_synthetic else ""
        return (
            f"<h3>{inert(self.assessment.title[self.language])}</h3>"
            f"<p>{inert(told['page.as_of'])} {self.assessment.as_of.isoformat()} · {inert(told['page.internal'])}</p>{synthetic}"
            + self._table(figures.headings, figures.frame, ("figure", "figure_en", "before", "after"))
            + self._table(rules.headings, own_readings, ("rule_title", "rule_title_en", "clause", "verdict_before", "verdict_after"))
        )

    def _table(self, headings: Iterable[Heading], frame: pd.DataFrame, names: Sequence[str]) -> str:
        """Some columns of a table, in the language of the view."""
        shown = [heading for heading in headings if heading.name in names and heading.language in ("", self.language)]
        heads = "".join(f"<th>{inert(heading.title(self.language).removesuffix(' (English)'))}</th>" for heading in shown)
        rows = ("".join(f"<td>{inert(self._cell(heading, row))}</td>" for heading in shown) for row in frame.to_dict("records"))
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"

    def _cell(self, heading: Heading, row: Mapping[Hashable, object]) -> str:
        value = str(row[heading.name])
        if heading.unit_column:
            return with_unit(float(value), str(row[heading.unit_column]), self.language)
        return code_word(value, heading.codes, self.language) if heading.codes else value

    def explore(self, *, rule_id: str = "", state: State = "after") -> folium.Map:
        """As the function of this name."""
        return explore(self.assessment, rule_id=rule_id, state=state, language=self.language)

    def page(self, edition: PageEdition = PLAIN, *, height_px: int = 760) -> Frame:
        """The committee page, in a frame that can reach nothing of the notebook."""
        return Frame(page(self.assessment, edition), height_px)


@dataclass(frozen=True)
class Frame:
    """A whole HTML page inside the output of a cell."""

    text: str
    height_px: int

    def _repr_html_(self) -> str:
        source = html.escape(self.text, quote=True)
        return f'<iframe sandbox="allow-scripts allow-modals" style="width:100%;height:{self.height_px}px;border:0" srcdoc="{source}"></iframe>'


def explore(assessment: Assessment, *, rule_id: str = "", state: State = "after", language: Language = "zh") -> folium.Map:
    """A folium map: units coloured by what a rule says of them, the facilities, and the proposed sites.

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
