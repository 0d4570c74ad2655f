"""What a committee reads in Chinese: every shipped rule and reading has its texts, and notes and units stand in Chinese on the page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from layers.levels import level_name
from layers.saying import in_language, say
from layers.tables import column_name
from maps.page import figures
from maps.tables.rule_tables import measures, rule_readings, rules, verdicts
from maps.words import unit_word
from planner.assessment import Assessment
from planner.attested import Attested
from planner.indicators.figures import both, naming
from planner.rules import Rule
from scenarios.packs import find_pack, standards
from scenarios.toml_file import ScenarioFaultsError
from tests.small_assessment import small_assessment
from tests.test_demo_rules import held

LAND = say("{column} not known", column=column_name("land_area_m2"))
RULES = [rule for pack in standards() for rule in pack.rules]
CHINESE = re.compile("[\u4e00-\u9fff]")
SENTENCE = re.compile("[a-z]{2,} [a-z]{2,} [a-z]{2,}")
"""three English words in a row"""


NUMBER_WORDS = {"百": "100", "千": "1000", "十四": "14", "十五": "15"}


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)*", text))


def is_chinese(text: str) -> bool:
    return bool(CHINESE.search(text)) and not SENTENCE.search(text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.full_id)
def test_every_shipped_rule_and_reading_has_its_chinese_texts(rule: Rule) -> None:
    assert len(rule.ambiguity_zh) == len(rule.ambiguity)
    assert all(is_chinese(text) for text in rule.ambiguity_zh)
    for reading in rule.readings:
        assert is_chinese(reading.title_zh)
        assert is_chinese(reading.why_zh)
        assert reading.title_en
    assert len({reading.title_zh for reading in rule.readings}) == len(rule.readings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.full_id)
def test_the_chinese_texts_keep_the_numbers_of_the_english_ones(rule: Rule) -> None:
    pairs = [*zip(rule.ambiguity, rule.ambiguity_zh, strict=True), *((reading.why, reading.why_zh) for reading in rule.readings)]
    for en, zh in pairs:
        in_words = {digits for word, digits in NUMBER_WORDS.items() if word in zh}
        assert numbers_in(re.sub(r"https?:[^)]*|m2\b", "", en)) <= numbers_in(zh) | in_words, zh


@cache
def demo_notes() -> tuple[str, ...]:
    return tuple(note for note in held().measures["note"].unique() if note)


def test_every_note_of_the_demonstration_county_is_told_in_chinese() -> None:
    assert [note for note in demo_notes() if not is_chinese(in_language(note, "zh").partition("：")[0])] == []
    phrases = [re.sub(r"：(?=[^：]*[=(]).*", "", in_language(note, "zh")) for note in demo_notes()]  # without conditions
    assert [phrase for phrase in phrases if not is_chinese(phrase)] == []


def test_every_unit_of_the_demonstration_county_has_a_chinese_word() -> None:
    units = {unit for column in ("unit", "shortfall_unit") for unit in held().measures[column].unique() if unit}
    assert {unit for unit in units if re.search("[a-z]{3}", unit_word(unit, "zh"))} == set()


@pytest.mark.parametrize(
    ("note", "zh"),
    [
        (naming(["a", "b", "c", "d", "e", "f"], LAND), "a、b、c、d、e 等，另有 1 处：占地面积不详"),
        (
            both(
                say("the {level} stands in for the {above}", level=level_name("county"), above=level_name("province")),
                naming(["甲院"], say("not known: {terms}", terms=["count_if(grade >= 1)"])),
            ),
            "以县代替省；甲院：以下各项不详：count_if(grade >= 1)",
        ),
        (naming(["Home: of rest"], LAND), "Home: of rest：占地面积不详"),
        (Attested(value=1, evidence="ledger; page 3", date=date(2025, 1, 10)).told, "2025-01-10 填报：ledger; page 3"),
        ("a name", "a name"),
        ("", ""),
    ],
)
def test_notes_keep_names_and_conditions(note: str, zh: str) -> None:
    assert in_language(note, "zh") == zh
    assert in_language(note, "en") == note


def test_the_page_and_the_tables_hold_the_chinese_texts() -> None:
    assessment = shipped_assessment()
    by_id = {rule.full_id: rule for rule in assessment.rules}
    table = rules(assessment).frame.set_index("rule_id")
    readings = rule_readings(assessment).frame.set_index(["rule_id", "reading"])
    for drawn in figures.rules(assessment, {}):
        rule = by_id[drawn["id"]]
        assert [pair["zh"] for pair in drawn["ambiguity"]] == list(rule.ambiguity_zh)
        assert table.loc[rule.full_id, "ambiguity_zh"] == "\n".join(rule.ambiguity_zh)
        for answer, reading in zip(drawn["answers"][1:], rule.readings, strict=True):
            assert answer["title"] == {"zh": reading.title_zh, "en": reading.title_en}
            assert answer["why"] == {"zh": reading.why_zh, "en": reading.why}
            assert readings.loc[(rule.full_id, reading.id), ["why_zh", "reading_title"]].tolist() == [reading.why_zh, reading.title_zh]


def shipped_assessment() -> Assessment:
    """The small place with the rules that are shipped, of which nothing is measured there."""
    small = small_assessment()
    bare = {
        state: replace(finding, measures=finding.measures.iloc[:0], verdicts=finding.verdicts.iloc[:0])
        for state, finding in (("before", small.before), ("after", small.after))
    }
    return replace(small, rules=tuple(RULES), **bare)


def test_without_chinese_texts_the_english_ones_are_shown() -> None:
    assessment = small_assessment()
    land = next(rule for rule in assessment.rules if rule.id == "land")
    drawn = next(rule for rule in figures.rules(assessment, {}) if rule["id"] == land.full_id)
    assert drawn["ambiguity"] == [{"zh": land.ambiguity[0], "en": land.ambiguity[0]}]
    assert drawn["answers"][1]["title"] == {"zh": "floor", "en": "floor"}
    named = verdicts(assessment).frame.set_index(["rule_id", "reading"])
    assert named.loc[(land.full_id, "floor"), "reading_title"] == "floor"
    assert named.loc[(land.full_id, ""), "reading_title"] == ""


def test_the_notes_of_the_measures_stand_in_both_languages() -> None:
    small = small_assessment()
    frame, found = measures(small).frame, (*small.before.measures["note"], *small.after.measures["note"])
    assert frame["note_zh"].tolist() == [in_language(note, "zh") for note in found]


def test_another_number_of_chinese_questions_is_a_fault_at_its_key(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "scenarios" / "pack_template.toml").read_text(encoding="utf-8")
    line = next(line for line in text.split("\n") if line.startswith("ambiguity_zh"))
    (tmp_path / "ours.toml").write_text(text.replace(line, 'ambiguity_zh = ["一", "二"]'), encoding="utf-8")
    with pytest.raises(ScenarioFaultsError) as faults:
        find_pack("ours.toml", tmp_path)
    told = str(faults.value)
    assert "ambiguity_zh" in told
    assert "2 text(s), but ambiguity has 1" in told
    assert f"{text.split(chr(10)).index(line) + 1}" in told


AS_CODE = re.compile(r"[a-z0-9]+_[a-z_0-9]+|\w+ = |`|\[\[?[a-z]|[Rr]eadings? [a-z]+[0-9]*[.,;)]|\bno_data\b")
"""a key, a setting or the id of a reading, where a committee reads words"""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.full_id)
def test_open_questions_and_reasons_of_readings_are_told_without_keys(rule: Rule) -> None:
    texts = [*rule.ambiguity, *rule.ambiguity_zh, *(text for reading in rule.readings for text in (reading.why, reading.why_zh))]
    assert [text for text in texts if AS_CODE.search(re.sub(r"https?:[^)]*", "", text))] == []
