"""Policy packs: the rules of one policy text as data, each with the sentence it comes from. Format: `docs/standards.md`.

The packs of `scenarios/standards/` are read by name; a name that ends in `.toml` is a user's own file. A new policy is a new file, no code.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError

from layers.levels import LEVELS
from layers.problems import Problem
from planner.indicators import KINDS
from planner.rules import Day, Number, Rule
from scenarios.toml_file import Key, ScenarioFaultsError, TomlFile

SCHEMA = "qh-pack/1"

IDENTITY = frozenset(
    ("pack", "pack_title", "pack_title_en", "id", "reading_id", "kind", "quote", "clause", "numbers", "readings", "number", "reading")
)
"""what a rule is: a scenario cannot override it, only another pack can say otherwise"""


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
    note: str = ""


class Pack(PackHead):
    """A policy and its rules, in the order of the text."""

    rules: tuple[SerializeAsAny[Rule], ...]


def standards() -> tuple[Pack, ...]:
    """The packs that are shipped, by id."""
    return tuple(read_pack(_folder() / f"{name}.toml") for name in _names())


def find_pack(name: str, base_folder: Path) -> Pack:
    """A shipped pack by its name, or a user's own by its path; `ScenarioFaultsError` when there is none of that name."""
    problems: list[Problem] = []
    for _, pack in _packs([name], base_folder, lambda _: "standards", set(), problems):
        return pack
    raise ScenarioFaultsError(problems)


def read_pack(path: Path, shown_path: str | None = None) -> Pack:
    """The pack in one file; `ScenarioFaultsError` tells every fault with file, line and column."""
    toml = TomlFile.read(path, shown_path)
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
    problems: list[Problem] = []
    packs = list(_packs(names, base_folder, where, set(), problems))
    first = {pack.id: shown for shown, pack in packs}
    problems += [
        Problem("error", shown, f"another pack is called {pack.id} too ({first[pack.id]})", "Give one of them another id.")
        for shown, pack in packs
        if first[pack.id] != shown
    ]
    if problems:
        raise ScenarioFaultsError(problems)
    return tuple(_paced(rule, profile) for _, pack in packs for rule in pack.rules)


def _dotted(*keys: Key) -> str:
    return ".".join(str(key) for key in keys)


