"""Tables: CSV and workbooks, every cell as text, exactly as it stands.

Spreadsheets and table libraries guess types, and a guess that fails is a wrong number: codes lose their zeros, `1,234` becomes nothing, a
comma too many shifts a row. Here nothing is guessed; `layers.cells` understands the cells of a column once it is known which column it is.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
import pandas as pd
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from layers.cells import cell_text, plain
from layers.layer_sources import FileSource
from layers.problems import Findings, reason_of
from layers.saying import say
from layers.shortage import pass_on_shortage
from layers.sources.asked import Asked
from layers.sources.header_row import Merged, Rows, find_header
from layers.sources.title_units import in_unit_of_title

_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_TOTAL = re.compile(r".{0,10}(合计|小计|总计|共计|汇总|总和)[::]?|total|subtotal|grandtotal", re.IGNORECASE)
DAMAGES = (
    InvalidFileException,
    BadZipFile,
    zlib.error,
    SyntaxError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    OSError,
    ValueError,
    RuntimeError,
)
"""What openpyxl raises over a damaged workbook: it looks at nothing before it uses it. XML that is broken is a SyntaxError."""
_STUMBLES = (KeyError, IndexError, AttributeError, TypeError)
"""Of these the text speaks of Python, not of the file."""
_LITERALS = re.compile(r'"[^"]*"|\\.')
"""Parts of a number format that are shown as they stand."""
_SHEET_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")


def read_csv(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The rows of a CSV file (comma, semicolon or tab; utf-8, else gb18030, unless the scenario states an encoding)."""
    content = path.read_bytes()
    text = _decoded(content, source.encoding, asked, findings)
    if text is None:
        return None
    if not text.endswith(("\n", "\r")):
        what = say("its last line has no line end: the file may have been cut off")
        findings.warning(asked.where, what, say("Check the last row."))
    lines = text.splitlines()[(source.header_row or 1) - 1 :]
    first = next((line for line in lines if set(",\t;") & set(line)), "")  # title lines may have none
    delimiter = max(",\t;", key=first.count)
    try:
        rows = list(_csv_rows(text, delimiter))
    except csv.Error as error:
        findings.error(asked.where, say("cannot be read: {reason}", reason=reason_of(error)), say("Look for a stray quotation mark."))
        return None
    return _table(rows, (), source, asked, findings)


