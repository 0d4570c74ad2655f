"""How the kernels are compiled: by numba, kept on disk where that is possible, and free of the interpreter's lock.

Kernels work in arrays that they are given and make none. So numba need not count who holds an array (its option `_nrt`), which it otherwise
does at every call between compiled parts, array by array, with a locked instruction: nine tenths of the time of the siting searches. The few
kernels that do make arrays are `allocating`; in another numba refuses that when it compiles ("NRT required but not enabled").
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from numba import njit
from numba.core import event
from numba.core.cpu import CPUTargetOptions

from layers.saying import say

Function = TypeVar("Function", bound=Callable[..., object])

UNCOUNTED = {"_nrt": False} if hasattr(CPUTargetOptions, "_nrt") else {}
"""numba's option for kernels that make no arrays; it is numba's own affair, and without it they are slower and no less right"""


def compiled(function: Function) -> Function:
    """The function as machine code, compiled at its first call and cached beside the source, or in the user's cache if that is read-only.

    Where neither can be written numba refuses to cache at all; then it is compiled anew in every process.
    """
    return _made(function, {"nogil": True, "no_cfunc_wrapper": True, **UNCOUNTED})  # no kernel is handed to another as a value


def allocating(function: Function) -> Function:
    """The same for a kernel that makes arrays of its own."""
    return _made(function, {"nogil": True, "no_cfunc_wrapper": True})


def inner(function: Function) -> Function:
    """The same for what is called by compiled parts alone: without a door to Python, which costs as much to compile as a part of many arrays."""
    return _made(function, {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, **UNCOUNTED})


def _made(function: Function, options: dict[str, bool]) -> Function:
    """The function compiled with numba's options, cached where that is possible."""
    try:
        return cast("Function", njit(cache=True, **options)(function))  # type: ignore[call-overload]  # its stubs do not know the wrappers
    except RuntimeError:  # "cannot cache function: no locator available for file"
        return cast("Function", njit(**options)(function))  # type: ignore[call-overload]  # as above


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


class _Rest(event.Listener):
    """Lets the collector of circular garbage rest while kernels are compiled. It would go through all that a compiler makes, and through all
    tables of the place, again and again: an eighth of the time. One thread compiles at a time; what a kernel calls is compiled within."""

    def __init__(self) -> None:
        self._depth, self._was_on = 0, False

    def on_start(self, _: object) -> None:
        if self._depth == 0:
            self._was_on = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, _: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._was_on:
            gc.enable()


@contextmanager
def telling_of_compiling(tell: Callable[[str], None]) -> Iterator[None]:
    """Within, the first kernel that has to be compiled is told of, once, and compiling is not slowed down by the collector of garbage."""
    with event.install_listener("numba:compile", _Teller(tell)), event.install_listener("numba:compile", _Rest()):
        yield
