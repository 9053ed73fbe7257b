"""A session on ngspice: decks in, samples out, in a process that may die without taking us along.

The worker is a plain child process in a session group and an empty folder of its own: no
``.spiceinit`` is read, Ctrl-C reaches us and not it, and bars are put around it before it sees a
deck (`spice_backend.safety.confinement`). A halted run leaves the worker warm; a worker that hangs,
dies or has grown is replaced, and the next run does not notice.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from spice_backend.decks.held_nodes import held
from spice_backend.decks.solver import solver_name, with_solver
from spice_backend.errors import SpiceError
from spice_backend.protocol.drive import Drive
from spice_backend.protocol.samples import Samples
from spice_backend.safety.confinement import Limits
from spice_backend.safety.guard import refusal, undriven
from spice_backend.session.exchange import Begin, Consume, Exchange, Keep
from spice_backend.session.link import Link
from spice_backend.session.outcome import Outcome, Status, diagnose, troubled
from spice_backend.setup.features import Features

_POLL_SECONDS = 0.1
_PAUSED = "simulation interrupted"
_GROWTH_BYTES = 64 << 20
"""A worker that has grown by more than this since its first run is replaced before the next."""


class Session:
    """One simulator, started when first needed and again after it died.

    Args:
        threads: Threads of the simulator; more than one is usually slower.
        timeout_s: Wall time after which a run is given up, seconds; None never.
        limits: What the simulator's process may use.
        engine: "ngspice", or "neospice" for a second opinion: open loop, transients, `run` alone.
    """

    def __init__(
        self,
        *,
        threads: int = 1,
        timeout_s: float | None = None,
        limits: Limits | None = None,
        engine: Literal["ngspice", "neospice"] = "ngspice",
    ) -> None:
        self._kind = engine
        self._threads = threads
        self._timeout_s = timeout_s
        self._limits = limits or Limits()
        self._link: Link | None = None
        self._cancelled = threading.Event()
        self._loaded: tuple[str, bool] | None = None
        self._altered: dict[str, float] = {}
        self._unread: list[Samples] = []
        self._paused = False
        self._baseline_bytes = 0
        self._memory_bytes = 0
        self.engine = ""
        self.solver_time_s = 0.0
        """Wall time that operating points spent inside the simulator, seconds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def bars(self) -> tuple[str, ...]:
        """What confines the simulator's process here; empty while it is not running."""
        return self._link.bars if self._link is not None else ()

    @property
    def features(self) -> Features | None:
        """What this ngspice is and can do; None while it is not running, or of another engine."""
        return self._link.features if self._link is not None else None

    @property
    def process_id(self) -> int | None:
        """The simulator's process; None while it is not running."""
        return self._link.process_id if self._link is not None else None

    def run(
        self,
        deck: str,
        probes: Sequence[str] | None,
        consume: Consume,
        *,
        drive: Drive | None = None,
        snapshots_s: Sequence[float] = (),
        keep: Keep | None = None,
        begin: Begin | None = None,
        trust: bool = False,
    ) -> Outcome:
        """Run the analysis a deck contains and stream its points.

        Args:
            deck: The whole deck, title first, with a ``.tran`` or ``.dc`` line.
            probes: What to record, as ``.save`` writes it: ``v(a)``, ``i(v1)``, ``@m1[id]``; None
                for everything the deck saves.
            consume: Called with every block in order; returning False halts the run.
            drive: Decides what sources written ``v1 a 0 external`` do; every point before a
                decision has been consumed when it is asked.
            snapshots_s: Times, ascending, at whose first point everything the deck saves is kept.
            keep: Gets the snapshots, each before the block that ends with its point.
            begin: With `probes` None, gets the vectors of every analysis before its blocks.
            trust: Run a deck even if it contains commands, in a worker without bars.

        Returns:
            How it ended; never an exception for what a simulator can do wrong.

        Raises:
            SpiceError: When no simulator can be started at all.
            KeyboardInterrupt: Passed on, after the simulator has been stopped.
        """
        reason = "" if trust else refusal(deck)
        hint = "remove it, or say that the deck is trusted"
        if not reason:
            reason = undriven(deck, driven=drive is not None)
            hint = "write external sources as: v1 a 0 external, and give a drive"
        if reason:
            return Outcome(Status.REFUSED, reason, hint)
        if self._kind != "ngspice" and (drive is not None or snapshots_s):
            return Outcome(Status.REFUSED, f"{self._kind} runs open loop only", "use ngspice")
        self._ready(trust=trust)
        self._loaded, self._altered = (deck, trust), {}
        request = self._request(self._adapted(deck), probes, drive)
        request["snapshots_s"] = tuple(float(time_s) for time_s in snapshots_s)
        outcome = self._guarded(request, consume, drive, keep, begin)
        return replace(outcome, solver=self._solver(deck)) if outcome.steps else outcome

    def rerun(
        self, probes: Sequence[str], consume: Consume, *, drive: Drive | None = None
    ) -> Outcome:
        """Run the loaded deck's analysis again, with the values it has now; nothing is parsed.

        Args:
            probes: What to record.
            consume: Called with every block in order; returning False halts the run.
            drive: Decides what external sources do.

        Returns:
            How it ended.

        Raises:
            SpiceError: When nothing is loaded.
        """
        self._reload()
        return self._guarded(self._request(None, probes, drive), consume, drive)

    def resume(
        self, probes: Sequence[str], consume: Consume, *, drive: Drive | None = None
    ) -> Outcome:
        """Go on with a halted transient from where it stopped.

        Args:
            probes: What to record.
            consume: Called with every block in order; returning False halts the run.
            drive: Decides what external sources do from here on.

        Returns:
            How it ended.

        Raises:
            SpiceError: When nothing is loaded or its worker is gone, and the halted run with it.
        """
        if self._link is None or not self._link.alive or self._loaded is None:
            raise SpiceError("there is no halted run to go on with", hint="call run()")
        request = {**self._request(None, probes, drive), "again": True}
        while self._unread:
            if not consume(self._unread.pop(0)):
                return Outcome(Status.HALTED, engine=self.engine)
        if not self._paused:
            # It had reached its end before the wish to halt reached it.
            return Outcome(Status.COMPLETED, engine=self.engine)
        return self._guarded(request, consume, drive)

    def load(self, deck: str, *, trust: bool = False) -> None:
        """Load a deck to solve it many times with altered values.

        Args:
            deck: The deck; its analyses are not run.
            trust: Load a deck even if it contains commands.

        Raises:
            SpiceError: When it is refused or cannot be read by the simulator.
        """
        reason = "" if trust else refusal(deck) or undriven(deck, driven=False)
        reason = reason if self._kind == "ngspice" else f"{self._kind} has no warm session"
        if reason:
            Outcome(Status.REFUSED, reason, "remove it, or say that it is trusted").check()
        self._ready(trust=trust)
        self._loaded, self._altered = (deck, trust), {}
        self._load(deck)

    def alter(self, values: Mapping[str, float]) -> None:
        """Change values of the loaded circuit; the next solution starts from them.

        Args:
            values: By device (its main value: ``r1``, ``v1``) or ``@device[parameter]``, SI units.

        Raises:
            SpiceError: When nothing is loaded.
        """
        self._reload()
        self._altered |= {name.lower(): float(value) for name, value in values.items()}
        self._talk({"do": "alter", "values": self._named(values)})

    def solve(
        self, probes: Sequence[str], values: Mapping[str, float] | None = None
    ) -> NDArray[np.float64]:
        """Find the operating point of the loaded circuit: one message each way.

        Args:
            probes: What to read.
            values: Changes to make first, as for `alter`.

        Returns:
            (n_probe,), volts and amperes.

        Raises:
            SpiceError: When nothing is loaded, a probe is missing, or there is no convergence.
        """
        self._reload()
        changes = self._named(values or {})
        self._altered |= changes
        answer = self._talk({"do": "solve", "probes": tuple(probes), "values": changes})
        if answer[:1] == b"P":
            numbers = np.frombuffer(answer, dtype=np.float64, offset=1)
            self.solver_time_s += float(numbers[0])
            return numbers[1:]
        deck = self._loaded[0] if self._loaded else ""
        outcome = self._ended(json.loads(answer[1:]), deck)
        raise SpiceError(f"{outcome.status.value}: {outcome.message}", None, outcome.hint)

    def cancel(self) -> None:
        """End the run under way, or else the next, from another thread: it is "cancelled"."""
        self._cancelled.set()

    def start(self) -> None:
        """Start the simulator now, if it is not running, so that the first run need not wait.

        Raises:
            SpiceError: When it cannot be started.
        """
        self._ready(trust=False)

    def close(self) -> None:
        """End the simulator."""
        self._stop()
        self._loaded = None

    def _request(
        self, deck: str | None, probes: Sequence[str] | None, drive: Drive | None
    ) -> dict[str, Any]:
        return {
            "do": "run",
            "deck": deck,
            "probes": None if probes is None else tuple(probes),
            "threads": self._threads,
            "driven": drive is not None,
            "again": False,
            "snapshots_s": (),
        }

    def _adapted(self, deck: str) -> str:
        """A deck as the engine at hand needs it or does best with it."""
        link = self._link
        if link is not None and not link.holds:
            return held(deck)
        return deck if link is None else with_solver(deck, link.features)

    def _solver(self, deck: str) -> str:
        return "" if self.features is None else solver_name(deck, self.features)

    def _ready(self, *, trust: bool) -> None:
        """A worker that lives, is confined as it should be, and has not grown."""
        link = self._link
        grown = self._baseline_bytes and self._memory_bytes - self._baseline_bytes > _GROWTH_BYTES
        if link is not None and link.alive and not grown and link.confined is not trust:
            return
        self._stop()
        self._link = Link(
            replace(self._limits, confined=self._limits.confined and not trust), self._kind
        )
        self.engine = self._link.engine

    def _reload(self) -> None:
        """The loaded circuit, in a fresh worker if the old one is gone or has grown."""
        if self._loaded is None or self._kind != "ngspice":
            raise SpiceError("nothing is loaded", hint="call load() or run() of ngspice first")
        deck, trust = self._loaded
        before = self._link
        self._ready(trust=trust)
        if self._link is not before:
            self._load(deck)
            if self._altered:
                self._talk({"do": "alter", "values": self._altered})

    def _load(self, deck: str) -> None:
        answer = json.loads(self._talk({"do": "load", "deck": self._adapted(deck)})[1:])
        self._note_memory(answer)
        trouble = [line for line in answer["log"] if "error" in line.lower()]
        if answer["code"] or trouble:
            self._loaded = None
            status, message, hint = diagnose(tuple(answer["log"]))
            raise SpiceError(f"{status.value}: {message}", "the deck", hint)

    @staticmethod
    def _named(values: Mapping[str, float]) -> dict[str, float]:
        changes = {name.lower(): float(value) for name, value in values.items()}
        for name, value in changes.items():
            if not math.isfinite(value) or any(c.isspace() or c in ";$`" for c in name):
                raise SpiceError(f"cannot set {name!r} to {value}", hint="a device, a finite value")
        return changes

    def _talk(self, request: Mapping[str, Any]) -> bytes:
        """One request, one answer; a worker that does not answer is ended."""
        link = self._need()
        try:
            link.send(request)
            wait_s = math.inf if self._timeout_s is None else self._timeout_s
            began = time.monotonic()
            while True:
                answer = link.receive(_POLL_SECONDS)
                if answer is not None:
                    return answer
                if time.monotonic() - began > wait_s:
                    self._stop()
                    self._late(0.0, 0, wait_s).check()
        except (EOFError, OSError):
            self._died(0.0, 0, 0.0).check()
            raise
        except BaseException:
            self._stop()
            raise

    def _need(self) -> Link:
        if self._link is None:
            raise SpiceError("the session is not started", hint="call start()")
        return self._link

    def _guarded(
        self,
        request: dict[str, Any],
        consume: Consume,
        drive: Drive | None,
        keep: Keep | None = None,
        begin: Begin | None = None,
    ) -> Outcome:
        try:
            exchange = Exchange(self._need(), request, consume, drive, keep, begin)
            return self._run(request, exchange)
        except BaseException:
            self._stop()
            raise

    def _run(self, request: dict[str, Any], exchange: Exchange) -> Outcome:
        self._unread = []
        try:
            end = exchange.until_end(self._timeout_s, self._cancelled)
        except (EOFError, ConnectionError):
            return self._died(exchange.last, exchange.steps, exchange.spent_s)
        facts = (exchange.last, exchange.steps, exchange.spent_s)
        match end:
            case "late":
                self._stop()
                return self._late(*facts)
            case "cancelled":
                self._cancelled.clear()
                self._stop()
                return Outcome(Status.CANCELLED, "by its caller", "", *facts, 0, self.engine)
            case "halted":
                return self._halted(exchange)
            case "ended":
                return self._ended(exchange.facts, request["deck"] or "")

    def _halted(self, exchange: Exchange) -> Outcome:
        end, self._unread = exchange.facts, exchange.unread
        peak, log, spent_s = 0, tuple[str, ...](), exchange.spent_s
        if end:
            self._note_memory(end)
            peak, log = int(end["peak_memory_bytes"]), tuple(end["log"])
            self._paused = any(_PAUSED in line.lower() for line in log)
            spent_s = end["solver_time_s"]
        if not end or end["left"]:
            self._stop()
        last, steps = exchange.last, exchange.steps
        return Outcome(Status.HALTED, "", "", last, steps, spent_s, peak, self.engine, log)

    def _late(self, last: float, steps: int, waited_s: float) -> Outcome:
        hint = "raise simulator.timeout_s, or shorten the run"
        message = f"no end after {self._timeout_s or 0.0:g} s"
        engine = self.engine
        return Outcome(Status.TIMED_OUT, message, hint, last, steps, waited_s, 0, engine)

    def _died(self, last: float, steps: int, waited_s: float) -> Outcome:
        cause, words = self._link.autopsy() if self._link is not None else ("an unknown cause", ())
        self._stop()
        hint = "run the deck with plain ngspice -b; if that dies too, the deck crashes ngspice"
        message = f"its process ended with {cause}"
        return Outcome(Status.DIED, message, hint, last, steps, waited_s, 0, self.engine, log=words)

    def _stop(self) -> None:
        link, self._link = self._link, None
        self._baseline_bytes = self._memory_bytes = 0
        if link is not None:
            link.close()

    def _note_memory(self, end: Mapping[str, Any]) -> None:
        self._memory_bytes = int(end["memory_bytes"])
        self._baseline_bytes = self._baseline_bytes or self._memory_bytes

    def _ended(self, end: dict[str, Any], deck: str) -> Outcome:
        self._note_memory(end)
        if end["left"]:
            self._stop()
        facts = {
            "scale": end["last"],
            "steps": end["steps"],
            "solver_time_s": end["solver_time_s"],
            "peak_memory_bytes": end["peak_memory_bytes"],
            "engine": self.engine,
            "log": tuple(end["log"]),
        }
        if end["missing"]:
            missing = end["missing"][0]
            close = get_close_matches(missing, deck.lower().split(), n=3)
            hint = f"close names in the deck: {', '.join(close)}" if close else "check the probes"
            return Outcome(Status.REFUSED, f"the deck has no vector {missing}", hint, **facts)
        failed = any("aborted" in line.lower() for line in end["log"])
        if end["code"] or failed or end["left"] or not end["steps"]:
            status, message, hint = diagnose(facts["log"])
            return Outcome(status, message, hint, **facts, node=troubled(facts["log"]))
        return Outcome(Status.COMPLETED, **facts)
