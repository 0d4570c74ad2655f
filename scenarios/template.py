"""`quarterhour init` and `standards new`: a scenario or a pack to start from, with its JSON Schema so that editors complete keys.

Given a planner's own files, `scenarios.proposal` writes the `[layers]` part of the scenario in place of the template's.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from layers.problems import Problem
from layers.saying import say
from maps.publishing.publish import make_folder, refuse_shut
from scenarios.pack_schema import published_schema
from scenarios.scenario import ScenarioFile
from scenarios.toml_file import ScenarioFaultsError

SCENARIO, SCHEMA = "scenario.toml", "scenario.schema.json"
PACK_SCHEMA = "pack.schema.json"
_SOME_COUNTY = {"zh": "某县", "en": "a county"}
"""how the title of the template calls the place"""


def write_template(folder: Path, layers: str = "", place: str = "") -> list[Path]:
    """The files written into `folder`, which is made if need be; a scenario that is there already is left alone and told.

    `layers` is the `[layers]` part of the scenario, the template's own when it is ""; the scenario bears the name of the `place`, or of its
    folder, and its title names the place.
    """
    refuse_folder(folder)
    make_folder(folder if layers else folder / "data")
    text = files("scenarios").joinpath("template.toml").read_text(encoding="utf-8")
    name = re.sub(r"[^\w.-]+", "-", place or folder.absolute().name).strip("-")
    text = text.replace('name = "my-county"', f'name = "{name or "my-county"}"', 1)
    if place:
        called = json.dumps("".join(filter(str.isprintable, place)), ensure_ascii=False)[1:-1]
        text = text.replace(_SOME_COUNTY["zh"], called, 1).replace(_SOME_COUNTY["en"], called, 1)
    if layers:
        before, after = text.index("[layers]\n"), text.index("[travel]\n")
        text = f"{text[:before]}{layers}\n{text[after:]}"
    (folder / SCENARIO).write_text(text, encoding="utf-8", newline="\n")
    schema = json.dumps(ScenarioFile.model_json_schema(), ensure_ascii=False, indent=1) + "\n"
    (folder / SCHEMA).write_text(schema, encoding="utf-8", newline="\n")
    return [folder / SCENARIO, folder / SCHEMA]


def refuse_folder(folder: Path) -> None:
    """Raise `ScenarioFaultsError` when the folder holds a scenario already, `PublishError` when it cannot be written to."""
    refuse_shut(folder)
    if (folder / SCENARIO).exists():
        raise ScenarioFaultsError([Problem("error", str(folder / SCENARIO), say("is there already"), say("Choose another folder."))])


def write_pack_template(path: Path) -> list[Path]:
    """A commented pack at `path` and its schema beside it; a pack that is there already is left alone and told."""
    if path.suffix != ".toml":
        remedy = say("Call it {name}.toml.", name=path.stem or "our-county")
        raise ScenarioFaultsError([Problem("error", str(path), say("is no .toml file"), remedy)])
    if path.exists():
        raise ScenarioFaultsError([Problem("error", str(path), say("is there already"), say("Choose another name."))])
    make_folder(path.parent)
    text = files("scenarios").joinpath("pack_template.toml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8", newline="\n")
    schema = path.parent / PACK_SCHEMA
    schema.write_text(published_schema(), encoding="utf-8", newline="\n")
    return [path, schema]
