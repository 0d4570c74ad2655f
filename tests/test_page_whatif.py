"""Switching in the page: every figure of every set of sites is the one that measuring the place anew gives, digit by digit."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from maps.comparison.model import Comparison
from maps.numbers import shown
from maps.page import write_page
from maps.page.island import narrow
from maps.page.render import SCRIPTS
from maps.page.scenarios import comparison_page
from planner.assessment import Assessment
from planner.exact import exact
from planner.switching import switching_of
from tests.browser import Page, needs_chromium
from tests.small_assessment import small_assessment
from tests.switched_pages import INSIDE, assert_same, inside, told_by_page, told_by_python, with_sites, write_opened_page
from tests.switched_towns import SITING, allowed, planned_town

TEMPLATES = Path(__file__).parent.parent / "maps" / "page" / "templates"
pytestmark = needs_chromium
SEEDS = (1, 12)


def subsets(assessment: Assessment) -> list[list[int]]:
    """None, the plan, less one of it, one more, all that may stand together, and some by chance."""
    area, plan = assessment.before.area, list(assessment.choice.opened)
    others = [row for row in range(len(area.candidates)) if row not in plan]
    found = [[], plan, plan[1:], sorted([*plan, *others[:1]])]
    found += [allowed(area, np.random.default_rng(seed)) for seed in range(3)]
    found.append(max((allowed(area, np.random.default_rng(seed)) for seed in range(40)), key=len))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_of_every_set_of_sites_is_the_one_measured_anew(browser: Page, tmp_path: Path, seed: int) -> None:
    assessment = planned_town(seed)
    write_opened_page(assessment, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    ids = [rule.id for rule in assessment.rules]
    for opened in subsets(assessment):
        assert_same(told_by_page(browser, opened), told_by_python(with_sites(assessment, opened)), ids)
    assert inside(browser, "switchTo(opened([])), unfollowedText()").count("ground") == 1
    assert browser.complaints == []


# The arithmetic of the page


NUMBERS = [
    0.0, 1.0, -1.0, 0.1, 0.3, 2 / 3, 12.25, 99.95, 99.97, 100.0, 0.05, 0.09998, 0.1, 128.60000000000002, 1234.5, 999.5, 1e-7, 2.5e-12, 123456.789,
    9.995, 1e15 + 0.5, 1e21, 49.5, 9.96, 0.004, 10.04999999999999, math.inf, math.nan,
]  # fmt: skip
UNITS = ["%", "% points", "people", "m2", "min", "wan_yuan", "m2 of land per person", ""]


@pytest.fixture(scope="module")
def opened_page(browser: Page, tmp_path_factory: pytest.TempPathFactory) -> Page:
    path = tmp_path_factory.mktemp("page") / "town.html"
    write_opened_page(planned_town(SEEDS[0]), path)
    browser.open(path)
    return browser


def test_the_page_writes_figures_as_the_tables_do(opened_page: Page) -> None:
    chance = np.random.default_rng(7)
    numbers = [*NUMBERS, *(float(x) for x in np.round(chance.gamma(0.4, 900.0, 120), 3)), *(k / 20 for k in range(60))]
    asked = [(number, unit, beside) for number in numbers for unit in UNITS for beside in (None, 0.1, 100.0)]
    told = {math.inf: "Infinity"}
    cases = ",".join(f"[{'NaN' if math.isnan(n) else told.get(n, repr(n))},'{u}',{'null' if b is None else b}]" for n, u, b in asked)
    found = inside(opened_page, f"[{cases}].map(function (c) {{ return shown(c[0], c[1], c[2]); }})")
    assert found == [shown(number, unit, beside=beside) for number, unit, beside in asked]


def test_the_page_unpacks_what_python_packed(opened_page: Page) -> None:
    chance = np.random.default_rng(9)
    columns = [np.array([-(2**31), 2**31 - 1, 0, -1, 1, 2**31 - 1]), chance.integers(-(10**6), 10**6, 500), chance.integers(0, 255, 50)]
    columns += [np.zeros(0, dtype=np.int64), chance.normal(0, 1e9, 200), chance.choice([0.1, -0.0, 7.3], 300), np.arange(30) / 4]
    found = inside(opened_page, f"{[narrow(column) for column in columns]}.map(narrow).map(function (c) {{ return Array.from(c); }})")
    assert found == [column.tolist() for column in columns]


def test_the_page_adds_up_and_compares_as_the_planner_does(opened_page: Page) -> None:
    chance = np.random.default_rng(8)
    lists = [[float(x) for x in chance.normal(0, 10.0 ** chance.integers(-3, 9), chance.integers(1, 40))] for _ in range(60)]
    lists += [[0.1] * 10, [1e16, 1.0, -1e16], [1e100, 1.0, -1e100], [1.0, 1e-16, 1e-16], []]
    assert inside(opened_page, f"{lists}.map(sum)") == [math.fsum(numbers) for numbers in lists]
    numbers = [0.1, 128.60000000000002, 1 / 3, 1e-9, 123456789.123456789, 2e20]
    found = inside(opened_page, f"{numbers}.map(exact).map(function (f) {{ return [String(f.over), String(f.under)]; }})")
    assert [int(over) * exact(n).denominator for (over, _), n in zip(found, numbers, strict=True)] == [
        int(under) * exact(n).numerator for (_, under), n in zip(found, numbers, strict=True)
    ]
    pairs = [(1, 3), (2, 3), (10**30 + 1, 7), (128, 1286), (-5, 11), (0, 4), (4503599627370497, 2**53)]
    found = inside(
        opened_page,
        f"{[[str(a), str(b)] for a, b in pairs]}.map(function (p) {{ return toNumber({{ over: BigInt(p[0]), under: BigInt(p[1]) }}); }})",
    )
    assert found == [a / b for a, b in pairs]


def test_no_two_parts_of_the_script_use_one_name() -> None:
    """They are joined in one function: a second function of a name would silently take the place of the first."""
    names = [
        name
        for script in SCRIPTS
        for name in re.findall(r"^(?:function|var) (\w+)", (TEMPLATES / f"{script}.js").read_text("utf-8"), re.MULTILINE)
    ]
    assert sorted({name for name in names if names.count(name) > 1}) == []


# What the reader sees


def find_town(wanted: str) -> tuple[Assessment, list[int]]:
    """The first town with candidates of one kind: on one plot, barred."""
    for seed in range(60):
        assessment = planned_town(seed)
        switching = switching_of(assessment)
        assert switching is not None
        if wanted == "barred" and switching.switches.barred:
            return assessment, sorted(switching.switches.barred)
        plots = switching.switches.plot
        same = [row for row, plot in enumerate(plots) if plots.count(plot) > 1 and row not in switching.switches.barred]
        pairs = [(a, b) for a in same for b in same if a < b and plots[a] == plots[b]]
        if wanted == "plot" and pairs:
            return assessment, list(pairs[0])
    raise AssertionError(wanted)


def opened_rows(browser: Page) -> list[int]:
    found: list[int] = inside(
        browser, "Array.from(openNow()).map(function (is, row) { return is ? row : -1; }).filter(function (row) { return row >= 0; })"
    )
    return found


def test_a_switch_changes_the_page_and_restore_takes_it_back(browser: Page, tmp_path: Path) -> None:
    assessment = planned_town(SEEDS[0])
    path = tmp_path / "town.html"
    write_page(assessment, path)
    browser.open(path)
    browser.click("#tab-proposals")
    plan = [browser.text(selector) for selector in ("#keys", "#rules", "#about", "#units")]
    assert browser.evaluate("document.querySelector('#switched-banner') === null")
    first = str(assessment.proposals["candidate_id"].iloc[0])
    assert browser.evaluate(f"document.querySelector('[data-proposal={first}] [role=switch]').getAttribute('aria-checked')") == "true"
    browser.click(f"[data-proposal={first}] [role=switch]")
    assert "已改动 1 处开关" in browser.text("#switched-banner")
    assert "试算" in browser.text("#heading")
    assert "试算" in browser.text("#rules thead")
    assert browser.evaluate(f"document.querySelector('[data-proposal={first}] [role=switch]').getAttribute('aria-checked')") == "false"
    assert f"不建: {assessment.proposals['name'].iloc[0]}" in browser.text("#whatif")
    without = [row for row in assessment.choice.opened if assessment.before.area.candidates["candidate_id"].iloc[row] != first]
    wanted = told_by_python(with_sites(assessment, without))
    assert browser.text("#people-after") == f"{wanted['people']['after']['pct']} %"
    assert wanted["sites"]["cost"]["zh"][0] in browser.text("#key-sites")
    browser.click("#language")
    assert "Not the plan: 1 switched" in browser.text("#switched-banner")
    browser.click("#language")
    browser.click("#restore-head")
    assert browser.evaluate("document.querySelector('#switched-banner') === null")
    browser.click("#state-before")
    assert [browser.text(selector) for selector in ("#keys", "#rules", "#about", "#units")] == plan
    assert [url.split("#")[0] for url in browser.requests] == [path.resolve().as_uri()]
    assert browser.complaints == []


def test_of_one_plot_one_site_stands_and_the_page_says_so(browser: Page, tmp_path: Path) -> None:
    assessment, (one, other) = find_town("plot")
    write_opened_page(assessment, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    inside(browser, f"switchTo(opened([{one}])), null")
    inside(browser, f"toggle({other}), null")
    assert opened_rows(browser) == [other]
    assert str(assessment.before.area.candidates["name"].iloc[one]) in browser.text("#whatif [role=status]")


def test_what_may_not_be_opened_cannot_be_switched_on_and_says_why(browser: Page, tmp_path: Path) -> None:
    assessment, barred = find_town("barred")
    write_opened_page(assessment, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    before = opened_rows(browser)
    inside(browser, f"toggle({barred[0]}), null")
    assert opened_rows(browser) == before
    id_ = assessment.before.area.candidates["candidate_id"].iloc[barred[0]]
    assert "不可选" in browser.text(f"[data-candidate={id_}]")
    assert browser.evaluate(f"document.querySelector('[data-candidate={id_}] [role=switch]') === null")


def test_money_and_sites_beyond_the_limits_are_told(browser: Page, tmp_path: Path) -> None:
    assessment = planned_town(SEEDS[0])
    write_opened_page(assessment, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    n = len(assessment.before.area.candidates)
    inside(browser, f"switchTo(opened({list(range(n))})), null")
    assert f"{n} 处，超过至多 2 处" in browser.text("#whatif-budget")
    assert "over" in browser.evaluate("document.getElementById('whatif-budget').className")
    inside(browser, "restorePlan(), null")
    assert "余" in browser.text("#whatif-budget")


def test_a_rule_whose_ledger_does_not_give_the_measured_figures_shows_none(browser: Page, tmp_path: Path) -> None:
    """A page whose figures were tampered with: the rule is named, and once something is switched no old figure stands for it."""
    assessment = planned_town(SEEDS[0])
    measures = assessment.after.measures
    wrong = measures.assign(value=measures["value"].mask(measures["rule_id"] == "test.points", 7.0))
    tampered = Assessment(**{**assessment.__dict__, "after": type(assessment.after)(**{**assessment.after.__dict__, "measures": wrong})})
    write_opened_page(tampered, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    browser.click("#tab-proposals")
    assert "points" in browser.text("#whatif")
    inside(browser, "switchTo(opened([])), null")
    assert "不能在页面内重算" in browser.text("tr[data-rule='test.points'] td[data-state=after]")


def test_without_kept_minutes_there_are_no_switches(browser: Page, tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "small.html")
    browser.open(tmp_path / "small.html")
    browser.click("#tab-proposals")
    assert browser.evaluate("document.querySelectorAll('[role=switch]').length") == 0
    assert browser.complaints == []


def test_what_is_switched_in_one_scenario_stays_there(browser: Page, tmp_path: Path) -> None:
    """Two scenarios of one place on one page: the other one keeps its plan, and coming back finds what was switched."""
    first = planned_town(SEEDS[0])
    other = planned_town(SEEDS[0], siting=SITING.model_copy(update={"max_sites": 1}))
    told = comparison_page(Comparison(("first", "other"), (first, other)))
    write_opened_page(told, tmp_path / "both.html")
    browser.open(tmp_path / "both.html")
    ids = [rule.id for rule in first.rules]
    assert_same(told_by_page(browser, []), told_by_python(with_sites(first, [])), ids)
    assert browser.evaluate("document.getElementById('state-difference') === null")
    browser.click("#scenario-1")
    assert browser.evaluate("document.querySelector('#switched-banner') === null")
    assert_same(inside(browser, INSIDE), told_by_python(other), ids)
    rows = [0]
    assert_same(told_by_page(browser, rows), told_by_python(with_sites(other, rows)), ids)
    browser.click("#scenario-0")
    assert browser.text("#switched-banner")
    assert_same(inside(browser, INSIDE), told_by_python(with_sites(first, [])), ids)
    browser.click("#restore-head")
    assert_same(inside(browser, INSIDE), told_by_python(first), ids)
    assert browser.complaints == []
