"""What stands beside the map on the first page of the sheet: the key figures, and the first proposals or why there are none."""

from __future__ import annotations

from matplotlib.axes import Axes

from layers.saying import in_language
from maps import palette
from maps.numbers import shown
from maps.report.figures import capital, digits_and_unit, with_unit
from maps.report.fonts import font
from maps.tables.gains import gain_word
from maps.tables.place_tables import proposals as proposals_table
from maps.tables.plan_reasons import told_of_plan
from maps.tables.run_tables import key_figures
from maps.tables.shown import MOMENTS, code_word
from maps.words import words
from maps.wrapping import cut, wrapped
from planner.assessment import Assessment

LISTED = 24
"""proposals that the first page lists; all stand in the workbook"""
NAME_WIDTH, NAME_POINTS = 48, 7.5
"""narrow characters of a proposal in the list, and their size"""
GAIN_WIDTH = 8
"""narrow characters of a line of the headings over the figures of proposals"""
SIDE_WIDTH = 76
"""narrow characters in a line beside the map"""
PROPOSAL_COLUMNS = (0.62, 0.765, 0.88, 0.99)
"""right ends of cost, whom a proposal is for, people in reach, people gained"""


def figures_block(side: Axes, assessment: Assessment, language: str) -> float:
    """The key figures, today and with the plan; returns the height below it."""
    top, step = 0.99, 0.028
    table = key_figures(assessment)
    columns = ((0.72, MOMENTS[0]), (0.98, MOMENTS[1]))
    name_points = 9.5 if language == "zh" else 7.5  # the English names are twice as long
    for x, text in columns:
        side.text(x, top, text[1] if language == "zh" else capital(text[2]), fontproperties=font(9, "bold"), ha="right", va="top")
    for number, row in enumerate(table.frame.to_dict("records"), start=1):
        y, unit = top - step * number, str(row["unit"])
        side.text(0.0, y, capital(str(row["figure" if language == "zh" else "figure_en"])), fontproperties=font(name_points), va="top")
        for x, (state, *_) in columns:
            side.text(x, y, with_unit(float(row[state]), unit, language), fontproperties=font(9.5), ha="right", va="top")
    return top - step * (len(table.frame) + 1) - 0.01


def proposals_block(side: Axes, assessment: Assessment, language: str, top: float) -> None:
    """The first proposals: number, township, village and name, kind, cost, whom it is for, how many of them it reaches and gains."""
    table = proposals_table(assessment).frame
    word, step = words(language), 0.0205
    headings = (word["gained.for_whom"], word["gained.in_reach"], gain_word(assessment, language))
    cost = [word["proposals.cost"], digits_and_unit(0.0, "yuan", language)[1]]
    above = [cost, *(wrapped(heading, GAIN_WIDTH) for heading in headings)]
    below = 0.7 * (max(map(len, above)) - 1)  # lines of a heading stand closer than rows
    told = [line for text in told_of_plan(assessment) for line in wrapped(capital(in_language(text, language)), SIDE_WIDTH)]
    room = min(LISTED, int((top - 0.03) / step - below - 1 - len(told)))
    if not len(table):
        _lines(side, [word["proposals.none"], *told], top, step)
        return
    if room < 1:
        return
    side.text(0.0, top, word["proposals.heading"], fontproperties=font(10.5, "bold"), va="top")
    for x, lines in zip(PROPOSAL_COLUMNS, above, strict=True):
        side.text(x, top, "\n".join(lines), fontproperties=font(8.5), va="top", ha="right")
    for number, row in enumerate(table.head(room).to_dict("records"), start=1):
        y = top - step * (number + below + 0.4)
        side.text(0.0, y, f"{number}", fontproperties=font(8.5, "bold"), va="top", color=palette.PROPOSAL)
        kind = code_word(str(row["kind"]), "kind", language)
        site = located(str(row["name"] or row["candidate_id"]), str(row["unit_name"]))
        side.text(0.045, y, cut(f"{site} · {kind}", NAME_WIDTH), fontproperties=font(NAME_POINTS), va="top")
        people = (shown(float(row[name]), "people") for name in ("people_in_reach", "people_gained"))
        cells = (digits_and_unit(float(row["cost_yuan"]), "yuan", language)[0], word[f"whom.{row['for_whom']}"], *people)
        for x, cell in zip(PROPOSAL_COLUMNS, cells, strict=True):
            side.text(x, y, cell, fontproperties=font(8.5), va="top", ha="right")
    more = [word["page.more"].format(n=len(table) - room)] if len(table) > room else []
    _lines(side, [*more, *told], top - step * (min(len(table), room) + below + 1.4), step)


def located(name: str, place: str) -> str:
    """A site with its village and township; a village that its name begins with stands once: 岩门乡双江村 and 双江村仓库 are 岩门乡双江村仓库."""
    said = next((n for n in range(len(place), 1, -1) if name.startswith(place[-n:])), 0)
    return f"{place}{name[said:]}" if said else f"{place} {name}".strip()


def _lines(side: Axes, lines: list[str], top: float, step: float) -> None:
    """Lines of small text, one below the other."""
    for number, line in enumerate(lines):
        side.text(0.0, top - step * number, line, fontproperties=font(8.5), va="top", color="#555")
