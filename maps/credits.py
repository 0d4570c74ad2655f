"""Who has to be named beside a map for the data it was made from.

OpenStreetMap asks for it (ODbL 1.0, 4.3; openstreetmap.org/copyright). The licences of other files are not known here: a scenario tells them
under `[layers] assumptions`.
"""

from __future__ import annotations

from collections.abc import Iterable

from layers.study_area import Source

OSM_CREDIT = "© OpenStreetMap contributors (ODbL 1.0)"
_OSM_ENDINGS = (".osm.pbf", ".pbf", ".osm")


def credits_of(sources: Iterable[Source]) -> tuple[str, ...]:
    """The credits that the sources ask for, each once."""
    return (OSM_CREDIT,) if any(_is_osm(source) for source in sources) else ()


def _is_osm(source: Source) -> bool:
    """An extract of OpenStreetMap, or streets that were downloaded from it, whose note says so."""
    return source.path.lower().endswith(_OSM_ENDINGS) or "OpenStreetMap" in source.note
