"""A TOML file that can say at which line and column each of its values stands, so that every fault is told as `file:line:column`."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from layers.fault_place import in_scenario
from layers.problems import InputFaultsError, Problem, did_you_mean
from layers.saying import Said, say
from scenarios.toml_syntax import syntax_problem
from scenarios.value_faults import fault_of

Key = str | int

_BARE_END = re.compile(r"[^A-Za-z0-9_-]|\Z")
_TRIPLE = ('"""', "'''")
HOW_TO_START = say("Check the path; `quarterhour init` writes a scenario to start from.")


class ScenarioFaultsError(InputFaultsError):
    """A scenario or rule pack cannot be used as it is written (exit code 2)."""


@dataclass(frozen=True)
class TomlFile:
    """A TOML file that was read: its text, its values, and where each of them stands."""

    path: Path
    shown_path: str
    text: str
    data: dict[str, Any]
    positions: dict[tuple[Key, ...], tuple[int, int]]
    """path of keys -> (line, column), both from 1"""

    @staticmethod
    def read(path: Path, shown_path: str | None = None, *, missing: Said = HOW_TO_START) -> TomlFile:
        """The file at `path`, called `shown_path` in messages; `ScenarioFaultsError` if it is missing (`missing` is the remedy) or no TOML."""
        shown = shown_path or path.name
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            there = {p.stem: p.name for p in path.parent.glob("*.toml")} if path.parent.is_dir() else {}
            near = [there[stem] for stem in difflib.get_close_matches(path.stem, there)]
            hint = say("Did you mean {word}?", word=near) if near else missing
            raise ScenarioFaultsError([Problem("error", str(path), say("there is no such file"), hint)]) from None
        except OSError as error:  # a folder, a name too long, a file that may not be read
            what = say("cannot be opened: {reason}", reason=error.strerror or type(error).__name__)
            raise ScenarioFaultsError([Problem("error", shown, what, say("Correct the path."))]) from None
        except UnicodeDecodeError as error:
            what = say("is not UTF-8 text (byte {n})", n=error.start)
            raise ScenarioFaultsError([Problem("error", shown, what, say("Save it as UTF-8."))]) from None
        return TomlFile.of_text(path, text, shown)

    @staticmethod
    def of_text(path: Path, text: str, shown_path: str | None = None) -> TomlFile:
        """A file whose text was read already; `ScenarioFaultsError` if it is not TOML."""
        shown, text = shown_path or path.name, text.replace("\r\n", "\n")
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ScenarioFaultsError([syntax_problem(shown, str(error), text)]) from None
        except ValueError:  # Python reads no whole number of more than 4300 digits
            raise ScenarioFaultsError([syntax_problem(shown, say("a number has too many digits"))]) from None
        except RecursionError:
            raise ScenarioFaultsError([syntax_problem(shown, say("brackets stand too deep in one another"))]) from None
        if _holds_nul(data):
            raise ScenarioFaultsError([syntax_problem(shown, say("a text holds the character U+0000"))])
        return TomlFile(path, shown, text, data, _Scanner(text).positions())

    def where(self, *keys: Key) -> str:
        """`file:line:column` of the value under these keys, or of the nearest table around it that is written down."""
        path = tuple(keys)
        while path and path not in self.positions:
            path = path[:-1]
        line, column = self.positions.get(path, (1, 1))
        return in_scenario(self.shown_path, line, column)

    def called(self, *keys: Key) -> str:
        """The keys with dots between them; an entry of a list by its id if it has one, else by its number, counted from 1."""
        names: list[str] = []
        at: Any = self.data
        for key in keys:
            try:
                at = at[key]
            except (KeyError, IndexError, TypeError):  # a key that is missing, or below one
                at = None
            id_ = at.get("id") if isinstance(key, int) and isinstance(at, dict) else None
            names.append(id_ if isinstance(id_, str) and id_ else str(key + 1 if isinstance(key, int) else key))
        return ".".join(names)

    def problems(self, error: ValidationError, model: type[BaseModel], *prefix: Key) -> list[Problem]:
        """The faults that `model` found in the value under `prefix`, each in the reader's words and at its place."""
        return [self._problem(item, model, prefix) for item in error.errors(include_url=False)]

    def _problem(self, item: ErrorDetails, model: type[BaseModel], prefix: tuple[Key, ...]) -> Problem:
        keys = tuple(k for k in item["loc"] if isinstance(k, int) or not k.startswith("function-"))
        dotted = self.called(*prefix, *keys)
        where = self.where(*prefix, *keys)
        kind, context = item["type"], item.get("ctx", {})
        if kind == "extra_forbidden":
            known = _known_keys(model, keys[:-1])
            near = difflib.get_close_matches(str(keys[-1]), known, n=1, cutoff=0.5)
            remedy = did_you_mean(near, say("Known here: {known}.", known=known))
            return Problem("error", where, say("{key}: unknown key", key=dotted), remedy)
        if kind == "missing":
            remedy = _REMEDIES_OF_MISSING.get(dotted, say("Add {key} = ... .", key=keys[-1]))
            return Problem("error", where, say("{key} is missing", key=dotted), remedy)
        if kind in {"literal_error", "enum"}:
            known = re.findall(r"'([^']*)'", context["expected"])
            near = difflib.get_close_matches(str(item["input"]), known, n=1)
            remedy = say("Did you mean {word}?", word=near[0]) if near else say("Write one of these.")
            what = say("{key} is {value}; it can be {known}", key=dotted, value=repr(item["input"]), known=[repr(word) for word in known])
            return Problem("error", where, what, remedy)
        what = say("{key}: {fault}", key=dotted, fault=fault_of(item))
        if not isinstance(item["input"], dict | list):
            what = say("{key}: {fault} (found {value})", key=dotted, fault=fault_of(item), value=repr(item["input"]))
        return Problem("error", where, what, say("Correct the value."))


