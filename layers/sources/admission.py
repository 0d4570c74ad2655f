"""The gate of every input file: it is there, it is a plain file, and its content is what its name says.

GDAL goes by content, not by name: a virtual dataset called `units.gpkg` would be read as one, and could open other files or the network.
So each ending has its first bytes, checked here before any library sees the file. A new file format is an entry in `ENDINGS`.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from layers.fault_place import of_file
from layers.problems import Findings
from layers.saying import Said, say
from layers.sources.database import is_database, shown_address

ENDINGS: dict[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".geojson": (b"{",),
    ".json": (b"{",),
    ".parquet": (b"PAR1",),
    ".csv": (),
    ".xlsx": (b"PK\x03\x04",),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ".osm.pbf": (),
    ".pbf": (),
    ".osm": (b"<",),
}
"""File endings that are read, and the first bytes such a file must have (blanks before them do not count; () for no fixed ones)."""

MAX_UNZIPPED_BYTES = 2_000_000_000
"""A workbook that unpacks to more is refused before it is opened."""
_HEAD_BYTES = 4096
_TEXT_MARKS = (b"\xef\xbb\xbf",)
_COMPANIONS = (".dbf", ".shx", ".prj", ".cpg")


@dataclass(frozen=True)
class Admitted:
    """A file that may be read: `named` is how the scenario calls it."""

    named: str
    path: Path
    ending: str
    sha256: str


def ending_of(name: str) -> str:
    """The longest known ending of a file name, or its plain suffix."""
    known = [ending for ending in ENDINGS if name.lower().endswith(ending)]
    return max(known, key=len) if known else Path(name).suffix.lower()


def admit(named: str, base_folder: Path, layer: str, findings: Findings) -> Admitted | None:
    """The file a scenario names, or None with a fault that says why it cannot be read."""
    if is_database(named):
        findings.error(of_file(layer, shown_address(named)), say("is a database; a file is needed here"), say("Give the path of a file."))
        return None
    where = of_file(layer, named)
    if "://" in named or named.startswith("/vsi"):
        findings.error(where, say("is an address, not a file"), say("Download it and give the path of the file."))
        return None
    path = base_folder / named
    try:
        is_there = path.exists()
    except OSError as error:  # a name too long, a link to itself, a folder that may not be entered
        findings.error(where, say("cannot be opened: {reason}", reason=error.strerror or type(error).__name__), say("Correct the path."))
        return None
    if not is_there:
        findings.error(where, say("there is no such file"), _near_names(path))
        return None
    ending = ending_of(named)
    fault = _fault_of(path, ending)
    if fault:
        findings.error(where, *fault)
        return None
    return Admitted(named, path, ending, _sha256(path, ending))


def _near_names(path: Path) -> Said:
    folder = path.parent
    if not folder.is_dir():
        return say("The folder {folder} is not there either; paths are relative to the scenario file.", folder=folder.name)
    there = sorted(item.name for item in folder.iterdir() if item.is_file())
    fit = [name for name in there if ending_of(name) in ENDINGS and not name.endswith(".schema.json")]
    ending = ending_of(path.name)
    near = sorted(fit, key=lambda name: (-SequenceMatcher(None, _bare(path.name), _bare(name)).ratio(), ending_of(name) != ending))[:5]
    return say("In that folder there are: {files}.", files=near) if near else say("That folder holds no file that can be read.")


def _bare(name: str) -> str:
    """A file's name without its ending, which is common to many."""
    return name.lower().removesuffix(ending_of(name))


def _fault_of(path: Path, ending: str) -> tuple[Said, Said] | None:
    """(what, remedy) of a file that must not be read."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return say("is not a plain file"), say("Give the path of a file.")
    if ending not in ENDINGS:
        what = say("`{ending}` is no ending that can be read", ending=ending or path.name)
        return what, say("Endings read: {endings}.", endings=list(ENDINGS))
    if status.st_size == 0:
        return say("is empty (0 bytes)"), say("Get the file again.")
    return _content_fault(path, ending)


def _content_fault(path: Path, ending: str) -> tuple[Said, Said] | None:
    with path.open("rb") as file:
        head = file.read(512)
    for mark in _TEXT_MARKS:
        head = head.removeprefix(mark)
    marks = ENDINGS[ending]
    if marks and not head.startswith(marks) and not head.lstrip().startswith(marks):
        return say("is called {ending} but its content is not", ending=ending), say("Save it again in that format.")
    if ending == ".xlsx":
        return _zip_fault(path)
    if ending == ".shp":
        missing = [suffix for suffix in (".dbf", ".shx") if _companion(path, suffix) is None]
        if missing:
            return say("its companion {files} is missing", files=missing), say("Copy all files of the shapefile.")
    return None


def _zip_fault(path: Path) -> tuple[Said, Said] | None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
            if size <= MAX_UNZIPPED_BYTES and any(_declares_entities(archive, item) for item in archive.infolist()):
                return say("holds declarations (DOCTYPE) that no spreadsheet writes"), say("Save it again as .xlsx.")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError):  # as zipfile calls damages
        return say("is damaged: it cannot be unpacked"), say("Save it again as .xlsx.")
    if size > MAX_UNZIPPED_BYTES:
        return say("unpacks to {gb:.1f} GB", gb=size / 1e9), say("Save it without empty formatted rows.")
    return None


def _declares_entities(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bool:
    """Whether a part begins with a document type: entities could empty cells, or grow without end."""
    if not item.filename.endswith((".xml", ".rels")):
        return False
    with archive.open(item) as part:
        return b"<!DOCTYPE" in part.read(_HEAD_BYTES).replace(b"\x00", b"")


def _companion(path: Path, suffix: str) -> Path | None:
    return next((path.with_suffix(s) for s in (suffix, suffix.upper()) if path.with_suffix(s).exists()), None)


def _sha256(path: Path, ending: str) -> str:
    """Fingerprint of the file; of a shapefile, of all its parts in order."""
    companions = [_companion(path, suffix) for suffix in _COMPANIONS] if ending == ".shp" else []
    digest = hashlib.sha256()
    for part in (path, *(c for c in companions if c)):
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


@contextmanager
def readable_copy(path: Path) -> Iterator[Path]:
    """A copy of a GeoPackage to read from, with its write-ahead log: SQLite would write beside the original even for reading."""
    with tempfile.TemporaryDirectory(prefix="quarterhour-") as folder:
        for suffix in ("", "-wal", "-journal"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                shutil.copyfile(part, Path(folder) / part.name)
        yield Path(folder) / path.name
