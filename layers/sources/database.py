"""The address of a PostGIS database, as a scenario names it: `postgresql://user@host:5432/database`.

It never holds a password, so that none can get into a run record, a message or a log; libpq takes that from PGPASSWORD, from `~/.pgpass`
or from a service file. This module needs no driver; `layers.sources.postgis` reads, `maps.gis.postgis` writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import parse_qsl, urlsplit

from layers.saying import Said, say

SCHEMES = ("postgresql://", "postgres://")
OPTIONS = ("host", "port", "service", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout")
"""What may follow `?` in an address: how to get there, nothing that changes what the server does."""
INSTALL = 'pip install "quarterhour[postgis]"'


class AddressError(ValueError):
    """An address that is not used: `what` is wrong with it, never with a password in it, and the remedy."""

    def __init__(self, what: Said, remedy: Said) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what, self.remedy = what, remedy


@dataclass(frozen=True)
class Address:
    """A database that may be opened."""

    url: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """The address in a text, or `AddressError`."""
        example = say('Write e.g. "{address}".', address="postgresql://planner@host/county")
        if not is_database(url):
            raise AddressError(say("is no address of a database"), example)
        try:
            parts = urlsplit(url)
            has_password = parts.password is not None
        except ValueError:
            raise AddressError(say("is an address that cannot be read"), example) from None
        options = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
        if "#" in url or has_password or any("password" in name.lower() for name in options):
            remedy = say("Take it out and set PGPASSWORD, or use ~/.pgpass.")
            raise AddressError(say("holds a password, which would stand in every output"), remedy)
        unknown = sorted(set(options) - set(OPTIONS))
        if unknown:
            what = say("has an option that is not taken: {options}", options=unknown)
            raise AddressError(what, say("Options: {options}.", options=list(OPTIONS)))
        return cls(url)


def is_database(path: str) -> bool:
    """Whether a path of a scenario is the address of a database."""
    return path.startswith(SCHEMES)


def has_driver() -> bool:
    """Whether the package that speaks to PostgreSQL is installed (the extra `postgis`)."""
    return find_spec("psycopg") is not None


def shown_address(path: str) -> str:
    """An address for messages: host and database only, so that nothing secret is told even of one that is refused."""
    return path.partition("?")[0].partition("#")[0].rpartition("@")[2].rpartition("//")[2]
