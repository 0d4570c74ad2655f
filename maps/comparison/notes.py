"""What every reader of a comparison must know: other circles, other people, other settings, and rules that are not differenced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from layers.study_area import StudyArea
from maps.comparison.model import WITHIN_M, Comparison
from maps.comparison.people import same_demand, why_other_people
from maps.comparison.rules import standings
from maps.tables.rule_values import key_word, value_word
from maps.words import LANGUAGES, words
from planner.assessment import Assessment


def notes(comparison: Comparison) -> list[dict[str, str]]:
    """What every reader of a comparison must know: language -> sentence."""
    return [{language: _told(comparison, key, fields, language) for language in LANGUAGES} for key, fields in _notes(comparison)]


def _told(comparison: Comparison, key: str, fields: Mapping[str, object], language: str) -> str:
    said = dict(fields)
    if "what" in said:
        what = str(said["what"])
        said["what"] = words(language).get(f"comparison.{what}") or f"{words(language)['comparison.travel']} {key_word(what, language)}"
        said |= {side: value_word(what, said[side], language) for side in ("was", "now")}
    if "k" in said:
        said["why"] = why_other_people(comparison, int(str(said["k"])), language)
    return words(language)[f"comparison.{key}"].format(first=comparison.names[0], **said)


def _notes(comparison: Comparison) -> Iterator[tuple[str, dict[str, object]]]:
    """(key of the words, its fields)."""
    for k, other in comparison.others():
        name = comparison.names[k]
        if why_other_people(comparison, k, "en"):
            yield "other_circle", {"name": name, "k": str(k)}
        elif not same_demand(comparison.reference.after.area.demand, other.after.area.demand, other.circle_base):
            yield "other_points", {"name": name}
        for what, was, now in _run_settings(comparison.reference, other):
            if was != now:
                yield "other_setting", {"name": name, "what": what, "was": was, "now": now}
        if moved := _n_moved(comparison.reference.before.area, other.before.area):
            yield "other_outlines", {"name": name, "n": str(moved)}
        if n := sum(not standing.is_comparable for standing in standings(comparison, k).values()):
            yield "other_rules", {"name": name, "n": str(n)}


def _run_settings(mine: Assessment, theirs: Assessment) -> Iterator[tuple[str, object, object]]:
    """(day, coordinate system or key of `[travel]`, in the reference, in the scenario)."""
    yield "as_of", mine.as_of.isoformat(), theirs.as_of.isoformat()
    was, now = (assessment.travel.model_dump(mode="json") for assessment in (mine, theirs))
    yield from ((key, was[key], now[key]) for key in was)
    yield "crs", mine.before.area.crs.to_string(), theirs.before.area.crs.to_string()


def _n_moved(mine: StudyArea, theirs: StudyArea) -> int:
    """How many units have another outline: the page draws those of the reference."""
    there = theirs.units.set_index("unit_id").loc[mine.units["unit_id"]]
    shapes = there.geometry if theirs.crs == mine.crs else there.geometry.to_crs(mine.crs)
    off = mine.units.geometry.reset_index(drop=True).hausdorff_distance(shapes.reset_index(drop=True))
    return int((off > WITHIN_M).sum())
