"""The clean place of the corpus on disk, and the means to spoil it: the place of `tests.small` as tables and GeoPackages."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import shapely

from tests.small import METRIC, X0, Y0, small_area, units

Rows = list[list[Any]]

CODES = ("431299100001", "431299100201", "431299200201", "431299200202")
PEOPLE: Rows = [
    ["区划代码", "名称", "总人口", "60岁及以上"],
    [CODES[0], "一社区", "1286", "300"],
    [CODES[1], "二村", "800", "200"],
    [CODES[2], "三村", "500", "150"],
    [CODES[3], "四村", "0", "0"],
]
KINDS = {"day_care": "日间照料中心", "mutual_aid_point": "养老互助点", "township_centre": "街道(乡镇)养老服务中心"}


PACK = Path(__file__).parent / "three-rules.toml"


def facility_rows() -> Rows:
    """The facilities as a table: codes, kinds in Chinese, longitude and latitude."""
    frame = small_area().facilities
    at = frame.geometry.to_crs(4490)
    header = ["设施编号", "设施名称", "区划代码", "设施类别", "状态", "占地面积", "建筑面积", "床位数", "经度", "纬度"]
    rows = [
        [row.facility_id, row.name, row.unit_id, KINDS[row.kind], "正常", f"{row.land_area_m2:g}", "", "", f"{x:.9f}", f"{y:.9f}"]
        for row, x, y in zip(frame.drop(columns="geometry").itertuples(index=False), at.x, at.y, strict=True)
    ]
    return [header, *rows]


def candidate_rows() -> Rows:
    """Two candidates with eastings and northings."""
    return [
        ["候选编号", "名称", "设施类别", "占地面积", "投资", "E", "N"],
        ["c1", "三村旧小学", "养老互助点", "200", "300000", "502400", "3000500"],
        ["c2", "四村仓库", "日间照料中心", "300", "800000", "503500", "3000500"],
    ]


def street_lines() -> gpd.GeoDataFrame:
    """Four streets of 1000 m, one behind the other."""
    lines = [
        shapely.LineString([(X0 + 1000 * i, Y0 + 500), (X0 + 1000 * i + 500, Y0 + 500), (X0 + 1000 * (i + 1), Y0 + 500)]) for i in range(4)
    ]
    return gpd.GeoDataFrame({"highway": ["residential"] * 4}, geometry=lines, crs=METRIC)


def clean_layers() -> dict[str, Any]:
    """The `[layers]` part of the clean place."""
    return {
        "units": [{"level": level, "path": "units.gpkg", "layer": level} for level in ("township", "village")],
        "population": {"path": "people.csv", "cell_m": 250.0},
        "facilities": [{"path": "facilities.csv", "coordinates": "cgcs2000"}],
        "candidates": [{"path": "candidates.csv", "crs": "EPSG:4546", "x": "E", "y": "N"}],
        "streets": {"path": "streets.gpkg"},
    }


def clean_scenario() -> dict[str, Any]:
    """The whole scenario, as TOML holds it."""
    return {
        "name": "small",
        "title": {"zh": "小县", "en": "Small county"},
        "as_of": "=2026-11-25",
        "standards": ["three-rules.toml"],
        "layers": clean_layers(),
        "siting": {"goal": "none"},
        "outputs": {"folder": "out"},
    }


def write_clean(folder: Path) -> None:
    """Every file of the place but the scenario."""
    for level in ("township", "village"):
        village_frame(level).to_file(folder / "units.gpkg", layer=level, driver="GPKG")
    for name, rows in (("people", PEOPLE), ("facilities", facility_rows()), ("candidates", candidate_rows())):
        (folder / f"{name}.csv").write_bytes(csv_bytes(rows))
    shutil.copy(PACK, folder)
    street_lines().to_file(folder / "streets.gpkg", driver="GPKG")


def village_frame(level: str = "village") -> gpd.GeoDataFrame:
    """Codes, names and squares of the units of a level."""
    return units().query(f"level == {level!r}")[["unit_id", "name", "geometry"]].reset_index(drop=True)


def csv_bytes(rows: Rows, *, encoding: str = "utf-8", delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    """A table as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode(encoding)


