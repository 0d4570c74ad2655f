"""The recipe: files are looked at, their layers and columns guessed, and the guesses written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from layers.cells import plain
from layers.fault_place import of_file
from layers.problems import Findings, Problem
from layers.saying import Said, say
from scenarios.language import told
from scenarios.proposal.roles import Guess, Role, guess_all
from scenarios.proposal.sheets import relative, sheets_of
from scenarios.proposal.writing import layers_text
from scenarios.summary import line_of
from scenarios.toml_file import ScenarioFaultsError

_LAYERS: Mapping[Role, Said] = {
    "units": say("units"),
    "population": say("population"),
    "spread": say("where people live"),
    "facilities": say("facilities"),
    "candidates": say("candidates"),
    "residential": say("residential"),
    "streets": say("streets"),
    "terrain": say("terrain"),
}


@dataclass(frozen=True, eq=False)
class Proposal:
    """The `[layers]` part ("" when no file was given), what it was made of, and the files that cannot be read."""

    layers: str
    place: str = ""
    """what the only county of the files is called, "" when they hold none or several"""
    guesses: tuple[Guess, ...] = ()
    problems: tuple[Problem, ...] = ()


def propose(folder: Path, files: Sequence[Path], said: Mapping[str, Sequence[Path]]) -> Proposal:
    """A proposal for a scenario in `folder`; `said` holds files by the layer that the planner named for them.

    Raises `ScenarioFaultsError` for files that are not there; what cannot be read of the others is a warning.
    """
    roles = {relative(file, folder): cast("Role", role) for role, named in said.items() for file in named}
    every = list(dict.fromkeys([*files, *(file for named in said.values() for file in named)]))
    if not every:
        return Proposal("")
    findings = Findings()
    sheets = sheets_of(every, folder, findings)
    absent = {of_file(say("files"), str(file)) for file in every if not file.exists()}
    if misspelt := [problem for problem in findings.problems if problem.where in absent]:
        raise ScenarioFaultsError(misspelt)
    unread = tuple(replace(problem, severity="warning") for problem in findings.problems)
    guesses = guess_all(sheets, roles)
    return Proposal(layers_text(guesses), _county(guesses), tuple(guesses), unread)


def _county(guesses: Sequence[Guess]) -> str:
    counties = [guess for guess in guesses if guess.role == "units" and guess.level == "county"]
    names = [str(name) for guess in counties for name in guess.sheet.frame.get(guess.matching.theirs("name"), ())]
    return plain(names[0]) if len(names) == 1 else ""


def proposal_lines(proposal: Proposal) -> Iterator[str]:
    """What was taken for what, for the console."""
    for problem in proposal.problems:
        yield line_of(problem)
    for guess in proposal.guesses:
        if not guess.role:
            yield "  " + told(say("{file}: not used ({why})", file=guess.sheet.called, why=guess.why))
            continue
        told_as = {"file": guess.sheet.called, "layer": _LAYERS[guess.role], "why": guess.why}
        if guess.matching.found:
            yield "  " + told(say("{file}: {layer} ({why}); columns recognised: {n}", **told_as, n=len(guess.matching.found)))
        else:
            yield "  " + told(say("{file}: {layer} ({why})", **told_as))
    if proposal.guesses:
        yield told(
            say(
                "Look through scenario.toml: each guess says what it was guessed from; lines that begin with # are open. Then: quarterhour check"
            )
        )
