"""Whether a machine's circuit is sound, looked at before a simulator is started for it.

A cell is somebody's file: a model that no process has, a length of ten metres or a node that
nothing reaches shows in the text, at a line, in a fraction of a second. In a simulator it costs
half a minute and comes back in the simulator's words, or as a figure that is wrong.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from learning.errors import LearningError
from learning.experiment.experiment import Experiment
from netlist.checks import Finding, check_circuit
from netlist.machine.assembly import Assembly

_REFUSED = frozenset({"unit-slip"})
"""Warnings about a deck that are refusals here: no figure of such a machine means anything."""


@dataclass(frozen=True, slots=True)
class Soundness:
    """What a look at a machine's circuit brought.

    Attributes:
        findings: Everything, in the order of the files.
    """

    findings: tuple[Finding, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know, a line each."""
        return tuple(f"{f.span}: {f.message}" for f in self.findings if f.severity == "warning")

    def check(self) -> Soundness:
        """This, if the machine can be simulated.

        Returns:
            Itself.

        Raises:
            LearningError: For the first finding that makes every figure meaningless.
        """
        for finding in self.findings:
            if _refused(finding):
                raise LearningError(
                    f"{finding.message}: {finding.rule.why}", str(finding.span), finding.advice
                )
        return self


def look(experiment: Experiment, assembly: Assembly) -> Soundness:
    """Look at the circuit of a machine.

    Args:
        experiment: The experiment, for its cells.
        assembly: Its deck.

    Returns:
        What is wrong with it in the machine itself and in its cells. A process is not judged: its
        files are a foundry's, and what stands in them is not shown.
    """
    texts = {cell.file: cell.text for cell in experiment.cells.values()}
    found = check_circuit(assembly.circuit, texts, _MACHINE)
    return Soundness(tuple(f for f in found if _counts(f, texts)))


_MACHINE = "the machine's deck"


def _refused(finding: Finding) -> bool:
    return finding.severity == "error" or finding.name in _REFUSED


def _counts(finding: Finding, files: Container[str]) -> bool:
    """What stands in a cell, and what makes the machine around the cells wrong.

    A line of the machine that no cell listens to is no fault: another cell would.
    """
    file = finding.span.file
    return file in files or (file == _MACHINE and _refused(finding))
