"""A result is published whole or not at all: every step is made to fail, and every step is made the last one before a kill."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from maps.publishing.folder_lock import folder_lock
from maps.publishing.manifest import MANIFEST, PublishError, changed_files, listed_files
from maps.publishing.publish import Piece, publish, refuse_shut
from tests.runs import NOBODY

NAMES = ("index.html", "plan.gpkg", "tables.xlsx", "run.json")
STEPS = ("replace", "rename", "link", "unlink", "rmdir", "mkdir", "fsync")
"""Every call of `os` that publishing changes the disk with, besides writing into files of its own."""


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk need not be waited for here; that it is asked to flush counts as a step all the same."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


class KilledError(BaseException):
    """What stands for a kill: from its first call on, no step of the process works any more."""


def pieces(text: str, names: tuple[str, ...] = NAMES, *, fails_at: int = -1, error: type[BaseException] = OSError) -> list[Piece]:
    """Pieces that write `<name> <text>`; the writer number `fails_at` breaks off half-way with `error`."""

    def writer(i: int, name: str) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            path.write_text(name[:3], encoding="utf-8")
            if i == fails_at:
                raise error("No space left on device")
            path.write_text(f"{name} {text}", encoding="utf-8")

        return write

    def check(path: Path) -> None:
        assert path.read_text(encoding="utf-8").endswith(text)

    return [Piece(name, writer(i, name), check) for i, name in enumerate(names)]


def silent(_: str) -> None:
    """Progress that nobody follows."""


def contents(folder: Path) -> dict[str, str]:
    """Everything in a folder, hidden things too: name -> text."""
    return {str(p.relative_to(folder)): p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*")) if p.is_file()}


def result_of(folder: Path) -> str:
    """The text of the whole result in a folder; fails when files of two results are mixed, one is missing, or rubbish lies about."""
    files = contents(folder)
    listed = listed_files(folder)
    assert changed_files(folder) == []
    assert set(files) - {"notes.docx"} == {*listed, MANIFEST}
    assert not [p for p in folder.rglob("*") if p.is_dir()]
    (text,) = {files[name].removeprefix(f"{name} ") for name in listed}
    return text


@contextmanager
def steps(monkeypatch: pytest.MonkeyPatch, act: Callable[[int, str], None]) -> Iterator[list[str]]:
    """Calls of `STEPS` are counted; `act(n, name)` runs before the n-th."""
    done: list[str] = []

    def counted(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def step(*args: object, **choices: object) -> object:
            act(len(done), name)
            done.append(name)
            return real(*args, **choices)

        return step

    with monkeypatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, counted(name))
        yield done


def n_steps(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many steps publishing over an old result takes."""
    publish(folder, pieces("old", (*NAMES, "stale.json")), silent)
    with steps(monkeypatch, lambda _n, _name: None) as done:
        publish(folder, pieces("new"), silent)
    return len(done)


def mend(folder: Path) -> None:
    """The next run: it fails at its first file, and must have put the folder in order all the same."""
    with pytest.raises(OSError, match="No space"):
        publish(folder, pieces("third", fails_at=0), silent)


def test_a_result_is_its_files_and_a_manifest_and_nothing_else(tmp_path: Path) -> None:
    told: list[str] = []
    paths = publish(tmp_path / "a" / "out", pieces("first"), told.append)
    assert [p.name for p in paths] == [*NAMES, MANIFEST]
    assert told == list(NAMES)
    assert result_of(tmp_path / "a" / "out") == "first"


def test_publishing_again_replaces_our_files_and_leaves_others_alone(tmp_path: Path) -> None:
    publish(tmp_path, pieces("first"), silent)
    (tmp_path / "notes.docx").write_text("mine", encoding="utf-8")
    publish(tmp_path, pieces("second"), silent)
    assert result_of(tmp_path) == "second"
    assert (tmp_path / "notes.docx").read_text(encoding="utf-8") == "mine"


def test_a_file_that_the_new_result_does_not_have_goes_unless_somebody_changed_it(tmp_path: Path) -> None:
    publish(tmp_path, pieces("first", (*NAMES, "a.json", "notes.docx")), silent)
    (tmp_path / "notes.docx").write_text("with my remarks", encoding="utf-8")
    publish(tmp_path, pieces("second"), silent)
    assert result_of(tmp_path) == "second"
    assert (tmp_path / "notes.docx").read_text(encoding="utf-8") == "with my remarks"


