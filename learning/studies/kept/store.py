"""The folder of a study: a folder for each point, named by what it is made of; absent or complete.

A point's run is made under another name, and takes its own in one step once everything is written:
whoever is killed on the way leaves nothing that could be taken for a result. What was planned
stands in ``plan.json``; figures are only ever read from the points' own folders.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from learning.design.origin import Origin
from learning.errors import LearningError, StorageError, of_netlist
from learning.studies.kept.record import Record, Status, decode, encode
from learning.studies.planned.plan import Plan
from learning.studies.planned.point import Place
from learning.studies.planned.read_study import plain_study, read_table
from learning.studies.planned.study import Study
from learning.writing import write_bytes
from netlist.errors import NetlistError
from netlist.reading import InputKind, read_bytes

PLAN = InputKind("plan", 1 << 30, "the folder of a study: joulearn study STUDY.toml --out DIR")
_RECORD = InputKind("record", 1 << 20, "to remove this folder; the study makes it again")
_UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a study's folder says was planned.

    Attributes:
        study: The study.
        file: The file it was read from.
        places: Of every planned point.
    """

    study: Study
    file: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Store:
    """The folder of a study.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def points(self) -> Path:
        """Holds a folder for each point."""
        return self.path / "points"

    @property
    def plan(self) -> Path:
        """What was planned."""
        return self.path / "plan.json"

    @property
    def index(self) -> Path:
        """Of the points' records; may be removed at any time."""
        return self.path / "index.sqlite"

    @property
    def page(self) -> Path:
        """The study's page."""
        return self.path / "study.html"

    @property
    def text(self) -> Path:
        """The same as Markdown."""
        return self.path / "study.md"

    @property
    def table(self) -> Path:
        """Every planned point with its figures, comma-separated."""
        return self.path / "points.csv"

    def point(self, key: str) -> Path:
        """The folder of a point."""
        return self.points / key

    def make(self) -> None:
        """Make the folder, if it is not there.

        Raises:
            LearningError: When it cannot be made.
        """
        try:
            self.points.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LearningError(
                f"cannot write here: {error.strerror or error}",
                str(self.path),
                "--out with a folder of yours",
            ) from error
        self._sweep()

    def write_plan(self, plan: Plan) -> None:
        """Write down what is planned; what was planned before is forgotten, its points stay.

        Args:
            plan: The plan.

        Raises:
            StorageError: When it cannot be written.
        """
        content = {
            "study": plain_study(plan.study.study),
            "file": plan.study.path.name,
            "places": [point.place for point in plan.points],
        }
        write_bytes(self.plan, msgspec.json.encode(content))

    def read_plan(self) -> Planned:
        """Read what was planned.

        Returns:
            The plan.

        Raises:
            LearningError: When the folder holds no study, or its plan is damaged.
        """
        try:
            found = msgspec.json.decode(read_bytes(self.plan, PLAN), type=_Plan)
        except NetlistError as error:
            raise of_netlist(error) from error
        except (msgspec.MsgspecError, RecursionError) as error:
            hint = "to run the study again; finished points are kept"
            raise LearningError(f"damaged plan: {error}", str(self.plan), hint) from error
        study = read_table(found.study, Origin(str(self.plan), "", {}))
        return Planned(study, found.file, found.places)

    def read(self, key: str) -> Record | None:
        """What became of a point.

        Args:
            key: Its name.

        Returns:
            Its record; None when there is none.

        Raises:
            LearningError: When it is damaged.
        """
        path = self.point(key) / "point.json"
        if not path.is_file():
            return None
        try:
            record = decode(read_bytes(path, _RECORD, links=False))
        except NetlistError as error:
            raise of_netlist(error) from error
        except (ValueError, RecursionError) as error:
            raise LearningError(f"damaged record: {error}", str(path), _RECORD.hint) from error
        if record.key != key:
            raise LearningError("the record of another point", str(path), _RECORD.hint)
        return record

    def begin(self, key: str) -> Path:
        """A folder to evaluate a point in, which nobody takes for a result.

        Args:
            key: The point's name.

        Returns:
            The folder.

        Raises:
            StorageError: When it cannot be made.
        """
        prefix = f".{key}.{socket.gethostname()}.{os.getpid()}."
        try:
            self.points.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=prefix, suffix=_UNFINISHED, dir=self.points))
        except OSError as error:
            raise _full(error, self.points) from error

    def commit(self, folder: Path, record: Record) -> Record:
        """Make what was evaluated the point's result, in one step.

        Args:
            folder: From `begin`, everything but the record in it.
            record: What became of the point.

        Returns:
            What is in the store now: this record, or that of whoever was first.

        Raises:
            StorageError: When it cannot be written.
        """
        final = self.point(record.key)
        try:
            write_bytes(folder / "point.json", encode(record))
            folder.chmod(0o755)
            for _ in range(2):
                with contextlib.suppress(OSError):
                    folder.rename(final)
                    return record
                kept = self.read(record.key)
                if kept is not None and (kept.done or not record.done):
                    self.abandon(folder)
                    return kept
                self.remove(record.key)
            folder.rename(final)
        except OSError as error:
            raise _full(error, folder) from error
        return record

    def remove(self, key: str) -> None:
        """Forget a point, in one step."""
        away = self.begin(key)
        with contextlib.suppress(FileNotFoundError):
            self.point(key).rename(away / "old")
        self.abandon(away)

    def abandon(self, folder: Path) -> None:
        """Remove a folder from `begin`."""
        shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what processes of this machine that are gone have left unfinished."""
        here = socket.gethostname()
        for folder in self.points.glob(f".*{_UNFINISHED}"):
            key_host, _, number_rest = folder.name.partition(f".{here}.")
            number = number_rest.partition(".")[0]
            if key_host and number.isdigit() and not _alive(int(number)):
                self.abandon(folder)


def failed(key: str, status: Status, message: str, limit_s: float) -> Record:
    """The record of a point that left nothing behind."""
    return Record(key, status, message, limit_s=limit_s)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The contents of ``plan.json``."""

    study: dict[str, object]
    file: str
    places: tuple[Place, ...]


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _full(error: OSError, path: Path) -> StorageError:
    return StorageError(
        f"cannot write: {error.strerror or error}",
        str(path),
        "free some space; the same command goes on",
    )
