"""The base map of a committee page: asked for in the scenario, allowed by exactly one host, and missing without harm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket
from pydantic import ValidationError

from maps.base_map import BASE_MAPS, KEY_VARIABLE
from maps.export import export
from maps.outputs import Outputs
from maps.page import write_page
from maps.page.edition import PageEdition, edition_of
from maps.page.render import page
from maps.publishing.record import run_record
from tests.browser import Page, needs_chromium, opened_browser
from tests.small_assessment import small_assessment

KEY = "0123456789abcdef0123456789abcdef"
TILE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkqPpfDwADogH+jFP5WgAAAABJRU5ErkJggg=="
"""one opaque pixel"""
UNHEARD = 0
OWN = PageEdition(base_map=BASE_MAPS["osm"])


def _policy(text: str) -> str:
    found = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert found is not None
    return found.group(1)


def _pictures(text: str) -> str:
    return next(part.strip() for part in _policy(text).split(";") if part.strip().startswith("img-src"))


# The file


def test_without_a_base_map_no_host_is_allowed() -> None:
    text = page(small_assessment())
    assert _pictures(text) == "img-src data:"
    assert "http" not in _policy(text)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("osm", "https://tile.openstreetmap.org"),
        ("tianditu", "https://t0.tianditu.gov.cn"),
        ("tianditu_image", "https://t0.tianditu.gov.cn"),
    ],
)
def test_with_one_its_host_alone_is_allowed_and_only_for_pictures(name: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    text = page(small_assessment(), edition_of(Outputs.model_validate({"folder": "out", "base_map": name})))
    plain = _policy(page(small_assessment()))
    assert _policy(text) == plain.replace("img-src data:", f"img-src data: {host}")


def test_every_tile_lies_on_its_host_in_web_mercator() -> None:
    for base_map in BASE_MAPS.values():
        for layer in base_map.layers:
            assert layer.startswith(base_map.host + "/")
            assert all(mark in layer for mark in ("{z}", "{x}", "{y}"))
            assert "tianditu" not in layer or "TILEMATRIXSET=w&" in layer


def test_no_tiles_of_shifted_coordinates_are_offered() -> None:
    offered = " ".join(layer for base_map in BASE_MAPS.values() for layer in base_map.layers)
    assert not re.search("amap|autonavi|gtimg|qq|google|baidu", offered)
    with pytest.raises(ValidationError):
        Outputs.model_validate({"folder": "out", "base_map": "amap"})


# The key


@pytest.mark.parametrize("key", ["", "short", KEY + "{x}", KEY[:-1] + "&"])
def test_without_a_usable_key_the_scenario_is_refused_and_the_key_is_not_repeated(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(ValidationError, match=KEY_VARIABLE) as fault:
        Outputs.model_validate({"folder": "out", "base_map": "tianditu"})
    assert not key or key not in str(fault.value)
    with pytest.raises(ValueError, match=KEY_VARIABLE):
        BASE_MAPS["tianditu"].with_key(key)


def test_the_key_stands_in_the_page_and_in_no_other_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    outputs = Outputs.model_validate({"folder": "out", "base_map": "tianditu", "formats": ["page", "geopackage", "workbook", "result"]})
    told: list[str] = []
    files = export(small_assessment(), outputs, tmp_path / "out", run_record(small_assessment(), "the scenario"), told.append)
    assert [path.name for path in files if KEY.encode() in path.read_bytes()] == ["index.html"]
    assert KEY not in repr(outputs) + "".join(told)


def test_a_county_with_a_key_is_not_taken_for_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    asked = {name: Outputs.model_validate({"folder": "out", "base_map": name}).rests_on_more for name in ("none", "osm", "tianditu")}
    assert asked == {"none": False, "osm": False, "tianditu": True}


# In the browser


class TiledPage(Page):
    """A page whose tiles are answered here: no request leaves the machine. `hosts` are those that the browser's policy let it ask."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self.answers = True
        self.hosts: set[str] = set()
        super().__init__(socket)
        self.call("Fetch.enable", patterns=[{"urlPattern": "https://*"}])

    def _note(self, message: dict[str, Any]) -> None:
        super()._note(message)
        if message.get("method") != "Fetch.requestPaused":
            return
        asked = message["params"]
        self.hosts.add("/".join(asked["request"]["url"].split("/")[:3]))
        if self.answers:
            kind = [{"name": "Content-Type", "value": "image/png"}]
            self._answer("Fetch.fulfillRequest", requestId=asked["requestId"], responseCode=200, body=TILE, responseHeaders=kind)
        else:
            self._answer("Fetch.failRequest", requestId=asked["requestId"], errorReason="InternetDisconnected")

    def _answer(self, method: str, **params: object) -> None:
        """Send without waiting for a reply: we are in the middle of another call."""
        self._socket.send(json.dumps({"id": UNHEARD, "method": method, "params": params}))


