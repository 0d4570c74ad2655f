"""A province: one line per county on a page and in a workbook, with links to the counties' own pages. Nothing here runs a script."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

import pandas as pd

from layers.tables import column
from maps.export import check_page
from maps.numbers import shown, shown_yuan
from maps.publishing.publish import Piece, publish
from maps.tables.run_tables import key_numbers
from maps.tables.shown import MOMENTS, Heading, ShownTable, both_states, table
from maps.words import LANGUAGES, unit_word, words
from maps.workbook import Cover, Sheet, check_workbook, write_sheets
from planner.assessment import Assessment

RunState = Literal["done", "unchanged", "failed"]


@dataclass(frozen=True)
class CountyFigures:
    """The key figures of one county, as its own outputs have them: (today, with the plan)."""

    title_zh: str
    title_en: str
    as_of: str
    synthetic: bool
    base: str
    """whose people the circle counts"""
    minutes: float
    served: tuple[float, float]
    total: tuple[float, float]
    share_pct: tuple[float, float]
    rules_met: tuple[float, float]
    rules_not_met: tuple[float, float]
    rules_undetermined: tuple[float, float]
    rules_without_data: tuple[float, float]
    rules_judged: tuple[float, float]
    """all of these four"""
    n_sites: float
    cost_yuan: float

    def as_json(self) -> dict[str, Any]:
        """Plain values; NaN as null."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, cells: Mapping[str, Any]) -> Self:
        """The figures that `as_json` wrote."""
        return cls(**{name: _figure(value) for name, value in cells.items()})


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _figure(value: object) -> Any:  # noqa: ANN401 - whatever a field of CountyFigures holds
    if isinstance(value, list):
        return tuple(_figure(member) for member in value)
    return math.nan if value is None else value


