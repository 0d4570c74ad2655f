"""How a command ends that cannot do its work: what is told in place of a traceback, and the exit code."""

from __future__ import annotations

from typing import Any

from layers.problems import InputFaultsError, LayerFaultsError, Problem
from layers.saying import in_language, say
from layers.shortage import TooLittleMemoryError, disk_fault, is_disk_fault
from maps.publishing.manifest import PublishError
from scenarios.help_words import UsageError, told_usage
from scenarios.interruption import StoppedError

EXIT_SCENARIO, EXIT_LAYER, EXIT_SHORTFALL, EXIT_PUBLISH, EXIT_MEMORY, EXIT_INTERRUPTED = 2, 3, 4, 5, 7, 130
FORESEEN = (UsageError, InputFaultsError, PublishError, TooLittleMemoryError, StoppedError, OSError)
"""what `ending_of` knows to tell; anything else is a bug and keeps its traceback"""


def ending_of(error: BaseException, language: str) -> tuple[str, int]:
    """What is told of a foreseen error in "zh" or "en", and the exit code; an error of the system that is not of a disk is raised again."""
    match error:
        case UsageError():
            return told_usage(error, language), EXIT_SCENARIO
        case InputFaultsError():
            return error.told(language), exit_code_of(error)
        case PublishError():
            return error.told(language), EXIT_PUBLISH
        case TooLittleMemoryError():
            return error.told(language), EXIT_MEMORY
        case StoppedError():
            return error.told(language), EXIT_INTERRUPTED
        case OSError() if is_disk_fault(error):
            return in_language(disk_fault(str(error.filename2 or error.filename or say("a file")), error), language), EXIT_PUBLISH
        case _:
            raise error


def exit_code_of(fault: InputFaultsError) -> int:
    """3 where a layer breaks its contract, 2 for the scenario and its packs."""
    return EXIT_LAYER if isinstance(fault, LayerFaultsError) else EXIT_SCENARIO


def problem_json(problem: Problem) -> dict[str, Any]:
    """A fault as `--json` prints it, in both languages."""
    return {
        "severity": problem.severity,
        "where": problem.where,
        "what": problem.what,
        "what_zh": in_language(problem.what, "zh"),
        "remedy": problem.remedy,
        "remedy_zh": in_language(problem.remedy, "zh"),
        "rows": list(problem.rows),
        "count": problem.count,
    }
