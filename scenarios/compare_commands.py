"""`quarterhour compare` and `quarterhour batch`: several scenarios of one place, and one scenario for each of many places."""

# ruff: noqa: PLC0415 - geopandas is imported when a command needs it, so that --help answers at once
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layers.saying import say
from scenarios.interruption import BATCH_STOPPED, StoppedError, telling_of_interruption
from scenarios.language import told
from scenarios.printing import print_json, tell_progress

if TYPE_CHECKING:
    from maps.comparison.model import Comparison
    from maps.province import CountyRun

EXIT_COUNTY = 6

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object on standard output instead of text")]


def compare(
    scenarios: Annotated[list[Path], typer.Argument(help="scenario files (.toml) of one place, the reference first", show_default=False)],
    *,
    folder: Annotated[Path, typer.Option(help="where page, workbook and result are written")] = Path("out/compared"),
    as_json: AsJson = False,
) -> None:
    """Run several scenarios of one place and put them side by side, in one page and one workbook."""
    from maps.comparison.result import comparison_result
    from maps.publishing.publish import refuse_shut
    from scenarios.compare import compare as compare_scenarios
    from scenarios.compare import write_comparison
    from scenarios.reading import read_scenario

    read = [read_scenario(path) for path in scenarios]
    refuse_shut(folder)
    with telling_of_interruption(folder):
        comparison = compare_scenarios(read, progress=tell_progress)
        written = write_comparison(read, comparison, folder, progress=tell_progress)
        if as_json:
            print_json({**comparison_result(comparison), "files": [str(path) for path in written]})
            return
        _tell_comparison(comparison)
        typer.echo(told(say("open in a browser: {file}", file=str(written[0]))))


def _tell_comparison(comparison: Comparison) -> None:
    from maps.comparison.tables import summary
    from maps.numbers import shown, shown_difference
    from maps.words import unit_word
    from scenarios.language import console_language

    language = console_language()
    n = len(comparison.names)
    typer.echo(" | ".join(comparison.names))
    for row in summary(comparison).frame.to_dict("records"):
        digits = [shown(row[f"after_{i}"], row["unit"]) for i in range(n)]
        less = [f" ({shown_difference(row[f'difference_{i}'], row['unit'])})" if i and row[f"difference_{i}"] else "" for i in range(n)]
        name = row["figure" if language == "zh" else "figure_en"]
        typer.echo(f"  {name}: {' | '.join(d + x for d, x in zip(digits, less, strict=True))} {unit_word(row['unit'], language)}".rstrip())


def batch(
    province: Annotated[Path, typer.Argument(help="list of scenario files (.toml)", show_default=False)],
    *,
    workers: Annotated[int, typer.Option(min=1, help="counties at a time, each on a process of its own")] = 2,
    scheduler: Annotated[str, typer.Option(help="run on a Dask cluster, e.g. tcp://10.0.0.1:8786 (extra `cluster`)")] = "",
    again: Annotated[bool, typer.Option("--again", help="run every county, also those of which nothing has changed")] = False,
    as_json: AsJson = False,
) -> None:
    """Run one scenario for each of many counties; what is done and unchanged is kept, one that fails does not stop the others (exit code 6)."""
    from scenarios.batch import read_province, run_batch

    try:
        runs, written = run_batch(read_province(province), workers=workers, scheduler=scheduler, again=again, progress=tell_progress)
    except KeyboardInterrupt:
        raise StoppedError(BATCH_STOPPED) from None
    failed = [run for run in runs if run.state == "failed"]
    if as_json:
        print_json({"counties": [run.as_json() for run in runs], "files": [str(path) for path in written]})
    else:
        _tell_batch(runs, failed)
        typer.echo(told(say("open in a browser: {file}", file=str(written[0]))))
    if failed:
        raise typer.Exit(EXIT_COUNTY)


def _tell_batch(runs: list[CountyRun], failed: list[CountyRun]) -> None:
    counts = {state: sum(run.state == state for run in runs) for state in ("done", "unchanged", "failed")}
    typer.echo(told(say("{n} counties: {done} run, {unchanged} unchanged and kept, {failed} failed", n=len(runs), **counts)))
    for run in failed:
        typer.echo(f"  {run.scenario}: {told(run.reason)}", err=True)
