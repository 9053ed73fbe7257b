"""The folder of a run: the names of its files, and writing them so that none is ever half there."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from learning.checkpoint import CheckpointFile
from learning.errors import LearningError, StorageError


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where a run leaves its files.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def design(self) -> Path:
        """The resolved design."""
        return self.path / "design.toml"

    @property
    def deck(self) -> Path:
        """The self-contained deck."""
        return self.path / "deck.cir"

    @property
    def checkpoint(self) -> Path:
        """Everything needed to go on."""
        return self.path / "checkpoint.dat"

    @property
    def result(self) -> Path:
        """The figures."""
        return self.path / "result.json"

    @property
    def waveforms(self) -> Path:
        """The waveforms."""
        return self.path / "waveforms.nc"

    @property
    def report(self) -> Path:
        """The report."""
        return self.path / "report.html"

    @property
    def log(self) -> Path:
        """What happened, line by line."""
        return self.path / "log.txt"

    def claim(self, *, overwrite: bool) -> None:
        """Make the folder ready for a new run.

        Args:
            overwrite: Remove the files of the run that is there.

        Raises:
            LearningError: When a run is there and may not be overwritten, or the folder cannot be
                written to.
        """
        checkpoint = CheckpointFile(self.checkpoint)
        mine = (self.result, self.waveforms, self.report, self.deck, self.log, *checkpoint.files)
        there = [file.name for file in mine if file.exists()]
        if there and not overwrite:
            raise LearningError(
                f"a run is there already ({', '.join(there)})",
                where=str(self.path),
                hint="--resume to go on with it, --overwrite to replace it, or another --out",
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for file in mine:
                file.unlink(missing_ok=True)
            self.log.touch()
            checkpoint.reserve()
        except OSError as error:
            raise LearningError(
                f"cannot write here: {error.strerror or error}",
                where=str(self.path),
                hint="--out with a folder of yours",
            ) from error


def require_writable(path: Path, option: str) -> None:
    """Make the folder of a file that is about to be written, before any work is done for it.

    Args:
        path: The file.
        option: The option that named it, for the hint.

    Raises:
        LearningError: When the folder cannot be made or written to.
    """
    folder = path.absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "Permission denied"
    if reason or path.is_dir():
        raise LearningError(
            f"cannot write here: {reason or 'this is a folder'}",
            where=str(path),
            hint=f"{option} with a file in a folder of yours",
        )


def write_text(path: Path, text: str) -> None:
    """Write a text file in one go: a reader sees the old one or the new one.

    Args:
        path: The file.
        text: Its content.

    Raises:
        StorageError: When it cannot be written; the old one is untouched.
    """
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageError(
            f"cannot write: {error.strerror or error}",
            where=str(path),
            hint="free some space or mend the folder; a run then goes on with --resume",
        ) from error
