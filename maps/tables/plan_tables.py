"""The plan and the plans beside it, as tables: what is built when, what more or less money would relieve, near-best plans."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from layers.place_names import names_with_township
from maps.tables.shown import Heading, ShownTable, table
from planner.assessment import Assessment

UNFUNDED = "unfunded"
"""stands for the year of a decided site that the money of all phases does not reach"""
BUILD, CONVERT = "build", "convert"
"""what is done at a candidate that does not say it: premises that stand idle are converted"""

_CANDIDATE = Heading("candidate_id", "候选点编号", "candidate")
_NAME = Heading("candidate_name", "名称", "name")
_UNIT = Heading("unit", "单位", "unit", codes="unit")
_RELIEVED = Heading("relieved_pct", "补足比例", "needs relieved", unit="%")
_LEFT = Heading("left_pct", "剩余缺口比例", "needs left", unit="%")
ACTION = Heading("action", "措施", "action", codes="action")
PHASE = Heading("phase", "建设年份", "year of building", codes="phase")

PHASES = (
    PHASE,
    _CANDIDATE,
    _NAME,
    Heading("unit_name", "所在单元", "in"),
    ACTION,
    Heading("decided", "已定项目", "already decided", is_flag=True),
    Heading("cost_yuan", "投资", "cost", unit="yuan"),
    Heading("spent_yuan", "累计投资", "spent so far", unit="yuan"),
    Heading("granted_yuan", "累计安排资金", "money up to this year", unit="yuan"),
    _RELIEVED,
)
CURVE = (
    Heading("budget", "预算", "budget", unit_column="unit"),
    Heading("cost", "投入", "spent", unit_column="unit"),
    _UNIT,
    Heading("n_sites", "处数", "sites", unit="sites", is_count=True),
    _RELIEVED,
    _LEFT,
    Heading("bound_pct", "至多可补足（已证明）", "no plan relieves more than", unit="%"),
)
CURVE_STEPS = (
    Heading("step", "序次", "step", is_count=True),
    _CANDIDATE,
    _NAME,
    Heading("cost", "累计投入", "spent so far", unit_column="unit"),
    _UNIT,
    _RELIEVED,
    _LEFT,
    Heading("is_knee", "此后每元成效低于平均", "from here a further yuan relieves less than the average", is_flag=True),
)
ALTERNATIVES = (
    Heading("alternative", "备选方案", "plan", is_count=True),
    Heading("n_sites", "处数", "sites", unit="sites", is_count=True),
    Heading("cost_yuan", "投资", "cost", unit="yuan"),
    Heading("loss_pct", "比建议方案差", "worse than the plan by", unit="%"),
    Heading("added", "新增候选点编号", "candidates brought in"),
    Heading("added_names", "新增", "brought in", is_list=True),
    Heading("dropped", "不建候选点编号", "candidates given up"),
    Heading("dropped_names", "不建", "given up", is_list=True),
)


def plan_tables(assessment: Assessment) -> tuple[ShownTable, ...]:
    """What there is of the four tables: none of them where no site is sought."""
    choice = assessment.choice
    return (
        *([phases(assessment)] if len(choice.phases) else []),
        *([alternatives(assessment)] if choice.alternatives else []),
        *([curve(assessment), curve_steps(assessment)] if choice.curve is not None else []),
    )


def phases(assessment: Assessment) -> ShownTable:
    """In which year each site is built, and the money by then."""
    rows, done = assessment.choice.phases, actions(assessment)
    frame = rows.assign(
        phase=[phase_code(year) for year in rows["year"]],
        candidate_name=_names(assessment, rows["candidate_id"]),
        unit_name=_units(assessment, rows["candidate_id"]),
        action=[done[id_] for id_ in rows["candidate_id"]],
        relieved_pct=100 * rows["relieved_share"],
    )
    return table("phases", "分期建设", "Phases", frame, PHASES)


def curve(assessment: Assessment) -> ShownTable:
    """The best plan found at each of a few budgets."""
    found = assessment.choice.curve
    rows = found.points if found else pd.DataFrame(columns=["relieved_share", "left_share", "bound_share", *(h.name for h in CURVE)])
    frame = rows.assign(
        unit=found.unit if found else "",
        relieved_pct=100 * rows["relieved_share"],
        left_pct=100 * rows["left_share"],
        bound_pct=100 * rows["bound_share"],
    )
    return table("curve", "预算与成效", "Budget and what it relieves", frame, CURVE)


def curve_steps(assessment: Assessment) -> ShownTable:
    """One site after another, each the one that relieves most for its money; the first row is the place as it stands."""
    found = assessment.choice.curve
    rows = found.steps if found else pd.DataFrame(columns=["relieved_share", "left_share", *(h.name for h in CURVE_STEPS)])
    frame = rows.assign(
        step=np.arange(float(len(rows))),
        candidate_name=_names(assessment, rows["candidate_id"]),
        unit=found.unit if found else "",
        relieved_pct=100 * rows["relieved_share"],
        left_pct=100 * rows["left_share"],
        is_knee=[found is not None and number == found.knee_step > 0 for number in range(len(rows))],
    )
    return table("curve_steps", "逐处累加的成效", "Site after site", frame, CURVE_STEPS)


def alternatives(assessment: Assessment) -> ShownTable:
    """Near-best plans, the best first, and what they exchange."""
    rows = [
        {
            "alternative": float(number),
            "n_sites": float(len(other.opened)),
            "cost_yuan": other.cost_yuan,
            "loss_pct": 100 * other.loss_share,
            "added": ";".join(other.added),
            "added_names": "、".join(_names(assessment, other.added)),
            "dropped": ";".join(other.dropped),
            "dropped_names": "、".join(_names(assessment, other.dropped)),
        }
        for number, other in enumerate(assessment.choice.alternatives, start=1)
    ]
    frame = pd.DataFrame(rows, columns=[h.name for h in ALTERNATIVES])
    return table("alternatives", "相近方案", "Near-best plans", frame, ALTERNATIVES)


def phase_code(year: int) -> str:
    """A year of building as text, so that it has no thousands separator."""
    return str(int(year)) if year else UNFUNDED


def phase_of(assessment: Assessment) -> dict[str, str]:
    """Candidate -> its year of building; empty without phases."""
    rows = assessment.choice.phases
    return {str(id_): phase_code(year) for id_, year in zip(rows["candidate_id"], rows["year"], strict=True)}


def actions(assessment: Assessment) -> dict[str, str]:
    """Candidate -> what is done there."""
    rows = assessment.before.area.candidates
    told = rows["action"] if "action" in rows.columns else [""] * len(rows)
    idle = rows["idle"] if "idle" in rows.columns else [None] * len(rows)
    usual = [CONVERT if stands_idle is True else BUILD for stands_idle in idle]
    return {str(id_): str(action) or other for id_, action, other in zip(rows["candidate_id"], told, usual, strict=True)}


def _names(assessment: Assessment, ids: Iterable[str]) -> list[str]:
    """The names of candidates, their ids where they have none."""
    area = assessment.before.area
    names = dict(zip(area.candidates["candidate_id"], area.candidates["name"], strict=True)) if "name" in area.candidates else {}
    return [str(names.get(id_) or id_) for id_ in ids]


def _units(assessment: Assessment, ids: Iterable[str]) -> list[str]:
    area = assessment.before.area
    unit_of = dict(zip(area.candidates["candidate_id"], area.candidates["unit_id"], strict=True))
    names = names_with_township(area)
    return [names.get(str(unit_of[id_]), "") for id_ in ids]
