"""Exchanges the files of an old result for those of a new one, so that a kill or a failure at any point can be mended.

Three folders inside the output folder, each appearing by one rename, tell how far an exchange has come:

| READY | KEPT | what it means | what `recover` does |
|---|---|---|---|
| with a manifest | any | the new result is whole, perhaps partly moved | goes on |
| without a manifest | any | all is moved; the manifest went last | clears up |
| absent | there | a failure is being undone | goes on undoing |
| absent | absent | nothing under way | removes what a killed run was still writing |
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from layers.saying import say
from maps.publishing.manifest import MANIFEST, PublishError, changed_files, listed_files, sha256_of

WRITING = ".quarterhour-writing"
READY = ".quarterhour-ready"
KEPT = ".quarterhour-kept"
_KEEPING = ".quarterhour-keeping"
_ADDED = "added.json"
"""in KEPT: names of the new result that had no file in the old one"""


def recover(folder: Path) -> None:
    """Finish, or undo, what a killed run left half done in this folder. The caller holds the lock of the folder."""
    if (folder / READY).exists():
        exchange(folder)
    elif (folder / KEPT).exists():
        _undo(folder)
    discard(folder / WRITING)
    discard(folder / _KEEPING)


def exchange(folder: Path) -> None:
    """Move the files of READY into the folder, and remove files of the old result that the new one does not have (unless
    somebody has changed them since).

    If one file cannot be exchanged the old result is put back whole, and `PublishError` raised.
    """
    if (folder / READY / MANIFEST).exists():
        try:
            _exchange_all(folder, list(listed_files(folder / READY)), list(listed_files(folder)))
        except BaseException as error:
            (folder / READY).replace(folder / WRITING)
            _undo(folder)
            discard(folder / WRITING)
            discard(folder / _KEEPING)
            if isinstance(error, OSError):
                what = say(
                    "{folder}: {reason} ({file}). The result of the run before was put back. "
                    "Close the files of this folder in other programs (Excel, QGIS, a browser) and run again.",
                    folder=str(folder),
                    reason=str(error.strerror),
                    file=Path(str(error.filename)).name,
                )
                raise PublishError(what) from error
            raise
    discard(folder / KEPT)
    discard(folder / READY)


def discard(path: Path) -> None:
    """Remove a folder of ours with all that is in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk before going on."""
    if path.is_dir():
        if sys.platform == "win32":
            return  # folders cannot be opened there
        handle = os.open(path, os.O_RDONLY)
    else:
        handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keep(folder: Path, new: Sequence[str], old: Sequence[str]) -> None:
    """A second name (or, where the file system has none, a copy) in KEPT for every file of the old result."""
    keeping = folder / _KEEPING
    discard(keeping)
    keeping.mkdir()
    standing = [name for name in old if (folder / name).exists()]
    for name in standing:
        try:
            os.link(folder / name, keeping / name)
        except OSError:
            shutil.copy2(folder / name, keeping / name)
    (keeping / _ADDED).write_text(json.dumps([name for name in (*new, MANIFEST) if name not in standing]), encoding="utf-8")
    flush(keeping / _ADDED)
    flush(keeping)
    keeping.replace(folder / KEPT)


def _exchange_all(folder: Path, new: Sequence[str], old: Sequence[str]) -> None:
    changed = changed_files(folder)
    if not (folder / KEPT).exists():
        _keep(folder, new, [*old, MANIFEST])
    for name in new:
        if (folder / READY / name).exists():
            (folder / READY / name).replace(folder / name)
    for name in old:
        if name not in new and name not in changed:
            (folder / name).unlink(missing_ok=True)
    flush(folder)
    (folder / READY / MANIFEST).replace(folder / MANIFEST)


def _undo(folder: Path) -> None:
    """Put the files of KEPT back; can be called again after a kill at any point."""
    kept = folder / KEPT
    if (kept / _ADDED).exists():
        for name in json.loads((kept / _ADDED).read_text(encoding="utf-8")):
            (folder / name).unlink(missing_ok=True)
        for path in sorted(kept.iterdir()):
            if path.name != _ADDED:
                _put_back(path, folder / path.name)
        flush(folder)
    discard(kept)


def _put_back(kept: Path, target: Path) -> None:
    # a file that was never exchanged may be open in another program and must not be touched
    if not target.exists() or sha256_of(target) != sha256_of(kept):
        kept.replace(target)
