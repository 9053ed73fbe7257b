"""One chip of many: a deck whose devices differ as those of one fabricated chip would.

Every device draws from a stream of its own, made from the chip's number and the device's path in
the deck, so that one more device moves nobody else's offsets, and the same chip is the same in
every deck it appears in: the run, an evaluation, an audit, the bench of its edges. Offsets stand in
the deck as ``delvto`` (volts, added to the threshold) and ``mulu0`` (a factor on the mobility) of
each transistor, which therefore no longer sit in subcircuits: two uses of a cell are two sets of
offsets. A deck's own random functions are no way to do this: ngspice draws them anew at each use.

Parts on a board differ in the same way. Level-1 transistors take no offsets of their own, so that
each gets a card of its own; an offset voltage of a macromodel is a source called ``Vos_KIND`` (or
``Vos_KIND_more``) in its cell, 0 V as designed, whose deviation the process gives by kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import sqrt
from typing import Literal, TypeAlias

import numpy as np

from netlist.circuit import Circuit, Comment, Model, Parameter, Primitive, Source, Statement
from netlist.errors import NetlistError
from netlist.parts.evenly import dimension, evenly
from netlist.parts.matching import Pelgrom
from netlist.parts.process import Process
from netlist.parts.slots import slot_of
from netlist.passes.flattened import flattened
from netlist.passes.sizes import known_size

Corner: TypeAlias = Literal["low", "typical", "high"]
"""Where a whole chip's resistors or capacitors lie within what the process allows."""

Sampling: TypeAlias = Literal["random", "sobol"]
"""How many chips' offsets lie to each other."""

_SIDE = {"low": -1.0, "typical": 0.0, "high": 1.0}

_LEVELS = (8, 14, 49, 54)
"""Model levels whose transistors take ``delvto`` and ``mulu0`` in ngspice: BSIM3 and BSIM4."""

_LEVEL1 = 1
"""The level whose threshold (``vto``) and gain (``kp``) stand on its card alone."""

_OFFSET = "vos_"
"""How the name of a source begins that is a part's offset voltage."""

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
        only: Slots whose devices differ; empty for all. Each draws what it draws in any case.
        resistors: Corner of its resistors.
        capacitors: Corner of its capacitors.
        sampling: "random", every device of every chip by itself; or "sobol", chips in blocks that
            fill the offsets of each cell evenly (`netlist.parts.evenly`).
        block: How many chips are such a block, a power of two.
    """

    mismatch: bool = False
    seed: int = 0
    draw: int = 0
    scale: float = 1.0
    only: tuple[str, ...] = ()
    resistors: Corner = "typical"
    capacitors: Corner = "typical"
    sampling: Sampling = "random"
    block: int = 64

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
            Normal numbers of deviation 1; none but zeros without mismatch, or in a slot that is
            not among those that differ.
        """
        if not self.mismatch or not self._differs(path):
            return (0.0,) * count
        if self.sampling == "sobol":
            drawn = evenly(path, count, (self.seed, self.draw, self.block))
            return tuple(self.scale * one for one in drawn)
        words = np.frombuffer(sha256(path.lower().encode()).digest(), dtype="<u4")
        entropy = [self.seed, self.draw, *words.tolist()]
        rng = np.random.default_rng(np.random.SeedSequence(entropy))
        return tuple((self.scale * rng.standard_normal(count)).tolist())

    def _differs(self, path: str) -> bool:
        return not self.only or any(slot_of(part) in self.only for part in path.split(".")[1:2])


@dataclass(frozen=True, slots=True)
class Moved:
    """No chip, but a bench on which chosen devices are off by so many deviations each.

    What each device of a cell does to it is found so, and with that what any chip does.

    Attributes:
        moves: By instance at the top of the deck ("" for all) and device within it, such as
            ("xdriver0", "m.xin.m0"), all in lower case: what it draws.
        resistors: Corner of resistors.
        capacitors: Corner of capacitors.
    """

    moves: Mapping[tuple[str, str], tuple[float, ...]]
    resistors: Corner = "typical"
    capacitors: Corner = "typical"
    mismatch: Literal[True] = True
    plain: Literal[False] = False

    def normal(self, path: str, count: int) -> tuple[float, ...]:
        """What one device draws, as `Chip.normal`."""
        kind, _, rest = path.lower().partition(".")
        instance, _, device = rest.partition(".")
        own = self.moves.get((instance, f"{kind}.{device}"))
        return own or self.moves.get(("", f"{kind}.{device}")) or (0.0,) * count


NOMINAL = Chip()
"""The chip on which every device is as designed."""


