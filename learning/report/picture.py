"""The report's figures one by one, for a notebook or a file of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from learning.report.charts import (
    conductance_scale,
    energy_bars,
    gate_history,
    learning_curve,
    network_drawings,
    presentation_waveforms,
)
from learning.result.read import Finished
from learning.writing import write_text


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure; a notebook shows it.

    Attributes:
        svg: The figure as SVG.
    """

    svg: str

    def save(self, path: str | Path) -> Path:
        """Write it to a file.

        Args:
            path: An ``.svg`` file.

        Returns:
            The path.
        """
        write_text(Path(path), self.svg)
        return Path(path)

    def __repr__(self) -> str:
        return f"<Picture of {len(self.svg)} characters of SVG; save(PATH) writes it>"

    def _repr_svg_(self) -> str:
        return self.svg


@dataclass(frozen=True, slots=True)
class Plots:
    """The figures of a finished run, drawn when they are asked for.

    Attributes:
        finished: The run.
    """

    finished: Finished

    def learning_curve(self) -> Picture:
        """The error of every evaluation against epochs."""
        return Picture(learning_curve(self.finished.result.error_V2))

    def energy(self) -> Picture:
        """The energy of every block."""
        return Picture(energy_bars(self.finished.result.energy_J))

    def gates(self) -> Picture:
        """The gate voltages from epoch to epoch."""
        waveforms = self.finished.waveforms
        return Picture(gate_history(waveforms.epochs, waveforms.gates_V, waveforms.gates))

    def network_before(self) -> Picture:
        """The network and its conductances before learning."""
        return Picture(self._networks()[0])

    def network_after(self) -> Picture:
        """The network and its conductances after learning."""
        return Picture(self._networks()[1])

    def conductance_scale(self) -> Picture:
        """What the colours of the two networks mean."""
        result = self.finished.result
        return Picture(conductance_scale(result.network, result.conductances_S))

    def presentation_early(self) -> Picture:
        """One presentation early in learning."""
        return Picture(self._presentations()[0])

    def presentation_late(self) -> Picture:
        """The same late in learning."""
        return Picture(self._presentations()[1])

    def _networks(self) -> tuple[str, str]:
        result = self.finished.result
        return network_drawings(result.network, result.conductances_S)

    def _presentations(self) -> tuple[str, str]:
        waveforms = self.finished.waveforms
        return presentation_waveforms(waveforms.early, waveforms.late, waveforms.signals)
