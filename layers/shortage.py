"""Too little memory, and disks that cannot be written to: how it shows in the libraries below, and how it is told with what to do about it."""

from __future__ import annotations

import errno
import mmap
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.saying import Said, in_language, say

LIBRARIES_BYTES = 2**30
"""Room that the libraries take while they are loaded (address space, most of it never touched); measured: 0.9 GiB."""
STEP_BYTES = 256 * 2**20
"""Room that must be left at every step. With less than 200 MiB (measured) a thread that cannot start is waited for without end, and libraries
of C end the process without a word."""
DISK_BYTES = 64 * 2**20
"""A disk with less room than this is to blame when a file could not be written."""
_SIGNS = ("out of memory", "bad_alloc", "bad allocation", "allocate memory", "can't start new thread", "failed to map segment")
"""what GDAL, GEOS, SQLite, the loader of libraries and the starter of threads say in errors that are no `MemoryError`"""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SHUT = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}


class TooLittleMemoryError(MemoryError):
    """The memory that a run may use is not enough (exit code 7); `step` is what was being done, as it was told."""

    def __init__(self, step: str = "") -> None:
        super().__init__(step)
        self.step = step

    def told(self, language: str) -> str:
        """What was being done and what to do, in "zh" or "en"."""
        what = say(
            "There is not enough memory{step}; no result was written. Close other programs or take a computer with more memory; "
            "or ask for less: a smaller area (one county at a time), fewer candidates, larger cells (cell_m), a shorter limit. "
            "[travel] memory_gib says how much the search may take: set it below what is free.",
            step=say(" for this step: {step}", step=self.step) if self.step else "",
        )
        return in_language(what, language)


def is_memory_short(error: BaseException) -> bool:
    """Whether an error says, by its kind or by its words, that memory ran out."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return any(sign in str(error).lower() for sign in _SIGNS)


def is_disk_fault(error: BaseException) -> bool:
    """Whether an error says that a disk is full, or may not be written to."""
    return isinstance(error, OSError) and error.errno in _FULL | _SHUT


def disk_fault(where: str, error: OSError) -> Said:
    """What is told of an error of the disk: where, why, and what to do."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return say("{where}: the disk is full ({reason}). Make room on it, or name a folder on another one.", where=where, reason=reason)
    return say(
        "{where}: cannot be written to ({reason}). Ask for the right to write there, or name another folder.", where=where, reason=reason
    )


def pass_on_shortage(error: BaseException) -> None:
    """Raise the shortage that a reading library met, if that is what its error is; else the file would be called damaged."""
    if is_memory_short(error):
        raise MemoryError(str(error)) from error
    if isinstance(error, OSError) and error.errno in _FULL:
        raise error


def ask_for_memory(n_bytes: int) -> None:
    """Raise `MemoryError` unless so much can be had; nothing of it is touched or kept."""
    try:
        mmap.mmap(-1, n_bytes).close()
    except OSError as error:
        raise MemoryError(str(error)) from error


def ask_for_room(folder: Path) -> None:
    """Raise `OSError` unless `DISK_BYTES` can be written into a folder; nothing of it is kept."""
    path, block = folder / "room", bytes(2**20)
    try:
        with path.open("wb") as file:
            for _ in range(DISK_BYTES // len(block)):
                file.write(block)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def telling_of_memory(progress: Callable[[str], None]) -> Iterator[Callable[[str], None]]:
    """Within, memory that runs out is a `TooLittleMemoryError` that names the last step told to the progress which this gives.

    That progress asks for memory at each step, so that most often it is told before the step is begun.
    """
    step = ""

    def remembered(text: str) -> None:
        nonlocal step
        step = text
        progress(text)
        ask_for_memory(STEP_BYTES)

    try:
        yield remembered
    except TooLittleMemoryError:
        raise
    except BaseException as error:
        if not is_memory_short(error):
            raise
        traceback.clear_frames(error.__traceback__)  # what they hold is let go, so that there is room for words
        raise TooLittleMemoryError(step) from error
