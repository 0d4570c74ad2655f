"""`Rule`: one clause of a policy, and what every kind of rule can be asked.

The kinds stand in `planner.indicators`; the figures come from a policy pack (`scenarios/standards/*.toml`, format in
`docs/standards.md`). Every number of a rule carries where it comes from.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from layers.study_area import StudyArea
from planner.relief import Relief
from planner.travel.times import TravelTimes

Strength = Literal["must", "target", "should", "may"]
NumberStatus = Literal["seed", "implied", "public", "knowledge", "default"]


class Number(BaseModel):
    """Where one number of a rule comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    at: str
    """key of the rule that holds it"""
    is_: float | int | date | str = Field(alias="is")
    status: NumberStatus
    """seed: the digits stand in the policy text; implied: the words do, the number is a reading; public: a public page (`url`);
    knowledge: not verified, marked in every output; default: the tool's own choice, the user's to change"""
    quote: str = ""
    url: str = ""


class Reading(BaseModel):
    """A rival reading of a rule: some keys read otherwise, and why. The other keys are in `model_extra`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    why: str


class Rule(BaseModel):
    """The keys that every kind has. Pure: the same place and times give the same answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pack: str
    """id of the pack, e.g. huitong"""
    pack_title: str
    pack_title_en: str
    id: str
    reading_id: str = ""
    """"" for the base rule"""
    kind: str
    title: str
    title_en: str
    quote: str
    """the policy's own sentence"""
    clause: str
    gloss: str
    """the sentence in English"""
    strength: Strength
    spatial: bool
    unit: str = ""
    """level at which one value is computed"""
    universe: str = ""
    """predicate on units, "" for all"""
    op: Literal[">=", ">", "<=", "<"] | None = None
    value: float | None = None
    """None: report only"""
    value_unit: str = ""
    units_pct: float = 100
    deadline: date | None = None
    needs: tuple[str, ...] = ()
    ambiguity: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def full_id(self) -> str:
        """`<pack>.<id>`; the same for every reading."""
        return f"{self.pack}.{self.id}"

    @property
    def has_unverified_number(self) -> bool:
        """Whether a number of it is knowledge only: a mark stands beside it in every output."""
        return any(n.status == "knowledge" for n in self.numbers)

    @abstractmethod
    def travel_limits(self) -> Mapping[str, float]:
        """Profile id -> the longest minutes this rule asks about; empty when it needs no travel."""

    @abstractmethod
    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:
        """One row per unit the rule speaks of: the columns of `measures.MEASURE_COLUMNS`; no row for a kind that is not computed."""

    @abstractmethod
    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:
        """What is short and what each candidate would mend; None when nothing is asked or nothing is short."""
