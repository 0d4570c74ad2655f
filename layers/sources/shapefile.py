"""What GDAL does not tell of a shapefile: parts that do not belong together, the encoding of its table, text in its number columns.

The table (.dbf, dBASE III): a header of 32 bytes, 32 bytes for each column, and records of one length, the first byte of each `*` when it
was deleted. Numbers stand there as text, of which GDAL takes as much as it can read: `8x0` would be 8.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from layers.fault_place import in_column
from layers.problems import Findings
from layers.saying import say
from layers.sources.asked import Asked

_FIELD_BYTES = 32
_NUMBERS = b"NF"
_DELETED = ord("*")


@dataclass(frozen=True)
class _Field:
    name: bytes
    sort: int
    first: int
    """byte of a record at which its cells begin"""
    width: int


@dataclass(frozen=True, eq=False)
class _Table:
    fields: tuple[_Field, ...]
    records: NDArray[np.uint8]
    """(rows, bytes of a record); only those that are there whole"""
    n_rows: int
    """as the header says"""


def shapefile_encoding(path: Path, stated: str | None, asked: Asked, findings: Findings) -> str | None:
    """The encoding to read a shapefile with: the stated one, else utf-8 if its texts are, else gb18030; None after telling its faults."""
    table = _table_of(path)
    if not _parts_agree(path, table, asked, findings):
        return None
    _tell_cells(table, asked, findings)
    return _encoding_of(table, (stated,) if stated else ("utf-8", "gb18030"), asked, findings)


def _part(path: Path, suffix: str) -> Path:
    return next(path.with_suffix(s) for s in (suffix, suffix.upper()) if path.with_suffix(s).exists())


def _table_of(path: Path) -> _Table:
    content = _part(path, ".dbf").read_bytes()
    n_rows, n_header, n_record = (int.from_bytes(content[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    fields, first = [], 1
    for at in range(_FIELD_BYTES, n_header - 1, _FIELD_BYTES):
        field = content[at : at + _FIELD_BYTES]
        if len(field) < _FIELD_BYTES or field[0] == 0x0D:
            break
        fields.append(_Field(field[:11].split(b"\0")[0], field[11], first, field[16]))
        first += field[16]
    body = np.frombuffer(content[n_header:], dtype=np.uint8)
    n_whole = min(n_rows, len(body) // n_record) if n_record else 0
    return _Table(tuple(fields), body[: n_whole * n_record].reshape(n_whole, n_record), n_rows)


def _parts_agree(path: Path, table: _Table, asked: Asked, findings: Findings) -> bool:
    """Whether the index of the shapes and the table have as many rows; GDAL would take the smaller number."""
    n_shapes = (_part(path, ".shx").stat().st_size - 100) // 8  # a header of 100 bytes, 8 bytes for each shape
    if n_shapes != table.n_rows:
        what = say("it has {n_shapes} shapes but {n_rows} rows in its table", n_shapes=n_shapes, n_rows=table.n_rows)
        findings.error(asked.where, what, say("Copy all files of the shapefile again."))
    return n_shapes == table.n_rows


def _tell_cells(table: _Table, asked: Asked, findings: Findings) -> None:
    """Rows that are marked as deleted, and cells of number columns that hold something else."""
    deleted = table.records[:, 0] == _DELETED if len(table.records) else np.zeros(0, dtype=np.bool_)
    if deleted.any():
        what = say("{n} row(s) are marked as deleted and are not read", n=int(deleted.sum()))
        findings.note(asked.where, what, rows=[f"feature {row}" for row in np.flatnonzero(deleted)])
    for field in table.fields:
        if field.sort not in _NUMBERS or not len(table.records):
            continue
        cells = np.ascontiguousarray(table.records[:, field.first : field.first + field.width]).view(f"S{field.width}").ravel()
        odd = [cell for cell in np.unique(cells) if not _is_number(bytes(cell))]
        found = np.flatnonzero(np.isin(cells, odd) & ~deleted)
        if len(found):
            name = field.name.decode("gb18030", errors="replace")
            rows = [f"feature {row}: {bytes(cells[row]).decode('gb18030', errors='replace').strip()}" for row in found]
            what = say("{n} cell(s) of a number column hold text", n=len(rows))
            findings.error(in_column(asked.where, name), what, say("Correct the cells."), rows)


def _is_number(cell: bytes) -> bool:
    """Whether a cell of a number column is a number, or blank or stars (no data)."""
    text = cell.strip(b" \0*")
    try:
        return not text or (b"_" not in text and float(text) is not None)
    except ValueError:
        return False


def _encoding_of(table: _Table, encodings: Sequence[str], asked: Asked, findings: Findings) -> str | None:
    """The first of these encodings that its texts are in. Of the names of the columns a character may be cut off at the end; they tell where all cells are ASCII."""
    cells = table.records.tobytes()
    texts = [field.name for field in table.fields] if cells.isascii() else [cells]
    for encoding in encodings:
        try:
            b"a".decode(encoding)  # codecs that are not of text say so here
            for text in texts:
                codecs.getincrementaldecoder(encoding)().decode(text, final=not cells.isascii())
        except (ValueError, LookupError):
            continue
        return encoding
    what = say("is not text in {encoding}", encoding=" / ".join(encodings))
    findings.error(asked.where, what, say('State what it is, e.g. encoding = "big5".'))
    return None
