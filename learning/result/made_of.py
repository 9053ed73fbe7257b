"""Which files a run was made of, by path and by the digest of their bytes.

"update = update" says nothing of the cell somebody changed: two runs are of the same machine when
these digests agree.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from learning.design.written import named_files
from learning.errors import of_netlist
from learning.experiment.experiment import Experiment
from learning.result.result import MadeOf, UsedFile
from learning.tasks.digits import data_file
from netlist.errors import NetlistError
from netlist.reading import CELL, LIBRARY, PROCESS, TABLE, InputKind, read_bytes


def made_of(experiment: Experiment, folder: Path) -> MadeOf:
    """Name every file an experiment is made of.

    Args:
        experiment: The experiment.
        folder: The run's folder; what lies below it is named from there.

    Returns:
        The files.

    Raises:
        LearningError: When one cannot be read any more.
    """
    process, place = experiment.process, folder.resolve()
    own = {file.key: file for file in named_files(experiment.design)}
    named = {
        key: _used(file.path, place, file.kind) for key, file in own.items() if key[0] != "cells"
    }
    there = _shipped(experiment.design.task.kind)
    shipped = _used(there, place, TABLE) if there else None
    cells = {
        slot: _used(own[key].path if (key := ("cells", slot)) in own else Path(cell.file), place)
        for slot, cell in experiment.cells.items()
    }
    models = process.models
    if ("process",) in own:
        models = own["process",].path.parent / process.models.relative_to(process.file.parent)
    return MadeOf(
        cells=cells,
        process=named.get(("process",)) or _used(process.file, place, PROCESS),
        models=_used(models, place, LIBRARY),
        data=named.get(("task", "csv"), shipped),
        network=named.get(("network", "file")),
    )


def _shipped(kind: str) -> Path | None:
    """Where the data of a task lie that nobody had to bring."""
    if kind == "iris":
        return Path(str(files("circuits") / "data" / "iris.csv"))
    return data_file() if kind == "digits" else None


def _used(path: Path, folder: Path, kind: InputKind = CELL) -> UsedFile:
    try:
        digest = sha256(read_bytes(path, kind)).hexdigest()
    except NetlistError as error:
        raise of_netlist(error) from error
    whole, package = path.resolve(), Path(str(files("circuits"))).resolve()
    if whole.is_relative_to(package):
        return UsedFile(whole.relative_to(package.parent).as_posix(), digest)
    inside = whole.is_relative_to(folder)
    return UsedFile(str(whole.relative_to(folder) if inside else whole), digest, own=True)
