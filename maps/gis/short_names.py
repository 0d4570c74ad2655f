"""Names of columns for shapefiles: ASCII, ten characters at most, no two alike. What they stand for is told by the dictionary beside them.

A name that fits stays. What a rule says of a unit is called by the rule's number: `r07_val_b` is the value of the seventh rule today
(b before, a after; val value, req required, sho shortfall, ver verdict). Other long names lose the vowels inside their words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

MAX_LENGTH = 10
_RULE_PARTS = ("value", "required", "shortfall", "verdict")
_STATES = {"before": "b", "after": "a"}


def short_names(columns: Sequence[str], stems: Sequence[str]) -> dict[str, str]:
    """Column -> short name; `stems` are those of the rules, in their order."""
    of_rules = {
        f"{stem}_{part}_{state}": f"r{number:02d}_{part[:3]}_{letter}"
        for number, stem in enumerate(stems, start=1)
        for part in _RULE_PARTS
        for state, letter in _STATES.items()
    }
    return unique_names(columns, MAX_LENGTH, shorter=lambda column: of_rules.get(column) or _squeezed(column))


def unique_names(
    columns: Sequence[str], max_length: int, *, taken: Sequence[str] = (), shorter: Callable[[str], str] = lambda column: column
) -> dict[str, str]:
    """Column -> a name of so many characters; those that fit keep theirs, but for the `taken` ones."""
    used = {name.lower() for name in taken}
    found = {name: name for name in columns if len(name) <= max_length and name.lower() not in used}
    used |= {name.lower() for name in found}
    for column in columns:
        if column not in found:
            found[column] = _free(shorter(column), max_length, used)
            used.add(found[column].lower())
    return {column: found[column] for column in columns}


def _squeezed(name: str) -> str:
    """`minutes_state_before` -> `mnts_stt_b`."""
    for state, letter in _STATES.items():
        name = re.sub(f"_{state}$", f"_{letter}", name)
    if len(name) <= MAX_LENGTH:
        return name
    words = [word[:1] + re.sub("[aeiou]", "", word[1:]) for word in name.split("_")]
    return "_".join(words)


def _free(name: str, max_length: int, used: Collection[str]) -> str:
    """The name cut to length, with a number at its end where it is in use."""
    short, number = name[:max_length], 1
    while short.lower() in used:
        number += 1
        short = f"{name[: max_length - len(str(number))]}{number}"
    return short
