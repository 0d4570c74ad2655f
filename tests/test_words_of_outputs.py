"""What figures and plans are called for readers: by what they count, in the reader's language, with the marks of its script."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from layers.condition_words import condition_words
from layers.kinds import kinds
from layers.saying import in_language
from maps.comparison import tables as comparison_tables
from maps.comparison.model import Comparison
from maps.money import money
from maps.page.render import content
from maps.tables.closure_tables import closing_names
from maps.tables.gains import gain_word
from maps.tables.place_tables import proposals
from maps.tables.plan_lines import plan_lines
from maps.tables.rule_values import key_word, value_word
from maps.tables.shown import Heading, cell_text
from maps.tables.unit_tables import measured_rules, units
from maps.words import words
from planner.assessment import Assessment
from planner.closures import Closure
from planner.siting.model import Siting
from planner.travel.model import PROFILES
from scenarios.packs import standards
from scenarios.summary import summary
from tests.small_assessment import small_assessment

ROOT = Path(__file__).parents[1]
HALF = re.compile("[\u4e00-\u9fff}）][,;:?!(]|[,;:?!)][\u4e00-\u9fff（{]")
"""a half-width mark beside a Chinese word or a field"""
SERVE = Siting(goal="serve", capacity="beds_total")


def serving() -> Assessment:
    return replace(small_assessment(), siting=SERVE)


# ---------------------------------------------------------------- people gained


@pytest.mark.parametrize(("goal", "zh", "en"), [("relieve", "新增覆盖", "newly inside"), ("serve", "新增有位", "newly with a place")])
def test_people_gained_are_called_by_what_the_goal_gains_and_the_group_stands_beside_them(goal: str, zh: str, en: str) -> None:
    found = serving() if goal == "serve" else small_assessment()
    shown_table = proposals(found)
    heading = {h.name: h for h in shown_table.headings}
    assert (heading["people_gained"].zh, heading["people_gained"].en) == (zh, en)
    assert heading["people_per_10k_yuan"].zh == f"每万元{zh}"
    assert heading["people_per_10k_yuan"].en == f"{en} per 10,000 yuan"
    assert [cell_text(heading["for_whom"], cell, "zh") for cell in shown_table.frame["for_whom"]] == ["60岁及以上人口"]
    told = content(found)
    for language in ("zh", "en"):
        assert told["words"][language][f"gained.{told['gain']}"] == gain_word(found, language)  # type: ignore[index,call-overload]  # JSON


def test_scenarios_under_different_goals_have_headings_of_their_own() -> None:
    both = Comparison(("plan", "places"), (small_assessment(), serving()), pd.DataFrame(columns=["key", "0", "1"]))
    heading = {h.name: h.zh for h in comparison_tables.proposals(both).headings}
    assert heading["people_gained_0"] == "plan：新增覆盖"
    assert heading["people_gained_1"] == "places：新增有位"


# ---------------------------------------------------------------- lines of a plan


def test_money_is_told_as_the_language_tells_it() -> None:
    told = money(11_992_000.0)
    assert (in_language(told, "en"), in_language(told, "zh")) == ("11,992,000 yuan", "1,199.2 万元")


def test_several_facilities_are_parted_as_the_language_parts_them() -> None:
    closing = Closure(facilities=("f1", "f2"))
    one = {"state": "before", "closure": closing.label, "rule_id": "", "shortfall_before": 0.0, "shortfall_added": 0.0, "unit": "",
           "n_units_lost": 0, "people_lost": 0.0}  # fmt: skip
    found = replace(small_assessment(), closures_asked=(closing,), closures=pd.DataFrame([one]))
    names = closing_names(found.before.area, closing)
    (line,) = plan_lines(found)
    assert f"if {', '.join(names)} closed" in line
    assert "、" not in line
    assert f"若关停{'、'.join(names)}：" in in_language(line, "zh")


def test_names_in_a_cell_are_parted_as_the_language_parts_them() -> None:
    listed, text = Heading("closes", "关停设施", "closes", is_list=True), Heading("name", "名称", "name")
    assert [cell_text(listed, "甲、乙", language) for language in ("zh", "en")] == ["甲、乙", "甲, 乙"]
    assert cell_text(text, "甲、乙", "en") == "甲、乙"  # one name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_no_site_is_chosen_the_console_says_what_the_page_says(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERHOUR_LANGUAGE", language)
    small, word = small_assessment(), words(language)
    unmet = pd.DataFrame([{"rule_id": "small.land", "unit_id": "v1", "amount": 3.0, "unit": "m2", "reason": "none"}] * 2)
    for rows in (unmet, unmet.iloc[:0]):
        idle = replace(small, choice=replace(small.choice, status="nothing to do", opened=(), unmet=rows))
        lines = list(summary(idle, []))
        assert word["choice.nothing to do"] in lines
        n_short = 2  # after the plan one village lacks land and one township its centre
        assert (word["choice.unmet"].format(n=2, n_short=n_short) in lines) == (len(rows) == 2)


# ---------------------------------------------------------------- rules of another reading


def test_a_rule_that_a_level_has_in_another_reading_only_has_no_column_there() -> None:
    small = small_assessment()
    rows = small.before.measures
    other = (
        rows[(rows["rule_id"] == "small.land") & (rows["reading"] == "")].assign(reading="floor", level="township", unit_id="t1").iloc[:1]
    )
    found = replace(
        small,
        before=replace(small.before, measures=pd.concat([rows, other], ignore_index=True)),
    )
    assert "small.land" in {rule.full_id for rule in measured_rules(found, "village")}
    assert "small.land" not in {rule.full_id for rule in measured_rules(found, "township")}
    assert not [name for name in units(found, "township").frame if str(name).startswith("small_land")]


# ---------------------------------------------------------------- marks


def texts_of(path: Path) -> Iterator[str]:
    """The texts of a module that are not documentation; a field of a formatted text is `{}`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told | parts:
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def chinese(texts: Iterator[str]) -> Iterator[str]:
    yield from (text for text in texts if re.search("[\u4e00-\u9fff]", text))


