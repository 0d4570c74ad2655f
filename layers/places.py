"""Facilities, candidates and residential areas: read file by file, then set on the ground of the units.

A stated unit is believed when it is a unit of the finest level, even if the point lies in another (addresses are geocoded wrongly more
often than codes are mistyped); the rows in doubt are named in a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from layers.cells import plain
from layers.checks import check_ids, empty_column
from layers.entered_twice import tell_entered_twice
from layers.fault_place import of_file, within
from layers.kind_reading import check_kind_words, kinds_of_rows, osm_tags_of
from layers.layer_sources import CandidateSource, FacilitySource, ResidentialSource, SiteSource
from layers.levels import is_chinese_code, short_name, without_zeros
from layers.named_units import tell_named_elsewhere
from layers.problems import Findings, row_label
from layers.projection import into_place
from layers.reading import Layer, Reading, read_layer
from layers.saying import Word, say
from layers.shift import shift_by_streets, shift_by_units
from layers.sources.admission import ending_of
from layers.streets import StreetNetwork
from layers.tables import CANDIDATES, FACILITIES, RESIDENTIAL, UNIT_NAME_HEADINGS, Column, column_name
from layers.units import Ground

_STATUSES_ZH = {"open": "运营", "planned": "在建或规划", "closed": "停业", "proposed": "建议"}
_LAYER_OF = {"facility_id": say("facilities"), "candidate_id": say("candidates"), "residential_id": say("residential")}
STATUSES = tuple(Word(word, f"{word}（{zh}）") for word, zh in _STATUSES_ZH.items())


def read_facilities(sources: Sequence[FacilitySource], reading: Reading) -> list[Layer]:
    """The facility layers that can be read, kinds told and every row with a status."""
    read = []
    if not sources:
        reading.findings.note(
            say("facilities"), say("the scenario says that none stands (facilities = []): rules on what stands count none")
        )
    for source in sources:
        if source.status not in STATUSES:
            where = within(of_file(say("facilities"), source.path), "status")
            what = say("`{word}` is none of {known}", word=source.status, known=STATUSES)
            reading.findings.error(where, what, say("Write one of them, or take `status` out."))
        layer = _read_sites(source, say("facilities"), FACILITIES, "facility_id", reading)
        if layer is not None:
            bare = list(layer.frame.index[layer.frame["status"] == ""])
            if bare and "status" in layer.theirs:
                what = say(
                    "{n} row(s) have no {column}: they count as {status}",
                    n=len(bare),
                    column=column_name("status", layer.theirs),
                    status=next((word for word in STATUSES if word == source.status), source.status),
                )
                reading.findings.note(
                    layer.where, what, say('Fill in the cells, or write what such rows are, e.g. status = "closed".'), bare
                )
            status = layer.frame["status"].where(layer.frame["status"] != "", source.status)
            read.append(_with(layer, status=status))
    return read


def read_candidates(sources: Sequence[CandidateSource], reading: Reading) -> list[Layer]:
    """The candidate layers that can be read; role, plot and cost filled where a row states none."""
    read = []
    for source in sources:
        layer = _read_sites(source, say("candidates"), CANDIDATES, "candidate_id", reading)
        if layer is not None:
            frame = layer.frame
            cost = frame["cost_yuan"] if source.cost_yuan is None else frame["cost_yuan"].fillna(source.cost_yuan)
            plot = frame["site_id"].where(frame["site_id"] == "", source.id_prefix + frame["site_id"])
            read.append(
                _with(
                    layer,
                    role=frame["role"].where(frame["role"] != "", "candidate"),
                    site_id=plot.where(plot != "", frame["candidate_id"]),
                    cost_yuan=cost,
                )
            )
    return read


def read_residential(sources: Sequence[ResidentialSource], reading: Reading) -> list[Layer]:
    """The layers of residential areas that can be read."""
    layers = [
        read_layer(source, say("residential"), RESIDENTIAL, "polygon", reading, key="residential_id", given=("name",)) for source in sources
    ]
    return [layer for layer in layers if layer is not None]


def _read_sites(source: SiteSource, layer_name: str, columns: Sequence[Column], key: str, reading: Reading) -> Layer | None:
    check_kind_words(source, of_file(layer_name, source.path), reading.findings)
    if ending_of(source.path).endswith((".pbf", ".osm")) and not source.osm:
        source = source.model_copy(update={"osm": osm_tags_of(source.kind)})
    layer = read_layer(source, layer_name, columns, "point", reading, key=key, given=("kind", key))
    if layer is None:
        return None
    has_ids = key in layer.theirs or key in source.columns
    ids = layer.frame[key] if has_ids else _ids_of_rows(layer, source, key, reading.findings)
    layer = _with(
        layer,
        kind=kinds_of_rows(layer, source, reading.findings),
        **{key: ids.where(ids == "", source.id_prefix + ids)},
    )
    if key in layer.theirs:
        check_ids(layer.frame, key, layer.where, reading.findings, layer.theirs)
    return layer


def _ids_of_rows(layer: Layer, source: SiteSource, key: str, findings: Findings) -> pd.Series:
    """Ids for the rows of a file that has none, by its name and their number in it: no other file's ids, and the same at every reading."""
    file = "-".join((Path(source.path).stem, *([source.layer] if source.layer else [])))
    ids = pd.Series([f"{file}-{row.rpartition(' ')[2]}" for row in layer.frame.index], index=layer.frame.index, dtype=object)
    what = say("has no column of ids; its rows are called by file and row: {first} ...", first=source.id_prefix + ids.iloc[0])
    remedy = say(
        'If a column holds them, write columns = {{ {ours} = "..." }}. If not, add one before you name rows elsewhere: these change with the order of the rows.',
        ours=key,
    )
    findings.note(layer.where, what, remedy)
    return ids


