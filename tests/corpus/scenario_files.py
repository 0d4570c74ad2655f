"""Scenario files: TOML out of order, keys misspelt, values of the wrong kind, numbers beyond all bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.corpus.cases import Spoil, faulty, refused, same
from tests.corpus.place import Spoilt, clean_scenario, toml_of


def text(change: Callable[[str], str], encoding: str = "utf-8") -> Spoil:
    """The scenario file as text, changed."""

    def spoil(place: Spoilt) -> None:
        written = "".join(f"{key} = {toml_of(value)}\n" for key, value in clean_scenario().items())
        place.raw = change(written).encode(encoding)

    return spoil


def key(name: str, value: object) -> Spoil:
    """One key of the whole file with another value."""
    return lambda place: place.scenario.update({name: value})


def part(name: str, **values: Any) -> Spoil:  # noqa: ANN401 - values of a scenario
    """Keys of one part with other values."""
    return lambda place: place.scenario.update({name: {**place.scenario.get(name, {}), **values}})


def population(**values: Any) -> Spoil:  # noqa: ANN401 - values of a scenario
    return lambda place: place.layers["population"].update(values)


def without(name: str) -> Spoil:
    return lambda place: place.scenario.pop(name)


CASES = (
    same("line ends of Windows", text(lambda t: t.replace("\n", "\r\n"))),
    same("a byte order mark", text(lambda t: "\ufeff" + t)),
    same("comments in Chinese", text(lambda t: "# 方案\n" + t + "# 完\n")),
    faulty("nothing in it", lambda p: setattr(p, "raw", b""), r"scenario\.toml:1:1: name is missing"),
    faulty("saved as UTF-16", text(str, "utf-16"), r"scenario\.toml: is not UTF-8 text"),
    faulty("saved as GBK", text(str, "gb18030"), r"scenario\.toml: is not UTF-8 text.*Save it as UTF-8"),
    faulty("zeros in it", lambda p: setattr(p, "raw", bytes(40)), r"scenario\.toml.*not valid TOML"),
    faulty("a quotation mark that is not closed", text(lambda t: t.replace('"small"', '"small')), r"scenario\.toml:1:\d+: not valid TOML"),
    faulty("Chinese quotation marks", text(lambda t: t.replace('"small"', "“small”")), r'scenario\.toml:1:8: not valid TOML.*“.*write `"`'),
    faulty("a Chinese comma", text(lambda t: t.replace('", "', '"， "', 1)), r"scenario\.toml:2:\d+: not valid TOML.*`，`.*write `,`"),
    faulty("a sign of equality in full width", text(lambda t: t.replace(" = ", "＝", 1)), r"scenario\.toml:1:5: .*write `=`"),
    faulty("a blank in full width", text(lambda t: t.replace(" = ", "\u3000= ", 1)), r"scenario\.toml:1:5: .*blank"),
    faulty(
        "a path of Windows", text(lambda t: t.replace('"people.csv"', '"C:\\Users\\p.csv"')), r"scenario\.toml:5:\d+: .*`/` in place of"
    ),
    faulty("a character that ends a text", key("standards", ["a\0.toml"]), r"scenario\.toml: .*U\+0000"),
    faulty("a standard with a name too long", key("standards", ["x" * 300 + ".toml"]), r"cannot be opened"),
    faulty("a folder with a line break", part("outputs", folder="out\n"), r"outputs\.folder: should be without line breaks"),
    same("a day at midnight", key("as_of", "=2026-11-25T00:00:00+08:00")),
    same("a day in quotes", key("as_of", "2026-11-25")),
    faulty("a day with strokes", key("as_of", "2026/11/25"), r"as_of: should be a date"),
    faulty("a key twice", text(lambda t: t + 'name = "again"\n'), r"scenario\.toml.*a key stands twice.*Keep one"),
    faulty("a code without quotes", text(lambda t: t + "x = 0431\n"), r"scenario\.toml:\d+:\d+: not valid TOML"),
    faulty("brackets without end", text(lambda t: t + "x = " + "[" * 100_000), r"scenario\.toml.*not valid TOML"),
    faulty("braces without end", text(lambda t: t + "x = " + "{a=" * 100_000), r"scenario\.toml.*not valid TOML"),
    faulty("a number of five thousand digits", text(lambda t: t + "x = " + "9" * 5000), r"scenario\.toml.*"),
    faulty("a date that is none", key("as_of", "=2026-13-45"), r"scenario\.toml.*not valid TOML"),
    faulty("a date as text", key("as_of", "soon"), r"scenario\.toml:3:1: as_of: should be a date"),
    faulty("a day with an hour", key("as_of", "=2026-11-25T10:30:00"), r"as_of: should be a date"),
    faulty("a part that is text", key("siting", "none"), r"scenario\.toml:\d+:1: siting: should be a table"),
    faulty("a list that is text", key("standards", "three-rules.toml"), r"standards: should be a list"),
    faulty("no standards", key("standards", []), r"standards: should have at least 1 item"),
    faulty("a standard that is not there", key("standards", ["huitung"]), r"huitung.*huitong"),
    faulty("a standard outside", key("standards", ["../../../etc/passwd"]), r"etc/passwd"),
    faulty("a standard file that is not there", key("standards", ["ours.toml"]), r"ours\.toml"),
    faulty("an unknown key", key("sitting", {}), r"sitting: unknown key.*Did you mean siting"),
    faulty("an unknown key of a layer", population(colums={}), r"layers\.population\.colums: unknown key.*Did you mean columns"),
    faulty("an unknown key of the siting", part("siting", budget=5), r"siting\.budget: unknown key.*Did you mean budget_yuan"),
    faulty("a key that is missing", without("title"), r"title is missing.*Add title"),
    faulty("the outputs are missing", without("outputs"), r"outputs is missing"),
    faulty("the layers are missing", without("layers"), r"layers is missing"),
    faulty("no units", lambda p: p.layers.update(units=[]), r"layers\.units: should have at least 1 item"),
    faulty("no facilities", lambda p: p.layers.pop("facilities"), r"layers\.facilities is missing.*facilities = \[\] under"),
    faulty("a level that there is not", lambda p: p.layers["units"][1].update(level="vilage"), r"level is 'vilage'.*Did you mean village"),
    faulty("text for a number", population(cell_m="100 m"), r"cell_m: should be a valid number \(found '100 m'\)"),
    faulty("cells of 0 m", population(cell_m=0), r"cell_m: should be greater than 0"),
    faulty("cells below 0 m", population(cell_m=-100), r"cell_m: should be greater than 0"),
    faulty("cells of NaN", population(cell_m="=nan"), r"cell_m: should be"),
    faulty("cells of infinite size", population(cell_m="=inf"), r"cell_m: should be"),
    faulty("true for a number", population(cell_m=True), r"cell_m: should be a valid number"),
    refused("cells of a tenth of a millimetre", population(cell_m=0.0001), r"population, cell_m: .*more than 2,000,000 cells"),
    faulty("a budget of NaN", part("siting", goal="relieve", budget_yuan="=nan"), r"siting\.budget_yuan: should be"),
    faulty("a budget below 0", part("siting", goal="relieve", budget_yuan=-1), r"siting\.budget_yuan: should be"),
    faulty("a budget beyond all numbers", part("siting", goal="relieve", budget_yuan="=1e400"), r"siting\.budget_yuan: should be"),
    faulty("sites as a fraction", part("siting", goal="relieve", max_sites=1.5), r"siting\.max_sites: should be a whole number"),
    faulty("sites as text", part("siting", goal="relieve", max_sites="two"), r"siting\.max_sites: should be a whole number"),
    faulty("a goal that there is not", part("siting", goal="relive"), r"siting\.goal is 'relive'.*relieve"),
    faulty("a pace that there is not", part("travel", profile="elder_run"), r"travel\.profile.*elder_walk"),
    faulty("a rule that there is not", part("siting", rules=["three.landd"]), r"siting\.rules names 'three\.landd'"),
    faulty("a value of a rule that is text", key("rules", {"three.land": {"value": "much"}}), r"three\.land"),
    faulty("a name with a slash", key("name", "../x"), r"name: should be letters, digits"),
    faulty("a name that is a number", key("name", 7), r"name: should be text in quotes"),
    faulty("a format that there is not", part("outputs", formats=["pdf"]), r"outputs\.formats\.1 is 'pdf'"),
    faulty("no formats", part("outputs", formats=[]), r"outputs\.formats: should have at least 1 item"),
    faulty("a password in an address", part("outputs", postgis="postgresql://a:geheim@host/db"), r"outputs: postgis holds a password"),
    refused("a level twice", lambda p: p.layers["units"].append(p.layers["units"][1]), r"units: unit_id is not unique"),
    refused("an empty path", population(path=""), r"population: .*is not a plain file"),
    refused("the own scenario as a layer", population(path="scenario.toml"), r"scenario\.toml: `\.toml` is no ending that can be read"),
    refused("a share above 1", population(shares={"pop65": 1.5}), r"people\.csv, shares: pop65 = 1\.5 cannot be used"),
    faulty("a share that is NaN", population(shares={"pop65": "=nan"}), r"shares\.pop65: should be a finite number"),
    refused("a share of a base that is none", population(shares={"pop70": 0.1}), r"people\.csv, shares: pop70 = 0\.1 cannot be used"),
    faulty("a word for what is counted that is none", population(total_is="both"), r"total_is is 'both'"),
    faulty("a way to join that is none", population(join="name"), r"join is 'name'"),
    refused(
        "terrain without streets",
        lambda p: (p.layers.pop("streets"), p.layers.update(terrain={"path": "people.csv"})),
        r"terrain: is of use only with streets",
    ),
    refused(
        "a status that is none", lambda p: p.layers["facilities"][0].update(status="opne"), r"facilities\.csv, status: `opne` is none of"
    ),
    refused(
        "a kind that is none",
        lambda p: p.layers["facilities"][0].update(kinds={"敬老院": "townhip_home"}),
        r"facilities\.csv: .*townhip_home is no kind.*township_home",
    ),
    faulty("a cost below 0", lambda p: p.layers["candidates"][0].update(cost_yuan=-5), r"cost_yuan: should be greater than or equal to 0"),
    faulty("a column name that is a number", population(columns={"pop_total": 3}), r"columns\.pop_total: should be text"),
    faulty("tags that are no pairs", lambda p: p.layers["facilities"][0].update(osm=[["amenity"]]), r"osm"),
    faulty(
        "an attestation of a rule that there is not",
        key("attestations", {"three.nope": {"value": 1, "evidence": "x", "date": "=2026-01-01"}}),
        r"three\.nope",
    ),
)
