"""Minutes of one's own: no ids, doubled pairs, limits that nobody can read, figures as text."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.corpus.cases import Spoil, refused, told
from tests.corpus.place import CODES, Spoilt

PAIRS = pd.DataFrame(
    [(f"{CODES[0]}-{i}", site, "elder_walk", 5.0) for i in (1, 2) for site in ("f1", "f2", "f3", "c1", "c2")],
    columns=["demand_id", "site_id", "profile", "minutes"],
)
LIMITS = b'{"elder_walk": 30}'


def minutes(change: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame, stated: bytes = LIMITS) -> Spoil:
    """A matrix with its limits in the metadata beside those of pandas."""

    def spoil(place: Spoilt) -> None:
        table = pa.Table.from_pandas(change(PAIRS), preserve_index=False)
        pq.write_table(
            table.replace_schema_metadata({**table.schema.metadata, b"quarterhour.limit_minutes": stated}), place.folder / "m.parquet"
        )
        place.layers["minutes"] = {"path": "m.parquet"}

    return spoil


def written(text: Callable[[str], str]) -> Spoil:
    def spoil(place: Spoilt) -> None:
        place.bytes("m.csv", text(PAIRS.to_csv(index=False)).encode())
        place.layers["minutes"] = {"path": "m.csv", "limits": {"elder_walk": 30}}

    return spoil


def first(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{column: [value, *frame[column][1:]]})


UNREADABLE = (b"xx", b"[]", b"5", b"\xff", b'{"elder_walk": "a"}', b'{"elder_walk": null}', b'{"elder_walk": NaN}', b'{"elder_walk": -3}')

CASES = (
    told("nothing wrong", minutes(), r"m\.parquet: \d+ of \d+ demand points have no row"),
    told("figures as text", minutes(lambda frame: frame.assign(minutes="5")), r"m\.parquet: \d+ of \d+ demand points have no row"),
    told("a byte order mark", written(lambda text: "\ufeff" + text), r"m\.csv: \d+ of \d+ demand points have no row"),
    *(
        refused(f"limits such as {stated!r}", minutes(stated=stated), r"m\.parquet: what the file states as its limits")
        for stated in UNREADABLE
    ),
    refused("no rows", minutes(lambda frame: frame[:0]), r"m\.parquet: holds no rows"),
    refused("a pair twice", minutes(lambda frame: pd.concat([frame, frame[:1]])), r"m\.parquet: 1 pair\(s\) stand in several rows"),
    *(
        refused(f"a row without {column}", minutes(first(column, None)), rf"m\.parquet: 1 row\(s\) have no {column}")
        for column in ("demand_id", "site_id", "profile")
    ),
    refused(
        "minutes that are no number",
        minutes(first("minutes", float("nan"))),
        r"m\.parquet: the minutes of 1 row\(s\) are not a number of 0 or more",
    ),
    refused("minutes with their unit", minutes(lambda frame: frame.assign(minutes="5 min")), r"m\.parquet: cannot be read"),
    refused(
        "a column twice",
        written(lambda text: text.replace("\n", ",1\n").replace("minutes,1", "minutes,minutes")),
        r"m\.csv: column name\(s\) stand twice",
    ),
    refused("parted by semicolons", written(lambda text: text.replace(",", ";")), r"m\.csv: has no column demand_id"),
)