def _with(layer: Layer, **columns: pd.Series) -> Layer:
    return replace(layer, frame=layer.frame.assign(**columns))


def set_on_ground(
    layers: Sequence[Layer], columns: Sequence[Column], key: str, ground: Ground, findings: Findings, streets: StreetNetwork | None = None
) -> gpd.GeoDataFrame:
    """One table of all files in the working system, each row in its unit; our columns first, then the files' own as text.

    With `streets`, points that lie off them and would lie along them with a map offset undone are told.
    """
    placed = []
    for layer in layers:
        if not isinstance(layer.frame, gpd.GeoDataFrame):
            continue
        moved = into_place(layer.frame, ground.crs, ground.box_m, layer.where, findings)
        if moved is not None:
            _tell_off_streets(moved, layer, streets, findings)
            placed.append((layer, moved.assign(unit_id=_units_of(moved, ground, layer.read_as, layer.where, findings))))
    names = [column.name for column in columns]
    if not placed:
        nothing = {column.name: empty_column(column, pd.RangeIndex(0)) for column in columns} | {"unit_id": pd.Series([], dtype=object)}
        return gpd.GeoDataFrame(nothing, geometry=[], crs=ground.crs)
    together = pd.concat([frame for _, frame in placed])
    if len(placed) > 1:
        _tell_shared_ids(placed, key, findings)
    if key == "facility_id":
        tell_entered_twice(gpd.GeoDataFrame(together), findings)
    own = [name for name in together.columns if name not in (*names, "unit_id", "geometry", "x", "y")]
    filled = together.assign(**{name: together[name].fillna("") for name in own}).reset_index(drop=True)
    ordered = [*dict.fromkeys([*names, "unit_id"]), *own, "geometry"]
    return gpd.GeoDataFrame(filled[ordered], geometry="geometry", crs=ground.crs)


def _tell_shared_ids(placed: Sequence[tuple[Layer, pd.DataFrame]], key: str, findings: Findings) -> None:
    """Ids that stand in several files; those that stand twice in one were told where it was read."""
    n_files = Counter(row_id for _, frame in placed for row_id in frame[key].unique() if row_id)
    rows: list[str] = [
        say("{row}: {rest}", row=within(layer.where, row_label(row)), rest=row_id)
        for layer, frame in placed
        for row, row_id in zip(map(str, frame.index), frame[key], strict=True)
        if n_files[row_id] > 1
    ]
    if rows:
        n = sum(n > 1 for n in n_files.values())
        what = say("{column} is not unique: {n} id(s) stand in several files", column=column_name(key), n=n)
        prefix = say('Put a prefix before the ids of one file: id_prefix = "N".')
        findings.error(_LAYER_OF[key], what, say("Give each row its own.") if key == "residential_id" else prefix, rows)


