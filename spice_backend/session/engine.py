"""Which simulators a session can have, and what each can do."""

from __future__ import annotations

from dataclasses import dataclass

from spice_backend.errors import SpiceError


@dataclass(frozen=True, slots=True)
class Engine:
    """A simulator behind a session.

    Attributes:
        name: What it is asked for by.
        worker: Module of the process that owns it.
        remedy: How one gets it.
        closed_loop: Whether sources can be driven and snapshots taken while it runs.
        warm: Whether a loaded circuit can be altered and solved again.
        asks_solver: Whether it has more than one linear solver to choose from.
    """

    name: str
    worker: str
    remedy: str
    closed_loop: bool
    warm: bool
    asks_solver: bool


NGSPICE = Engine(
    "ngspice",
    "spice_backend.worker.worker",
    "make setup, or install the package libngspice0",
    closed_loop=True,
    warm=True,
    asks_solver=True,
)
NEOSPICE = Engine(
    "neospice",
    "spice_backend.worker.neo_worker",
    "pip install 'joulearn[neospice]'",
    closed_loop=False,
    warm=False,
    asks_solver=False,
)
ENGINES = {engine.name: engine for engine in (NGSPICE, NEOSPICE)}
"""By name."""


def find_engine(engine: Engine | str) -> Engine:
    """An engine by its name.

    Args:
        engine: The name, or the engine itself.

    Returns:
        The engine.

    Raises:
        SpiceError: When no engine has this name.
    """
    if isinstance(engine, Engine):
        return engine
    if engine not in ENGINES:
        raise SpiceError(f"no engine is called {engine!r}", hint=" or ".join(ENGINES))
    return ENGINES[engine]
