"""PostGIS as source and sink: what is read from a database is what lies in files, what is written there is the result, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from layers.assemble import read_study_area
from layers.problems import LayerFaultsError
from layers.sources import database_reading
from layers.sources.database import Address, AddressError, shown_address
from layers.study_area import StudyArea
from maps import outputs as outputs_module
from maps.export import export
from maps.outputs import Outputs
from maps.publishing.manifest import MANIFEST, PublishError, changed_files
from maps.publishing.record import run_record
from maps.tables.all_tables import all_tables
from planner.assessment import Assessment, Finding
from scenarios.line import read_place, run, write
from scenarios.reading import read_scenario
from scenarios.scenario import Scenario
from tests.postgres_server import PASSWORD, Server, new_database, rows, server, why_none
from tests.small_assessment import small_assessment
from tests.small_scenario import SCENARIO, write_small_scenario

psycopg = pytest.importorskip("psycopg", reason='psycopg is not installed: pip install "quarterhour[postgis]"')
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
    """The address of a new database with PostGIS."""
    return new_database(running, request.node.nodeid)


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return small_assessment()


def load(url: str, table: str, layer: gpd.GeoDataFrame, *, key: str = "") -> None:
    """A layer as a bureau would load it: text columns, geometry in the layer's own system."""
    columns = [c for c in layer.columns if c != "geometry"]
    declared = ", ".join(f'"{c}" text' + (" PRIMARY KEY" if c == key else "") for c in columns)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS gis")
        connection.execute(f"CREATE TABLE {table} ({declared}, geom geometry(Geometry, {layer.crs.to_epsg()}))")
        holes = ", ".join(["%s"] * len(columns) + ["ST_GeomFromWKB(%s, %s)"])
        for row in layer.itertuples(index=False):
            cells = [str(getattr(row, c)) for c in columns]
            connection.execute(f"INSERT INTO {table} VALUES ({holes})", (*cells, row.geometry.wkb, layer.crs.to_epsg()))  # noqa: S608 - our own


def from_database(folder: Path, url: str) -> Scenario:
    """The small scenario with villages and streets taken from the database."""
    path = write_small_scenario(folder)
    load(url, "gis.villages", gpd.read_file(folder / "units.gpkg", layer="village"), key="unit_id")
    load(url, "gis.streets", gpd.read_file(folder / "streets.gpkg"))
    text = SCENARIO.replace('path = "units.gpkg"\nlayer = "village"', f'path = "{url}"\nlayer = "gis.villages"')
    text = text.replace('path = "streets.gpkg"', f'path = "{url}"\nlayer = "gis.streets"')
    path.write_text(text, encoding="utf-8")
    return read_scenario(path)


def read(folder: Path, scenario: Scenario) -> StudyArea:
    return read_study_area(scenario.file.layers, name="small", base_folder=folder)


# ---------------------------------------------------------------- a source


