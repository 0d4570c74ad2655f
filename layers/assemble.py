"""From the `[layers]` part of a scenario to one checked `StudyArea`: the recipe.

First every file is read and its cells are understood; then everything is set on the ground of the units. All faults of all layers are
told at once, at the end; `PlaceRead` is what could be read in spite of them. A new layer is a line in each of the two halves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import shapely

from layers.fault_place import within
from layers.layer_sources import LayerSources
from layers.minutes_reading import read_own_minutes
from layers.places import read_candidates, read_facilities, read_residential, set_on_ground
from layers.plausible import tell_unusual
from layers.population import People, read_people
from layers.problems import Findings
from layers.projection import Bounds, bounds_lon_lat
from layers.reading import Reading
from layers.saying import say
from layers.settling import Settled, settle
from layers.sources.streets import read_streets
from layers.street_cover import tell_uncovered
from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from layers.tables import CANDIDATES, FACILITIES, RESIDENTIAL
from layers.terrain import with_heights
from layers.units import Ground, lay_ground, read_units


def _silent(_step: str) -> None:
    """No word of progress."""


@dataclass(frozen=True, eq=False)
class PlaceRead:
    """What could be read of a place: all of it, or as far as its faults allow. None stands for what they did not allow."""

    reading: Reading
    people: People | None
    settled: Settled | None = None
    facilities: gpd.GeoDataFrame | None = None
    candidates: gpd.GeoDataFrame | None = None
    area: StudyArea | None = None
    """the checked place, if there is no fault"""

    def checked(self) -> StudyArea:
        """The place; `LayerFaultsError` with every fault of every layer."""
        self.reading.findings.raise_errors()
        if self.area is None:
            raise AssertionError("the place could not be put together, but nothing was found wrong with its layers")
        return self.area


def read_study_area(sources: LayerSources, *, name: str, base_folder: Path, progress: Callable[[str], None] = _silent) -> StudyArea:
    """The place that the sources describe, paths relative to `base_folder`.

    Raises `LayerFaultsError` with every fault of every layer; warnings and notes travel with the area.
    """
    return read_layers(sources, name=name, base_folder=base_folder, progress=progress).checked()


def read_layers(sources: LayerSources, *, name: str, base_folder: Path, progress: Callable[[str], None] = _silent) -> PlaceRead:
    """As `read_study_area`, but with what could be read when there are faults."""
    reading = Reading(base_folder)
    findings = reading.findings

    progress(say("units"))
    unit_layers = read_units(sources.units, reading)
    ground = lay_ground(unit_layers, sources.crs, findings) if len(unit_layers) == len(sources.units) else None
    progress(say("population"))
    people = read_people(sources.population, reading, _around(ground))
    progress(say("facilities"))
    facility_layers = read_facilities(sources.facilities, reading)
    candidate_layers = read_candidates(sources.candidates, reading)
    residential_layers = read_residential(sources.residential, reading)
    progress(say("streets"))
    streets = _read_streets(sources, ground, reading, progress)
    if ground is None:
        return PlaceRead(reading, people)

    progress(say("placing people and facilities"))
    facilities = set_on_ground(facility_layers, FACILITIES, "facility_id", ground, findings, streets)
    candidates = set_on_ground(candidate_layers, CANDIDATES, "candidate_id", ground, findings, streets)
    residential = set_on_ground(residential_layers, RESIDENTIAL, "residential_id", ground, findings)
    settled = settle(people, ground, findings) if people is not None else None
    if streets is not None and settled is not None:
        tell_uncovered(streets, settled.demand, ground.units, findings)
    _check_references(facilities, candidates, residential, ground, findings)
    for layer, frame in (("facilities", facilities), ("candidates", candidates), ("residential", residential)):
        tell_unusual(layer, frame, findings)
    if settled is not None:
        tell_unusual(ground.finest_level, settled.units[settled.units["level"] == ground.finest_level], findings)
    own_minutes = (
        read_own_minutes(sources.minutes, settled.demand, facilities, candidates, reading) if sources.minutes and settled else None
    )
    read = PlaceRead(reading, people, settled, facilities, candidates)
    if findings.has_errors or people is None or settled is None:
        return read
    area = StudyArea(
        name=name,
        crs=ground.crs,
        units=settled.units,
        demand=settled.demand,
        facilities=facilities,
        candidates=candidates,
        residential=residential,
        streets=streets,
        own_minutes=own_minutes,
        unassigned=settled.unassigned,
        sources=tuple(reading.sources),
        problems=tuple(findings.problems),
        assumptions=(*sources.assumptions, *people.assumptions),
        is_synthetic=sources.synthetic,
    )
    return replace(read, area=area)


def _around(ground: Ground | None) -> Bounds | None:
    """The rectangle of the units [degrees], for layers that are larger than the place."""
    return bounds_lon_lat(ground.units, "units", Findings()) if ground is not None else None


def _read_streets(sources: LayerSources, ground: Ground | None, reading: Reading, progress: Callable[[str], None]) -> StreetNetwork | None:
    """The streets with heights; without units only whether the files are there is looked at."""
    street_file = reading.admit_source(say("streets"), sources.streets) if sources.streets and sources.streets.path else None
    terrain_file = reading.admit(say("terrain"), sources.terrain.path) if sources.terrain else None
    if sources.terrain and not sources.streets:
        reading.findings.error(
            say("terrain"), say("is of use only with streets"), say("Add [layers.streets], or take [layers.terrain] out.")
        )
    if sources.streets is None or ground is None or (sources.streets.path and street_file is None):
        return None
    before = len(reading.findings.problems)
    streets = read_streets(sources.streets, street_file.path if street_file else None, ground.crs, reading.findings, progress)
    if any(problem.severity == "error" for problem in reading.findings.problems[before:]):
        return None
    if street_file:
        reading.note_source(say("streets"), street_file, streets.n_edges, say("pieces between junctions, after lines were joined"))
    if not _are_near(streets, ground):
        reading.findings.error(
            say("streets"),
            say("no street of it lies near the units"),
            say("Probably the wrong file or the wrong coordinate system: check `path` and `crs`."),
        )
    if terrain_file:
        reading.note_source(say("terrain"), terrain_file, 1)
        streets = with_heights(streets, terrain_file.path, ground.crs, reading.findings)
    return streets


def _are_near(streets: StreetNetwork, ground: Ground) -> bool:
    """Whether any street runs through the rectangle of the units; a long one may have both ends beyond it."""
    west, south, east, north = ground.box_m
    x, y = streets.shape_xy_m.T
    has_vertex = bool(((x >= west) & (x <= east) & (y >= south) & (y <= north)).any())
    return has_vertex or bool(shapely.intersects(streets.lines(), shapely.box(west, south, east, north)).any())


def _check_references(
    facilities: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, residential: gpd.GeoDataFrame, ground: Ground, findings: Findings
) -> None:
    """Ids that point from one layer to another must be there; those that are not are told, and count for nothing."""
    units, areas = set(ground.units["unit_id"]), set(residential["residential_id"])
    shared = sorted(set(facilities["facility_id"]) & set(candidates["candidate_id"]))
    if shared:
        what = say("{n} id(s) are ids of facilities too; an opened candidate could not be told from them", n=len(shared))
        remedy = say('Put a prefix before the ids of one file: id_prefix = "N".')
        findings.error(within(say("candidates"), "candidate_id"), what, remedy, shared)
    for layer, frame, key in ((say("facilities"), facilities, "facility_id"), (say("candidates"), candidates, "candidate_id")):
        for column, known in (("serves", units | areas), *((("residential_id", areas),) if areas else ())):
            rows = [
                f"{row_id}: {part}"
                for row_id, text in zip(frame[key], frame[column], strict=True)
                for part in text.split(";")
                if part and part not in known
            ]
            if rows:
                what = say("{n} id(s) stand in no layer and count for nothing", n=len(rows))
                findings.warning(
                    within(layer, column),
                    what,
                    say("Write codes of units or ids of residential areas that are there, parted by `;`."),
                    rows,
                )