def toml_of(value: object) -> str:
    """A value as TOML on one line; text that begins with `=` is written as it stands, for dates and numbers that Python lacks."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {toml_of(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_of(part) for part in value) + "]"
    if isinstance(value, str):
        return value[1:] if value.startswith("=") else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


@dataclass
class Spoilt:
    """A copy of the clean place that a case may change: files in `folder`, the scenario in `scenario`."""

    folder: Path
    scenario: dict[str, Any] = field(default_factory=clean_scenario)
    raw: bytes | None = None
    """the scenario file as it stands, in place of `scenario`"""

    @property
    def layers(self) -> dict[str, Any]:
        """The `[layers]` part."""
        layers: dict[str, Any] = self.scenario["layers"]
        return layers

    def write_scenario(self) -> Path:
        """The scenario file."""
        path = self.folder / "scenario.toml"
        text = "".join(f"{key} = {toml_of(value)}\n" for key, value in self.scenario.items())
        path.write_bytes(text.encode() if self.raw is None else self.raw)
        return path

    def edit(self, name: str, old: str, new: str, n: int = 1) -> None:
        """Replace text of a table; it must be there."""
        text = (self.folder / name).read_bytes().decode()
        assert text.count(old) >= n, (name, old)
        (self.folder / name).write_bytes(text.replace(old, new, n).encode())

    def put(self, name: str, rows: Rows, **how: Any) -> None:  # noqa: ANN401 - as `csv_bytes`
        """Write a table as CSV."""
        (self.folder / name).write_bytes(csv_bytes(rows, **how))

    def bytes(self, name: str, content: bytes) -> None:
        """Write a file."""
        (self.folder / name).write_bytes(content)

    def cut(self, name: str, share: float) -> None:
        """Cut a file off."""
        content = (self.folder / name).read_bytes()
        (self.folder / name).write_bytes(content[: int(len(content) * share)])

    def people(self, row: int, column: int, cell: object) -> None:
        """Change one cell of the people; row 0 is the header."""
        self._cell("people.csv", PEOPLE, row, column, cell)

    def facility(self, row: int, column: str, cell: object) -> None:
        """Change one cell of the facilities by the name of its column."""
        rows = facility_rows()
        self._cell("facilities.csv", rows, row, rows[0].index(column), cell)

    def _cell(self, name: str, rows: Rows, row: int, column: int, cell: object) -> None:
        changed = [list(cells) for cells in rows]
        changed[row][column] = cell
        self.put(name, changed)

    def book(self, name: str, rows: Rows, *, change: Any = None) -> None:  # noqa: ANN401 - what openpyxl makes
        """Write a workbook of one sheet; `change` may alter the workbook before it is saved."""
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        if change is not None:
            change(book)
        book.save(self.folder / name)
        book.close()

    def people_book(self, rows: Rows = PEOPLE, *, change: Any = None, **source: object) -> None:  # noqa: ANN401
        """The people from a workbook."""
        self.book("people.xlsx", rows, change=change)
        self.layers["population"] = {**self.layers["population"], "path": "people.xlsx", **source}

    def villages(self, frame: gpd.GeoDataFrame, name: str = "village.gpkg", **source: object) -> None:
        """The villages from a file of their own."""
        if name.endswith(".parquet"):
            frame.to_parquet(self.folder / name)
        else:
            frame.to_file(self.folder / name)
        self.layers["units"][1] = {"level": "village", "path": name, **source}

    def shapes(self, change: Any, name: str = "village.gpkg") -> None:  # noqa: ANN401 - list of shapes -> list of shapes
        """The villages with other shapes."""
        frame = village_frame()
        self.villages(frame.set_geometry(gpd.GeoSeries(change(list(frame.geometry)), crs=METRIC)), name)

    def streets(self, frame: gpd.GeoDataFrame, name: str = "lines.gpkg", **source: object) -> None:
        """The streets from another file."""
        frame.to_file(self.folder / name)
        self.layers["streets"] = {"path": name, **source}
