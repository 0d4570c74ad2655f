"""What is wrong with the text of a scenario file or pack that is not TOML, in our words, with what most likely brought it about."""

from __future__ import annotations

import re

from layers.fault_place import in_scenario
from layers.problems import Problem
from layers.saying import Said, say

_NARROW = {
    **dict.fromkeys("“”„＂«»「」『』", '"'),
    **dict.fromkeys("‘’＇", "'"),
    **dict(zip("，、＝［］【】｛｝＃．", ",,=[][]{}#.", strict=True)),
}
"""Marks that a Chinese keyboard or a word processor writes, and what TOML wants in their place."""
_QUOTES = say("Text goes in quotes; codes too, so that leading zeros stay.")
_TWICE = (say("a key stands twice"), say("Keep one of the two."))
_STROKE = (say("a text holds a stroke `\\`"), say("Write paths with `/` in place of `\\`."))
_COMPLAINTS = {
    "Cannot declare": (say("a table stands twice"), say("Put all its keys under one heading.")),
    "Cannot overwrite": _TWICE,
    "Duplicate inline table key": _TWICE,
    "Unclosed array": (say("a list is not closed"), say("Write `]` behind its last item, and a comma between items.")),
    "Unclosed inline table": (say("braces are not closed"), say("Write the closing brace in the same line, and a comma between items.")),
    "Unterminated string": (say("a text is not closed"), say("Write a quotation mark behind it.")),
    "Illegal character '\\n'": (say("a text is not closed in its line"), say("Write a quotation mark behind it.")),
    "Unescaped": _STROKE,
    "Invalid hex value": _STROKE,
    "Expected newline": (say("something stands behind the value"), _QUOTES),
    "Expected '='": (say("a key has no `=`"), say("Write key = value, each in a line of its own.")),
    "Expected ']": (say("the heading of a table is not closed"), say("Write [name] or [[name]] in a line of its own.")),
    "Invalid date": (say("there is no such date or time"), say("Write a date such as 2026-12-31.")),
    "Invalid value": (say("this is no value"), _QUOTES),
}
"""How the sentence of Python's reader begins -> what was found, how to mend it."""


def syntax_problem(shown: str, message: str, text: str = "") -> Problem:
    """A fault of the text of a file called `shown`: Python's sentence, which names line and column in `text`, or one of ours without."""
    at = re.search(r"\(at line (\d+), column (\d+)\)", message)
    where = in_scenario(shown, int(at[1]), int(at[2])) if at else shown
    reason: str = message[: at.start()].strip() if at else message
    other = (reason, _QUOTES if text else say("Correct the value."))
    reason, remedy = next((told for begin, told in _COMPLAINTS.items() if reason.startswith(begin)), other)
    before, rest = _around(text, int(at[1]), int(at[2])) if at and text else ("", "")
    return Problem("error", where, say("not valid TOML: {reason}", reason=reason), _of_number(before, rest) or _of_mark(rest[:1]) or remedy)


def _around(text: str, line: int, column: int) -> tuple[str, str]:
    """What stands before and from a place on, in its line."""
    whole = text.split("\n")[line - 1]
    return whole[: column - 1], whole[column - 1 :]


def _of_number(before: str, rest: str) -> Said | None:
    """How to mend a number with commas, 12,000,000, of which TOML has read the first part."""
    first, more = re.search(r"=\s*(-?\d{1,3})$", before), re.match(r"(?:[,，]\d{3})+", rest)
    if first is None or more is None:
        return None
    return say("A number has no commas: write {number}.", number=first[1] + re.sub("[,，]", "_", more[0]))


def _of_mark(mark: str) -> Said | None:
    """How to mend what stands at the place, if it is a mark that no TOML has."""
    if mark in ("\u3000", "\u00a0"):
        return say("A wide or unbreakable blank stands there: write a plain one.")
    if mark in _NARROW:
        return say("`{mark}` is a mark of Chinese text: write `{narrow}`.", mark=mark, narrow=_NARROW[mark])
    return None
