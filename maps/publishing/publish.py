"""Publishing a result: its files appear in the output folder whole or not at all.

They are written into a folder inside the output folder (so on its file system), each is read back and flushed to the disk, and a
manifest with their fingerprints is added. One rename then declares them ready; what follows is `maps.publishing.exchange`. A run that dies before
that rename leaves the old result as it was; one that dies after it is finished by the next run.

Files that no earlier run wrote are never replaced; everything else in the folder is left alone.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from layers.saying import say
from layers.shortage import ask_for_room, disk_fault, is_disk_fault, is_memory_short
from maps.publishing.exchange import READY, WRITING, discard, exchange, flush, recover
from maps.publishing.folder_lock import folder_lock
from maps.publishing.manifest import MANIFEST, PublishError, listed_files, manifest_text

OPEN_MARKS = ("-wal", "-journal")
"""SQLite files beside a GeoPackage that is open, or was left unfinished: over them a replaced GeoPackage would be ruined."""


@dataclass(frozen=True)
class Piece:
    """One file of a result: how it is written, and what raises when it cannot be read back."""

    file_name: str
    write: Callable[[Path], None]
    check: Callable[[Path], None]


def publish(folder: Path, pieces: Sequence[Piece], progress: Callable[[str], None]) -> list[Path]:
    """Write the pieces and put them into `folder`; returns their paths, the manifest last.

    Raises `PublishError` when the folder may not be written to or its disk is full, and whatever else a writer or a check raises. The old
    result then stands as before, and nothing is left of the new one.
    """
    folder = folder.resolve()
    names = [piece.file_name for piece in pieces]
    with _telling_of_disk(folder), _existing(folder), folder_lock(folder):
        refuse_open(folder, names)
        recover(folder)
        refuse_foreign(folder, names)
        try:
            with _blaming_the_disk(folder / WRITING):
                _write_all(folder / WRITING, pieces, progress)
            refuse_open(folder, names)  # one may have been opened while the new one was written
            (folder / WRITING).replace(folder / READY)
        except BaseException:
            discard(folder / WRITING)
            raise
        exchange(folder)
    return [folder / name for name in (*names, MANIFEST)]


def refuse_shut(folder: Path) -> None:
    """Raise `PublishError` when a result could not be put into this folder, or the folder could not be made: to be asked before hours of work.

    Nothing is left behind.
    """
    folder = folder.resolve()
    try:
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not nearest.is_dir():
            raise _no_folder(folder)
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:  # one that may not be written to, a name too long, a place of the system such as /proc
        raise PublishError(disk_fault(str(folder), error)) from error


def make_folder(folder: Path) -> None:
    """The folder, made if need be with those above it; `PublishError` where `refuse_shut` raises it."""
    refuse_shut(folder)
    folder.mkdir(parents=True, exist_ok=True)


def refuse_open(folder: Path, names: Sequence[str]) -> None:
    """Raise `PublishError` when a file of these names, or of the result that stands in the folder, is open in another program."""
    for name in dict.fromkeys((*names, *listed_files(folder))):
        for mark in OPEN_MARKS:
            if os.path.lexists(folder / f"{name}{mark}"):
                what = say(
                    "{mark} is there: {file} is open in QGIS or another program, or was left unfinished by one. "
                    "Close it there (or open and close it once) and run again.",
                    mark=f"{folder / name}{mark}",
                    file=name,
                )
                raise PublishError(what)


def refuse_foreign(folder: Path, names: Sequence[str]) -> None:
    """Raise `PublishError` when a file of these names stands in the folder and was not written by an earlier run."""
    ours = listed_files(folder)
    foreign = [name for name in names if name not in ours and os.path.lexists(folder / name)]
    if foreign:
        what = say(
            "{folder}: {files} was not written by an earlier run ({manifest} does not name it). "
            "Move it away, or name another folder under [outputs].",
            folder=str(folder),
            files=foreign,
            manifest=MANIFEST,
        )
        raise PublishError(what)


def _write_all(writing: Path, pieces: Sequence[Piece], progress: Callable[[str], None]) -> None:
    writing.mkdir()
    for piece in pieces:
        progress(piece.file_name)
        path = writing / piece.file_name
        before = set(writing.iterdir())
        piece.write(path)
        if set(writing.iterdir()) != {*before, path} or not path.stat().st_size:
            raise PublishError(say("{file} was not written as one file with content. Run again.", file=piece.file_name))
        piece.check(path)
        flush(path)
    (writing / MANIFEST).write_text(manifest_text(writing, [piece.file_name for piece in pieces]), encoding="utf-8", newline="\n")
    flush(writing / MANIFEST)
    flush(writing)


@contextmanager
def _telling_of_disk(folder: Path) -> Iterator[None]:
    """Tells of a disk that is full or may not be written to."""
    try:
        yield
    except OSError as error:
        if not is_disk_fault(error):
            raise
        raise PublishError(disk_fault(str(folder), error)) from error


@contextmanager
def _blaming_the_disk(writing: Path) -> Iterator[None]:
    """On a full disk the libraries raise errors of many kinds, and some write half a file and say nothing: after any error it is tried whether
    there is room, while all that was written is still there."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) and writing.exists() and not is_memory_short(error):
            ask_for_room(writing)
        raise


def _no_folder(folder: Path) -> PublishError:
    return PublishError(
        say("{folder} is not a folder, or lies in a file. Name another one; that of a run stands under [outputs].", folder=str(folder))
    )


@contextmanager
def _existing(folder: Path) -> Iterator[None]:
    """The folder, made if it is not there; folders that were made for a run that failed are removed again."""
    made: list[Path] = []
    try:
        made += [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:  # a file in the way, a name too long
        if is_disk_fault(fault):
            raise
        raise _no_folder(folder) from fault
    try:
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):  # not empty: something else has been put there meanwhile
                path.rmdir()
        raise
