"""The rules of the page: what each says, its verdict before and after, and its figure in every unit.

All digits are written here, by `maps.numbers`, so that page and tables agree; the script of the page only puts them in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from maps import palette
from maps.numbers import shown
from maps.page.island import Json, in_both, narrow, packed
from maps.tables.rule_values import key_word, value_word
from planner.assessment import Assessment
from planner.attested import Attested
from planner.rules import Number, Reading, Rule, expand

VERDICTS = ("pass", "fail", "no_data", "not_applicable", "report_only")
"""Code of a unit's verdict in the packed columns: its position here."""
NOT_MEASURED = 255
"""Code of a unit that one state has and the other has not."""
SYMBOLS = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}


def rules(assessment: Assessment, place_rows: Mapping[tuple[str, str], int], together: Sequence[Assessment] = ()) -> list[Json]:
    """One entry per rule, in the order of the standards; `place_rows` gives (level, id) -> row of the places.

    Classes of colour have limits that hold for all assessments of `together`, so that maps beside one another can be compared.
    """
    return [_rule(rule, assessment, place_rows, together or (assessment,)) for rule in assessment.rules]


def _rule(rule: Rule, assessment: Assessment, place_rows: Mapping[tuple[str, str], int], together: Sequence[Assessment]) -> Json:
    return {
        "id": rule.full_id,
        "pack": {"zh": rule.pack_title, "en": rule.pack_title_en},
        "title": {"zh": rule.title, "en": rule.title_en},
        "kind": rule.kind,
        "clause": rule.clause,
        "quote": rule.quote,
        "gloss": rule.gloss,
        "strength": rule.strength,
        "units_pct": shown(rule.units_pct),
        "deadline": None if rule.deadline is None else rule.deadline.isoformat(),
        "unverified": rule.has_unverified_number,
        "ambiguity": [{"zh": zh, "en": en} for zh, en in zip(rule.ambiguity_zh or rule.ambiguity, rule.ambiguity, strict=True)],
        "numbers": [*_numbers(rule.numbers, None), *(number for r in rule.readings for number in _numbers(r.numbers, r))],
        "answers": [_answer(read, _reading(rule, read.reading_id), assessment, place_rows, together) for read in expand((rule,))],
    }


def _numbers(numbers: Sequence[Number], reading: Reading | None) -> list[Json]:
    """Where each number comes from; `reading` names the reading that uses it, None for the base rule."""
    name = {"zh": reading.title_zh or reading.id, "en": reading.title_en or reading.id} if reading else None
    return [
        {
            "reading": name,
            "said": _told(n.at, n.is_),
            "status": n.status,
            "quote": n.quote,
            "url": n.url,
            "note": in_both(n.note),
        }
        for n in numbers
    ]


def _reading(rule: Rule, reading_id: str) -> Reading | None:
    return next((reading for reading in rule.readings if reading.id == reading_id), None)


def _answer(
    rule: Rule, reading: Reading | None, assessment: Assessment, place_rows: Mapping[tuple[str, str], int], together: Sequence[Assessment]
) -> Json:
    """What a rule answers as it is read: its requirement, the verdicts, and the units."""
    extra = dict(reading.model_extra or {}) if reading else {}
    key = (rule.full_id, rule.reading_id)
    before, after = (_rows(finding.measures, key) for finding in (assessment.before, assessment.after))
    unit = _first(before, "unit") or rule.value_unit
    op = SYMBOLS.get(rule.op or "", "")
    asked = None if rule.value is None else {"op": op, "digits": shown(rule.value, unit).removesuffix(".0"), "unit": unit}
    both = [
        _verdict(_rows(finding.verdicts, key), rows, unit) for finding, rows in ((assessment.before, before), (assessment.after, after))
    ]
    return {
        "reading": rule.reading_id,
        "title": {"zh": rule.reading_title, "en": rule.reading_title_en},
        "unverified": rule.has_unverified_number,
        "evidence": _evidence(rule),
        "why": {"zh": reading.why_zh or reading.why, "en": reading.why} if reading else None,
        "changes": [
            _told(name, extra[name]) for name in sorted(extra) if name != "value_unit"
        ],  # the unit stands in the requirement beside
        "required": asked,
        "kinds": list(_kinds(rule)),
        "level": _first(before, "level") or rule.unit,
        "unit": unit,
        "before": both[0],
        "after": both[1],
        "units": _units(before, after, place_rows, _limits(key, before, after, together)),
    }


def _evidence(rule: Rule) -> str:
    """Day and evidence of an attested answer; "" where there is none."""
    answer: Attested | None = getattr(rule, "attested", None)
    return f"{answer.date.isoformat()} · {answer.evidence}" if answer else ""


def _kinds(rule: Rule) -> tuple[str, ...]:
    """The kinds of facilities that a rule speaks of; () for a rule about none in particular."""
    return tuple(getattr(rule, "facilities", None) or ()) + tuple(getattr(rule, "together", None) or ())


def _told(key: str, value: object) -> Json:
    """A key of a rule and its value, in both languages."""
    return {"zh": f"{key_word(key, 'zh')}：{value_word(key, value, 'zh')}", "en": f"{key_word(key, 'en')}: {value_word(key, value, 'en')}"}


def _rows(table: pd.DataFrame, key: tuple[str, str]) -> pd.DataFrame:
    return table[(table["rule_id"] == key[0]) & (table["reading"] == key[1])]


