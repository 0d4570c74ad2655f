"""Runs of the command line in processes of their own that start at once (the libraries are loaded before), to be killed and starved."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing.context import ForkServerProcess
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["scenarios.cli", "scenarios.line", "scenarios.reading", "maps.report", "layers.assemble", "planner.assess"])


def run_scenario(path: Path, log: Path, limits: dict[str, int] | None = None) -> None:
    """`quarterhour run` in this process, its words written to `log`; `limits`: FSIZE or AS -> bytes, AS on top of what is used already."""
    from scenarios.cli import main  # noqa: PLC0415 - loaded once, in the server that the processes are forked from

    os.environ["QUARTERHOUR_LANGUAGE"] = "en"
    sys.argv = ["quarterhour", "run", str(path)]
    with log.open("w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(out):
        for name, n_bytes in (limits or {}).items():
            most = n_bytes + (_bytes_in_use() if name == "AS" else 0)
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
        main()


def _bytes_in_use() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()


def started(path: Path, log: Path, limits: dict[str, int] | None = None) -> ForkServerProcess:
    """A run that has begun."""
    process = CONTEXT.Process(target=run_scenario, args=(path, log, limits))
    process.start()
    return process


def finished(path: Path, log: Path, limits: dict[str, int] | None = None) -> tuple[int, str]:
    """Exit code and words of a run."""
    process = started(path, log, limits)
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode, log.read_text(encoding="utf-8")
