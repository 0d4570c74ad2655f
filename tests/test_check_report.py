"""The check report: every fault with its place, balances that add up, a page that runs nothing, and a report also when the reading stops."""

from __future__ import annotations

import csv
import json
import pickle
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from layers.columns import Named
from layers.fault_place import FaultPlace, in_column, in_scenario, of_file, place_of, within
from layers.saying import say
from maps.check.page import check_page
from maps.check.report import Checked, published_schema, report_of, schema_text
from maps.publishing.manifest import PublishError
from scenarios.checking import check
from scenarios.cli import app
from tests.browser import Page, assert_silent, needs_chromium
from tests.small import small_area
from tests.small_scenario import PEOPLE, write_small_scenario

EVIL = '<img src=x onerror=alert(1)>"[[style]] {{7*7}} `</style>`'
PEOPLE_WITH_FAULTS = """代码,村名,总人口,60岁及以上
4.312991E+11,一社区,1286,300
431299100201,二村,八百,200
431299200201,三村,500,-150
431299200202,四村,0,0,备注
合计,,2586,650
"""
FACILITIES_WITH_FAULTS = f"""编号,名称,设施类别,机构生存状态,床位总数,lon,lat
f1,幸福院,日间照料中心,正常,20,111.0,27.1
f2,阳光之家,{EVIL.replace('"', '""').join('""')},正常,十张,111.01,27.1
f3,祥和,日间照料中心,快开了,,111.01,27.1
"""


def cli(*words: object, language: str = "en") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"QUARTERHOUR_LANGUAGE": language})


def report_in(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "check.json").read_bytes())
    return report


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_small_scenario(tmp_path)


@pytest.fixture
def faulty(small: Path) -> Path:
    (small.parent / "people.csv").write_text(PEOPLE_WITH_FAULTS, encoding="gb18030")
    (small.parent / "facilities.csv").write_text(FACILITIES_WITH_FAULTS, encoding="utf-8")
    return small


# ---------------------------------------------------------------- where a fault stands


@pytest.mark.parametrize(
    ("where", "place"),
    [
        (of_file(say("units"), "a.gpkg", "village"), FaultPlace("units", "a.gpkg", "village")),
        (within(of_file(say("facilities"), "a.csv"), "status"), FaultPlace("facilities", "a.csv", column="status")),
        (within(say("population"), "cell_m"), FaultPlace("population", column="cell_m")),
        (in_column(of_file(say("units"), "a.gpkg"), "人口"), FaultPlace("units", "a.gpkg", column="人口")),
        (
            Named(of_file(say("units"), "a.csv"), pd.DataFrame(), {"unit_id": "代码"}).cell("row 3", "unit_id"),
            FaultPlace("units", "a.csv", row="3", column="代码"),
        ),
        (of_file(within(say("population"), "spread"), "b.gpkg"), FaultPlace("population, spread", "b.gpkg")),
        (in_scenario("my county.toml", 12, 3), FaultPlace(file="my county.toml", row="12")),
        ("extract.osm.pbf", FaultPlace(file="extract.osm.pbf")),
        (say("streets"), FaultPlace("streets")),
    ],
)
def test_a_fault_knows_the_parts_of_its_place(where: str, place: FaultPlace) -> None:
    assert place_of(where) == place
    assert place_of(pickle.loads(pickle.dumps(where))) == place  # noqa: S301  as a worker process sends it


# ---------------------------------------------------------------- a table with faults


def test_every_fault_of_both_tables_is_in_the_report_with_row_and_column(faulty: Path, tmp_path: Path) -> None:
    done = cli("check", faulty, "--report", tmp_path / "report")
    assert done.exit_code == 3
    report = report_in(tmp_path / "report")
    assert (report["can_run"], report["n_errors"]) == (False, 8)
    places = {(p["file"], p["row"] or p["rows"][0], p["column"]) for p in report["problems"] if p["severity"] == "error"}
    assert places == {
        ("people.csv", "row 5: 5 cell(s)", ""),
        ("people.csv", "row 6", ""),
        ("people.csv", "2", "代码"),
        ("people.csv", "3", "总人口"),
        ("people.csv", "4", "60岁及以上"),
        ("facilities.csv", "3", "床位总数"),
        ("facilities.csv", "4", "机构生存状态"),
        ("facilities.csv", f"row 3: {EVIL}".replace("；", ";"), ""),
    }
    assert all(p["remedy"] and p["remedy_zh"] for p in report["problems"] if p["severity"] == "error")


