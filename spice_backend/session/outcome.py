"""How a simulation ended: a value first, an exception only when the caller asks."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from enum import Enum

from spice_backend.errors import (
    CancelledError,
    ConvergenceError,
    DeckError,
    LateError,
    SimulatorDiedError,
    SpiceError,
)


class Status(Enum):
    """What became of a run."""

    COMPLETED = "completed"
    HALTED = "halted on request"
    NO_CONVERGENCE = "no convergence"
    STEP_TOO_SMALL = "time step too small"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"
    DIED = "the simulator died"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run.

    Attributes:
        status: What became of it.
        message: What happened, in one sentence; empty when completed.
        hint: What to try.
        scale: Last simulated time, seconds (or swept value).
        steps: Accepted points.
        solver_time_s: Wall time inside the simulator, seconds.
        peak_memory_bytes: Largest resident memory of the simulator's process.
        engine: Name and version of the simulator.
        solver: Its linear solver, "KLU" or "Sparse"; empty where nobody knows.
        log: Its last lines.
        node: The node or device the simulator could not solve, where it named one.
        tried: The ways to make it converge that were tried, in order
        (`spice_backend.session.ladder`).
    """

    status: Status
    _: KW_ONLY
    message: str = ""
    hint: str = ""
    scale: float = 0.0
    steps: int = 0
    solver_time_s: float = 0.0
    peak_memory_bytes: int = 0
    engine: str = ""
    log: tuple[str, ...] = ()
    node: str = ""
    tried: tuple[str, ...] = ()
    solver: str = ""

    @property
    def ok(self) -> bool:
        """Whether the run did what was asked: it completed, or halted on request."""
        return self.status in (Status.COMPLETED, Status.HALTED)

    def check(self) -> Outcome:
        """This outcome, if it is `ok`.

        Returns:
            Itself.

        Raises:
            DeckError: When the deck was refused.
            ConvergenceError: When there was no convergence, or the time step became too small.
            LateError: When it ran out of time.
            CancelledError: When its caller cancelled it.
            SimulatorDiedError: When its process ended.
            SpiceError: For every other failure; says how, with the simulator's last lines.
        """
        if self.ok:
            return self
        lines = "".join(f"\n    {line}" for line in self.log[-6:])
        tried = f"\n  tried: {', '.join(self.tried)}" if len(self.tried) > 1 else ""
        raise _ERRORS.get(self.status, SpiceError)(
            f"{self.status.value}: {self.message}{lines}{tried}",
            where=f"at {self.scale:.6g} s" if self.scale else None,
            hint=self.hint,
        )


_ERRORS: dict[Status, type[SpiceError]] = {
    Status.NO_CONVERGENCE: ConvergenceError,
    Status.STEP_TOO_SMALL: ConvergenceError,
    Status.TIMED_OUT: LateError,
    Status.CANCELLED: CancelledError,
    Status.DIED: SimulatorDiedError,
    Status.REFUSED: DeckError,
}

_SIGNS = (
    (
        re.compile(r"doAnalyses: TRAN.*timestep too small", re.IGNORECASE),
        Status.STEP_TOO_SMALL,
        "looser simulator.options (reltol, trtol) or slower schedule.rise_s",
    ),
    (
        re.compile(
            r"timestep too small|singular matrix|no convergence|iteration limit|"
            r"gmin stepping failed|source stepping failed|no dc path",
            re.IGNORECASE,
        ),
        Status.NO_CONVERGENCE,
        "check for floating nodes; try options gmin = 1e-11 or itl1 = 500",
    ),
    (
        re.compile(r"\berror\b|fatal|aborted|no such|unknown|can't|cannot", re.IGNORECASE),
        Status.FAILED,
        "run the deck with plain ngspice -b to see its whole log",
    ),
)

_NODE = re.compile(
    r"(?:trouble with|at node|node:?) (?:node |device )?[\"']?([^\s\"',;]+)", re.IGNORECASE
)


def troubled(log: tuple[str, ...]) -> str:
    """The node or device the simulator could not solve.

    Args:
        log: Its lines.

    Returns:
        Its name; empty when it named none.
    """
    for line in reversed(log):
        if "trouble" in line.lower() or "singular" in line.lower():
            found = _NODE.search(line)
            if found:
                return found.group(1)
    return ""


def diagnose(log: tuple[str, ...]) -> tuple[Status, str, str]:
    """Read from the simulator's own words why a run failed.

    Args:
        log: Its lines.

    Returns:
        Status, message and hint; the most telling kind of line wins over the order of lines.
    """
    for pattern, status, hint in _SIGNS:
        found = [line.strip() for line in log if pattern.search(line)]
        if found:
            # The last word on convergence names the node; the first error caused the others.
            return status, found[0 if status is Status.FAILED else -1], hint
    return Status.FAILED, "the simulator stopped early", "look at the log"
