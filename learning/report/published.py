"""What others have published in the units of `learning.measure.unit_costs`, each with its source.

None of these is measured as a run here is: what is counted differs, and stands beside each figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """A unit in which energies are compared."""

    UPDATE = "per edge and update"
    EDGE_QUERY = "per edge and query"
    QUERY = "per query"


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure.

    Attributes:
        name: Of the machine.
        unit: What it is per.
        energy_J: Lowest and highest figure given, joules.
        counted: What is counted, and how it was found.
        source: Where it stands.
    """

    name: str
    unit: Unit
    energy_J: tuple[float, float]
    counted: str
    source: str


PUBLISHED = (
    Published(
        "Loihi, 14 nm",
        Unit.UPDATE,
        (120e-12, 120e-12),
        "one synapse, pairwise STDP: digital, a figure of the chip's design",
        "Davies et al., Loihi: a neuromorphic manycore processor with on-chip learning, IEEE Micro "
        "38(1), 2018",
    ),
    Published(
        "SENeCA, 22 nm",
        Unit.UPDATE,
        (15.5e-12, 15.5e-12),
        "one synapse, Hebbian rule: digital, one core of a processor",
        "Tang et al., SENECA: building a fully digital neuromorphic processor, Front. Neurosci. "
        "17, 2023",
    ),
    Published(
        "laboratory network, board level",
        Unit.EDGE_QUERY,
        (10e-12, 20e-12),
        "the network's transistors alone, without drivers, amplifiers or control",
        "Dillavou et al., Machine learning without a processor, PNAS 121, 2024",
    ),
)
"""In the order of `Unit`."""
