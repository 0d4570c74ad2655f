"""`quarterhour standards`: list the policy packs, show one, check your own, write one to start from. A new command is one function here."""

# ruff: noqa: PLC0415 - geopandas is imported when a command needs it, so that --help answers at once
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layers.saying import say
from scenarios.language import console_language, told
from scenarios.printing import print_json

if TYPE_CHECKING:
    from planner.rules import Rule

app = typer.Typer(help="Policy packs: list | show NAME | check PATH | new PATH. Alone it lists them.")

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object on standard output instead of text")]


@app.callback(invoke_without_command=True)
def _alone(context: typer.Context, *, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is None:
        list_packs(as_json=as_json)


@app.command("list")
def list_packs(*, as_json: AsJson = False) -> None:
    """List the packs that are shipped."""
    from scenarios.packs import standards

    packs = standards()
    if as_json:
        print_json([pack.model_dump(mode="json") for pack in packs])
        return
    for pack in packs:
        typer.echo(f"{pack.id:12} {pack.title}  |  {pack.title_en}  ({told(say('{n} rules', n=len(pack.rules)))})")


@app.command("show")
def show_pack(name: Annotated[str, typer.Argument(help="a shipped pack, or the path of your own")], *, as_json: AsJson = False) -> None:
    """Show the rules of a pack with their clauses, sources and readings."""
    from scenarios.packs import find_pack

    pack = find_pack(name, Path.cwd())
    if as_json:
        print_json(pack.model_dump(mode="json"))
        return
    typer.echo(f"{pack.id:12} {pack.title}  |  {pack.title_en}  ({told(say('{n} rules', n=len(pack.rules)))})")
    for rule in pack.rules:
        typer.echo(f"  {rule.full_id}  [{rule.kind}, {rule.strength}, {rule.unit or '-'}]  {_asked(rule)}")
        typer.echo(f"    {rule.clause}: {rule.quote}")
        for reading in rule.readings:
            why = reading.why_zh if console_language() == "zh" and reading.why_zh else reading.why
            typer.echo(told(say("    reading {id}: {asked}. {why}", id=reading.id, asked=_asked(rule.with_reading(reading)), why=why)))


@app.command("check")
def check_pack(path: Annotated[str, typer.Argument(help="your own pack (.toml)")], *, as_json: AsJson = False) -> None:
    """Read a pack and those it includes, and tell every fault as file:line:column (exit code 2)."""
    from scenarios.packs import read_rules

    rules = read_rules([path], Path.cwd())
    if as_json:
        print_json({"rules": [rule.full_id for rule in rules], "problems": []})
        return
    n_readings = sum(len(rule.readings) for rule in rules)
    n_open = sum(bool(rule.asked_of_people) for rule in rules)
    unverified = [rule.full_id for rule in rules if rule.has_unverified_number]
    found = say(
        "{file}: {n} rules, {n_readings} readings, {n_open} questions for people. No error.",
        file=path,
        n=len(rules),
        n_readings=n_readings,
        n_open=n_open,
    )
    typer.echo(told(found))
    if unverified:
        typer.echo(told(say("※ numbers not verified (status knowledge): {rules}", rules=unverified)))


@app.command("new")
def new_pack(path: Annotated[Path, typer.Argument(help="file to write, e.g. our-county.toml")]) -> None:
    """Write a commented pack to start from, and its JSON Schema for editors beside it."""
    from scenarios.template import write_pack_template

    for written in write_pack_template(path):
        typer.echo(str(written))


def _asked(rule: Rule) -> str:
    asked = f"{rule.op} {rule.value:g} {rule.value_unit}" if rule.value is not None else told(say("report only"))
    return asked + (" ※" if rule.has_unverified_number else "")
