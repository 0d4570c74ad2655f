"""Switching on the page of the demonstration county: the plan, less one site, one more, none, and sixty by chance, against measuring anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scenarios import read_scenario
from scenarios.demo import write_demo_county
from scenarios.line import run
from tests.browser import needs_chromium, opened_browser
from tests.switched_pages import assert_same, told_by_page, told_by_python, with_sites, write_opened_page

pytestmark = needs_chromium


def test_every_figure_of_the_demonstration_county_follows_the_switches(tmp_path: Path) -> None:
    write_demo_county(tmp_path / "demo")
    assessment = run(read_scenario(tmp_path / "demo" / "scenario.toml"))
    write_opened_page(assessment, tmp_path / "county.html")
    chance, n, plan = np.random.default_rng(5), len(assessment.before.area.candidates), list(assessment.choice.opened)
    other = next(row for row in range(n) if row not in plan)
    subsets = [plan[1:], sorted([*plan, other]), [], sorted(chance.choice(n, 60, replace=False).tolist())]
    with opened_browser() as browser:
        browser.open(tmp_path / "county.html")
        for opened in subsets:
            told = told_by_page(browser, opened)
            assert all(answer["followed"] for answers in told["answers"] for answer in answers)
            assert_same(told, told_by_python(with_sites(assessment, opened)), [rule.id for rule in assessment.rules])
        assert browser.complaints == []
