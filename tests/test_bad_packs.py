"""Packs that cannot be used as they are written: each fault with its file, line and column; and what helps to write good ones."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.indicators import KINDS
from planner.rules import Rule
from scenarios.cli import app
from scenarios.pack_schema import published_schema, schema_text
from scenarios.packs import GIVEN, read_pack, read_rules, standards
from scenarios.toml_file import ScenarioFaultsError
from tests.small_rules import NO_TIMES, a_place, measured
from tests.test_packs import OWN, written

LINES = OWN.split("\n")


def line_of(start: str) -> int:
    return next(i for i, line in enumerate(LINES, start=1) if line.startswith(start))


@pytest.mark.parametrize(
    ("old", "new", "place", "complaint"),
    [
        ('kind = "facility_count_per_unit"', 'kind = "facility_count"', "kind", "facility_count is no kind of rule"),
        ('[[rule.number]]\nat = "value"\nis = 2\nstatus = "seed"\nquote = "2个以上"\n', "", "value = 2", "nothing says where value = 2.0 comes from"),
        ('value_unit = "points"\n', "", "value = 2", "nothing says what value = 2 counts. Add value_unit"),
        ("value = 2\n", 'value = "20/10"\n', "value = 2", "write the number itself: no quotes, no formula (found '20/10')"),
        ("value = 2\n", 'value = "2"\n', "value = 2", "write the number itself"),
        ("value = 2\n", "value = true\n", "value = 2", "write the number itself"),
        ("value = 2\n", "value = nan\n", "value = 2", "must be a finite number"),
        ("value = 2\n", "value = 20/10\n", "value = 2", "not valid TOML"),
        ("value = 2\n", 'value = 2\nunits_pct = "60 %"\n', "value_unit", "write the number itself"),
        ("value = 2\n", 'value = 2\nreading_id = "x"\n', "value_unit", "reading_id: unknown key"),
        ('id = "points"', 'id = "points"\ntiers = [["station"]]', "kind", "tiers: unknown key"),
        ("includes = []", "includes = []\nnon_substitutable = true", "[pack]", "go together"),
        ("includes = []", 'includes = []\nnon_substitutable = true\ntiers = [["stations"]]', "[[rule]]", "did you mean station?"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(tmp_path: Path, old: str, new: str, place: str, complaint: str) -> None:
    assert old in OWN
    with pytest.raises(ScenarioFaultsError) as fault:
        read_pack(written(tmp_path, OWN.replace(old, new, 1)))
    said = str(fault.value)
    assert complaint in said, said
    line = line_of(place)
    assert any(f"own.toml:{n}:" in said for n in (line - 1, line)), (said, line)


def test_a_pack_that_is_not_there_is_told_how_to_start_one(tmp_path: Path) -> None:
    for read in (lambda: read_pack(tmp_path / "own.toml"), lambda: read_rules(["own.toml"], tmp_path)):
        with pytest.raises(ScenarioFaultsError, match=r"there is no such file. Check the path; `quarterhour standards new` writes a pack"):
            read()


def test_a_reading_of_another_kind_says_what_its_number_counts(tmp_path: Path) -> None:
    reading = """[[rule.reading]]
