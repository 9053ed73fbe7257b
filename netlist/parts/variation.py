"""One chip of many: a deck whose devices differ as those of one fabricated chip would.

Every device draws from a stream of its own, made from the chip's number and the device's path in
the deck, so that one more device moves nobody else's offsets, and the same chip is the same in
every deck it appears in: the run, an evaluation, an audit, the bench of its edges. Offsets stand in
the deck as ``delvto`` (volts, added to the threshold) and ``mulu0`` (a factor on the mobility) of
each transistor, which therefore no longer sit in subcircuits: two uses of a cell are two sets of
offsets. A deck's own random functions are no way to do this: ngspice draws them anew at each use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import sqrt
from typing import Literal, TypeAlias

import numpy as np

from netlist.circuit import Circuit, Comment, Model, Parameter, Primitive, Statement
from netlist.errors import NetlistError
from netlist.parts.matching import Pelgrom
from netlist.parts.process import Process
from netlist.passes.flattened import flattened
from netlist.passes.sizes import known_size

Corner: TypeAlias = Literal["low", "typical", "high"]
"""Where a whole chip's resistors or capacitors lie within what the process allows."""

_SIDE = {"low": -1.0, "typical": 0.0, "high": 1.0}

_LEVELS = (8, 14, 49, 54)
"""Model levels whose transistors take ``delvto`` and ``mulu0`` in ngspice: BSIM3 and BSIM4."""

_LEAST = 0.05
"""A drawn factor on a mobility, a resistance or a capacitance is no smaller, whatever was drawn."""


@dataclass(frozen=True, slots=True)
class Chip:
    """Which chip.

    Attributes:
        mismatch: Whether its devices differ from each other.
        seed: Where all chips' randomness starts.
        draw: Which chip of those, from 0.
        scale: How many times the process's own mismatch.
        resistors: Corner of its resistors.
        capacitors: Corner of its capacitors.
    """

    mismatch: bool = False
    seed: int = 0
    draw: int = 0
    scale: float = 1.0
    resistors: Corner = "typical"
    capacitors: Corner = "typical"

    @property
    def plain(self) -> bool:
        """Whether every device is as the process's models have it."""
        own = self.mismatch and self.scale != 0.0
        return not own and self.resistors == self.capacitors == "typical"

    def normal(self, path: str, count: int) -> tuple[float, ...]:
        """What one device draws.

        Args:
            path: The simulator's name of the device.
            count: How many numbers.

        Returns:
            Normal numbers of deviation 1; none but zeros without mismatch.
        """
        if not self.mismatch:
            return (0.0,) * count
        words = np.frombuffer(sha256(path.lower().encode()).digest(), dtype="<u4")
        entropy = [self.seed, self.draw, *words.tolist()]
        rng = np.random.default_rng(np.random.SeedSequence(entropy))
        return tuple((self.scale * rng.standard_normal(count)).tolist())


NOMINAL = Chip()
"""The chip on which every device is as designed."""


def varied(circuit: Circuit, process: Process, chip: Chip) -> Circuit:
    """A deck as one chip has it.

    Args:
        circuit: The deck, complete, with this process's models.
        process: How much its devices differ.
        chip: Which chip.

    Returns:
        The same deck when the chip is plain; else one without subcircuits, its devices called as
        the simulator calls them, with that chip's offsets.

    Raises:
        NetlistError: When the process says nothing of mismatch, a transistor's model takes no
            offsets, or a size cannot be worked out.
    """
    if chip.plain:
        return circuit
    if chip.mismatch and not process.matching:
        raise NetlistError(
            f"process {process.name} says nothing of mismatch",
            where="variation.mismatch",
            hint="[mismatch.nmos] and [mismatch.pmos] in its file, or variation.mismatch = false",
        )
    flat = flattened(circuit)
    maker = _Varier(process, chip, _models(flat))
    body = tuple(maker.varied(s) if isinstance(s, Primitive) else s for s in flat.body)
    return replace(flat, body=(Comment(f" {_told(chip)}"), *body))


def _told(chip: Chip) -> str:
    own = f"draw {chip.draw} of seed {chip.seed}, mismatch times {chip.scale:g}"
    passives = f"resistors {chip.resistors}, capacitors {chip.capacitors}"
    return f"chip: {own if chip.mismatch else 'no mismatch'}, {passives}"


def _models(circuit: Circuit) -> dict[str, Model]:
    """Models by lower-case name; a binned one by its name without the bin, too."""
    cards = [s for s in circuit.body if isinstance(s, Model)]
    binned = (c for c in cards if c.name.rpartition(".")[2].isdigit())
    bins = {card.name.lower().rpartition(".")[0]: card for card in binned}
    return bins | {card.name.lower(): card for card in cards}


class _Varier:
    """Gives each device of a flat deck what one chip has of it."""

    def __init__(self, process: Process, chip: Chip, models: Mapping[str, Model]) -> None:
        self._process, self._chip, self._models = process, chip, models

    def varied(self, device: Primitive) -> Statement:
        """The device on this chip; one that stands outside every cell is left alone."""
        match device.name[:1].lower():
            case "m" if self._chip.mismatch:
                return self._transistor(device)
            case "r" | "c" if "." in device.name and isinstance(device.value, int | float):
                return self._passive(device, float(device.value))
            case _:
                return device

    def _transistor(self, device: Primitive) -> Primitive:
        pelgrom = self._pelgrom(device)
        area_m2 = known_size(device, "w") * known_size(device, "l") * known_size(device, "m", 1.0)
        root_m = sqrt(area_m2)
        threshold, gain = self._chip.normal(device.name, 2)
        offsets = (
            Parameter("delvto", threshold * pelgrom.threshold_Vm / root_m),
            Parameter("mulu0", max(1.0 + gain * pelgrom.gain_m / root_m, _LEAST)),
        )
        return replace(device, parameters=(*device.parameters, *offsets))

    def _pelgrom(self, device: Primitive) -> Pelgrom:
        model = self._models.get((device.model or "").lower())
        level = _level(model) if model is not None else None
        if model is None or level not in _LEVELS:
            what = "is not in the deck" if model is None else f"is of level {level:g}"
            raise NetlistError(
                f"model {device.model} of {device.name} {what}, and takes no offsets",
                where="variation.mismatch",
                hint=f"a model of level {', '.join(map(str, _LEVELS))}",
            )
        return self._process.matching[model.kind.lower()]

    def _passive(self, device: Primitive, value: float) -> Primitive:
        passives, chip = self._process.passives, self._chip
        if device.name[0].lower() == "r":
            corner = _SIDE[chip.resistors] * passives.resistor_corner
            deviation = _deviation(passives.resistor_m, passives.resistor_area_m2(value))
        else:
            corner = _SIDE[chip.capacitors] * passives.capacitor_corner
            deviation = _deviation(passives.capacitor_m, passives.capacitor_area_m2(value))
        (drawn,) = chip.normal(device.name, 1)
        factor = max((1.0 + corner) * (1.0 + drawn * deviation), _LEAST)
        return replace(device, value=value * factor)


def _deviation(coefficient_m: float, area_m2: float) -> float:
    return coefficient_m / sqrt(area_m2) if area_m2 else 0.0


def _level(model: Model) -> float:
    given = (p.value for p in model.parameters if p.name.lower() == "level")
    value = next(given, 1.0)
    return float(value) if isinstance(value, int | float) else 1.0
