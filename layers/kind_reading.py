"""What kind each facility of a file is: from its column, its name, the scenario's constant or its OSM tags, in that order.

Words for kinds: our ids, the names and words of `kinds.toml`, and what the scenario's `kinds` adds. An unknown word is a fault,
never a facility that silently counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import pandas as pd

from layers.cells import list_of
from layers.kinds import is_of_kind, kind_from_name, kind_names, kinds
from layers.layer_sources import SiteSource
from layers.problems import Findings, did_you_mean
from layers.reading import Layer
from layers.saying import say


def osm_tags_of(wanted: str) -> tuple[tuple[str, str], ...]:
    """The OSM tags that mark the kinds of a text such as `day_care;childcare`, or any kind when it is empty."""
    taken = [kind for kind in kinds().values() if not wanted or is_of_kind(kind.id, wanted.split(";"))]
    return tuple(dict.fromkeys(pair for kind in taken for pair in kind.osm))


def kinds_of_rows(layer: Layer, source: SiteSource, findings: Findings) -> pd.Series:
    """The `kind` of each row as our ids parted by `;`; rows whose kind cannot be told are a fault."""
    words = known_words(source.kinds)
    told = layer.frame["kind"]
    ids, strange = {}, {}
    for text in dict.fromkeys(told):
        parts = [part for part in text.split(";") if part]
        whole = words.get(text)
        ids[text] = whole or ";".join(dict.fromkeys(words.get(part, part) for part in parts))
        if not whole:
            strange.update({part: text for part in parts if part not in words})
    _tell_strange(layer, told, list(strange), findings)
    found = told.map(ids).astype(object)
    if source.kind_from_name:
        found = found.where(found != "", layer.frame["name"].map(kind_from_name))
    found = found.where(found != "", list_of(source.kind))
    if layer.is_osm:
        found = found.where(found != "", _kinds_of_tags(layer.frame))
    bare = list(layer.frame.index[found == ""])
    if bare:
        remedy = say(
            'Name the column that holds it (columns = {{ kind = "..." }}), or give all rows one kind (kind = "day_care"), or have it read from the names (kind_from_name = true).'
        )
        findings.error(
            layer.where,
            say("the kind of {n} row(s) is not known", n=len(bare)),
            remedy,
            [f"{row}: {name}" for row, name in layer.frame.loc[bare, "name"].items()],
        )
    return found


def known_words(said: Mapping[str, str]) -> dict[str, str]:
    """Every word that stands for a kind; the scenario's own go first."""
    ours = {
        list_of(word): kind.id for kind in reversed(kinds().values()) for word in (*kind.words, kind.meaning, kind.en, kind.zh, kind.id)
    }
    return {**ours, **{list_of(theirs): list_of(kind) for theirs, kind in said.items()}}


def _tell_strange(layer: Layer, told: pd.Series, strange: list[str], findings: Findings) -> None:
    if not strange:
        return
    near = get_close_matches(strange[0], kinds(), n=1) or ["day_care"]
    rows = [f"{row}: {text}" for row, text in told.items() if any(part in strange for part in text.split(";"))]
    findings.error(
        layer.where,
        say("unknown kind(s) of facility: {words}", words=strange),
        say(
            'Say what they are, e.g. kinds = {{ "{word}" = "{near}" }}, or leave the rows out by `where`. Kinds: {known}.',
            word=strange[0],
            near=near[0],
            known=kind_names(),
        ),
        rows,
    )


def _kinds_of_tags(frame: pd.DataFrame) -> pd.Series:
    """The kinds whose OSM tags a row bears, in the order of `kinds.toml`."""
    found = pd.Series("", index=frame.index, dtype=object)
    for kind in kinds().values():
        for key, value in kind.osm:
            if key in frame.columns:
                hits = (frame[key] == value) & ~found.str.split(";").map(lambda ids, kind_id=kind.id: kind_id in ids).astype(bool)
                found = found.where(~hits, (found + ";" + kind.id).str.strip(";"))
    return found.astype(object)


def check_kind_words(source: SiteSource, where: str, findings: Findings) -> None:
    """The scenario's own words must stand for kinds that there are."""
    said = {"kind": source.kind, **source.kinds}
    for theirs, text in said.items():
        strange = [part.strip() for part in text.split(";") if part.strip() and part.strip() not in kinds()]
        if strange:
            near = get_close_matches(strange[0], kinds(), n=1)
            what = say("{word} = {text}: {strange} is no kind", word=theirs, text=text, strange=strange)
            findings.error(where, what, did_you_mean(near, say("Kinds: {known}.", known=kind_names())))
