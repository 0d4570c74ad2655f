"""The files of the county as a county bureau would keep them: GeoPackages, tables with Chinese headings, a height raster.

The same bytes every time: GeoPackages bear a fixed date, workbooks a fixed day of making, texts end their lines with a line feed.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xlsxwriter

from scenarios.demo.county import County
from scenarios.demo.heights import write_heights
from scenarios.demo.tables import (
    GEOGRAPHIC_EPSG,
    candidates_table,
    childcare_table,
    clinics_table,
    dwellings_table,
    estates_table,
    facilities_table,
    ledger_table,
    river_table,
)
from scenarios.demo.units import county_units, township_units

MADE_ON = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


def write_files(county: County, folder: Path) -> None:
    """All files of the county, into a folder that is there."""
    with _fixed_date():
        _write_units(county, folder / "行政区划.gpkg")
        _write_layer(county.roads, folder / "道路.gpkg", "道路")
        _write_layer(dwellings_table(county), folder / "房屋.gpkg", "房屋")
        _write_layer(estates_table(county), folder / "居住小区.gpkg", "居住小区")
        _write_layer(candidates_table(county), folder / "闲置资产.gpkg", "闲置资产")
        _write_layer(river_table(county), folder / "河流.gpkg", "河流")
    _write_csv(ledger_table(county), folder / "村级台账.csv")
    _write_workbook(facilities_table(county), folder / "养老设施.xlsx")
    _write_csv(childcare_table(county), folder / "托育机构.csv")
    _write_csv(clinics_table(county), folder / "卫生机构.csv")
    write_heights(county.ground, folder / "dem.tif")


@contextmanager
def _fixed_date() -> Iterator[None]:
    """GDAL writes this day into GeoPackages instead of the clock's."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": MADE_ON.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_layer(frame: gpd.GeoDataFrame, path: Path, layer: str, *, add: bool = False) -> None:
    """A GeoPackage of one layer, in place of the file that was there; with `add` a further layer of the file."""
    if not add:
        path.unlink(missing_ok=True)
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", append=add, layer_options={"DESCRIPTION": "合成数据 synthetic"})


def _write_units(county: County, path: Path) -> None:
    kept = ["区划代码", "名称", "上级代码", "城乡分类代码", "geometry"]
    layers = {"县": county_units(county.bounds), "乡镇": township_units(county.bounds), "村": county.villages.sort_values("区划代码")}
    for number, (layer, frame) in enumerate(layers.items()):
        _write_layer(_in_degrees(frame[[name for name in kept if name in frame.columns]]), path, layer, add=number > 0)


def _in_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame in CGCS2000 degrees, rounded to 1e-7 (1 cm); shared vertices stay shared."""
    moved = frame.to_crs(GEOGRAPHIC_EPSG)
    shapes = moved.geometry.to_numpy()
    rounded = shapely.set_coordinates(shapes.copy(), np.round(shapely.get_coordinates(shapes), 7))
    return moved.set_geometry(gpd.GeoSeries(rounded, index=moved.index, crs=GEOGRAPHIC_EPSG))


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(table.astype(object).where(table.notna(), "").to_numpy().tolist())


def _write_workbook(table: pd.DataFrame, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "示范县养老设施（合成数据）", "created": MADE_ON.replace(tzinfo=None)})
        sheet = book.add_worksheet("养老设施")
        sheet.write_row(0, 0, table.columns, book.add_format({"bold": True}))
        for number, row in enumerate(table.astype(object).where(table.notna(), "").itertuples(index=False), start=1):
            sheet.write_row(number, 0, [cell if cell != "" else None for cell in row])
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(table.columns) - 1, 14)
