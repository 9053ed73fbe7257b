"""A whole run from Python: a design in, a typed result out, its waveforms and pictures with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path

import xarray as xr

from learning.design.read import load_design
from learning.design.whole import Design
from learning.errors import LearningError
from learning.report.page import write_report
from learning.report.picture import Plots
from learning.report.summary import summary
from learning.result.finish import played_out
from learning.result.read import load_waveforms, read_finished, read_result
from learning.result.result import Result
from learning.running.folder import RunFolder
from learning.running.learned import Progress
from netlist.reading import RESULT, read_text

_HEIGHT_PX = 900
"""Of a report in a notebook: its first screen, with the rest to scroll to."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run's page; a notebook shows it.

    Attributes:
        path: The file.
    """

    path: Path

    def _repr_html_(self) -> str:
        page = escape(read_text(self.path, RESULT, links=False))
        return f'<iframe srcdoc="{page}" width="100%" height="{_HEIGHT_PX}"></iframe>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Result):
    """A finished run: every figure of its result, and what else its folder holds.

    Attributes:
        folder: Where it lies.
    """

    folder: Path

    @property
    def waveforms(self) -> xr.Dataset:
        """Gates at the end of epochs, and two presentations, with names, roles and units."""
        return load_waveforms(RunFolder(self.folder).waveforms)

    @property
    def plot(self) -> Plots:
        """The report's figures, one method each."""
        return Plots(read_finished(RunFolder(self.folder)))

    def report(self) -> Report:
        """Write the run's page, ``report.html`` in its folder.

        Returns:
            The page.
        """
        return Report(write_report(self.folder))

    def summary(self) -> str:
        """What the terminal prints at the end of a run."""
        return summary(self)

    def __repr__(self) -> str:
        error = self.error_V2
        return (
            f"<Run {self.design}, seed {self.seed}, in {self.folder}: {self.status}, error "
            f"{error.initial:.3g} -> {error.final:.3g} V2, {self.energy_J['total']:.3g} J; "
            "print(run.summary()) tells more>"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"


def run(
    design: str | Path | Design,
    out: str | Path | None = None,
    *,
    seed: int | None = None,
    settings: Mapping[str, object] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Run:
    """Let a design teach itself, measure what it cost, and write its report.

    Args:
        design: Name of a shipped design, path of a design file, or a design.
        out: Folder for the results; ``runs/NAME`` when left out.
        seed: Replaces the design's seed.
        settings: Other values of keys, such as ``{"learning.power_weight": 0.05}``.
        resume: Go on from the folder's checkpoint.
        overwrite: Replace a run that is in the folder.
        watch: Called after every presentation.

    Returns:
        The run.

    Raises:
        LearningError: For a design that cannot be run, or a folder that cannot be used.
        NetlistError: For a network, cell or process that cannot be used.
        SpiceError: When the simulator failed; the last checkpoint is usable.
    """
    chosen = chosen_design(design, seed, settings or {})
    folder = Path("runs") / chosen.name if out is None else Path(out)
    result = played_out(chosen, folder, resume=resume, overwrite=overwrite, watch=watch)
    write_report(folder)
    return _run(result, folder)


def open_run(folder: str | Path) -> Run:
    """A run that was made before.

    Args:
        folder: Its folder.

    Returns:
        The run.

    Raises:
        LearningError: When the folder holds no finished run, or its result is damaged.
    """
    return _run(read_result(RunFolder(Path(folder)).result), Path(folder))


def chosen_design(
    design: str | Path | Design, seed: int | None, settings: Mapping[str, object]
) -> Design:
    """A design by its name, its file or itself, with other values of keys.

    Args:
        design: As for `run`.
        seed: As for `run`.
        settings: As for `run`.

    Returns:
        The design.

    Raises:
        LearningError: When there is no such design or key, or a value cannot be used.
    """
    named = isinstance(settings, Mapping) and all(isinstance(key, str) for key in settings)
    if not named:
        raise LearningError(
            f"{settings!r} names no keys and values", "settings", '{"learning.power_weight": 0.05}'
        )
    if not isinstance(design, Design):
        return load_design(design, settings, seed)
    changes = settings if seed is None else {**settings, "seed": seed}
    for key, value in changes.items():
        design = design.replace(key, value)
    return design


def _run(result: Result, folder: Path) -> Run:
    figures = {field.name: getattr(result, field.name) for field in fields(Result)}
    return Run(**figures, folder=folder)
