"""What a file holds: the layers of a GeoPackage, the sheets of a workbook."""

from __future__ import annotations

import warnings
from contextlib import closing
from pathlib import Path

import openpyxl
import pyogrio

from layers.sources import table, vector
from layers.sources.admission import readable_copy

DAMAGES = (*table.DAMAGES, *vector.DAMAGES)
"""What openpyxl and pyogrio raise over a damaged file."""


def parts_of(path: Path) -> tuple[str, ...]:
    """The names of its parts, () for a file that has none; raises one of `DAMAGES` over a damaged file."""
    match path.suffix.lower():
        case ".gpkg":
            with readable_copy(path) as copy, warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # what it only warns of is told when the layer is read
                return tuple(str(name) for name, _ in pyogrio.list_layers(f"GPKG:{copy}"))
        case ".xlsx":
            with path.open("rb") as file, closing(openpyxl.load_workbook(file, read_only=True)) as book:
                return tuple(sheet.title for sheet in book.worksheets)
        case _:
            return ()


def hidden_parts(path: Path) -> frozenset[str]:
    """The sheets that a workbook hides; it has been opened before."""
    if path.suffix.lower() != ".xlsx":
        return frozenset()
    with path.open("rb") as file, closing(openpyxl.load_workbook(file, read_only=True)) as book:
        return frozenset(sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible")
