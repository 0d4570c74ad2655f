"""The pictures of the documentation, taken from a committee page: `python -m docs.pictures out/demo/out/index.html`. Needs Chromium."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.browser import opened_browser

HERE = Path(__file__).parent
SETTLE_SECONDS = 0.8
"""maps fade in; a picture taken at once would show half of it"""


def main(page_path: Path) -> None:
    """Write `committee-page.webp`: the first rule of the page on the map, the plan in place."""
    with opened_browser() as page:
        page.size(1440, 900)
        page.open(page_path)
        page.evaluate("document.querySelector('[data-rule]').click()")
        page.click("#state-after")
        time.sleep(SETTLE_SECONDS)
        page.screenshot(HERE / "committee-page.webp")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
