"""An assessment in a notebook: the digits of the tables, names as text, the committee page in a closed frame."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from maps.notebook import Frame, View
from maps.page.render import page
from tests.small_assessment import assessed_area, small_assessment
from tests.test_notebook import PAYLOADS


class Told(HTMLParser):
    """Rows of cells, the tags, and the attributes of frames."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.frame: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag == "iframe":
            self.frame = dict(attrs)

    def handle_data(self, data: str) -> None:
        if self.rows:
            self.rows[-1].append(data)


def test_key_figures_and_verdicts_are_told_in_both_languages() -> None:
    zh, en = (Told(View(small_assessment(), language)._repr_html_()).rows for language in ("zh", "en"))
    assert ["people aged 60 and over within 15 minutes", "500 people", "650 people"] in en
    assert ["share of people aged 60 and over within 15 minutes", "75.8 %", "98.5 %"] in en  # 500 and 650 of 660
    assert ["Elderly-care land per resident", "二(三)8", "Not met", "Not met"] in en
    assert ["60岁及以上人口在15分钟内", "500 人", "650 人"] in zh
    assert ["建议设施", "—", "1 处"] in zh
    assert len(zh) == len(en)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_the_data_becomes_markup_or_template(payload: str) -> None:
    assessment = small_assessment(assessed_area())
    object.__setattr__(assessment, "title", {"zh": payload, "en": payload})
    text = View(assessment)._repr_html_()
    assert Told(text).tags == {"h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert not re.search(r"\{\{|\{%|\$\{|`", text)


def test_the_folium_map_of_a_view_is_that_of_the_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    area = assessed_area()
    hostile = small_assessment(assessed_area(units=area.units.assign(name=PAYLOADS[0])))
    text = View(hostile, "en").explore(rule_id="small.land", state="before").get_root().render()
    assert "Met" in text
    assert list(tmp_path.iterdir()) == []


def test_the_committee_page_stands_in_a_frame_that_reaches_nothing_outside() -> None:
    frame = View(small_assessment()).page(height_px=500)
    assert isinstance(frame, Frame)
    told = Told(frame._repr_html_()).frame
    assert told["srcdoc"] == page(small_assessment())
    assert "allow-same-origin" not in str(told["sandbox"])
    assert "500px" in str(told["style"])
