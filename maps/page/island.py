r"""The data island of the page: JSON that can stand inside a `<script>` element, and columns of numbers packed in it.

Whatever a name in the data holds, the island stays data: the characters that could end the element or start markup are written as
`\uXXXX`, and the script of the page puts text into the document as text only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from layers.saying import in_language

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
_LIMITS = {"u1": (0, 2**8 - 1), "i": (-(2**31), 2**31 - 1)}
_PARTS = 5
"""Bytes of seven bits that hold the difference of any two numbers of 32 bits."""


def island(value: Json) -> str:
    """The value as JSON; `<`, `>`, `&` and the line separators U+2028 and U+2029 escaped.

    Raises
    ------
    ValueError
        for NaN and infinity: a column that may hold them is `packed`
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ESCAPED)


def in_both(text: str) -> Json:
    """A sentence of `layers.saying` in both languages, for the switch of the page."""
    return {"zh": in_language(text, "zh"), "en": str(text)}


def packed(values: ArrayLike, dtype: Literal["u1", "i", "f4", "f8"]) -> str:
    """Base64 of a column of numbers, little-endian; NaN and infinity are kept in `f4` and `f8`; `i` holds whole numbers of 32 bits.

    Raises
    ------
    OverflowError
        when a whole number does not fit
    """
    numbers = np.asarray(values)
    if dtype in _LIMITS and numbers.size:
        low, high = _LIMITS[dtype]
        if numbers.min() < low or numbers.max() > high:
            raise OverflowError(f"numbers from {numbers.min()} to {numbers.max()} do not fit {dtype}")
    column = _in_steps(numbers) if dtype == "i" else numbers.astype(f"<{dtype}").tobytes()
    return base64.b64encode(column).decode("ascii")


def _in_steps(numbers: NDArray[np.generic]) -> bytes:
    """Whole numbers as the steps from each to the next, the first from 0: small where neighbours are alike. A step s is written as 2 s, or
    -2 s - 1 below 0, in bytes of seven bits, low ones first; the eighth bit says that more follow (LEB128)."""
    step = np.diff(numbers.astype(np.int64), prepend=0)
    doubled = np.where(step < 0, -2 * step - 1, 2 * step)
    part = np.arange(_PARTS)
    parts = doubled[:, None] >> 7 * part
    follows = parts >= 128
    is_written = (part == 0) | (parts > 0)
    written: NDArray[np.uint8] = ((parts & 127) | follows << 7)[is_written].astype(np.uint8)
    return written.tobytes()


def narrow(values: ArrayLike) -> list[Json]:
    """A column in a small type that holds it without loss, with the name of the type: [type, base64], or of few different numbers
    ["of", the numbers, the position of each value among them]. NaN and infinity are kept."""
    numbers = np.asarray(values)
    if not np.issubdtype(numbers.dtype, np.floating):
        is_short = not numbers.size or (numbers.min() >= 0 and numbers.max() <= _LIMITS["u1"][1])
        whole: Literal["u1", "i"] = "u1" if is_short else "i"
        return [whole, packed(numbers, whole)]
    floats: Literal["f4", "f8"] = "f4" if np.array_equal(numbers.astype("<f4").astype(float), numbers, equal_nan=True) else "f8"
    every: list[Json] = [floats, packed(numbers, floats)]
    _, first, position = np.unique(numbers.astype("<f8").view("<i8"), return_index=True, return_inverse=True)  # -0.0 is not 0.0 here
    few: list[Json] = ["of", [floats, packed(numbers[first], floats)], narrow(position)]
    return min(every, few, key=lambda column: len(island(column)))
