"""Chromium as it was in 2020 and 2023, for trying the page in: `python -m tests.old_browsers` fetches them into out/browsers (100 MB, needs npm).

Committees have old machines: Chromium 83 stands for the browsers of Windows 7 offices with their own names, 109 is the last one for Windows 7.
Tests that need them skip where they are not there.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "out" / "browsers"
PACKAGES = {"83": "chrome-aws-lambda@3.1.1", "109": "@sparticuz/chromium@109"}
_UNPACK = "const z=require('zlib'),f=require('fs');f.writeFileSync(process.argv[2],z.brotliDecompressSync(f.readFileSync(process.argv[1])))"


def old_chromiums() -> dict[str, Path]:
    """Version -> the binary, of those that are there."""
    return {version: path for version in PACKAGES if (path := FOLDER / version / "chromium").exists()}


def fetch() -> None:
    """Download and unpack what is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for version in PACKAGES.keys() - old_chromiums().keys():
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            package = _package(PACKAGES[version], Path(folder))
            binary = FOLDER / version / "chromium"
            binary.parent.mkdir(exist_ok=True)
            subprocess.run(["node", "-e", _UNPACK, str(package / "bin" / "chromium.br"), str(binary)], check=True)
            binary.chmod(0o755)


def _package(name: str, folder: Path) -> Path:
    """An npm package, unpacked without running anything of it."""
    told = subprocess.run(["npm", "pack", name, "--silent"], cwd=folder, check=True, capture_output=True, text=True)
    with tarfile.open(folder / told.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


if __name__ == "__main__":
    fetch()
    sys.stdout.write("".join(f"{path}\n" for path in old_chromiums().values()))
