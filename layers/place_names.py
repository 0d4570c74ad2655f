"""What units and residential areas are called in every output: by their name, and by more where a name stands twice in the place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from layers.study_area import StudyArea

_HAN = re.compile("[\u4e00-\u9fff]")


def place_names(area: StudyArea) -> dict[str, str]:
    """Names of units and residential areas by id; "" for the whole.

    Of several of one name each is told with the unit above it (青山镇向阳村, 河口乡向阳村), with as many as tell them apart, or else with its id.
    """
    return _told_apart(_chains(area), {})


def names_with_township(area: StudyArea) -> dict[str, str]:
    """As `place_names`, villages always with their township: where a site is to be found."""
    level = dict(zip(area.units["unit_id"], area.units["level"], strict=True))
    parent = dict(zip(area.units["unit_id"], area.units["parent_id"], strict=True))
    return _told_apart(_chains(area), {id_: 1 for id_ in parent if level.get(parent[id_]) == "township"})


def _chains(area: StudyArea) -> dict[str, list[str]]:
    """Id -> its name and those of the units it lies in, finest first; unnamed units above are passed over."""
    tables = ((area.residential, "residential_id", "unit_id"), (area.units, "unit_id", "parent_id"))
    name = {id_: name for table, key, _ in tables for id_, name in zip(table[key], table["name"], strict=True)}
    above = {id_: up for table, key, parent in tables for id_, up in zip(table[key], table[parent], strict=True)}
    chains = {}
    for id_, own in name.items():
        chain, at = [own], above[id_]
        while at:
            chain += [name[at]] if name[at] else []
            at = above[at]
        chains[id_] = chain
    return chains


def _told_apart(chains: Mapping[str, list[str]], least: Mapping[str, int]) -> dict[str, str]:
    """Each with as many names of the units above it as tell it from all others, `least` at least."""
    more = {id_: min(least.get(id_, 0), len(chain) - 1) for id_, chain in chains.items()}
    while True:
        labels = {id_: _joined(chain[: more[id_] + 1]) for id_, chain in chains.items()}
        times = Counter(labels.values())
        open_ = [id_ for id_, chain in chains.items() if chain[0] and times[labels[id_]] > 1 and more[id_] + 1 < len(chain)]
        if not open_:
            break
        more |= {id_: more[id_] + 1 for id_ in open_}
    return {"": "", **{id_: f"{label} {id_}" if label and times[label] > 1 else label for id_, label in labels.items()}}


def _joined(names: list[str]) -> str:
    """Names from the finest unit up as one: in Chinese the larger first, otherwise parted by commas; "" for an unnamed unit."""
    if not names[0]:
        return ""
    return "".join(reversed(names)) if _HAN.search(names[0]) else ", ".join(names)
