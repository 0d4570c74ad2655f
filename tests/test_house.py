"""The shape of the house: imports run one way, special packages stay in their rooms, and the shipped text is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]

ROOMS = {
    "folium": ("maps/notebook.py",),
    "rasterio": ("layers/sources/raster.py", "layers/terrain.py", "layers/unit_grid.py", "maps", "scenarios/demo"),
    "osmnx": ("layers/sources",),
    "networkx": ("layers/sources",),
    "osmium": ("layers/sources",),
}
"""Where a package may be imported."""


def test_imports_run_from_scenarios_to_maps_to_planner_to_layers() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("package", ROOMS)
def test_special_packages_stay_in_their_rooms(package: str) -> None:
    importing = re.compile(rf"^\s*(import|from) {package}\b", re.MULTILINE)
    strays = [
        str(path.relative_to(ROOT))
        for folder in ("layers", "planner", "maps", "scenarios")
        for path in (ROOT / folder).rglob("*.py")
        if importing.search(path.read_text(encoding="utf-8"))
        and not str(path.relative_to(ROOT)).replace("\\", "/").startswith(ROOMS[package])
    ]
    assert strays == []


def test_no_module_reads_the_clock_or_chance_below_the_runner() -> None:
    clock_or_chance = re.compile(r"datetime\.now|date\.today|time\.time\(|import random|np\.random\.(?!Generator|PCG64)")
    strays = [
        str(path.relative_to(ROOT))
        for folder in ("layers", "planner", "maps")
        for path in (ROOT / folder).rglob("*.py")
        if clock_or_chance.search(path.read_text(encoding="utf-8"))
    ]
    assert strays == []
