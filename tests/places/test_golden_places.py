"""Huitong, Hunan and Shanxi on Taipei and Legazpi, with what those data allow: every rule has an answer or says what is missing."""

from __future__ import annotations

import pytest

from tests.golden_tables import golden_text, kept
from tests.places import needs_place

pytestmark = pytest.mark.places


@needs_place("legazpi_ph")
def test_three_policies_answer_on_legazpi_as_they_are_kept() -> None:
    assert golden_text("legazpi") == kept("legazpi")


@needs_place("taipei")
def test_three_policies_answer_on_taipei_as_they_are_kept() -> None:
    assert golden_text("taipei") == kept("taipei")
