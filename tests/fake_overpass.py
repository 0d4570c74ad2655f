"""Servers of OpenStreetMap on this machine: a Nominatim that knows one place, and an Overpass that answers what a test has put up."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LON = (111.0, 111.001, 111.002, 111.003)
WAYS = [(20, [1, 2], "path"), (21, [2, 3], "path"), (22, [3, 4], "motorway")]
PLACE = {
    "osm_type": "relation",
    "osm_id": 1,
    "name": "小县",
    "importance": 0.5,
    "display_name": "小县",
    "lat": "27.0",
    "lon": "111.0",
    "boundingbox": ["26.9", "27.1", "110.9", "111.1"],
    "geojson": {"type": "Polygon", "coordinates": [[[110.9, 26.9], [111.1, 26.9], [111.1, 27.1], [110.9, 27.1], [110.9, 26.9]]]},
}
Answer = Callable[[BaseHTTPRequestHandler], None]


def streets() -> bytes:
    """Two paths and a motorway, one behind the other, as Overpass sends them."""
    nodes = [{"type": "node", "id": i, "lon": lon, "lat": 27.0} for i, lon in enumerate(LON, start=1)]
    ways = [{"type": "way", "id": number, "nodes": refs, "tags": {"highway": kind}} for number, refs, kind in WAYS]
    return json.dumps({"version": 0.6, "elements": [*nodes, *ways]}).encode()


def sent(body: bytes, status: int = 200, *, more: int = 0, after_seconds: float = 0.0, n_parts: int = 1) -> Answer:
    """An answer of this body, in parts with a wait before each; its head promises `more` bytes than come."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) + more))
        handler.end_headers()
        with suppress(OSError):  # the other side has gone
            for i in range(n_parts):
                time.sleep(after_seconds)
                handler.wfile.write(body[len(body) * i // n_parts : len(body) * (i + 1) // n_parts])

    return answer


@dataclass
class Servers:
    """What is answered, the last for ever, and how often each server was asked."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    n_streets: int = 0
    n_places: int = 0

    def next_answer(self) -> Answer:
        self.n_streets += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def servers() -> Iterator[Servers]:
    """Both servers at one address."""
    known = Servers("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.n_places += 1
            sent(json.dumps([PLACE]).encode())(self)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            known.next_answer()(self)

        def log_message(self, *_: object) -> None:
            """Nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
