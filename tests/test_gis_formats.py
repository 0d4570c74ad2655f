"""Shapefile, GeoJSON and GeoParquet hold the layers of the result: the same rows and figures, Chinese text intact, every shape valid."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pyproj import CRS

from layers.layer_sources import FileSource
from layers.problems import Findings
from layers.saying import in_language
from layers.sources.asked import Asked
from layers.sources.vector import read_vector
from maps.export import EXPORTS, export
from maps.gis.layer_package import DICTIONARY
from maps.gis.shapefile import untold_characters
from maps.gis.short_names import MAX_LENGTH, short_names, unique_names
from maps.outputs import Outputs
from maps.publishing.manifest import PublishError
from maps.publishing.record import run_record
from maps.tables.all_tables import in_system, map_layers, valid_shapes
from planner.assessment import Assessment
from tests.small_assessment import VILLAGES, assessed_area, small_assessment

PACKAGES = ("shapefile", "geoparquet", "geojson")
SUFFIX = {"shapefile": "shp", "geoparquet": "parquet", "geojson": "geojson"}
LONG = "会同县林城镇" * 60
"""1080 bytes in UTF-8, 720 in GBK"""


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    """The small place, with a name too long for a shapefile and names that a spreadsheet would take for formulas."""
    area = assessed_area()
    names = ["一社区", LONG, "=1+1", *area.units["name"].iloc[3:]]
    facilities = area.facilities.assign(**{"=cmd|' /C calc'!A0": ["甲", "乙", "丙"]})
    return small_assessment(replace(area, units=area.units.assign(name=names), facilities=facilities))


def written(form: str, assessment: Assessment, folder: Path, **outputs: object) -> Path:
    """The unpacked package of one form."""
    entry = EXPORTS[form]  # type: ignore[index]
    path = folder / entry.file_name
    options = Outputs.model_validate({"folder": "out", "formats": (form,), **outputs})
    entry.write(assessment, path, options, run_record(assessment, ""))
    entry.check(path)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / form)
    return folder / form


def read(folder: Path, form: str, layer: str) -> gpd.GeoDataFrame:
    path = folder / f"{layer}.{SUFFIX[form]}"
    return gpd.read_parquet(path) if form == "geoparquet" else pyogrio.read_dataframe(path)


def fields(folder: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Layer -> column -> row of the dictionary."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO((folder / DICTIONARY).read_text(encoding="utf-8-sig"), newline="")):
        found.setdefault(row["layer"], {})[row["column"]] = row
    return found


# ---------------------------------------------------------------- all three


@pytest.mark.parametrize("form", PACKAGES)
def test_every_layer_has_its_rows_figures_and_places(form: str, assessment: Assessment, tmp_path: Path) -> None:
    folder = written(form, assessment, tmp_path)
    meaning = fields(folder)
    degrees = form == "geojson"
    for layer in map_layers(assessment):
        found = read(folder, form, layer.id)
        assert len(found) == len(layer.frame) > 0, layer.id
        for heading in layer.headings:
            values = layer.frame[heading.name]
            if values.dtype == np.float64:
                got = found[meaning[layer.id][heading.name]["field"]].astype(float)
                np.testing.assert_allclose(got, values.where(np.isfinite(values)), rtol=1e-12, atol=1e-9, err_msg=heading.name)
        shapes = gpd.GeoSeries(found.geometry).to_crs(assessment.before.area.crs)
        assert found.geometry.is_valid.all()
        assert shapes.hausdorff_distance(layer.frame.geometry, align=False).max() < (0.02 if degrees else 1e-9)


@pytest.mark.parametrize("form", PACKAGES)
def test_the_dictionary_tells_every_field_in_chinese_and_english(form: str, assessment: Assessment, tmp_path: Path) -> None:
    folder = written(form, assessment, tmp_path)
    meaning = fields(folder)
    value = meaning["villages"]["small_land_value_before"]
    assert value["zh"] == "村(居)社区养老服务设施人均用地·数值（现状）"
    assert (value["unit_zh"], value["unit_en"]) == ("m² 用地/人", "m² of land per person")
    for layer in map_layers(assessment):
        told = [row["field"] for row in meaning[layer.id].values()]
        assert [name for name in read(folder, form, layer.id).columns if name != "geometry"] == told
    formula = next(row for row in meaning["facilities"].values() if "calc" in row["zh"])
    assert formula["zh"] == "'=cmd|' /C calc'!A0"  # text for a spreadsheet


@pytest.mark.parametrize("form", ["geopackage", "shapefile", "geoparquet"])
def test_layers_are_in_the_system_that_is_asked_for(form: str, assessment: Assessment, tmp_path: Path) -> None:
    if form == "geopackage":
        options = Outputs(folder="out", crs="EPSG:4490")
        EXPORTS["geopackage"].write(assessment, tmp_path / "plan.gpkg", options, run_record(assessment, ""))
        found = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="villages")
    else:
        found = read(written(form, assessment, tmp_path, crs="EPSG:4490"), form, "villages")
    assert found.crs.to_epsg() == 4490
    wanted = assessment.before.area.places("village").to_crs(4490).geometry
    assert shapely.hausdorff_distance(found.geometry.to_numpy(), wanted.to_numpy()).max() < 1e-9
    west, south, east, north = found.total_bounds
    assert 110 < west < east < 112
    assert 27 < south < north < 28


def test_systems_that_are_unknown_or_cannot_be_reached_exactly_are_refused() -> None:
    with pytest.raises(ValidationError, match="no coordinate system"):
        Outputs(folder="out", crs="EPSG:1")
    with pytest.raises(ValidationError, match="not public"):
        Outputs(folder="out", crs="EPSG:4610")  # Xian 1980


def test_a_shape_that_a_system_cannot_tell_is_an_error_not_a_hole(assessment: Assessment) -> None:
    far_side = CRS.from_proj4("+proj=gnom +lat_0=-27 +lon_0=-69 +datum=WGS84")
    (layer, *_) = map_layers(assessment)
    with pytest.raises(PublishError, match="cannot be expressed"):
        in_system(layer, far_side)


def test_a_bow_tie_is_mended_into_its_two_triangles() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    (mended,) = valid_shapes(np.array([bow_tie], dtype=object), polygons=True)
    assert mended.geom_type == "MultiPolygon"
    assert mended.is_valid
    assert mended.area == 2.0


# ---------------------------------------------------------------- shapefile


@pytest.mark.parametrize(("encoding", "cpg", "kept"), [("utf-8", b"UTF-8", 84), ("gbk", b"GBK", 127)])
def test_chinese_text_comes_back_from_a_shapefile_by_its_cpg(
    encoding: str, cpg: bytes, kept: int, assessment: Assessment, tmp_path: Path
) -> None:
    folder = written("shapefile", assessment, tmp_path, shapefile_encoding=encoding)
    assert (folder / "townships.cpg").read_bytes() == cpg
    assert (
        "东镇".encode(encoding) in (folder / "townships.dbf").read_bytes()
        or LONG[:9].encode(encoding) in (folder / "townships.dbf").read_bytes()
    )
    names = list(assessment.before.area.places("village")["name"])
    assert list(read(folder, "shapefile", "villages")["name"]) == names
    own_reader = read_vector(folder / "villages.shp", FileSource(path="villages.shp"), Asked("units", "polygon"), Findings())
    assert own_reader is not None
    assert list(own_reader["name"]) == names
    (cut,) = [name for name in read(folder, "shapefile", "townships")["name"] if len(name) > 20]
    assert cut == LONG[:kept]  # 254 bytes hold 84 characters of three bytes, or 127 of two
    assert fields(folder)["townships"]["name"]["cut_cells"] == "1"


def test_a_character_that_gbk_lacks_is_marked_told_and_kept_beside_it(assessment: Assessment, tmp_path: Path) -> None:
    area = assessment.before.area
    odd = replace(area, facilities=area.facilities.assign(name=["㙟城", "乙", "丙"]))
    found = replace(assessment, before=replace(assessment.before, area=odd))
    folder = written("shapefile", found, tmp_path, shapefile_encoding="gbk")
    assert list(read(folder, "shapefile", "facilities")["name"]) == ["〓城", "乙", "丙"]
    assert (folder / "replaced.csv").read_text(encoding="utf-8-sig").splitlines() == ["layer,row,field,text", "facilities,1,name,㙟城"]
    told: list[str] = []
    outputs = Outputs(folder="out", formats=("shapefile",), shapefile_encoding="gbk")
    export(found, outputs, tmp_path / "out", run_record(found, ""), told.append)
    assert told[0] == (
        "shapefile: GBK has no character 㙟: in 1 text(s) 〓 stands in its place, replaced.csv of the package holds them whole. "
        'To keep them, set [outputs] shapefile_encoding = "utf-8".'
    )
    assert in_language(told[0], "zh").startswith("shapefile：GBK 中没有字符 㙟：1 处文字中以 〓 代替，原文见压缩包内 replaced.csv。")


def test_utf_8_and_texts_that_gbk_holds_need_no_remark(assessment: Assessment, tmp_path: Path) -> None:
    area = assessment.before.area
    odd = replace(area, facilities=area.facilities.assign(name=["㙟城", "乙", "丙"]))
    found = replace(assessment, before=replace(assessment.before, area=odd))
    assert untold_characters(found, "utf-8") is untold_characters(assessment, "gbk") is None
    folder = written("shapefile", found, tmp_path)
    assert list(read(folder, "shapefile", "facilities")["name"]) == ["㙟城", "乙", "丙"]
    assert not (folder / "replaced.csv").exists()


def test_field_names_of_a_shapefile_are_short_and_tell_the_rule(assessment: Assessment, tmp_path: Path) -> None:
    folder = written("shapefile", assessment, tmp_path)
    for layer, columns in fields(folder).items():
        names = [row["field"] for row in columns.values()]
        assert len({name.lower() for name in names}) == len(names), layer
        assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,9}", name) for name in names), layer
    found = read(folder, "shapefile", "villages").set_index("unit_id")
    measures = assessment.before.measures
    mine = measures[(measures["rule_id"] == "small.circle") & (measures["level"] == "village")].set_index("unit_id")
    number = 1 + [rule.full_id for rule in assessment.rules].index("small.circle")
    np.testing.assert_array_equal(found.loc[list(mine.index), f"r{number:02d}_val_b"], mine["value"])
    assert list(found.loc[list(mine.index), f"r{number:02d}_ver_b"]) == list(mine["verdict"])
    assert found.loc[VILLAGES[0], "served_b"] == 300.0


def test_no_data_is_null_in_a_shapefile_too(assessment: Assessment, tmp_path: Path) -> None:
    folder = written("shapefile", assessment, tmp_path)
    found = read(folder, "shapefile", "facilities").set_index("fclty_id")
    name = fields(folder)["facilities"]["floor_area_m2"]["field"]
    assert np.isnan(found.loc["f2", name])


@given(
    st.lists(st.from_regex("[a-z][a-z0-9_]{0,60}", fullmatch=True), unique=True, max_size=60),
    st.lists(st.from_regex("[a-z_]{1,20}", fullmatch=True), max_size=3),
)
def test_short_names_are_short_ascii_and_no_two_alike(columns: list[str], stems: list[str]) -> None:
    found = short_names(columns, stems)
    assert list(found) == columns
    assert len({name.lower() for name in found.values()}) == len(columns)
    assert all(0 < len(name) <= MAX_LENGTH and name.isascii() for name in found.values())
    assert all(found[name] == name for name in columns if len(name) <= MAX_LENGTH)


def test_names_of_one_rule_never_meet_those_of_another() -> None:
    names = short_names(["a_b_value_before", "a_b_value_after", "c_value_before", "r01_val_b"], ["a_b", "c"])
    assert names == {
        "a_b_value_before": "r01_val_b2",
        "a_b_value_after": "r01_val_a",
        "c_value_before": "r02_val_b",
        "r01_val_b": "r01_val_b",
    }
    assert unique_names(["ctid", "abcdef"], 4, taken=("ctid",)) == {"ctid": "cti2", "abcdef": "abcd"}


# ---------------------------------------------------------------- GeoJSON and GeoParquet


def test_geojson_keeps_to_rfc_7946(assessment: Assessment, tmp_path: Path) -> None:
    folder = written("geojson", assessment, tmp_path)
    for path in folder.glob("*.geojson"):
        collection = json.loads(path.read_text(encoding="utf-8"))
        assert collection["type"] == "FeatureCollection"
        assert "crs" not in collection
        for number in re.findall(r"\d+\.(\d+)", json.dumps([f["geometry"] for f in collection["features"]])):
            assert len(number) <= 7
        for feature in collection["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            west, south, east, north = shape.bounds
            assert 110 < west <= east < 112
            assert 27 < south <= north < 28
            parts = shape.geoms if shape.geom_type == "MultiPolygon" else [shape] if shape.geom_type == "Polygon" else []
            assert all(part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors) for part in parts)
    text = (folder / "townships.geojson").read_text(encoding="utf-8")
    assert "\\u" not in text  # Chinese stays readable


def test_geoparquet_holds_the_tables_too_with_the_types_of_their_columns(assessment: Assessment, tmp_path: Path) -> None:
    folder = written("geoparquet", assessment, tmp_path)
    metadata = json.loads(pd.io.parquet.get_engine("pyarrow").api.parquet.read_schema(folder / "villages.parquet").metadata[b"geo"])
    assert metadata["version"] == "1.1.0"
    measures = pd.read_parquet(folder / "rule_results.parquet")
    expected = pd.concat([assessment.before.measures, assessment.after.measures], ignore_index=True)
    for column in ("value", "required", "have", "base", "shortfall", "people"):
        np.testing.assert_array_equal(measures[column], expected[column])
    assert measures["unit_id"].tolist() == expected["unit_id"].tolist()
    empty = pd.read_parquet(folder / "unassigned.parquet")
    assert str(empty["unit_id"].dtype).startswith("str")
    assert empty["people"].dtype == np.float64
    ranks, found = pd.read_parquet(folder / "proposals.parquet")["rank"], pd.read_parquet(folder / "candidates.parquet")
    assert (str(ranks.dtype), ranks.tolist()) == ("Int64", list(range(1, len(assessment.proposals) + 1)))
    assert [found[name].dropna().map(type).unique().tolist() for name in ("proposed", "excluded_reason")] == [[bool], [str]]
