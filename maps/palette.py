"""The colours of maps and tables, the same on the page, in the GeoPackage styles and on the sheet.

One thematic fill at a time: blue for met, yellow to dark red for short (readable with deuteranopia: smallest CAM02-UCS difference 14.9),
hatched grey for no data, almost white for not applicable. Marks (✓ ✕ ? –) stand beside the colours wherever a verdict is told.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MET = "#4393c3"
SHORT = ("#ffeda0", "#feb24c", "#f03b20", "#800026")
"""shortfalls, small to large"""
NO_DATA = "#b9bec6"
NOT_APPLICABLE = "#f4f5f7"
FIGURE = ("#f2f0f7", "#cbc9e2", "#9e9ac8", "#756bb1", "#54278f")
"""values of rules without a limit, small to large: neither good nor bad"""
MINUTES = ("#08519c", "#4292c6", "#9ecae1")
"""thirds of the circle, near to far"""
BEYOND = "#d94801"
OFF_NETWORK = "#6a51a3"
CIRCLE = "#2171b5"
PROPOSAL = "#c2410c"
CANDIDATE = "#6b7280"
STREET = "#c9ced6"
BOUNDARY = "#5b6470"
SELECTED = "#111827"
DISTRICTS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Okabe and Ito 2008: told apart with every kind of colour-blindness; districts take them in turn"""
GAIN = ("#c6dbef", "#6baed6", "#08519c")
"""more than in the reference, by little to by much: blue, as what is met"""
LOSS = ("#fdd0a2", "#fd8d3c", "#a63603")
"""less than in the reference: orange; told from blue with every kind of colour-blindness"""
SAME = "#f3f0e6"


NOISE = 1e-9
"""Smaller figures are rounding, not shortfalls."""


def breaks(values: ArrayLike, n_classes: int) -> tuple[float, ...]:
    """Upper limits of the first `n_classes - 1` classes: quantiles of the positive values, rounded to 1, 2 or 5 times a power of ten.

    Fewer limits come back when the values do not fill so many classes; () when no value is above 0. A value equal to a limit belongs
    to the lower class.
    """
    numbers = np.asarray(values, dtype=float)
    positive = numbers[np.isfinite(numbers) & (numbers > NOISE)]
    if not len(positive):
        return ()
    quantiles = np.quantile(positive, np.arange(1, n_classes) / n_classes)
    largest = float(positive.max())
    return tuple(sorted({limit for q in quantiles if (limit := _round_number(float(q))) < largest}))


def class_of(values: ArrayLike, limits: tuple[float, ...]) -> NDArray[np.int64]:
    """The class of each value, 0 for values up to the first limit; -1 for NaN."""
    numbers = np.asarray(values, dtype=float)
    return np.where(np.isnan(numbers), -1, np.searchsorted(np.asarray(limits, dtype=float), numbers, side="left"))


def _round_number(value: float) -> float:
    """The nearest of 1, 2, 5 x 10^k on a logarithmic scale."""
    exponent = int(np.floor(np.log10(value)))
    choices = [float(f"{digit}e{exponent}") for digit in (1, 2, 5, 10)]
    return min(choices, key=lambda choice: abs(np.log(choice / value)))
