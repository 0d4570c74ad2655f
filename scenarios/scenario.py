"""The scenario: what to read, what to ask and what to write. It only composes the parts that the other folders own.

A new key belongs to the part of the folder that acts on it (`layers.LayerSources`, `planner.Travel`, `planner.Siting`, `planner.Circle`,
`planner.Closure`, `planner.Districts`, `maps.Outputs`), not here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from layers.layer_sources import LayerSources
from maps.outputs import Outputs
from planner.attested import Attested
from planner.circle import Circle
from planner.closures import Closure
from planner.districts import Districts
from planner.projection import Projection
from planner.rules import Rule
from planner.siting.model import Siting
from planner.travel.model import Travel
from planner.uplift import Uplift


class Title(BaseModel):
    """What the page is called, in Chinese and English."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    zh: str
    """in Chinese"""
    en: str
    """in English"""


class ScenarioFile(BaseModel):
    """A scenario file, as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    name: str = Field(pattern=r"^[\w.-]+$")
    """short name, used for folders"""
    title: Title
    """of every output"""
    as_of: dt.date
    """the day the plan is judged at: deadlines before it that are not met read overdue"""
    standards: tuple[str, ...] = Field(min_length=1)
    """policy packs by name (`quarterhour standards`), or paths of your own packs ending in .toml"""
    layers: LayerSources
    """where the data comes from"""
    travel: Travel = Travel()
    """how people walk"""
    circle: Circle = Circle()
    """the circle that the page shows"""
    siting: Siting = Siting()
    """how sites are chosen"""
    closures: tuple[Closure, ...] = ()
    """what would be lost if a facility closed, asked before anybody decides: [[closures]] facilities = ["YL0011"], into = "YL0010" """
    districts: Districts | None = None
    """who goes where when places are limited: [districts] base = "pop_u3", kinds = ["childcare"], capacity = "childcare_places" """
    outputs: Outputs
    """what is written, and where"""
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """figures of single rules that this scenario sets otherwise: [rules."huitong.circle15"] value = 60"""
    uplift: tuple[Uplift, ...] = ()
    """higher values for some units: [[uplift]] rule = "huitong.land_per_capita", base_share = "pop60/pop_total", at_least = 0.3, value = 0.15"""
    attestations: dict[str, Attested] = Field(default_factory=dict)
    """answers that only people can give: [attestations."huitong.lottery_share"] value = 58, evidence = "...", date = 2026-03-01"""
    projection: Projection | None = None
    """a target year for which every rule is judged too"""


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read and checked: its file, and the rules that its standards hold."""

    path: Path
    text: str
    file: ScenarioFile
    rules: tuple[Rule, ...]
    """base rules in the order of the standards"""

    @property
    def folder(self) -> Path:
        """The folder that the paths in the file start from."""
        return self.path.parent

    @property
    def output_folder(self) -> Path:
        """Where the outputs go."""
        return self.folder / self.file.outputs.folder
