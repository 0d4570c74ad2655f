"""The demonstration county 示范县: invented data with a scenario, so that the product can be seen at work without any file of one's own.

Nothing in it is real: the terrain, the villages and their names, the people, the facilities and the county code 439901 are made by
the modules of this folder, from the same seed every time. `county` is the recipe, `files` writes what it makes.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from maps.publishing.publish import make_folder

SCENARIO = "scenario.toml"


def write_demo_county(folder: Path) -> Path:
    """The county and its scenario written into `folder` (made if need be, files of the same name replaced); returns the scenario's path.

    `PublishError` when the folder cannot be written to.
    """
    from scenarios.demo.county import make_county  # noqa: PLC0415 - `quarterhour --help` should not wait for geopandas
    from scenarios.demo.files import write_files  # noqa: PLC0415

    make_folder(folder)
    write_files(make_county(), folder)
    text = resources.files("scenarios.demo").joinpath(SCENARIO).read_text(encoding="utf-8")
    (folder / SCENARIO).write_text(text, encoding="utf-8", newline="\n")
    return folder / SCENARIO