@needs_server
def test_layers_of_a_database_give_the_same_place_as_the_files(county: str, tmp_path: Path) -> None:
    found = read(tmp_path, from_database(tmp_path, county))
    (tmp_path / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    files = read(tmp_path, read_scenario(tmp_path / "scenario.toml"))
    pd.testing.assert_frame_equal(pd.DataFrame(found.units.drop(columns="geometry")), pd.DataFrame(files.units.drop(columns="geometry")))
    assert found.units.geometry.geom_equals_exact(files.units.geometry, 0.0).all()
    assert found.streets is not None
    assert files.streets is not None
    np.testing.assert_array_equal(found.streets.node_xy_m, files.streets.node_xy_m)
    pd.testing.assert_frame_equal(found.demand, files.demand)


@needs_server
def test_the_fingerprint_of_a_table_tells_whether_its_content_has_changed(county: str, tmp_path: Path) -> None:
    scenario = from_database(tmp_path, county)
    first = {source.path: source.sha256 for source in read(tmp_path, scenario).sources}
    rows(county, "UPDATE gis.villages SET name = name")  # rows move inside the table; what they say is the same
    assert {source.path: source.sha256 for source in read(tmp_path, scenario).sources} == first
    rows(county, "UPDATE gis.villages SET name = '五村' WHERE name = '四村'")
    again = {source.path: source.sha256 for source in read(tmp_path, scenario).sources}
    assert [path for path in first if first[path] != again[path]] == [f"{county} gis.villages"]


@needs_server
def test_nothing_of_a_scenario_becomes_sql(county: str, tmp_path: Path) -> None:
    scenario = from_database(tmp_path, county)
    text = scenario.text.replace('"gis.villages"', "'gis.villages; DROP TABLE gis.villages'")
    (tmp_path / "scenario.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LayerFaultsError, match=r"has no table gis\.villages; DROP"):
        read(tmp_path, read_scenario(tmp_path / "scenario.toml"))
    odd = 'gis."odd; ""name"'
    load(county, odd, gpd.read_file(tmp_path / "units.gpkg", layer="village"))
    text = scenario.text.replace('"gis.villages"', "'gis.odd; \"name'")
    (tmp_path / "scenario.toml").write_text(text, encoding="utf-8")
    assert len(read(tmp_path, read_scenario(tmp_path / "scenario.toml")).places("village")) == 4


@needs_server
@pytest.mark.parametrize(
    ("change", "layer", "message"),
    [
        ("", "", "which table to read is not said"),
        ("", "gis.vilages", "Did you mean gis.villages"),
        ("ALTER TABLE gis.villages ADD COLUMN middle geometry(Point, 4546)", "gis.villages", "several geometry columns: geom, middle"),
        ("ALTER TABLE gis.villages ALTER COLUMN geom TYPE geometry USING ST_SetSRID(geom, 0)", "gis.villages", "does not state its coordinate"),
        ("", "gis.villages(shape)", "has no geometry column shape; it has geom"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_a_remedy(county: str, tmp_path: Path, change: str, layer: str, message: str) -> None:
    scenario = from_database(tmp_path, county)
    if change:
        rows(county, change)
    text = scenario.text.replace('layer = "gis.villages"', f'layer = "{layer}"' if layer else "")
    (tmp_path / "scenario.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LayerFaultsError, match=message):
        read(tmp_path, read_scenario(tmp_path / "scenario.toml"))


@needs_server
def test_of_several_geometry_columns_the_named_one_is_read(county: str, tmp_path: Path) -> None:
    scenario = from_database(tmp_path, county)
    rows(county, "ALTER TABLE gis.villages ADD COLUMN middle geometry(Point, 4546)")
    (tmp_path / "scenario.toml").write_text(scenario.text.replace("gis.villages", "gis.villages(geom)"), encoding="utf-8")
    assert len(read(tmp_path, read_scenario(tmp_path / "scenario.toml")).places("village")) == 4


@needs_server
def test_a_server_that_refuses_is_told_without_the_password(county: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = from_database(tmp_path, county)
    monkeypatch.setenv("PGPASSWORD", "wrong-secret")
    with pytest.raises(LayerFaultsError, match="password authentication failed") as told:
        read(tmp_path, scenario)
    assert "wrong-secret" not in str(told.value)


def test_an_address_with_a_password_is_refused_and_not_repeated(tmp_path: Path) -> None:
    hidden = "hunter2"
    addresses = [f"postgresql://u:{hidden}@h/d", f"postgresql://h/d?password={hidden}", f"postgresql://u@h/d#?password={hidden}"]
    addresses += [
        f"postgresql://h/d?pass%77ord={hidden}",
        f"postgresql://u:{hidden}@h:x/d",
        f"postgresql://h/d?options=-c&sslpassword={hidden}",
    ]
    path = write_small_scenario(tmp_path)
    for address in addresses:
        with pytest.raises(AddressError, match="password") as told:
            Address.parse(address)
        assert hidden not in str(told.value)
        with pytest.raises(ValidationError, match="holds a password"):
            Outputs(folder="out", postgis=address)
        for text in (f'{SCENARIO}postgis = "{address}"\n', SCENARIO.replace('path = "people.csv"', f'path = "{address}"\nlayer = "a.b"')):
            path.write_text(text, encoding="utf-8")
            with pytest.raises(ValueError, match="holds a password") as fault:
                read_place(read_scenario(path))
            assert hidden not in str(fault.value)
            assert hidden not in shown_address(address)


@pytest.mark.parametrize("address", ["postgresql://h/d?options=-crole=x", "mysql://h/d", "postgresql://[h/d"])
def test_only_plain_addresses_are_taken(address: str) -> None:
    with pytest.raises(AddressError):
        Address.parse(address)


def test_without_the_driver_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_reading, "has_driver", lambda: False)
    monkeypatch.setattr(outputs_module, "has_driver", lambda: False)
    path = write_small_scenario(tmp_path)
    path.write_text(SCENARIO.replace('path = "people.csv"', 'path = "postgresql://h/d"\nlayer = "a.b"'), encoding="utf-8")
    with pytest.raises(LayerFaultsError, match=r'pip install "quarterhour\[postgis\]"'):
        read_place(read_scenario(path))
    with pytest.raises(ValidationError, match=r'pip install "quarterhour\[postgis\]"'):
        Outputs(folder="out", postgis="postgresql://h/d")


def test_terrain_and_minutes_are_not_read_from_a_database(tmp_path: Path) -> None:
    path = write_small_scenario(tmp_path)
    path.write_text(SCENARIO.replace("[siting]", '[layers.terrain]\npath = "postgresql://h/d"\n[siting]'), encoding="utf-8")
    with pytest.raises(LayerFaultsError, match="is a database; a file is needed here"):
        read_place(read_scenario(path))


# ---------------------------------------------------------------- a sink


def outputs_to(url: str, **more: object) -> Outputs:
    return Outputs.model_validate({"folder": "out", "formats": ("result",), "postgis": url, "postgis_schema": "plan", **more})


def put(assessment: Assessment, url: str, folder: Path, **more: object) -> list[Path]:
    return export(assessment, outputs_to(url, **more), folder, run_record(assessment, SCENARIO), lambda _: None)


def stored(url: str, table: str) -> pd.DataFrame:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(f"SELECT * FROM plan.{table} ORDER BY fid")  # noqa: S608 - our own
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])


@needs_server
def test_every_layer_and_table_stands_in_the_database_with_its_figures(county: str, tmp_path: Path, assessment: Assessment) -> None:
    put(assessment, county, tmp_path / "out")
    for table in all_tables(assessment, run_record(assessment, SCENARIO), assessment.before.area.crs):
        found = stored(county, table.id)
        assert len(found) == len(table.frame), table.id
        for heading in table.headings:
            wanted = table.frame[heading.name]
            if wanted.dtype == np.float64:
                np.testing.assert_array_equal(found[heading.name].astype(float), wanted.where(np.isfinite(wanted)))
            else:
                assert found[heading.name].tolist() == wanted.tolist()
        if "geometry" in table.frame:
            shapes = gpd.GeoSeries.from_wkb(found["geom"])
            assert shapes.geom_equals(table.frame.geometry.set_crs(None, allow_override=True)).all()
    comments = dict(
        rows(county, "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'plan.villages'::regclass")
    )
    assert comments["pop60"] == "60岁及以上人口 [人] / people aged 60 and over [people]"
    types = dict(rows(county, "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'candidates'"))
    assert [types[name] for name in ("cost_yuan", "idle", "proposed", "excluded_reason")] == [
        "double precision",
        "boolean",
        "boolean",
        "text",
    ]
    srids = rows(county, "SELECT DISTINCT srid FROM geometry_columns WHERE f_table_schema = 'plan'")
    assert srids == [(4546,)]


@needs_server
def test_what_was_written_can_be_read_as_a_source_again(county: str, tmp_path: Path, assessment: Assessment) -> None:
    put(assessment, county, tmp_path / "out", crs="EPSG:4490")
    path = write_small_scenario(tmp_path)
    village = f'path = "{county}"\nlayer = "plan.villages"'
    path.write_text(SCENARIO.replace('path = "units.gpkg"\nlayer = "village"', village), encoding="utf-8")
    found = read(tmp_path, read_scenario(path)).places("village")
    wanted = assessment.before.area.places("village")
    assert list(found["unit_id"]) == list(wanted["unit_id"])
    assert found.geometry.hausdorff_distance(wanted.geometry, align=False).max() < 1e-3  # by way of degrees: less than a millimetre


@needs_server
def test_a_second_run_replaces_the_rows_and_keeps_views_rights_and_other_tables(
    county: str, tmp_path: Path, assessment: Assessment
) -> None:
    put(assessment, county, tmp_path / "out")
    rows(county, "CREATE VIEW plan.of_theirs AS SELECT name FROM plan.villages")
    rows(county, "CREATE TABLE plan.their_own (a int)")
    put(replace(assessment, title={"zh": "新", "en": "new"}), county, tmp_path / "out")
    assert rows(county, "SELECT count(*) FROM plan.of_theirs") == [(4,)]
    assert rows(county, "SELECT count(*) FROM plan.their_own") == [(0,)]
    assert rows(county, "SELECT value FROM plan.run_metadata WHERE key = 'title_en'") == [("new",)]


@needs_server
def test_a_table_of_somebody_else_is_never_replaced(county: str, tmp_path: Path, assessment: Assessment) -> None:
    rows(county, "CREATE SCHEMA plan")
    rows(county, "CREATE TABLE plan.villages (precious text)")
    with pytest.raises(PublishError, match="villages was not written by an earlier run"):
        put(assessment, county, tmp_path / "out")
    assert rows(county, "SELECT count(*) FROM pg_tables WHERE schemaname = 'plan'") == [(1,)]
    assert not (tmp_path / "out").exists()


@needs_server
def test_a_run_that_breaks_off_leaves_the_old_result_whole(
    county: str, tmp_path: Path, assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgis = pytest.importorskip("maps.gis.postgis")
    put(assessment, county, tmp_path / "out")
    real, done = postgis._put, []  # noqa: SLF001 - the middle of it

    def breaks_off(*args: object, **more: object) -> None:
        real(*args, **more)  # type: ignore[arg-type]
        done.append(rows(county, "SELECT value FROM plan.run_metadata WHERE key = 'title_en'"))  # another reader, in the middle of it
        if len(done) == 20:
            raise KeyboardInterrupt

    monkeypatch.setattr(postgis, "_put", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        put(replace(assessment, title={"zh": "新", "en": "new"}), county, tmp_path / "out")
    assert {cell for found in done for (cell,) in found} == {assessment.title["en"]}
    assert rows(county, "SELECT value FROM plan.run_metadata WHERE key = 'title_en'") == [(assessment.title["en"],)]


@needs_server
def test_other_columns_under_a_view_are_told_and_change_nothing(county: str, tmp_path: Path, assessment: Assessment) -> None:
    put(assessment, county, tmp_path / "out")
    rows(county, "CREATE VIEW public.of_theirs AS SELECT name FROM plan.villages")
    fewer = replace(assessment, before=without_a_rule(assessment.before), after=without_a_rule(assessment.after))
    with pytest.raises(PublishError, match="drop the views on them"):
        put(fewer, county, tmp_path / "out")
    assert "small_circle_value_before" in stored(county, "villages")
    rows(county, "DROP VIEW public.of_theirs")
    put(fewer, county, tmp_path / "out")
    assert "small_circle_value_before" not in stored(county, "villages")


def without_a_rule(finding: Finding) -> Finding:
    return replace(finding, measures=finding.measures[finding.measures["rule_id"] != "small.circle"])


@needs_server
def test_a_database_without_postgis_or_rights_stops_before_anything_is_written(
    running: Server, tmp_path: Path, assessment: Assessment
) -> None:
    with pytest.raises(PublishError, match="CREATE EXTENSION postgis"):
        put(assessment, running.url("postgres"), tmp_path / "out")
    with pytest.raises(PublishError, match="does not exist"):
        put(assessment, running.url("nowhere"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@needs_server
def test_the_whole_line_from_a_database_into_it_without_the_password_anywhere(county: str, tmp_path: Path) -> None:
    scenario = from_database(tmp_path, county)
    (tmp_path / "scenario.toml").write_text(f'{scenario.text}postgis = "{county}"\npostgis_schema = "plan"\n', encoding="utf-8")
    scenario = read_scenario(tmp_path / "scenario.toml")
    told: list[str] = []
    written = write(scenario, run(scenario, progress=told.append), progress=told.append)
    assert changed_files(scenario.output_folder) == []
    assert MANIFEST in [path.name for path in written]
    assert f"{county} gis.villages" in {
        source["path"] for source in json.loads((scenario.output_folder / "run.json").read_bytes())["inputs"]
    }
    assert [path.name for path in written if PASSWORD.encode() in path.read_bytes()] == []
    assert PASSWORD not in "".join(told)
    assert len(stored(county, "villages")) == 4
