"""The gate to databases: an address that may be opened, and a driver that is installed; then `layers.sources.postgis` reads."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from layers.fault_place import of_file
from layers.layer_sources import FileSource
from layers.problems import Findings
from layers.saying import say
from layers.sources.admission import Admitted
from layers.sources.asked import Asked
from layers.sources.database import INSTALL, Address, AddressError, has_driver, shown_address

DATABASE = "postgresql"
"""The ending, in `READERS`, of what is no file."""


def admit_database(source: FileSource, layer: str, findings: Findings) -> Admitted | None:
    """The table that a source names, with the fingerprint of its rows; None after telling why it cannot be read."""
    where = of_file(layer, f"{shown_address(source.path)} {source.layer or ''}".strip())
    try:
        Address.parse(source.path)
    except AddressError as error:
        findings.error(where, error.what, error.remedy)
        return None
    if not has_driver():
        what = say("is a database, and the package that reads it is not installed: {package}", package="psycopg")
        findings.error(where, what, say("Install it: {command}.", command=INSTALL))
        return None
    from layers.sources.postgis import fingerprint  # noqa: PLC0415 - the driver is an extra

    sha256 = fingerprint(source, Asked(where, "any"), findings)
    named = f"{source.path} {source.layer}"
    return None if sha256 is None else Admitted(named, Path(), DATABASE, sha256)


def read_database(_path: Path, source: FileSource, asked: Asked, findings: Findings) -> pd.DataFrame | None:
    """The rows of a table that was admitted; its address stands in the source."""
    from layers.sources.postgis import read_postgis  # noqa: PLC0415 - the driver is an extra

    return read_postgis(source, asked, findings)
