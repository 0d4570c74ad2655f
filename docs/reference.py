"""The pages of the documentation that are made from the program itself, so that they cannot say anything else than it does.

`python -m docs.reference FOLDER` writes them (`make reference`: those of the repository); `docs/conf.py` does so before every build.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from layers.kinds import kinds
from layers.tables import TABLES, Column
from planner.rules import Rule
from planner.travel.model import PROFILES
from scenarios.packs import standards
from scenarios.scenario import ScenarioFile

Schema = dict[str, Any]


def write(folder: Path) -> list[Path]:
    """Write every page into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"scenario-file": scenario_file(), "columns": columns(), "kinds": facility_kinds(), "rules": rules()}
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")
    return [folder / f"{name}.md" for name in pages]


def scenario_file() -> str:
    """Every key of a scenario file: one heading per part, one row per key."""
    schema = ScenarioFile.model_json_schema()
    head = (
        "# Every key of the scenario file\n\nMade from the program. Keys without a default have to be given; a key that is not listed here is refused, with a suggestion."
        "\n`quarterhour init` writes a commented file to start from and this list as a JSON Schema, so that editors complete the keys.\n"
    )
    return head + "".join(_part(title, part, schema["$defs"]) for title, part in _parts("", schema, schema["$defs"]))


def _parts(title: str, part: Schema, definitions: Schema) -> Iterator[tuple[str, Schema]]:
    """The part itself, then every table below it, by the heading it has in TOML."""
    yield title, part
    for key, field in part.get("properties", {}).items():
        name, form = _table_of(field)
        if name:
            below = f"{title.strip('[]')}.{key}".strip(".")
            heading = {"table": f"[{below}]", "list of tables": f"[[{below}]]", "tables by name": f'[{below}."..."]'}[form]
            yield from _parts(heading, definitions[name], definitions)


def _part(title: str, part: Schema, definitions: Schema) -> str:
    heading = f"`{title}`" if title else "At the top"
    required = set(part.get("required", ()))
    rows = "".join(_row(key, field, is_required=key in required, definitions=definitions) for key, field in part["properties"].items())
    said = _sentence(part.get("description", ""))
    return f"\n## {heading}\n\n{said}\n\n| key | value | default | meaning |\n|---|---|---|---|\n{rows}"


def _row(key: str, field: Schema, *, is_required: bool, definitions: Schema) -> str:
    default = "**required**" if is_required else _default(field.get("default"), definitions)
    return f"| `{key}` | {_cell(_type(field))} | {default} | {_cell(_sentence(field.get('description', '')))} |\n"


def _default(value: object, definitions: Schema) -> str:
    if value is None or value in ("", [], {}):
        return "-"
    if isinstance(value, dict):
        return "see below" if definitions else "-"
    text = (
        ("true" if value else "false") if isinstance(value, bool) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    )
    return f"`{text}`"


def _table_of(field: Schema) -> tuple[str, str]:
    """The definition that a field holds, and as what: "table", "list of tables", or "tables by name"; ("", "") for a plain value."""
    for choice in (field, *field.get("anyOf", ()), *field.get("allOf", ())):
        for holder, form in (
            (choice, "table"),
            (choice.get("items"), "list of tables"),
            (choice.get("additionalProperties"), "tables by name"),
        ):
            if isinstance(holder, dict) and "$ref" in holder:
                return holder["$ref"].rsplit("/", 1)[-1], form
    return "", ""


def _type(field: Schema) -> str:  # noqa: PLR0911 - one answer per form of a schema
    if "enum" in field:
        return " | ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    name, form = _table_of(field)
    if name:
        return form
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_type(choice) for choice in field["anyOf"] if choice.get("type") != "null"))
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}" if "prefixItems" not in field else "list"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"name = {_type(inner)}" if isinstance(inner, dict) and inner.get("type") != "object" else "tables by name"
    words = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
    limits = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}", "exclusiveMaximum": "< {}"}
    within = " and ".join(text.format(f"{field[key]:g}") for key, text in limits.items() if key in field)
    kind = "date" if field.get("format") == "date" else words.get(field.get("type", ""), "value")
    return f"{kind} {within}".strip()


def columns() -> str:
    """Every column of every table that is read."""
    head = (
        "# Columns of the tables\n\nMade from the program. A column is found by our name, by one of its usual names, or by\n"
        '`columns = { ours = "theirs" }` in the scenario. Further columns are kept and can be used in `where` and in the `universe` of a rule.\n'
    )
    parts = [head]
    for name, table in TABLES.items():
        rows = "".join(_column_row(column) for column in table)
        parts.append(f"\n## {name}\n\n| column | 中文 | meaning | type | unit | usual names |\n|---|---|---|---|---|---|\n{rows}")
    return "".join(parts)


def _column_row(column: Column) -> str:
    name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
    kind = " | ".join(f"`{choice}`" for choice in column.choices) or column.type
    return f"| {name} | {_cell(column.zh)} | {_cell(column.en)} | {_cell(kind)} | {column.unit or '-'} | {_cell(', '.join(column.aliases)) or '-'} |\n"


def facility_kinds() -> str:
    """The vocabulary of kinds."""
    rows = "".join(
        f"| `{kind.id}` | {f'`{kind.parent}`' if kind.parent else '-'} | {_cell(kind.zh)} | {_cell(kind.en)} | {_cell('、'.join(kind.match)) or '-'} |\n"
        for kind in kinds().values()
    )
    head = (
        "# Kinds of facilities\n\nMade from the program (`layers/kinds.toml`). A rule that asks for a kind counts the kinds below it too.\n"
        "Words in a facility's name tell its kind only where the scenario says `kind_from_name = true`.\n\n"
    )
    paces = "".join(
        f"| `{pace.id}` | {pace.zh} | {pace.en} | {pace.speed_m_per_min:g} | {_cell(pace.source)} |\n" for pace in PROFILES.values()
    )
    return (
        f"{head}| kind | part of | 中文 | English | words in names |\n|---|---|---|---|---|\n{rows}"
        f"\n## Paces\n\n| profile | 中文 | English | m/min | source |\n|---|---|---|---:|---|\n{paces}"
    )


def rules() -> str:
    """Every rule of every pack that is shipped, with its sentence and the standing of its numbers."""
    head = (
        "# The rules\n\nMade from the program (`scenarios/standards/*.toml`). Numbers marked ※ could not be verified; every output that uses them says so.\n"
        "`quarterhour standards show huitong` prints the same with all sources. How to write your own: [policy packs](../standards.md).\n"
    )
    parts = [head]
    for pack in standards():
        parts.append(
            f"\n## {pack.id}\n\n{pack.title} / {pack.title_en}\n\n| rule | kind | what it asks | the sentence | readings |\n|---|---|---|---|---|\n"
        )
        parts += [_rule_row(rule) for rule in pack.rules]
    return "".join(parts)


def _rule_row(rule: Rule) -> str:
    asks = f"{rule.title_en} ({rule.op} {rule.value:g} {rule.value_unit})" if rule.value is not None else rule.title_en
    mark = " ※" if rule.has_unverified_number else ""
    clause = f"({rule.clause}) " if rule.clause else ""
    readings = ", ".join(reading.id for reading in rule.readings) or "-"
    return f"| `{rule.full_id}` | {rule.kind} | {_cell(asks)}{mark} | {_cell(clause + rule.quote)} | {_cell(readings)} |\n"


def _sentence(text: str) -> str:
    """A description on one line."""
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Text that cannot break out of a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


if __name__ == "__main__":
    for written in write(Path(sys.argv[1])):
        print(written)  # noqa: T201 - the answer of the command