def _first(table: pd.DataFrame, column: str) -> str:
    return str(table[column].iloc[0]) if len(table) else ""


def _verdict(verdict: pd.DataFrame, rows: pd.DataFrame, unit: str) -> Json:
    """The rule's verdict in one state with its figures as digits; None when the rule was not evaluated."""
    if not len(verdict):
        return None
    row = verdict.iloc[0]
    measured = rows[rows["verdict"] != "not_applicable"]
    value = float(measured["value"].iloc[0]) if len(measured) == 1 else float(row["value"])
    limit = _common(rows["required"])
    return {
        "verdict": str(row["verdict"]),
        "n_pass": int(row["n_pass"]),
        "n_fail": int(row["n_fail"]),
        "n_no_data": int(row["n_no_data"]),
        "n_not_applicable": int(row["n_not_applicable"]),
        "n_units": len(measured),
        "needed": int(row["units_needed"]),
        "lower": shown(float(row["lower_pct"]), "%"),
        "upper": shown(float(row["upper_pct"]), "%"),
        "value": shown(value, unit, beside=limit),
        "shortfall": ("≥ " if row["shortfall_is_open"] else "") + shown(float(row["shortfall"]), str(row["shortfall_unit"])),
        "shortfall_unit": str(row["shortfall_unit"]),
        "short": bool(float(row["shortfall"]) > 0),
        "overdue": bool(row["overdue"]),
    }


def _common(values: pd.Series) -> float | None:
    """The one figure that all units are asked for; None when they differ or nothing is asked."""
    known = values.dropna().unique()
    return float(known[0]) if len(known) == 1 else None


def _limits(key: tuple[str, str], before: pd.DataFrame, after: pd.DataFrame, together: Sequence[Assessment]) -> tuple[float, ...]:
    """Limits of the classes of colour: of the values of a rule without a limit, else of the shortfalls of today; of all assessments in the
    same unit."""
    figure, unit = ("value", "unit") if _reports(before, after) else ("shortfall", "shortfall_unit")
    mine = _first(pd.concat([before, after]), unit)
    tables = [
        _rows(finding.measures, key) for one in together for finding in ((one.before, one.after) if figure == "value" else (one.before,))
    ]
    return palette.breaks(pd.concat([table.loc[table[unit] == mine, figure] for table in tables]), 5 if figure == "value" else 4)


def _reports(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    return any(bool((table["verdict"] == "report_only").any()) for table in (before, after))


def _units(before: pd.DataFrame, after: pd.DataFrame, place_rows: Mapping[tuple[str, str], int], limits: tuple[float, ...]) -> Json:
    """Columns over the units that either state measures; None when there are none, as for a rule measured over the whole place at once."""
    ids = places_measured(before, after, place_rows)
    if not ids:
        return None
    both = pd.concat([before, after])
    reports = _reports(before, after)
    unit = _first(both, "unit" if reports else "shortfall_unit")
    states = [table.set_index("unit_id").reindex([i for i, _ in ids]) for table in (before, after)]
    return {
        "place": packed([place_rows[(level, i)] for i, level in ids], "i"),
        "reports": reports,
        "limits": [shown(limit, unit) for limit in limits],
        "breaks": list(limits),
        "limit_unit": unit,
        "before": _columns(states[0], limits, reports=reports),
        "after": _columns(states[1], limits, reports=reports),
    }


def places_measured(before: pd.DataFrame, after: pd.DataFrame, place_rows: Mapping[tuple[str, str], int]) -> list[tuple[str, str]]:
    """(unit id, level) of the units that either state measures and that are drawn, in the order of the page's columns."""
    ids = dict.fromkeys(
        (str(i), str(level)) for table in (before, after) for i, level in zip(table["unit_id"], table["level"], strict=True)
    )
    return [(i, level) for i, level in ids if (level, i) in place_rows]


def _columns(rows: pd.DataFrame, limits: tuple[float, ...], *, reports: bool) -> Json:
    """The units of one state. `class` is that of the shortfall, or of the value for a rule without a limit."""
    verdict = rows["verdict"].map({name: code for code, name in enumerate(VERDICTS)}).fillna(NOT_MEASURED)
    classes = palette.class_of(rows["value" if reports else "shortfall"].to_numpy(dtype=float), limits)
    value, shortfall = rows["value"].to_numpy(dtype=float), rows["shortfall"].to_numpy(dtype=float)
    text = rows[["unit", "shortfall_unit", "note"]].fillna("")
    required = rows["required"].to_numpy(dtype=float)
    place = {note: i for i, note in enumerate(dict.fromkeys(text["note"]))}
    return {
        "verdict": packed(verdict.to_numpy(), "u1"),
        "class": packed(np.where(classes < 0, NOT_MEASURED, classes), "u1"),
        "value": narrow(value.astype(np.float32)),
        "shortfall": narrow(shortfall.astype(np.float32)),
        "value_text": [shown(v, u, beside=None if np.isnan(r) else r) for v, u, r in zip(value, text["unit"], required, strict=True)],
        "shortfall_text": [shown(s, u) for s, u in zip(shortfall, text["shortfall_unit"], strict=True)],
        "notes": [in_both(note) for note in place],
        "note": packed([place[note] for note in text["note"]], "i"),
    }
