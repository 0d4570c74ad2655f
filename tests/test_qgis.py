"""QGIS itself, without a screen, opens what was written: styles and names by themselves, the project, its printed sheet, the script.

Its Python is that of the system and is called in a process of its own. Skipped where QGIS is not installed.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.errors

from maps.export import EXPORTS
from maps.outputs import Outputs
from maps.publishing.record import run_record
from maps.words import words
from planner.assessment import Assessment
from tests.qgis_program import INSTALL, PYTHON, clean, has
from tests.small_assessment import small_assessment
from tests.small_scenario import write_small_scenario

PROBE = Path(__file__).with_name("qgis_probe.py")
SCRIPT = Path(__file__).parents[1] / "maps/gis/qgis/quarterhour_run.py"


needs_qgis = pytest.mark.skipif(not has("qgis.core"), reason=f"QGIS is not installed ({INSTALL})")
needs_gdal = pytest.mark.skipif(not has("osgeo_utils.samples.validate_gpkg"), reason=f"GDAL's tools are not installed ({INSTALL})")
needs_process = pytest.mark.skipif(shutil.which("qgis_process.bin") is None, reason=f"qgis_process is not installed ({INSTALL})")


def written(assessment: Assessment, folder: Path, **outputs: object) -> Path:
    folder.mkdir()
    path = folder / "plan.gpkg"
    EXPORTS["geopackage"].write(assessment, path, Outputs.model_validate({"folder": "out", **outputs}), run_record(assessment, ""))
    return path


def seen(path: Path) -> dict[str, Any]:
    """What QGIS sees of a GeoPackage; its sheet is printed beside it."""
    ran = subprocess.run(
        [PYTHON, str(PROBE), path.name, "sheet.png"], capture_output=True, text=True, check=False, cwd=path.parent, env=clean(path.parent), timeout=120
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout.strip().splitlines()[-1]))


@pytest.fixture(scope="module")
def zh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    path = written(small_assessment(), tmp_path_factory.mktemp("qgis") / "zh")
    return path, seen(path)


@pytest.fixture(scope="module")
def en(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """In English and in degrees, with a title that QGIS would take for an expression."""
    odd = replace(small_assessment(), title={"zh": "小县", "en": "Small [% 6 * 7 %] county"})
    path = written(odd, tmp_path_factory.mktemp("qgis") / "en", language="en", crs="EPSG:4490")
    return path, seen(path)


@needs_gdal
@pytest.mark.parametrize("crs", ["analysis", "EPSG:4490"])
def test_gdal_finds_the_geopackage_valid(crs: str, tmp_path: Path) -> None:
    path = written(small_assessment(), tmp_path / "out", crs=crs)
    validator = [PYTHON, "-m", "osgeo_utils.samples.validate_gpkg", str(path)]
    ran = subprocess.run(validator, capture_output=True, text=True, check=False, env=clean(tmp_path))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@needs_qgis
def test_layers_dropped_into_qgis_are_styled_and_named_by_themselves(zh: tuple[Path, dict[str, Any]]) -> None:
    layers = zh[1]["layers"]
    assert all(layer["valid"] for layer in layers.values())
    for name in ("villages", "townships", "facilities", "proposals", "candidates", "demand", "service_circles", "streets"):
        layer = layers[name]
        assert layer["renderer"] == "QgsCategorizedSymbolRenderer", name
        assert layer["crs"] == "EPSG:4546", name
        assert layer["rows"] > 0
    assert layers["villages"]["classed"] == layers["villages"]["rows"] == 4
    assert layers["facilities"]["classed"] == layers["facilities"]["rows"]
    assert layers["demand"]["classed"] == layers["demand"]["rows"]
    aliases = layers["villages"]["aliases"]
    assert aliases["pop60"] == "60岁及以上人口 [人]"
    assert aliases["small_land_shortfall_before"] == "村(居)社区养老服务设施人均用地·缺口（现状） [m²]"
    assert layers["rule_results"]["aliases"]["shortfall"] == "缺口"
    unnamed = [(name, field) for name, layer in layers.items() for field, alias in layer["aliases"].items() if not alias and field != "fid"]
    assert unnamed == []


@needs_qgis
def test_the_project_inside_has_groups_order_and_the_metric_system(
    zh: tuple[Path, dict[str, Any]], en: tuple[Path, dict[str, Any]]
) -> None:
    project = zh[1]
    assert (project["read"], project["title"], project["crs"]) == (True, "小县养老服务设施布局", "EPSG:4546")
    groups = {node["group"]: [member["layer"] for member in node["members"]] for node in project["tree"]}
    assert list(groups) == ["规划方案", "可达性", "行政单元与小区", "结果表"]
    assert groups["规划方案"] == ["建议设施", "设施", "候选点"]
    assert groups["行政单元与小区"][-1].startswith("村级")  # the filled layer lies below the boundaries
    shown = {member["layer"] for node in project["tree"] for member in node["members"] if member["shown"]}
    assert {"建议设施", "设施", "服务圈"} <= shown
    assert not shown & {"居住点", "道路", "候选点", "测算明细"}
    assert all(layer["valid"] for layer in project["in_project"].values())
    assert [node["group"] for node in en[1]["tree"]] == ["Plan", "Reach", "Units", "Tables"]
    assert en[1]["crs"] == "EPSG:4546"  # scale and lengths stay right
    assert {layer["crs"] for layer in en[1]["in_project"].values()} == {"EPSG:4490", ""}


@needs_qgis
def test_a_theme_is_one_click_to_every_map(zh: tuple[Path, dict[str, Any]]) -> None:
    """Each way to draw people, circles and units is a theme, in which every row is drawn; names of columns stay, and so does the sheet."""
    path, found = zh
    themes = found["themes"]
    minutes = [f"{words('zh')['legend.minutes']} {moment}" for moment in ("现状", "规划后")]
    assert themes["总览"].keys() >= {"proposals", "facilities", "service_circles", "villages", "townships"}
    for name, state in zip(minutes, ("before", "after"), strict=True):
        styles = {layer: style for layer, (style, _, _) in themes[name].items()}
        assert styles["demand"] == name
        assert ("proposals" in styles) == (state == "after")
        assert {styles[layer] for layer in ("villages", "townships", "counties")} == {"界线"}
        assert "service_circles" not in styles
    land = {layer: style for layer, (style, _, _) in themes["村(居)社区养老服务设施人均用地（规划后）"].items()}
    assert land["villages"] == "村(居)社区养老服务设施人均用地（规划后）"
    assert "demand" not in land
    assert {"未达标规则数（现状）", "未达标规则数（规划后）", "服务圈 现状", "服务圈 规划后"} <= {
        name.partition(" - ")[0] for name in themes
    }
    for name, layers in themes.items():
        for layer, (_, classed, n_rows) in layers.items():
            assert layer == "service_circles" or classed == n_rows, (name, layer)
    assert found["aliases_after"] == {layer: told["aliases"] for layer, told in found["in_project"].items()}
    assert path.with_name("sheet.png").read_bytes() == path.with_name("after-sheet.png").read_bytes()


@needs_qgis
def test_the_layout_prints_an_a3_sheet_with_title_legend_scale_and_sources(
    zh: tuple[Path, dict[str, Any]], en: tuple[Path, dict[str, Any]]
) -> None:
    for path, found in (zh, en):
        assert found["page_mm"] == [420.0, 297.0]
        assert found["items"] == {"QgsLayoutItemMap": 1, "QgsLayoutItemLegend": 1, "QgsLayoutItemScaleBar": 1}
        assert found["exported"] == 0
        assert round(found["scale"], -2) == 15_000  # 4 km on 292 mm
        assert "quarterhour_villages" in found["legend"]
        with pytest.warns(rasterio.errors.NotGeoreferencedWarning), rasterio.open(path.with_name("sheet.png")) as picture:
            pixels = picture.read()[:3]
        assert pixels.shape[2] > 950
        height, width = pixels.shape[1:]
        on_map = pixels[:, int(height * 0.2) : int(height * 0.8), int(width * 0.05) : int(width * 0.7)]
        assert np.mean((on_map < 250).any(axis=0)) > 0.1  # something is drawn
        legend = pixels[:, int(height * 0.1) : int(height * 0.5), int(width * 0.74) :]
        assert len(np.unique(legend.reshape(3, -1), axis=1).T) > 50  # symbols and text
    assert "小县养老服务设施布局" in zh[1]["labels"]
    assert "Small [ % 6 * 7 %] county" in en[1]["labels"]  # text, not 42


@needs_qgis
@needs_process
def test_the_processing_script_runs_a_scenario_and_loads_its_layers(tmp_path: Path) -> None:
    scripts = tmp_path / ".local/share/QGIS/QGIS3/profiles/default/processing/scripts"
    scripts.mkdir(parents=True)
    command = Path(sys.executable).with_name("quarterhour")
    subprocess.run([str(command), "qgis-script", str(scripts)], check=True, capture_output=True)
    place = tmp_path / "place"
    place.mkdir()
    scenario = write_small_scenario(place)
    # the packages of QGIS's Python would hide ours: here one that cannot be imported
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "typer.py").write_text("raise ImportError('of the Python of QGIS')", encoding="utf-8")
    environment = {**clean(tmp_path), "PYTHONPATH": str(packages), "GDAL_DATA": "/nowhere"}
    enable = ["qgis_process.bin", "plugins", "enable", "processing"]
    subprocess.run(enable, capture_output=True, check=True, env=clean(tmp_path), timeout=60)
    run = ["qgis_process.bin", "run", "script:quarterhour_run", f"--SCENARIO={scenario}"]
    ran = subprocess.run(run, capture_output=True, text=True, check=False, env=environment, timeout=180)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"GEOPACKAGE:\t{place / 'out/plan.gpkg'}" in ran.stdout
    (layers,) = [line for line in ran.stdout.splitlines() if line.startswith("LAYERS:")]
    assert len(layers.split(",")) >= 9
    scenario.write_text("name = 1\n", encoding="utf-8")
    failed = subprocess.run(run, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert failed.returncode != 0
    assert "scenario.toml:1:" in failed.stdout + failed.stderr


def test_the_script_asks_nothing_that_old_python_lacks() -> None:
    """QGIS brings Python 3.9 and later."""
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 9))
