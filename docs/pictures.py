"""The pictures of the documentation, taken from a committee page: `python -m docs.pictures out/demo/out/index.html`. Needs Chromium."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.browser import Page, opened_browser

HERE = Path(__file__).parent
SETTLE_SECONDS = 0.8
"""maps fade in; a picture taken at once would show half of it"""


def main(page_path: Path) -> None:
    """Write each picture, with the first rule of the page on the map."""
    with opened_browser() as page:
        page.size(1440, 900)
        page.open(page_path)
        page.click("[data-rule]")
        _committee_page(page)
        _township_page(page)


def _committee_page(page: Page) -> None:
    """The plan in place."""
    page.click("#state-after")
    time.sleep(SETTLE_SECONDS)
    page.screenshot(HERE / "committee-page.webp")


def _township_page(page: Page) -> None:
    """The first of the pages that are printed for townships, down to its villages."""
    page.evaluate("window.print = function () { window.printed = true; }; 1")
    page.click("#print-towns")
    page.wait("window.printed")
    page.evaluate("document.body.style.padding = '20px'; 1")  # the margin of the paper
    page.size(760, 1040)
    page.screenshot(HERE / "township-page.webp")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
