"""One point evaluated: its design learns in a folder of its own, and its record is committed."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from learning.design.whole import Design
from learning.errors import StorageError
from learning.report.summary import balance_verdict
from learning.result.finish import played_out
from learning.result.result import Result
from learning.running.checkpoint import CheckpointFile
from learning.running.folder import RunFolder
from learning.studies.kept.record import Record, Status, reason
from learning.studies.kept.store import Store
from learning.studies.planned.figures import figures_of
from learning.studies.planned.identity import tools
from learning.writing import write_text


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A point to be evaluated, with all that another machine needs to know.

    Attributes:
        key: The point's name.
        design: Its design, resolved.
        store: The study's folder.
        limit_s: Wall time after which it is ended, seconds.
        tools: Versions that its name stands for; a machine that has others must not play it.
    """

    key: str
    design: Design
    store: Path
    limit_s: float
    tools: tuple[str, ...]


def evaluate(job: Job) -> Record:
    """Evaluate a point in this process, unless somebody has already.

    Args:
        job: The point.

    Returns:
        Its record, which is in the store.

    Raises:
        StorageError: When the store takes no more.
    """
    store = Store(job.store)
    there = store.read(job.key)
    if there is not None and there.done:
        return there
    folder, began = store.begin(job.key), time.monotonic()
    try:
        record = _evaluated(job, folder, began)
    except BaseException:
        store.abandon(folder)
        raise
    return store.commit(folder, record)


def _evaluated(job: Job, folder: Path, began: float) -> Record:
    plant = job.design.simulator.fidelity
    if tools() != job.tools:
        told = f"{', '.join(tools())} here, {', '.join(job.tools)} where it was planned"
        return Record(job.key, Status.OTHER_VERSION, told, plant, limit_s=job.limit_s)
    try:
        result = played_out(job.design, folder)
        area = result.area_m2
        figures = figures_of(result, area.total.total_m2 if area else None)
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever ends a point is its result, told by kind
        status = reason(error)
        if status is Status.BROKEN:
            write_text(folder / "traceback.txt", traceback.format_exc())
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        message = "; ".join(lines[:2]) or type(error).__name__
        wall_s = time.monotonic() - began
        return Record(job.key, status, message, plant, wall_s, limit_s=job.limit_s)
    for file in CheckpointFile(RunFolder(folder).checkpoint).files:
        file.unlink(missing_ok=True)  # the run is over, and it is half of the folder
    wrong = _wrong(result)
    status = Status.DISAGREES if wrong else Status.DONE
    wall_s = time.monotonic() - began
    return Record(job.key, status, wrong, result.fidelity.name, wall_s, figures, job.limit_s)


def _wrong(result: Result) -> str:
    """Why a run's figures are not to be trusted; empty when they are."""
    if result.disagreements:
        return str(result.disagreements[0])
    closes, told = balance_verdict(result)
    return f"energy balance: {told}" if closes is False else ""
