"""Every quote of the five policies against the policy text itself, and every number of all packs against what its source entry says.

Runs where the texts are: QUARTERHOUR_POLICY_TEXTS, or ../shared/domain/seeds beside the repository.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from planner.rules import Number, Rule, expand
from scenarios.packs import Pack, standards

FOLDER = Path(os.environ.get("QUARTERHOUR_POLICY_TEXTS") or Path(__file__).resolve().parents[2].parent / "shared" / "domain" / "seeds")
TEXTS = {
    "hunan": "000_5332c332ddd1e108.txt",
    "huancui": "001_57e495e0e9f62469.txt",
    "xincheng": "002_c5a7fe3a15dad6bf.txt",
    "huitong": "003_986ab5af1626f0ee.txt",
    "shanxi": "seed004_clean_simplified.txt",  # the text at hand is in mixed characters; this is its copy in simplified ones
}
CHINESE_DIGITS = {1: ["一"], 2: ["二", "两"], 15: ["一刻钟"]}

pytestmark = [pytest.mark.places, pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the policy texts are not in {FOLDER}")]

PACKS = {pack.id: pack for pack in standards() if pack.id in TEXTS}


def text_of(pack: Pack) -> str:
    return (FOLDER / TEXTS[pack.id]).read_text(encoding="utf-8")


def readings_of(pack: Pack) -> tuple[Rule, ...]:
    return expand(pack.rules)


def test_the_five_policies_have_their_texts() -> None:
    assert set(PACKS) == set(TEXTS)


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_every_sentence_stands_in_the_policy_word_for_word(pack: Pack) -> None:
    text = text_of(pack)
    strange = {rule.full_id: rule.quote for rule in pack.rules if rule.quote not in text}
    assert not strange


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_every_number_said_to_stand_in_the_policy_stands_there(pack: Pack) -> None:
    text = text_of(pack)
    said = [(rule, n) for rule in readings_of(pack) for n in rule.numbers if n.status in ("seed", "implied")]
    assert said
    for rule, number in said:
        assert number.quote, (rule.full_id, number.at)
        assert number.quote in text, (rule.full_id, number.at, number.quote)
        if number.status == "seed":
            assert any(form in number.quote for form in forms_of(number)), (rule.full_id, number.at, number.quote)


@pytest.mark.parametrize("pack", standards(), ids=lambda pack: pack.id)
def test_every_number_of_every_reading_has_its_source(pack: Pack) -> None:
    for rule in readings_of(pack):
        sources = {n.at: n for n in rule.numbers}
        for key, value in rule.own_numbers().items():
            assert sources[key].is_ == value, (rule.full_id, rule.reading_id, key)


def forms_of(number: Number) -> list[str]:
    """How a text may write a number: 0.1, 二, 1000 as 每千, 8000000 as 800万; a day as its year."""
    value = number.is_
    if isinstance(value, dt.date):
        return [f"{value.year}年"]
    if isinstance(value, str):
        return [value]
    forms = [f"{value:g}", f"{value:.0f}", *CHINESE_DIGITS.get(int(value), [])]
    if value in (100, 1000):
        forms.append({100: "百", 1000: "千"}[int(value)])
    if value >= 10_000:
        forms.append(f"{value / 10_000:g}万")
    return forms
