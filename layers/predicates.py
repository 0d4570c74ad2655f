"""Conditions on rows as planners write them: `idle = true and tenure in ['state', 'collective'] and not storey < 1`.

    condition  = condition "or" condition | condition "and" condition | "not" condition | "(" condition ")" | test
    test       = value ("=" | "!=" | "<" | "<=" | ">" | ">=") literal | value ["not"] "in" [literals] | value "includes" literals | value
    value      = column | function "(" words ")"
    literal    = 'text' | number | true | false

Names may be Chinese; a name with blanks stands between backquotes. The answer of a row is True, False or None: what is not known is not
false (Kleene's logic: `None and False` is False, `None or True` is True). `= ''` and `!= ''` ask whether anything is known. A value alone is
a flag (`assessed` means `assessed = true`). `includes` asks a list column for all the words given. A function is the caller's:
`distance_to(medical) <= 200` is answered by `functions["distance_to"](frame, "medical")`, one number per row.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.cells import flag_of, number_of
from layers.saying import Said, say

Literal = str | float | bool
Truth = NDArray[np.int8]
"""(n,) 0 false, 1 not known, 2 true: `and` is the least, `or` the greatest"""
Function = Callable[..., Sequence[object] | NDArray[np.float64]]

_ANSWERS = np.array([False, None, True], dtype=object)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<number>-?\d+(?:\.\d+)?(?!\w))|(?P<quoted>`[^`]+`)"""
    r"""|(?P<name>\d*[^\W\d][\w.]*)|(?P<mark>!=|<=|>=|[=<>()\[\],]))""",
)
_WORDS = ("and", "or", "not", "in", "includes", "true", "false")


class PredicateError(ValueError):
    """A condition that cannot be read; `position` is the place in the text, counted from 0."""

    def __init__(self, text: str, position: int, what: Said) -> None:
        self.position = position
        self.said = say("{what} at character {n} of: {text}", what=what, n=position + 1, text=text)
        super().__init__(self.said)


@dataclass(frozen=True)
class Value:
    """What is looked at: a column, or what a function of the caller says when `arguments` are given."""

    name: str
    arguments: tuple[str, ...] | None = None

    def of(self, frame: pd.DataFrame, functions: Mapping[str, Function]) -> Sequence[object]:
        """One cell per row; all None where there is no such column or function."""
        if self.arguments is not None:
            return list(functions[self.name](frame, *self.arguments)) if self.name in functions else [None] * len(frame)
        return list(frame[self.name]) if self.name in frame.columns else [None] * len(frame)


@dataclass(frozen=True)
class Test:
    """One comparison of a value with literals."""

    value: Value
    op: str
    literals: tuple[Literal, ...]

    def truth(self, frame: pd.DataFrame, functions: Mapping[str, Function]) -> Truth:
        """(n,) the answer of each row."""
        answers = (_answer(cell, self.op, self.literals) for cell in self.value.of(frame, functions))
        return np.fromiter((1 if a is None else 2 * a for a in answers), dtype=np.int8, count=len(frame))


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Node

    def truth(self, frame: pd.DataFrame, functions: Mapping[str, Function]) -> Truth:
        """(n,) the answer of each row."""
        opposite: Truth = 2 - self.part.truth(frame, functions)
        return opposite


@dataclass(frozen=True)
class Joined:
    """Several conditions of which all (`and`) or one (`or`) must hold."""

    word: str
    parts: tuple[Node, ...]

    def truth(self, frame: pd.DataFrame, functions: Mapping[str, Function]) -> Truth:
        """(n,) the answer of each row."""
        join = np.minimum if self.word == "and" else np.maximum
        joined: Truth = reduce(join, (part.truth(frame, functions) for part in self.parts))
        return joined


Node = Test | Not | Joined


