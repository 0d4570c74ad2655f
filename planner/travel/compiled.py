"""How the kernels are compiled: by numba, kept on disk where that is possible, and free of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from numba import njit
from numba.core import event

from layers.saying import say

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function as machine code, compiled at its first call and cached beside the source, or in the user's cache if that is read-only.

    Where neither can be written numba refuses to cache at all; then it is compiled anew in every process.
    """
    try:
        return cast("Function", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # "cannot cache function: no locator available for file"
        return cast("Function", njit(nogil=True)(function))


class _Teller(event.Listener):
    """Says once that kernels are being compiled; what comes from the cache starts no such event."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell: Callable[[str], None] | None = tell

    def on_start(self, _: object) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            tell(say("compiling the searches (once; they are kept on disk for the next run)"))

    def on_end(self, _: object) -> None:
        """Nothing: the next step tells that this one is over."""


@contextmanager
def telling_of_compiling(tell: Callable[[str], None]) -> Iterator[None]:
    """Within, the first kernel that has to be compiled is told of, once."""
    with event.install_listener("numba:compile", _Teller(tell)):
        yield
