"""Layers dropped into QGIS from the database are styled as those of the GeoPackage, and styles of others stay."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from maps.export import export
from maps.gis.qgis_style import styles
from maps.outputs import Outputs
from maps.publishing.record import run_record
from maps.tables.all_tables import all_tables
from planner.assessment import Assessment
from tests.postgres_server import PASSWORD, Server, new_database, psycopg, rows, server, why_none
from tests.qgis_program import PYTHON, clean, has
from tests.small_assessment import small_assessment
from tests.small_scenario import SCENARIO

NONE = why_none()
needs_server = pytest.mark.skipif(bool(NONE), reason=NONE)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server() as found:
        yield found


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


@pytest.fixture
def county(running: Server, request: pytest.FixtureRequest) -> str:
    return new_database(running, request.node.nodeid)


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return small_assessment()


def put(assessment: Assessment, url: str, folder: Path) -> None:
    outputs = Outputs.model_validate({"folder": "out", "formats": ("result",), "postgis": url, "postgis_schema": "plan"})
    export(assessment, outputs, folder / "out", run_record(assessment, SCENARIO), lambda _: None)


@needs_server
def test_styles_stand_where_qgis_looks_for_them_beside_those_of_others(county: str, tmp_path: Path, assessment: Assessment) -> None:
    put(assessment, county, tmp_path)
    ours = "SELECT count(*), count(*) FILTER (WHERE useasdefault) FROM public.layer_styles WHERE description = 'quarterhour'"
    tables = all_tables(assessment, run_record(assessment, SCENARIO), assessment.before.area.crs)
    n_styles = sum(len(styles(assessment, table, "zh")) for table in tables)
    assert rows(county, ours) == [(n_styles, len(tables))]
    theirs = (
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename, useasdefault, description)"
    )
    rows(county, theirs + " VALUES (current_database(), 'plan', 'villages', 'geom', 'of theirs', true, '')")
    put(assessment, county, tmp_path)
    assert rows(county, ours) == [(n_styles, len(tables) - 1)]
    default = "SELECT stylename FROM layer_styles WHERE f_table_name = 'villages' AND useasdefault"
    assert rows(county, default) == [("of theirs",)]


@needs_server
def test_a_planner_without_rights_on_the_shared_styles_gets_them_beside_the_tables(
    county: str, running: Server, tmp_path: Path, assessment: Assessment
) -> None:
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE planner LOGIN PASSWORD '{PASSWORD}'")
        connection.execute("CREATE SCHEMA plan AUTHORIZATION planner")
    database = county.partition("@/")[2].partition("?")[0]
    put(assessment, running.url(database, user="planner"), tmp_path)
    placed = "SELECT schemaname FROM pg_tables WHERE tablename = 'layer_styles'"
    assert rows(county, placed) == [("plan",)]
    rows(county, "CREATE TABLE public.layer_styles (a int)")
    put(assessment, running.url(database, user="planner"), tmp_path)
    assert rows(county, "SELECT count(*) FROM public.layer_styles") == [(0,)]


@needs_server
@pytest.mark.skipif(not has("qgis.core"), reason="QGIS is not installed")
def test_qgis_opens_the_layers_of_the_database_styled(county: str, running: Server, tmp_path: Path, assessment: Assessment) -> None:
    put(assessment, county, tmp_path)
    database = county.partition("@/")[2].partition("?")[0]
    address = f"dbname='{database}' host={running.folder} user='tester' password='{PASSWORD}' key='fid' table=\"plan\".\"villages\" (geom)"
    script = (
        "import os, sys; from qgis.core import QgsApplication, QgsVectorLayer; application = QgsApplication([], False); application.initQgis();"
        "layer = QgsVectorLayer(sys.argv[1], 'dropped', 'postgres'); names = dict((f.name(), f.alias()) for f in layer.fields());"
        "print(layer.featureCount(), type(layer.renderer()).__name__, names['pop60']); sys.stdout.flush(); os._exit(0)"
    )
    ran = subprocess.run([PYTHON, "-c", script, address], capture_output=True, text=True, check=False, env=clean(tmp_path), timeout=60)
    assert ran.stdout.split("\n")[-2] == "4 QgsCategorizedSymbolRenderer 60岁及以上人口 [人]", ran.stderr
