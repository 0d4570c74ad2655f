"""Policy packs: the rules of one policy text as data, each with the sentence it comes from. Format: `docs/standards.md`.

The packs of `scenarios/standards/` are read by name; a name that ends in `.toml` is a user's own file. A new policy is a new file, no code.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError, model_validator

from layers.levels import LEVELS
from layers.problems import Problem, did_you_mean
from layers.saying import Said, say
from planner.indicators import KINDS
from planner.rules import Day, Kinds, Number, Rule
from scenarios.toml_file import Key, ScenarioFaultsError, TomlFile

SCHEMA = "qh-pack/1"

HOW_TO_START = say("Check the path; `quarterhour standards new` writes a pack to start from.")
GIVEN = ("pack", "pack_title", "pack_title_en", "reading_id", "reading_title", "reading_title_en", "tiers", "attested", "uplift")
"""keys of a rule that come from the head of its pack or from a scenario: no `[[rule]]` writes them"""


class Jurisdiction(BaseModel):
    """Where a policy is in force."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Literal["country", "province", "prefecture", "county", "township"]
    name: str


class PackHead(BaseModel):
    """The `[pack]` table: whose policy it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str
    title_en: str
    issuer: str = ""
    doc_no: str = ""
    issued: Day = None
    jurisdiction: Jurisdiction | None = None
    effective_from: Day = None
    effective_to: Day = None
    includes: tuple[str, ...] = ()
    """packs whose rules apply too"""
    non_substitutable: bool = False
    """the text says that a facility of a higher tier never stands in for one of a lower tier"""
    tiers: tuple[Kinds, ...] = ()
    """the tiers, the lowest first, each the kinds of its facilities"""
    note: str = ""

    @model_validator(mode="after")
    def _tiers_when_they_matter(self) -> PackHead:
        if self.non_substitutable != bool(self.tiers):
            raise ValueError(say("non_substitutable = true and tiers = [[kinds of the lowest tier], [of the next], ...] go together"))
        return self


class Pack(PackHead):
    """A policy and its rules, in the order of the text."""

    rules: tuple[SerializeAsAny[Rule], ...]


def standards() -> tuple[Pack, ...]:
    """The packs that are shipped, by id."""
    return tuple(read_pack(_folder() / f"{name}.toml") for name in _names())


def find_pack(name: str, base_folder: Path) -> Pack:
    """A shipped pack by its name, or a user's own by its path; `ScenarioFaultsError` when there is none of that name."""
    shelf = _Shelf()
    packs = [pack for _, pack in shelf.take([name], base_folder, lambda _: "standards")]
    if shelf.problems:
        raise ScenarioFaultsError(shelf.problems)
    return packs[0]


def read_pack(path: Path, shown_path: str | None = None) -> Pack:
    """The pack in one file; `ScenarioFaultsError` tells every fault with file, line and column."""
    return _pack_of(TomlFile.read(path, shown_path, missing=HOW_TO_START))


def _pack_of(toml: TomlFile) -> Pack:
    problems: list[Problem] = []
    head = _head(toml, problems)
    tables = toml.data.get("rule", [])
    rules = [rule for i in range(len(tables)) if (rule := _rule(toml, head, i, problems)) is not None] if isinstance(tables, list) else []
    problems += _repeated(toml, tables if isinstance(tables, list) else [])
    if head is None or problems:
        raise ScenarioFaultsError(problems)
    return Pack(**head.model_dump(), rules=tuple(rules))


def read_rules(
    names: Sequence[str], base_folder: Path, *, profile: str = "elder_walk", where: Callable[[int], str] = lambda _: "standards"
) -> tuple[Rule, ...]:
    """The base rules of the packs named, in order; what a pack includes follows it, and every pack is read once.

    `base_folder` is where paths of a user's own packs start; `profile` is the pace of rules that name none; `where` tells where the i-th
    name is written. `ScenarioFaultsError` tells all faults of all packs at once.
    """
    shelf = _Shelf()
    packs = list(shelf.take(names, base_folder, where))
    problems = shelf.problems
    first = {pack.id: shown for shown, pack in packs}
    problems += [
        Problem(
            "error",
            shown,
            say("another pack is called {id} too ({file})", id=pack.id, file=first[pack.id]),
            say("Give one of them another id."),
        )
        for shown, pack in packs
        if first[pack.id] != shown
    ]
    if problems:
        raise ScenarioFaultsError(problems)
    return tuple(_paced(rule, profile) for _, pack in packs for rule in pack.rules)