@dataclass(frozen=True)
class Predicate:
    """A condition that has been read; `text` is how it was written, "" holds for every row."""

    text: str
    root: Node | None

    @classmethod
    def parse(cls, text: str) -> Predicate:
        """The condition that a text states; raises `PredicateError` naming the character where it cannot be read."""
        try:
            return cls(text, _Reader(text).whole() if text.strip() else None)
        except RecursionError:
            raise PredicateError(text[:40], 0, say("brackets stand too deep in one another")) from None

    def evaluate(self, frame: pd.DataFrame, functions: Mapping[str, Function] | None = None) -> NDArray[np.object_]:
        """(n,) True, False or None (not known) per row."""
        if self.root is None:
            return np.full(len(frame), True, dtype=object)
        answers: NDArray[np.object_] = _ANSWERS[self.root.truth(frame, functions or {})]
        return answers

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are asked for."""
        return frozenset(value.name for value in _values(self.root) if value.arguments is None)

    @property
    def functions(self) -> frozenset[str]:
        """The functions that are called."""
        return frozenset(value.name for value in _values(self.root) if value.arguments is not None)


def _values(node: Node | None) -> tuple[Value, ...]:
    match node:
        case None:
            return ()
        case Test():
            return (node.value,)
        case Not():
            return _values(node.part)
        case Joined():
            return tuple(value for part in node.parts for value in _values(part))


def is_missing(cell: object) -> bool:
    """Whether a cell holds nothing: None, NaN or empty text."""
    return cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell) or (isinstance(cell, str) and not cell.strip())  # noqa: PLR0124 - only NaN differs from itself


def _answer(cell: object, op: str, literals: tuple[Literal, ...]) -> bool | None:
    if literals == ("",) and op in ("=", "!="):
        return is_missing(cell) == (op == "=")
    if is_missing(cell):
        return None
    if op == "includes":
        held = {part.strip() for part in str(cell).split(";")}
        return held.issuperset(str(literal) for literal in literals)
    answers = [_order(cell, op, literal) if op in _ORDER else _equal(cell, literal) for literal in literals]
    if op == "!=":
        return None if answers[0] is None else not answers[0]
    return True if True in answers else None if None in answers else False


def _equal(cell: object, literal: Literal) -> bool | None:
    if isinstance(literal, bool):
        return _flag(cell) is literal if _flag(cell) is not None else None
    if isinstance(literal, float):
        number = _number(cell)
        return None if number is None else number == literal
    return _as_text(cell) == literal


def _order(cell: object, op: str, literal: Literal) -> bool | None:
    if isinstance(literal, str):
        return _ORDER[op](_as_text(cell), literal)
    number = _number(cell)
    return None if number is None else _ORDER[op](number, literal)


def _flag(cell: object) -> bool | None:
    if isinstance(cell, (bool, np.bool_)):
        return bool(cell)
    try:
        return flag_of(_as_text(cell))
    except ValueError:
        return None


def _number(cell: object) -> float | None:
    try:
        return number_of(_as_text(cell))
    except ValueError:
        return None


def _as_text(cell: object) -> str:
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()


@dataclass(frozen=True)
class _Token:
    sort: str
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise PredicateError(text, len(text) - len(text[at:].lstrip()), say("cannot read this"))
        sort, word = match.lastgroup, match[match.lastgroup]
        tokens.append(_Token("word" if sort == "name" and word in _WORDS else sort, word, match.start(sort)))
        at = match.end()
    return [*tokens, _Token("end", "", end)]


class _Reader:
    """Goes over the tokens once, from left to right; every method reads one form of the grammar above."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rest = _tokens(text)

    def whole(self) -> Node:
        node = self.joined("or")
        if self.rest[0].sort != "end":
            raise self.fault(say("expected `and`, `or` or the end"))
        return node

    def joined(self, word: str) -> Node:
        parts = [self.part(word)]
        while self.take(word):
            parts.append(self.part(word))
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def part(self, word: str) -> Node:
        return self.joined("and") if word == "or" else self.single()

    def single(self) -> Node:
        if self.take("not"):
            return Not(self.single())
        if self.take("("):
            inside = self.joined("or")
            self.need(")")
            return inside
        return self.test()

    def test(self) -> Node:
        value = self.value()
        for op in ("=", "!=", *_ORDER):
            if self.take(op):
                return Test(value, op, (self.literal(),))
        if self.take("includes"):
            return Test(value, "includes", self.literals())
        if self.take("not"):
            self.need("in")
            return Not(Test(value, "in", self.literals()))
        if self.take("in"):
            return Test(value, "in", self.literals())
        return Test(value, "=", (True,))

    def value(self) -> Value:
        token = self.rest.pop(0) if self.rest[0].sort in ("name", "quoted") else None
        if token is None:
            raise self.fault(say("expected the name of a column"))
        if not self.take("("):
            return Value(token.text.strip("`"))
        arguments = [self.argument()]
        while self.take(","):
            arguments.append(self.argument())
        self.need(")")
        return Value(token.text, tuple(arguments))

    def argument(self) -> str:
        if self.rest[0].sort in ("name", "quoted"):
            return self.rest.pop(0).text.strip("`")
        return str(self.literal())

    def literals(self) -> tuple[Literal, ...]:
        if not self.take("["):
            return (self.literal(),)
        found = [self.literal()]
        while self.take(","):
            found.append(self.literal())
        self.need("]")
        return tuple(found)

    def literal(self) -> Literal:
        token = self.rest[0]
        if token.sort not in ("text", "number") and token.text not in ("true", "false"):
            raise self.fault(say("expected 'text', a number, true or false"))
        self.rest.pop(0)
        if token.sort == "text":
            quote = token.text[0]
            return token.text[1:-1].replace(quote * 2, quote)
        return float(token.text) if token.sort == "number" else token.text == "true"

    def take(self, text: str) -> bool:
        """Go over the next token if it is this word or mark."""
        if self.rest[0].sort in ("word", "mark") and self.rest[0].text == text:
            self.rest.pop(0)
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.fault(say("expected `{sign}`", sign=text))

    def fault(self, what: Said) -> PredicateError:
        found = say("`{word}`", word=self.rest[0].text) if self.rest[0].text else say("the end")
        return PredicateError(self.text, self.rest[0].position, say("{what}, found {found}", what=what, found=found))
