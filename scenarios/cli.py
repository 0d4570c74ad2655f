"""The command line. A new command is one function here; what it does stands in the other rooms.

Exit codes: 0 done, 1 unexpected error (a bug), 2 wrong usage or a fault in a scenario or pack, 3 a layer breaks its contract,
4 done but a must rule is not met (only with --fail-on-shortfall), 5 the result could not be put in place, 130 interrupted.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios import pack_commands
from scenarios.printing import print_json

if TYPE_CHECKING:
    from layers.problems import Problem
    from planner.assessment import Assessment

EXIT_SCENARIO, EXIT_LAYER, EXIT_SHORTFALL, EXIT_PUBLISH = 2, 3, 4, 5

app = typer.Typer(
    name="quarterhour",
    help="一刻钟: where the old and the very young have no care within a quarter of an hour on foot, and where to build so that they do.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done; 1 unexpected error; 2 usage or scenario fault; 3 layer fault; 4 must rule not met (--fail-on-shortfall); "
    "5 result could not be put in place.",
)

app.add_typer(pack_commands.app, name="standards")

ScenarioPath = Annotated[Path, typer.Argument(help="scenario file (.toml)", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object on standard output instead of text")]


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where the county and its result are written")] = Path("out/demo"),
    *,
    as_json: AsJson = False,
) -> None:
    """Make 示范县, an invented county, and run the whole line on it."""
    from scenarios.demo import write_demo_county

    _say(f"making the demonstration county (synthetic data) in {folder}")
    scenario_path = write_demo_county(folder)
    _run(scenario_path, as_json=as_json, fail_on_shortfall=False)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="new folder for a scenario", show_default=False)]) -> None:
    """Write a scenario file to start from, with comments, and its JSON Schema for editors."""
    from scenarios.template import write_template

    for path in write_template(folder):
        typer.echo(str(path))


@app.command()
def check(scenario: ScenarioPath, *, as_json: AsJson = False) -> None:
    """Read a scenario and its layers and tell every fault at once; nothing is computed or written."""
    from scenarios.line import read_place
    from scenarios.reading import read_scenario

    area = read_place(read_scenario(scenario), progress=_say)
    people = {base: float(area.demand[base].sum()) for base in area.bases}
    if as_json:
        print_json({"problems": [_problem_json(p) for p in area.problems], "people": people, "sources": len(area.sources)})
        return
    for problem in area.problems:
        typer.echo(f"{problem.severity}: {problem}")
    typer.echo(f"{area.name}: {len(area.units)} units, {len(area.demand)} places of people, {len(area.facilities)} facilities, ", nl=False)
    typer.echo(f"{len(area.candidates)} candidates; {', '.join(f'{base} {n:,.0f}' for base, n in people.items())}. No error.")


@app.command()
def run(
    scenario: ScenarioPath,
    *,
    fail_on_shortfall: Annotated[bool, typer.Option(help="exit with 4 when a must rule is not met after the proposals")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a scenario from its files to its pages."""
    _run(scenario, as_json=as_json, fail_on_shortfall=fail_on_shortfall)


