"""Policy packs: what is shipped is whole and sourced; what a user writes is checked with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from layers.kinds import kinds
from layers.problems import Problem
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, QUANTITY_NAMES
from planner.indicators import KINDS
from planner.measures import MEASURE_COLUMNS
from planner.rules import Rule, expand
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from planner.verdicts import verdicts
from scenarios.overrides import with_overrides
from scenarios.packs import Pack, read_pack, read_rules, standards
from scenarios.reading import read_scenario
from scenarios.toml_file import ScenarioFaultsError
from tests.small import small_area
from tests.small_rules import AS_OF, NO_TIMES, a_place, judged
from tests.small_scenario import write_small_scenario

PACKS = standards()
RULES = {rule.full_id: rule for pack in PACKS for rule in pack.rules}
EVERY_READING = expand([rule for pack in PACKS for rule in pack.rules])


def test_the_five_policies_and_four_national_standards_are_shipped() -> None:
    assert [pack.id for pack in PACKS] == [
        "cn-national",
        "gb50180",
        "gb50437",
        "huancui",
        "huitong",
        "hunan",
        "shanxi",
        "tdt1062",
        "xincheng",
    ]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
def test_every_rule_quotes_its_sentence_and_every_number_its_source(pack: Pack) -> None:
    assert len({rule.id for rule in pack.rules}) == len(pack.rules)
    for rule in expand(pack.rules):
        assert rule.kind in KINDS
        assert all((rule.quote, rule.clause, rule.gloss, rule.title, rule.title_en)), rule.full_id
        assert set(rule.own_numbers()) <= {n.at for n in rule.numbers}, (rule.full_id, rule.reading_id)
        for number in rule.numbers:
            assert number.status != "public" or number.url.startswith("http"), (rule.full_id, number)
            assert number.status != "seed" or number.quote, (rule.full_id, number)


def test_the_numbers_of_the_three_hunan_policies() -> None:
    said = {
        "huitong.land_per_capita": ("village", ">=", 0.1, 100, None),
        "huitong.mutual_aid_points": ("village", ">=", 2, 100, None),
        "huitong.circle15": ("county", None, None, 100, None),
        "huitong.county_support_institution": ("county", ">=", 1, 100, date(2025, 12, 31)),
        "huitong.social_workers_elders": ("county", ">=", 1, 100, date(2025, 12, 31)),
        "hunan.township_facility": ("township", ">=", 1, 100, None),
        "hunan.standards_met": ("county", ">=", 100, 100, None),
        "xincheng.nursing_share": ("county", ">=", 60, 100, date(2025, 12, 31)),
        "xincheng.township_centres": ("township", ">=", 1, 60, date(2025, 12, 31)),
        "xincheng.existing_areas": ("residential_area", ">=", 20, 100, None),
        "xincheng.childcare_places": ("county", ">=", 4.5, 100, date(2025, 12, 31)),
        "huancui.concentrated_support": ("county", ">", 60, 100, date(2022, 11, 30)),
        "shanxi.grade_township": ("province", ">=", 80, 100, date(2025, 12, 31)),
    }
    for full_id, expected in said.items():
        rule = RULES[full_id]
        assert (rule.unit, rule.op, rule.value, rule.units_pct, rule.deadline) == expected, full_id


def test_readings_read_otherwise_what_they_say_and_nothing_else() -> None:
    read = {(rule.full_id, rule.reading_id): rule for rule in EVERY_READING}
    floor = read["huitong.land_per_capita", "floor"]
    assert (floor.quantity, floor.base, floor.value) == ("floor_area_m2", "pop_total", 0.1)
    radius = read["huitong.circle15", "radius_1000"]
    assert (radius.method, radius.max_metres, radius.max_minutes, radius.weight) == ("buffer", 1000, None, "pop60")
    people = read["xincheng.township_centres", "people"]
    assert (people.kind, people.unit, people.value, people.units_pct, people.facilities) == (
        "service_circle_coverage", "county", 60, 100, ("township_centre",),
    )  # fmt: skip
    assert people.value_unit == "% of people aged 60+"
    assert read["xincheng.existing_areas", "pooled"].pooled_over == "township"


def county_only() -> StudyArea:
    """The small place without units below the county and without residential areas."""
    area = small_area()
    county = area.units[area.units["level"] == "county"].reset_index(drop=True)
    tables = {name: getattr(area, name).assign(unit_id="431299") for name in ("demand", "facilities", "candidates")}
    return small_area(units=county, residential=area.residential.iloc[:0], **tables)


def two_counties() -> StudyArea:
    """Two counties side by side and nothing above them."""
    people = [{"unit": unit, "pop_total": 100.0, "pop60": 20.0} for unit in "AB"]
    sites = [
        {"unit": "A", "kind": "day_care", "beds_total": 5.0},
        {"unit": "B", "kind": "institution", "beds_total": 9.0, "beds_nursing": 3.0},
    ]
    offered = [{"unit": "B", "kind": kind, "floor_area_m2": 50.0} for kind in ("day_care", "township_centre")]
    lost = pd.DataFrame({"base": ["pop60"], "people": [1.0], "unit_id": ["A"], "reason": [""]})
    units = [{"pop_total": 100.0, "pop60": 21.0}, {"pop_total": 100.0, "pop60": 20.0}]
    return a_place(units, level="county", demand=people, facilities=sites, candidates=offered, unassigned=lost)


@pytest.mark.parametrize("area", [county_only(), two_counties()], ids=["one county", "two counties"])
def test_every_shipped_rule_has_rows_wherever_its_level_is_missing(area: StudyArea) -> None:
    times = measure_times(area, Travel(), limits_of(EVERY_READING))
    for rule in EVERY_READING:
        rows = rule.measure(area, times)
        if rule.kind in ("site_rule", "attestation"):
            continue
        assert len(rows) == max(1, len(area.places(rule.unit))), rule.full_id
        relief = rule.relief(area, times)
        assert relief is None or relief.needs["unit_id"].isin(rows["unit_id"]).all()
        if rule.unit in ("village", "township", "residential_area"):
            assert rows["verdict"].tolist() == ["no_data"]
            assert rows["note"].item()


def limits_of(rules: Sequence[Rule]) -> dict[str, float]:
    limits: dict[str, float] = {}
    for rule in rules:
        for profile, minutes in rule.travel_limits().items():
            limits[profile] = max(minutes, limits.get(profile, 0))
    return limits


def test_every_shipped_rule_can_be_measured_and_judged_on_the_small_place() -> None:
    area = small_area()
    times = measure_times(area, Travel(), limits_of(EVERY_READING))
    measures = pd.concat([rows for rule in EVERY_READING if len(rows := rule.measure(area, times))], ignore_index=True)
    assert list(measures.columns) == list(MEASURE_COLUMNS)
    computed = [rule for rule in EVERY_READING if rule.kind not in ("site_rule", "attestation")]
    said = verdicts(measures, EVERY_READING, AS_OF).set_index(["rule_id", "reading"])["verdict"]
    assert len(said) == len(computed)
    for rule in computed:
        relief = rule.relief(area, times)
        short = measures[(measures["rule_id"] == rule.full_id) & (measures["reading"] == rule.reading_id)]["verdict"].isin(["fail"]).any()
        assert relief is None or (relief.needs["amount"] > 0).all()
        assert relief is not None or not short
    assert said["huitong.land_per_capita", ""] == "fail"
    assert said["xincheng.new_areas", ""] == "pass"  # f1 stands in the new area: 240 m2 of floor for 650 households
    assert said["huitong.circle15", ""] == "report_only"


def test_x1_a_county_without_streets_is_not_asked_for_homes_per_circle() -> None:
    rules = {rule.full_id: rule for rule in read_rules(["shanxi"], Path())}
    place = a_place([{"subtype": "town"}, {"subtype": "rural_township"}], level="township")
    assert judged(rules["gb50180.home_per_circle15"], place, NO_TIMES)["verdict"] == "not_applicable"


def test_a_pack_written_as_json_holds_the_keys_of_every_kind() -> None:
    rule = next(pack for pack in PACKS if pack.id == "huitong").model_dump(mode="json")["rules"][0]
    assert (rule["quantity"], rule["facilities"], rule["numbers"][0]["is_"]) == ("land_area_m2", ["community_elderly"], 0.1)


def test_what_a_pack_includes_follows_it_once() -> None:
    packs = list(dict.fromkeys(rule.pack for rule in read_rules(["shanxi", "gb50180", "huitong"], Path())))
    assert packs == ["shanxi", "gb50180", "tdt1062", "huitong"]


OWN = """
schema = "qh-pack/1"
[pack]
id = "xiaoxian"
title = "小县方案"
title_en = "Small county"
includes = []

