"""Too little memory, a full disk, a folder that is shut: told plainly with an exit code, nothing half-written, the old result as it was."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import layers.shortage
import layers.sources.vector as vector_reader
from layers.saying import in_language
from layers.shortage import STEP_BYTES, TooLittleMemoryError, disk_fault, is_memory_short, telling_of_memory
from maps.export import EXPORTS
from scenarios.cli import main
from scenarios.county_task import CountyTask, run_county
from scenarios.endings import EXIT_MEMORY, EXIT_PUBLISH
from tests.corpus.place import Spoilt, write_clean

if sys.platform == "win32":
    pytest.skip("signals and limits of POSIX", allow_module_level=True)

from tests.runs import as_nobody, files_up_to, finished

FORMATS = {name: entry.file_name for name, entry in EXPORTS.items() if name not in ("sheet", "sheet_picture", "brief")}
"""each form that is written without matplotlib, and its file"""
COMMAND = [sys.executable, "-m", "scenarios.cli", "run"]


@pytest.fixture
def place(tmp_path: Path) -> Spoilt:
    write_clean(tmp_path)
    spoilt = Spoilt(tmp_path)
    spoilt.scenario["outputs"] = {"folder": "out", "formats": ["geopackage", "result"]}
    return spoilt


def written(place: Spoilt, *formats: str) -> dict[str, bytes]:
    """A first result; the people are others afterwards."""
    place.scenario["outputs"]["formats"] = list(formats)
    code, words = finished(place.write_scenario(), place.folder / "log")
    assert code == 0, words
    place.people(1, 2, "1400")
    return everything_in(place)


def everything_in(place: Spoilt) -> dict[str, bytes]:
    """Every file of the output folder, those that a user does not see too."""
    return {path.name: path.read_bytes() if path.is_file() else b"" for path in sorted((place.folder / "out").iterdir())}


# ---- memory -----------------------------------------------------------------------------------------------------------------------


def run_with_memory(path: Path, kib: int) -> tuple[int, str]:
    """Exit code and words of a run in its own process that may use so much address space."""
    environment = {**os.environ, "QUARTERHOUR_LANGUAGE": "en"}
    run = subprocess.run(
        ["/bin/sh", "-c", f'ulimit -v {kib}; exec "$@"', "sh", *COMMAND, str(path)],
        capture_output=True, text=True, encoding="utf-8", env=environment, timeout=120, check=False,
    )  # fmt: skip
    return run.returncode, run.stdout + run.stderr


MANY = "QUARTERHOUR_SHORTAGE" in os.environ
"""the long form: every limit of memory, every third step"""
LIMITS_KIB = (50_000, 800_000, 1_150_000, 1_350_000, 6_000_000) if MANY else (50_000, 1_150_000, 6_000_000)
STEPS_APART = 3 if MANY else 9


def test_a_run_with_too_little_memory_is_told_at_any_limit(place: Spoilt) -> None:
    old = written(place, "geopackage", "result")
    path, codes = place.write_scenario(), []
    for kib in LIMITS_KIB:
        code, words = run_with_memory(path, kib)
        codes.append(code)
        assert code in (0, EXIT_MEMORY), (kib, words)
        assert "Traceback" not in words, (kib, words)
        if code == EXIT_MEMORY:
            assert "There is not enough memory" in words, (kib, words)
            assert everything_in(place) == old, kib
    assert (codes[0], codes[-1]) == (EXIT_MEMORY, 0)


def answer(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["quarterhour", "run", str(path)])
    try:
        main()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def test_memory_that_runs_out_at_any_step_is_told_with_the_step(
    place: Spoilt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, path = written(place, "geopackage", "result"), place.write_scenario()
    monkeypatch.setenv("QUARTERHOUR_LANGUAGE", "en")
    for n_steps in range(0, 100, STEPS_APART):
        asked: list[int] = []

        def ask(n_bytes: int, asked: list[int] = asked, n_steps: int = n_steps) -> None:
            asked.append(n_bytes)
            if asked.count(STEP_BYTES) > n_steps:
                raise MemoryError

        monkeypatch.setattr(layers.shortage, "ask_for_memory", ask)
        code = answer(path, monkeypatch)
        *_, step, words = ("", *capsys.readouterr().err.splitlines())
        if code == 0:
            break
        assert code == EXIT_MEMORY
        assert f"for this step: {step.partition('] ')[2]};" in words
        assert everything_in(place) == old
    assert n_steps > 8
    assert everything_in(place) != old


def huge_array() -> object:
    return np.empty(2**55)


def huge_buffer() -> object:
    return pa.allocate_buffer(2**55)


def in_a_pool() -> object:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(np.empty, [2**55, 1]))


def of_a_library() -> object:
    raise RuntimeError("std::bad_alloc")


@pytest.mark.parametrize("ask", [huge_array, huge_buffer, in_a_pool, of_a_library])
def test_what_the_libraries_raise_is_one_error_with_the_step(ask: Callable[[], object]) -> None:
    told: list[str] = []

    def step() -> None:
        with telling_of_memory(told.append) as tell:
            tell("counting")
            ask()

    with pytest.raises(TooLittleMemoryError) as caught:
        step()
    assert told == ["counting"]
    assert "for this step: counting;" in caught.value.told("en")
    assert "所在步骤：counting" in caught.value.told("zh")


def test_other_errors_go_through_as_they_are() -> None:
    with pytest.raises(KeyError), telling_of_memory(print):
        raise KeyError("x")
    assert not is_memory_short(OSError(errno.ENOENT, "not there"))


def test_a_file_read_with_too_little_memory_is_not_called_damaged(
    place: Spoilt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def short(*_: object) -> None:
        raise pa.ArrowMemoryError("malloc of size 64 failed")

    monkeypatch.setenv("QUARTERHOUR_LANGUAGE", "en")
    monkeypatch.setattr(vector_reader, "_read", short)
    assert answer(place.write_scenario(), monkeypatch) == EXIT_MEMORY
    words = capsys.readouterr().err
    assert "for this step: units" in words
    assert "damaged" not in words


def test_a_county_of_a_batch_without_memory_fails_with_the_reason(place: Spoilt, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(_n_bytes: int) -> None:
        raise MemoryError

    monkeypatch.setattr(layers.shortage, "ask_for_memory", ask)
    record = run_county(CountyTask("a", str(place.write_scenario()), language="en"))
    assert record.state == "failed"
    assert record.reason.startswith("There is not enough memory for this step: units;")


# ---- disk -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full_place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Spoilt, dict[str, bytes]]:
    """A place with a result in every form, and that result."""
    folder = tmp_path_factory.mktemp("full")
    write_clean(folder)
    place = Spoilt(folder)
    place.scenario["outputs"] = {"folder": "out"}
    return place, written(place, *FORMATS)


@pytest.mark.parametrize(("form", "file"), FORMATS.items())
def test_a_disk_that_fills_up_is_told_for_every_form(full_place: tuple[Spoilt, dict[str, bytes]], form: str, file: str) -> None:
    place, old = full_place
    place.scenario["outputs"]["formats"] = [form]
    half = len(old[file]) // 2
    code, words = finished(place.write_scenario(), place.folder / "log", partial(files_up_to, half))
    assert code == EXIT_PUBLISH, words
    assert "Traceback" not in words
    assert "the disk is full (File too large). Make room on it" in words
    assert everything_in(place) == old


def test_a_small_disk_of_its_own_that_is_full_is_told(place: Spoilt) -> None:
    path = place.write_scenario()
    script = f'mount -t tmpfs -o size=64k none "{place.folder}/out" 2>/dev/null || exit 77; "$@"; code=$?; ls -A "{place.folder}/out"; exit $code'
    (place.folder / "out").mkdir()
    run = subprocess.run(
        ["unshare", "-rm", "/bin/sh", "-c", script, "sh", *COMMAND, str(path)],
        capture_output=True, text=True, encoding="utf-8", env={**os.environ, "QUARTERHOUR_LANGUAGE": "en"}, timeout=120, check=False,
    )  # fmt: skip
    if run.returncode in (1, 77) and "Traceback" not in run.stderr:
        pytest.skip("no file system of one's own may be mounted here")
    assert (run.returncode, run.stdout) == (EXIT_PUBLISH, ""), run.stderr
    assert "the disk is full (No space left on device)" in run.stderr


def test_a_full_folder_for_temporary_files_is_not_called_a_damaged_file(place: Spoilt, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "units.gpkg", None, "/tmp/units.gpkg")  # noqa: S108 - a name

    monkeypatch.setattr(vector_reader, "_read", full)
    assert answer(place.write_scenario(), monkeypatch) == EXIT_PUBLISH


def test_a_folder_that_may_not_be_written_to_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:  # those of pytest may be entered by one user only
        Path(folder).chmod(0o755)
        write_clean(Path(folder))
        place = Spoilt(Path(folder))
        place.scenario["outputs"] = {"folder": "out"}
        old = written(place, "geopackage", "result")
        (place.folder / "out").chmod(0o555)
        code, words = finished(place.write_scenario(), place.folder / "log", as_nobody)
        (place.folder / "out").chmod(0o755)
        assert code == EXIT_PUBLISH, words
        assert f"{place.folder / 'out'}: cannot be written to (Permission denied). Ask for the right to write there" in words
        assert "Traceback" not in words
        assert everything_in(place) == old


def test_faults_of_a_disk_are_told_in_chinese() -> None:
    told = disk_fault("out", OSError(errno.ENOSPC, "No space left on device"))
    assert in_language(told, "zh") == "out：磁盘已满（No space left on device）。请在该磁盘上腾出空间，或另写一个其他磁盘上的文件夹。"