def varied(circuit: Circuit, process: Process, chip: Chip | Moved) -> Circuit:
    """A deck as one chip has it.

    Args:
        circuit: The deck, complete, with this process's models.
        process: How much its devices differ.
        chip: Which chip, or what is moved.

    Returns:
        The same deck when the chip is plain; else one without subcircuits, its devices called as
        the simulator calls them, with that chip's offsets.

    Raises:
        NetlistError: When the process says nothing of mismatch or of a part's offset, a
            transistor's model takes no offsets, or a size cannot be worked out.
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
    if isinstance(chip, Chip) and chip.mismatch and chip.sampling == "sobol":
        _require_apart([s.name for s in flat.body if isinstance(s, Primitive) and "." in s.name])
    maker = _Varier(process, chip, _models(flat))
    body = tuple(varied for s in flat.body for varied in maker.varied(s))
    return replace(flat, body=(Comment(f" {_told(chip)}"), *body))


def _require_apart(paths: Sequence[str]) -> None:
    """Refuse two devices of a cell that would draw the same."""
    seen: dict[tuple[str, int], str] = {}
    for path in paths:
        other = seen.setdefault(dimension(path), path)
        if other != path:
            raise NetlistError(
                f"{other} and {path} fall on one dimension of the net of offsets",
                where="variation.sampling",
                hint='"random", or another name for one of the two in its cell',
            )


def _told(chip: Chip | Moved) -> str:
    if isinstance(chip, Moved):
        return f"{len(chip.moves)} devices moved off their nominal"
    where = f" in {', '.join(chip.only)} alone" if chip.only else ""
    own = f"draw {chip.draw} of seed {chip.seed}, mismatch times {chip.scale:g}{where}"
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

    def __init__(self, process: Process, chip: Chip | Moved, models: Mapping[str, Model]) -> None:
        self._process, self._chip, self._models = process, chip, models

    def varied(self, statement: Statement) -> tuple[Statement, ...]:
        """The statement on this chip; a device that stands outside every cell is left alone."""
        if isinstance(statement, Source):
            return (self._offset(statement) if self._chip.mismatch else statement,)
        if not isinstance(statement, Primitive):
            return (statement,)
        match statement.name[:1].lower():
            case "m" if self._chip.mismatch:
                return self._transistor(statement)
            case "r" | "c" if "." in statement.name and isinstance(statement.value, int | float):
                return (self._passive(statement, float(statement.value)),)
            case _:
                return (statement,)

    def _transistor(self, device: Primitive) -> tuple[Statement, ...]:
        pelgrom, model = self._pelgrom(device)
        area_m2 = known_size(device, "w") * known_size(device, "l") * known_size(device, "m", 1.0)
        root_m = sqrt(area_m2)
        threshold, gain = self._chip.normal(device.name, 2)
        offset_V = threshold * pelgrom.threshold_Vm / root_m
        factor = max(1.0 + gain * pelgrom.gain_m / root_m, _LEAST)
        if _level(model) == _LEVEL1:
            card = _own_card(model, device.name, offset_V, factor)
            return card, replace(device, model=card.name)
        offsets = (Parameter("delvto", offset_V), Parameter("mulu0", factor))
        return (replace(device, parameters=(*device.parameters, *offsets)),)

    def _offset(self, source: Source) -> Source:
        part, _, name = source.name.lower().rpartition(".")
        if not part or not name.startswith(_OFFSET):
            return source
        kind = name.removeprefix(_OFFSET).partition("_")[0]
        if kind not in self._process.offsets:
            raise NetlistError(
                f"process {self._process.name} says nothing of the offset of a part {kind!r}",
                where=source.span or source.name,
                hint=f"[offsets] with {kind} = 2e-3 (volts) in its file",
            )
        (drawn,) = self._chip.normal(source.name, 1)
        return replace(source, dc=drawn * self._process.offsets[kind])

    def _pelgrom(self, device: Primitive) -> tuple[Pelgrom, Model]:
        model = self._models.get((device.model or "").lower())
        level = _level(model) if model is not None else None
        if model is None or level not in (*_LEVELS, _LEVEL1):
            what = "is not in the deck" if model is None else f"is of level {level:g}"
            raise NetlistError(
                f"model {device.model} of {device.name} {what}, and takes no offsets",
                where="variation.mismatch",
                hint=f"a model of level {', '.join(map(str, (_LEVEL1, *_LEVELS)))}",
            )
        return self._process.matching[model.kind.lower()], model

    def _passive(self, device: Primitive, value: float) -> Primitive:
        passives, chip = self._process.passives, self._chip
        if device.name[0].lower() == "r":
            corner = _SIDE[chip.resistors] * passives.resistor_corner
            deviation = passives.resistor_deviation(value)
        else:
            corner = _SIDE[chip.capacitors] * passives.capacitor_corner
            deviation = passives.capacitor_deviation(value)
        (drawn,) = chip.normal(device.name, 1)
        factor = max((1.0 + corner) * (1.0 + drawn * deviation), _LEAST)
        return replace(device, value=value * factor)


def _own_card(model: Model, device: str, offset_V: float, factor: float) -> Model:
    """The card of one level-1 transistor; an offset makes a P-MOS's threshold more negative too."""
    sign = -1.0 if model.kind.lower() == "pmos" else 1.0
    values = {p.name.lower(): p.value for p in model.parameters}
    threshold, gain = values.get("vto"), values.get("kp")
    if not isinstance(threshold, int | float) or not isinstance(gain, int | float):
        raise NetlistError(
            f"card {model.name} of level 1 does not say vto and kp as numbers",
            where="variation.mismatch",
            hint="write them on the card",
        )
    own = {"vto": threshold + sign * offset_V, "kp": gain * factor}
    parameters = tuple(replace(p, value=own.get(p.name.lower(), p.value)) for p in model.parameters)
    return replace(model, name=f"{model.name}.{device}", parameters=parameters)


def _level(model: Model) -> float:
    given = (p.value for p in model.parameters if p.name.lower() == "level")
    value = next(given, 1.0)
    return float(value) if isinstance(value, int | float) else 1.0
