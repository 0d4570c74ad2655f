"""The command line. A new command is one function here; what it does stands in the other rooms.

Exit codes: 0 done, 1 unexpected error (a bug), 2 wrong usage or a fault in a scenario or pack, 3 a layer breaks its contract,
4 done but a must rule is not met (only with --fail-on-shortfall), 5 the result could not be put in place, 6 a county of a batch failed,
7 too little memory, 130 interrupted.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layers.problems import InputFaultsError
from layers.saying import say
from layers.shortage import LIBRARIES_BYTES, ask_for_memory, telling_of_memory
from scenarios import compare_commands, pack_commands
from scenarios.endings import EXIT_INTERRUPTED, EXIT_SHORTFALL, FORESEEN, ending_of, exit_code_of, problem_json
from scenarios.help_words import with_pages
from scenarios.interruption import NOTHING_PUBLISHED, StoppedError, telling_of_interruption
from scenarios.language import console_language, told
from scenarios.printing import print_json
from scenarios.printing import tell_progress as _say

if TYPE_CHECKING:
    from planner.assessment import Assessment

app = typer.Typer(
    name="quarterhour",
    help="一刻钟: where the old and the very young have no care within a quarter of an hour on foot, and where to build so that they do.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done; 1 unexpected error; 2 usage or scenario fault; 3 layer fault; 4 must rule not met (--fail-on-shortfall); "
    "5 result could not be put in place; 6 a county of a batch failed; 7 too little memory; 130 interrupted.",
)

app.add_typer(pack_commands.app, name="standards")

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
    from scenarios.template import refuse_folder, write_template

    refuse_folder(folder)
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
    with telling_of_interruption(report) if report is not None else nullcontext():
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
        raise typer.Exit(exit_code_of(found.fault))


@app.command()
def run(
    scenario: ScenarioPath,
    *,
    fail_on_shortfall: Annotated[
        bool, typer.Option("--fail-on-shortfall", help="exit with 4 when a must rule is not met after the proposals")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a scenario from its files to its pages."""
    _run(scenario, as_json=as_json, fail_on_shortfall=fail_on_shortfall)


app.command()(compare_commands.compare)
app.command()(compare_commands.batch)


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
    from maps.publishing.publish import refuse_shut
    from scenarios.line import write_minutes
    from scenarios.reading import read_scenario

    read = read_scenario(scenario)
    refuse_shut(folder)
    with telling_of_interruption(folder):
        for path in write_minutes(read, folder, as_csv=csv, progress=_say):
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
    with telling_of_interruption(scenario.output_folder):
        assessment = run_line(scenario, progress=_say)
        _tell_run(assessment, write(scenario, assessment, progress=_say), as_json=as_json)
    if fail_on_shortfall and _must_rule_fails(assessment):
        raise typer.Exit(EXIT_SHORTFALL)


def _tell_run(assessment: Assessment, written: list[Path], *, as_json: bool) -> None:
    from maps.result import result_of
    from scenarios.summary import line_of, summary

    if as_json:
        print_json({**result_of(assessment), "files": [str(p) for p in written]})
        return
    for problem in assessment.before.area.problems:
        if problem.severity == "warning":
            _say(line_of(problem))
    for line in summary(assessment, written):
        typer.echo(line)


def _must_rule_fails(assessment: Assessment) -> bool:
    must = {rule.full_id for rule in assessment.rules if rule.strength == "must"}
    rows = assessment.after.verdicts
    return bool((rows["rule_id"].isin(must) & (rows["reading"] == "") & (rows["verdict"] == "fail")).any())


def main() -> None:
    """Entry point: what is foreseen to go wrong becomes a message and an exit code, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a GBK console lacks some signs
    try:
        code = _answered()
    except FORESEEN as error:
        text, code = ending_of(error, console_language())
        if isinstance(error, InputFaultsError) and "--json" in sys.argv:
            print_json({"problems": [problem_json(problem) for problem in error.problems]})
        typer.echo(text, err=True)
    sys.exit(code)


def _answered() -> int:
    """The command line carried out, up to its exit code."""
    try:
        with telling_of_memory(_say):
            ask_for_memory(LIBRARIES_BYTES)
            code = with_pages(typer.main.get_command(app), console_language())(standalone_mode=False)
    except ImportError as error:
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        code = EXIT_INTERRUPTED  # a compiled library that was stopped while it was loaded
    if code == EXIT_INTERRUPTED:  # what typer makes of Ctrl-C
        raise StoppedError(NOTHING_PUBLISHED)
    return int(code or 0)


if __name__ == "__main__":
    main()
