"""Faults found in the input: each says where it stands, what was found and how to mend it, and all are told at once.

Readers and checks collect `Problem`s in a `Findings`; whoever stands at a door (the end of a layer, the end of a scenario file)
calls `Findings.raise_errors()`. Nothing is logged and gone on without: warnings and notes travel with the `StudyArea` into every output.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from layers.saying import Said, in_language, say

Severity = Literal["error", "warning", "note"]
Remedy = Said | Literal[""]
"""how to mend it; "" where there is nothing to do"""

SHOWN_ROWS = 20
"""A problem names this many rows at most; its count says how many there are."""


_LABEL = re.compile(r"(row|feature|cell) ([\d,]+)")
_LABELS: dict[str, Callable[[str], Said]] = {
    "row": lambda n: say("row {n}", n=n),
    "feature": lambda n: say("feature {n}", n=n),
    "cell": lambda n: say("cell {n}", n=n),
}
"""how the readers call the rows of a table, of a vector file and of a raster"""


def did_you_mean(near: Sequence[str], known: Said) -> Said:
    """A remedy: the nearest word, if there is one, before the list of the known ones."""
    return say("Did you mean {word}? {known}", word=near[0], known=known) if near else known


def reason_of(error: BaseException) -> str:
    """What a library says of a file, as part of a sentence: on one line, without a stop."""
    return " ".join(str(error).split()).rstrip(". ")


@dataclass(frozen=True)
class Problem:
    """One fault: `where` is `file`, `file:line:column`, or `file, column, row`, in the reader's own words.

    `what` and `remedy` are sentences of `layers.saying`, so that no untranslated text can be given; `where` and `rows` may be names too.
    """

    severity: Severity
    where: str
    what: Said
    remedy: Remedy = ""
    rows: tuple[str, ...] = ()
    count: int = 1
    left_out: int = 0
    """rows of the file that are in no layer because of this"""

    def __str__(self) -> str:
        return str(self.sentence)

    def told(self, language: str) -> str:
        """The whole fault in "zh" or "en": where, what, which rows, and how to mend it."""
        return in_language(self.sentence, language)

    def told_rows(self, language: str) -> tuple[str, ...]:
        """The rows that are named, in a language."""
        return tuple(in_language(row_label(row), language) for row in self.rows)

    @property
    def sentence(self) -> Said:
        """The whole fault."""
        shown = [row_label(row) for row in self.rows[:SHOWN_ROWS]]
        rows: str = say(" [{rows}]", rows=shown) if shown else ""
        if shown and self.count > SHOWN_ROWS:
            rows = say(" [{rows} and {n} more]", rows=shown, n=self.count - SHOWN_ROWS)
        if self.remedy:
            return say("{where}: {what}{rows}. {remedy}", where=self.where, what=self.what, rows=rows, remedy=self.remedy)
        return say("{where}: {what}{rows}.", where=self.where, what=self.what, rows=rows)


def row_label(row: str) -> str:
    """A row's label with the word before its number as a sentence: `row 3: 12 000`."""
    if isinstance(row, Said) or (label := _LABEL.match(row)) is None:
        return row
    named = _LABELS[label[1]](label[2])
    rest = row[label.end() :].rstrip()
    if rest == ":":  # a row without a name
        return named
    if rest.startswith(": "):
        return say("{row}: {rest}", row=named, rest=rest.removeprefix(": "))
    return say("{row}{rest}", row=named, rest=rest) if rest else named


class InputFaultsError(ValueError):
    """The input cannot be used as it is; `problems` holds every fault found, errors first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.severity != "error"))
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """Every fault and warning in "zh" or "en", a line for each."""
        n = sum(p.severity == "error" for p in self.problems)
        lines = [in_language(say("{n} fault(s) in the input:", n=n), language)]
        lines += [
            f"  {in_language(p.sentence if p.severity == 'error' else say('(warning) {problem}', problem=p.sentence), language)}"
            for p in self.problems
            if p.severity != "note"
        ]
        return "\n".join(lines)


class LayerFaultsError(InputFaultsError):
    """A layer breaks its contract (exit code 3)."""


@dataclass
class Findings:
    """What the checks of one reading have found so far. The one mutable thing here: a list to be emptied at a door."""

    problems: list[Problem] = field(default_factory=list)

    def error(
        self, where: str, what: Said, remedy: Remedy = "", rows: Sequence[str] = (), count: int | None = None, *, left_out: int = 0
    ) -> None:
        """Add a fault that stops the run at the next door."""
        self._add("error", where, what, remedy, rows, count, left_out)

    def warning(
        self, where: str, what: Said, remedy: Remedy = "", rows: Sequence[str] = (), count: int | None = None, *, left_out: int = 0
    ) -> None:
        """Add a fault that was mended or can be lived with; it is shown in every output."""
        self._add("warning", where, what, remedy, rows, count, left_out)

    def note(
        self, where: str, what: Said, remedy: Remedy = "", rows: Sequence[str] = (), count: int | None = None, *, left_out: int = 0
    ) -> None:
        """Add something the reader should know, such as an assumption that was used."""
        self._add("note", where, what, remedy, rows, count, left_out)

    def _add(
        self, severity: Severity, where: str, what: Said, remedy: Remedy, rows: Sequence[str], count: int | None, left_out: int
    ) -> None:
        n = count if count is not None else max(1, len(rows), left_out)
        self.problems.append(Problem(severity, where, what, remedy, tuple(rows[:SHOWN_ROWS]), n, left_out))

    @property
    def has_errors(self) -> bool:
        """Whether a door would stop here."""
        return any(p.severity == "error" for p in self.problems)

    def raise_errors(self) -> None:
        """Stop with `LayerFaultsError` if any error was found; warnings and notes are told with it."""
        if self.has_errors:
            raise LayerFaultsError(self.problems)
