"""Tables kept on the disk, named by the hash of everything they depend on.

What was measured and the code that measures it are both part of the hash, so that neither is ever
stale; a file that cannot be read is measured again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

from learning.experiment.experiment import Experiment
from learning.experiment.schedule import longest_s
from learning.fidelity.accelerated.amplifier_table import AmplifierTables
from learning.fidelity.accelerated.archive import pack, unpack
from learning.fidelity.accelerated.edge_table import EdgeTables
from learning.fidelity.accelerated.join_table import JoinTables, pause_s
from learning.fidelity.accelerated.range import voltage_range
from learning.fidelity.accelerated.spline import Axis, Spline
from learning.fidelity.accelerated.tables import Tables, Weighed
from learning.fidelity.accelerated.update_table import Pull, UpdateTables
from learning.measure.deviation import Deviation
from netlist.circuit import Circuit
from netlist.text.emitter import emit

T = TypeVar("T")

_KINDS: tuple[type, ...] = (
    Axis, Spline, EdgeTables, AmplifierTables, Pull, UpdateTables, JoinTables, Tables, Weighed,
    Deviation,
)  # fmt: skip
"""What a kept file may be made of."""

_SOURCES = ("*_table.py", "bench.py", "spline.py", "range.py", "tables.py")
"""The modules that measure."""


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
        [(slot, emit(Circuit(cell.name, cell.statements))) for slot, cell in cells],
        [(slot, sorted(experiment.parameters(slot).items())) for slot, _ in cells],
        experiment.chip, experiment.design.learning.nudge, len(network.edges),
        len(network.sources), len(network.targets), spec.settle_s, spec.rise_s, spec.evaluation_s,
        longest_s(spec), pause_s(experiment),
    )  # fmt: skip
    return digest(*told)


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
        found: T = unpack(path.read_bytes(), _KINDS)
    except (OSError, ValueError, KeyError, TypeError, BadZipFile):
        found = make()
        _keep(path, pack(found))
    return found


def _keep(path: Path, content: bytes) -> None:
    """Write a file in one go; a cache that cannot be written is no reason to stop."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(path)
