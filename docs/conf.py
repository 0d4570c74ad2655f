"""How the documentation is built: `make docs`. Nothing in the built pages is fetched from the network."""

from pathlib import Path

from docs import reference

reference.write(Path(__file__).parent / "generated")

project = "quarterhour"
author = "the quarterhour authors"
copyright = "2026, the quarterhour authors"  # noqa: A001 - Sphinx reads this name
extensions = ["myst_nb"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
html_theme = "furo"
html_title = "quarterhour 一\u2060刻\u2060钟"  # the three characters stay on one line
html_copy_source = False
html_show_sourcelink = False
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
