"""The folium map of a notebook: the right colours, and no name that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from maps.notebook import explore, inert
from tests.small_assessment import assessed_area, small_assessment

PAYLOADS = (
    "{{ cycler.__init__.__globals__.os.mkdir(cycler.__name__) }}",
    "{% for x in [1] %}again{% endfor %}",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "`${alert(1)}`",
    "C:\\20190221",
    "a\u2028b\nc",
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_reaches_the_map_as_text_and_runs_nowhere(payload: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    area = assessed_area()
    units = area.units.assign(name=payload)
    facilities = area.facilities.assign(name=payload)
    html = explore(small_assessment(assessed_area(units=units, facilities=facilities)), rule_id="small.land").get_root().render()
    assert list(tmp_path.iterdir()) == []
    assert payload not in html
    for sign in "{}`$<>":
        assert sign not in inert(payload)


def test_units_have_the_colour_of_their_verdict_and_an_unknown_rule_is_told() -> None:
    assessment = small_assessment()
    html = explore(assessment, rule_id="small.land", state="before", language="en").get_root().render()
    assert "Met" in html
    with pytest.raises(KeyError, match=r"small\.nothing"):
        explore(assessment, rule_id="small.nothing")