@app.command()
def explain(
    scenario: ScenarioPath,
    unit: Annotated[str, typer.Argument(help="code or name of a village, township, county or residential area", show_default=False)],
    *,
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Tell in sentences what every rule says of one unit as it is today; no sites are chosen and nothing is written."""
    from maps.explain import explain as sentences
    from maps.explain import find_unit
    from maps.words import LANGUAGES
    from scenarios.line import run_today
    from scenarios.reading import read_scenario

    if language not in LANGUAGES:
        raise typer.BadParameter(f"one of {', '.join(LANGUAGES)}", param_hint="--language")
    assessment = run_today(read_scenario(scenario), progress=_say)
    typer.echo(sentences(assessment, find_unit(assessment.before.area, unit), language))


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Look at this installation: versions, packages that hide ours, fonts, browser, disk."""
    from scenarios.doctor import examine

    findings = examine()
    if as_json:
        print_json(findings)
        return
    for finding in findings:
        typer.echo(f"{'ok  ' if finding['ok'] else 'LOOK'} {finding['what']}: {finding['found']}")
    if not all(finding["ok"] for finding in findings):
        raise typer.Exit(1)


def _run(path: Path, *, as_json: bool, fail_on_shortfall: bool) -> None:
    from scenarios.line import run as run_line
    from scenarios.line import write
    from scenarios.reading import read_scenario

    scenario = read_scenario(path)
    assessment = run_line(scenario, progress=_say)
    written = write(scenario, assessment, progress=_say)
    if as_json:
        from maps.result import result_of

        print_json({**result_of(assessment), "files": [str(p) for p in written]})
    else:
        _summary(assessment, written)
    if fail_on_shortfall and _must_rule_fails(assessment):
        raise typer.Exit(EXIT_SHORTFALL)


def _summary(assessment: Assessment, written: list[Path]) -> None:
    """What came out, in a screenful, and where to look."""
    before, after, choice = assessment.before, assessment.after, assessment.choice
    was, is_now = (finding.balance.loc[finding.balance["unit_id"] == "", ["served", "total"]].iloc[0] for finding in (before, after))
    total = max(float(was["total"]), 1e-9)
    typer.echo(f"{assessment.title['zh']} / {assessment.title['en']}")
    if before.area.is_synthetic:
        typer.echo("合成数据 / synthetic data")
    typer.echo(
        f"{assessment.circle_base} within {assessment.circle_minutes:g} minutes: "
        f"{was['served']:,.0f} of {was['total']:,.0f} ({100 * was['served'] / total:.1f} %)"
        f" -> {is_now['served']:,.0f} ({100 * is_now['served'] / total:.1f} %)"
    )
    typer.echo(f"{len(choice.opened)} sites proposed, {choice.cost_yuan:,.0f} yuan, {choice.status}, gap {100 * choice.gap_share:.2f} %")
    words = {"pass": "pass", "fail": "FAIL", "not_applicable": "n/a", "no_data": "no data", "report_only": "report"}
    rules = {rule.full_id: rule for rule in assessment.rules}
    base_rows = before.verdicts[before.verdicts["reading"] == ""].merge(after.verdicts, on=["rule_id", "reading"], suffixes=("", "_after"))
    for row in base_rows.itertuples():
        overdue = " overdue" if row.overdue_after else ""
        then = words.get(str(row.verdict_after), str(row.verdict_after))
        rule = rules[str(row.rule_id)]
        mark = " ※" if rule.has_unverified_number else ""
        typer.echo(f"  {words.get(str(row.verdict), str(row.verdict)):12} -> {then:12}{overdue:8} {rule.title_en}{mark}")
    if assessment.open_questions:
        typer.echo(f"{len(assessment.open_questions)} open questions: only people can answer them ([attestations], docs/standards.md)")
    for problem in before.area.problems:
        if problem.severity == "warning":
            _say(f"warning: {problem}")
    for path in written:
        typer.echo(f"open in a browser: {path}" if path.suffix == ".html" else str(path))


def _must_rule_fails(assessment: Assessment) -> bool:
    must = {rule.full_id for rule in assessment.rules if rule.strength == "must"}
    rows = assessment.after.verdicts
    return bool((rows["rule_id"].isin(must) & (rows["reading"] == "") & (rows["verdict"] == "fail")).any())


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "where": problem.where,
        "what": problem.what,
        "remedy": problem.remedy,
        "rows": list(problem.rows),
        "count": problem.count,
    }


_STARTED = time.monotonic()


def _say(text: str) -> None:
    """Progress, on standard error, with the seconds since the start."""
    typer.echo(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", err=True)


def main() -> None:
    """Entry point: faults of the input become messages and exit codes, not tracebacks."""
    from layers.problems import InputFaultsError, LayerFaultsError
    from maps.manifest import PublishError

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a GBK console lacks some signs
    try:
        app()
    except InputFaultsError as error:
        if "--json" in sys.argv:
            print_json({"problems": [_problem_json(p) for p in error.problems]})
        typer.echo(str(error), err=True)
        sys.exit(EXIT_LAYER if isinstance(error, LayerFaultsError) else EXIT_SCENARIO)
    except PublishError as error:
        typer.echo(str(error), err=True)
        sys.exit(EXIT_PUBLISH)


if __name__ == "__main__":
    main()
