"""The folder of a run: the names of its files, and writing them so that none is ever half there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from learning.errors import LearningError
from learning.running.checkpoint import CheckpointFile
from learning.writing import open_own


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
    def raw(self) -> Path:
        """The presentations among them, for waveform viewers."""
        return self.path / "waveforms.raw"

    @property
    def report(self) -> Path:
        """The report."""
        return self.path / "report.html"

    @property
    def predictions(self) -> Path:
        """Predicted against wanted, example by example."""
        return self.path / "predictions.csv"

    @property
    def files(self) -> Path:
        """Copies of the user's files that the design names."""
        return self.path / "files"

    @property
    def log(self) -> Path:
        """What happened, line by line."""
        return self.path / "log.txt"

    @property
    def before(self) -> RunFolder:
        """The run of the machine before it broke."""
        return RunFolder(self.path / "before")

    def claim(self, *, overwrite: bool) -> None:
        """Make the folder ready for a new run.

        Args:
            overwrite: Remove the files of the run that is there.

        Raises:
            LearningError: When a run is there and may not be overwritten, or the folder cannot be
                written to.
        """
        there = [file.name for file in self._mine() if os.path.lexists(file)]
        if there and not overwrite:
            raise LearningError(
                f"a run is there already ({', '.join(there)})",
                where=str(self.path),
                hint="--resume to go on with it, --overwrite to replace it, or another --out",
            )
        try:
            for file in self._mine():
                file.unlink(missing_ok=True)
                for unfinished in self.path.glob(f".{file.name}.*.part"):
                    unfinished.unlink(missing_ok=True)
            os.close(open_own(self.log, os.O_WRONLY))
            CheckpointFile(self.checkpoint).reserve()
        except OSError as error:
            raise unusable(self.path, error) from error

    def make(self) -> None:
        """Make the folder, if it is not there.

        Raises:
            LearningError: When it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unusable(self.path, error) from error

    def _mine(self) -> tuple[Path, ...]:
        """Every file that belongs to a run, its design aside, which may be what is to be run."""
        checkpoint = CheckpointFile(self.checkpoint)
        figures = (self.result, self.waveforms, self.report, self.predictions)
        return *figures, self.deck, self.log, *checkpoint.files


def unusable(folder: Path, error: OSError) -> LearningError:
    """The refusal of a folder that cannot be written to, to be raised by the caller."""
    return LearningError(
        f"cannot write here: {error.strerror or error}",
        where=str(folder),
        hint="--out with a folder of yours",
    )