@pytest.mark.parametrize("path", sorted((ROOT / "maps").rglob("*.py")), ids=lambda path: path.stem)
def test_marks_in_chinese_texts_are_full_width(path: Path) -> None:
    assert [text for text in chinese(texts_of(path)) if HALF.search(text)] == []


def test_marks_in_the_vocabulary_and_in_titles_are_full_width() -> None:
    demo = tomllib.loads((ROOT / "scenarios" / "demo" / "scenario.toml").read_text(encoding="utf-8"))
    texts = [*(text for kind in kinds().values() for text in (kind.zh, kind.meaning)), demo["title"]["zh"]]
    assert [text for text in texts if HALF.search(text)] == []


@pytest.mark.parametrize("page", ["README.zh-CN.md", "docs/standards.zh-CN.md", "docs/zh/own-data.md", "docs/zh/tutorial.md"])
def test_marks_in_chinese_pages_are_full_width(page: str) -> None:
    """Outside code and the targets of links."""
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", text)
    assert [line for line in text.splitlines() if re.search("[\u4e00-\u9fff]", line) and HALF.search(line)] == []


# ---------------------------------------------------------------- what a rule asks

READINGS = [
    (key, value) for pack in standards() for rule in pack.rules for r in rule.readings for key, value in (r.model_extra or {}).items()
]
AS_WRITTEN = ("where", "universe", "value_unit")
"""conditions, which name the codes of the data too, and units, which have letters"""


def test_no_reading_of_a_pack_is_told_in_code_in_chinese() -> None:
    told = [key_word(key, "zh") for key, _ in READINGS] + [value_word(key, value, "zh") for key, value in READINGS if key not in AS_WRITTEN]
    assert len(told) > 60
    assert [text for text in told if re.search("[A-Za-z_]", text)] == []


def test_a_value_is_named_by_what_its_key_asks_for() -> None:
    assert value_word("facilities", ["elderly", "childcare"], "en") == f"{kinds()['elderly'].en}, {kinds()['childcare'].en}"
    assert value_word("base", "pop_hukou", "zh") == "户籍人口"
    assert value_word("unit", "village", "en") == words("en")["level.village"]
    assert value_word("where", "", "zh") == "全部"
    assert value_word("universe", "subtype = 'admin_village'", "zh") == condition_words("subtype = 'admin_village'").zh
    assert value_word("circle_kinds", ("day_care",), "zh") == kinds()["day_care"].zh
    assert value_word("profile", "elder_walk", "en") == PROFILES["elder_walk"].en
    assert value_word("deadline", None, "en") == "—"
    assert value_word("max_minutes", 15.0, "en") == "15"
    assert value_word("value", 0.1, "zh") == "0.1"
