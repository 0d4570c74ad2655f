"""What a reader is asked for, and the form in which every reader answers: cells as text, rows named as a person would find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from layers.cells import cell_text
from layers.layer_sources import FileSource
from layers.problems import Findings
from layers.projection import Bounds

Geometry = Literal["none", "point", "polygon", "any"]


@dataclass(frozen=True)
class Asked:
    """One reading: `where` names layer and file in messages, `near` is the rectangle of the units, for rasters larger than the place."""

    where: str
    geometry: Geometry
    near: Bounds | None = None


Reader = Callable[[Path, FileSource, Asked, Findings], pd.DataFrame | None]
"""A reader gives a table whose index names the rows (`row 5`) and whose columns are text ("" for nothing), as a GeoDataFrame with its own
system where the file has geometry; None after telling a fault."""


def text_column(column: pd.Series) -> pd.Series:
    """A column of any type as text."""
    return pd.Series([cell_text(cell) for cell in column], index=column.index, dtype=object, name=column.name)
