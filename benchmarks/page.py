"""What the committee page weighs and how soon it is ready: `python -m benchmarks.page`, some minutes, a table for `docs/performance.md`.

Ready is when the page's script says so: from the order to open the file to the drawn map, wall seconds of the browser, the least of three
openings in a window of 1366 x 768. Browsers are the Chromium at hand and the old ones that `python -m tests.old_browsers` fetched. Legazpi is
left out with a word where its data is not there.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from maps.comparison.model import Comparison
from maps.page.render import page
from maps.page.scenarios import comparison_page
from planner.assessment import Assessment
from scenarios import read_scenario
from scenarios.demo import write_demo_county
from scenarios.line import run
from tests.assessed_county import assessed, invented_county, three_plans
from tests.browser import chromium, opened_browser
from tests.old_browsers import old_chromiums

ROUNDS = 3
LEGAZPI = Path(__file__).parent.parent / "tests" / "places" / "legazpi.toml"
LEGAZPI_DATA = LEGAZPI.parent.parent.parent.parent / "shared" / "data" / "legazpi_ph"


def _demo() -> Assessment:
    with tempfile.TemporaryDirectory() as folder:
        return run(read_scenario(write_demo_county(Path(folder))))


def _legazpi() -> Assessment | None:
    return run(read_scenario(LEGAZPI)) if LEGAZPI_DATA.exists() else None


PLACES: dict[str, Callable[[], Assessment | Comparison | None]] = {
    "demonstration county": _demo,
    "Legazpi": _legazpi,
    "three scenarios of an invented county": three_plans,
    "50,000 points": lambda: assessed(invented_county(n_demand=50_000)),
    "3,000 villages": lambda: assessed(invented_county(n_villages=3_000)),
}


def _sizes(place: Assessment | Comparison) -> str:
    """What is in the place, as columns of the table."""
    area = (place.reference if isinstance(place, Comparison) else place).before.area
    finest = int((area.units["level"] == area.finest_level).sum())
    return f"{finest:,} | {len(area.demand):,} | {area.n_facilities:,} | {len(area.candidates):,}"


def _ready_seconds(binary: str | Path, path: Path) -> float:
    """Least wall seconds of some openings."""
    best = float("inf")
    with opened_browser(binary) as browser:
        browser.size(1366, 768)
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            browser.open(path)
            best = min(best, time.perf_counter() - begin)
    return best


def rows(browsers: dict[str, str | Path]) -> Iterator[str]:
    """The rows of the table."""
    yield "| page | villages | points of people | facilities | candidates | MB |" + "".join(f" ready in {name} [s] |" for name in browsers)
    yield "|---|" + "---:|" * (5 + len(browsers))
    for name, made in PLACES.items():
        place = made()
        if place is None:
            yield f"| {name}: its data is not there | | | | | |" + " |" * len(browsers)
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.html"
            path.write_text(comparison_page(place) if isinstance(place, Comparison) else page(place), encoding="utf-8", newline="\n")
            seconds = "".join(f" {_ready_seconds(binary, path):.1f} |" for binary in browsers.values())
            yield f"| {name} | {_sizes(place)} | {path.stat().st_size / 1e6:.2f} |{seconds}"


def main() -> None:
    """Print the table."""
    today = chromium()
    browsers: dict[str, str | Path] = {"today's Chromium": today} if today else {}
    for row in rows({**browsers, **{f"Chromium {version}": path for version, path in old_chromiums().items()}}):
        print(row, flush=True)


if __name__ == "__main__":
    main()
