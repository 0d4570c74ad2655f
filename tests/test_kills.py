"""Real runs that are killed, interrupted, starved and shut out: the result that stands is the old one or the new one, and whole.

`QUARTERHOUR_KILLS=100` kills a hundred runs that write every form of the result; ten that write the small ones are killed otherwise.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from maps.publishing.exchange import READY, recover
from maps.publishing.folder_lock import folder_lock
from maps.publishing.manifest import changed_files
from tests.corpus.place import Spoilt, write_clean

if sys.platform == "win32":
    pytest.skip("signals and limits of POSIX", allow_module_level=True)

from tests.runs import finished, started

KILLS = int(os.environ.get("QUARTERHOUR_KILLS", "10"))
FORMATS = ["geopackage", "result"] if KILLS <= 10 else ["page", "geopackage", "workbook", "result", "geojson", "matrix"]
EXIT_PUBLISH, EXIT_INTERRUPTED = 5, 130


@pytest.fixture
def place(tmp_path: Path) -> Spoilt:
    write_clean(tmp_path)
    spoilt = Spoilt(tmp_path)
    spoilt.scenario["outputs"] = {"folder": "out", "formats": FORMATS}
    return spoilt


def with_people(place: Spoilt, people: str) -> Path:
    """The scenario with another figure, so that its result is another."""
    place.people(1, 2, people)
    return place.write_scenario()


def result_in(folder: Path) -> dict[str, bytes]:
    """Every file that a user sees."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


def test_a_run_killed_at_any_moment_leaves_an_old_or_a_new_result(place: Spoilt) -> None:
    chance, out, log = Random(8), place.folder / "out", place.folder / "log"  # noqa: S311 - the same moments in every run
    results, seconds = {}, 0.0
    for people in ("1286", "1400"):
        before = time.monotonic()
        assert finished(with_people(place, people), log)[0] == 0
        results[people] = result_in(out)
        seconds = time.monotonic() - before
    n_killed = 0
    for i in range(KILLS):
        people = ("1286", "1400")[i % 2]
        process = started(with_people(place, people), log)
        process.join(chance.uniform(0.0, 1.1 * seconds))
        process.kill()
        process.join()
        n_killed += process.exitcode == -signal.SIGKILL
        assert (out / READY).exists() or (changed_files(out) == [] and result_in(out) in results.values()), i
        with folder_lock(out):
            recover(out)  # what the next run begins with
        assert changed_files(out) == []
        assert result_in(out) in results.values()
        code, words = finished(with_people(place, people), log)
        assert (code, result_in(out)) == (0, results[people]), words
        assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    assert n_killed > KILLS / 2


@pytest.fixture
def old(place: Spoilt) -> dict[str, bytes]:
    """The result that stands before the run that fails."""
    place.scenario["outputs"]["formats"] = ["page", "geopackage", "workbook", "result"]
    assert finished(with_people(place, "1400"), place.folder / "log")[0] == 0
    place.people(1, 2, "1286")
    return result_in(place.folder / "out")


def stands(old: dict[str, bytes], place: Spoilt) -> None:
    out = place.folder / "out"
    assert result_in(out) == old
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def test_an_interrupted_run_exits_130_and_leaves_the_old_result(place: Spoilt, old: dict[str, bytes]) -> None:
    path = place.write_scenario()
    with subprocess.Popen(
        [sys.executable, "-m", "scenarios.cli", "run", str(path)],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "QUARTERHOUR_LANGUAGE": "en"},
    ) as run:
        assert run.stderr is not None
        told, is_interrupted = "", False
        for line in run.stderr:
            told += line
            if "plan.gpkg" in line or (is_interrupted and "writing" in line):  # a library lets one pass now and then: pressed again
                run.send_signal(signal.SIGINT)
                is_interrupted = True
    assert run.returncode == EXIT_INTERRUPTED
    assert told.rstrip().endswith("Interrupted, nothing was published.")
    stands(old, place)


def test_a_second_run_into_the_folder_of_a_first_is_refused(place: Spoilt, old: dict[str, bytes]) -> None:
    with folder_lock(place.folder / "out"):
        code, words = finished(place.write_scenario(), place.folder / "log")
    assert code == EXIT_PUBLISH
    assert "another run is writing its result here" in words
    stands(old, place)


def test_a_folder_that_is_a_file_is_told(place: Spoilt) -> None:
    (place.folder / "out").write_text("mine", encoding="utf-8")
    code, words = finished(place.write_scenario(), place.folder / "log")
    assert code == EXIT_PUBLISH
    assert "Traceback" not in words
    assert "out" in words
    assert (place.folder / "out").read_text(encoding="utf-8") == "mine"