@pytest.mark.parametrize("fails_at", range(len(NAMES)))
@pytest.mark.parametrize("error", [OSError, ValueError, KeyboardInterrupt])
def test_whichever_writer_fails_the_old_result_stands_and_no_rubbish_is_left(
    tmp_path: Path, fails_at: int, error: type[BaseException]
) -> None:
    publish(tmp_path, pieces("old"), silent)
    before = contents(tmp_path)
    with pytest.raises(error):
        publish(tmp_path, pieces("new", fails_at=fails_at, error=error), silent)
    assert contents(tmp_path) == before
    assert result_of(tmp_path) == "old"


def test_a_failed_first_run_leaves_not_even_its_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        publish(tmp_path / "a" / "out", pieces("new", fails_at=2), silent)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_a_second_file_or_a_file_that_cannot_be_read_back_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, pieces("old"), silent)

    def beside(path: Path) -> None:
        path.write_text("x", encoding="utf-8")
        path.with_name("plan.gpkg-wal").write_text("x", encoding="utf-8")

    for write in (lambda path: path.touch(), beside):
        with pytest.raises(PublishError, match=r"plan\.gpkg was not written as one file"):
            publish(tmp_path, [Piece("plan.gpkg", write, lambda _: None)], silent)

    def half(path: Path) -> None:
        path.write_text("half", encoding="utf-8")

    with pytest.raises(AssertionError):
        publish(tmp_path, [Piece("plan.gpkg", half, pieces("new")[1].check)], silent)
    assert result_of(tmp_path) == "old"


def test_a_failure_at_any_step_leaves_one_whole_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(n_steps(tmp_path / "count", monkeypatch)):
        folder = tmp_path / str(at)
        publish(folder, pieces("old", (*NAMES, "stale.json")), silent)

        def fail(n: int, name: str, at: int = at) -> None:
            if n == at:
                raise PermissionError(13, f"{name} is refused", "tables.xlsx")

        with steps(monkeypatch, fail):
            try:
                publish(folder, pieces("new"), silent)
            except (PublishError, PermissionError):
                told = True
            else:
                told = False
        mend(folder)
        assert result_of(folder) in (("old", "new") if told else ("new",))


def test_a_file_that_cannot_be_exchanged_puts_the_old_result_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, pieces("old"), silent)
    real = os.replace

    def held(source: Path, target: Path) -> None:
        if Path(target) == tmp_path / "tables.xlsx":
            raise PermissionError(13, "The file is in use by another process", str(target))
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", held)
        with pytest.raises(PublishError, match=r"in use by another process \(tables\.xlsx\).*Excel"):
            publish(tmp_path, pieces("new"), silent)
    assert result_of(tmp_path) == "old"


def test_a_kill_at_any_step_leaves_the_old_or_the_new_result_to_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for at in range(n_steps(tmp_path / "count", monkeypatch)):
        folder = tmp_path / str(at)
        publish(folder, pieces("old", (*NAMES, "stale.json")), silent)

        def kill(n: int, _name: str, at: int = at) -> None:
            if n >= at:
                raise KilledError

        with steps(monkeypatch, kill), pytest.raises(KilledError):
            publish(folder, pieces("new"), silent)
        mend(folder)
        seen.add(result_of(folder))
    assert seen == {"old", "new"}


def test_a_kill_while_a_failure_is_undone_is_mended_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    total = n_steps(tmp_path / "count", monkeypatch)
    for fails_at in range(total):
        for more in (1, 2, 4, 7, 11):
            folder = tmp_path / f"{fails_at}-{more}"
            publish(folder, pieces("old", ("index.html", "plan.gpkg", "stale.json")), silent)

            def act(n: int, name: str, fails_at: int = fails_at, more: int = more) -> None:
                if n == fails_at:
                    raise PermissionError(13, f"{name} is refused", "tables.xlsx")
                if n >= fails_at + more:
                    raise KilledError

            with steps(monkeypatch, act), suppress(KilledError, PublishError, PermissionError):
                publish(folder, pieces("new"), silent)
            mend(folder)
            assert result_of(folder) in ("old", "new")