def test_faults_stand_file_by_file_in_the_order_of_the_layers_and_errors_first(faulty: Path) -> None:
    table = faulty.parent / "people.csv"
    lines = table.read_text(encoding="gb18030").splitlines()
    stray = "439999999999" + lines[3][lines[3].index(",") :]  # a warning among the errors
    table.write_text("\n".join([*lines[:3], stray, *lines[3:]]) + "\n", encoding="gb18030")
    problems = [p for p in report_of(check(faulty).checked).problems if p.severity != "note"]
    files = [p.file for p in problems]
    assert files == ["people.csv"] * files.count("people.csv") + ["facilities.csv"] * files.count("facilities.csv")
    severities = [p.severity for p in problems if p.file == "people.csv"]
    assert severities == sorted(severities)
    assert "warning" in severities


def test_what_is_known_is_balanced_and_what_is_not_is_null(faulty: Path) -> None:
    report = report_of(check(faulty).checked)
    people = next(file for file in report.rows if file.file == "people.csv")
    assert (people.read, people.kept, [part.rows for part in people.left_out]) == (5, 3, [1, 1])
    assert [(row.base, row.placed, row.unassigned) for row in report.people] == [("pop_total", None, None), ("pop60", None, None)]
    facilities = next(sites for sites in report.sites if sites.layer == "facilities")
    assert (facilities.kept, facilities.in_units, facilities.outside) == (3, 0, 3)  # their points lie a kilometre off


def test_facilities_that_were_not_set_on_the_ground_are_not_counted_as_none(small: Path) -> None:
    path = small.parent / "facilities.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rows[1][0] = ""
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    facilities = next(sites for sites in report_of(check(small).checked).sites if sites.layer == "facilities")
    assert (facilities.kept, facilities.in_units, facilities.outside) == (len(rows) - 1, None, None)


def test_a_scenario_file_that_cannot_be_read_has_its_report_too(small: Path, tmp_path: Path) -> None:
    small.write_text(small.read_text(encoding="utf-8").replace("max_sites = 2", "max_site = 2"), encoding="utf-8")
    done = cli("check", small, "--report", tmp_path / "report")
    assert done.exit_code == 2
    [problem] = [p for p in report_in(tmp_path / "report")["problems"] if p["severity"] == "error"]
    assert (problem["layer"], problem["file"], problem["row"]) == ("", "scenario.toml", "39")
    assert "Did you mean max_sites" in problem["remedy"]
    page = (tmp_path / "report" / "check.html").read_text(encoding="utf-8")
    assert "Scenario file scenario.toml" in page


def test_faults_of_the_scenario_file_and_of_its_layers_are_told_together(faulty: Path) -> None:
    faulty.write_text(faulty.read_text(encoding="utf-8").replace("max_sites = 2", "max_site = 2"), encoding="utf-8")
    done = cli("check", faulty)
    assert done.exit_code == 2
    for told in ("Did you mean max_sites", "people.csv, row 3, column 总人口", "facilities.csv, row 4, column 机构生存状态"):
        assert told in done.output


def test_json_on_the_console_is_the_report(faulty: Path, tmp_path: Path) -> None:
    done = cli("check", faulty, "--json", "--report", tmp_path / "report")
    assert done.exit_code == 3
    assert json.loads(done.stdout) == report_in(tmp_path / "report")


# ---------------------------------------------------------------- a clean place


def test_people_of_the_table_are_those_at_demand_points_and_unassigned(small: Path, tmp_path: Path) -> None:
    rows = [*PEOPLE, ("431299999999", "外村", "70", "30")]
    (small.parent / "people.csv").write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    assert cli("check", small, "--report", tmp_path / "report").exit_code == 0
    report = report_in(tmp_path / "report")
    for base, column in (("pop_total", 2), ("pop60", 3)):
        [row] = [r for r in report["people"] if r["base"] == base]
        lost = 70 if base == "pop_total" else 30
        assert row["given"] == sum(int(cells[column]) for cells in rows[1:])
        assert (row["placed"], row["unassigned"]) == (row["given"] - lost, lost)
    [stray] = [row for row in report["unassigned"] if row["base"] == "pop60"]
    assert (stray["unit_id"], stray["people"], stray["reason_zh"]) == ("431299999999", 30, "没有单元使用此代码")
    assert report["can_run"]
    assert report["n_warnings"] == 1
    area = small_area()
    stand_in = [sum(area.units.query("level == 'village'").covers(point)) for point in area.facilities.geometry]
    [facilities] = [row for row in report["sites"] if row["layer"] == "facilities"]
    assert facilities == {"layer": "facilities", "kept": len(stand_in), "in_units": sum(map(bool, stand_in)), "outside": stand_in.count(0)}


