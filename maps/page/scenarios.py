"""One page for several scenarios: the content of the first as on its own page, of every other what differs from it, and the comparison."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maps.comparison import tables as comparison_tables
from maps.comparison.model import Comparison
from maps.comparison.notes import notes
from maps.numbers import shown, shown_difference
from maps.page.differences import differences
from maps.page.edition import PageEdition
from maps.page.ground import Ground
from maps.page.island import Json, island
from maps.page.render import PLAIN, content, filled_page
from maps.tables.shown import ShownTable
from maps.words import LANGUAGES


def comparison_page(comparison: Comparison, edition: PageEdition = PLAIN) -> str:
    """The whole HTML file. The same comparison gives the same bytes."""
    return filled_page(" / ".join(comparison.names), comparison_content(comparison), edition)


def comparison_content(comparison: Comparison) -> dict[str, Json]:
    """Everything the script draws; outlines, streets and whatever else is the same in all scenarios is stored once."""
    ground = Ground.of(comparison.reference.before.area)
    contents = [content(assessment, ground, comparison.assessments) for assessment in comparison.assessments]
    return {
        **contents[0],
        "scenarios": {
            "names": list(comparison.names),
            "changes": [change(contents[0], other) for other in contents[1:]],
            "differences": [differences(comparison, k, ground) for k, _ in comparison.others()],
            "summary": _summary(comparison_tables.summary(comparison), len(comparison.names)),
            "settings": [list(row) for row in comparison.settings.itertuples(index=False, name=None)],
            "notes": [dict(note) for note in notes(comparison)],
            "proposals": _proposals(comparison_tables.proposals(comparison), len(comparison.names)),
        },
    }


def change(was: Json, now: Json) -> dict[str, Json]:
    """What turns one JSON value into another; `patched` of `templates/scenarios.js` applies it.

    `{"is": value}` stands for the value itself, `{"in": {key: change}}` for an object of the same keys or a list of the same length of which
    only these members change, `{"at": [place, text, ...]}` for a text of the same length of which only these stretches change, `{"of": [[from, to],
    value, ...]}` for a list of stretches of the old list and new members (`{"is": value}`) in turn; `{}` changes nothing. The
    shortest way is taken.
    """
    if was == now:
        return {}
    ways: list[dict[str, Json]] = [{"is": now}]
    if isinstance(was, Mapping) and isinstance(now, Mapping) and list(was) == list(now):
        ways.append({"in": {key: change(was[key], now[key]) for key in now if was[key] != now[key]}})
    if isinstance(was, list) and isinstance(now, list):
        ways.append({"of": _taken(was, now)})
        if len(was) == len(now):
            ways.append({"in": {str(i): change(a, b) for i, (a, b) in enumerate(zip(was, now, strict=True)) if a != b}})
    if isinstance(was, str) and isinstance(now, str) and len(was) == len(now) > LONG_TEXT and (was + now).isascii():
        ways.append({"at": _stretches(was, now)})
    return min(ways, key=lambda way: len(island(way)))


LONG_TEXT = 100
"""Shorter texts are told whole."""
STRETCH = 8
"""So many equal characters end a stretch: a new one costs about as many."""


def _stretches(was: str, now: str) -> list[Json]:
    """Place and new text of each stretch in which two texts of one length differ, in turn."""
    old, new = (np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32) for text in (was, now))
    at = np.flatnonzero(old != new)
    ends = np.flatnonzero(np.diff(at) > STRETCH)
    first, last = at[np.concatenate([[0], ends + 1])], at[np.concatenate([ends, [len(at) - 1]])]
    return [part for low, high in zip(first.tolist(), last.tolist(), strict=True) for part in (low, now[low : high + 1])]


def _taken(was: list[Json], now: list[Json]) -> list[Json]:
    """The new list as stretches [from, to) of the old one, and what is new."""
    place: dict[str, int] = {}
    for i, member in enumerate(was):
        place.setdefault(island(member), i)
    parts: list[Json] = []
    last: list[int] | None = None
    for member in now:
        at = last[1] if last and last[1] < len(was) and island(was[last[1]]) == island(member) else place.get(island(member), -1)
        if at < 0:
            parts.append({"is": member})
            last = None
        elif last is not None and at == last[1]:
            last[1] += 1
        else:
            last = [at, at + 1]
            parts.append(last)
    return parts


def _summary(table: ShownTable, n: int) -> list[Json]:
    """One row per key figure: its names, and per language its unit, the digits with the plan of each scenario and the differences."""
    rows: list[Json] = []
    for row in table.frame.to_dict("records"):
        told = {}
        for language in LANGUAGES:
            in_wan = row["unit"] == "yuan" and language == "zh"  # money is told as everywhere on the page
            unit, scale = ("wan_yuan", 10_000.0) if in_wan else (row["unit"], 1.0)
            plan = [shown(row[f"after_{i}"] / scale, unit) for i in range(n)]
            less = [shown_difference(row[f"difference_{i}"] / scale, unit) for i in range(1, n)]
            told[language] = {"unit": unit, "plan": plan, "difference": less}
        rows.append({"name": {"zh": row["figure"], "en": row["figure_en"]}, **told})
    return rows


def _proposals(table: ShownTable, n: int) -> list[Json]:
    """One row per proposed site: its name and kinds, and its number in each scenario ("" where it is not proposed)."""
    return [
        {
            "id": row["candidate_id"],
            "name": row["name"],
            "unit": row["unit_name"],
            "kind": [part for part in row["kind"].split(";") if part],
            "numbers": ["" if row[f"rank_{i}"] != row[f"rank_{i}"] else shown(row[f"rank_{i}"]) for i in range(n)],
        }
        for row in table.frame.to_dict("records")
    ]
