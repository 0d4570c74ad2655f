"""Kinds of facilities look different on every map, by their shape and not by colour alone."""

from __future__ import annotations

from importlib.resources import files
from itertools import combinations

from layers.kinds import kinds
from maps.gis.qgis_xml import MARKERS as QGIS_MARKERS
from maps.report.drawing import MARKERS as SHEET_MARKERS


def test_kinds_of_one_parent_have_shapes_of_their_own() -> None:
    for one, other in combinations(kinds().values(), 2):
        if one.parent and one.parent == other.parent:
            assert one.symbol != other.symbol, (one.id, other.id)


def test_no_two_kinds_look_alike_unless_one_is_a_sort_of_the_other() -> None:
    for one, other in combinations(kinds().values(), 2):
        if one.id != other.parent and other.id != one.parent:
            assert (one.symbol, one.colour) != (other.symbol, other.colour), (one.id, other.id)


def test_every_map_can_draw_every_shape() -> None:
    script = files("maps.page").joinpath("templates/look.js").read_text(encoding="utf-8")
    for symbol in {kind.symbol for kind in kinds().values()}:
        assert symbol in QGIS_MARKERS
        assert symbol in SHEET_MARKERS
        assert symbol == "circle" or f"{symbol}: [" in script or f"symbol === '{symbol}'" in script
