"""Files and scenarios spoiled at random, the same ones in every run: whatever comes, the command line answers with a message and an exit code.

`QUARTERHOUR_FUZZ=20` tries twenty times as many cases.
"""

from __future__ import annotations

import copy
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest

from scenarios.cli import main
from scenarios.endings import EXIT_LAYER, EXIT_SCENARIO
from tests.corpus import rasters, street_layers
from tests.corpus.place import Spoilt, clean_scenario, village_frame, write_clean

MANY = int(os.environ.get("QUARTERHOUR_FUZZ", "1"))
SCENARIOS, FILES_EACH = 120 * MANY, 14 * MANY
CAP_SECONDS = 30
"""No reading of a file of some kilobytes may take longer."""
ANSWERS = (0, EXIT_SCENARIO, EXIT_LAYER)

pytestmark = [
    pytest.mark.filterwarnings("default"),  # of the libraries below, over rubbish; the user sees a line on standard error
    pytest.mark.filterwarnings("error::rasterio.errors.NotGeoreferencedWarning"),  # but this one is told as a fault
]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    write_clean(folder)
    return folder


def chance_of(seed: str) -> Random:
    """The same chance in every run."""
    return Random(seed)  # noqa: S311 - nothing here is secret


@contextmanager
def capped(seconds: int) -> Iterator[None]:
    def over(_number: int, _frame: FrameType | None) -> None:
        pytest.fail(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def answer(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of `quarterhour check`; anything that is not an answer of the command line goes through as the exception it is."""
    monkeypatch.setattr(sys, "argv", ["quarterhour", "check", str(path)])
    with capped(CAP_SECONDS):
        try:
            main()
        except SystemExit as stopped:
            return int(stopped.code or 0)
    return 0


# ---- files ------------------------------------------------------------------------------------------------------------------------


def spoiled(content: bytes, chance: Random) -> bytes:  # noqa: C901 - one case per way to spoil
    """A file with one to four things wrong in it."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        if not data:
            break
        at = chance.randrange(len(data))
        size = min(chance.choice((1, 1, 2, 4, 16, 200)), len(data) - at)
        match chance.choice(("flip", "cut", "drop", "double", "zero", "noise", "digit", "word")):
            case "flip":
                data[at] ^= 1 << chance.randrange(8)
            case "cut":
                del data[at:]
            case "drop":
                del data[at : at + size]
            case "double":
                data[at:at] = data[at : at + size]
            case "zero":
                data[at : at + size] = bytes(size)
            case "noise":
                data[at : at + size] = chance.randbytes(size)
            case "digit":
                digits = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
                if digits:
                    data[chance.choice(digits)] = chance.choice(b"0123456789-.eE")
            case _:
                data[at : at + size] = chance.choice(WORDS)
    return bytes(data)


WORDS = (
    b"nan",
    b"inf",
    b"-1",
    b"1e400",
    b"null",
    b",",
    b'"',
    b"\n",
    b"\x00",
    b"\xff\xfe",
    "—".encode(),
    "１２".encode(),
    b"<",
    b"&x;",
    b"99999999999999999999",
    b"{",
    b"[",
    b"=1+1",
)


def people_book(place: Spoilt) -> str:
    place.people_book()
    return "people.xlsx"


def units_as(name: str) -> Callable[[Spoilt], str]:
    def prepare(place: Spoilt) -> str:
        place.villages(village_frame().to_crs(4326), name)
        return name

    return prepare


def part_of_shapefile(part: str) -> Callable[[Spoilt], str]:
    def prepare(place: Spoilt) -> str:
        place.villages(village_frame(), "village.shp")
        return f"village.{part}"

    return prepare


def people_parquet(place: Spoilt) -> str:
    from tests.corpus.damaged import parquet_people  # noqa: PLC0415

    parquet_people(place)
    return "people.parquet"


def people_raster(place: Spoilt) -> str:
    rasters.cells()(place)
    return "people.tif"


def streets_osm(place: Spoilt) -> str:
    street_layers.osm(street_layers.OSM.format(street_layers.nodes() + street_layers.WAY.format("residential")))(place)
    return "streets.osm"


def streets_pbf(place: Spoilt) -> str:
    street_layers.pbf(1.0)(place)
    return "streets.osm.pbf"


READERS: dict[str, Callable[[Spoilt], str]] = {
    "csv of people": lambda _: "people.csv",
    "csv of facilities": lambda _: "facilities.csv",
    "csv of candidates": lambda _: "candidates.csv",
    "workbook": people_book,
    "geopackage of units": lambda _: "units.gpkg",
    "geopackage of streets": lambda _: "streets.gpkg",
    "geojson": units_as("village.geojson"),
    "geoparquet": units_as("village.parquet"),
    "parquet": people_parquet,
    "raster": people_raster,
    "osm xml": streets_osm,
    "osm pbf": streets_pbf,
    "shapes of a shapefile": part_of_shapefile("shp"),
    "index of a shapefile": part_of_shapefile("shx"),
    "table of a shapefile": part_of_shapefile("dbf"),
    "system of a shapefile": part_of_shapefile("prj"),
    "pack": lambda _: "three-rules.toml",
}
"""What is spoiled: each prepares the place so that this file is read, and names it."""


@pytest.mark.parametrize("reader", READERS)
def test_a_file_spoiled_at_random_is_answered(
    reader: str, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = chance_of(reader)
    folder = tmp_path / "place"
    shutil.copytree(clean, folder)
    place = Spoilt(folder)
    name = READERS[reader](place)
    path = place.write_scenario()
    content = (folder / name).read_bytes()
    assert answer(path, monkeypatch) == 0
    for i in range(FILES_EACH):
        data = spoiled(content, chance)
        (folder / name).write_bytes(data)
        code = answer(path, monkeypatch)
        out, err = capfd.readouterr()
        assert code in ANSWERS, (i, out, err)
        assert "Traceback" not in err, (i, err)
        assert code == 0 or "fault(s) in the input" in err, (i, err)


# ---- scenarios --------------------------------------------------------------------------------------------------------------------

VALUES: tuple[Any, ...] = (
    *(
        "",
        " ",
        "x",
        "village",
        "people.csv",
        "../..",
        "/",
        "a\u0000b",
        "名称",
        "=cmd()",
        "<script>",
        "1",
        "EPSG:4490",
        "EPSG:2361",
        "huitong",
    ),
    *(0, -1, 1, 2, 10**12, -(10**30), 0.0, -0.5, 1e308, "=nan", "=inf", "=-inf", "=1979-05-27", "=07:32:00", "=0x10"),
    *(True, False, [], {}, [[]], [{}], {"a": 1}, {"": ""}, [1, "a", [2]], ["amenity", "*"]),
)
KEYS = (
    "path",
    "layer",
    "level",
    "columns",
    "crs",
    "coordinates",
    "kind",
    "where",
    "x",
    "y",
    "join",
    "shares",
    "assign",
    "goal",
    "name",
    "",
    "a.b",
    "路径",
)


def nodes_of(tree: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path into a tree of tables and lists."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from nodes_of(value, (*path, key))


def mutated(scenario: dict[str, Any], chance: Random) -> dict[str, Any]:
    """A scenario with one to three keys or values changed, added, moved or taken out."""
    changed = copy.deepcopy(scenario)
    for _ in range(chance.randint(1, 3)):
        paths = list(nodes_of(changed))
        path = chance.choice(paths)
        parent: Any = changed
        for key in path[:-1]:
            parent = parent[key]
        match chance.choice(("value", "value", "delete", "add", "copy", "rename")):
            case "value":
                parent[path[-1]] = copy.deepcopy(chance.choice(VALUES))
            case "delete":
                del parent[path[-1]]
            case "add" if isinstance(parent, dict):
                parent[chance.choice(KEYS)] = copy.deepcopy(chance.choice(VALUES))
            case "copy":
                source: Any = changed
                for key in chance.choice(paths):
                    source = (
                        source[key]
                        if (isinstance(source, dict) and key in source) or (isinstance(source, list) and key < len(source))
                        else source
                    )
                parent[path[-1]] = copy.deepcopy(source)
            case "rename" if isinstance(parent, dict):
                parent[f"{path[-1]}s"] = parent.pop(path[-1])
    return changed


def test_a_scenario_mutated_at_random_is_answered(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = chance_of("scenario")
    folder = tmp_path / "place"
    shutil.copytree(clean, folder)
    codes = set()
    for i in range(SCENARIOS):
        place = Spoilt(folder, mutated(clean_scenario(), chance))
        code = answer(place.write_scenario(), monkeypatch)
        out, err = capfd.readouterr()
        assert code in ANSWERS, (i, place.scenario, out, err)
        assert "Traceback" not in err, (i, place.scenario, err)
        codes.add(code)
    assert codes == set(ANSWERS)


def test_a_scenario_file_of_spoiled_text_is_answered(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = chance_of("text")
    folder = tmp_path / "place"
    shutil.copytree(clean, folder)
    content = Spoilt(folder).write_scenario().read_bytes()
    for i in range(SCENARIOS):
        path = Spoilt(folder, raw=spoiled(content, chance)).write_scenario()
        code = answer(path, monkeypatch)
        _, err = capfd.readouterr()
        assert code in ANSWERS, (i, err)
        assert "Traceback" not in err, (i, err)
