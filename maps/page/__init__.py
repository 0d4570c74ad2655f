"""The committee page: one HTML file that opens from a USB stick, without network, in an old browser.

Content apart from form: `figures`, `places`, `marks` and `about` write what there is to tell into a data island, digits included;
`templates/` holds how it looks. A new layer is one function in `marks` and one painter in `templates/paint.js`.
"""

from __future__ import annotations

from pathlib import Path

from maps.page.edition import PageEdition
from maps.page.render import PLAIN, page
from planner.assessment import Assessment


def write_page(assessment: Assessment, path: Path, edition: PageEdition = PLAIN) -> None:
    """Write the page. The same assessment gives the same bytes; names are shown literally whatever they hold."""
    path.write_bytes(page(assessment, edition).encode("utf-8"))
