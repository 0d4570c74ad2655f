"""Faults found in the input: each says where it stands, what was found and how to mend it, and all are told at once.

Readers and checks collect `Problem`s in a `Findings`; whoever stands at a door (the end of a layer, the end of a scenario file)
calls `Findings.raise_errors()`. Nothing is logged and gone on without: warnings and notes travel with the `StudyArea` into every output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "note"]

SHOWN_ROWS = 20
"""A problem names this many rows at most; its count says how many there are."""


@dataclass(frozen=True)
class Problem:
    """One fault: `where` is `file`, `file:line:column`, or `file, column, row`, in the reader's own words."""

    severity: Severity
    where: str
    what: str
    remedy: str = ""
    rows: tuple[str, ...] = ()
    count: int = 1

    def __str__(self) -> str:
        shown = ", ".join(self.rows[:SHOWN_ROWS])
        more = f" and {self.count - SHOWN_ROWS} more" if self.rows and self.count > SHOWN_ROWS else ""
        rows = f" [{shown}{more}]" if shown else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.where}: {self.what}{rows}.{remedy}"


class InputFaultsError(ValueError):
    """The input cannot be used as it is; `problems` holds every fault found, errors first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.severity != "error"))
        n = sum(p.severity == "error" for p in self.problems)
        told = (f"  {p}" if p.severity == "error" else f"  ({p.severity}) {p}" for p in self.problems if p.severity != "note")
        super().__init__(f"{n} fault(s) in the input:\n" + "\n".join(told))


class LayerFaultsError(InputFaultsError):
    """A layer breaks its contract (exit code 3)."""


@dataclass
class Findings:
    """What the checks of one reading have found so far. The one mutable thing here: a list to be emptied at a door."""

    problems: list[Problem] = field(default_factory=list)

    def error(self, where: str, what: str, remedy: str = "", rows: Sequence[str] = (), count: int | None = None) -> None:
        """Add a fault that stops the run at the next door."""
        self._add("error", where, what, remedy, rows, count)

    def warning(self, where: str, what: str, remedy: str = "", rows: Sequence[str] = (), count: int | None = None) -> None:
        """Add a fault that was mended or can be lived with; it is shown in every output."""
        self._add("warning", where, what, remedy, rows, count)

    def note(self, where: str, what: str, remedy: str = "", rows: Sequence[str] = (), count: int | None = None) -> None:
        """Add something the reader should know, such as an assumption that was used."""
        self._add("note", where, what, remedy, rows, count)

    def _add(self, severity: Severity, where: str, what: str, remedy: str, rows: Sequence[str], count: int | None) -> None:
        n = count if count is not None else max(1, len(rows))
        self.problems.append(Problem(severity, where, what, remedy, tuple(rows[:SHOWN_ROWS]), n))

    @property
    def has_errors(self) -> bool:
        """Whether a door would stop here."""
        return any(p.severity == "error" for p in self.problems)

    def raise_errors(self) -> None:
        """Stop with `LayerFaultsError` if any error was found; warnings and notes are told with it."""
        if self.has_errors:
            raise LayerFaultsError(self.problems)
