"""A PostgreSQL server of the test's own: a new cluster in a temporary folder, reached over a Unix socket there, with a password."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

psycopg = pytest.importorskip("psycopg", reason='psycopg is not installed: pip install "quarterhour[postgis]"')

PASSWORD = "s3cret-of-the-test"  # noqa: S105 - of a server that lives for one test run
SERVER_USER = "postgres"
"""who runs the server when the tests are run by root, which PostgreSQL refuses"""


@dataclass(frozen=True)
class Server:
    """A running server; its password stands in `PASSWORD`, never in an address."""

    folder: Path

    def url(self, database: str = "postgres", user: str = "tester") -> str:
        """The address of a database, without a password."""
        return f"postgresql://{user}@/{database}?host={self.folder}"


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, if PostgreSQL with PostGIS is installed."""
    found = [Path(shutil.which("initdb") or "/nowhere").parent, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    has_postgis = [*Path("/usr/share/postgresql").glob("*/extension/postgis.control")]
    return (
        next((folder for folder in found if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None) if has_postgis else None
    )


def why_none() -> str:
    """Why no server can be started here; "" when one can."""
    if programs() is None:
        return "PostgreSQL with PostGIS is not installed (Debian: apt install postgresql-15 postgresql-15-postgis-3)"
    if os.geteuid() == 0 and subprocess.run(["id", SERVER_USER], capture_output=True, check=False).returncode:
        return f"PostgreSQL cannot be run by root, and there is no user {SERVER_USER}"
    return ""


@contextmanager
def server() -> Iterator[Server]:
    """A server that ends, and whose folder is removed, with the block."""
    programs_folder = programs()
    assert programs_folder is not None
    folder = Path(tempfile.mkdtemp(prefix="qh-pg-", dir="/tmp"))  # the path of a socket may not be long
    user = SERVER_USER if os.geteuid() == 0 else None
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, user)
    cluster, tool = str(folder / "data"), programs_folder / "pg_ctl"
    initdb = [programs_folder / "initdb", "-D", cluster, "-U", "tester", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "-N"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=20"
    try:
        _run([*initdb, "-E", "UTF8"], folder, user)
        _run([tool, "-D", cluster, "-w", "-l", str(folder / "log"), "-o", options, "start"], folder, user)
        yield Server(folder)
    finally:
        _run([tool, "-D", cluster, "-m", "immediate", "-w", "stop"], folder, user)
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str | Path], folder: Path, user: str | None) -> None:
    # output goes nowhere: the server would keep a pipe open
    clean = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run(command, check=True, cwd=folder, env=clean, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def new_database(running: Server, named_by: str) -> str:
    """The address of a new database with PostGIS."""
    name = f"d{zlib.crc32(named_by.encode())}"
    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    with psycopg.connect(running.url(name), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    return running.url(name)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return list(connection.execute(query).fetchall()) if query.startswith("SELECT") else [connection.execute(query) and ()]
