"""The script for the Processing toolbox of QGIS (`maps/gis/qgis/quarterhour_run.py`), put where QGIS can load it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from maps.publishing.publish import make_folder

SCRIPT = "quarterhour_run.py"
_COMMAND = 'COMMAND = "quarterhour"'


def write_qgis_script(folder: Path, command: str) -> Path:
    """Write the script into a folder; `command` is what it offers to run, since QGIS does not know the environment of quarterhour.

    `PublishError` when the folder cannot be written to.
    """
    text = files("maps.gis").joinpath("qgis", SCRIPT).read_text(encoding="utf-8").replace(_COMMAND, f"COMMAND = {command!r}")
    make_folder(folder)
    (folder / SCRIPT).write_text(text, encoding="utf-8", newline="\n")
    return folder / SCRIPT
