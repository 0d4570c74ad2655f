"""Minutes that the scenario brings along, from another router or a bureau's own survey: `[layers.minutes]`.

One row per pair of a demand point and a site (facility or candidate) and pace: demand_id, site_id, profile, minutes. `quarterhour run` with
the format "matrix" writes such a file; its ids are those that are read here. A pair that has no row is out of reach, so the file must
hold every pair up to its limit; the limit of each pace stands in the file's own metadata or in the scenario.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from pydantic import Field, TypeAdapter, ValidationError

from layers.fault_place import of_file
from layers.layer_sources import MinutesSource
from layers.own_minutes import OwnMinutes
from layers.problems import Findings, reason_of
from layers.reading import Reading
from layers.saying import say
from layers.shortage import pass_on_shortage
from layers.sources.admission import Admitted

LAYER = say("minutes")
LIMITS_KEY = b"quarterhour.limit_minutes"
"""Metadata of a parquet file: profile -> limit, as JSON."""
_LIMITS = TypeAdapter(dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]])
SCHEMA = pa.schema({"demand_id": pa.string(), "site_id": pa.string(), "profile": pa.string(), "minutes": pa.float64()})


def read_own_minutes(
    source: MinutesSource, demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, reading: Reading
) -> OwnMinutes | None:
    """The matrix of a scenario for the place; None after telling its faults."""
    file = reading.admit(LAYER, source.path)
    if file is None:
        return None
    where, findings = of_file(LAYER, source.path), reading.findings
    table = _table(file, where, findings)
    if table is None:
        return None
    frame = table.to_pandas()
    reading.note_source(LAYER, file, len(frame))
    limits = dict(source.limits) or _own_limits(table, where, findings)
    if limits is None:
        return None
    without = sorted(set(frame["profile"]) - set(limits))
    if without:
        remedy = say("Say it in the scenario: limits = {{ {profile} = 30 }}.", profile=without[0])
        findings.error(where, say("does not say up to how many minutes it holds all pairs of {profiles}", profiles=without), remedy)
    _tell_bad_minutes(frame, limits, where, findings)
    pairs = _of_place(frame, demand, set(facilities["facility_id"]) | set(candidates["candidate_id"]), where, findings)
    return OwnMinutes(where, pairs, limits)


def _table(file: Admitted, where: str, findings: Findings) -> pa.Table | None:
    """The columns of `SCHEMA`, of the file's metadata only the limits: what else stands there could change how the columns are read."""
    try:
        read = {".parquet": pq.read_table, ".csv": _csv}.get(file.ending)
        if read is None:
            findings.error(where, say("`{ending}` is no table of minutes", ending=file.ending), say("Give a .parquet or a .csv file."))
            return None
        table = read(file.path)
        missing = [name for name in SCHEMA.names if name not in table.column_names]
        if missing:
            findings.error(
                where, say("has no column {columns}", columns=missing), say("Its columns: {columns}.", columns=table.column_names)
            )
            return None
        if len(set(table.column_names)) < len(table.column_names):
            findings.error(where, say("column name(s) stand twice: {names}", names=table.column_names), say("Rename one of them."))
            return None
        stated = (table.schema.metadata or {}).get(LIMITS_KEY, b"{}")
        return _filled(table.select(SCHEMA.names).cast(SCHEMA.with_metadata({LIMITS_KEY: stated})), where, findings)
    except (pa.ArrowException, OSError) as error:
        pass_on_shortage(error)
        remedy = say("Write ids and profile as text, minutes as numbers; text as UTF-8.")
        findings.error(where, say("cannot be read: {reason}", reason=reason_of(error)), remedy)
        return None


def _filled(table: pa.Table, where: str, findings: Findings) -> pa.Table | None:
    """The table, if it has rows and every row has its two ids and its profile."""
    bare = {name: table[name].null_count for name in ("demand_id", "site_id", "profile") if table[name].null_count}
    for name, n in bare.items():
        findings.error(where, say("{n} row(s) have no {column}", n=n, column=name), say("Fill it in."), count=n)
    if not len(table):
        findings.error(where, say("holds no rows"), say("Check the file; an empty layer would count as nothing being there."))
    return None if bare or not len(table) else table


def _csv(path: Path) -> pa.Table:
    types = {field.name: field.type for field in SCHEMA}
    return pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False))


def _own_limits(table: pa.Table, where: str, findings: Findings) -> dict[str, float] | None:
    """Profile -> limit [minutes] as the file itself states it; None after telling that this cannot be read."""
    stated = table.schema.metadata[LIMITS_KEY]
    try:
        return _LIMITS.validate_json(stated)
    except ValidationError:
        what = say("what the file states as its limits cannot be read: {stated}", stated=stated[:60].decode(errors="replace"))
        findings.error(where, what, say("Say it in the scenario: limits = {{ {profile} = 30 }}.", profile="elder_walk"))
        return None


def _tell_bad_minutes(frame: pd.DataFrame, limits: Mapping[str, float], where: str, findings: Findings) -> None:
    minutes = frame["minutes"]
    bad = frame.index[~(minutes >= 0) | (minutes == float("inf"))]
    if len(bad):
        rows = [f"row {row + 1}" for row in bad[:20]]
        what = say("the minutes of {n} row(s) are not a number of 0 or more", n=len(bad))
        findings.error(where, what, say("Correct the figures; leave out the rows of pairs that are not in reach."), rows, len(bad))
    far = int((minutes > frame["profile"].map(limits)).sum())
    if far:
        what = say("{n} row(s) are above the limit of their profile, up to which all pairs are there; they are not used", n=far)
        findings.note(where, what)
    twice = frame.duplicated(["demand_id", "site_id", "profile"])
    if twice.any():
        rows = [f"{row.demand_id} - {row.site_id}" for row in frame[twice].head(20).itertuples()]
        n = int(twice.sum())
        findings.error(where, say("{n} pair(s) stand in several rows", n=n), say("Leave one row for each."), rows, n)


def _of_place(frame: pd.DataFrame, demand: gpd.GeoDataFrame, sites: set[str], where: str, findings: Findings) -> pd.DataFrame:
    """The rows of demand points and sites that are there; the others are told."""
    demand_row = pd.Index(demand["demand_id"]).get_indexer(pd.Index(frame["demand_id"]))
    known = {"demand_id": demand_row >= 0, "site_id": frame["site_id"].isin(sites).to_numpy()}
    for column, is_known in known.items():
        strays = list(frame.loc[~is_known, column].unique())
        if len(frame) and not is_known.any():
            remedy = say('Take the ids from the file that a run of this scenario writes with formats = ["matrix"].')
            findings.error(where, say("no {column} of it belongs to this place", column=column), remedy, strays)
        elif strays:
            what = say("{n} {column} are not in this place; their rows are not used", n=len(strays), column=column)
            findings.warning(where, what, say("Right for a part of the place; else check that the ids are those of this scenario."), strays)
    n_bare = len(demand) - len(set(demand_row) - {-1})
    if n_bare:
        what = say("{n} of {n_all} demand points have no row: they count as out of reach", n=n_bare, n_all=len(demand))
        findings.note(where, what)
    here = known["demand_id"] & known["site_id"]
    kept: pd.DataFrame = frame.loc[here, ["site_id", "profile", "minutes"]].assign(demand_row=demand_row[here].astype("int32"))
    return kept.reset_index(drop=True)


def limits_metadata(limits: Mapping[str, float]) -> dict[bytes, bytes]:
    """What a parquet file says of its limits."""
    return {LIMITS_KEY: json.dumps(dict(sorted(limits.items()))).encode()}
