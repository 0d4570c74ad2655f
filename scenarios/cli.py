"""The command line. A new command is one function here; what it does stands in the other rooms.

Exit codes: 0 done, 1 unexpected error (a bug), 2 wrong usage or a fault in a scenario or pack, 3 a layer breaks its contract,
4 done but a must rule is not met (only with --fail-on-shortfall), 5 the result could not be put in place, 6 a county of a batch failed,
7 too little memory, 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layers.saying import in_language, say
from scenarios import compare_commands, pack_commands
from scenarios.help_words import in_chinese
from scenarios.language import console_language, told
from scenarios.printing import print_json
from scenarios.printing import tell_progress as _say

if TYPE_CHECKING:
    from layers.problems import InputFaultsError, Problem
    from planner.assessment import Assessment

EXIT_SCENARIO, EXIT_LAYER, EXIT_SHORTFALL, EXIT_PUBLISH, EXIT_MEMORY = 2, 3, 4, 5, 7

app = typer.Typer(
    name="quarterhour",
    help="一刻钟: where the old and the very young have no care within a quarter of an hour on foot, and where to build so that they do.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done; 1 unexpected error; 2 usage or scenario fault; 3 layer fault; 4 must rule not met (--fail-on-shortfall); "
    "5 result could not be put in place; 6 a county of a batch failed; 7 too little memory.",
)

app.add_typer(pack_commands.app, name="standards")
app.command()(compare_commands.compare)
app.command()(compare_commands.batch)

ScenarioPath = Annotated[Path, typer.Argument(help="scenario file (.toml)", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object on standard output instead of text")]


_Files = Annotated[list[Path] | None, typer.Option(help="file of this layer; may be given several times", show_default=False)]


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where the county and its result are written")] = Path("out/demo"),
    *,
    as_json: AsJson = False,
) -> None:
    """Make 示范县, an invented county, and run the whole line on it."""
    from scenarios.demo import write_demo_county

    _say(say("making the demonstration county (synthetic data) in {folder}", folder=str(folder)))
    scenario_path = write_demo_county(folder)
    _run(scenario_path, as_json=as_json, fail_on_shortfall=False)


@app.command()
def init(  # noqa: PLR0913 - an option for each layer
    folder: Annotated[Path, typer.Argument(help="new folder for a scenario, or the one your files lie in", show_default=False)],
    files: Annotated[list[Path] | None, typer.Argument(help="your own files, of any layer", show_default=False)] = None,
    *,
    units: _Files = None,
    population: _Files = None,
    facilities: _Files = None,
    candidates: _Files = None,
    residential: _Files = None,
    spread: _Files = None,
    streets: _Files = None,
    terrain: _Files = None,
) -> None:
    """Write a scenario file to start from, with comments, and its JSON Schema; with your files, their columns are proposed in it."""
    from scenarios.proposal.propose import proposal_lines, propose
    from scenarios.template import refuse_existing, write_template

    refuse_existing(folder)
    said = {
        "units": units, "population": population, "facilities": facilities, "candidates": candidates,
        "residential": residential, "spread": spread, "streets": streets, "terrain": terrain,
    }  # fmt: skip
    proposal = propose(folder, files or [], {role: paths for role, paths in said.items() if paths})
    for path in write_template(folder, proposal.layers, proposal.place):
        typer.echo(str(path))
    for line in proposal_lines(proposal):
        typer.echo(line)


@app.command()
def check(
    scenario: ScenarioPath,
    *,
    report: Annotated[Path | None, typer.Option(help="also write check.html and check.json into this folder", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Read a scenario and its layers and tell every fault at once; nothing is computed, and written only with --report."""
    from maps.check.publish import publish_check, refuse_folder
    from maps.check.report import report_of
    from scenarios.checking import check as look
    from scenarios.summary import check_lines

    if report is not None:
        refuse_folder(report)
    found = look(scenario, progress=_say)
    told_all = report_of(found.checked)
    written = publish_check(told_all, report, found.checked.language, _say) if report is not None else []
    if as_json:
        print_json(told_all.model_dump(mode="json", by_alias=True))
    else:
        for line in check_lines(found, told_all, written):
            typer.echo(line)
    if found.fault is not None:
        typer.echo(found.fault.told(console_language()), err=True)
        raise typer.Exit(_exit_code(found.fault))


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
    from scenarios.line import read_place, run_today_in
    from scenarios.reading import read_scenario

    if language not in LANGUAGES:
        raise typer.BadParameter(told(say("one of {known}", known=LANGUAGES)), param_hint="--language")
    read = read_scenario(scenario)
    area = read_place(read, progress=_say)
    unit_id = find_unit(area, unit)
    typer.echo(sentences(run_today_in(area, read, progress=_say), unit_id, language))


