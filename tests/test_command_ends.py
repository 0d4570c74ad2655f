"""How commands end that cannot do their work: a file where a folder is needed, an interruption; told in one line, with the documented code."""

from __future__ import annotations

from pathlib import Path

import pytest

from maps.publishing.manifest import MANIFEST
from maps.publishing.publish import Piece, publish
from scenarios.cli import main
from scenarios.interruption import StoppedError, telling_of_interruption
from tests.small_scenario import write_small_scenario

EXIT_PUBLISH, EXIT_INTERRUPTED = 5, 130


def ended(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and standard error of a command."""
    monkeypatch.setenv("QUARTERHOUR_LANGUAGE", "en")
    monkeypatch.setattr("sys.argv", ["quarterhour", *words])
    monkeypatch.setattr("scenarios.cli.sys.stdout.reconfigure", lambda **_: None, raising=False)
    monkeypatch.setattr("scenarios.cli.sys.stderr.reconfigure", lambda **_: None, raising=False)
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0), capsys.readouterr().err


@pytest.mark.parametrize("below", ["", "/x", "/x/y"])
@pytest.mark.parametrize(
    "command",
    [
        "init {}",
        "demo {}",
        "qgis-script {}",
        "standards new {}/p.toml",
        "minutes {s} {}",
        "check {s} --report {}",
        "compare {s} {s} --folder {}",
    ],
)
def test_a_file_in_the_place_of_a_folder_is_told_before_any_work_and_left_as_it_is(
    command: str, below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario, mine = write_small_scenario(tmp_path), tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    code, told = ended(command.format(f"{mine}{below}", s=scenario).split(), monkeypatch, capsys)
    assert code == EXIT_PUBLISH
    assert f"{mine}{below} is not a folder, or lies in a file. Name another one" in told
    assert "was not written by an earlier run" not in told
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_the_system_cannot_make_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ended(["init", str(tmp_path / ("a" * 300))], monkeypatch, capsys)
    assert code == EXIT_PUBLISH
    assert "cannot be written to (" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ImportError("initialization failed")])
def test_a_command_that_is_stopped_says_so_in_one_line(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise error from KeyboardInterrupt()

    monkeypatch.setattr("scenarios.demo.write_demo_county", stopped)
    code, told = ended(["demo", str(tmp_path / "demo")], monkeypatch, capsys)
    assert code == EXIT_INTERRUPTED
    assert told.splitlines()[-1] == "Interrupted, nothing was published."
    assert "Traceback" not in told


def test_a_module_that_is_missing_is_no_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ImportError("no such module")

    monkeypatch.setattr("scenarios.demo.write_demo_county", broken)
    with pytest.raises(ImportError, match="no such module"):
        ended(["demo", str(tmp_path / "demo")], monkeypatch, capsys)


def put(folder: Path) -> None:
    """A result of one file, the same every time."""

    def write(path: Path) -> None:
        path.write_text("a", encoding="utf-8")

    publish(folder, [Piece("a.txt", write, lambda _: None)], lambda _: None)


def put_and_stop(folder: Path) -> None:
    """An interruption just after a result was put in place."""
    put(folder)
    raise KeyboardInterrupt


def test_only_what_is_true_is_told_of_the_result(tmp_path: Path) -> None:
    put(tmp_path)
    before = (tmp_path / MANIFEST).read_bytes()
    with pytest.raises(StoppedError, match=r"^Interrupted, nothing was published\.$"), telling_of_interruption(tmp_path):
        raise KeyboardInterrupt
    with pytest.raises(StoppedError, match="the result was published before"), telling_of_interruption(tmp_path):
        put_and_stop(tmp_path)
    assert (tmp_path / MANIFEST).read_bytes() == before
