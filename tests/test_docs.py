"""The documentation: its links lead somewhere, and what it says of keys, columns, kinds and rules is what the program knows."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from docs import reference
from layers.kinds import kinds
from layers.tables import TABLES
from maps.export import EXPORTS
from scenarios.packs import standards
from scenarios.scenario import ScenarioFile

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_pages_made_from_the_program_are_fresh(tmp_path: Path) -> None:
    made = {path.name: path.read_bytes() for path in reference.write(tmp_path)}
    kept = {path.name: path.read_bytes() for path in (ROOT / "docs" / "generated").iterdir()}
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert stale == [], "run: make reference"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        assert (page.parent / unquote(target)).exists(), f"{page.name}: {target}"


def test_every_key_of_the_scenario_file_is_explained() -> None:
    schema = ScenarioFile.model_json_schema()
    silent = [
        f"{name}.{key}"
        for name, part in [("", schema), *schema["$defs"].items()]
        for key, field in part.get("properties", {}).items()
        if not field.get("description")
    ]
    assert silent == []


def test_the_reference_lists_every_key_and_every_part() -> None:
    text = reference.scenario_file()
    schema = ScenarioFile.model_json_schema()
    used = {name: part for name, part in schema["$defs"].items() if part.get("properties")}
    for name, part in used.items():
        said = " ".join(part.get("description", "").split())
        assert said in text, name
        for key in part["properties"]:
            assert f"| `{key}` |" in text, f"{name}.{key}"
    assert '## `[attestations."..."]`' in text


def test_the_reference_lists_every_column_kind_and_rule() -> None:
    columns, vocabulary, rules = reference.columns(), reference.facility_kinds(), reference.rules()
    assert all(f"`{column.name}`" in columns for table in TABLES.values() for column in table)
    assert all(f"| `{kind}` |" in vocabulary for kind in kinds())
    assert all(f"| `{rule.full_id}` |" in rules for pack in standards() for rule in pack.rules)


def test_no_cell_breaks_its_table() -> None:
    for text in (reference.scenario_file(), reference.columns(), reference.facility_kinds(), reference.rules()):
        width = 0
        for line in text.splitlines():
            if not line.startswith("|"):
                width = 0
                continue
            cells = len(re.findall(r"(?<!\\)\|", line))
            width = width or cells
            assert cells == width, line


def test_every_form_of_output_is_described() -> None:
    text = (ROOT / "docs" / "file-formats.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in EXPORTS)
