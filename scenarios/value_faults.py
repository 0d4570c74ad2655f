"""What pydantic finds wrong with a value of a scenario file or pack, as a sentence in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layers.saying import Said, later, say

FAULTS = {
    "int_type": later("should be a whole number"),
    "int_parsing": later("should be a whole number"),
    "int_from_float": later("should be a whole number"),
    "float_type": later("should be a valid number"),
    "float_parsing": later("should be a valid number"),
    "finite_number": later("should be a finite number"),
    "string_type": later("should be text in quotes"),
    "bool_type": later("should be true or false"),
    "bool_parsing": later("should be true or false"),
    "date_type": later("should be a date, e.g. 2026-12-31"),
    "date_parsing": later("should be a date, e.g. 2026-12-31"),
    "date_from_datetime_parsing": later("should be a date, e.g. 2026-12-31"),
    "date_from_datetime_inexact": later("should be a date, e.g. 2026-12-31"),
    "tuple_type": later("should be a list in [ ]"),
    "list_type": later("should be a list in [ ]"),
    "dict_type": later("should be a table, [name] or {{ }}"),
    "mapping_type": later("should be a table, [name] or {{ }}"),
    "model_type": later("should be a table, [name] or {{ }}"),
    "greater_than": later("should be greater than {gt}"),
    "greater_than_equal": later("should be greater than or equal to {ge}"),
    "less_than": later("should be less than {lt}"),
    "less_than_equal": later("should be less than or equal to {le}"),
    "string_too_short": later("should have at least {min_length} character(s)"),
    "string_too_long": later("should have at most {max_length} character(s)"),
    "too_short": later("should have at least {min_length} item(s), not {actual_length}"),
    "too_long": later("should have at most {max_length} item(s), not {actual_length}"),
}
"""What pydantic finds, by its name of the fault, with the fields of its context."""
FORMS = {
    r"^[^\x00-\x1f]*$": say("should be without line breaks and control characters"),
    r"^[\w.-]+$": say("should be letters, digits, underscores, hyphens and dots only, without blanks and slashes"),
    r"^[a-z][a-z0-9_-]*$": say("should begin with a small Latin letter and go on with such letters, digits, underscores and hyphens"),
    "^[a-z_][a-z0-9_]{0,62}$": say(
        "should begin with a small Latin letter or underscore and go on with such, or digits, 63 in all at most"
    ),
}
"""What each pattern of a text of our models asks for."""


def fault_of(item: Mapping[str, Any]) -> str:
    """What pydantic found wrong with a value, as a sentence; a fault of our own models is told in their words."""
    context = item.get("ctx", {})
    own = context.get("error")
    if isinstance(own, ValueError) and own.args and isinstance(own.args[0], Said):
        return own.args[0]
    if item["type"] == "string_pattern_mismatch":
        return FORMS[context["pattern"]]
    if item["type"] in FAULTS:
        return say(FAULTS[item["type"]], **context)
    return str(item["msg"]).removeprefix("Value error, ").removeprefix("Input ")