def _tell_off_streets(frame: gpd.GeoDataFrame, layer: Layer, streets: StreetNetwork | None, findings: Findings) -> None:
    shift = shift_by_streets(frame, layer.read_as, streets) if streets is not None and streets.n_edges else None
    if shift:
        what = say("half of its points lie more than {m:.0f} m from the nearest street", m=shift.was_m)
        findings.warning(layer.where, what, shift.told())


def _units_of(frame: gpd.GeoDataFrame, ground: Ground, read_as: str, where: str, findings: Findings) -> pd.Series:
    """The finest unit of each row: the stated one where it is valid, else the one it lies in, else ""."""
    located = pd.Series(ground.ids_at(frame.geometry.representative_point().to_numpy()), index=frame.index, dtype=object)
    frame = frame.assign(unit_id=_stated_units(frame, located, ground))
    stated = frame["unit_id"]
    is_valid = stated.isin(ground.finest["unit_id"])
    elsewhere = is_valid & (located != stated)
    if elsewhere.any():
        rows: list[str] = [
            say("{row}: {stated}, lies in {found}", row=row_label(row), stated=stated[row], found=located[row] or say("no unit"))
            for row in frame.index[elsewhere]
        ]
        what = say("{n} row(s) do not lie in the unit they state; the stated unit is used", n=len(rows))
        shift = shift_by_units(frame[is_valid], read_as, ground)
        findings.warning(where, what, shift.told() if shift else say("Check code and coordinates."), rows)
    holds = [_holds(*pair, ground) for pair in zip(stated, located, strict=True)]
    strange = (stated != "") & ~is_valid & ~pd.Series(holds, index=frame.index, dtype=bool)
    if strange.any():
        rows = [f"{row}: {stated[row]}" for row in frame.index[strange]]
        what = say("{n} row(s) state a unit that is not in the units layer or does not hold them; the one they lie in is used", n=len(rows))
        findings.warning(where, what, say("Check their unit codes."), rows)
    tell_named_elsewhere(frame[~is_valid], located[~is_valid], read_as, where, ground, findings)
    found: pd.Series = stated.where(is_valid, located)
    outside = list(frame.index[found == ""])
    if outside:
        what = say(
            "{n} row(s) stand outside every unit: they count for the people who can reach them, but in no unit's own figures",
            n=len(outside),
        )
        findings.note(where, what, "", outside)
    return found


def _stated_units(frame: gpd.GeoDataFrame, located: pd.Series, ground: Ground) -> pd.Series:
    """What each row states: its code, else what its village is called; the name of a unit of the finest level is that unit's code.

    Of several units of one name it is the one that the row lies in.
    """
    said = frame["unit_id"]
    called = next((frame[name] for name in UNIT_NAME_HEADINGS if name in frame.columns), None)
    said = said if called is None else said.where(said != "", called.map(plain))
    named = ground.finest["unit_id"].groupby(ground.finest["name"].map(short_name)).agg(tuple).to_dict()

    def unit(text: str, here: str) -> str:
        several = named.get(short_name(text), ())
        return here if here in several else several[0] if len(several) == 1 else text

    ids = set(ground.finest["unit_id"])
    found = [text if text in ids or not text else unit(text, here) for text, here in zip(said, located, strict=True)]
    return pd.Series(found, index=frame.index, dtype=object)


def _holds(stated: str, located: str, ground: Ground) -> bool:
    """Whether a stated unit that is none of the finest level (a township, or a county that has no layer) holds the unit that the row lies in."""
    if not located:
        return False
    code = without_zeros(stated)
    return ground.lies_under(located, stated) or (is_chinese_code(code) and is_chinese_code(located) and located.startswith(code))