def with_overrides(
    rules: Sequence[Rule],
    overrides: Mapping[str, Mapping[str, Any]],
    where: Callable[..., str] = _dotted,
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules with the keys that a scenario sets otherwise, e.g. `[rules."huitong.circle15"] value = 60`, and the faults found.

    A number set so becomes the scenario's own: status `default`, with a note. Readings of the rule take the new keys over. `where` names the
    place of keys in the scenario file (`TomlFile.where`).
    """
    known = {rule.full_id: rule for rule in rules}
    problems: list[Problem] = []
    for full_id, changes in overrides.items():
        if full_id in known:
            known[full_id] = _overridden(known[full_id], changes, where, problems)
        else:
            problems.append(_unknown(full_id, sorted(known), "rule", where("rules", full_id)))
    return tuple(known[rule.full_id] for rule in rules), problems


def _folder() -> Path:
    return Path(str(files("scenarios").joinpath("standards")))


def _names() -> list[str]:
    return sorted(path.stem for path in _folder().glob("*.toml"))


def _head(toml: TomlFile, problems: list[Problem]) -> PackHead | None:
    if toml.data.get("schema") != SCHEMA:
        problems.append(Problem("error", toml.where("schema"), f"schema is {toml.data.get('schema')!r}", f'Write schema = "{SCHEMA}".'))
    strange = sorted(set(toml.data) - {"schema", "pack", "rule"})
    problems += [Problem("error", toml.where(key), f"{key}: unknown key", "A pack holds schema, [pack] and [[rule]].") for key in strange]
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
        problems.append(_unknown(str(data.get("kind")), list(KINDS), "kind of rule", toml.where("rule", i, "kind")))
        return None
    title = (head.id, head.title, head.title_en) if head else ("", "", "")
    try:
        rule = kind.model_validate({**data, **dict(zip(("pack", "pack_title", "pack_title_en"), title, strict=True))})
    except ValidationError as error:
        problems += toml.problems(error, kind, "rule", i)
        return None
    problems += _without_source(rule, toml, "rule", i)
    if not rule.unit and kind.needs_unit:
        problems.append(Problem("error", toml.where("rule", i), f"{rule.id}: unit is missing", f"One of {', '.join(LEVELS)}."))
    for j, reading in enumerate(rule.readings):
        try:
            problems += _without_source(rule.with_reading(reading), toml, "rule", i, "reading", j)
        except ValidationError as error:
            problems += toml.problems(error, KINDS.get(str((reading.model_extra or {}).get("kind")), kind), "rule", i, "reading", j)
    return rule


def _without_source(rule: Rule, toml: TomlFile, *keys: Key) -> Iterator[Problem]:
    """Numbers of a rule that no `number` entry gives the source of, or gives otherwise."""
    sources = {number.at: number for number in rule.numbers}
    for key, value in rule.own_numbers().items():
        if key not in sources:
            remedy = f'Add [[{"rule.reading.number" if rule.reading_id else "rule.number"}]] at = "{key}", is = {value}, status = ... .'
            yield Problem("error", toml.where(*keys, key), f"{rule.id}: nothing says where {key} = {value} comes from", remedy)
        elif sources[key].is_ != value:
            yield Problem(
                "error", toml.where(*keys, key), f"{rule.id}: {key} is {value}, but its source says {sources[key].is_}", "Correct one."
            )


def _repeated(toml: TomlFile, tables: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    seen: set[object] = set()
    for i, table in enumerate(tables):
        if (id_ := table.get("id")) in seen:
            yield Problem("error", toml.where("rule", i, "id"), f"a rule {id_} stands above already", "Give this one another id.")
        seen.add(id_)


def _packs(
    names: Sequence[str], base_folder: Path, where: Callable[[int], str], seen: set[Path], problems: list[Problem]
) -> Iterator[tuple[str, Pack]]:
    """Every pack named, each followed by those it includes, as (path as written, pack); faults go to `problems`."""
    for i, name in enumerate(names):
        is_file = name.endswith(".toml")
        path = (base_folder / name if is_file else _folder() / f"{name}.toml").resolve()
        if path in seen:
            continue
        seen.add(path)
        if not is_file and name not in _names():
            problems.append(_unknown(name, _names(), "standard", where(i)))
            continue
        try:
            pack = read_pack(path, name if is_file else f"standards/{name}.toml")
        except ScenarioFaultsError as error:
            problems += error.problems
            continue
        yield name, pack
        yield from _packs(pack.includes, path.parent, lambda _, name=name: f"{name}, includes", seen, problems)  # type: ignore[misc]


def _paced(rule: Rule, profile: str) -> Rule:
    is_unnamed = "profile" in type(rule).model_fields and "profile" not in rule.model_fields_set
    return rule.model_copy(update={"profile": profile}) if is_unnamed else rule


def _overridden(rule: Rule, changes: Mapping[str, Any], where: Callable[..., str], problems: list[Problem]) -> Rule:
    fixed = sorted(IDENTITY & set(changes))
    if fixed:
        what = f"{', '.join(fixed)} of a rule cannot be set in a scenario"
        problems.append(Problem("error", where("rules", rule.full_id, fixed[0]), what, "Write your own pack (docs/standards.md)."))
        return rule
    try:
        changed = rule.with_changes(changes)
        for reading in changed.readings:
            changed.with_reading(reading)
    except ValidationError as error:
        problems += [_fault_of(rule, dict(item), where) for item in error.errors(include_url=False)]
        return rule
    own = {key: value for key, value in changed.own_numbers().items() if key in changes}
    numbers = tuple(n for n in changed.numbers if n.at not in changes)
    new = tuple(Number(at=key, is_=value, status="default", note="set by the scenario") for key, value in own.items())
    return changed.model_copy(update={"numbers": numbers + new})


def _fault_of(rule: Rule, item: Mapping[str, Any], where: Callable[..., str]) -> Problem:
    keys = item["loc"]
    place = where("rules", rule.full_id, *keys)
    known = sorted(set(type(rule).model_fields) - IDENTITY)
    if item["type"] == "extra_forbidden":
        return _unknown(str(keys[-1]), known, f"key of {rule.full_id}", place)
    return Problem(
        "error", place, f"{rule.full_id}: {item['msg'].removeprefix('Value error, ')} (found {item['input']!r})", "Correct the value."
    )


def _unknown(word: str, known: Sequence[str], what: str, where: str) -> Problem:
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return Problem("error", where, f"{word} is no {what}", f"{hint}Known: {', '.join(known)}.")
