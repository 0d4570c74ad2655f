"""A lock on an output folder, so that two runs never mix their files. The system drops it when its holder dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from layers.saying import say
from maps.publishing.manifest import PublishError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".quarterhour-lock"


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; `PublishError` at once when another run holds it. The lock file is gone afterwards."""
    path = folder / LOCK
    handle = _locked_handle(path)
    try:
        yield
    finally:
        if sys.platform == "win32":
            os.close(handle)  # an open file cannot be removed there; once closed, another run may hold it and keeps it
        try:
            with suppress(OSError):
                path.unlink()
        finally:
            if sys.platform != "win32":
                os.close(handle)


def _locked_handle(path: Path) -> int:
    """An open, locked handle of the file that stands at `path`: a holder before us may have removed the one we opened."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(handle)
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except FileNotFoundError:
            pass
        except (BlockingIOError, PermissionError):
            os.close(handle)
            raise PublishError(
                say("{folder}: another run is writing its result here. Wait for it, or name another folder.", folder=str(path.parent))
            ) from None
        os.close(handle)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
