"""Where nothing can be kept on disk: everything is still compiled, anew in every process."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

SCRIPT = """
from numba import njit
from benchmarks.siting import covering
from planner.siting.solve import solve
from planner.siting.proof import cover_form
import planner.travel.measure
try:
    njit(cache=True)(cover_form.applies)
except RuntimeError:
    print("nowhere", planner.travel.measure.__file__)
print(solve(covering(60, 12, 3), "heuristic", 20.0).status)
"""


def test_a_read_only_folder_and_no_cache_of_the_user_still_choose_sites(tmp_path: Path) -> None:
    copy, home = tmp_path / "installed", tmp_path / "a file where a home should be"
    home.write_text("")
    for name in ("layers", "planner", "benchmarks"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in copy.rglob("*"):
        # numba asks for a folder __pycache__ beside the source; a file of that name stands in its way even for root
        if folder.is_dir():
            (folder / "__pycache__").write_text("")
            folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "XDG", "PYTHON"))}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        check=False,
        capture_output=True,
        text=True,
        cwd=copy,
        env={**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (ran.stdout.splitlines(), ran.stderr) == ([f"nowhere {copy / 'planner' / 'travel' / 'measure.py'}", "optimal"], "")
