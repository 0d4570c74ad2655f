"""Text in lines of a width that is counted in narrow characters: a Chinese character is as wide as two letters."""

from __future__ import annotations

import re

_PIECES = re.compile(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+")
"""Where a line may end: after a Chinese character, after a word."""


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
    return [piece[start : start + width] for start in range(0, len(piece), width)]
