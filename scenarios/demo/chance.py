"""The only source of chance in the invented county: numbered streams of PCG64, the same on every machine.

Everything that leaves a module is rounded (heights to 0.1 m, positions to 0.01 m), so that the last bits of a processor's
arithmetic do not reach the files.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SEED = 20_261_125

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def stream(number: int) -> np.random.Generator:
    """A generator of its own for one part of the county, so that a change of one part leaves the others as they were."""
    return np.random.Generator(np.random.PCG64([SEED, number]))


def value_noise(rng: np.random.Generator, shape: tuple[int, int], coarsest_cells: float, *, octaves: int, gain: float = 0.5) -> Floats:
    """Fractal noise from 0 to 1 on a grid: random lattices, each half as coarse as the one before, smoothly interpolated."""
    total = np.zeros(shape)
    weight, period = 1.0, coarsest_cells
    for _ in range(octaves):
        n_rows, n_cols = int(shape[0] / period) + 4, int(shape[1] / period) + 4
        lattice = rng.random((n_rows, n_cols))
        rows, cols = np.arange(shape[0]) / period + 1.3, np.arange(shape[1]) / period + 1.3
        mesh = np.meshgrid(rows, cols, indexing="ij", sparse=False)
        total += weight * ndimage.map_coordinates(lattice, mesh, order=3, mode="nearest")
        weight, period = weight * gain, period / 2
    low, high = np.quantile(total, [0.001, 0.999])
    return np.asarray(np.clip((total - low) / (high - low), 0.0, 1.0), dtype=np.float64)
