"""`plan_shapefile.zip`: the layers of a result as shapefiles, for software that reads nothing newer.

A shapefile holds names of ten ASCII characters and texts of 254 bytes. The names are `short_names`, told in `fields.csv`; longer texts are
cut at a whole character, and how many is told there too. The `.cpg` says how texts are encoded; a character that GBK lacks is written as 〓, and
`replaced.csv` holds such texts whole: who asks for GBK has software that reads nothing else. Figures have 15 decimals at most.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray
from pyproj import CRS

from layers.saying import Said, say
from maps.gis.layer_package import DICTIONARY, as_csv, dictionary, other_columns, pack, packed_fields
from maps.gis.short_names import short_names
from maps.outputs import ShapefileEncoding
from maps.publishing.manifest import PublishError
from maps.publishing.record import RunRecord
from maps.tables.all_tables import in_system, map_layers, shape_type, storable
from maps.tables.shown import ShownTable
from maps.tables.unit_tables import column_stems
from planner.assessment import Assessment

MAX_TEXT_BYTES = 254
MAX_FIELDS = 255
LACKING = "〓"
"""printers' mark for a character that is not at hand"""
REPLACED = "replaced.csv"
MOST_TOLD = 10
"""characters named in the message"""
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def write_shapefiles(assessment: Assessment, path: Path, *, record: RunRecord, crs: CRS, encoding: ShapefileEncoding) -> None:
    """Write the package.

    Raises
    ------
    PublishError
        when a layer has too many columns, or a file does not read back as it was written
    """
    layers = [in_system(layer, crs) for layer in map_layers(assessment)]
    stems = list(column_stems(assessment).values())
    names = {layer.id: short_names([h.name for h in layer.headings], stems) for layer in layers}
    for layer in layers:
        if len(layer.headings) > MAX_FIELDS:
            raise PublishError(
                say(
                    "shapefile: {layer} has {n} columns, more than {most}. Take another of the formats.",
                    layer=layer.id,
                    n=len(layer.headings),
                    most=MAX_FIELDS,
                )
            )
    n_cut: dict[tuple[str, str], int] = {}
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for layer in layers:
            frame, cut = _fitted(layer, encoding)
            n_cut |= {(layer.id, column): n for column, n in cut.items()}
            file = Path(folder) / f"{layer.id}.shp"
            _write(layer, frame.rename(columns=names[layer.id]), file, record, encoding)
            _compare(file, frame, names[layer.id])
        files: dict[str, Path | bytes] = {DICTIONARY: dictionary(layers, names, n_cut)}
        if replaced := _replaced_texts(layers, names, encoding):
            files[REPLACED] = replaced
        files |= {f"{layer.id}{part}": Path(folder) / f"{layer.id}{part}" for layer in layers for part in PARTS}
        pack(path, files)


def check_shapefiles(path: Path) -> None:
    """Open every layer again; raises when one is damaged or has other fields than the dictionary says."""
    for layer, fields in packed_fields(path):
        if list(pyogrio.read_info(f"/vsizip/{path}/{layer}.shp")["fields"]) != fields:
            raise PublishError(other_columns(path, layer))


def untold_characters(assessment: Assessment, encoding: ShapefileEncoding) -> Said | None:
    """What has to be said before the package is written: characters that the encoding lacks, and what stands in their place."""
    replaced = [text for layer in map_layers(assessment) for text in _replaced(layer, encoding)]
    if not replaced:
        return None
    odd = sorted({character for found in replaced for character in found.text if not _holds(encoding, character)})
    return say(
        "shapefile: {encoding} has no character {odd}: in {n} text(s) {mark} stands in its place, {file} of the package holds them whole. "
        "To keep them, set [outputs] shapefile_encoding = {other}.",
        encoding=encoding.upper(),
        odd=", ".join(odd[:MOST_TOLD]) + (" ..." if len(odd) > MOST_TOLD else ""),
        n=len(replaced),
        mark=LACKING,
        file=REPLACED,
        other='"utf-8"',
    )


