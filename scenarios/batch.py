"""A batch: one scenario for each of many counties, each a pure task from files to files.

    title = { zh = "某市各县", en = "Counties of a city" }
    as_of = 2026-01-01
    folder = "out"
    scenarios = ["county-a/scenario.toml", "county-b/scenario.toml"]

A county whose scenario, rules, files and program are as they were, and whose outputs stand as they were written, is not run again: what each
run was made from is kept in `<folder>/counties/`, one file per county, written when the county is done. So a batch that was stopped goes on
where it was. One county that fails does not touch the others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.problems import InputFaultsError, Problem
from layers.saying import say
from maps.outputs import Language
from maps.province import CountyRun, publish_province
from maps.publishing.publish import refuse_shut
from scenarios.county_task import CountyRecord, CountyTask, run_county
from scenarios.line import Progress, quiet
from scenarios.scenario import Title
from scenarios.toml_file import ScenarioFaultsError, TomlFile

STATES = {"done": say("done"), "unchanged": say("unchanged, kept"), "failed": say("failed")}

COUNTIES = "counties"
"""Folder of the records, one per county."""


class ProvinceFile(BaseModel):
    """A list of counties, as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    title: Title
    """of the page that lists the counties"""
    as_of: dt.date
    """the day that stands on that page; each county is judged for the day of its own scenario"""
    folder: str
    """where page, table and records are written, relative to this file; the results of the counties go where their scenarios say"""
    language: Language = "zh"
    """of the workbook, and of what is told of counties that fail; the page has both"""
    scenarios: tuple[str, ...] = Field(min_length=1)
    """scenario files, relative to this file"""


@dataclass(frozen=True)
class Province:
    """A list of counties that was read and checked."""

    path: Path
    file: ProvinceFile

    @property
    def folder(self) -> Path:
        """Where page, table and records are written."""
        return (self.path.parent / self.file.folder).resolve()


def read_province(path: str | Path) -> Province:
    """The list of counties at `path`; `ScenarioFaultsError` tells every fault of it. The scenarios themselves are read when they are run."""
    toml = TomlFile.read(Path(path).absolute(), shown_path=Path(path).name)
    try:
        file = ProvinceFile.model_validate(toml.data)
    except ValidationError as error:
        raise ScenarioFaultsError(toml.problems(error, ProvinceFile)) from None
    seen: dict[Path, str] = {}
    problems = []
    for i, named in enumerate(file.scenarios):
        full = (toml.path.parent / named).resolve()
        if full in seen:
            problems.append(
                Problem("error", toml.where("scenarios", i), say("{name} is listed twice", name=named), say("Name each scenario once."))
            )
        seen[full] = named
    if problems:
        raise ScenarioFaultsError(problems)
    return Province(toml.path, file)


def run_batch(
    province: Province, *, workers: int = 1, scheduler: str = "", again: bool = False, progress: Progress = quiet
) -> tuple[list[CountyRun], list[Path]]:
    """Run the counties and publish the page that lists them; returns what became of each, in the order of the list, and the paths written.

    `workers` processes at a time, or on the Dask cluster at `scheduler` (whose machines must see the same files under the same paths).
    """
    refuse_shared_folders(province)
    refuse_shut(province.folder)
    tasks = [_task(province, named, again=again) for named in province.file.scenarios]
    runs: dict[str, CountyRun] = {}
    with _executor(workers, scheduler) as executor:
        for task, record in _finished(executor, tasks):
            if record.state == "done":
                _keep(province, task, record)
            runs[task.named] = _county_run(province, record)
            progress(say("{done} of {n}: {name} {state}", done=len(runs), n=len(tasks), name=task.named, state=STATES[record.state]))
    ordered = [runs[task.named] for task in tasks]
    written = publish_province(
        province.folder, province.file.title.model_dump(), province.file.as_of, ordered, language=province.file.language,
        progress=lambda name: progress(say("writing {file}", file=name)),
    )  # fmt: skip
    return ordered, written


