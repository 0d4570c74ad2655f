"""Layers one file each in a zip file, with a dictionary of their columns: the common part of shapefiles, GeoParquet and GeoJSON.

The zip file has no clock in it: the same files give the same bytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from layers.saying import Said, say
from maps.publishing.manifest import PublishError
from maps.tables.shown import ShownTable, code_word

DICTIONARY = "fields.csv"
_FILE_TIME = (1980, 1, 1, 0, 0, 0)
_HEADER = ("layer", "layer_zh", "layer_en", "field", "column", "zh", "en", "unit_zh", "unit_en", "cut_cells")


def names_as_they_are(layer: ShownTable) -> dict[str, str]:
    """Column -> its name in a file, for formats that hold every name."""
    return {heading.name: heading.name for heading in layer.headings}


def dictionary(layers: Sequence[ShownTable], names: Mapping[str, Mapping[str, str]], n_cut: Mapping[tuple[str, str], int]) -> bytes:
    """`fields.csv`: what every field of every layer means, in Chinese and English.

    `names` is layer -> column -> field; `n_cut` counts the cells of (layer, column) that had to be cut.
    """
    rows: list[tuple[str | int, ...]] = []
    for layer in layers:
        for heading in layer.headings:
            units = [code_word(heading.unit, "unit", language) for language in ("zh", "en")]
            titles = (layer.id, layer.zh, layer.en, names[layer.id][heading.name], heading.name, heading.zh, heading.en, *units)
            rows.append((*titles, n_cut.get((layer.id, heading.name), 0)))
    return as_csv(_HEADER, rows)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """A table as CSV that spreadsheets read as it is: UTF-8 with a mark, and no text that would be taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_as_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def pack(path: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write a zip file of these entries, in their order."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_FILE_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content if isinstance(content, bytes) else content.read_bytes())


def other_columns(path: Path, layer: str) -> Said:
    """That a layer does not have the columns of its dictionary."""
    return say(
        "{file}: {layer} has other columns than {dictionary} says. Please report this as a fault of quarterhour.",
        file=path.name,
        layer=layer,
        dictionary=DICTIONARY,
    )


def packed_fields(path: Path) -> Iterator[tuple[str, list[str]]]:
    """(layer, its fields) of a package, as its dictionary says.

    Raises
    ------
    PublishError
        when an entry of it is damaged
    """
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged is not None:
            raise PublishError(say("{file}: {entry} is damaged. Run again.", file=path.name, entry=damaged))
        text = archive.read(DICTIONARY).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for layer in dict.fromkeys(row["layer"] for row in rows):
        yield layer, [row["field"] for row in rows if row["layer"] == layer]
