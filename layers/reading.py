"""One file after another: admitted, read, its columns named, its cells understood, its shapes made fit.

A `Reading` is carried from layer to layer; it gathers the faults and the list of sources. Nothing here depends on where the place lies,
so that the faults of every layer are found even when the units cannot be read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.cells import is_no_data
from layers.checks import typed
from layers.columns import Named, name_columns
from layers.fault_place import of_file, within
from layers.layer_sources import FileSource, PointSource, PopulationSource, RowSource
from layers.offsets import MISTAKEN
from layers.predicates import Predicate, PredicateError
from layers.problems import Findings
from layers.projection import Bounds
from layers.saying import Said, say
from layers.shapes import X, Y, as_points, as_polygons, has_shapes, points_of_table, says_its_system
from layers.sources import READERS
from layers.sources.admission import Admitted, admit
from layers.sources.asked import Asked, Geometry
from layers.sources.database import is_database
from layers.sources.database_reading import admit_database
from layers.sources.raster import VALUE, CellGrid, cell_name, read_cells
from layers.study_area import Source
from layers.tables import Column


@dataclass(frozen=True)
class RowsOfFile:
    """The rows of one file (or of one layer or sheet in it): read = kept + those left out, each of these with the reason; None when it cannot be read."""

    layer: str
    path: str
    part: str
    """layer of the GeoPackage or sheet of the workbook, as the scenario has it; "" for the only one"""
    read: int | None
    kept: int | None
    left_out: tuple[tuple[Said, int], ...]


@dataclass
class Reading:
    """Where files are looked for, what was found wrong, and what has been read so far."""

    base_folder: Path
    findings: Findings = field(default_factory=Findings)
    sources: list[Source] = field(default_factory=list)
    rows: list[RowsOfFile] = field(default_factory=list)

    def admit(self, layer: str, path: str) -> Admitted | None:
        """The file, or None with a fault."""
        return admit(path, self.base_folder, layer, self.findings)

    def admit_source(self, layer: str, source: FileSource) -> Admitted | None:
        """The file, or the table of a database, or None with a fault."""
        return admit_database(source, layer, self.findings) if is_database(source.path) else self.admit(layer, source.path)

    def note_source(self, layer: str, file: Admitted, rows: int, note: str = "") -> None:
        """Put a file on the list of sources."""
        self.sources.append(Source(layer, file.named, file.sha256, rows, note))


@dataclass(frozen=True)
class Layer:
    """One file of a layer with our columns in their types; `frame` is a GeoDataFrame, in the file's own system, when it has shapes that can be used.

    Its index are the rows as messages call them; of a raster the rising keys of its cells, as in `layers.sources.raster.Cells`.
    """

    where: str
    frame: pd.DataFrame
    theirs: dict[str, str]
    is_osm: bool
    read_as: str = ""
    """the map offset that was undone, "gcj02" or "bd09"; "" for none"""
    grid: CellGrid | None = None
    """of a raster: where its cells lie"""
    unread: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """column of numbers -> rows whose cell holds something else, or a formula without a result, which has been told already"""

    def names_of(self, rows: pd.Index) -> list[str]:
        """Rows as messages call them."""
        return list(rows) if self.grid is None else [cell_name(key) for key in rows]


def read_rows(
    source: FileSource, layer: str, geometry: Geometry, reading: Reading, near: Bounds | None = None
) -> tuple[str, pd.DataFrame, bool] | None:
    """(how messages call it, the rows as text, whether it is OSM data) of one file, or None after telling why not."""
    file = reading.admit_source(layer, source)
    if file is None:
        return None
    where = of_file(layer, source.path, source.layer or "")
    if source.header_row is not None and file.ending not in (".csv", ".xlsx"):
        remedy = say("Take it out.")
        reading.findings.error(within(where, "header_row"), say("has use only for a table (.csv, .xlsx)"), remedy)
    frame = READERS[file.ending](file.path, source, Asked(where, geometry, near), reading.findings)
    if frame is None:
        return None
    if not len(frame):
        reading.findings.error(where, say("holds no rows"), source.remedy_of_no_rows)
        return None
    offset = source.coordinates if isinstance(source, (PointSource, PopulationSource)) and source.coordinates else ""
    reading.note_source(layer, file, len(frame), say("coordinates: {system}", system=offset) if offset else "")
    return where, frame, "osm_id" in frame.columns


def read_layer(
    source: FileSource,
    layer: str,
    columns: Sequence[Column],
    geometry: Geometry,
    reading: Reading,
    *,
    key: str = "",
    given: Collection[str] = (),
    near: Bounds | None = None,
) -> Layer | None:
    """One file as a checked layer, or None after telling its faults.

    `key` is the id column, which OSM data fills with `osm_id`; `given` are required columns that the scenario fills otherwise.
    """
    findings = reading.findings
    n_before = len(findings.problems)
    read = read_rows(source, layer, geometry, reading, near)
    if read is None:
        reading.rows.append(RowsOfFile(layer, source.path, source.layer or "", None, None, ()))
        return None
    where, frame, is_osm = read
    of_reader = findings.problems[n_before:]
    n_unread = sum(problem.left_out for problem in of_reader)
    told = {row for problem in of_reader if problem.severity == "error" for row in problem.rows}
    is_table = geometry == "point" and not isinstance(frame, gpd.GeoDataFrame)
    asked = (*columns, X, Y) if is_table else tuple(columns)
    said = {**({key: "osm_id"} if is_osm and key else {}), **source.columns, **_coordinate_columns(source)}
    named = name_columns(frame, asked, said, where, findings, given=given)
    named = replace(named, frame=_chosen_rows(named, frame, source, findings))
    _note_rows(source, layer, n_unread + len(frame), len(named.frame), n_before, reading)
    if not len(named.frame):
        return None
    checked = typed(named, asked, findings)
    unread = {column.name: rows for column in asked if (rows := _unread(named.frame, checked, column.name, told))}
    is_told = is_table and bool({"x", "y"} & set(unread))  # cell by cell
    is_placed = not is_table or (says_its_system(source, where, findings) and not is_told)
    shaped = _shaped(replace(named, frame=checked), source, geometry, findings) if is_placed else None
    bare = pd.DataFrame(checked).drop(columns="geometry", errors="ignore")
    coordinates = getattr(source, "coordinates", None)
    read_as = coordinates if coordinates in MISTAKEN else ""
    return Layer(where, bare if shaped is None else shaped, dict(named.theirs), is_osm, read_as, unread=unread)


def read_raster(source: FileSource, layer: str, column: str, reading: Reading, near: Bounds | None) -> Layer | None:
    """A raster as a layer of one column, with a row for every cell that holds a number; None after telling its faults."""
    findings = reading.findings
    n_before = len(findings.problems)
    file, where = reading.admit(layer, source.path), of_file(layer, source.path)
    cells = read_cells(file.path, source, Asked(where, "point", near), findings) if file is not None else None
    if file is None or cells is None:
        reading.rows.append(RowsOfFile(layer, source.path, "", None, None, ()))
        return None
    if not len(cells.key):
        findings.error(where, say("holds no rows"), source.remedy_of_no_rows)
        return None
    reading.note_source(layer, file, len(cells.key))
    named = Named(where, pd.DataFrame({column: cells.value}, index=pd.Index(cells.key)), {column: VALUE})
    chosen = _chosen_rows(named, named.frame.rename(columns=named.theirs), source, findings)
    _note_rows(source, layer, len(cells.key), len(chosen), n_before, reading)
    return Layer(where, chosen, dict(named.theirs), is_osm=False, grid=cells.grid) if len(chosen) else None


def _note_rows(source: FileSource, layer: str, n_read: int, n_kept: int, n_before: int, reading: Reading) -> None:
    """Put the rows of a file on the list, with those that the problems since the first `n_before` left out."""
    left_out = tuple((problem.what, problem.left_out) for problem in reading.findings.problems[n_before:] if problem.left_out)
    reading.rows.append(RowsOfFile(layer, source.path, source.layer or "", n_read, n_kept, left_out))


def _unread(cells: pd.DataFrame, checked: pd.DataFrame, name: str, told: Collection[str]) -> frozenset[str]:
    """The rows whose cell of a column of numbers holds something else, or of which the reader has told why it holds nothing (`told`)."""
    if name not in cells or checked[name].dtype != np.float64 or cells[name].dtype == np.float64:
        return frozenset()
    return frozenset(cells.index[checked[name].isna() & (cells.index.isin(told) | ~cells[name].map(is_no_data).astype(bool))])


def _coordinate_columns(source: FileSource) -> dict[str, str]:
    pairs = {"x": getattr(source, "x", None), "y": getattr(source, "y", None)}
    return {ours: theirs for ours, theirs in pairs.items() if theirs is not None}


def _chosen_rows(named: Named, raw: pd.DataFrame, source: FileSource, findings: Findings) -> pd.DataFrame:
    """The rows for which the scenario's `where` holds; it may use the file's column names and ours."""
    if not isinstance(source, RowSource) or not source.where:
        return named.frame
    where = within(named.where, "where")
    try:
        predicate = Predicate.parse(source.where)
    except PredicateError as error:
        findings.error(where, error.said, say("Correct the condition (docs/standards.md tells what it can hold)."))
        return named.frame
    cells = named.frame.assign(**{name: raw[name] for name in raw.columns if name not in named.frame.columns})
    unknown = sorted(predicate.columns - set(cells.columns))
    if unknown:
        near = get_close_matches(unknown[0], [str(c) for c in cells.columns], n=1, cutoff=0.4)
        remedy = say("Did you mean {word}?", word=near[0]) if near else say("Its columns: {columns}.", columns=list(raw.columns))
        findings.error(where, say("has no column {columns}", columns=unknown), remedy)
        return named.frame
    answers = predicate.evaluate(pd.DataFrame(cells))
    open_rows = [str(row) for row, answer in zip(cells.index, answers, strict=True) if answer is None]
    if open_rows:
        what = say("{n} row(s) have no data in the columns of the condition, and are left out", n=len(open_rows))
        findings.warning(where, what, say("Fill in the cells."), open_rows, left_out=len(open_rows))
    taken = named.frame[[answer is True for answer in answers]]
    if not len(taken):
        remedy = say("Correct the condition; an empty layer would count as nothing being there.")
        what = say("no row satisfies: {condition}", condition=source.where)
        findings.error(where, what, remedy, left_out=len(answers) - len(open_rows))
    elif len(taken) < len(answers) - len(open_rows):
        n_left_out = len(answers) - len(open_rows) - len(taken)
        what = say("{n} row(s) are left out, as the scenario asks: not {condition}", n=n_left_out, condition=source.where)
        findings.note(where, what, left_out=n_left_out)
    return taken


def _shaped(table: Named, source: FileSource, geometry: Geometry, findings: Findings) -> gpd.GeoDataFrame | None:
    """The rows with shapes fit for the layer; None when there are none to be had, which has been told."""
    frame = table.frame
    if geometry == "none":
        return None
    if isinstance(frame, gpd.GeoDataFrame):
        fit = {"point": as_points, "polygon": as_polygons, "any": _as_they_are}[geometry]
        return fit(frame, table.where, findings)
    if geometry != "point":
        findings.error(table.where, say("is a table; polygons are needed here"), say("Give a vector file, such as .gpkg."))
        return None
    if not {"x", "y"} <= set(table.theirs) or not isinstance(source, (PointSource, PopulationSource)):
        return None
    return points_of_table(table, source, findings)


def _as_they_are(frame: gpd.GeoDataFrame, where: str, findings: Findings) -> gpd.GeoDataFrame | None:
    return frame if has_shapes(frame, where, findings) else None
