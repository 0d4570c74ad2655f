"""What a planner's files hold: every layer, sheet or table with its columns as text, as the readers of `layers` give them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from layers.cells import plain
from layers.fault_place import of_file
from layers.layer_sources import FileSource
from layers.levels import is_chinese_code
from layers.problems import Findings
from layers.saying import say
from layers.shortage import pass_on_shortage
from layers.sources import READERS
from layers.sources.admission import admit
from layers.sources.asked import Asked
from layers.sources.parts import DAMAGES, hidden_parts, parts_of

Shape = Literal["none", "point", "line", "polygon", "raster", "osm"]
_UNREAD: dict[str, Shape] = {".tif": "raster", ".tiff": "raster", ".osm.pbf": "osm", ".pbf": "osm", ".osm": "osm"}
"""Files that are told by their ending alone: a country's extract takes minutes to read."""
_ANY_CRS = "EPSG:4490"
"""taken for a second look at a file that does not state its system; only its columns and the sort of its shapes are looked at"""
_CODE_SHARE = 0.9
"""A column holds codes when this share of its filled cells are Chinese division codes."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A layer of a GeoPackage, a sheet of a workbook, or a file that is one table; `path` as the scenario will name it."""

    path: str
    part: str
    """"" for the only one"""
    shape: Shape
    frame: pd.DataFrame
    states_crs: bool = True
    """whether a file with shapes says what system they are in"""
    is_hidden: bool = False
    """whether a workbook hides it"""

    @cached_property
    def names(self) -> list[str]:
        """Its columns."""
        return [str(name) for name in self.frame.columns if name != "geometry"]

    @property
    def called(self) -> str:
        """File and part as people call them."""
        return f"{self.path} ({self.part})" if self.part else self.path

    @property
    def words(self) -> str:
        """Everything in its name that may tell what it is."""
        return f"{Path(self.path).stem} {self.part}".lower()

    def codes(self, name: str) -> list[str]:
        """The cells of a column when they are Chinese division codes; [] when they are not."""
        cells = [plain(cell) for cell in self.frame[name] if plain(cell)]
        is_code = [is_chinese_code(cell) and len(cell) >= len("430000") for cell in cells]
        return cells if cells and sum(is_code) >= _CODE_SHARE * len(cells) else []


def sheets_of(files: Sequence[Path], folder: Path, findings: Findings) -> list[Sheet]:
    """Every sheet of the files that can be read; what cannot is told to `findings`, as `check` would tell it."""
    return [sheet for file in files for sheet in _sheets(file, folder, findings)]


def _sheets(file: Path, folder: Path, findings: Findings) -> Iterator[Sheet]:
    named = relative(file, folder)
    admitted = admit(str(file), Path.cwd(), say("files"), findings)
    if admitted is None:
        return
    if admitted.ending in _UNREAD:
        yield Sheet(named, "", _UNREAD[admitted.ending], pd.DataFrame())
        return
    where = of_file(say("files"), str(file))
    try:
        parts, hidden = parts_of(admitted.path), hidden_parts(admitted.path)
    except DAMAGES as error:
        pass_on_shortage(error)
        findings.error(where, say("cannot be read: {reason}", reason=str(error)), say("Open it and save it again."))
        return
    for part in parts or ("",):
        told = Findings()
        for crs in (None, _ANY_CRS):
            looked = Findings()
            source = FileSource(path=named, layer=part or None, crs=crs)
            frame = READERS[admitted.ending](admitted.path, source, Asked(of_file(say("files"), str(file), part), "none"), looked)
            told = told if told.problems else looked
            if frame is not None and len(frame):
                yield Sheet(named, part if len(parts) > 1 else "", _shape(frame), frame, crs is None, part in hidden)
                break
        else:
            findings.problems.extend(told.problems)


def relative(file: Path, folder: Path) -> str:
    """How the scenario in `folder` names a file; a file on another drive keeps its whole path."""
    try:
        return Path(os.path.relpath(file.absolute(), folder.absolute())).as_posix()
    except ValueError:
        return file.absolute().as_posix()


def _shape(frame: pd.DataFrame) -> Shape:
    if not isinstance(frame, gpd.GeoDataFrame):
        return "none"
    sorts = frame.geometry.geom_type.dropna().str.removeprefix("Multi")
    known: dict[str, Shape] = {"Point": "point", "LineString": "line", "LinearRing": "line", "Polygon": "polygon"}
    return known.get(str(sorts.mode().iloc[0]), "none") if len(sorts) else "none"
