"""`manifest.json`: the list of the files of a result with their fingerprints. It is put in place last, so a result it fits is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from layers.saying import Said, in_language, say

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "quarterhour-manifest/1"


class PublishError(RuntimeError):
    """A result cannot be put into its folder; the message says why and what to do."""

    def __init__(self, what: Said) -> None:
        super().__init__(what)
        self.what = what

    def told(self, language: str) -> str:
        """The message in "zh" or "en"."""
        return in_language(self.what, language)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_text(folder: Path, names: Sequence[str]) -> str:
    """The manifest of these files of a folder."""
    files = [{"name": name, "bytes": (folder / name).stat().st_size, "sha256": sha256_of(folder / name)} for name in sorted(names)]
    return json.dumps({"schema": MANIFEST_SCHEMA, "files": files}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def listed_files(folder: Path) -> dict[str, str]:
    """File name -> SHA-256, as the manifest in a folder says; empty when there is none. `PublishError` if it is not one of ours."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        listed = {str(file["name"]): str(file["sha256"]) for file in manifest["files"]}
        is_ours = manifest["schema"] == MANIFEST_SCHEMA and all(Path(name).name == name for name in listed)
    except (FileNotFoundError, NotADirectoryError):  # where the folder is a file, whoever makes the folder tells it
        return {}
    except (OSError, ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        what = say(
            "{file} was not written by an earlier run, or is damaged. Move it away, or name another folder under [outputs].", file=str(path)
        )
        raise PublishError(what)
    return listed


def changed_files(folder: Path) -> list[str]:
    """The listed files of a folder that are missing or no longer as they were written; the manifest itself when it is missing."""
    if not (folder / MANIFEST).exists():
        return [MANIFEST]
    return [name for name, digest in listed_files(folder).items() if not (folder / name).is_file() or sha256_of(folder / name) != digest]
