"""A page in headless Chromium, driven over the DevTools protocol: what it asked of the network, what it complained of, what it shows.

`chromium()` is None where there is no Chromium; tests then skip and say so.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import websocket

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
    "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip
START_SECONDS = 30.0
WAIT_SECONDS = 30.0


def chromium() -> str | None:
    """The path of a Chromium, or None; that named by QUARTERHOUR_CHROMIUM goes first."""
    if named := os.environ.get("QUARTERHOUR_CHROMIUM"):
        return named
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


needs_chromium = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")


class Page:
    """One page. `requests` are URLs asked for, `complaints` console errors and warnings, exceptions, and policy violations."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._number = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command and wait for its answer, noting what is reported meanwhile."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                answer: dict[str, Any] = message["result"]
                return answer
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(params["exceptionDetails"], ensure_ascii=False))
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
                self.complaints.append(json.dumps(params["args"], ensure_ascii=False))
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.complaints.append(params["entry"]["text"])

    def size(self, width: int, height: int) -> None:
        """Set the size of the window [px]."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, path: Path, hash_: str = "") -> None:
        """Open a file and wait until its script says it is ready."""
        self.call("Page.navigate", url="about:blank")
        self.requests.clear()
        self.complaints.clear()
        self.call("Page.navigate", url=path.resolve().as_uri() + hash_)
        self.wait("document.querySelector('[data-ready=yes]') !== null")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + WAIT_SECONDS
        while not self.evaluate(condition):
            if time.monotonic() > end:
                raise TimeoutError(f"{condition} did not become true; complaints: {self.complaints}")
            time.sleep(0.05)

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the page gives
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"], ensure_ascii=False))
        return answer["result"].get("value")

    def text(self, selector: str) -> str:
        """The text of the first element that a selector finds."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent"))

    def click(self, selector: str) -> None:
        """Click the first element that a selector finds."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def click_at(self, x: float, y: float) -> None:
        """A real click of the mouse at a place of the window [px]."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=0 if kind == "mouseMoved" else 1)

    def screenshot(self, path: Path) -> None:
        """Write what the window shows, as PNG or WebP by the ending of the file."""
        choice = {"format": "webp", "quality": 85} if path.suffix == ".webp" else {"format": "png"}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **choice)["data"]))

    def pdf(self, path: Path) -> None:
        """Write the printed page as PDF, in the paper size the page asks for."""
        answer = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(answer["data"]))


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    """One browser for the tests of a module; `tests/conftest.py` makes it known to all."""
    with opened_browser() as opened:
        opened.size(1600, 1000)
        yield opened


def texts(page: Page, selector: str) -> list[str]:
    """The texts of all elements that a selector finds."""
    found = page.evaluate(f"Array.from(document.querySelectorAll({json.dumps(selector)})).map(function (e) {{ return e.textContent; }})")
    assert isinstance(found, list)
    return found


def assert_silent(page: Page, path: Path) -> None:
    """The page asked for its own file alone, and complained of nothing."""
    assert [url.split("#")[0] for url in page.requests] == [path.resolve().as_uri()]
    assert page.complaints == []


@contextmanager
def opened_browser(named: str | Path | None = None, kind: type[Page] = Page) -> Iterator[Page]:
    """A page of a fresh Chromium (that named, or the one at hand) with its own profile, on a free port; both are gone afterwards."""
    binary = named or chromium()
    if binary is None:
        raise RuntimeError("no Chromium")
    with tempfile.TemporaryDirectory(prefix="quarterhour-browser-", ignore_cleanup_errors=True) as folder:
        command = [binary, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            socket = websocket.create_connection(_address(Path(folder), process), timeout=60)
            try:
                yield kind(socket)
            finally:
                socket.close()
        finally:
            process.terminate()
            process.wait(timeout=20)


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """The web socket of the first page; Chromium writes its port into its profile."""
    end = time.monotonic() + START_SECONDS
    port_file = folder / "DevToolsActivePort"
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"Chromium ended with {process.returncode}")
        if port_file.exists() and (lines := port_file.read_text().splitlines()):
            with urlopen(f"http://127.0.0.1:{int(lines[0])}/json") as answer:
                pages = [page for page in json.load(answer) if page["type"] == "page"]
            if pages:
                return str(pages[0]["webSocketDebuggerUrl"])
        time.sleep(0.05)
    raise TimeoutError("Chromium did not start")