@app.command()
def minutes(
    scenario: ScenarioPath,
    folder: Annotated[Path, typer.Argument(help="folder to put minutes.parquet into", show_default=False)],
    *,
    csv: Annotated[bool, typer.Option("--csv", help="minutes.csv instead; it cannot state its limits, so [layers.minutes] must")] = False,
) -> None:
    """Write the minutes of every pair of people and sites, in blocks, however many there are; no rule is judged."""
    from scenarios.line import write_minutes
    from scenarios.reading import read_scenario

    for path in write_minutes(read_scenario(scenario), folder, as_csv=csv, progress=_say):
        typer.echo(str(path))


@app.command("qgis-script")
def qgis_script(folder: Annotated[Path, typer.Argument(help="folder to put it into", show_default=False)]) -> None:
    """Write the script that runs scenarios from the Processing toolbox of QGIS (Scripts > Add script to toolbox)."""
    from maps.gis.qgis_script import write_qgis_script

    command = Path(sys.argv[0]).absolute()
    typer.echo(str(write_qgis_script(folder, str(command) if command.is_file() else "quarterhour")))


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Look at this installation: versions, packages that hide ours, fonts, browser, disk."""
    from scenarios.doctor import examine

    findings = examine()
    if as_json:
        print_json([finding.as_json() for finding in findings])
        return
    for finding in findings:
        typer.echo(told(finding.line()))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _run(path: Path, *, as_json: bool, fail_on_shortfall: bool) -> None:
    from maps.publishing.publish import refuse_shut
    from scenarios.line import run as run_line
    from scenarios.line import write
    from scenarios.reading import read_scenario

    scenario = read_scenario(path)
    refuse_shut(scenario.output_folder)
    assessment = run_line(scenario, progress=_say)
    written = write(scenario, assessment, progress=_say)
    if as_json:
        from maps.result import result_of

        print_json({**result_of(assessment), "files": [str(p) for p in written]})
    else:
        from scenarios.summary import line_of, summary

        for problem in assessment.before.area.problems:
            if problem.severity == "warning":
                _say(line_of(problem))
        for line in summary(assessment, written):
            typer.echo(line)
    if fail_on_shortfall and _must_rule_fails(assessment):
        raise typer.Exit(EXIT_SHORTFALL)


def _exit_code(fault: InputFaultsError) -> int:
    from layers.problems import LayerFaultsError

    return EXIT_LAYER if isinstance(fault, LayerFaultsError) else EXIT_SCENARIO


def _must_rule_fails(assessment: Assessment) -> bool:
    must = {rule.full_id for rule in assessment.rules if rule.strength == "must"}
    rows = assessment.after.verdicts
    return bool((rows["rule_id"].isin(must) & (rows["reading"] == "") & (rows["verdict"] == "fail")).any())


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "where": problem.where,
        "what": problem.what,
        "what_zh": in_language(problem.what, "zh"),
        "remedy": problem.remedy,
        "remedy_zh": in_language(problem.remedy, "zh"),
        "rows": list(problem.rows),
        "count": problem.count,
    }


def main() -> None:
    """Entry point: faults of the input become messages and exit codes, not tracebacks."""
    from layers.problems import InputFaultsError
    from layers.shortage import LIBRARIES_BYTES, TooLittleMemoryError, ask_for_memory, disk_fault, is_disk_fault, telling_of_memory
    from maps.publishing.manifest import PublishError

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a GBK console lacks some signs
    try:
        with telling_of_memory(_say):
            ask_for_memory(LIBRARIES_BYTES)
            command = typer.main.get_command(app)
            (in_chinese(command) if console_language() == "zh" else command)()
    except InputFaultsError as error:
        if "--json" in sys.argv:
            print_json({"problems": [_problem_json(p) for p in error.problems]})
        typer.echo(error.told(console_language()), err=True)
        sys.exit(_exit_code(error))
    except PublishError as error:
        typer.echo(error.told(console_language()), err=True)
        sys.exit(EXIT_PUBLISH)
    except TooLittleMemoryError as error:
        typer.echo(error.told(console_language()), err=True)
        sys.exit(EXIT_MEMORY)
    except OSError as error:
        if not is_disk_fault(error):
            raise
        typer.echo(told(disk_fault(str(error.filename2 or error.filename or say("a file")), error)), err=True)
        sys.exit(EXIT_PUBLISH)


if __name__ == "__main__":
    main()
