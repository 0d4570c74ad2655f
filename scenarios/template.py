"""`quarterhour init`: a scenario to start from, and its JSON Schema so that editors complete keys and mark mistakes."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from layers.problems import Problem
from scenarios.scenario import ScenarioFile
from scenarios.toml_file import ScenarioFaultsError

SCENARIO, SCHEMA = "scenario.toml", "scenario.schema.json"


def write_template(folder: Path) -> list[Path]:
    """The files written into `folder`, which is made if need be; a scenario that is there already is left alone and told."""
    if (folder / SCENARIO).exists():
        raise ScenarioFaultsError([Problem("error", str(folder / SCENARIO), "is there already", "Choose another folder.")])
    (folder / "data").mkdir(parents=True, exist_ok=True)
    text = files("scenarios").joinpath("template.toml").read_text(encoding="utf-8")
    (folder / SCENARIO).write_text(text, encoding="utf-8", newline="\n")
    schema = json.dumps(ScenarioFile.model_json_schema(), ensure_ascii=False, indent=1) + "\n"
    (folder / SCHEMA).write_text(schema, encoding="utf-8", newline="\n")
    return [folder / SCENARIO, folder / SCHEMA]
