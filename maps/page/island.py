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

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
_LIMITS = {"u1": (0, 2**8 - 1), "i2": (-(2**15), 2**15 - 1), "i4": (-(2**31), 2**31 - 1)}


def island(value: Json) -> str:
    """The value as JSON; `<`, `>`, `&` and the line separators U+2028 and U+2029 escaped.

    Raises
    ------
    ValueError
        for NaN and infinity: a column that may hold them is `packed`
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ESCAPED)


def packed(values: ArrayLike, dtype: Literal["u1", "i2", "i4", "f4"]) -> str:
    """Base64 of a column of numbers, little-endian; NaN and infinity are kept in `f4`.

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
