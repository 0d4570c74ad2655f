"""The page as text: the template with style, Leaflet, script and data island inside, and nothing fetched from anywhere.

A content security policy with the fingerprints of our own script and style stands in the head: the browser itself refuses any
script that is not ours, and any request but for tiles of the base map that the scenario asked for.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from maps import palette
from maps.page import about, figures, marks, plans
from maps.page.edition import PageEdition
from maps.page.ground import Ground
from maps.page.island import Json, island
from maps.page.outlook import outlook
from maps.page.places import people_of_places
from maps.page.switching import switching
from maps.tables.gains import gain_of
from maps.tables.run_tables import JUDGED
from maps.words import LANGUAGES, words
from planner.assessment import Assessment

SCRIPTS = (
    "island", "scenarios", "words", "look", "view", "base", "differences", "exact", "switching", "whatif", "switchboard", "paint", "map", "legend", "rules", "units",
    "proposals", "charts", "compare", "about", "townships", "print", "app",
)  # fmt: skip
"""Parts of the script, in the order they are joined: later parts use earlier ones."""


PLAIN = PageEdition()


def page(assessment: Assessment, edition: PageEdition = PLAIN) -> str:
    """The whole HTML file of one assessment."""
    return filled_page(assessment.title["zh"], content(assessment), edition)


def filled_page(title: str, told: Mapping[str, Json], edition: PageEdition = PLAIN) -> str:
    """The whole HTML file that tells this content."""
    style = _without_links(_text("vendor/leaflet.css")) + _text("templates/page.css") + _text("templates/print.css")
    leaflet = re.sub(r"//# sourceMappingURL=\S+", "", _text("vendor/leaflet.js"))
    script = "(function () {\n'use strict';\n" + "\n".join(_text(f"templates/{name}.js") for name in SCRIPTS) + "\n}());\n"
    parts = {
        "title": html.escape(title),
        "policy": _policy(edition, style, leaflet, script),
        "licence": _text("vendor/LICENSE-leaflet.txt").replace("--", "- -"),
        "no_script": html.escape(" ".join(words(language)["page.no_script"] for language in LANGUAGES)),
        "style": style,
        "leaflet": leaflet,
        "script": script,
        "island": island({**told, **edition.content()}),
    }
    return re.sub(r"\[\[(\w+)\]\]", lambda mark: parts[mark.group(1)], _text("templates/page.html"))


def content(assessment: Assessment, ground: Ground | None = None, together: Sequence[Assessment] = ()) -> dict[str, Json]:
    """Everything the script draws of one assessment. `ground` and `together` are those of several scenarios on one page."""
    area = assessment.before.area
    ground = ground or Ground.of(area)
    grid = ground.grid_of(area)
    return {
        "languages": list(LANGUAGES),
        "judged": list(JUDGED),
        "words": {language: dict(words(language)) for language in LANGUAGES},
        "names": about.names(),
        "colours": _colours(),
        "origin": [grid.west_degrees, grid.south_degrees],
        "head": about.head(assessment),
        "places": {**ground.drawn, "people": people_of_places(area, ground.table)},
        "rules": figures.rules(assessment, ground.rows, together),
        "people": marks.people(assessment, grid),
        "facilities": marks.facilities(assessment, grid),
        "candidates": marks.candidates(assessment, grid),
        "proposals": marks.proposals(assessment, grid),
        "circles": marks.circles(assessment, grid),
        "streets": marks.streets(area.streets, grid),
        "balance": about.balance(assessment),
        "unit_balance": about.unit_balance(assessment),
        "choice": about.choice(assessment),
        "gain": gain_of(assessment),
        "reading": about.reading(assessment),
        "projected": outlook(assessment),
        "switching": switching(assessment, ground.rows, grid),
        "details": plans.proposal_details(assessment),
        "alternatives": plans.alternatives(assessment),
        "curve": plans.curve(assessment),
        "minutes_spread": marks.minutes_spread(assessment),
    }


def _colours() -> Json:
    return {
        "met": palette.MET, "short": list(palette.SHORT), "no_data": palette.NO_DATA, "not_applicable": palette.NOT_APPLICABLE,
        "figure": list(palette.FIGURE), "minutes": list(palette.MINUTES), "beyond": palette.BEYOND, "off_network": palette.OFF_NETWORK,
        "circle": palette.CIRCLE, "proposal": palette.PROPOSAL, "candidate": palette.CANDIDATE, "street": palette.STREET,
        "boundary": palette.BOUNDARY, "selected": palette.SELECTED, "gain": list(palette.GAIN), "loss": list(palette.LOSS), "same": palette.SAME,
    }  # fmt: skip


def _policy(edition: PageEdition, style: str, *scripts: str) -> str:
    """Content security policy: nothing from the network but pictures of the base map, if there is one; only these scripts and this style."""
    pictures = f"data: {edition.base_map.host}" if edition.base_map else "data:"
    allowed = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return f"default-src 'none'; img-src {pictures}; style-src 'sha256-{_sha256(style)}'; script-src {allowed}"


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _without_links(css: str) -> str:
    """A style sheet without the declarations that would fetch pictures."""
    return re.sub(r"[\w-]+:\s*url\([^)]*\)[^;}]*;?", "", css)


def _text(name: str) -> str:
    return files("maps.page").joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")
