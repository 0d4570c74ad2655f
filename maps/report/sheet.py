"""`sheet_a3.pdf` and `sheet_a3.png`: the plan on paper. First the whole plan, then one page for every rule that units fail, today and with it.

Vector maps with title, legend, scale, north, sources and a line for the map review number (审图号). The same assessment gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import geopandas as gpd
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from layers.saying import say
from maps import palette
from maps.credits import credits_of
from maps.publishing.manifest import PublishError
from maps.report import drawing
from maps.report.beside import figures_block, proposals_block
from maps.report.figures import capital, quoted, with_unit
from maps.report.fills import rule_fill
from maps.report.fonts import chinese_family, font
from maps.report.inset import inset_of
from maps.tables.rule_tables import verdict_rows
from maps.tables.shown import MOMENTS, State, states
from maps.tables.unit_tables import measured_rules
from maps.words import words
from maps.wrapping import wrapped
from planner.assessment import Assessment
from planner.rules import Rule

A3_INCHES = (420 / 25.4, 297 / 25.4)
PNG_DPI = 150
LINE_WIDTH = 210
"""narrow characters in a line across the page"""
_STYLE = {"pdf.fonttype": 3, "hatch.linewidth": 0.3, "hatch.color": "#8a919c", "axes.unicode_minus": False}


def write_sheet_pdf(assessment: Assessment, path: Path, *, language: str, review_number: str = "") -> None:
    """All pages of the sheet as vectors. Raises `PublishError` when no font has Chinese characters."""
    title = assessment.title.get(language) or assessment.title.get("zh", "")
    with style(), PdfPages(path, metadata={"Title": title, "Creator": "quarterhour", "CreationDate": None}) as pages:
        for figure in sheets(assessment, language, review_number):
            pages.savefig(figure)


def write_sheet_png(assessment: Assessment, path: Path, *, language: str, review_number: str = "") -> None:
    """The first page as a picture."""
    with style():
        figure = next(sheets(assessment, language, review_number))
        FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})


def check_sheet(path: Path) -> None:
    """Whether the file is whole; raises when it is not."""
    data = path.read_bytes()
    whole = data.startswith(b"%PDF") and b"%%EOF" in data[-64:] if path.suffix == ".pdf" else data[-12:-8] == b"\x00\x00\x00\x00"
    if not whole:
        raise PublishError(say("{file} cannot be read back. Run again.", file=path.name))


def sheets(assessment: Assessment, language: str, review_number: str) -> Iterator[Figure]:
    """The pages, one at a time; they share no state."""
    shown_rules = list(rules_to_show(assessment))
    n_pages = 1 + len(shown_rules)
    yield _plan(assessment, language, _footer(assessment, language, review_number), f"1 / {n_pages}")
    for number, (rule, level) in enumerate(shown_rules, start=2):
        yield _rule(assessment, rule, level, language, _footer(assessment, language, review_number), f"{number} / {n_pages}")


def map_picture(assessment: Assessment, path: Path, state: State, *, language: str) -> None:
    """The map of the first page alone, for the brief."""
    with style():
        figure = Figure(figsize=(7.2, 6.9), dpi=170)
        _reach_map(figure, (0.005, 0.13, 0.99, 0.865), assessment, state, language)
        finding = dict(states(assessment))[state]
        entries = [*drawing.reach_handles(assessment, language), *drawing.handles(assessment, finding, assessment.circle_kinds, language)]
        figure.legend(handles=entries, prop=font(7), loc="lower center", ncols=4, frameon=False)
        FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})


def rule_picture(assessment: Assessment, rule: Rule, level: str, path: Path, *, language: str) -> None:
    """A rule today and with the plan side by side, for the brief."""
    with style():
        figure = Figure(figsize=(7.2, 3.55), dpi=170)
        _two_maps(figure, assessment, rule, level, language, (0.0, 0.1, 1.0, 0.81))
        FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})


def style() -> AbstractContextManager[None]:
    """Fonts and line widths while figures are made and written; nothing outside is changed."""
    context: AbstractContextManager[None] = rc_context({**_STYLE, "font.family": [chinese_family(), "DejaVu Sans"]})
    return context


def rules_to_show(assessment: Assessment) -> Iterator[tuple[Rule, str]]:
    """Rules that more than one unit of a level is asked, and that some fail today; each with its level."""
    for level in reversed(assessment.before.area.levels):
        for rule in measured_rules(assessment, level):
            rows = assessment.before.measures
            mine = rows[(rows["rule_id"] == rule.full_id) & (rows["reading"] == "") & (rows["level"] == level)]
            if len(mine) > 1 and (mine["verdict"] == "fail").any():
                yield rule, level


def _plan(assessment: Assessment, language: str, footer: str, page: str) -> Figure:
    figure = _page(assessment, _what(assessment, language), language, footer, page)
    _reach_map(figure, (0.02, 0.06, 0.66, 0.84), assessment, "after", language)
    side = figure.add_axes((0.70, 0.06, 0.285, 0.84))
    side.set_axis_off()
    top = figures_block(side, assessment, language)
    entries = [
        *drawing.reach_handles(assessment, language),
        *drawing.handles(assessment, assessment.after, assessment.circle_kinds, language),
    ]
    side.legend(
        handles=entries,
        prop=font(8.5),
        loc="upper left",
        bbox_to_anchor=(0.0, top),
        frameon=False,
        ncols=2,
        borderpad=0,
        columnspacing=1.0,
    )
    rows = (len(entries) + 1) // 2
    proposals_block(side, assessment, language, top - 0.03 - 0.0215 * rows)
    return figure


def _reach_map(figure: Figure, box: tuple[float, float, float, float], assessment: Assessment, state: State, language: str) -> None:
    """Circles, people beyond them and sites in a box of the figure; the part where sites crowd is enlarged in a corner."""
    area, sites = assessment.before.area, _sites(assessment, state)
    paper = (72 * box[2] * figure.get_figwidth(), 72 * box[3] * figure.get_figheight())
    inset = inset_of(area, np.column_stack([sites.geometry.x, sites.geometry.y]), paper)
    axes = figure.add_axes(box)
    drawing.frame(axes, inset.view if inset else drawing.bounds_of(area))
    _draw_reach(axes, assessment, state)
    drawing.proposals(axes, sites, bare=inset.window if inset else None)
    drawing.names(axes, area, font(8), 8.0, sites)
    drawing.scale_and_north(axes, language, font(9))
    if inset:
        drawing.framed(axes, inset.window)
        large = figure.add_axes(inset.corner_in(box))
        drawing.frame(large, inset.window)
        _draw_reach(large, assessment, state)
        drawing.proposals(large, sites)
        drawing.scale(large)
        drawing.border(large)


def _draw_reach(axes: Axes, assessment: Assessment, state: State) -> None:
    area, finding = assessment.before.area, dict(states(assessment))[state]
    drawing.ground(axes, area)
    drawing.circles(axes, finding)
    drawing.streets(axes, area)
    drawing.people_beyond(axes, assessment, finding)
    drawing.boundaries(axes, area)
    drawing.facilities(axes, assessment.before, assessment.circle_kinds)


def _sites(assessment: Assessment, state: State) -> gpd.GeoDataFrame:
    """The numbered sites of a map."""
    return assessment.proposals if state == "after" else assessment.proposals.iloc[:0]


def _rule(assessment: Assessment, rule: Rule, level: str, language: str, footer: str, page: str) -> Figure:
    title = rule.marked_title if language == "zh" else rule.marked_title_en
    figure = _page(assessment, title, language, footer, page)
    policy = rule.pack_title if language == "zh" else rule.pack_title_en
    said = rule.quote if language == "zh" else rule.gloss or rule.quote
    told = "\n".join(wrapped(quoted(policy, rule.clause, said, language), LINE_WIDTH, 2))
    figure.text(0.02, 0.893, told, fontproperties=font(9.5), va="top", color="#333")
    _two_maps(figure, assessment, rule, level, language, (0.02, 0.1, 0.96, 0.74))
    return figure


def _two_maps(
    figure: Figure, assessment: Assessment, rule: Rule, level: str, language: str, box: tuple[float, float, float, float]
) -> None:
    """The rule today (left) and with the plan (right), with one legend below."""
    left, bottom, width, height = box
    small = figure.get_figwidth() < A3_INCHES[0]
    fill = None
    for number, (state, *titles) in enumerate(MOMENTS):
        axes = figure.add_axes((left + number * width / 2, bottom, width / 2, height))
        fill = rule_fill(assessment, rule, level, "before" if state == "before" else "after", language)
        drawing.frame(axes, drawing.bounds_of(assessment.before.area))
        drawing.units(axes, assessment.before.area, level, fill)
        drawing.boundaries(axes, assessment.before.area)
        if state == "after":
            drawing.proposals(axes, assessment.proposals, 3.0 if small else 5.0)
        if not small:
            drawing.names(axes, assessment.before.area, font(7), 7.0, _sites(assessment, "before" if state == "before" else "after"))
        drawing.scale_and_north(axes, language, font(6 if small else 9))
        verdict = _verdict_line(assessment, rule, level, "before" if state == "before" else "after", language)
        axes.set_title(
            f"{titles[0] if language == 'zh' else capital(titles[1])}: {verdict}", fontproperties=font(8 if small else 12, "bold")
        )
    if fill is not None:
        figure.legend(handles=drawing.swatches(fill), prop=font(7 if small else 10), loc="lower center", ncols=len(fill.classes),
                      bbox_to_anchor=(0.5, bottom - (0.1 if small else 0.045)), frameon=False)  # fmt: skip


def _verdict_line(assessment: Assessment, rule: Rule, level: str, state: State, language: str) -> str:
    """What the rule says of the whole place in one state, and how many units of the level meet it."""
    row = verdict_rows(dict(states(assessment))[state]).get((rule.full_id, ""))
    if row is None:
        return words(language)["verdict.no_data"]
    word = words(language)
    measured = sum(int(float(str(row[name]))) for name in ("n_pass", "n_fail", "n_no_data"))
    met = word["rules.units_passing"].format(level=word[f"level.{level}"])
    parts = [word[f"verdict.{row['verdict']}"], f"{met} {int(float(str(row['n_pass'])))} / {measured}"]
    if float(str(row["shortfall"])) > 0:
        unit = str(row["shortfall_unit"])
        open_mark = "≥ " if row["shortfall_is_open"] else ""
        parts.append(f"{word['rules.shortfall']} {open_mark}{with_unit(float(str(row['shortfall'])), unit, language)}")
    return "  ".join(parts)


def _page(assessment: Assessment, subtitle: str, language: str, footer: str, page: str) -> Figure:
    """An A3 page with its head and foot."""
    figure = Figure(figsize=A3_INCHES)
    word = words(language)
    title = assessment.title.get(language) or assessment.title.get("zh", "")
    figure.text(0.02, 0.965, title, fontproperties=font(20, "bold"), va="top")
    figure.text(0.02, 0.921, subtitle, fontproperties=font(12.5, "bold"), va="top", color=palette.CIRCLE)
    marks = [word["page.internal"], f"{word['page.as_of']} {assessment.as_of.isoformat()}"]
    figure.text(0.98, 0.963, "   ".join(marks), fontproperties=font(11), va="top", ha="right", color="#a11")
    if assessment.before.area.is_synthetic:
        figure.text(0.98, 0.938, word["page.synthetic_long"], fontproperties=font(10, "bold"), va="top", ha="right", color="#a11")
    figure.text(0.02, 0.022, footer, fontproperties=font(7.5), va="bottom", color="#555")
    figure.text(0.98, 0.022, page, fontproperties=font(8.5), va="bottom", ha="right", color="#555")
    return figure


def _footer(assessment: Assessment, language: str, review_number: str) -> str:
    """Coordinate system, sources, and the review number of the map: a blank to be filled in where there is none yet."""
    area, word = assessment.before.area, words(language)
    files = ", ".join(dict.fromkeys(Path(source.path).name for source in area.sources))
    review = word["sheet.review"].format(number=review_number or word["sheet.blank"])
    first = "    ".join([f"{word['about.crs']}: {area.crs.name} ({area.crs.to_string()})", review, *credits_of(area.sources)])
    return "\n".join([first, *wrapped(f"{word['about.sources']}: {files}", LINE_WIDTH, 2)])


def _what(assessment: Assessment, language: str) -> str:
    """What the first page shows, in one line."""
    people, sites = words(language)["legend.circle"].format(minutes=f"{assessment.circle_minutes:g}"), len(assessment.proposals)
    cost = with_unit(assessment.choice.cost_yuan, "yuan", language)
    text = f"{people} · {words(language)['key.sites']} {sites} · {words(language)['key.cost']} {cost}"
    return text if sites else people
