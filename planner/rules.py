"""`Rule`: one clause of a policy, and what every kind of rule can be asked.

The kinds stand in `planner.indicators`; the figures come from a policy pack (`scenarios/standards/*.toml`, format in
`docs/standards.md`). Every number of a rule carries where it comes from.
"""

from __future__ import annotations

import difflib
import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, get_args

import pandas as pd
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from layers.kinds import is_of_kind, kinds
from layers.levels import LEVELS
from layers.predicates import Predicate
from layers.saying import Said, say
from layers.study_area import StudyArea
from planner.attested import Attested
from planner.exact import Op
from planner.ledger import Ledger
from planner.relief import Relief
from planner.travel.times import TravelTimes

Strength = Literal["must", "target", "should", "may"]
NumberStatus = Literal["seed", "implied", "public", "knowledge", "default"]


def check_known(word: str, known: Sequence[str], what: str) -> str:
    """The word itself; raises ValueError with the nearest known word when it is not one of `known`."""
    if word in known:
        return word
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        raise ValueError(say("'{word}' is no {what}; did you mean {near}?", word=word, what=what, near=near[0]))
    raise ValueError(say("'{word}' is no {what}; known: {known}", word=word, what=what, known=list(known) or [say("none")]))


def check_condition(text: str, functions: Sequence[str] = ()) -> str:
    """The text itself; raises ValueError when `Predicate.parse` cannot read it or it calls other functions than these."""
    for name in Predicate.parse(text).functions:
        check_known(name, functions, say("function here"))
    return text


@dataclass(frozen=True)
class OneOf:
    """For a field that holds one of `known`, or nothing; editors are told the known words."""

    known: tuple[str, ...]
    what: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self.known)}

    def _checked(self, word: str) -> str:
        return word and check_known(word, self.known, self.what)


def one_of(known: Sequence[str], what: str) -> OneOf:
    """For a field that holds one of `known`, or nothing."""
    return OneOf(tuple(known), what)


def _as_number(given: object) -> object:
    """What is given, if it is a finite number and not text: "20/100" is no number, and neither is "20"."""
    if isinstance(given, str | bool):
        raise ValueError(say("write the number itself: no quotes, no formula"))  # noqa: TRY004 - pydantic tells a ValueError with its place
    if isinstance(given, float) and not math.isfinite(given):
        raise ValueError(say("must be a finite number"))
    return given


Amount = Annotated[float, BeforeValidator(_as_number)]
"""a number that stands in a pack as a number"""


def readable(*functions: str) -> AfterValidator:
    """For a field that holds a condition calling no other functions than these."""
    return AfterValidator(lambda text: check_condition(text, functions))


Condition = Annotated[str, readable()]
"""a condition on columns; "" holds for all"""
Kinds = Annotated[tuple[Annotated[str, one_of(tuple(kinds()), say("kind of facility"))], ...], Field(min_length=1)]
"""kinds of facilities; a kind takes in the kinds below it"""
LevelName = Annotated[str, one_of(tuple(LEVELS), say("level"))]
Day = Annotated[date | None, BeforeValidator(lambda day: None if day == "" else day)]
"""a date, or "" in a pack for none"""


def _kept_sentence(text: object, handler: ValidatorFunctionWrapHandler) -> object:
    """A sentence of the program stays one; pydantic would make bare text of it."""
    return text if isinstance(text, Said) else handler(text)


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
    note: Annotated[str, WrapValidator(_kept_sentence)] = ""
    """e.g. that the scenario set it"""


