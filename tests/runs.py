"""Runs of the command line in processes of their own that start at once (the libraries are loaded before), to be killed and starved."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

NOBODY = 65534
Hindrance = Callable[[], None]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["scenarios.cli", "scenarios.line", "scenarios.reading", "maps.report", "layers.assemble", "planner.assess"])


def run_scenario(path: Path, log: Path, hindrance: Hindrance | None = None) -> None:
    """`quarterhour run` in this process, its words written to `log`; the hindrance begins when the result is to be written."""
    from scenarios import cli, line  # noqa: PLC0415 - loaded once, in the server that the processes are forked from

    os.environ["QUARTERHOUR_LANGUAGE"] = "en"
    sys.argv = ["quarterhour", "run", str(path)]
    write = line.write

    def write_hindered(*given: Any, **choices: Any) -> list[Path]:  # noqa: ANN401 - as `write`
        if hindrance is not None:
            hindrance()
        return write(*given, **choices)

    line.write = write_hindered
    with log.open("w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(out):
        cli.main()


def files_up_to(n_bytes: int) -> None:
    """No file can grow beyond so many bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


def as_nobody() -> None:
    """Go on as a user who may write nowhere of ours."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setuid(NOBODY)


def started(path: Path, log: Path, hindrance: Hindrance | None = None) -> ForkServerProcess:
    """A run that has begun."""
    process = CONTEXT.Process(target=run_scenario, args=(path, log, hindrance))
    process.start()
    return process


def finished(path: Path, log: Path, hindrance: Hindrance | None = None) -> tuple[int, str]:
    """Exit code and words of a run."""
    process = started(path, log, hindrance)
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode, log.read_text(encoding="utf-8")
