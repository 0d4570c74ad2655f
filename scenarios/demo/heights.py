"""The height raster: the ground of the county and of a margin around it, in finer cells and with the small roughness that the ground lacks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from scipy import ndimage

from scenarios.demo.chance import stream, value_noise
from scenarios.demo.roads import METRIC_EPSG
from scenarios.demo.terrain import Ground

DEM_CELL_M, DEM_MARGIN_M = 60.0, 1_800.0


def write_heights(ground: Ground, path: Path) -> None:
    """A GeoTIFF of heights above the sea [m], rounded to 0.1 m, in EPSG:4546."""
    grid, finer = ground.grid, int(ground.grid.cell_m / DEM_CELL_M)
    inside = ground.inside.reshape(grid.shape)
    margin = int(DEM_MARGIN_M / grid.cell_m)
    rows, cols = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    top, left = rows[0] - margin, cols[0] - margin
    box = (slice(top, rows[-1] + 1 + margin), slice(left, cols[-1] + 1 + margin))
    heights = ndimage.zoom(ground.height_m.reshape(grid.shape)[box], finer, order=3, mode="nearest", grid_mode=True)
    slope = ndimage.zoom(ground.slope.reshape(grid.shape)[box], finer, order=1, mode="nearest", grid_mode=True)
    bumps = 40.0 * (value_noise(stream(110), heights.shape, 6.0, octaves=2) - 0.5) * np.clip(slope - 0.04, 0.0, 0.4)
    dm = np.rint(10.0 * (heights + bumps)) / 10.0
    place = Affine(DEM_CELL_M, 0, grid.west_m + left * grid.cell_m, 0, -DEM_CELL_M, grid.north_m - top * grid.cell_m)
    profile = {"driver": "GTiff", "width": dm.shape[1], "height": dm.shape[0], "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", **profile, crs=f"EPSG:{METRIC_EPSG}", transform=place, compress="deflate", predictor=3) as file:
        file.write(dm.astype(np.float32), 1)
