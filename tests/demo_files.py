"""The files of the invented county, read plainly (geopandas, csv, openpyxl), not with the product's own readers."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd

METRIC = 4546


@dataclass(frozen=True, eq=False)
class Demo:
    folder: Path

    def layer(self, name: str, layer: str | None = None) -> gpd.GeoDataFrame:
        return gpd.read_file(self.folder / name, layer=layer).to_crs(METRIC)

    @cached_property
    def villages(self) -> gpd.GeoDataFrame:
        return gpd.read_file(self.folder / "行政区划.gpkg", layer="村")

    @cached_property
    def ledger(self) -> pd.DataFrame:
        with (self.folder / "村级台账.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        table = pd.DataFrame(rows).set_index("区划代码")
        return table.assign(**{name: table[name].astype(int) for name in table.columns if name not in ("名称", "乡镇")})

    @cached_property
    def facilities(self) -> pd.DataFrame:
        rows = list(openpyxl.load_workbook(self.folder / "养老设施.xlsx").active.iter_rows(values_only=True))
        return pd.DataFrame(rows[1:], columns=list(rows[0]))

    @cached_property
    def open_facilities(self) -> pd.DataFrame:
        return self.facilities[self.facilities["机构生存状态"] == "正常"].reset_index(drop=True)

    @cached_property
    def roads(self) -> gpd.GeoDataFrame:
        return self.layer("道路.gpkg")

    @cached_property
    def dwellings(self) -> gpd.GeoDataFrame:
        return self.layer("房屋.gpkg")

    @cached_property
    def candidates(self) -> gpd.GeoDataFrame:
        return self.layer("闲置资产.gpkg")

    @cached_property
    def village_of_dwelling(self) -> pd.Series:
        joined = self.dwellings[["geometry"]].sjoin(self.villages[["区划代码", "geometry"]].to_crs(METRIC), predicate="within")
        return joined["区划代码"]

    @cached_property
    def scenario(self) -> dict[str, object]:
        return tomllib.loads((self.folder / "scenario.toml").read_text(encoding="utf-8"))