_REMEDIES_OF_MISSING = {
    "layers.facilities": say(
        "Name their file, [[layers.facilities]] path = ...; or say that none stands yet: facilities = [] under [layers]."
    ),
}
"""key -> what to do where it is missing and an empty value would have a meaning of its own"""


def _holds_nul(value: object) -> bool:
    """Whether a text among these values, written as its number (`U+0000`), would end a path or a name in the libraries below."""
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


def _known_keys(model: type[BaseModel], keys: Sequence[Key]) -> list[str]:
    """The keys that a (nested) part of a model knows."""
    at: Any = model
    for key in keys:
        if isinstance(key, int):
            continue
        annotation = at.model_fields[key].annotation if hasattr(at, "model_fields") and key in at.model_fields else None
        at = next((m for m in _models_in(annotation)), None)
        if at is None:
            return []
    return sorted(name.alias or key for key, name in at.model_fields.items())


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """The models named in a type such as `tuple[UnitSource, ...]` or `StreetSource | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models_in(part)]


@dataclass
class _Scanner:
    """Walks over text that is known to be valid TOML and notes where keys stand; values are skipped, not read."""

    text: str
    at: int = 0
    found: dict[tuple[Key, ...], tuple[int, int]] = field(default_factory=dict)
    counts: dict[tuple[Key, ...], int] = field(default_factory=dict)

    def positions(self) -> dict[tuple[Key, ...], tuple[int, int]]:
        """Key path -> (line, column), from 1."""
        table: tuple[Key, ...] = ()
        while self._skip_blank(newlines=True):
            start = self.at
            if self.text[self.at] == "[":
                array = self.text.startswith("[[", self.at)
                self.at += 2 if array else 1
                table = self._resolved(self._keys(), is_array=array)
                self.at = self.text.find("\n", self.at)
                self.at = len(self.text) if self.at < 0 else self.at
                self._note(table, start)
            else:
                self._pair(table)
        return self.found

    def _resolved(self, keys: list[str], *, is_array: bool) -> tuple[Key, ...]:
        """The path of a table header, with the number of the entry after each array of tables."""
        path: tuple[Key, ...] = ()
        for i, key in enumerate(keys):
            path = (*path, key)
            if is_array and i == len(keys) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def _note(self, path: tuple[Key, ...], start: int) -> None:
        line = self.text.count("\n", 0, start) + 1
        self.found.setdefault(path, (line, start - (self.text.rfind("\n", 0, start) + 1) + 1))

    def _skip_blank(self, *, newlines: bool) -> bool:
        """Move to the next character that means something; False at the end of the text."""
        blank = " \t\n\r" if newlines else " \t"
        while self.at < len(self.text):
            if self.text[self.at] in blank:
                self.at += 1
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
                if not newlines:
                    return False
            else:
                return True
        return False

    def _keys(self) -> list[str]:
        """A dotted key."""
        keys = []
        while True:
            self._skip_blank(newlines=False)
            if self.text[self.at] in "\"'":
                start = self.at
                self._string()
                keys.append(next(iter(tomllib.loads(f"{self.text[start : self.at]} = 0"))))
            else:
                start = self.at
                self.at = _BARE_END.search(self.text, start).start()  # type: ignore[union-attr]
                keys.append(self.text[start : self.at])
            self._skip_blank(newlines=False)
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _pair(self, table: tuple[Key, ...]) -> None:
        """`key = value`."""
        start = self.at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self._skip_blank(newlines=False)
        self.at += 1
        self._skip_blank(newlines=False)
        self._value(path)

    def _value(self, path: tuple[Key, ...]) -> None:
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening in "[{":
            self._members(path, "]" if opening == "[" else "}")
        else:
            end = re.compile(r"[,\]}\n#]").search(self.text, self.at)
            self.at = end.start() if end else len(self.text)

    def _members(self, path: tuple[Key, ...], closing: str) -> None:
        """The members of an array or of an inline table."""
        self.at += 1
        number = 0
        while self._skip_blank(newlines=True) and self.text[self.at] != closing:
            if self.text[self.at] == ",":
                self.at += 1
                number += 1
            elif closing == "]":
                self._note((*path, number), self.at)
                self._value((*path, number))
            else:
                self._pair(path)
        self.at += 1

    def _string(self) -> None:
        quote = next((q for q in _TRIPLE if self.text.startswith(q, self.at)), self.text[self.at])
        self.at += len(quote)
        while not self.text.startswith(quote, self.at):
            self.at += 2 if self.text[self.at] == "\\" and '"' in quote else 1
        self.at += len(quote)
        while len(quote) == 3 and self.text.startswith(quote[0], self.at):
            self.at += 1