id = "floor"
why = "read as an area"
kind = "quantity_per_base"
quantity = "floor_area_m2"
base = "pop_total"
"""
    with pytest.raises(ScenarioFaultsError, match=r"own\.toml:\d+:1: points: nothing says what value = 2 counts"):
        read_pack(written(tmp_path, OWN + reading))
    assert read_pack(written(tmp_path, OWN + reading + 'value_unit = "m2 of floor per person"\n')).rules


def test_packs_that_include_each_other_in_a_circle_are_refused_with_the_circle(tmp_path: Path) -> None:
    for name, includes in (("a", "b.toml"), ("b", "c.toml"), ("c", "a.toml")):
        text = OWN.replace("includes = []", f'includes = ["{includes}"]').replace('id = "xiaoxian"', f'id = "{name}"')
        written(tmp_path, text, f"{name}.toml")
    with pytest.raises(ScenarioFaultsError) as fault:
        read_rules(["a.toml"], tmp_path)
    line = line_of("includes")
    assert f"c.toml:{line}:13: packs include each other in a circle: a.toml -> b.toml -> c.toml -> a.toml" in str(fault.value)


def test_a_pack_that_includes_itself_is_refused_and_one_that_two_packs_include_is_not(tmp_path: Path) -> None:
    written(tmp_path, OWN.replace("includes = []", 'includes = ["own.toml"]'))
    with pytest.raises(ScenarioFaultsError, match=r"own\.toml -> own\.toml"):
        read_rules(["own.toml"], tmp_path)
    for name in ("a", "b"):
        text = OWN.replace("includes = []", 'includes = ["gb50437"]').replace('id = "xiaoxian"', f'id = "{name}"')
        written(tmp_path, text, f"{name}.toml")
    assert len({rule.full_id for rule in read_rules(["a.toml", "b.toml"], tmp_path)}) == 2 + 3


def test_an_unknown_include_is_told_where_it_is_written(tmp_path: Path) -> None:
    written(tmp_path, OWN.replace("includes = []", 'includes = ["gb50437", "gb50347"]'))
    with pytest.raises(ScenarioFaultsError, match=rf"own\.toml:{line_of('includes')}:24: gb50347 is no standard. Did you mean gb50437"):
        read_rules(["own.toml"], tmp_path)


TIERED = OWN.replace("includes = []", 'non_substitutable = true\ntiers = [["station"], ["township_centre"], ["nursing_home"]]').replace(
    '["mutual_aid_point"]', '["community_elderly"]'
)


def test_a_facility_of_a_higher_tier_never_stands_in_for_one_of_a_lower(tmp_path: Path) -> None:
    rule = read_pack(written(tmp_path, TIERED)).rules[0]
    assert rule.barred == ("township_centre", "nursing_home")
    standing = [{"unit": "A", "kind": kind} for kind in ("station", "station;nursing_home", "day_care;township_centre", "day_care")]
    place = a_place([{}], facilities=standing, candidates=[{"unit": "A", "kind": "station;nursing_home"}, {"unit": "A", "kind": "station"}])
    assert measured(rule, place).loc["A", "have"] == 2.0
    free = read_pack(written(tmp_path, OWN.replace('["mutual_aid_point"]', '["community_elderly"]'))).rules[0]
    assert (free.barred, measured(free, place).loc["A", "have"]) == ((), 4.0)
    more = rule.with_changes({"value": 3}).relief(place, NO_TIMES)
    assert more is not None
    assert more.candidate_row.tolist() == [1]


def test_a_rule_on_a_higher_tier_counts_its_own_and_the_highest_is_never_barred(tmp_path: Path) -> None:
    for asked, barred in (("township_centre", ("nursing_home",)), ("institution", ()), ("meal_point", ())):
        assert read_pack(written(tmp_path, TIERED.replace('"community_elderly"', f'"{asked}"'))).rules[0].barred == barred


def test_the_living_circles_of_gb50180_do_not_stand_in_for_each_other() -> None:
    rules = {rule.full_id: rule for rule in read_rules(["gb50180"], Path())}
    assert rules["gb50180.day_care_300m"].barred == ("elderly_home", "nursing_home")
    assert rules["gb50180.home_per_circle15"].barred == ()


def test_the_shipped_schema_is_that_of_the_rule_classes() -> None:
    assert published_schema() == schema_text(), "python -m scenarios.pack_schema writes it anew"


def test_the_schema_knows_every_key_that_the_shipped_packs_write_and_none_that_a_pack_must_not() -> None:
    schema = json.loads(published_schema())
    by_kind: dict[str, dict[str, Any]] = {s["properties"]["kind"]["const"]: s for s in schema["properties"]["rule"]["items"]["oneOf"]}
    assert set(by_kind) == set(KINDS)
    for path in sorted((Path(__file__).parents[1] / "scenarios" / "standards").glob("*.toml")):
        pack = tomllib.loads(path.read_text(encoding="utf-8"))
        assert set(pack["pack"]) <= set(schema["properties"]["pack"]["properties"])
        for rule in pack["rule"]:
            known = by_kind[rule["kind"]]
            assert set(rule) <= set(known["properties"]), rule["id"]
            assert set(known["required"]) <= set(rule), rule["id"]
    assert all(not set(GIVEN) & set(s["properties"]) for s in by_kind.values())
    assert "day_care" in by_kind["facility_count_per_unit"]["properties"]["facilities"]["items"]["enum"]


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_standards_alone_lists_the_packs_as_list_does() -> None:
    assert run("standards") == run("standards", "list")
    assert [line.split()[0] for line in run("standards")[1].splitlines()] == [pack.id for pack in standards()]
    assert len(json.loads(run("standards", "--json")[1])) == len(standards())


def test_standards_show_marks_numbers_that_are_not_verified() -> None:
    _, text = run("standards", "show", "gb50180")
    assert ">= 100 % of residential land ※" in text
    assert "reading network: >= 100 % of people aged 60+ ※" in text
    assert json.loads(run("standards", "show", "huitong", "--json")[1])["id"] == "huitong"


def test_a_new_pack_has_every_kind_is_without_fault_and_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "packs" / "our-county.toml"
    code, text = run("standards", "new", str(path))
    assert (code, [Path(line).name for line in text.splitlines()]) == (0, ["our-county.toml", "pack.schema.json"])
    rules: tuple[Rule, ...] = read_pack(path).rules
    assert {rule.kind for rule in rules} == set(KINDS)
    assert "6 rules, 1 readings, 1 questions for people. No error." in run("standards", "check", str(path))[1]
    with pytest.raises(ScenarioFaultsError, match="is there already"):
        run("standards", "new", str(path))
    with pytest.raises(ScenarioFaultsError, match=r"Call it our-county\.toml"):
        run("standards", "new", str(tmp_path / "our-county"))


def test_check_tells_faults_and_unverified_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, OWN.replace('status = "seed"', 'status = "knowledge"'))
    assert "※ numbers not verified (status knowledge): xiaoxian.points" in run("standards", "check", str(path))[1]
    with pytest.raises(ScenarioFaultsError, match="unknown key"):
        run("standards", "check", str(written(tmp_path, OWN.replace("value = 2", "valeu = 2"))))
