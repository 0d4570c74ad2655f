"""The page without a mouse: everything that can be clicked can be reached and pressed, and tells a screen reader what it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from maps.page import write_page
from tests.browser import Page, chromium, opened_browser
from tests.small_assessment import small_assessment

pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path = tmp_path_factory.mktemp("keyboard") / "index.html"
    write_page(small_assessment(), path)
    with opened_browser() as browser:
        browser.size(1366, 768)
        browser.open(path)
        yield browser


def press(browser: Page, key: str) -> None:
    code = {"Enter": 13, " ": 32}[key]
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, text="\r" if key == "Enter" else key, windowsVirtualKeyCode=code)


def focus(browser: Page, selector: str) -> None:
    browser.evaluate(f"document.querySelector({selector!r}).focus()")
    assert browser.evaluate(f"document.activeElement === document.querySelector({selector!r})"), selector


def test_everything_that_can_be_clicked_can_be_focused(opened: Page) -> None:
    rows = opened.evaluate("document.querySelectorAll('tr.go, th.sortable, .proposal').length")
    assert rows > 4
    unreachable = (
        "Array.from(document.querySelectorAll('tr.go, th.sortable, .proposal')).filter(function (e) { return e.tabIndex !== 0; }).length"
    )
    assert opened.evaluate(unreachable) == 0


def test_a_village_is_opened_by_enter_and_keeps_the_focus(opened: Page) -> None:
    opened.evaluate("document.querySelector('#tab-units').click()")
    focus(opened, "tr[data-unit='431299100201']")
    press(opened, "Enter")
    assert "431299100201" in opened.text("#card")
    assert opened.evaluate("document.activeElement.getAttribute('data-unit')") == "431299100201"


def test_sorting_by_the_space_bar_tells_its_direction(opened: Page) -> None:
    opened.evaluate("document.querySelector('#tab-units').click()")
    focus(opened, "th[data-sort='name']")
    press(opened, " ")
    assert opened.evaluate("document.querySelector(\"th[data-sort='name']\").getAttribute('aria-sort')") in ("ascending", "descending")
    assert opened.evaluate("document.querySelectorAll(\"th[aria-sort='none']\").length") > 0
    assert opened.evaluate("document.activeElement.getAttribute('data-sort')") == "name"


def test_tabs_and_states_say_which_is_chosen(opened: Page) -> None:
    for tab in ("rules", "proposals", "about"):
        opened.evaluate(f"document.querySelector('#tab-{tab}').click()")
        chosen = "Array.from(document.querySelectorAll('[role=tab][aria-selected=true]')).map(function (e) { return e.id; })"
        assert opened.evaluate(chosen) == [f"tab-{tab}"]
    opened.evaluate("document.querySelector('#state-after').click()")
    pressed = "Array.from(document.querySelectorAll('#states [aria-pressed=true]')).map(function (e) { return e.id; })"
    assert opened.evaluate(pressed) == ["state-after"]


def test_every_control_has_a_name(opened: Page) -> None:
    nameless = (
        "Array.from(document.querySelectorAll('button, input, select')).filter(function (e) {"
        " return !(e.textContent.trim() || e.getAttribute('aria-label') || e.title || (e.labels && e.labels.length)); })"
        ".map(function (e) { return e.outerHTML.slice(0, 80); })"
    )
    assert opened.evaluate(nameless) == []
    assert opened.evaluate("document.querySelector('#map').getAttribute('aria-label').length") > 4
