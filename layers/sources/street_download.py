"""The streets of a place name from the servers of OpenStreetMap: osmnx talks to them (Nominatim and Overpass), and here is decided what to do.

Each answer is looked at as it comes. A server that is busy, or sends no JSON, half of it, or a part of the streets with a remark, is asked
again after a wait, a few times. Whole answers are kept with their fingerprints, so that what failed goes on where it was and a later
run takes the same streets; one that was cut off or altered on the disk is never used.

Four habits of osmnx are kept off: files in the working folder, retries and pauses without end, partial answers that are only logged, and
names looked up at a third party when they cannot be resolved.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

from layers.saying import Said, say
from layers.sources.walkable import WALK_TAGS

SHOWN_FOLDER = "~/.cache/quarterhour/streets"
"""where answers are kept, as outputs name it: the same on every machine"""
_BUSY = 429
_OF_SERVER = 500
_PART_BYTES = 1024
_ODD = (OSError, ValueError, TypeError, KeyError, RuntimeError)
"""what osmnx raises over answers that it cannot use; errors of `requests` are `OSError`s"""


@dataclass(frozen=True)
class Patience:
    """How long servers are waited for."""

    request_seconds: float = 60.0
    """until the next byte of an answer"""
    attempt_seconds: float = 240.0
    """for all answers of one attempt"""
    waits_seconds: tuple[float, ...] = (15.0, 60.0)
    """before each further attempt"""


class NoStreetsError(RuntimeError):
    """The servers gave no whole answer; `reason` says why."""

    def __init__(self, reason: Said) -> None:
        super().__init__(reason)
        self.reason = reason


class _AskAgainError(NoStreetsError):
    """An answer that may be better at the next attempt."""


def kept_answers() -> Path | None:
    """The folder of this user that answers are kept in; None when there cannot be one."""
    try:
        folder = Path(SHOWN_FOLDER).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: no home
        return None
    return folder


def download(place: str, tell: Callable[[str], None], folder: Path | None, patience: Patience) -> Any:  # noqa: ANN401  networkx is not typed
    """The unsimplified graph of all streets of a place; `NoStreetsError` after the last attempt. Answers are kept in `folder`."""
    if folder is not None:
        _discard_damaged(folder)
    for wait_seconds in patience.waits_seconds:
        try:
            return _attempt(place, folder, patience)
        except _AskAgainError as error:
            tell(say("{reason}; asking again in {seconds:.0f} s", reason=error.reason, seconds=wait_seconds))
            time.sleep(wait_seconds)
    return _attempt(place, folder, patience)


def _attempt(place: str, folder: Path | None, patience: Patience) -> Any:  # noqa: ANN401  networkx is not typed
    import osmnx  # noqa: PLC0415  slow to import, and used by nothing else

    try:
        with _settings(osmnx.settings, folder, patience):
            return osmnx.graph_from_place(
                place, network_type="walk", simplify=False, retain_all=True, truncate_by_edge=True, custom_filter='["highway"]'
            )
    except NoStreetsError:
        raise
    except requests.RequestException as fault:
        raise _AskAgainError(say("cannot be looked up: {reason}", reason=str(fault))) from fault
    except _ODD as fault:
        raise NoStreetsError(say("cannot be looked up: {reason}", reason=str(fault))) from fault
    finally:
        if folder is not None:
            _seal(folder)


@contextmanager
def _settings(settings: Any, folder: Path | None, patience: Patience) -> Iterator[None]:  # noqa: ANN401  a module, used as a record
    """The settings of osmnx as we need them, put back afterwards."""
    looks = partial(_look_at, until=time.monotonic() + patience.attempt_seconds, patience=patience)
    ours = {
        "requests_timeout": patience.request_seconds,
        "requests_kwargs": {**settings.requests_kwargs, "stream": True, "hooks": {"response": looks}},
        "use_cache": folder is not None,
        "cache_folder": folder,
        "overpass_rate_limit": False,  # asks how long to pause, without end; what is answered to our request tells it as well
        "doh_url_template": None,
        "useful_tags_way": [*WALK_TAGS],
    }
    before = {name: getattr(settings, name) for name in ours}
    try:
        for name, value in ours.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


def _look_at(response: requests.Response, *_: object, until: float, patience: Patience, **__: object) -> requests.Response:
    """The answer with its whole body; raises when it is not one to build on. Called with each before osmnx sees it."""
    if response.is_redirect:
        return response
    whole = requests.Response()
    whole.status_code, whole.reason, whole.url, whole.headers = response.status_code, response.reason, response.url, response.headers
    whole.raw = io.BytesIO(_body(response, until, patience))
    status = f"{whole.status_code} {whole.reason}"
    if whole.status_code == _BUSY or whole.status_code >= _OF_SERVER:
        raise _AskAgainError(say("the server is busy ({status})", status=status))
    if not whole.ok:
        raise NoStreetsError(say("cannot be looked up: {reason}", reason=status))
    try:
        answer = whole.json()
    except ValueError:
        raise _AskAgainError(say("the server sent no whole answer ({n} bytes, no JSON)", n=len(whole.content))) from None
    if isinstance(answer, dict) and "remark" in answer:
        raise _AskAgainError(say("the server sent only a part: {reason}", reason=str(answer["remark"])))
    return whole


def _body(response: requests.Response, until: float, patience: Patience) -> bytes:
    """All bytes of an answer, unless they come too slowly."""
    parts = []
    with closing(response):
        for part in response.iter_content(_PART_BYTES):
            if time.monotonic() > until:
                raise NoStreetsError(say("no complete answer within {seconds:.0f} s", seconds=patience.attempt_seconds))
            parts.append(part)
    return b"".join(parts)


# Kept answers: `<name>.json` as osmnx writes it, `<name>.sha256` once it was found whole


def _seal(folder: Path) -> None:
    """Put a fingerprint beside each answer that is whole and has none."""
    for path in sorted(folder.glob("*.json")):
        seal = path.with_suffix(".sha256")
        with suppress(OSError, ValueError):  # one that cannot be read is discarded before it is used
            if not seal.exists() and json.loads(path.read_bytes()):
                seal.write_text(_sha256(path), encoding="ascii")


def _discard_damaged(folder: Path) -> None:
    """Remove each answer that its fingerprint does not fit, or that has none."""
    for path in sorted(folder.glob("*.json")):
        seal = path.with_suffix(".sha256")
        if not seal.exists() or seal.read_bytes() != _sha256(path).encode():
            path.unlink(missing_ok=True)
            seal.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
