"""`travel_minutes.tif`: minutes on foot to the nearest facility of the shown circle, today and with the plan, as a cloud-optimised GeoTIFF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster

from layers.saying import in_language, say
from maps.publishing.manifest import PublishError
from maps.tables.shown import states
from planner.assessment import Assessment
from planner.minutes_surface import Surface, minutes_surface

NODATA = -9999.0
"""outside the units, off the network, or no facility in reach; never 0, which is the door itself"""


def write_minutes_raster(assessment: Assessment, path: Path) -> None:
    """Two bands of minutes [float32], `before` and `after`, in the metric system of the place; what they are stands in the tags."""
    kinds, profile = assessment.circle_kinds, assessment.circle_profile
    surfaces = [
        (name, minutes_surface(finding.area, assessment.travel, kinds=kinds, profile=profile)) for name, finding in states(assessment)
    ]
    first, area = surfaces[0][1], assessment.before.area
    n_rows, n_columns = first.minutes.shape
    place = rasterio.Affine(first.cell_m, 0.0, first.west_m, 0.0, -first.cell_m, first.north_m)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=n_columns,
            height=n_rows,
            count=len(surfaces),
            dtype="float32",
            nodata=NODATA,
            crs=area.crs.to_wkt(),
            transform=place,
        ) as raster:
            for band, (name, surface) in enumerate(surfaces, start=1):
                raster.write(_cells(surface), band)
                raster.set_band_description(band, name)
            raster.update_tags(**_tags(assessment))
        with memory.open() as raster:
            copy_raster(raster, str(path), driver="COG", compress="DEFLATE", predictor="YES", overview_resampling="NEAREST", num_threads=1)


def check_minutes_raster(path: Path) -> None:
    """Raise `PublishError` unless the raster can be read back, every cell of it."""
    try:
        with rasterio.open(path) as raster:
            is_whole = raster.count == 2 and raster.nodata == NODATA and raster.read().shape == (2, raster.height, raster.width)
    except RasterioError as error:
        raise PublishError(say("{file} cannot be read back: {reason}. Run again.", file=path.name, reason=str(error))) from error
    if not is_whole:
        raise PublishError(say("{file} is not a whole raster of minutes. Run again.", file=path.name))


def _cells(surface: Surface) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.where(np.isnan(surface.minutes), NODATA, surface.minutes).astype(np.float32)


def _tags(assessment: Assessment) -> dict[str, str]:
    """What the figures are, for whoever meets the file alone."""
    area = assessment.before.area
    tags = {
        "TITLE": assessment.title.get("en", ""),
        "PLACE": area.name,
        "CONTENT": "minutes on foot to the nearest open facility",
        "FACILITIES": ";".join(assessment.circle_kinds),
        "PROFILE": assessment.circle_profile,
        "NOTES": " | ".join(f"{in_language(note, 'zh')} / {note}" for note in assessment.notes),
    }
    return {**tags, "SYNTHETIC": "合成数据 / synthetic data"} if area.is_synthetic else tags