def _decoded(content: bytes, stated: str | None, asked: Asked, findings: Findings) -> str | None:
    marked = _BYTE_ORDER_MARKS.get(content[:2])
    for encoding in [stated] if stated else [marked] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
        except (ValueError, LookupError):
            continue
        if "\x00" in text:
            break
        return text
    what = say("is not text in {encoding}", encoding=stated or marked or "utf-8 / gb18030")
    findings.error(asked.where, what, say('State what it is, e.g. encoding = "big5".'))
    return None


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def read_workbook(path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The rows of one sheet of a workbook; formulas count by the value that was stored with them."""
    try:
        with path.open("rb") as file, closing(openpyxl.load_workbook(file, data_only=True)) as book:
            sheet = _sheet_of([sheet.title for sheet in book.worksheets], source, asked, findings)
            if sheet is None:
                return None
            merged = [Merged(str(a), a.min_row, a.max_row, a.min_col, a.max_col) for a in book[sheet].merged_cells.ranges]
            rows = [(i, [_text_of(cell) for cell in row]) for i, row in enumerate(book[sheet].iter_rows(), start=1)]
            if book[sheet].sheet_state != "visible":
                what = say("sheet {sheet} is hidden in the workbook", sheet=sheet)
                findings.note(asked.where, what, say("Check that it is the one you mean."))
            hidden = [f"row {i}" for i, row in book[sheet].row_dimensions.items() if row.hidden]
        empty_formulas = _empty_formulas(path, sheet, rows)
    except DAMAGES as error:
        pass_on_shortage(error)
        remedy = say("Open it in Excel or WPS and save it again as .xlsx.")
        reason = say("something in it is not as a workbook has it") if isinstance(error, _STUMBLES) else reason_of(error)
        findings.error(asked.where, say("cannot be read: {reason}", reason=reason), remedy)
        return None
    if hidden:
        what = say(
            "{n} row(s) of sheet {sheet} are hidden or filtered out there; they are read like the others", n=len(hidden), sheet=sheet
        )
        findings.note(asked.where, what, say("If they shall not count, delete them or leave them out with `where`."), hidden)
    if empty_formulas:
        remedy = say("Open the workbook in Excel or WPS and save it.")
        findings.error(asked.where, say("formulas whose results were not saved in the file"), remedy, empty_formulas)
    errors = [f"row {line}: {cell}" for line, cells in rows for cell in cells if cell in _SHEET_ERRORS]
    if errors:
        findings.error(asked.where, say("{n} cell(s) hold a spreadsheet error", n=len(errors)), say("Correct the formulas."), errors)
    return _table(rows, merged, source, asked, findings)


def _text_of(cell: Cell | MergedCell) -> str:
    """A cell as text; a number that is shown as a percentage is one: `0.15` under the format `0%` says `15%`, which is no count."""
    if isinstance(cell.value, (int, float)) and "%" in _LITERALS.sub("", cell.number_format):
        return f"{100 * cell.value:.10g}%"
    return cell_text(cell.value)


def _sheet_of(names: Sequence[str], source: FileSource, asked: Asked, findings: Findings) -> str | None:
    if source.layer in names or (source.layer is None and len(names) == 1):
        return source.layer or names[0]
    if not names:
        findings.error(asked.where, say("has no sheet"), say("Open it in Excel or WPS and save it again as .xlsx."))
        return None
    near = get_close_matches(source.layer or "", names, n=1) or list(names[:1])
    what = say("has several sheets; its sheets: {sheets}", sheets=names)
    if source.layer:
        what = say("has no sheet {sheet}; its sheets: {sheets}", sheet=source.layer, sheets=names)
    findings.error(asked.where, what, say('Say which, e.g. layer = "{layer}".', layer=near[0]))
    return None


def _empty_formulas(path: Path, sheet: str, rows: Rows) -> list[str]:
    """Cells that hold a formula but no value: a workbook written by a program and never opened would read as empty there."""
    with path.open("rb") as file, closing(openpyxl.load_workbook(file, data_only=False, read_only=True)) as book:
        return [
            f"row {line}"
            for (line, cells), formulas in zip(rows, book[sheet].iter_rows(values_only=True), strict=False)
            for cell, formula in zip(cells, formulas, strict=False)
            if not cell and (isinstance(formula, (ArrayFormula, DataTableFormula)) or str(formula).startswith("="))
        ]


def _table(rows: Rows, merged: Sequence[Merged], source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The table of a header and rows; lines without any text are passed over, everything out of order is a fault."""
    filled = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        findings.error(asked.where, say("holds no rows"), source.remedy_of_no_rows)
        return None
    header = find_header(filled, merged, source, asked, findings)
    if header is None:
        return None
    width = len(header.names)
    body = [
        (line, cells[:width] if not any(c.strip() for c in cells[width:]) else cells) for line, cells in filled if line > header.last_line
    ]
    if not body:
        findings.error(asked.where, say("holds no rows, only column names"), source.remedy_of_no_rows)
        return None
    body = _good_rows(width, body, is_sheet=source.path.lower().endswith(".xlsx"), asked=asked, findings=findings)
    if not body:
        return None
    index = pd.Index([f"row {line}" for line, _ in body], dtype=object)
    frame = pd.DataFrame([[cell.strip() for cell in cells] for _, cells in body], columns=list(header.names), index=index, dtype=object)
    return in_unit_of_title(frame, header.titles, source, asked, findings)


def _good_rows(width: int, body: Rows, *, is_sheet: bool, asked: Asked, findings: Findings) -> Rows:
    """The rows whose cells can be told apart; the others are faults, and these are looked at all the same so that theirs are told too."""
    ragged = {line: len(cells) for line, cells in body if len(cells) != width}
    if ragged:
        what = say("{n} row(s) have more or fewer cells than the header ({n_header})", n=len(ragged), n_header=width)
        rows: list[str] = [say("row {line}: {n} cell(s)", line=line, n=n) for line, n in ragged.items()]
        remedy = say("Look for a missing or extra comma.")
        if is_sheet:
            remedy = say("Give every column that holds something a name in the header, or clear its cells.")
        findings.error(asked.where, what, remedy, rows, left_out=len(ragged))
    totals = {line for line, cells in body if any(_TOTAL.fullmatch("".join(plain(cell).split())) for cell in cells)}
    if totals:
        rows = [f"row {line}" for line in sorted(totals)]
        what = say("rows of totals would be counted twice")
        findings.error(asked.where, what, say("Delete these rows (合计, 小计 ...)."), rows, left_out=len(totals - set(ragged)))
    return [(line, cells) for line, cells in body if line not in ragged and line not in totals]
