"""Tables kept on the disk, named by the hash of everything they depend on.

What was measured and the code that measures it are both part of the hash, so that neither is ever
stale; a file that cannot be read is measured again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

from learning.experiment.experiment import Experiment
from learning.experiment.schedule import clk_edges_s, longest_s
from learning.fidelity.accelerated.amplifier_table import AmplifierTables
from learning.fidelity.accelerated.archive import pack, unpack
from learning.fidelity.accelerated.edge_table import EdgeTables
from learning.fidelity.accelerated.ends import middle_V, nudges_pairs
from learning.fidelity.accelerated.in_turn.clamp_table import TurnClampTables, label_axis
from learning.fidelity.accelerated.in_turn.leaning_table import Leaning, Leanings
from learning.fidelity.accelerated.in_turn.sampled_table import SampledTables, windows_s
from learning.fidelity.accelerated.in_turn.tables import TurnTables
from learning.fidelity.accelerated.join_table import JoinTables, pause_s
from learning.fidelity.accelerated.range import (
    apart_axis,
    driven_axis,
    typical_gate_V,
    voltage_range,
)
from learning.fidelity.accelerated.spline import Axis, Spline
from learning.fidelity.accelerated.tables import Tables, Weighed
from learning.fidelity.accelerated.update_table import Pull, UpdateTables
from learning.measure.audit import Balance
from learning.measure.deviation import Anchor, Deviation
from learning.measure.query_cost import Inference
from netlist.circuit import Circuit
from netlist.errors import NetlistError
from netlist.reading import InputKind, read_bytes
from netlist.text.emitter import emit

T = TypeVar("T")

_KINDS: tuple[type, ...] = (
    Axis, Spline, EdgeTables, AmplifierTables, Pull, UpdateTables, JoinTables, Tables, Weighed,
    SampledTables, TurnClampTables, TurnTables, Leaning, Leanings, Deviation, Anchor,
    Balance, Inference,
)  # fmt: skip
"""What a kept file may be made of."""

_SOURCES = (
    *("*_table.py", "bench.py", "spline.py", "range.py", "ends.py", "tables.py"),
    *("in_turn/*_table.py", "in_turn/phases.py", "in_turn/tables.py"),
)
"""The modules that measure."""

_TABLES = InputKind("kept table of a cell", 256 << 20, "to measure it again")

_NONE = (
    NetlistError, ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError,
    BadZipFile, zlib.error, NotImplementedError,
)  # fmt: skip
"""What a file that is not there, or is cut short or altered, comes to: it is made again."""


def folder() -> Path:
    """Where tables are kept: ``$XDG_CACHE_HOME/joulearn/tables``."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "joulearn" / "tables"


def key(experiment: Experiment, what: str) -> str:
    """The hash of what a machine's tables depend on.

    Args:
        experiment: The machine.
        what: Which tables, and anything else they depend on.

    Returns:
        Hexadecimal digits.
    """
    spec, over = experiment.design.schedule, voltage_range(experiment)
    process, network = experiment.process, experiment.network
    cells = sorted(experiment.cells.items())
    library = process.complete(Circuit("library", process.statements))
    told = (
        what, code(_SOURCES), emit(library), process.temperature_C, experiment.rail_V, over,
        driven_axis(experiment),
        [(slot, emit(Circuit(cell.name, cell.statements))) for slot, cell in cells],
        [(slot, sorted(experiment.parameters(slot).items())) for slot, _ in cells],
        replace(experiment.chip, mismatch=False, seed=0, draw=0, scale=1.0, only=()),
        experiment.design.learning.nudge, len(network.edges),
        *(sum(len(port.nodes) for port in ports) for ports in (network.sources, network.targets)),
        spec.settle_s, spec.rise_s, spec.evaluation_s,
        longest_s(spec), pause_s(experiment), _in_turn(experiment), _paired(experiment),
    )  # fmt: skip
    return digest(*told)


def _in_turn(experiment: Experiment) -> tuple[object, ...]:
    """What the tables of one network in turn depend on besides."""
    network, spec = experiment.network, experiment.design.schedule
    if not experiment.architecture.in_turn:
        return ()
    return (
        network.edges, network.sources, network.targets, network.ground, spec.warm_up_s,
        *clk_edges_s(spec),
        typical_gate_V(experiment), label_axis(experiment), windows_s(experiment),
    )  # fmt: skip


def _paired(experiment: Experiment) -> tuple[object, ...]:
    """What the tables of clamps that nudge pairs depend on besides."""
    return (middle_V(experiment), apart_axis(experiment)) if nudges_pairs(experiment) else ()


def digest(*told: object) -> str:
    """A name for whatever depends on these things alone.

    Args:
        *told: Things whose ``repr`` says all of them.

    Returns:
        Hexadecimal digits.
    """
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def code(patterns: tuple[str, ...]) -> str:
    """The hash of modules beside this one.

    Args:
        patterns: Of their files' names.

    Returns:
        Hexadecimal digits.
    """
    here = Path(str(files("learning.fidelity.accelerated")))
    paths = sorted({path for pattern in patterns for path in here.glob(pattern)})
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def text_of(module: str) -> str:
    """The source of a module elsewhere, for `digest`.

    Args:
        module: Its whole name.

    Returns:
        Its text.
    """
    package, _, name = module.rpartition(".")
    return files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")


def kept(name: str, make: Callable[[], T]) -> T:
    """What is kept under a name, made if it is not there.

    Args:
        name: Its name.
        make: Makes it.

    Returns:
        It.
    """
    path = folder() / f"{name}.npz"
    try:
        found: T = unpack(read_bytes(path, _TABLES), _KINDS)
    except _NONE:
        found = make()
        _keep(path, pack(found))
    return found


def is_kept(name: str) -> bool:
    """Whether something is kept under a name; whether it can be read is seen when it is.

    Args:
        name: Its name.
    """
    return (folder() / f"{name}.npz").is_file()


def _keep(path: Path, content: bytes) -> None:
    """Write a file in one go; a cache that cannot be written is no reason to stop."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(path)