@dataclass(frozen=True)
class CountyRun:
    """What became of one county in a batch."""

    name: str
    scenario: str
    """path of the scenario file, as the list has it"""
    state: RunState
    reason: str = ""
    """why it failed"""
    page: str = ""
    """its page, relative to the folder of the province; "" when it has none"""
    figures: CountyFigures | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values; NaN as null."""
        figures = None if self.figures is None else self.figures.as_json()
        return {**asdict(replace(self, figures=None)), "reason": str(self.reason), "figures": figures}


def county_figures(assessment: Assessment) -> CountyFigures:
    """The key figures of an assessment."""
    found = key_numbers(assessment)
    return CountyFigures(
        title_zh=assessment.title["zh"], title_en=assessment.title["en"], as_of=assessment.as_of.isoformat(),
        synthetic=assessment.before.area.is_synthetic, base=assessment.circle_base, minutes=assessment.circle_minutes,
        served=found["served"], total=found["total"], share_pct=found["share"], rules_met=found["pass"], rules_not_met=found["fail"],
        rules_undetermined=found["undetermined"], rules_without_data=found["no_data"], rules_judged=found["judged"],
        n_sites=found["sites"][1], cost_yuan=found["cost"][1],
    )  # fmt: skip


def counties(runs: Sequence[CountyRun]) -> ShownTable:
    """One row per county; those without a result have no figures."""
    headings = (
        Heading("name", "县（方案）", "county (scenario)"),
        Heading("title_zh", "标题", "title", language="zh"),
        Heading("title_en", "标题（英文）", "title", language="en"),
        Heading("state", "运行", "run", codes="comparison"),
        Heading("base", "统计人口", "people counted"),
        Heading("minutes", "分钟", "minutes", unit="min"),
        *both_states("served", "圈内人口", "people inside the circle", unit="people"),
        *both_states("total", "合计", "people in all", unit="people"),
        *both_states("share_pct", "圈内占比", "share inside the circle", unit="%"),
        *both_states("rules_met", "达标规则", "rules met", is_figure=True),
        *both_states("rules_not_met", "未达标规则", "rules not met", is_figure=True),
        *both_states("rules_undetermined", "待定规则", "rules undetermined", is_figure=True),
        *both_states("rules_without_data", "无数据规则", "rules without data", is_figure=True),
        Heading("n_sites", "建议设施", "proposed facilities", unit="facilities"),
        Heading("cost_yuan", "投资", "cost", unit="yuan"),
        Heading("as_of", "评估日期", "day of judgement"),
        Heading("scenario", "方案文件", "scenario file"),
        Heading("page", "成果页", "page"),
        Heading("reason", "说明", "note"),
    )
    rows = [
        {**{name: getattr(run, name) for name in ("name", "state", "scenario", "page", "reason")}, **_cells(run.figures)} for run in runs
    ]
    return table("counties", "各县", "Counties", pd.DataFrame(rows, columns=[h.name for h in headings]), headings)


def _cells(figures: CountyFigures | None) -> dict[str, object]:
    cells: dict[str, object] = {}
    for name, value in (asdict(figures) if figures else {}).items():
        cells |= (
            {f"{name}_{state}": v for (state, _, _), v in zip(MOMENTS, value, strict=True)} if isinstance(value, tuple) else {name: value}
        )
    return cells


def publish_province(
    folder: Path, title: dict[str, str], as_of: date, runs: Sequence[CountyRun], *, language: str, progress: Callable[[str], None]
) -> list[Path]:
    """Write index.html and tables.xlsx of a province, whole or not at all; returns the paths."""
    is_synthetic = any(run.figures is not None and run.figures.synthetic for run in runs)
    cover = Cover(title[language], as_of, is_synthetic=is_synthetic)
    shown_table = counties(runs)
    sheets = (Sheet("各县", "Counties", (shown_table,), shown_table.id),)
    pieces = (
        Piece("index.html", partial(_write_page, title, as_of, runs), check_page),
        Piece("tables.xlsx", lambda path: write_sheets(path, sheets, cover, language=language), check_workbook),
    )
    return publish(folder, pieces, progress)


def _write_page(title: dict[str, str], as_of: date, runs: Sequence[CountyRun], path: Path) -> None:
    path.write_bytes(province_page(title, as_of, runs).encode("utf-8"))


def province_page(title: dict[str, str], as_of: date, runs: Sequence[CountyRun]) -> str:
    """The page: plain HTML, Chinese with English below; texts of the data are escaped."""
    template = files("maps.page").joinpath("templates/province.html").read_text(encoding="utf-8")
    states = {state: sum(run.state == state for run in runs) for state in ("done", "unchanged", "failed")}
    synthetic = any(run.figures is not None and run.figures.synthetic for run in runs)
    parts = {
        "title": _both(title["zh"], title["en"]),
        "plain_title": html.escape(title["zh"]),
        "sub": " · ".join((
            _word("page.as_of") + f" {as_of.isoformat()}",
            f"{len(runs)} " + _word("comparison.counties"),
            *(f"{_word(f'comparison.{state}')} {n}" for state, n in states.items() if n),
            _word("page.internal"),
        )),
        "banner": f'<p class="banner">{_word("page.synthetic_long")}</p>' if synthetic else "",
        "heads": "".join(f"<th{'' if i in (0, 7) else ' class=num'}>{_word(key)}</th>" for i, key in enumerate(_HEADS)),
        "rows": "\n".join(map(_row, runs)),
    }  # fmt: skip
    for name, text in parts.items():
        template = template.replace(f"[[{name}]]", text) if name != "rows" else template
    return template.replace("[[rows]]", parts["rows"])  # last: names of the data hold whatever they hold


_HEADS = (
    "comparison.county", "comparison.people_counted", "comparison.inside_before", "comparison.inside_after", "key.rules", "key.sites", "key.cost",
    "comparison.state",
)  # fmt: skip


def _row(run: CountyRun) -> str:
    name = html.escape(run.name)
    title = "" if run.figures is None else f'<div class="soft">{html.escape(_title(run.figures))}</div>'
    link = f'<a href="{html.escape(quote(run.page, safe="/"))}">{name}</a>' if run.page else name
    state = f'<td class="{run.state}">{_word(f"comparison.{run.state}")}'
    reason = f'<div class="reason">{html.escape(run.reason)}</div></td>' if run.reason else "</td>"
    return f"<tr><td>{link}{title}</td>{_figures(run.figures)}{state}{reason}</tr>"


def _title(figures: CountyFigures) -> str:
    """Title, whose people are counted, and within how many minutes."""
    base = column("demand", figures.base)
    return f"{figures.title_zh} · {base.zh if base else figures.base} {figures.minutes:g} {unit_word('min', 'zh')}"


def _figures(figures: CountyFigures | None) -> str:
    if figures is None:
        return '<td class="num">—</td>' * 6
    shares = [
        f'{shown(pct, "%")} %<div class="soft">{shown(n, "people")}</div>' for pct, n in zip(figures.share_pct, figures.served, strict=True)
    ]
    rules = f"{shown(figures.rules_met[0])} → {shown(figures.rules_met[1])} / {shown(figures.rules_judged[1])}"
    money = "".join(
        f'<div class="{"" if language == "zh" else "soft"}">{digits} {html.escape(unit_word(unit, language))}</div>'
        for language in LANGUAGES
        for digits, unit in [shown_yuan(figures.cost_yuan, language)]
    )
    cells = (shown(figures.total[1], "people"), *shares, rules, shown(figures.n_sites, "facilities"), money)
    return "".join(f'<td class="num">{cell}</td>' for cell in cells)


def _both(zh: str, en: str) -> str:
    return f'{html.escape(zh)} <span class="soft">{html.escape(en)}</span>'


def _word(key: str) -> str:
    return _both(*(words(language)[key] for language in LANGUAGES))
