"""Minutes that the scenario brings along, from another router or a bureau's own survey: `[layers.minutes]`.

One row per pair of a demand point and a site (facility or candidate) and pace: demand_id, site_id, profile, minutes. `quarterhour run` with
the format "matrix" writes such a file; its ids are those that are read here. A pair that has no row is out of reach, so the file must
hold every pair up to its limit; the limit of each pace stands in the file's own metadata or in the scenario.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from layers.layer_sources import MinutesSource
from layers.own_minutes import OwnMinutes
from layers.problems import Findings
from layers.reading import Reading
from layers.sources.admission import Admitted

LAYER = "minutes"
LIMITS_KEY = b"quarterhour.limit_minutes"
"""Metadata of a parquet file: profile -> limit, as JSON."""
SCHEMA = pa.schema({"demand_id": pa.string(), "site_id": pa.string(), "profile": pa.string(), "minutes": pa.float64()})


def read_own_minutes(
    source: MinutesSource, demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, reading: Reading
) -> OwnMinutes | None:
    """The matrix of a scenario for the place; None after telling its faults."""
    file = reading.admit(LAYER, source.path)
    if file is None:
        return None
    where, findings = f"{LAYER}: {source.path}", reading.findings
    table = _table(file, where, findings)
    if table is None:
        return None
    frame = table.to_pandas()
    reading.note_source(LAYER, file, len(frame))
    limits = dict(source.limits) or _own_limits(table)
    without = sorted(set(frame["profile"]) - set(limits))
    if without:
        remedy = f"Say it in the scenario: limits = {{ {without[0]} = 30 }}."
        findings.error(where, f"does not say up to how many minutes it holds all pairs of {', '.join(without)}", remedy)
    _tell_bad_minutes(frame, limits, where, findings)
    pairs = _of_place(frame, demand, set(facilities["facility_id"]) | set(candidates["candidate_id"]), where, findings)
    return OwnMinutes(where, pairs, limits)


def _table(file: Admitted, where: str, findings: Findings) -> pa.Table | None:
    """The columns of `SCHEMA`, with the file's metadata."""
    try:
        read = {".parquet": pq.read_table, ".csv": _csv}.get(file.ending)
        if read is None:
            findings.error(where, f"`{file.ending}` is no table of minutes", "Give a .parquet or a .csv file.")
            return None
        table = read(file.path)
        missing = [name for name in SCHEMA.names if name not in table.column_names]
        if missing:
            findings.error(where, f"has no column {', '.join(missing)}", f"Its columns: {', '.join(table.column_names)}.")
            return None
        return table.select(SCHEMA.names).cast(SCHEMA.with_metadata(table.schema.metadata))
    except (pa.ArrowException, OSError) as error:
        findings.error(where, f"cannot be read: {error}", "Write ids and profile as text, minutes as numbers; text as UTF-8.")
        return None


def _csv(path: Path) -> pa.Table:
    types = {field.name: field.type for field in SCHEMA}
    return pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False))


def _own_limits(table: pa.Table) -> dict[str, float]:
    stated = json.loads((table.schema.metadata or {}).get(LIMITS_KEY, b"{}"))
    return {str(profile): float(limit) for profile, limit in stated.items()}


def _tell_bad_minutes(frame: pd.DataFrame, limits: Mapping[str, float], where: str, findings: Findings) -> None:
    minutes = frame["minutes"]
    bad = frame.index[~(minutes >= 0) | (minutes == float("inf"))]
    if len(bad):
        rows = [f"row {row + 1}" for row in bad[:20]]
        what = f"minutes are no number of 0 or more in {len(bad)} row(s)"
        findings.error(where, what, "Leave out the rows of pairs that are not in reach.", rows, len(bad))
    far = int((minutes > frame["profile"].map(limits)).sum())
    if far:
        findings.note(where, f"{far} row(s) are above the limit of their profile, up to which all pairs are there; they are not used")
    twice = frame.duplicated(["demand_id", "site_id", "profile"])
    if twice.any():
        rows = [f"{row.demand_id} - {row.site_id}" for row in frame[twice].head(20).itertuples()]
        findings.error(where, f"{int(twice.sum())} pair(s) stand in several rows", "Leave one row for each.", rows, int(twice.sum()))


def _of_place(frame: pd.DataFrame, demand: gpd.GeoDataFrame, sites: set[str], where: str, findings: Findings) -> pd.DataFrame:
    """The rows of demand points and sites that are there; the others are told."""
    demand_row = pd.Index(demand["demand_id"]).get_indexer(pd.Index(frame["demand_id"]))
    known = {"demand_id": demand_row >= 0, "site_id": frame["site_id"].isin(sites).to_numpy()}
    for column, is_known in known.items():
        strays = list(frame.loc[~is_known, column].unique())
        if len(frame) and not is_known.any():
            findings.error(where, f"none of its {column} is in this place", 'Take them from the format "matrix" of a run of it.', strays)
        elif strays:
            findings.warning(where, f"{len(strays)} {column} are not in this place; their rows are not used", "", strays)
    n_bare = len(demand) - len(set(demand_row) - {-1})
    if n_bare:
        findings.note(where, f"{n_bare} of {len(demand)} demand points have no row: they count as out of reach")
    here = known["demand_id"] & known["site_id"]
    kept: pd.DataFrame = frame.loc[here, ["site_id", "profile", "minutes"]].assign(demand_row=demand_row[here].astype("int32"))
    return kept.reset_index(drop=True)


def limits_metadata(limits: Mapping[str, float]) -> dict[bytes, bytes]:
    """What a parquet file says of its limits."""
    return {LIMITS_KEY: json.dumps(dict(sorted(limits.items()))).encode()}
