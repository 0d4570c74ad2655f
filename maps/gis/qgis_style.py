"""How QGIS draws the layers of `plan.gpkg`: the colours and classes of the page, each style under its own name, one of them the default.

A new way to draw a layer is one `Look` in the function of that layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from layers.kinds import kinds
from maps import palette
from maps.gis.qgis_xml import Category, Labels, Look, Symbol, qml
from maps.legend import ranges
from maps.numbers import shown
from maps.tables.shown import MOMENTS, ShownTable, State, code_word
from maps.tables.unit_tables import LAYER_NAMES, column_stems, measured_rules
from maps.words import unit_word, words
from planner.assessment import Assessment
from planner.rules import Rule


@dataclass(frozen=True)
class Style:
    """One style of a layer, as a row of `layer_styles`."""

    name: str
    qml: str
    is_default: bool = False


NO_WORD = "–"
"""label of the class of units of which a rule says nothing"""
LEVELS_OF_LAYERS = {layer: level for level, layer in LAYER_NAMES.items()}
LABEL_DENOMINATORS = {"villages": 60_000, "townships": 400_000, "residential": 20_000}
"""Names of units appear from this scale on; coarser units always have theirs."""
OUTLINES_MM = {"residential_area": 0.2, "village": 0.1, "township": 0.4}
"""Width of boundaries; coarser units have wider ones."""


def styles(assessment: Assessment, layer: ShownTable, language: str) -> list[Style]:
    """The styles of a layer, the default first; the default also names the columns."""
    found = looks(assessment, layer, language)
    return [Style(look.name, qml(layer, look, language, with_fields=n == 0), is_default=n == 0) for n, look in enumerate(found)]


def looks(assessment: Assessment, layer: ShownTable, language: str) -> list[Look]:
    """The ways to draw a layer, the usual one first."""
    if layer.id in LEVELS_OF_LAYERS:
        return list(_unit_looks(assessment, layer, LEVELS_OF_LAYERS[layer.id], language))
    if layer.id == "demand":
        districts = [_district_look(assessment, layer, moment, language) for moment in MOMENTS] if assessment.districts else []
        return [*(_demand_look(assessment, moment, language) for moment in MOMENTS), *districts]
    if layer.id == "service_circles":
        return [_circle_look(layer, moment, language) for moment in MOMENTS]
    if layer.id in _LOOKS:
        return [_LOOKS[layer.id](layer, language)]
    return [Look(layer.title(language))]


def _unit_looks(assessment: Assessment, layer: ShownTable, level: str, language: str) -> Iterator[Look]:
    """Every rule with the classes of the page, today and with the plan; then how many rules each unit does not meet.

    Only the finest units are filled by default, coarser ones show their boundaries: two fills over one another cannot be read. Themes of
    people and circles show the boundaries of all.
    """
    labels = Labels('"name"', 9.0 if level in ("county", "township") else 7.5, LABEL_DENOMINATORS.get(layer.id, 0))
    heading = {h.name: h.title(language) for h in layer.headings}
    line = Symbol("fill", palette.BOUNDARY, 1.0, palette.BOUNDARY, OUTLINES_MM.get(level, 0.6), style="no")
    boundary = Look(words(language)["layers.boundaries"], categories=[Category("", layer.title(language), line)], labels=labels)
    is_filled = level == assessment.before.area.finest_level
    if not is_filled:
        yield boundary
    stems = column_stems(assessment)
    for rule in measured_rules(assessment, level):
        for moment in MOMENTS:
            expression, classes = _rule_classes(layer, stems[rule.full_id], moment[0], language)
            name = f"{_title(rule, language)}（{moment[1]}）" if language == "zh" else f"{_title(rule, language)} ({moment[2]})"
            yield Look(name, expression, classes, labels, _state(moment))
    for moment in MOMENTS:
        column = f"rules_failed_{moment[0]}"
        several = len(palette.SHORT)
        expression = f'CASE WHEN "{column}" IS NULL THEN \'-\' WHEN "{column}" >= {several} THEN \'{several}\' ELSE to_string(to_int("{column}")) END'
        classes = [Category("0", "0", _fill(palette.MET))]
        classes += [Category(str(n), f"≥ {n}" if n == several else str(n), _fill(palette.SHORT[n - 1])) for n in range(1, several + 1)]
        classes.append(Category("-", words(language)["verdict.no_data"], _fill(palette.NO_DATA)))
        yield Look(heading[column], expression, classes, labels, _state(moment))
    if is_filled:
        yield boundary


def _rule_classes(layer: ShownTable, stem: str, state: str, language: str) -> tuple[str, list[Category]]:
    """Classes of one rule: shortfalls (or values, where nothing is asked) small to large, met, no data, not applicable."""
    reports = "report_only" in set(layer.frame[f"{stem}_verdict_before"]) | set(layer.frame[f"{stem}_verdict_after"])
    what, verdict = ("value", "report_only") if reports else ("shortfall", "fail")
    unit = next(h.unit for h in layer.headings if h.name == f"{stem}_{what}_before")
    before, after = (layer.frame[f"{stem}_{what}_{moment[0]}"] for moment in MOMENTS)
    limits = palette.breaks(pd.concat([before, after]) if reports else before, 5 if reports else 4)
    colours = palette.FIGURE if reports else palette.SHORT
    column = f'"{stem}_{what}_{state}"'
    cases = " ".join(f"WHEN {column} <= {limit!r} THEN '{number}'" for number, limit in enumerate(limits))
    size = f"CASE {cases} ELSE '{len(limits)}' END" if limits else "'0'"
    expression = f'CASE WHEN "{stem}_verdict_{state}" = \'{verdict}\' THEN {size} ELSE "{stem}_verdict_{state}" END'
    word = words(language)
    classes = [
        Category(str(number), f"{word[f'verdict.{verdict}']} {text}".strip(), _fill(colours[number]))
        for number, text in enumerate(ranges(limits, unit, language))
    ]
    classes.append(Category("pass", word["verdict.pass"], _fill(palette.MET)))
    classes.append(Category("no_data", word["verdict.no_data"], _fill(palette.NO_DATA)))
    classes.append(Category("not_applicable", word["verdict.not_applicable"], _fill(palette.NOT_APPLICABLE)))
    classes.append(Category("", NO_WORD, _fill(palette.NOT_APPLICABLE)))
    return expression, classes


def _demand_look(assessment: Assessment, moment: tuple[str, str, str], language: str) -> Look:
    """Minutes in thirds of the circle, then everything beyond it."""
    state = moment[0]
    thirds = [assessment.circle_minutes * n / 3 for n in (1, 2, 3)]
    column = f'"minutes_{state}"'
    cases = " ".join(f"WHEN {column} <= {third + 1e-9!r} THEN '{n}'" for n, third in enumerate(thirds))
    expression = f"CASE WHEN \"minutes_state_{state}\" <> 'reached' THEN \"minutes_state_{state}\" {cases} ELSE 'out of reach' END"
    word = words(language)
    minutes = [shown(third, "min").removesuffix(".0") for third in thirds]
    classes = [
        Category(str(n), f"≤ {text} {unit_word('min', language)}", _point(colour))
        for n, (text, colour) in enumerate(zip(minutes, palette.MINUTES, strict=True))
    ]
    classes.append(Category("out of reach", word["legend.beyond"].format(high=minutes[-1]), _point(palette.BEYOND)))
    classes.append(Category("off network", word["legend.off_network"], _point(palette.OFF_NETWORK)))
    return Look(f"{word['legend.minutes']} {_moment(moment, language)}", expression, classes, state=_state(moment))


def _district_look(assessment: Assessment, layer: ShownTable, moment: tuple[str, str, str], language: str) -> Look:
    """The facility that most people of each point go to, in one state; who has no place in grey."""
    column = f"district_{moment[0]}"
    names = dict(zip(assessment.after.area.facilities["facility_id"], assessment.after.area.facilities["name"], strict=True))
    ids = sorted(set(layer.frame[column]) - {""})
    classes = [
        Category(id_, str(names.get(id_) or id_), _point(palette.DISTRICTS[n % len(palette.DISTRICTS)])) for n, id_ in enumerate(ids)
    ]
    classes.append(Category("", words(language)["legend.no_place"], _point(palette.NO_DATA)))
    heading = next(h for h in layer.headings if h.name == column)
    return Look(heading.title(language), f'"{column}"', classes, state=_state(moment))


def _circle_look(layer: ShownTable, moment: tuple[str, str, str], language: str) -> Look:
    """The merged circles of one state, drawn over one another so that the nearest are darkest; circles of one facility are not drawn."""
    minutes = sorted(set(layer.frame["minutes"]), reverse=True)
    cases = " ".join(f"WHEN abs(\"minutes\" - {m!r}) < 1e-6 THEN '{n}'" for n, m in enumerate(minutes))
    is_shown = f"\"state\" = '{moment[0]}' AND \"facility_id\" = ''"
    expression = f"CASE WHEN {is_shown} THEN CASE {cases} END ELSE 'not drawn' END"
    circle = Symbol("fill", palette.CIRCLE, 0.22, palette.CIRCLE, 0.2)
    legend = words(language)["legend.circle"]
    classes = [Category(str(n), legend.format(minutes=shown(m, "min").removesuffix(".0")), circle) for n, m in enumerate(minutes)]
    name = f"{words(language)['layers.circles']} {_moment(moment, language)}"
    return Look(name, expression, classes, state=_state(moment))


def _facility_look(layer: ShownTable, language: str) -> Look:
    """Colour and shape by the (first) kind; those not open in grey."""
    expression = "CASE WHEN \"status\" IN ('open', 'proposed') THEN \"kind\" ELSE 'not open' END"
    classes = []
    for text in sorted(set(layer.frame["kind"])):
        kind = kinds().get(text.split(";")[0])
        symbol = Symbol("marker", kind.colour if kind else palette.CANDIDATE, 1.0, "#ffffff", 0.2, 3.0, kind.symbol if kind else "circle")
        classes.append(Category(text, code_word(text, "kind", language), symbol))
    classes.append(Category("not open", words(language)["legend.not_open"], Symbol("marker", "#9ca3af", 1.0, "#ffffff", 0.2, 2.2)))
    labels = Labels('"name"', 7.5, 40_000)
    return Look(words(language)["layers.facilities"], expression, classes, labels)


def _proposal_look(layer: ShownTable, language: str) -> Look:
    """Stars with rank and name."""
    star = Symbol("marker", palette.PROPOSAL, 1.0, "#ffffff", 0.3, 5.0, "star")
    labels = Labels('to_string(to_int("rank")) || \' \' || "name"', 9.0)
    category = Category("", layer.title(language), star)
    return Look(layer.title(language), categories=[category], labels=labels)


def _candidate_look(layer: ShownTable, language: str) -> Look:
    """Grey diamonds; those that may not be opened are faint."""
    expression = "CASE WHEN \"excluded_reason\" <> '' THEN 'excluded' ELSE '' END"
    excluded = Symbol("marker", palette.CANDIDATE, 0.35, "#ffffff", 0.2, 2.4, "cross")
    standing = Symbol("marker", palette.CANDIDATE, 0.9, "#ffffff", 0.2, 2.4, "diamond")
    classes = [
        Category("excluded", words(language)["about.excluded"], excluded),
        Category("", words(language)["layers.candidates"], standing),
    ]
    return Look(layer.title(language), expression, classes)


def _street_look(layer: ShownTable, language: str) -> Look:
    return Look(
        words(language)["layers.streets"], categories=[Category("", layer.title(language), Symbol("line", palette.STREET, size_mm=0.3))]
    )


_LOOKS = {"facilities": _facility_look, "proposals": _proposal_look, "candidates": _candidate_look, "streets": _street_look}


def _fill(colour: str) -> Symbol:
    return Symbol("fill", colour, 0.85, palette.BOUNDARY, 0.15)


def _point(colour: str) -> Symbol:
    return Symbol("marker", colour, 1.0, "#ffffff", 0.1, 1.6)


def _moment(moment: tuple[str, str, str], language: str) -> str:
    return moment[1] if language == "zh" else moment[2]


def _state(moment: tuple[str, str, str]) -> State:
    return "before" if moment[0] == "before" else "after"


def _title(rule: Rule, language: str) -> str:
    return rule.marked_title if language == "zh" else rule.marked_title_en