[[rule]]
id = "points"
kind = "facility_count_per_unit"
title = "每村两个点"
title_en = "Two points per village"
quote = "每个村有2个以上"
clause = "二"
gloss = "Two or more in every village."
strength = "must"
spatial = true
unit = "village"
facilities = ["mutual_aid_point"]
value = 2
value_unit = "points"
[[rule.number]]
at = "value"
is = 2
status = "seed"
quote = "2个以上"
"""


def written(folder: Path, text: str, name: str = "own.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_county_writes_its_own_pack(tmp_path: Path) -> None:
    written(tmp_path, OWN.replace("includes = []", 'includes = ["gb50437"]'))
    rules = read_rules(["own.toml"], tmp_path)
    assert [rule.full_id for rule in rules][:2] == ["xiaoxian.points", "gb50437.land_per_capita"]
    assert (rules[0].op, rules[0].units_pct, rules[0].deadline) == (">=", 100, None)


@pytest.mark.parametrize("name", ["standards.md", "standards.zh-CN.md"])
def test_the_documentation_lists_every_word_that_a_pack_can_use(name: str) -> None:
    page = (Path(__file__).parents[1] / "docs" / name).read_text(encoding="utf-8")
    assert [word for word in (*kinds(), *BASE_NAMES, *QUANTITY_NAMES, *KINDS) if f"`{word}`" not in page] == []


def test_the_pack_and_the_scenario_parts_in_the_chinese_documentation_are_ones_that_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "standards.zh-CN.md").read_text(encoding="utf-8")
    _, pack, *parts = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert read_pack(written(tmp_path, pack)).rules[0].full_id == "xiaoxian.points"
    path = write_small_scenario(tmp_path)
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *parts]), encoding="utf-8")
    assert read_scenario(path).file.projection.year == 2030


def test_the_pack_in_the_documentation_is_one_that_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "standards.md").read_text(encoding="utf-8")
    _, pack, reading, *_ = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    rule = read_pack(written(tmp_path, pack + reading)).rules[0]
    assert (rule.full_id, rule.value, rule.readings[0].id) == ("xiaoxian.points", 2, "any_community")


def test_the_scenario_parts_in_the_documentation_are_ones_that_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "standards.md").read_text(encoding="utf-8")
    parts = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[3:]
    assert len(parts) == 4
    path = write_small_scenario(tmp_path)
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *parts]), encoding="utf-8")
    scenario = read_scenario(path)
    rules = {rule.full_id: rule for rule in scenario.rules}
    assert rules["huitong.circle15"].value == 60
    assert [row.value for row in rules["huitong.land_per_capita"].uplift] == [0.15, 0.2]
    assert not rules["huitong.lottery_share"].asked_of_people
    assert scenario.file.projection.year == 2030


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('kind = "facility_count_per_unit"', 'kind = "facility_count"', "own.toml:11:1: facility_count is no kind of rule. Did you mean facility_count_per_unit?"),
        ("value = 2", "valeu = 2", "own.toml:21:1: rule.points.valeu: unknown key. Did you mean value?"),
        ('["mutual_aid_point"]', '["mutual_point"]', "'mutual_point' is no kind of facility; did you mean mutual_aid_point"),
        ('unit = "village"', 'unit = "vilage"', "'vilage' is no level; did you mean village"),
        ('unit = "village"\n', "", "points: unit is missing"),
        ('[[rule.number]]\nat = "value"\nis = 2\nstatus = "seed"\nquote = "2个以上"\n', "", "nothing says where value = 2.0 comes from"),
        ("is = 2", "is = 3", "value is 2.0, but its source says 3"),
        ('status = "seed"', 'status = "sed"', "can be 'seed', 'implied'"),
        ("value = 2", 'value = 2\nuniverse = "subtype = "', "expected 'text'"),
        ("qh-pack/1", "qh-pack/9", "schema is 'qh-pack/9'"),
        ('[pack]\nid = "xiaoxian"', "[pack]", "pack.id is missing"),
        ("value = 2", 'value = 2\n[[rule.reading]]\nid = "three"\nwhy = "three"\nvalue = 3', "nothing says where value = 3.0 comes from"),
        ("value = 2", 'value = 2\n[[rule.reading]]\nid = "x"\nwhy = "x"\nkind = "ratio"', "rule.points.reading.x"),
        ("[[rule]]", "[[rules]]", "rules: unknown key"),
    ],
)  # fmt: skip
def test_faults_of_a_pack_are_told_with_their_place(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in OWN
    with pytest.raises(ScenarioFaultsError) as fault:
        read_pack(written(tmp_path, OWN.replace(old, new, 1)))
    assert complaint in str(fault.value)


def test_all_faults_of_a_rule_are_told_in_one_round_under_its_id(tmp_path: Path) -> None:
    spoilt = OWN.replace("value = 2", "valeu = 2\nmax_metres = 500", 1).replace('at = "value"', 'at = "per"').replace("is = 2", "is = 1")
    spoilt = "\n".join(line for line in spoilt.splitlines() if not line.startswith(("gloss", "spatial", 'unit = "village"')))
    with pytest.raises(ScenarioFaultsError) as fault:
        read_pack(written(tmp_path, spoilt))
    told = [problem.what for problem in fault.value.problems]
    assert told[:2] == ["rule.points.gloss is missing", "rule.points.spatial is missing"]
    assert "points: unit is missing" in told


def test_a_repeated_rule_and_a_repeated_pack_are_refused(tmp_path: Path) -> None:
    again = OWN[OWN.index("[[rule]]") :]
    with pytest.raises(ScenarioFaultsError, match=r"own\.toml:29:1: a rule points stands above already"):
        read_pack(written(tmp_path, OWN + again))
    written(tmp_path, OWN)
    written(tmp_path, OWN, "other.toml")
    with pytest.raises(ScenarioFaultsError, match="another pack is called xiaoxian too"):
        read_rules(["own.toml", "other.toml"], tmp_path)


def test_all_unknown_standards_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaultsError) as fault:
        read_rules(["huitnog", "none.toml", "hunan"], tmp_path)
    assert "huitnog is no standard. Did you mean huitong?" in str(fault.value)
    assert "none.toml" in str(fault.value)
    assert "gb50180" in str(fault.value)


def test_a_rule_that_names_no_pace_takes_the_scenario_s(tmp_path: Path) -> None:
    circle = OWN.replace(
        'kind = "facility_count_per_unit"', 'kind = "service_circle_coverage"\nweight = "pop60"\nmethod = "network"\nmax_minutes = 15'
    )
    number = '[[rule.number]]\nat = "max_minutes"\nis = 15\nstatus = "seed"\nquote = "15分钟"\n'
    written(tmp_path, circle + number)
    assert read_rules(["own.toml"], tmp_path, profile="general_walk")[0].travel_limits() == {"general_walk": 15}
    assert read_rules(["huitong"], tmp_path, profile="general_walk")[3].travel_limits() == {"general_walk": 15}  # the tool's own choice
    named = circle.replace("max_minutes = 15", 'max_minutes = 15\nprofile = "elder_walk"')
    written(tmp_path, named + number)
    assert read_rules(["own.toml"], tmp_path, profile="general_walk")[0].travel_limits() == {"elder_walk": 15}  # the policy's


def overridden(**changes: object) -> tuple[Rule, list[Problem]]:
    rules, problems = with_overrides([RULES["huitong.circle15"], RULES["huitong.brand"]], {"huitong.circle15": changes})
    assert [rule.full_id for rule in rules] == ["huitong.circle15", "huitong.brand"]
    return rules[0], problems


def test_a_scenario_gives_a_report_only_rule_a_value_of_its_own() -> None:
    rule, problems = overridden(value=60)
    assert not problems
    assert (rule.value, rule.op) == (60, ">=")
    assert [(n.status, n.note) for n in rule.numbers if n.at == "value"] == [("default", "set by the scenario")]
    assert {reading.value for reading in expand([rule])} == {60}


def test_metres_set_by_a_scenario_take_the_place_of_the_minutes() -> None:
    rule, problems = overridden(max_metres=800)
    assert not problems
    assert (rule.travel_limits(), {n.at for n in rule.numbers}) == ({"distance": 800}, {"max_metres", "profile"})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"valu": 60}, "valu is no key of huitong.circle15. Did you mean value?"),
        ({"kind": "ratio"}, "kind of a rule cannot be set in a scenario"),
        ({"value": "many"}, "rules.huitong.circle15.value"),
        ({"facilities": ["day_cares"]}, "did you mean day_care"),
        ({"max_minutes": 15, "max_metres": 800}, "give either max_minutes or max_metres"),
    ],
)
def test_faults_of_overrides_leave_the_rule_as_it_was(changes: dict[str, object], complaint: str) -> None:
    rule, problems = overridden(**changes)
    assert rule == RULES["huitong.circle15"]
    assert complaint in " ".join(map(str, problems))


def test_an_override_of_an_unknown_rule_is_a_fault() -> None:
    _, problems = with_overrides([RULES["huitong.circle15"]], {"huitong.circle51": {"value": 1}})
    assert "huitong.circle51 is no rule. Did you mean huitong.circle15?" in str(problems[0])


def test_an_unverified_number_is_marked() -> None:
    assert {rule.full_id for rule in RULES.values() if rule.has_unverified_number} == {
        "cn-national.elderly_5min",
        "cn-national.village_cover_2030",
        "gb50180.control_indices",
        "gb50180.day_care_300m",
        "gb50180.day_care_size",
        "gb50180.home_per_circle15",
        "gb50180.home_size",
        "tdt1062.market_town_home",
        "tdt1062.rural_village_elderly",
    }
