"""What every benchmark shares: the clock, the rows of the table of ratios, and the printing of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

Answer = TypeVar("Answer")
HEADER = "| task | size | engine | seconds | times ours | note |\n|---|---|---|---:|---:|---|"


@dataclass(frozen=True)
class Row:
    """One engine at one task; `seconds` are of the whole task, scaled up where it was given a part."""

    task: str
    size: str
    engine: str
    seconds: float
    ours_seconds: float
    note: str = ""

    def __str__(self) -> str:
        ratio = "" if self.engine == "ours" else f"{self.seconds / self.ours_seconds:,.1f}"
        return f"| {self.task} | {self.size} | {self.engine} | {self.seconds:.4g} | {ratio} | {self.note} |"


def least_seconds(task: Callable[[], Answer], rounds: int) -> tuple[float, Answer]:
    """Least processor time of some rounds, all threads counted, and the answer."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        answer = task()
        best = min(best, time.process_time() - begin)
    return best, answer


def show(rows: Iterable[Row]) -> None:
    """Print rows as they come, as a table that goes into `docs/performance.md`."""
    print(HEADER, flush=True)
    for row in rows:
        print(row, flush=True)
