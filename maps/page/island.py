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
from numpy.typing import ArrayLike

from layers.saying import in_language

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
_LIMITS = {"u1": (0, 2**8 - 1), "u2": (0, 2**16 - 1), "i2": (-(2**15), 2**15 - 1), "i4": (-(2**31), 2**31 - 1)}


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


def packed(values: ArrayLike, dtype: Literal["u1", "u2", "i2", "i4", "f4", "f8"]) -> str:
    """Base64 of a column of numbers, little-endian; NaN and infinity are kept in `f4` and `f8`.

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
    return base64.b64encode(numbers.astype(f"<{dtype}").tobytes()).decode("ascii")


def narrow(values: ArrayLike) -> list[str]:
    """A column in the smallest type that holds it without loss, with the name of the type: [type, base64]. NaN and infinity are kept."""
    numbers = np.asarray(values)
    if not np.issubdtype(numbers.dtype, np.floating):
        low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
        whole: list[Literal["u1", "i2", "i4"]] = ["u1", "i2", "i4"]
        dtype = next((name for name in whole if _LIMITS[name][0] <= low and high <= _LIMITS[name][1]), whole[-1])
        return [dtype, packed(numbers, dtype)]
    floats: Literal["f4", "f8"] = "f4" if np.array_equal(numbers.astype("<f4").astype(float), numbers, equal_nan=True) else "f8"
    return [floats, packed(numbers, floats)]
