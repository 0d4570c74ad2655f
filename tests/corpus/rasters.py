"""Rasters of people: marks for no data, bands, systems, rotation, scales, and what only calls itself a raster."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine

from layers.study_area import StudyArea
from tests.corpus.cases import Spoil, faulty, refused, told
from tests.corpus.place import Spoilt
from tests.small import X0, Y0

CELLS = np.arange(40, dtype=np.float64).reshape(4, 10)
"""four rows of ten cells of 400 m by 250 m over the four villages: 780 people"""
NORTH_UP = Affine(400, 0, X0, 0, -250, Y0 + 1000)
POPULATION = {"path": "people.tif", "join": "none"}


def cells(change: Callable[[NDArray[Any]], object] | None = None, *, dtype: str = "float64", **profile: Any) -> Spoil:  # noqa: ANN401 - rasterio's
    """The people as a raster; `change` writes into the cells."""

    def spoil(place: Spoilt) -> None:
        values = CELLS.astype(dtype)
        if change is not None:
            change(values)
        write(place, values[None], **profile)

    return spoil


def write(place: Spoilt, bands: NDArray[Any], *, scale: float = 1.0, population: dict[str, Any] | None = None, **profile: Any) -> None:  # noqa: ANN401
    how = {"driver": "GTiff", "crs": "EPSG:4546", "transform": NORTH_UP, "dtype": bands.dtype, **profile}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            place.folder / "people.tif", "w", count=len(bands), height=bands.shape[1], width=bands.shape[2], **how
        ) as raster:
            raster.write(bands)
            if scale != 1.0:
                raster.scales = (scale,)
    place.layers["population"] = {**POPULATION, **(population or {})}


def put(row: int, column: int, value: float) -> Callable[[NDArray[Any]], object]:
    return lambda values: values.__setitem__((row, column), value)


def total_is(people: float) -> Callable[[StudyArea], bool]:
    return lambda area: math.isclose(float(area.demand["pop_total"].sum()), people, rel_tol=1e-9)


def then(spoil: Spoil, more: Callable[[Spoilt], object]) -> Spoil:
    def both(place: Spoilt) -> None:
        spoil(place)
        more(place)

    return both


def second_raster(**profile: Any) -> Spoil:  # noqa: ANN401 - rasterio's
    """Two rasters, the second of the old."""

    def spoil(place: Spoilt) -> None:
        write(place, CELLS[None] / 10, **profile)
        (place.folder / "people.tif").rename(place.folder / "old.tif")
        write(place, CELLS[None], population={"rasters": [{"path": "old.tif", "base": "pop60"}]})

    return spoil


ALL = total_is(780)
VRT = '<VRTDataset rasterXSize="10" rasterYSize="4"><VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'

CASES = (
    told("nothing wrong", cells(), r".", ALL),
    told("single precision", cells(dtype="float32"), r".", ALL),
    told("whole numbers", cells(dtype="int32"), r".", ALL),
    told("bytes", cells(dtype="uint8"), r".", ALL),
    told("compressed and in tiles", cells(compress="deflate", tiled=True, blockxsize=16, blockysize=16), r".", ALL),
    told("a declared mark for no data", cells(put(0, 0, -99999), nodata=-99999), r".", ALL),
    told("0 declared as no data", cells(nodata=0), r".", ALL),
    told("NaN for no data", cells(put(0, 0, math.nan)), r".", ALL),
    told("NaN for no data, another mark declared", cells(put(0, 0, math.nan), nodata=-9999), r".", ALL),
    told(
        "-99999 for no data, undeclared",
        cells(put(0, 0, -99999)),
        r"people\.tif: 1 cell\(s\) hold a number below 0; they count as no data",
        ALL,
    ),
    told("-1 for no data, undeclared", cells(put(0, 0, -1)), r"people\.tif: 1 cell\(s\) hold a number below 0", ALL),
    refused("3.4e38 for no data, undeclared", cells(put(0, 0, 3.4e38)), r"people\.tif: 1 cell\(s\) hold 3\.4e\+38.*nodata"),
    refused(
        "the largest whole number, undeclared",
        cells(put(0, 0, 2**31 - 1), dtype="int32"),
        r"people\.tif: 1 cell\(s\) hold 2\.14748e\+09.*nodata",
    ),
    refused("65535, undeclared", cells(put(0, 0, 65535), dtype="uint16"), r"people\.tif: 1 cell\(s\) hold 65535.*nodata"),
    refused("infinity", cells(put(0, 0, math.inf)), r"people\.tif"),
    told("no cell with anybody", cells(lambda v: v.fill(0)), r".", total_is(0)),
    refused("no cell with data", cells(lambda v: v.fill(math.nan)), r"people\.tif"),
    told("a scale of a tenth", cells(lambda v: v.__imul__(10), scale=0.1), r".", ALL),
    refused("no system", cells(crs=None), r"people\.tif: does not state its coordinate system"),
    told(
        "no system, and the scenario states it", then(cells(crs=None), lambda p: p.layers["population"].update(crs="EPSG:4546")), r".", ALL
    ),
    refused("Xian 1980", cells(crs="EPSG:2361"), r"people\.tif.*not public"),
    refused("the neighbouring zone", cells(crs="EPSG:4547"), r"people\.tif: has no cell where the units are"),
    refused("rotated", cells(transform=Affine(400, 30, X0, 20, -250, Y0 + 1000)), r"people\.tif: is rotated or stands upside down"),
    refused("upside down", cells(transform=Affine(400, 0, X0, 0, 250, Y0)), r"people\.tif: is rotated or stands upside down"),
    refused("without a place", cells(transform=Affine.identity()), r"people\.tif: does not say where on the ground its cells lie"),
    refused("two bands", lambda p: write(p, np.stack([CELLS, CELLS])), r"people\.tif: has 2 bands"),
    refused("complex numbers", lambda p: write(p, CELLS[None].astype("complex128")), r"people\.tif"),
    refused("cut off", then(cells(), lambda p: p.cut("people.tif", 0.6)), r"people\.tif: cannot be read"),
    refused("cut off in the header", then(cells(), lambda p: p.cut("people.tif", 0.02)), r"people\.tif: cannot be read"),
    refused(
        "a virtual raster by this name",
        then(cells(), lambda p: p.bytes("people.tif", VRT.encode())),
        r"people\.tif: is called \.tif but its content is not",
    ),
    refused(
        "a picture by this name",
        then(cells(), lambda p: p.bytes("people.tif", b"\x89PNG\r\n\x1a\n" + bytes(64))),
        r"people\.tif: is called \.tif but its content is not",
    ),
    refused(
        "joined by codes",
        then(cells(), lambda p: p.layers["population"].update(join="unit_id")),
        r"people\.tif: is a raster; its cells have no unit codes",
    ),
    refused(
        "a base that is none",
        then(cells(), lambda p: p.layers["population"].update(base="pop06")),
        r"people\.tif, base: `pop06` is no base.*pop60",
    ),
    told(
        "cells beyond the villages",
        cells(transform=Affine(400, 0, X0 - 400, 0, -250, Y0 + 1000)),
        r"pop_total: 720 in the input, 720 at demand points",  # only the cells in the rectangle of the units are read
        total_is(720),
    ),
    told("two rasters", second_raster(), r".", lambda area: math.isclose(float(area.demand["pop60"].sum()), 78)),
    refused(
        "two rasters of other grids",
        second_raster(transform=Affine(400, 0, X0 + 100, 0, -250, Y0 + 1000)),
        r"old\.tif: its cells are not those of",
    ),
    refused(
        "a second raster that is not there",
        then(cells(), lambda p: p.layers["population"].update(rasters=[{"path": "gone.tif", "base": "pop60"}])),
        r"gone\.tif: there is no such file",
    ),
    refused(
        "a raster beside a table",
        lambda p: p.layers["population"].update(rasters=[{"path": "people.csv", "base": "pop60"}]),
        r"people\.csv, rasters: has use only beside a raster",
    ),
    faulty(
        "a raster without a base", lambda p: p.layers["population"].update(rasters=[{"path": "old.tif"}]), r"rasters\.1\.base is missing"
    ),
    refused(
        "heights cut off",
        lambda p: (
            cells()(p),
            p.cut("people.tif", 0.5),
            p.layers.update(population={"path": "people.csv", "cell_m": 250.0}, terrain={"path": "people.tif"}),
        ),
        r"terrain|people\.tif",
    ),
)
