"""Streets of a place name from servers that are busy, slow, cut off or wrong: asked again, told, kept when whole; a part is never used."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import osmnx
import pyproj.database
import pytest

from layers.problems import Findings, LayerFaultsError
from layers.sources.street_download import Patience
from layers.sources.street_place import read_place_streets
from layers.streets import StreetNetwork
from tests.fake_overpass import Answer, Servers, sent, servers, streets
from tests.small import METRIC

QUICK = Patience(request_seconds=0.4, attempt_seconds=20.0, waits_seconds=(0.0, 0.0))
WHOLE = sent(streets())
BUSY, TIMED_OUT = sent(b"<html>busy</html>", 429), sent(b"<html>busy</html>", 504)
HTML, CUT_JSON, CUT_SHORT = sent(b"<html>Welcome</html>"), sent(streets()[:-60]), sent(streets()[:-60], more=60)
PART, SLOW = sent(streets()[:-1] + b', "remark": "Query timed out"}'), sent(streets(), after_seconds=0.8)

_zones = cache(pyproj.database.query_utm_crs_info)


@dataclass
class Asked:
    """The servers, the folder of kept answers, and what was told."""

    servers: Servers
    folder: Path
    told: list[str] = field(default_factory=list)

    def streets(self, *answers: Answer, patience: Patience = QUICK) -> StreetNetwork:
        self.servers.answers = list(answers)
        return read_place_streets("小县", METRIC, Findings(), tell=self.told.append, folder=self.folder, patience=patience)

    def kept(self) -> list[Path]:
        return sorted(self.folder.glob("*.json"))


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    with servers() as known:
        monkeypatch.setattr(osmnx.settings, "overpass_url", f"{known.url}/api")
        monkeypatch.setattr(osmnx.settings, "nominatim_url", known.url)
        monkeypatch.setattr("osmnx._nominatim.time", types.SimpleNamespace(sleep=lambda _: None))
        monkeypatch.setattr(pyproj.database, "query_utm_crs_info", _zones)  # osmnx asks for the zone of the place twice in each attempt
        yield Asked(known, tmp_path)


def is_whole(network: StreetNetwork) -> bool:
    """The two paths; the motorway cannot be walked."""
    return (network.n_edges, network.class_names) == (1, ("path",)) and network.edge_length_m[0] == pytest.approx(198.5, abs=0.5)


def test_a_place_is_read_by_the_rules_of_an_osm_file_and_settings_stay_as_they_were(asked: Asked) -> None:
    before = {name: value for name, value in vars(osmnx.settings).items() if not name.startswith("__")}
    assert is_whole(asked.streets(WHOLE))
    assert asked.told == []
    assert {name: value for name, value in vars(osmnx.settings).items() if not name.startswith("__")} == before


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (BUSY, "the server is busy (429 Too Many Requests)"),
        (TIMED_OUT, "the server is busy (504 Gateway Timeout)"),
        (HTML, "the server sent no whole answer (20 bytes, no JSON)"),
        (CUT_JSON, "no JSON)"),
        (CUT_SHORT, "cannot be looked up"),
        (PART, "the server sent only a part: Query timed out"),
        (SLOW, "Read timed out"),
    ],
)
def test_a_bad_answer_is_told_and_asked_for_again_and_given_up_in_the_end(asked: Asked, answer: Answer, reason: str) -> None:
    assert is_whole(asked.streets(answer, answer, WHOLE))
    assert asked.servers.n_streets == 3
    assert len(asked.told) == 2
    for words in asked.told:
        assert reason in words
        assert words.endswith("; asking again in 0 s")
    for path in asked.kept():
        path.unlink()
    with pytest.raises(LayerFaultsError) as fault:
        asked.streets(answer)
    assert asked.servers.n_streets == 6
    (problem,) = fault.value.problems
    assert reason in problem.what
    assert problem.remedy == "Try again later, or download an extract (.osm.pbf) and give its `path`."


def test_a_refusal_is_told_at_once(asked: Asked) -> None:
    with pytest.raises(LayerFaultsError, match="403 Forbidden"):
        asked.streets(sent(b"no", 403))
    assert asked.servers.n_streets == 1


def test_a_server_that_never_ends_is_left(asked: Asked) -> None:
    trickle = sent(streets() + b" " * 40_000, after_seconds=0.05, n_parts=40)
    with pytest.raises(LayerFaultsError, match="no complete answer within 1 s"):
        asked.streets(trickle, patience=Patience(request_seconds=0.5, attempt_seconds=0.6, waits_seconds=()))


def test_whole_answers_are_kept_and_used_again_without_asking(asked: Asked) -> None:
    asked.streets(WHOLE)
    assert (asked.servers.n_places, asked.servers.n_streets) == (1, 1)
    assert is_whole(asked.streets(BUSY))
    assert (asked.servers.n_places, asked.servers.n_streets) == (1, 1)


def test_what_was_answered_before_a_failure_is_not_asked_for_again(asked: Asked) -> None:
    with pytest.raises(LayerFaultsError):
        asked.streets(BUSY)
    assert asked.servers.n_places == 1
    assert is_whole(asked.streets(WHOLE))
    assert asked.servers.n_places == 1


@pytest.mark.parametrize("spoil", [lambda b: b[:-40], lambda b: b.replace(b"motorway", b"footway "), lambda _: b""])
def test_a_kept_answer_that_was_cut_off_or_altered_is_asked_for_again(asked: Asked, spoil: types.FunctionType) -> None:
    asked.streets(WHOLE)
    for path in asked.kept():
        path.write_bytes(spoil(path.read_bytes()))
    assert is_whole(asked.streets(WHOLE))
    assert asked.servers.n_streets == 2


def test_a_kept_answer_without_a_fingerprint_is_asked_for_again(asked: Asked) -> None:
    asked.streets(WHOLE)
    for path in asked.folder.glob("*.sha256"):
        path.unlink()
    assert is_whole(asked.streets(WHOLE))
    assert asked.servers.n_streets == 2