def _folder() -> Path:
    return Path(str(files("scenarios").joinpath("standards")))


def _names() -> list[str]:
    return sorted(path.stem for path in _folder().glob("*.toml"))


_NO_HEAD = {"pack": "", "pack_title": "", "pack_title_en": ""}


def _head(toml: TomlFile, problems: list[Problem]) -> PackHead | None:
    if toml.data.get("schema") != SCHEMA:
        what = say("schema is {value}", value=repr(toml.data["schema"])) if "schema" in toml.data else say("{key} is missing", key="schema")
        problems.append(Problem("error", toml.where("schema"), what, say('Write schema = "{schema}".', schema=SCHEMA)))
    strange = sorted(set(toml.data) - {"schema", "pack", "rule"})
    holds = say("A pack holds schema, [pack] and [[rule]].")
    problems += [Problem("error", toml.where(key), say("{key}: unknown key", key=key), holds) for key in strange]
    try:
        return PackHead.model_validate(toml.data.get("pack", {}))
    except ValidationError as error:
        problems += toml.problems(error, PackHead, "pack")
        return None


def _rule(toml: TomlFile, head: PackHead | None, i: int, problems: list[Problem]) -> Rule | None:
    """Rule `i` of the file, its readings tried too; None when it has faults."""
    data = dict(toml.data["rule"][i])
    kind = KINDS.get(data.get("kind", ""))
    if kind is None:
        problems.append(unknown_word(str(data.get("kind")), list(KINDS), say("kind of rule"), toml.where("rule", i, "kind")))
        return None
    foreign = [key for key in GIVEN if key in data]
    problems += [
        Problem("error", toml.where("rule", i, key), say("{key}: unknown key", key=toml.called("rule", i, key)), say("Take it out."))
        for key in foreign
    ]
    given = {"pack": head.id, "pack_title": head.title, "pack_title_en": head.title_en, "tiers": head.tiers} if head else _NO_HEAD
    rule: Rule | None
    try:
        rule = kind.model_validate({**data, **given})
    except ValidationError as error:
        problems += toml.problems(error, kind, "rule", i)
        rule = _without_its_faults(kind, {**data, **given}, error)
        if rule is None:
            return None
    problems += [*_without_source(rule, toml, "rule", i), *_without_unit(rule, toml, "rule", i)]
    if not rule.unit and kind.needs_unit:
        what = say("{rule}: unit is missing", rule=rule.id)
        problems.append(Problem("error", toml.where("rule", i), what, say("Write one of {words}.", words=list(LEVELS))))
    for j, reading in enumerate(rule.readings):
        try:
            read, place = rule.with_reading(reading), ("rule", i, "reading", j)
            problems += [*_without_source(read, toml, *place), *_without_unit(read, toml, *place)]
        except ValidationError as error:
            problems += toml.problems(error, KINDS.get(str((reading.model_extra or {}).get("kind")), kind), "rule", i, "reading", j)
    return rule


def _without_its_faults(kind: type[Rule], table: Mapping[str, Any], error: ValidationError) -> Rule | None:
    """A rule with other texts for those that are missing and without the keys that are wrong, so that what else is wrong with it is told in the
    same round; None when it cannot be read so."""
    wrong = {item["loc"][0] if item["loc"] else "" for item in error.errors()}
    if wrong & {"", "unit", "value_unit", "number"}:  # without them other faults would be found than there are
        return None
    try:
        return kind.model_validate({**_STAND_INS, **{key: value for key, value in table.items() if key not in wrong}})
    except ValidationError:
        return None


_STAND_INS = {"id": "-", "title": "-", "title_en": "-", "quote": "-", "clause": "-", "gloss": "-", "strength": "must", "spatial": False}


