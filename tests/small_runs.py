"""Random places of four villages as files, to be run from their tables to their results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from planner.assessment import Assessment
from scenarios.line import run
from scenarios.reading import read_scenario
from scenarios.scenario import Scenario
from tests.corpus.place import CODES, KINDS, PEOPLE, Rows, Spoilt, street_lines, village_frame, write_clean
from tests.small import X0, Y0

FACILITY_HEADER = ["设施编号", "设施名称", "设施类别", "状态", "占地面积", "床位数", "E", "N"]
CANDIDATE_HEADER = ["候选编号", "名称", "设施类别", "占地面积", "床位数", "投资", "E", "N"]
GOALS: tuple[dict[str, Any], ...] = (
    {"goal": "relieve", "max_sites": 2},
    {"goal": "share", "target_share": 0.8},
    {"goal": "serve", "capacity": "beds_total", "persons_per_place": 20, "max_sites": 1},
)


@dataclass(frozen=True)
class Place:
    """What the tables of a place hold, without their headers."""

    people: Rows
    facilities: Rows
    candidates: Rows
    siting: dict[str, Any]

    @property
    def pop60(self) -> int:
        """All people of 60 and over."""
        return sum(int(row[3]) for row in self.people)


def _site(number: int, prefix: str, at: tuple[int, int], more: list[Any]) -> list[Any]:
    return [f"{prefix}{number}", f"{prefix}{number}点", *more, X0 + at[0], Y0 + at[1]]


AT = st.tuples(st.integers(0, 80).map(lambda n: 50 * n), st.integers(0, 20).map(lambda n: 50 * n))
"""on the ground of the villages, on borders too"""
_KIND, _LAND, _BEDS = st.sampled_from(list(KINDS.values())), st.integers(30, 900), st.sampled_from([0, 2, 5, 20])


@st.composite
def places(draw: st.DrawFn) -> Place:
    """People, one to four facilities and one to four candidates with places, and a goal."""
    pop60 = draw(st.lists(st.sampled_from([0, 20, 75, 183, 400]), min_size=4, max_size=4).filter(any))
    people = [[code, row[1], 4 * n, n] for code, row, n in zip(CODES, PEOPLE[1:], pop60, strict=True)]
    stand = draw(st.lists(st.tuples(AT, _KIND, _LAND, _BEDS), min_size=2, max_size=4))
    could = draw(st.lists(st.tuples(AT, _KIND, _LAND, _BEDS, st.integers(1, 9)), min_size=3, max_size=5))
    return Place(
        people,
        [_site(i, "f", at, [kind, "正常", land, beds]) for i, (at, kind, land, beds) in enumerate(stand)],
        [_site(i, "c", at, [kind, land, beds, 100_000 * cost]) for i, (at, kind, land, beds, cost) in enumerate(could)],
        draw(st.sampled_from(GOALS)),
    )


def written(place: Place, folder: Path, *, order: Random | None = None) -> Scenario:
    """The scenario of a place whose files are written into a folder; `order` shuffles the rows of every table and layer."""
    write_clean(folder)
    spoilt = Spoilt(folder)

    def shuffled(rows: Rows) -> Rows:
        return order.sample(rows, len(rows)) if order else rows

    spoilt.put("people.csv", [PEOPLE[0], *shuffled(place.people)])
    spoilt.put("facilities.csv", [FACILITY_HEADER, *shuffled(place.facilities)])
    spoilt.put("candidates.csv", [CANDIDATE_HEADER, *shuffled(place.candidates)])
    if order:
        for level in ("township", "village"):
            frame = village_frame(level)
            frame.iloc[order.sample(range(len(frame)), len(frame))].to_file(folder / "units.gpkg", layer=level, driver="GPKG")
        lines = street_lines()
        lines.iloc[order.sample(range(len(lines)), len(lines))].to_file(folder / "streets.gpkg", driver="GPKG")
    for layer in ("facilities", "candidates"):
        spoilt.layers[layer] = [{"path": f"{layer}.csv", "crs": "EPSG:4546", "x": "E", "y": "N"}]
    spoilt.scenario["siting"] = place.siting
    spoilt.scenario["circle"] = {"base": "pop60"}
    spoilt.scenario["districts"] = {"capacity": "beds_total", "persons_per_place": 20}
    spoilt.scenario["outputs"] = {"folder": "out", "formats": ["page", "geopackage", "workbook", "result"]}
    return read_scenario(spoilt.write_scenario())


def assessed(place: Place, folder: Path, *, order: Random | None = None) -> Assessment:
    """The run of a place."""
    folder.mkdir(parents=True)
    return run(written(place, folder, order=order))
