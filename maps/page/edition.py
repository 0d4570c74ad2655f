"""`PageEdition`: what a scenario's `[outputs]` add to a committee page beside the result: a map review number, a base map."""

from __future__ import annotations

import os
from dataclasses import dataclass

from maps.base_map import BASE_MAPS, KEY_VARIABLE, BaseMap
from maps.outputs import Outputs
from maps.page.island import Json


@dataclass(frozen=True)
class PageEdition:
    """By default a page without review number that fetches nothing."""

    review_number: str = ""
    base_map: BaseMap | None = None

    def content(self) -> dict[str, Json]:
        """What the page's script is told of it."""
        return {"review_number": self.review_number, "base_map": _tiles(self.base_map) if self.base_map else None}


def _tiles(base_map: BaseMap) -> Json:
    credit: Json = {"zh": base_map.credit_zh, "en": base_map.credit_en}
    return {"layers": list(base_map.layers), "credit": credit, "last_zoom": base_map.last_zoom}


def edition_of(outputs: Outputs) -> PageEdition:
    """The edition that a scenario asks for; the key of its base map comes from the environment."""
    base_map = BASE_MAPS.get(outputs.base_map)
    return PageEdition(outputs.review_number, base_map and base_map.with_key(os.environ.get(KEY_VARIABLE, "")))