@pytest.mark.parametrize("mark", ["-wal", "-journal"])
def test_an_open_geopackage_is_not_replaced(tmp_path: Path, mark: str) -> None:
    publish(tmp_path, pieces("old"), silent)
    (tmp_path / f"plan.gpkg{mark}").touch()
    with pytest.raises(PublishError, match=r"plan\.gpkg is open in QGIS"):
        publish(tmp_path, pieces("new"), silent)
    (tmp_path / f"plan.gpkg{mark}").unlink()
    assert result_of(tmp_path) == "old"


def test_a_geopackage_opened_while_the_new_one_was_written_is_not_replaced(tmp_path: Path) -> None:
    publish(tmp_path, pieces("old"), silent)
    new = pieces("new")

    def opened(path: Path) -> None:
        new[3].write(path)
        (tmp_path / "plan.gpkg-wal").touch()

    with pytest.raises(PublishError, match="is open in QGIS"):
        publish(tmp_path, [*new[:3], Piece("run.json", opened, new[3].check)], silent)
    (tmp_path / "plan.gpkg-wal").unlink()
    assert result_of(tmp_path) == "old"


def test_a_file_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("the home page of the county", encoding="utf-8")
    with pytest.raises(PublishError, match=r"index\.html was not written by an earlier run"):
        publish(tmp_path, pieces("new"), silent)
    assert contents(tmp_path) == {"index.html": "the home page of the county"}


@pytest.mark.parametrize(
    "text", ["", "{}", '{"name": "my web app"}', '{"schema": "quarterhour-manifest/1", "files": [{"name": "../x", "sha256": ""}]}']
)
def test_a_manifest_of_somebody_else_is_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(PublishError, match=r"manifest\.json was not written by an earlier run"):
        publish(tmp_path, pieces("new"), silent)
    assert contents(tmp_path) == {MANIFEST: text}


def test_a_folder_that_can_be_made_is_not_refused_and_nothing_is_left_in_its_place(tmp_path: Path) -> None:
    refuse_shut(tmp_path / "out" / "county")
    refuse_shut(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_may_not_be_written_to_is_refused_before_anything_is_computed() -> None:
    with tempfile.TemporaryDirectory() as folder:  # those of pytest may be entered by one user only
        Path(folder).chmod(0o555)
        user = os.geteuid()
        os.seteuid(NOBODY if user == 0 else user)
        try:
            for name in ("", "out/county"):
                with pytest.raises(PublishError, match=r"cannot be written to \(Permission denied\). Ask for the right to write there"):
                    refuse_shut(Path(folder) / name)
        finally:
            os.seteuid(user)
            Path(folder).chmod(0o755)


def test_a_folder_in_the_place_of_a_file_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    for folder in (tmp_path / "out", tmp_path / "out" / "county"):
        with pytest.raises(PublishError, match=r"is not a folder, or lies in a file. Name another one"):
            refuse_shut(folder)


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    publish(tmp_path, pieces("old"), silent)
    with folder_lock(tmp_path), pytest.raises(PublishError, match="another run is writing"):
        publish(tmp_path, pieces("new"), silent)
    assert result_of(tmp_path) == "old"


def test_runs_that_race_end_with_the_result_of_one_of_them(tmp_path: Path) -> None:
    refused: list[PublishError] = []

    def run(text: str) -> None:
        try:
            publish(tmp_path, pieces(text), silent)
        except PublishError as error:
            refused.append(error)

    threads = [threading.Thread(target=run, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) < 8
    assert result_of(tmp_path) in {str(i) for i in range(8)}


def test_without_hard_links_the_old_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, pieces("old"), silent)

    def unknown(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", unknown)
    publish(tmp_path, pieces("new"), silent)
    assert result_of(tmp_path) == "new"


def test_changed_files_names_what_was_touched_after_the_run(tmp_path: Path) -> None:
    assert changed_files(tmp_path) == [MANIFEST]
    publish(tmp_path, pieces("old"), silent)
    (tmp_path / "tables.xlsx").write_text("edited", encoding="utf-8")
    (tmp_path / "run.json").unlink()
    assert changed_files(tmp_path) == ["run.json", "tables.xlsx"]
