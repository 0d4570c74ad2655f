"""`minutes.parquet`: every pair of a demand point and a site with its minutes, in the form that `[layers.minutes]` reads.

It is written from pairs that are in memory, those of a run, or from blocks of them as they are found, for places whose pairs do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from layers.minutes_reading import SCHEMA, limits_metadata
from layers.saying import say
from layers.study_area import StudyArea
from maps.publishing.manifest import PublishError, listed_files
from maps.publishing.publish import Piece, publish
from planner.assessment import Assessment
from planner.travel.arcs import Arcs

PARQUET, CSV = "minutes.parquet", "minutes.csv"
PAIRS_PER_BLOCK = 2_000_000


def write_matrix(assessment: Assessment, path: Path) -> None:
    """The minutes of the place as it is, facilities and candidates, of every profile, to its limit: by profile, demand point and site."""
    by_profile = assessment.before.times.by_profile
    limits = {profile: arcs.limit_minutes for profile, arcs in by_profile.items()}
    write_pairs(assessment.before.area, sorted(by_profile.items()), limits, path)


def publish_pairs(
    area: StudyArea,
    blocks: Iterable[tuple[str, Arcs]],
    limits: Mapping[str, float],
    folder: Path,
    progress: Callable[[str], None],
    *,
    as_csv: bool = False,
) -> list[Path]:
    """The same of a place of which nothing else is asked, from blocks as they come, put into a folder whole or not at all; the paths written.

    `PublishError` when the folder holds the result of a run, which it would replace.
    """
    others = sorted(set(listed_files(folder)) - {PARQUET, CSV})
    if others:
        what = say("{folder} holds the result of a run ({files}). Name another folder for the minutes.", folder=str(folder), files=others)
        raise PublishError(what)
    name, check = (CSV, _check_csv) if as_csv else (PARQUET, check_matrix)
    return publish(folder, [Piece(name, lambda path: write_pairs(area, blocks, limits, path), check)], progress)


def write_pairs(area: StudyArea, blocks: Iterable[tuple[str, Arcs]], limits: Mapping[str, float], path: Path) -> None:
    """Pairs block by block, as Parquet that states its limits, or as CSV (by the ending), which cannot."""
    demand_ids = area.demand["demand_id"].to_numpy(dtype=object)
    site_ids = np.concatenate(
        [area.facilities["facility_id"].to_numpy(dtype=object), area.candidates["candidate_id"].to_numpy(dtype=object)]
    )
    schema = SCHEMA.with_metadata(limits_metadata(limits))
    with pa_csv.CSVWriter(path, schema) if path.suffix == ".csv" else pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for profile, arcs in blocks:
            for rows in _slices(arcs):
                columns = [
                    pa.array(demand_ids[arcs.demand_row[rows]], pa.string()),
                    pa.array(site_ids[arcs.site_row[rows]], pa.string()),
                    pa.array(np.full(rows.stop - rows.start, profile, dtype=object), pa.string()),
                    pa.array(arcs.minutes[rows], pa.float64()),
                ]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def check_matrix(path: Path) -> None:
    """Raise `PublishError` unless the file can be read back."""
    with pq.ParquetFile(path) as file:
        if file.schema_arrow.names != SCHEMA.names:
            raise PublishError(say("{file} is not a whole matrix. Run again.", file=path.name))


def _check_csv(path: Path) -> None:
    """Raise `PublishError` unless the file begins as it should and its last line is whole."""
    with path.open("rb") as file:
        head = file.readline()
        file.seek(-1, 2)
        if head.replace(b'"', b"").strip().decode() != ",".join(SCHEMA.names) or file.read() != b"\n":
            raise PublishError(say("{file} is not a whole matrix. Run again.", file=path.name))


def _slices(arcs: Arcs) -> Iterator[slice]:
    for start in range(0, len(arcs.minutes), PAIRS_PER_BLOCK):
        yield slice(start, min(start + PAIRS_PER_BLOCK, len(arcs.minutes)))
