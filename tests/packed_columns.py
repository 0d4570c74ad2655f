"""The packed columns of the page's island read back, byte by byte: another road than that of the page's script."""

from __future__ import annotations

import base64

import numpy as np


def whole_numbers(text: object) -> list[int]:
    """The numbers of a column of steps."""
    numbers, last, doubled, shift = [], 0, 0, 0
    for byte in base64.b64decode(str(text)):
        doubled |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            last += -(doubled + 1) // 2 if doubled % 2 else doubled // 2
            numbers.append(last)
            doubled = shift = 0
    return numbers


def narrow_column(column: object) -> np.ndarray:
    """The numbers of a column that names its type."""
    assert isinstance(column, list)
    if column[0] == "of":
        return narrow_column(column[1])[narrow_column(column[2])]
    return np.array(whole_numbers(column[1])) if column[0] == "i" else np.frombuffer(base64.b64decode(column[1]), f"<{column[0]}")
