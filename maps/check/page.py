"""The check report as one page: no script, nothing from the network, every text of the data escaped; it prints on A4.

A content security policy with the fingerprint of its style stands in the head: the browser itself refuses anything else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from typing import Literal

from layers.kinds import kinds
from layers.problems import row_label
from layers.saying import in_language
from layers.tables import column
from maps.check.model import CheckReport, PeopleOfBase, ProblemAtPlace
from maps.numbers import NO_DATA, shown
from maps.result_part import Part
from maps.words import words

SHOWN_UNASSIGNED = 30
KEPT_TO = 1e-9
"""Relative error that the count of people may have, as in `layers.settling`."""
_MARKS = {"error": "✕", "warning": "!"}


def check_page(report: CheckReport, language: str) -> str:
    """The page in "zh" or "en"."""
    return _Page(report, language).text()


@dataclass(frozen=True)
class _Page:
    report: CheckReport
    language: str

    def text(self) -> str:
        """The whole page. The template is filled in one pass, so that texts of the data are never looked at again."""
        style = _template("check.css")
        report = self.report
        title = f"{self._title}{self._word('heading')}" if self.language == "zh" else f"{self._word('heading')}: {self._title}"
        parts = {
            "language": "zh-CN" if self.language == "zh" else "en",
            "policy": f"default-src 'none'; style-src 'sha256-{_sha256(style)}'; base-uri 'none'; form-action 'none'",
            "plain_title": html.escape(title),
            "style": style,
            "sub": f"{html.escape(report.scenario)} · {html.escape(words(self.language)['page.internal'])}",
            "title": html.escape(title),
            "banner": f'<p class="banner">{html.escape(words(self.language)["page.synthetic_long"])}</p>' if report.synthetic else "",
            "state": "pass" if report.can_run else "fail",
            "verdict": html.escape(self._verdict),
            "counts": self._counts,
            "to_mend": self._word("to_mend"),
            "faults": self._faults,
            "tables": self._tables,
            "notes": self._notes,
        }
        return re.sub(r"\[\[(\w+)\]\]", lambda found: parts[found[1]], _template("check.html"))

    def _word(self, key: str, **fields: object) -> str:
        return words(self.language)[f"check.{key}"].format(**fields)

    def _said(self, part: Part, name: str) -> str:
        """A text of the report in the language of the page."""
        return str(getattr(part, f"{name}_zh" if self.language == "zh" else name))

    @property
    def _title(self) -> str:
        title = self.report.title
        if title is None:
            return self.report.scenario
        return f"{title.zh} " if self.language == "zh" else title.en

    @property
    def _verdict(self) -> str:
        report = self.report
        if report.n_errors:
            return self._word("refuses", n=report.n_errors)
        return self._word("ready_warnings", n=report.n_warnings) if report.n_warnings else self._word("ready")

    @property
    def _counts(self) -> str:
        report = self.report
        counts = {"errors": report.n_errors, "warnings": report.n_warnings, "notes": report.n_notes, "files": len(report.sources)}
        bad = ' class="bad"'
        return "".join(f"<li{bad if key == 'errors' and n else ''}><b>{n}</b>{self._word(key)}</li>" for key, n in counts.items())

    # ---------------------------------------------------------------- faults

    @property
    def _faults(self) -> str:
        told = [problem for problem in self.report.problems if problem.severity != "note"]
        if not told:
            return f"<p>{self._word('nothing_to_mend')}</p>"
        groups = "".join(self._group(list(of_file)) for _, of_file in groupby(told, key=lambda p: (p.layer, p.file, p.part)))
        return f'<p class="soft">{self._word("legend")}</p>{groups}'

    def _group(self, problems: Sequence[ProblemAtPlace]) -> str:
        heads = ["", self._word("place"), self._word("what"), self._word("remedy")]
        n_of = {key: sum(p.severity == severity for p in problems) for key, severity in (("errors", "error"), ("warnings", "warning"))}
        counts = " · ".join(f"{self._word(key)} {n}" for key, n in n_of.items() if n)
        rows = [[self._mark(p), self._place(p), self._found(p), _marked_up(self._said(p, "remedy"))] for p in problems]
        return f'<h3>{self._heading(problems[0])}<span class="soft">{counts}</span></h3>{_table(heads, rows, style="faults")}'

    def _heading(self, problem: ProblemAtPlace) -> str:
        layer = self._said(problem, "layer") if problem.layer else self._word("scenario_file")
        part = f" ({problem.part})" if problem.part else ""
        return html.escape(f"{layer} {problem.file}{part}".strip())

    def _mark(self, problem: ProblemAtPlace) -> str:
        name = words(self.language)[f"severity.{problem.severity}"]
        return f'<span class="mark {problem.severity}" title="{html.escape(name)}">{_MARKS[problem.severity]}</span>'

    def _place(self, problem: ProblemAtPlace) -> str:
        """Row and column of the first cell; where the fault has no cell, the rows that it is about."""
        row = in_language(row_label(f"row {problem.row}" if problem.row.isdigit() else problem.row), self.language)
        named = self._said(problem, "column")
        column_or_key = self._word("column" if problem.row else "key", name=named) if named else ""
        return "<br>".join(html.escape(part) for part in (row, column_or_key, "" if problem.row else self._rows_of(problem)) if part)

    def _found(self, problem: ProblemAtPlace) -> str:
        what = _marked_up(self._said(problem, "what"))
        rows = self._rows_of(problem) if problem.row and problem.count > 1 else ""
        return f'{what}<div class="rows">{html.escape(rows)}</div>' if rows else what

    def _rows_of(self, problem: ProblemAtPlace) -> str:
        """The rows that are named, and how many more there are."""
        rows = problem.rows_zh if self.language == "zh" else problem.rows
        listed, more = ("、" if self.language == "zh" else ", ").join(rows), problem.count - len(rows)
        return self._word("rows_more", rows=listed, n=more) if rows and more > 0 else listed

    # ---------------------------------------------------------------- the balance

    @property
    def _tables(self) -> str:
        report = self.report
        if not report.rows:
            return ""
        so_far = "" if report.can_run else f'<p class="soft">{self._word("known_so_far")} {self._word("not_known")}</p>'
        return f"<h2>{self._word('balance')}</h2>{so_far}{self._rows}{self._people}{self._unassigned}{self._sites}{self._kinds}"

    def _section(self, key: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Iterable[int]) -> str:
        """A table under its heading and the sum that it has to keep; nothing when it has no rows."""
        if not rows:
            return ""
        note = words(self.language).get(f"check.{key}_note", "")
        names = [self._word(head) if head else "" for head in heads]
        soft = f'<span class="soft">{html.escape(note)}</span>' if note else ""
        return f"<h3>{self._word(f'{key}_heading')}{soft}</h3>{_table(names, rows, numbers=numbers)}"

    @property
    def _rows(self) -> str:
        rows = []
        for file in self.report.rows:
            why = [html.escape(f"{self._said(part, 'why')} ({shown(part.rows, 'units')})") for part in file.left_out]
            n_left_out = None if file.read is None or file.kept is None else file.read - file.kept
            part = f" ({file.part})" if file.part else ""
            counts = [shown(n, "units") for n in (file.read, file.kept, n_left_out)]
            rows.append([html.escape(self._said(file, "layer")), html.escape(file.file + part), *counts, "<br>".join(why)])
        return self._section("rows", ("layer", "file", "read", "kept", "left_out", "why"), rows, (2, 3, 4))

    @property
    def _people(self) -> str:
        rows = [
            [html.escape(self._base(row.base)), *(shown(n, "people") for n in (row.given, row.placed, row.unassigned)), self._balances(row)]
            for row in self.report.people
        ]
        return self._section("people", ("base", "given", "placed", "unassigned", ""), rows, (1, 2, 3))

    def _balances(self, row: PeopleOfBase) -> str:
        if row.placed is None or row.unassigned is None:
            return NO_DATA
        if abs(row.given - row.placed - row.unassigned) <= KEPT_TO * max(1.0, row.given):
            return f'<span class="mark pass">✓</span> {self._word("balanced")}'
        return f'<span class="lost">{self._word("lost")}</span>'

    @property
    def _unassigned(self) -> str:
        found = [row for row in self.report.unassigned if row.people]
        rows = [
            [
                html.escape(self._base(row.base)),
                html.escape(row.unit_id or NO_DATA),
                html.escape(self._said(row, "reason")),
                shown(row.people, "people"),
            ]
            for row in found[:SHOWN_UNASSIGNED]
        ]
        section = self._section("unassigned", ("base", "unit", "reason", "people"), rows, (3,))
        more = len(found) - len(rows)
        return section + (f'<p class="soft">{self._word("and_more", n=more)}</p>' if more else "")

    @property
    def _sites(self) -> str:
        rows = [
            [self._layer(row.layer), *(shown(n, "facilities") for n in (row.kept, row.in_units, row.outside))] for row in self.report.sites
        ]
        return self._section("sites", ("layer", "kept", "in_units", "outside"), rows, (1, 2, 3))

    @property
    def _kinds(self) -> str:
        rows = [
            [
                self._layer(row.layer),
                html.escape(self._kind(row.kind)),
                html.escape(words(self.language).get(f"check.status_{row.status}", row.status)),
                shown(row.n, "facilities"),
            ]
            for row in self.report.kinds
        ]
        return self._section("kinds", ("layer", "kind", "status", "number"), rows, (3,))

    def _layer(self, layer: Literal["facilities", "candidates"]) -> str:
        return html.escape(words(self.language)[f"table.{layer}"])

    def _base(self, base: str) -> str:
        known = column("demand", base)
        return base if known is None else known.zh if self.language == "zh" else known.en

    def _kind(self, text: str) -> str:
        """`day_care;childcare` in the words of the language, the ids behind them."""
        known = [kinds()[kind] for kind in text.split(";") if kind in kinds()]
        named = " + ".join(kind.zh if self.language == "zh" else kind.en for kind in known)
        return f"{named} {text}".strip()

    # ---------------------------------------------------------------- notes

    @property
    def _notes(self) -> str:
        noted = [problem for problem in self.report.problems if problem.severity == "note"]
        items = [
            " ".join(filter(None, (f"<b>{html.escape(self._said(p, 'where'))}</b>", self._found(p), html.escape(self._rows_of(p)))))
            for p in noted
        ]
        assumed = self.report.assumptions_zh if self.language == "zh" else self.report.assumptions
        heads = (("notes_heading", items), ("assumptions", [html.escape(text) for text in assumed]))
        return "".join(
            f'<h2>{self._heading_of(key)}</h2><ul class="notes">{"".join(f"<li>{item}</li>" for item in found)}</ul>'
            for key, found in heads
            if found
        )

    def _heading_of(self, key: str) -> str:
        return html.escape(words(self.language)["about.assumptions"] if key == "assumptions" else self._word(key))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Iterable[int] = (), style: str = "") -> str:
    """A table of cells that are escaped already; the columns in `numbers` are figures."""
    right = set(numbers)

    def line(tag: str, cells: Sequence[str]) -> str:
        opened = (f'<{tag} class="num">' if i in right else f"<{tag}>" for i in range(len(cells)))
        return f"<tr>{''.join(f'{opening}{cell}</{tag}>' for opening, cell in zip(opened, cells, strict=True))}</tr>"

    opening = f'<table class="{style}">' if style else "<table>"
    body = "\n".join(line("td", row) for row in rows)
    return f"{opening}<thead>{line('th', heads)}</thead>\n<tbody>\n{body}\n</tbody></table>"


def _marked_up(text: str) -> str:
    """A sentence as HTML: what stands in `back quotes` is code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))


def _template(name: str) -> str:
    return files("maps.check").joinpath("templates", name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
