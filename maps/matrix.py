"""`minutes.parquet`: every pair of a demand point and a site with its minutes, in the form that `[layers.minutes]` reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from layers.minutes_reading import SCHEMA, limits_metadata
from layers.saying import say
from maps.publishing.manifest import PublishError
from planner.assessment import Assessment
from planner.travel.arcs import Arcs

PAIRS_PER_BLOCK = 2_000_000


def write_matrix(assessment: Assessment, path: Path) -> None:
    """The minutes of the place as it is, facilities and candidates, of every profile, to its limit: by profile, demand point and site.

    In blocks, so that the file takes little memory however many pairs there are.
    """
    by_profile = assessment.before.times.by_profile
    area = assessment.before.area
    demand_ids = area.demand["demand_id"].to_numpy(dtype=object)
    site_ids = np.concatenate(
        [area.facilities["facility_id"].to_numpy(dtype=object), area.candidates["candidate_id"].to_numpy(dtype=object)]
    )
    limits = {profile: arcs.limit_minutes for profile, arcs in by_profile.items()}
    schema = SCHEMA.with_metadata(limits_metadata(limits))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for profile, arcs in sorted(by_profile.items()):
            for block in _blocks(arcs):
                columns = [
                    pa.array(demand_ids[arcs.demand_row[block]], pa.string()),
                    pa.array(site_ids[arcs.site_row[block]], pa.string()),
                    pa.array(np.full(block.stop - block.start, profile, dtype=object), pa.string()),
                    pa.array(arcs.minutes[block], pa.float64()),
                ]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def check_matrix(path: Path) -> None:
    """Raise `PublishError` unless the file can be read back."""
    with pq.ParquetFile(path) as file:
        if file.schema_arrow.names != SCHEMA.names:
            raise PublishError(say("{file} is not a whole matrix. Run again.", file=path.name))


def _blocks(arcs: Arcs) -> Iterator[slice]:
    for start in range(0, len(arcs.minutes), PAIRS_PER_BLOCK):
        yield slice(start, min(start + PAIRS_PER_BLOCK, len(arcs.minutes)))
