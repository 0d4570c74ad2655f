"""The JSON Schema of a pack, made from the classes of the rules: editors complete its keys and mark mistakes.

It is shipped as `scenarios/standards/pack.schema.json`. After a change of a rule class write it anew: `python -m scenarios.pack_schema`.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from planner.indicators import KINDS
from scenarios.packs import GIVEN, SCHEMA, PackHead

SCHEMA_FILE = "pack.schema.json"


def schema_text() -> str:
    """The schema: the content of `pack.schema.json`."""
    definitions: dict[str, Any] = {}
    head = _gathered(PackHead.model_json_schema(), definitions)
    rules = [_rule(kind, definitions) for kind in KINDS]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "quarterhour policy pack",
        "description": "One policy text as data. Format: docs/standards.md",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", "pack"],
        "properties": {"schema": {"const": SCHEMA}, "pack": head, "rule": {"type": "array", "items": {"oneOf": rules}}},
        "$defs": definitions,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def published_schema() -> str:
    """The schema as it is shipped."""
    return files("scenarios").joinpath("standards", SCHEMA_FILE).read_text(encoding="utf-8")


def _rule(kind: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one kind, without the keys that a pack does not write."""
    schema = _gathered(KINDS[kind].model_json_schema(by_alias=True), definitions)
    schema["properties"] = {key: value for key, value in schema["properties"].items() if key not in GIVEN}
    schema["required"] = [key for key in schema["required"] if key not in GIVEN]
    return schema


def _gathered(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema without its own definitions, which are gathered in one place; those of keys that a pack does not write are left out."""
    definitions.update({name: part for name, part in schema.pop("$defs", {}).items() if name not in ("Attested", "Uplift")})
    return schema


if __name__ == "__main__":
    Path(str(files("scenarios").joinpath("standards", SCHEMA_FILE))).write_text(schema_text(), encoding="utf-8", newline="\n")
