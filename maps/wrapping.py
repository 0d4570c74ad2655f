"""Text in lines of a width that is counted in narrow characters: a Chinese character is as wide as two letters."""

from __future__ import annotations

import re

_WIDE = r"\u2e80-\uffff"
_PIECES = re.compile(rf"[（“]*(?:[{_WIDE}]|[^\s{_WIDE}“”]+)[，。、；：？！）”]*\s*|\S\s*|\s+")
"""What stays on one line: a Chinese character or a word of other letters, with the marks that belong to it, and the blanks behind it."""


def wrapped(text: str, width: int, most: int = 0) -> list[str]:
    """The text in lines of at most `width`; of more than `most` lines (0: no end) the last one ends in an ellipsis.

    A word that is longer than a line is broken.
    """
    lines, used = [""], 0
    pieces = [part for piece in _PIECES.findall(" ".join(text.split())) for part in _parts(piece, width)]
    for piece in pieces:
        size = width_of(piece.rstrip())
        if used + size > width and used:
            lines, used = [*lines, ""], 0
        lines[-1] += piece
        used += width_of(piece)
    lines = [line.strip() for line in lines]
    return lines if not most or len(lines) <= most else [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), width)]


def cut(text: str, width: int) -> str:
    """The text in one line, or as much of it as fits into `width`, with an ellipsis."""
    line = " ".join(text.split())
    return line if width_of(line) <= width else _shortened(line, width)


def width_of(text: str) -> int:
    """How many narrow characters wide a text is."""
    return sum(2 if character >= "\u2e80" else 1 for character in text)


def _shortened(text: str, width: int) -> str:
    while text and width_of(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _parts(piece: str, width: int) -> list[str]:
    """The piece, broken where it is wider than a line."""
    parts = [""]
    for character in piece:
        if parts[-1] and width_of(parts[-1] + character.rstrip()) > width:
            parts.append("")
        parts[-1] += character
    return parts
