"""A document for Word and WPS that an office restyles as its own letters: everything is said by styles, nothing by hand.

Paragraphs: Title, Subtitle, Heading 1 and 2, Normal, List Bullet, Caption, Footer, and of our own Lead, Picture, Table Text, Table Head,
Table Figure and Table Figure Head. Tables: Brief Table. By hand stand only widths of columns and rows that stay whole. The same content gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

LATIN, CHINESE = "Arial", "Microsoft YaHei"
"""Fonts that offices have; where one is missing Word takes another of its kind."""
TEXT_WIDTH_CM = 16.6
TABLE_STYLE = "Brief Table"
FIXED = (1980, 1, 1, 0, 0, 0)
"""date of every part inside the file"""
_SIZES = (
    ("Normal", 10.5, None), ("Title", 20, "1F3864"), ("Subtitle", 11, "5A6472"), ("Heading 1", 14, "1F3864"), ("Heading 2", 11.5, "2171B5"),
    ("Caption", 9, "5A6472"), ("List Bullet", 10.5, None), ("Footer", 9, "5A6472"), ("Lead", 10.5, None), ("Picture", 10.5, None), ("Table Text", 9, None),
    ("Table Head", 9, None), ("Table Figure", 9, None), ("Table Figure Head", 9, None),
)  # fmt: skip
"""style, size [pt], colour"""

_OWN = (
    ("Lead", "Normal"), ("Picture", "Normal"), ("Table Text", "Normal"), ("Table Head", "Table Text"), ("Table Figure", "Table Text"),
    ("Table Figure Head", "Table Head"),
)  # fmt: skip
"""styles of our own, each with the one that it is made from"""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    width_cm: float
    is_figure: bool = False
    """written to the right, so that digits stand below one another"""


def new_document(language: str, title: str, as_of: dt.date, footer: str) -> Document:
    """An A4 document without content; `footer` holds `{page}` where the number of the page stands."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm((21.0 - TEXT_WIDTH_CM) / 2)
    section.top_margin = section.bottom_margin = Cm(2.0)
    _styles(document, language)
    _footer(document, footer)
    core = document.core_properties
    core.title, core.author, core.comments = printable(title), "quarterhour", ""
    core.created = core.modified = dt.datetime.combine(as_of, dt.time(), tzinfo=dt.UTC)
    core.last_modified_by, core.revision = "quarterhour", 1
    return document


def add_heading(document: Document, text: str, level: int) -> None:
    """A heading, which stays with what follows."""
    document.add_heading(printable(text), level)


def add_paragraph(document: Document, text: str, style: str = "Normal") -> None:
    """A paragraph of a style."""
    document.add_paragraph(printable(text), style)


def add_picture(document: Document, path: Path, description: str) -> None:
    """A picture as wide as the text, which stays with its caption; `description` is read out to who cannot see it."""
    document.add_picture(str(path), width=Cm(TEXT_WIDTH_CM))
    document.paragraphs[-1].style = document.styles["Picture"]
    document.inline_shapes[-1]._inline.docPr.set("descr", printable(description))  # noqa: SLF001


def add_table(document: Document, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """A table whose head is repeated on every page and whose rows are never parted."""
    table = document.add_table(rows=1 + len(rows), cols=len(columns), style=TABLE_STYLE)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    cells = table._cells  # noqa: SLF001 - row.cells takes quadratic time
    texts = [*(column.title for column in columns), *(text for row in rows for text in row)]
    for number, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        column = columns[number % len(columns)]
        style = ("Table Head", "Table Figure Head") if number < len(columns) else ("Table Text", "Table Figure")
        cell.width = Cm(column.width_cm)
        cell.paragraphs[0].style = document.styles[style[column.is_figure]]
        cell.paragraphs[0].add_run(printable(text))
    for column, of_table in zip(columns, table.columns, strict=True):
        of_table.width = Cm(column.width_cm)
    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001
        for mark in ("w:cantSplit", *(["w:tblHeader"] if number == 0 else [])):
            properties.append(OxmlElement(mark))


def save(document: Document, path: Path) -> None:
    """Write it with one date for all its parts, so that the same document has the same bytes."""
    draft = path.with_name(f"draft-{path.name}")
    document.save(str(draft))
    with zipfile.ZipFile(draft) as read, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            part = zipfile.ZipInfo(name, FIXED)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            written.writestr(part, read.read(name))
    draft.unlink()


def printable(text: str) -> str:
    """Text without control characters, which XML cannot hold."""
    return "".join(character for character in text if character in "\n\t" or ord(character) >= 32)


def _styles(document: Document, language: str) -> None:
    """Fonts, sizes and colours; East Asian fonts are a property of their own in Word."""
    for name, base in _OWN:
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles[base]
    for name, size, colour in _SIZES:
        style = _paragraph_style(document, name)
        style.font.name, style.font.size = LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), CHINESE)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
        if colour:
            style.font.color.rgb = RGBColor.from_string(colour)
    picture, text, head = (_paragraph_style(document, name) for name in ("Picture", "Table Text", "Table Head"))
    _paragraph_style(document, "Lead").paragraph_format.keep_with_next = True
    picture.paragraph_format.keep_with_next, picture.paragraph_format.space_after = True, Pt(2)
    text.paragraph_format.space_after, text.paragraph_format.line_spacing = Pt(0), 1.0
    head.font.bold, head.paragraph_format.keep_with_next = True, True
    for name in ("Table Figure", "Table Figure Head"):
        _paragraph_style(document, name).paragraph_format.alignment = WD_PARAGRAPH_ALIGNMENT.RIGHT
    caption = _paragraph_style(document, "Caption")
    caption.font.bold, caption.paragraph_format.space_before, caption.paragraph_format.space_after = False, Pt(4), Pt(8)
    _paragraph_style(document, "Heading 2").paragraph_format.space_after = Pt(3)
    tongue = OxmlElement("w:lang")
    tongue.set(qn("w:val"), "en-GB")
    tongue.set(qn("w:eastAsia"), "zh-CN" if language == "zh" else "en-GB")
    document.styles["Normal"].element.get_or_add_rPr().append(tongue)
    _table_style(document)


def _table_style(document: Document) -> None:
    """Thin grey lines, some room in the cells, a shaded head."""
    style = document.styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.TABLE)
    style.base_style = document.styles["Normal Table"]
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="A6ADB7"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    room = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in (("top", 30), ("left", 85), ("bottom", 30), ("right", 85)))
    namespace = nsdecls("w")
    style.element.append(
        parse_xml(f"<w:tblPr {namespace}><w:tblBorders>{edges}</w:tblBorders><w:tblCellMar>{room}</w:tblCellMar></w:tblPr>")
    )
    shade = '<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="DCE6F1"/></w:tcPr>'
    style.element.append(parse_xml(f'<w:tblStylePr {namespace} w:type="firstRow">{shade}</w:tblStylePr>'))


def _footer(document: Document, text: str) -> None:
    """The footer with the number of the page as a field."""
    before, _, after = printable(text).partition("{page}")
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.style = document.styles["Footer"]
    paragraph.add_run(before)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number = OxmlElement("w:r")
    shown = OxmlElement("w:t")
    shown.text = "1"
    number.append(shown)
    field.append(number)
    paragraph._p.append(field)  # noqa: SLF001
    paragraph.add_run(after)


def _paragraph_style(document: Document, name: str) -> ParagraphStyle:
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)  # noqa: S101 - for the type checker: these are
    return style