def _without_source(rule: Rule, toml: TomlFile, *keys: Key) -> Iterator[Problem]:
    """Numbers of a rule that no `number` entry gives the source of, or gives otherwise."""
    sources = {number.at: number for number in rule.numbers}
    for key, value in rule.own_numbers().items():
        if key not in sources:
            table = "rule.reading.number" if rule.reading_id else "rule.number"
            what = say("{rule}: nothing says where {key} = {value} comes from", rule=rule.id, key=key, value=str(value))
            remedy = say('Add [[{table}]] at = "{key}", is = {value}, status = ... .', table=table, key=key, value=str(value))
            yield Problem("error", toml.where(*keys, key), what, remedy)
        elif sources[key].is_ != value:
            what = say(
                "{rule}: {key} is {value}, but its source says {said}", rule=rule.id, key=key, value=str(value), said=str(sources[key].is_)
            )
            yield Problem("error", toml.where(*keys, key), what, say("Make the two the same."))


def _without_unit(rule: Rule, toml: TomlFile, *keys: Key) -> Iterator[Problem]:
    """A threshold of which nobody says what it counts."""
    if rule.value is not None and not rule.value_unit:
        what = say("{rule}: nothing says what value = {value:g} counts", rule=rule.id, value=rule.value)
        remedy = say('Add value_unit = "...", e.g. "m2 of floor per 100 households" or "%".')
        yield Problem("error", toml.where(*keys, "value"), what, remedy)


def _repeated(toml: TomlFile, tables: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    seen: set[object] = set()
    for i, table in enumerate(tables):
        if (id_ := table.get("id")) in seen:
            yield Problem(
                "error", toml.where("rule", i, "id"), say("a rule {id} stands above already", id=id_), say("Give this one another id.")
            )
        seen.add(id_)


@dataclass
class _Shelf:
    """The packs taken so far, and what was wrong with those that could not be."""

    problems: list[Problem] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)

    def take(
        self, names: Sequence[str], base_folder: Path, where: Callable[[int], str], above: tuple[tuple[Path, str], ...] = ()
    ) -> Iterator[tuple[str, Pack]]:
        """Every pack named, each followed by those it includes, as (path as written, pack). `above` are the packs that include these."""
        for i, name in enumerate(names):
            path = (base_folder / name if name.endswith(".toml") else _folder() / f"{name}.toml").resolve()
            if path in (chain := dict(above)):
                names_above = list(chain.values())[list(chain).index(path) :]
                what = say("packs include each other in a circle: {chain}", chain=" -> ".join((*names_above, name)))
                self.problems.append(Problem("error", where(i), what, say("Take one of the includes out.")))
            elif path not in self.seen:
                self.seen.add(path)
                yield from self._one(name, path, where(i), above)

    def _one(self, name: str, path: Path, where: str, above: tuple[tuple[Path, str], ...]) -> Iterator[tuple[str, Pack]]:
        is_file = name.endswith(".toml")
        if not is_file and name not in _names():
            self.problems.append(unknown_word(name, _names(), say("standard"), where))
            return
        shown = name if is_file else f"standards/{name}.toml"
        try:
            toml = TomlFile.read(path, shown, missing=HOW_TO_START)
            pack = _pack_of(toml)
        except ScenarioFaultsError as error:
            self.problems += error.problems
            return
        yield name, pack
        yield from self.take(pack.includes, path.parent, lambda i: toml.where("pack", "includes", i), (*above, (path, name)))


def _paced(rule: Rule, profile: str) -> Rule:
    """The rule at the scenario's pace, where the policy names none: its pack says nothing, or marks its pace as the tool's own choice."""
    if "profile" not in type(rule).model_fields:
        return rule
    own_choice = any(n.at == "profile" and n.status == "default" for n in rule.numbers)
    if "profile" in rule.model_fields_set and not own_choice:
        return rule
    pace = Number(at="profile", is_=profile, status="default", note=say("the pace of [travel]"))
    numbers = tuple(pace if n.at == "profile" else n for n in rule.numbers)
    return rule.model_copy(update={"profile": profile, "numbers": numbers})


def unknown_word(word: str, known: Sequence[str], what: Said, where: str) -> Problem:
    """The fault of a word that is none of `known`, with the nearest of them."""
    near = difflib.get_close_matches(word, known, n=1)
    remedy = did_you_mean(near, say("Known: {known}.", known=list(known)))
    return Problem("error", where, say("{word} is no {what}", word=word, what=what), remedy)
