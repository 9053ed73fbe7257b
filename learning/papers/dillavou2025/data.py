"""What every part leaves behind, typed, in SI units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BenchedCell:
    """What the bench says of an update cell's imperfection.

    Attributes:
        machine: The design it serves.
        cell: Its name.
        process: Device models.
        gain_A_per_V2: Gate current per square volt of contrast.
        capacitance_F: At the gate.
        offset_V2: What it adds to its contrast at `gate_V` as designed, square volts.
        slope_V2_per_V: How that changes with its gate.
        gate_V: Where the bench stands.
        chip_offsets_V2: The same of chips whose devices differ.
    """

    machine: str
    cell: str
    process: str
    gain_A_per_V2: float
    capacitance_F: float
    offset_V2: float
    slope_V2_per_V: float
    gate_V: float
    chip_offsets_V2: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """All benched cells.

    Attributes:
        scale: "full" or "short".
        cells: One for each machine.
    """

    scale: str
    cells: tuple[BenchedCell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Two tasks in turn, at one learning rate, on one machine.

    Attributes:
        machine: The design.
        chip: "no bias", "as designed" or "draw 1".
        plant: "twin" or "ngspice".
        nudge: η.
        rate_per_V: How far a turn moves a gate per square volt of contrast, 1/V.
        turns: Of both tasks together.
        cycle_V2: Squared distance of the gates at the ends of neighbouring turns, the steady
            drift taken out, summed over edges; mean over the second half.
        shown_V2: Squared error of the task shown, at the end of its turn; the same mean (in ngspice
            after the last turn alone).
        other_V2: Squared error of the other task then; None where it was not measured.
        drift_V2: Steady drift of the gates, rms over edges, per unit of rate: square volts.
        railed: Share of gates at the supply, or so low that their edge is open, at the end.
        law_cycle_V2: The linear law's `cycle_V2`; None where it was not worked out, or most gates
            are at an end.
        law_error_V2: The linear law's error at small rates, mean over both tasks.
    """

    machine: str
    chip: str
    plant: str
    nudge: float
    rate_per_V: float
    turns: int
    cycle_V2: float
    shown_V2: float
    other_V2: float | None
    drift_V2: float
    railed: float
    law_cycle_V2: float | None = None
    law_error_V2: float | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """Rows over one quantity.

    Attributes:
        scale: "full" or "short".
        rows: In order.
    """

    scale: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One experiment of the laboratory: two tasks in turn over the time of a turn.

    Attributes:
        name: "exp1" and so on, as in the file's name.
        turn_s: Time of a turn, seconds.
        cycle_V2: Squared distance of the gates between turns.
        error_V2: Mean squared error.
        exponent: Of `cycle_V2` over `turn_s` where it is below a hundredth of its largest.
        floor_V2: Error at the shortest turn.
    """

    name: str
    turn_s: tuple[float, ...]
    cycle_V2: tuple[float, ...]
    error_V2: tuple[float, ...]
    exponent: float | None
    floor_V2: float


@dataclass(frozen=True, slots=True)
class Laboratory:
    """The laboratory's own measurements, of which only these figures are kept.

    Attributes:
        scale: "full" or "short".
        measurements: One for each experiment found.
    """

    scale: str
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class Imperfection:
    """All parts; None for those that were not run."""

    cells: Cells | None
    rate: Swept | None
    nudge: Swept | None
    anchors: Swept | None
    laboratory: Laboratory | None
