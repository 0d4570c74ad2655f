"""`quarterhour explain`: one unit in sentences, with the figures of the tables, and every rule that speaks of it or of a unit above."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from layers.problems import InputFaultsError
from maps.explain import explain, find_unit
from planner.assessment import Assessment
from scenarios import read_scenario
from scenarios.cli import app
from scenarios.line import run_today
from tests.small_scenario import write_small_scenario

V1, V3 = "431299100001", "431299200201"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_scenario(tmp_path_factory.mktemp("explain"))


@pytest.fixture(scope="module")
def assessment(path: Path) -> Assessment:
    return run_today(read_scenario(path))


def test_a_village_is_told_its_clause_its_figures_and_what_it_lacks(assessment: Assessment) -> None:
    text = explain(assessment, V1, "zh")
    assert text.startswith("一社区 431299100001\n")
    assert "《会同县推进基本养老服务体系建设实施方案》二(三)8 村（居）社区养老服务设施人均用地" in text
    assert "基准口径：未达标；要求 ≥ 0.1 m² 用地/人；现为 0.0933 m² 用地/人；现有 120 m²，基数 1,286，缺 8.6 m²，涉及 1,286 人。" in text
    assert "口径 按建筑面积：达标；" in text
    assert "口径 按户籍人口：无数据；要求 ≥ 0.1 m² 用地/人（户籍人口不详）。" in text


def test_the_same_in_english(assessment: Assessment) -> None:
    text = explain(assessment, V1, "en")
    assert (
        "base reading: Not met; asks for ≥ 0.1 m² of land per person; it is 0.0933 m² of land per person; "
        "there are 120 m² for a base of 1,286, 8.6 m² short, 1,286 people concerned."
    ) in text
    assert "“By building, converting, extending" in text


def test_every_rule_measured_there_or_above_is_told_once_and_deadlines_that_passed_are(assessment: Assessment) -> None:
    text = explain(assessment, V3, "zh")
    assert text.index("三村 431299200201") < text.index("西乡 431299200（上级单元）") < text.index("小县 431299（上级单元）")
    rows = assessment.before.measures
    mine = rows[rows["unit_id"].isin([V3, "431299200", "431299"])]
    assert sum(line.strip().startswith(("基准口径：", "口径 ")) for line in text.splitlines()) == len(mine)
    assert "已逾期（2025-12-31）" in text


def test_a_unit_is_found_by_code_or_name_and_similar_names_are_listed(assessment: Assessment) -> None:
    area = assessment.before.area
    assert find_unit(area, V3) == find_unit(area, "三村") == V3
    with pytest.raises(InputFaultsError, match=r"no unit has the code or the name 村.*431299100201 二村"):
        find_unit(area, "村")


def test_no_site_is_sought_and_the_command_says_the_same(assessment: Assessment, path: Path) -> None:
    assert assessment.choice.opened == ()
    result = CliRunner().invoke(app, ["explain", str(path), "三村"])
    assert result.exit_code == 0
    assert explain(assessment, V3, "zh") in result.output
    assert "measuring" in result.stderr
    assert "choosing" not in result.stderr
    assert "of 0 sites" not in result.stderr
    assert CliRunner().invoke(app, ["explain", str(path), "三村", "--language", "fr"]).exit_code == 2


def test_a_wrong_name_is_refused_before_anything_is_measured(path: Path) -> None:
    result = CliRunner().invoke(app, ["explain", str(path), "九村"], env={"QUARTERHOUR_LANGUAGE": "en"})
    assert isinstance(result.exception, InputFaultsError)
    assert "no unit has the code or the name 九村" in str(result.exception)
    assert "minutes" not in result.stderr