def refuse_shared_folders(province: Province) -> None:
    """Raise `ScenarioFaultsError` when two counties, or a county and the province, would write into one folder.

    A scenario that cannot be read is left out here: it fails by itself when its turn comes.
    """
    owner = {province.folder: province.path.name}
    problems = []
    for named in province.file.scenarios:
        path = province.path.parent / named
        try:
            outputs = TomlFile.read(path.absolute()).data.get("outputs")
        except (InputFaultsError, OSError):
            continue
        written = outputs.get("folder") if isinstance(outputs, dict) else None
        if not isinstance(written, str):
            continue
        folder = (path.parent / written).resolve()
        if folder in owner:
            what = say("writes into the same folder as {other}: {folder}", other=owner[folder], folder=written)
            problems.append(Problem("error", named, what, say("Name another folder under [outputs].")))
        owner[folder] = named
    if problems:
        raise ScenarioFaultsError(problems)


# Running


@contextmanager
def _executor(workers: int, scheduler: str) -> Iterator[Executor]:
    """A pool of processes, or a Dask cluster in its place. Processes are spawned: a fork would copy the threads of numba and GDAL half-way."""
    if not scheduler:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool
        return
    if importlib.util.find_spec("distributed") is None:
        what, remedy = say("needs Dask, which is not installed"), say('Install it: pip install "quarterhour[cluster]".')
        raise InputFaultsError([Problem("error", "--scheduler", what, remedy)])
    distributed: Any = importlib.import_module("distributed")
    with distributed.Client(scheduler) as client:
        yield cast("Executor", client.get_executor())


def _finished(executor: Executor, tasks: Sequence[CountyTask]) -> Iterator[tuple[CountyTask, CountyRecord]]:
    """Each task with what came of it, as they are done. Tasks whose pool broke (a process was killed) are run once more, each by itself."""
    futures = {executor.submit(run_county, task): task for task in tasks}
    left = []
    for future in as_completed(futures):
        if isinstance(future.exception(), BrokenProcessPool):
            left.append(futures[future])
        else:
            yield futures[future], _record(futures[future], future)
    for task in sorted(left, key=tasks.index):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            alone = pool.submit(run_county, task)
            yield task, _record(task, alone)


def _record(task: CountyTask, future: Future[CountyRecord]) -> CountyRecord:
    """What came of a task; an error that nobody foresaw is that county's failure."""
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        return CountyRecord(
            task.named, "failed", reason=say("its process was stopped (out of memory, or ended by somebody); run again with fewer workers")
        )
    return CountyRecord(task.named, "failed", reason=say("unexpected error: {error}", error=f"{type(error).__name__}: {error}"))


# Records


def _task(province: Province, named: str, *, again: bool) -> CountyTask:
    known = None if again else _kept(_record_path(province, named))
    return CountyTask(named, str(province.path.parent / named), known, province.file.language)


def _record_path(province: Province, named: str) -> Path:
    return province.folder / COUNTIES / f"{hashlib.sha256(named.encode()).hexdigest()[:16]}.json"


def _kept(path: Path) -> CountyRecord | None:
    """The record of an earlier run; None when there is none that can be read."""
    try:
        return CountyRecord.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(province: Province, task: CountyTask, record: CountyRecord) -> None:
    """Write a county's record, whole or not at all."""
    path = _record_path(province, task.named)
    path.parent.mkdir(parents=True, exist_ok=True)
    writing = path.with_suffix(".writing")
    writing.write_text(json.dumps(record.as_json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    writing.replace(path)


def _county_run(province: Province, record: CountyRecord) -> CountyRun:
    page = Path(record.output_folder) / "index.html" if record.output_folder else None
    link = os.path.relpath(page, province.folder).replace(os.sep, "/") if page is not None and page.is_file() else ""
    return CountyRun(record.name or record.named, record.named, record.state, record.reason, link, record.figures)
