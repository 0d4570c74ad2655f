"""How the kernels are compiled: by numba, kept on disk where that is possible, and free of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function as machine code, compiled at its first call and cached beside the source, or in the user's cache if that is read-only.

    Where neither can be written numba refuses to cache at all; then it is compiled anew in every process.
    """
    try:
        return cast("Function", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # "cannot cache function: no locator available for file"
        return cast("Function", njit(nogil=True)(function))