def test_rows_left_out_by_a_condition_are_counted_with_the_condition(small: Path) -> None:
    text = small.read_text(encoding="utf-8")
    small.write_text(text.replace('path = "facilities.csv"', 'path = "facilities.csv"\nwhere = "facility_id != \'f1\'"'), encoding="utf-8")
    report = report_of(check(small).checked)
    [file] = [file for file in report.rows if file.file == "facilities.csv"]
    n = len((small.parent / "facilities.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert (file.read, file.kept) == (n, n - 1)
    assert [(part.rows, "facility_id != 'f1'" in part.why) for part in file.left_out] == [(1, True)]


def test_the_rows_of_each_level_of_a_geopackage_are_told_apart(small: Path) -> None:
    units = [(file.part, file.read, file.kept) for file in report_of(check(small).checked).rows if file.layer == "units"]
    assert units == [("county", 1, 1), ("township", 2, 2), ("village", 4, 4)]


def test_run_carries_every_warning_that_the_check_told(small: Path) -> None:
    with (small.parent / "people.csv").open("a", encoding="utf-8") as file:
        file.write("431299999999,外村,70,30\n")
    warned = [p["what"] for p in json.loads(cli("check", small, "--json").stdout)["problems"] if p["severity"] == "warning"]
    result = json.loads(cli("run", small, "--json").stdout)
    assert warned
    assert [p["what"] for p in result["problems"] if p["severity"] == "warning"] == warned
    for told in ("index.html", "result.json"):
        assert warned[0] in (small.parent / "out" / told).read_text(encoding="utf-8")


def test_run_refuses_what_the_check_refuses_and_writes_nothing(faulty: Path) -> None:
    done = cli("run", faulty)
    assert done.exit_code != 0
    assert not (faulty.parent / "out").exists()


# ---------------------------------------------------------------- files


def test_the_same_input_gives_the_same_bytes_and_a_report_never_replaces_a_result(small: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    assert [
        cli("check", small, "--report", folder, language=language).exit_code for folder, language in ((first, "zh"), (second, "en"))
    ] == [0, 0]
    for name in ("check.html", "check.json", "manifest.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert cli("run", small).exit_code == 0
    before = {path.name: path.read_bytes() for path in (small.parent / "out").iterdir()}
    refused = cli("check", small, "--report", small.parent / "out")
    assert "holds the result of a run" in str(refused.exception)
    assert refused.stderr == ""  # before any work
    assert {path.name: path.read_bytes() for path in (small.parent / "out").iterdir()} == before


def test_a_report_that_could_not_be_written_is_refused_before_anything_is_read(small: Path, tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("mine")
    refused = cli("check", small, "--report", file / "report")
    assert isinstance(refused.exception, PublishError)
    assert refused.stderr == ""
    assert file.read_text() == "mine"


def test_the_schema_is_that_of_the_models_and_holds_a_report(faulty: Path) -> None:
    assert published_schema() == schema_text()
    jsonschema.validate(report_of(check(faulty).checked).model_dump(mode="json", by_alias=True), json.loads(published_schema()))


# ---------------------------------------------------------------- the page


class Tags(HTMLParser):
    """The tags of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href", "style")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_of_the_data_stay_text(faulty: Path, language: str) -> None:
    page = check_page(report_of(check(faulty).checked), language)
    found = Tags(page)
    assert found.tags <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "p",
        "h1",
        "h2",
        "h3",
        "ul",
        "li",
        "b",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "span",
        "br",
        "div",
        "code",
    }
    assert "<img src=x onerror=alert(1)>" in "".join(found.words)
    assert page.count("</style>") == 1
    assert "[[style]]" in "".join(found.words)


def test_the_chinese_page_holds_no_english_sentence(faulty: Path) -> None:
    told = Tags(check_page(report_of(check(faulty).checked), "zh")).words
    body = "\n".join(told[told.index("小县 数据检查") + 1 :]).split("}", 40)[-1]
    assert re.findall(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b", body.replace(EVIL, "")) == []


def test_a_page_without_anything_found_says_so() -> None:
    page = check_page(report_of(Checked("s.toml", {"zh": "县", "en": "County"}, "en", (), None)), "en")
    assert "No fault: this can be run" in page
    assert "Nothing to mend." in page


@needs_chromium
def test_a_browser_obeys_the_policy_and_asks_the_network_for_nothing(faulty: Path, tmp_path: Path, browser: Page) -> None:
    cli("check", faulty, "--report", tmp_path / "report")
    path = tmp_path / "report" / "check.html"
    browser.requests.clear()
    browser.complaints.clear()
    browser.call("Page.navigate", url=path.as_uri())
    browser.wait("document.readyState === 'complete' && document.querySelector('.verdict') !== null")
    assert_silent(browser, path)
    assert browser.evaluate("getComputedStyle(document.querySelector('.verdict')).fontWeight") == "700"
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