@dataclass(frozen=True)
class _Replaced:
    """A text that the encoding cannot hold: its layer, row (from 1) and column."""

    layer: str
    row: int
    column: str
    text: str


def _replaced(layer: ShownTable, encoding: str) -> Iterator[_Replaced]:
    for heading in layer.headings:
        values = storable(layer, heading)
        if values.dtype == object:
            for row, text in enumerate(values, start=1):
                if not _holds(encoding, text):
                    yield _Replaced(layer.id, row, heading.name, text)


def _holds(encoding: str, text: str) -> bool:
    return text.isascii() or text.encode(encoding, "ignore").decode(encoding) == text


def _replaced_texts(layers: Sequence[ShownTable], names: Mapping[str, Mapping[str, str]], encoding: str) -> bytes:
    """`replaced.csv`: the texts that were changed, whole."""
    rows = [(r.layer, r.row, names[r.layer][r.column], r.text) for layer in layers for r in _replaced(layer, encoding)]
    return as_csv(("layer", "row", "field", "text"), rows) if rows else b""


def _fitted(layer: ShownTable, encoding: str) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """The rows with texts that fit; column -> how many cells had to be cut."""
    columns: dict[str, pd.Series] = {}
    n_cut: dict[str, int] = {}
    for heading in layer.headings:
        values = storable(layer, heading)
        if values.dtype == object:
            values, n_cut[heading.name] = _cut(values, encoding)
        columns[heading.name] = values
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=layer.frame["geometry"], crs=layer.frame.crs), n_cut


def _cut(texts: pd.Series, encoding: str) -> tuple[pd.Series, int]:
    """The texts as the encoding and the width of a field hold them; how many were too long."""
    held = [text if _holds(encoding, text) else "".join(c if _holds(encoding, c) else LACKING for c in text) for text in texts]
    encoded = [text.encode(encoding) for text in held]
    fitted = [
        text if len(raw) <= MAX_TEXT_BYTES else raw[:MAX_TEXT_BYTES].decode(encoding, "ignore")
        for text, raw in zip(held, encoded, strict=True)
    ]
    return pd.Series(fitted, index=texts.index, dtype=object), sum(len(raw) > MAX_TEXT_BYTES for raw in encoded)


def _write(layer: ShownTable, frame: gpd.GeoDataFrame, file: Path, record: RunRecord, encoding: str) -> None:
    pyogrio.write_dataframe(
        frame,
        file,
        driver="ESRI Shapefile",
        encoding=encoding.upper(),
        geometry_type=shape_type(layer).removeprefix("Multi"),
        layer_options={"DBF_DATE_LAST_UPDATE": record.as_of.isoformat()},
    )


def _compare(file: Path, frame: gpd.GeoDataFrame, names: Mapping[str, str]) -> None:
    """Hold the written file against the rows: every figure, flag and text."""
    found = pyogrio.read_dataframe(file)
    if len(found) != len(frame):
        raise PublishError(say("{file} has {n} rows instead of {wanted}. Run again.", file=file.name, n=len(found), wanted=len(frame)))
    for column, name in names.items():
        wanted, got = frame[column], found[name]
        if wanted.dtype == object:
            same = [text.strip() for text in wanted] == ["" if pd.isna(text) else str(text).strip() for text in got]
        else:
            same = np.allclose(_numbers(wanted), _numbers(got), rtol=1e-12, atol=1e-9, equal_nan=True)
        if not same:
            raise PublishError(say("{file}: {column} does not read back as it was written. Run again.", file=file.name, column=column))


def _numbers(values: pd.Series) -> NDArray[np.float64]:
    """Figures and flags as numbers, NaN for none."""
    return np.array([np.nan if pd.isna(value) else float(value) for value in values], dtype=np.float64)