@pytest.fixture
def tiled() -> Iterator[TiledPage]:
    with opened_browser(kind=TiledPage) as browser:
        assert isinstance(browser, TiledPage)  # its type says a page of any kind
        browser.size(1280, 800)
        yield browser


def _fetch(browser: Page, url: str) -> None:
    """Try to fetch a picture, and wait until that has come to an end."""
    browser.evaluate(
        f"new Promise(function (done) {{ var i = new Image(); i.onload = i.onerror = done; i.src = {json.dumps(url)}; }}).then(function () {{ return 1; }})"
    )


@needs_chromium
def test_tiles_come_from_the_host_alone_with_their_source_told_and_can_be_switched_off(tiled: TiledPage, tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "page.html", OWN)
    tiled.open(tmp_path / "page.html")
    tiled.wait("document.querySelectorAll('#map img.leaflet-tile-loaded').length > 0")
    assert tiled.hosts == {"https://tile.openstreetmap.org"}
    assert "© OpenStreetMap 贡献者" in tiled.text("#credit")
    tiled.click("#language")
    assert "© OpenStreetMap contributors" in tiled.text("#credit")
    _fetch(tiled, "https://example.org/other.png")
    assert tiled.hosts == {"https://tile.openstreetmap.org"}
    assert any("Content Security Policy" in text for text in tiled.complaints)
    tiled.click("#layers-button")
    tiled.click("#layer-base")
    assert tiled.evaluate("document.querySelectorAll('#map img').length") == 0
    assert "OpenStreetMap" not in tiled.text("#credit")


def _colour_of_the_middle(browser: Page) -> list[int]:
    found = browser.evaluate(
        "(function () { var c = document.querySelector('#map canvas'); var d = c.getContext('2d').getImageData(c.width * 0.5, c.height * 0.45, 1, 1).data;"
        "return [d[0], d[1], d[2], d[3]]; })()"
    )
    assert isinstance(found, list)
    return found


@needs_chromium
def test_when_no_tile_comes_the_page_is_as_without_a_base_map(tiled: TiledPage, tmp_path: Path) -> None:
    tiled.answers = False
    write_page(small_assessment(), tmp_path / "tiles.html", OWN)
    write_page(small_assessment(), tmp_path / "plain.html")
    seen = []
    for name in ("plain.html", "tiles.html"):
        tiled.open(tmp_path / name)
        tiled.click("tr[data-rule='small.land']")
        tiled.click("#state-after")
        seen.append([_colour_of_the_middle(tiled), tiled.text("#people-after"), tiled.text("#legend"), tiled.text("#rules")])
    assert seen[0] == seen[1]
    assert all("ERR_INTERNET_DISCONNECTED" in text for text in tiled.complaints)


@needs_chromium
def test_the_plain_page_asks_for_nothing_and_offers_no_base_map(tiled: TiledPage, tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "plain.html")
    tiled.open(tmp_path / "plain.html")
    tiled.click("#layers-button")
    assert tiled.evaluate("document.querySelector('#layer-base')") is None
    _fetch(tiled, "https://tile.openstreetmap.org/0/0/0.png")
    assert tiled.hosts == set()
