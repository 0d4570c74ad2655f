"""The roof: what to read, what to ask and what to write, and the command line.

    from scenarios import read_scenario, run, write

    scenario = read_scenario("huitong-2030.toml")
    assessment = run(scenario)
    write(scenario, assessment)

The names are fetched when they are first used, so that `quarterhour --help` does not wait for geopandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.line import run, write
    from scenarios.reading import read_scenario
    from scenarios.scenario import Scenario

__all__ = ["Scenario", "read_scenario", "run", "write"]

_HOMES = {"Scenario": "scenarios.scenario", "read_scenario": "scenarios.reading", "run": "scenarios.line", "write": "scenarios.line"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'scenarios' has no attribute {name!r}")
