"""What a run found, in a screenful on the console, in its language: people inside the circle, sites, verdicts, plan, warnings, files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from layers.problems import Problem, Severity
from layers.saying import Said, say
from layers.study_area import StudyArea
from layers.tables import base_name
from maps.check.model import CheckReport
from maps.money import money
from maps.numbers import shown
from maps.tables.plan_lines import plan_lines
from maps.tables.plan_reasons import goal_lines, why_nothing
from maps.tables.run_tables import left_short
from maps.words import words
from planner.assessment import Assessment
from planner.balance import units_without_figure
from planner.siting.model import Status
from scenarios.checking import Check
from scenarios.language import console_language, told
from scenarios.printing import padded
from scenarios.without_data import without_data

SEVERITIES: dict[Severity, Said] = {"error": say("error"), "warning": say("warning"), "note": say("note")}
_VERDICTS = {
    "pass": say("pass"),
    "fail": say("FAIL"),
    "undetermined": say("undetermined"),
    "not_applicable": say("n/a"),
    "no_data": say("no data"),
    "report_only": say("report"),
}
_STATUSES: dict[Status, Said] = {
    "optimal": say("optimal"),
    "feasible": say("feasible"),
    "time limit": say("time limit"),
}


def summary(assessment: Assessment, written: list[Path]) -> Iterator[str]:
    """The lines of standard output."""
    yield assessment.title[console_language()]
    if assessment.before.area.is_synthetic:
        yield told(say("synthetic data"))
    yield told(_inside(assessment))
    yield from _left_out(assessment)
    yield from (told(line) for line in goal_lines(assessment))
    yield from _chosen(assessment)
    if why := why_nothing(assessment):
        yield told(why.in_full)
    yield from _verdicts(assessment)
    yield from (told(line) for line in without_data(assessment))
    yield from (told(line) for line in plan_lines(assessment))
    if n_open := len(assessment.open_questions):
        yield told(say("open questions: {n}; only people can answer them ([attestations], docs/standards.md)", n=n_open))
    for path in written:
        yield told(say("open in a browser: {file}", file=str(path))) if path.suffix == ".html" else str(path)


def _chosen(assessment: Assessment) -> Iterator[str]:
    """The plan in a line, and what it leaves short, in the words of the page."""
    choice, word = assessment.choice, words(console_language())
    if choice.status == "nothing to do":
        yield word["choice.nothing to do"]
    else:
        plan = {"n": len(choice.opened), "cost": money(choice.cost_yuan), "status": _STATUSES[choice.status], "gap": 100 * choice.gap_share}
        yield told(say("{n} sites proposed, {cost}, {status}, gap {gap:.2f} %", **plan))
    if len(choice.unmet):
        yield word["choice.unmet"].format(**left_short(assessment))


def line_of(problem: Problem) -> str:
    """A problem on the console, its severity before it."""
    return told(say("{severity}: {problem}", severity=SEVERITIES[problem.severity], problem=problem.sentence))


def check_lines(found: Check, report: CheckReport, written: list[Path]) -> Iterator[str]:
    """The lines of a check on standard output: what was found (the sums of people among it), what became of rows, and where the report is."""
    language = console_language()
    if found.area is not None and found.fault is None:
        yield from (line_of(problem) for problem in found.area.problems)
        yield told(_place(found.area))
    for sites in report.sites:
        if sites.in_units is not None and sites.outside is not None:
            counts = {"layer": _SITES[sites.layer], "n": sites.kept, "inside": sites.in_units, "outside": sites.outside}
            yield "  " + told(say("{layer}: {n} read = {inside} in a unit + {outside} outside every unit", **counts))
    for file in report.rows:
        if file.left_out:
            why = [part.why_zh if language == "zh" else part.why for part in file.left_out]
            yield "  " + told(
                say(
                    "{file}: {n} of {n_read} rows left out: {why}",
                    file=file.file,
                    n=sum(part.rows for part in file.left_out),
                    n_read=file.read,
                    why=why,
                )
            )
    yield from (told(say("open in a browser: {file}", file=str(path))) for path in written if path.suffix == ".html")


_SITES = {"facilities": say("facilities"), "candidates": say("candidates")}


def _place(area: StudyArea) -> Said:
    return say(
        "{name}: {n} units, {n_demand} places of people, {n_facilities} facilities, {n_candidates} candidates; {people}. No error.",
        name=area.name,
        n=len(area.units),
        n_demand=len(area.demand),
        n_facilities=len(area.facilities),
        n_candidates=len(area.candidates),
        people=[say("{base} {n:,.0f}", base=base_name(base), n=float(area.demand[base].sum())) for base in area.bases],
    )


def _inside(assessment: Assessment) -> Said:
    was, now = (f.balance.loc[f.balance["unit_id"] == "", ["served", "total"]].iloc[0] for f in (assessment.before, assessment.after))
    total = float(was["total"])
    parts = {"base": base_name(assessment.circle_base), "minutes": assessment.circle_minutes, "total": total}
    if not total > 0:
        return say("{base} within {minutes:g} minutes: nobody is known", **parts)
    return say(
        "{base} within {minutes:g} minutes: {was:,.0f} of {total:,.0f} ({was_pct:.1f} %) -> {now:,.0f} ({now_pct:.1f} %)",
        **parts,
        was=float(was["served"]),
        was_pct=100 * float(was["served"]) / total,
        now=float(now["served"]),
        now_pct=100 * float(now["served"]) / total,
    )


def _left_out(assessment: Assessment) -> Iterator[str]:
    """Whom the share of people inside the circle does not know, or counts as outside for want of a street."""
    sheet, area = assessment.before.balance, assessment.before.area
    people = float(sheet.loc[sheet["unit_id"] == "", "off_network"].iloc[0])
    if people > 0:
        yield told(say("{n} of these people live too far from every street to be reached", n=shown(people, "people")))
    if n := len(units_without_figure(area, assessment.circle_base)):
        yield told(say("{n} unit(s) have no figure of {base} and are in none of these sums", n=n, base=base_name(assessment.circle_base)))


def _verdicts(assessment: Assessment) -> Iterator[str]:
    """A line for each rule, by its base reading: today, with the plan, whether it is overdue, its title."""
    words = {verdict: told(said) for verdict, said in _VERDICTS.items()}
    rules = {rule.full_id: rule for rule in assessment.rules}
    before, after = assessment.before.verdicts, assessment.after.verdicts
    rows = before[before["reading"] == ""].merge(after, on=["rule_id", "reading"], suffixes=("", "_after"))
    for row in rows.itertuples():
        overdue = f" {told(say('overdue'))}" if row.overdue_after else ""
        today, then = (words.get(str(verdict), str(verdict)) for verdict in (row.verdict, row.verdict_after))
        rule = rules[str(row.rule_id)]
        title = rule.marked_title if console_language() == "zh" else rule.marked_title_en
        yield f"  {padded(today, 12)} -> {padded(then, 12)}{padded(overdue, 8)} {title}"
