"""The run as tables: the key figures, how good the choice of sites is, what was read, and what every reader must know."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd

from layers.levels import LEVELS
from layers.saying import say
from layers.study_area import Source
from layers.tables import BASES
from maps.publishing.record import RunRecord, named_sources
from maps.tables.plan_reasons import told_of_plan
from maps.tables.rule_tables import UNCOMPUTED_KINDS
from maps.tables.shown import MOMENTS, Heading, ShownTable, sentences, states, table, told
from planner.assessment import Assessment, Finding
from planner.travel.model import PROFILES

KEY_FIGURES = (
    Heading("figure", "指标", "figure", language="zh"),
    Heading("figure_en", "指标（英文）", "figure", language="en"),
    *(Heading(state, zh, en, unit_column="unit") for state, zh, en in MOMENTS),
    Heading("unit", "单位", "unit", codes="unit"),
)
ABOUT = (
    Heading("key", "项", "key"),
    Heading("name", "名称", "name", language="zh"),
    Heading("name_en", "名称（英文）", "name", language="en"),
    Heading("value", "内容", "value"),
)
SOURCES = (
    *sentences("layer", "图层", "layer"),
    Heading("path", "文件", "file"),
    Heading("rows", "行数", "rows", is_count=True),
    Heading("sha256", "SHA-256", "SHA-256"),
    *sentences("note", "备注", "note"),
)
PROBLEMS = (
    Heading("severity", "级别", "severity", codes="severity"),
    *sentences("place", "位置", "where"),
    *sentences("what", "问题", "what"),
    *sentences("remedy", "如何改正", "remedy"),
    *sentences("rows", "涉及行", "rows"),
    Heading("count", "数量", "count", is_count=True),
)
STATEMENTS = (
    Heading("kind", "类别", "kind", codes="statement"),
    Heading("text_zh", "内容", "text", language="zh"),
    Heading("text", "内容（英文）", "text (English)", language="en"),
)
_RULE_ID = Heading("rule_id", "规则编号", "rule id")
_CANDIDATE = Heading("candidate_id", "候选点编号", "candidate")
_UNIT = Heading("unit", "单位", "unit", codes="unit")
CLAIMED = (
    _RULE_ID,
    Heading("shortfall_before", "需补总量", "whole need", unit_column="unit"),
    Heading("relieved", "补足", "relieved", unit_column="unit"),
    _UNIT,
)
REASONS = (
    _CANDIDATE,
    _RULE_ID,
    Heading("relieved", "补足", "relieved", unit_column="unit"),
    _UNIT,
    Heading("n_units", "涉及单元数", "units", unit="units", is_count=True),
)
UNMET = (
    _RULE_ID,
    Heading("unit_id", "单元代码", "unit code"),
    Heading("amount", "未补足", "not relieved", unit_column="unit"),
    _UNIT,
    *sentences("reason", "原因", "reason"),
)
EXCLUDED = (_CANDIDATE, _RULE_ID, *sentences("reason", "原因", "reason"))


JUDGED = ("pass", "fail", "undetermined", "no_data")
"""Verdicts of rules that can be met: "rules met" is said of so many. A rule that only reports or applies to nobody is none of them."""


def key_numbers(assessment: Assessment) -> dict[str, tuple[float, float]]:
    """The figures a committee asks for first, each (today, with the plan): people served and in all, the share served [%], rules that pass,
    fail, are undetermined, lack data or only report, all that can be met (the first four), sites proposed and their cost [yuan]; NaN where
    there is no such figure."""
    shares = [_share(finding) for _, finding in states(assessment)]
    found = {"served": _of_all(assessment, "served"), "total": _of_all(assessment, "total"), "share": (shares[0], shares[1])}
    for verdict in ("pass", "fail", "undetermined", "no_data", "report_only"):
        counts = [_n_rules(assessment, finding, verdict) for _, finding in states(assessment)]
        found[verdict] = (counts[0], counts[1])
    found["judged"] = (sum(found[verdict][0] for verdict in JUDGED), sum(found[verdict][1] for verdict in JUDGED))
    return {**found, "sites": (np.nan, float(len(assessment.proposals))), "cost": (np.nan, assessment.choice.cost_yuan)}


def key_figures(assessment: Assessment) -> ShownTable:
    """`key_numbers` as a table."""
    base = next(b for b in BASES if b.name == assessment.circle_base)
    minutes = f"{assessment.circle_minutes:g}"
    names = {
        "served": (f"{base.zh}在{minutes}分钟内", f"{base.en} within {minutes} minutes", "people"),
        "total": (f"{base.zh}合计", f"{base.en} in all", "people"),
        "share": (f"{base.zh}在{minutes}分钟内占比", f"share of {base.en} within {minutes} minutes", "%"),
        "pass": ("达标规则", "rules met", ""),
        "fail": ("未达标规则", "rules not met", ""),
        "undetermined": ("待定规则", "rules undetermined", ""),
        "no_data": ("无数据规则", "rules without data", ""),
        "report_only": ("仅统计规则", "rules that only report", ""),
        "sites": ("建议设施", "proposed facilities", "facilities"),
        "cost": ("投资", "cost", "yuan"),
    }
    found = key_numbers(assessment)
    rows = [(zh, en, *found[key], unit) for key, (zh, en, unit) in names.items()]
    frame = pd.DataFrame(rows, columns=[h.name for h in KEY_FIGURES])
    return table("key_figures", "主要指标", "Key figures", frame, KEY_FIGURES)


def about(assessment: Assessment) -> ShownTable:
    """What was asked and how it was answered, as text."""
    choice, area = assessment.choice, assessment.before.area
    profile = PROFILES[assessment.circle_profile]
    rows = [
        ("title", "标题", "title", assessment.title.get("zh", "")),
        ("title_en", "英文标题", "title in English", assessment.title.get("en", "")),
        ("place", "地区", "place", area.name),
        ("as_of", "数据日期", "as of", assessment.as_of.isoformat()),
        ("synthetic", "合成数据", "synthetic data", _yes(flag=area.is_synthetic)),
        ("crs", "坐标系", "coordinate system", f"{area.crs.to_string()} {area.crs.name}"),
        ("levels", "层级", "levels", ", ".join(LEVELS[level].zh for level in area.levels)),
        ("circle_kinds", "服务圈设施类别", "kinds of the circle", ";".join(assessment.circle_kinds)),
        ("circle_base", "服务圈统计人口", "whom the circle counts", assessment.circle_base),
        ("circle_minutes", "服务圈分钟数", "minutes of the circle", f"{assessment.circle_minutes:g}"),
        ("circle_profile", "步行方式", "pace", f"{profile.id}: {profile.speed_m_per_min:g} m/min"),
        ("choice_status", "选址结果", "choice of sites", choice.status),
        ("choice_method", "选址方法", "method of choice", choice.method),
        ("choice_objective", "目标值", "objective", repr(float(choice.objective))),
        ("choice_bound", "已证明的界", "proven bound", repr(float(choice.bound))),
        ("choice_objective_unit", "目标值单位", "unit of objective and bound", choice.objective_unit),
        ("choice_gap_share", "与界的差距（比例）", "gap to the bound (share)", repr(float(choice.gap_share))),
        ("choice_cost_yuan", "投资（元）", "cost (yuan)", repr(float(choice.cost_yuan))),
    ]
    return table("about", "说明", "About", pd.DataFrame(rows, columns=[h.name for h in ABOUT]), ABOUT)


def run_metadata(assessment: Assessment, record: RunRecord) -> ShownTable:
    """`about`, and what is needed to make this result again."""
    rows = [
        ("scenario_sha256", "场景文件 SHA-256", "SHA-256 of the scenario", record.scenario_sha256),
        *((f"version_{name}", f"版本 {name}", f"version of {name}", text) for name, text in record.versions),
        ("scenario", "场景文件", "scenario", record.scenario),
    ]
    frame = pd.concat([about(assessment).frame, pd.DataFrame(rows, columns=[h.name for h in ABOUT])], ignore_index=True)
    return table("run_metadata", "运行信息", "Run metadata", frame, ABOUT)


def statements(assessment: Assessment) -> ShownTable:
    """What every reader must know: invented data, what came of the plan, notes of the run, assumptions of the scenario."""
    synthetic = [say("synthetic data, not for decisions")] if assessment.before.area.is_synthetic else []
    rows: list[tuple[str, str]] = [("synthetic", text) for text in synthetic]
    rows += [("plan", text) for text in told_of_plan(assessment)]
    rows += [("note", text) for text in (*assessment.notes, *assessment.choice.notes)]
    rows += [("assumption", text) for text in assessment.before.area.assumptions]
    frame = pd.DataFrame(rows, columns=["kind", "text"], dtype=object)
    return table("statements", "须知", "Notes", told(frame, "text"), STATEMENTS)


def sources(assessment: Assessment) -> ShownTable:
    """Every file that was read, with its fingerprint."""
    names = [field.name for field in fields(Source)]
    frame = pd.DataFrame([vars(source) for source in named_sources(assessment)], columns=names, dtype=object)
    return table("sources", "数据来源", "Sources", told(frame, "layer", "note"), SOURCES)


def problems(assessment: Assessment) -> ShownTable:
    """What was wrong with the input and how it was dealt with."""
    rows = [
        {
            "severity": p.severity,
            "place": p.where,
            "what": p.what,
            "remedy": p.remedy,
            "rows": ", ".join(p.told_rows("en")),
            "rows_zh": "、".join(p.told_rows("zh")),
            "count": float(p.count),
        }
        for p in assessment.before.area.problems
    ]
    frame = pd.DataFrame(rows, columns=["severity", "place", "what", "remedy", "rows", "rows_zh", "count"], dtype=object)
    return table("problems", "数据问题", "Problems of the input", told(frame, "place", "what", "remedy"), PROBLEMS)


def choice_tables(assessment: Assessment) -> tuple[ShownTable, ...]:
    """Why these sites: what each mends, what all mend, what no candidate can mend, and which candidates may not be opened."""
    choice = assessment.choice
    return (
        table("reasons", "各建议设施的作用", "What each site mends", choice.reasons, REASONS),
        table("claimed", "方案的作用", "What the plan mends", choice.claimed, CLAIMED),
        table("unmet", "补不上的缺口", "Shortfalls that cannot be mended", told(choice.unmet, "reason"), UNMET),
        table("excluded", "被排除的候选点", "Candidates that may not be opened", told(choice.excluded, "reason"), EXCLUDED),
    )


def left_short(assessment: Assessment) -> dict[str, int]:
    """What stays short after the plan, as the words `choice.unmet` tell it: n rows that cannot be mended, n_short rules and units in all."""
    rows = assessment.after.measures
    return {"n": len(assessment.choice.unmet), "n_short": int(((rows["verdict"] == "fail") & (rows["reading"] == "")).sum())}


def _of_all(assessment: Assessment, part: str) -> tuple[float, float]:
    """A part of the balance over all people, today and with the plan."""
    before, after = (float(f.balance.loc[f.balance["unit_id"] == "", part].iloc[0]) for _, f in states(assessment))
    return before, after


def _share(finding: Finding) -> float:
    """Per cent of all people of the base who are inside the circle; NaN when there is nobody."""
    row = finding.balance[finding.balance["unit_id"] == ""].iloc[0]
    return 100 * float(row["served"]) / float(row["total"]) if row["total"] else np.nan


def _n_rules(assessment: Assessment, finding: Finding, verdict: str) -> float:
    """How many rules have a verdict, by their base reading; attestations only where somebody has answered."""
    answered = set(finding.measures["rule_id"])
    computed = {rule.full_id for rule in assessment.rules if rule.kind not in UNCOMPUTED_KINDS or rule.full_id in answered}
    rows = finding.verdicts[(finding.verdicts["reading"] == "") & finding.verdicts["rule_id"].isin(computed)]
    return float((rows["verdict"] == verdict).sum())


def _yes(*, flag: bool) -> str:
    return "是 / yes" if flag else "否 / no"
