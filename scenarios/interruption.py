"""Ctrl-C: a command that is stopped says what that left of its result, and the old result stands or the new one does, never half of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.saying import Said, in_language, say
from maps.publishing.exchange import READY
from maps.publishing.manifest import MANIFEST

NOTHING_PUBLISHED = say("Interrupted, nothing was published.")
BATCH_STOPPED = say("Interrupted. Counties that are done are kept; the next batch goes on with the others.")


class StoppedError(RuntimeError):
    """A command was interrupted (exit code 130); `what` says what that left."""

    def __init__(self, what: Said) -> None:
        super().__init__(what)
        self.what = what

    def told(self, language: str) -> str:
        """The message in "zh" or "en"."""
        return in_language(self.what, language)


@contextmanager
def telling_of_interruption(folder: Path) -> Iterator[None]:
    """Within, an interruption is a `StoppedError` that tells whether a result was put into `folder`."""
    before = _stamps(folder)
    try:
        yield
    except KeyboardInterrupt:
        if _stamps(folder) == before:
            raise StoppedError(NOTHING_PUBLISHED) from None
        raise StoppedError(say("Interrupted, but the result was published before: {folder}", folder=str(folder))) from None


def _stamps(folder: Path) -> list[tuple[int, int] | None]:
    """Which manifest stands there, and which waits to be moved there; every one that is written is another file, also one of equal bytes."""
    stats = [path.stat() if path.exists() else None for path in (folder / MANIFEST, folder / READY)]
    return [None if stat is None else (stat.st_ino, stat.st_mtime_ns) for stat in stats]