class Reading(BaseModel):
    """A rival reading of a rule: some keys read otherwise, and why. The other keys are in `model_extra`."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    id: str
    title_zh: str = ""
    """a short name in Chinese, e.g. 按建筑面积; "" to be called by its id"""
    title_en: str = ""
    why: str
    why_zh: str = ""
    """the same in Chinese; "" to show `why` in both languages"""
    numbers: tuple[Number, ...] = Field(default=(), alias="number")
    """where the numbers come from that this reading reads otherwise"""


class Rule(BaseModel):
    """The keys that every kind has. Pure: the same place and times give the same answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    pooled_scale: ClassVar[float | None] = None
    """value = pooled_scale * have / base; None where a figure over all units would mean nothing"""
    needs_unit: ClassVar[bool] = True
    """whether a value is computed per unit, so that `unit` must be given"""
    alternatives: ClassVar[tuple[str, ...]] = ()
    """keys that stand for one another: a reading that gives one drops the others of the base rule"""

    pack: str
    """id of the pack, e.g. huitong"""
    pack_title: str
    pack_title_en: str
    id: str
    reading_id: str = ""
    """"" for the base rule"""
    reading_title: str = ""
    """short name of the reading in Chinese, else its id; "" for the base rule"""
    reading_title_en: str = ""
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
    unit: LevelName = ""
    """level at which one value is computed"""
    universe: Condition = ""
    """predicate on units, "" for all"""
    op: Op | None = None
    """">=" when a value is given and nothing else is said"""
    value: Amount | None = None
    """None: report only"""
    value_unit: str = ""
    units_pct: Amount = Field(default=100, ge=0, le=100)
    deadline: Day = None
    needs: tuple[str, ...] = ()
    ambiguity: tuple[str, ...] = ()
    ambiguity_zh: tuple[str, ...] = ()
    """the same in Chinese, one for one; left out, `ambiguity` is shown in both languages"""
    numbers: tuple[Number, ...] = Field(default=(), alias="number")
    readings: tuple[Reading, ...] = Field(default=(), alias="reading")
    tiers: tuple[tuple[str, ...], ...] = ()
    """kinds of facilities by tier, the lowest first, where the pack says that no tier stands in for a lower one"""

    @model_validator(mode="before")
    @classmethod
    def _at_least_by_default(cls, data: Any) -> Any:  # noqa: ANN401 - whatever a pack holds
        if isinstance(data, dict) and data.get("value") is not None and data.get("op") is None:
            return {**data, "op": ">="}
        return data

    @field_validator("ambiguity_zh")
    @classmethod
    def _one_for_one(cls, texts: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        asked = info.data.get("ambiguity", texts)
        if texts and len(texts) != len(asked):
            raise ValueError(
                say("has {n} text(s), but ambiguity has {n_asked}: write one for each, in the same order", n=len(texts), n_asked=len(asked))
            )
        return texts

    @property
    def full_id(self) -> str:
        """`<pack>.<id>`; the same for every reading."""
        return f"{self.pack}.{self.id}"

    @property
    def has_unverified_number(self) -> bool:
        """Whether a number of it is knowledge only: a mark stands beside it in every output."""
        return any(n.status == "knowledge" for n in self.numbers)

    @property
    def barred(self) -> tuple[str, ...]:
        """Kinds of a tier above all that the rule asks for: what is of such a kind too does not count for it."""
        asked: tuple[str, ...] = getattr(self, "facilities", None) or ()
        mine = [
            i
            for i, tier in enumerate(self.tiers)
            if any(is_of_kind(kind, tier) for kind in asked) or any(is_of_kind(kind, asked) for kind in tier)
        ]
        return tuple(kind for tier in self.tiers[max(mine) + 1 :] for kind in tier) if mine else ()

    @property
    def asked_of_people(self) -> str:
        """What somebody has to state before the rule can be judged; "" when nothing is open."""
        return ""

    def unfit(self, answer: Attested) -> str:  # noqa: ARG002 - the same form for every kind
        """Why an attested answer cannot be taken for this rule; "" when it can."""
        return say("{rule} is measured: it takes no attested answer", rule=self.full_id)

    @property
    def marked_title(self) -> str:
        """The title with the mark of unverified numbers, as every output writes it."""
        return f"{self.title} ※" if self.has_unverified_number else self.title

    @property
    def marked_title_en(self) -> str:
        """The English title with the same mark."""
        return f"{self.title_en} ※" if self.has_unverified_number else self.title_en

    def own_numbers(self) -> dict[str, float | date]:
        """The numbers that need a source: key -> number; those that change nothing (per 1, 100 % of the units) do not."""
        given = {key: getattr(self, key, None) for key in ("value", "max_minutes", "max_metres", "per", "units_pct", "deadline")}
        neutral = {"per": 1, "units_pct": 100}
        return {key: number for key, number in given.items() if number is not None and number != neutral.get(key)}

    def with_reading(self, reading: Reading) -> Rule:
        """This rule read otherwise, possibly as another kind; raises pydantic's `ValidationError` when the reading does not fit."""
        rule = self.with_changes(reading.model_extra or {})
        numbers = tuple(n for n in rule.numbers if n.at not in (reading.model_extra or {})) + reading.numbers
        names = {"reading_title": reading.title_zh or reading.id, "reading_title_en": reading.title_en or reading.id}
        return rule.model_copy(update={"numbers": numbers, "reading_id": reading.id, **names, "readings": ()})

    def with_changes(self, changes: Mapping[str, Any]) -> Rule:
        """This rule with some keys set otherwise, checked again (`ValidationError`).

        Another `kind` takes over the keys that it knows, but not the unit of the value; of `alternatives` the new one replaces the old.
        """
        kind = _class_of(str(changes.get("kind", self.kind))) or type(self)
        kept = {key: getattr(self, key) for key in self.model_fields_set & set(kind.model_fields)}
        if kind is not type(self):
            kept.pop("value_unit", None)
        if set(changes) & set(kind.alternatives):
            kept = {key: value for key, value in kept.items() if key not in kind.alternatives}
        gone = set(type(self).model_fields) - set(kept) - set(changes)
        return kind(**{**kept, **changes, "numbers": tuple(n for n in self.numbers if n.at not in gone)})

    def relieved(self, before: pd.DataFrame, after: pd.DataFrame) -> float:
        """How much of what was short in `before` is mended in `after`, in the unit of `relief`: two tables of `measure`.

        In every unit that failed, what came in addition, but never more than was short.
        """
        both = before.merge(after, on="unit_id", suffixes=("", "_after"))
        failing = both[both["verdict"] == "fail"]
        gain = failing["have_after"] - failing["have"]
        return float(gain.clip(upper=failing["shortfall"]).sum())

    @abstractmethod
    def travel_limits(self) -> Mapping[str, float]:
        """Profile id -> the longest minutes this rule asks about; empty when it needs no travel."""

    @abstractmethod
    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:
        """One row per unit the rule speaks of: the columns of `measures.MEASURE_COLUMNS`; no row for a kind that is not computed."""

    def ledger(self, area: StudyArea, times: TravelTimes) -> Ledger | None:  # noqa: ARG002 - the same form for every kind
        """What the figures of `measure` are added up from, so that candidates can be switched one by one; None where that cannot be said."""
        return None

    @abstractmethod
    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:
        """What is short and what each candidate would mend; None when nothing is asked or nothing is short."""


def _class_of(kind: str) -> type[Rule] | None:
    """The class of a kind of rules. Every class in `planner.indicators` is loaded before the first rule is made."""
    return next((known for known in Rule.__subclasses__() if kind in get_args(known.model_fields["kind"].annotation)), None)


def expand(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Every rule followed by its readings; rules that are readings already stay as they are."""
    found: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        found.setdefault((rule.full_id, rule.reading_id), rule)
        for reading in rule.readings:
            found.setdefault((rule.full_id, reading.id), rule.with_reading(reading))
    return tuple(found.values())
