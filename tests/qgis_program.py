"""The QGIS of the system, whose Python is called in a process of its own."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

PYTHON = "/usr/bin/python3"
INSTALL = "Debian: apt install qgis python3-qgis gdal-bin python3-gdal"


@cache
def has(module: str) -> bool:
    """Whether the system's Python has a module."""
    if not Path(PYTHON).exists():
        return False
    return (
        subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, check=False, env=clean(Path("/nonexistent"))).returncode
        == 0
    )


def clean(home: Path) -> dict[str, str]:
    """An environment without anything of ours."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(home)}
