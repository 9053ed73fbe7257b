"""A session on ngspice: decks in, samples out, in a process that may die without taking us along.

The worker is a plain child process in a session group and an empty folder of its own: no
``.spiceinit`` is read, Ctrl-C reaches us and not it, and bars are put around it before it sees a
deck (`spice_backend.safety.confinement`). A halted run leaves the worker warm; a worker that hangs,
dies or has grown is replaced, and the next run does not notice.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from types import TracebackType
from typing import Self

import numpy as np

from spice_backend.arrays import Floats
from spice_backend.decks.held_nodes import held
from spice_backend.decks.solver import solver_name, with_solver
from spice_backend.errors import SpiceError
from spice_backend.protocol.drive import Drive
from spice_backend.protocol.messages import (
    DECK_BYTES,
    Alter,
    Answer,
    Ended,
    Garbled,
    Load,
    Request,
    Run,
    Solution,
    Solve,
)
from spice_backend.protocol.samples import Samples
from spice_backend.safety import patience
from spice_backend.safety.confinement import Limits
from spice_backend.safety.guard import refusal, undriven
from spice_backend.session.engine import NGSPICE, Engine, find_engine
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
        engine: One of `spice_backend.session.engine.ENGINES`, or its name: "ngspice", or "neospice"
            for a second opinion.
        timeout_name: What its user calls the time-out, for hints.

    Raises:
        SpiceError: When no engine has this name.
    """

    def __init__(
        self,
        *,
        threads: int = 1,
        timeout_s: float | None = None,
        limits: Limits | None = None,
        engine: Engine | str = NGSPICE,
        timeout_name: str = "simulator.timeout_s",
    ) -> None:
        self._timeout_name = timeout_name
        self._engine = find_engine(engine)
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
        reason = self._unfit(deck, trust=trust)
        hint = "remove it, or say that the deck is trusted"
        if not reason:
            reason = undriven(deck, driven=drive is not None)
            hint = "write external sources as: v1 a 0 external, and give a drive"
        if not reason and not self._engine.closed_loop and (drive is not None or snapshots_s):
            reason, hint = f"{self._engine.name} runs open loop only", "use ngspice"
        if reason:
            return Outcome(Status.REFUSED, message=reason, hint=hint)
        self._ready(trust=trust)
        self._loaded, self._altered = (deck, trust), {}
        request = self._request(self._adapted(deck, trust=trust), probes, drive)
        request = replace(request, snapshots_s=tuple(map(float, snapshots_s)))
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
        request = replace(self._request(None, probes, drive), again=True)
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
        reason = self._unfit(deck, trust=trust) or undriven(deck, driven=False)
        if not self._engine.warm:
            reason = f"{self._engine.name} has no warm session"
        if reason:
            hint = "remove it, or say that it is trusted"
            Outcome(Status.REFUSED, message=reason, hint=hint).check()
        self._ready(trust=trust)
        self._loaded, self._altered = (deck, trust), {}
        self._load(deck, trust=trust)

    def alter(self, values: Mapping[str, float]) -> None:
        """Change values of the loaded circuit; the next solution starts from them.

        Args:
            values: By device (its main value: ``r1``, ``v1``) or ``@device[parameter]``, SI units.

        Raises:
            SpiceError: When nothing is loaded.
        """
        self._reload()
        changes = _named(values)
        self._altered |= changes
        self._alter(changes)

    def solve(self, probes: Sequence[str], values: Mapping[str, float] | None = None) -> Floats:
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
        changes = _named(values or {})
        self._altered |= changes
        numbers = np.fromiter(changes.values(), np.float64, len(changes))
        answer = self._talk(Solve(tuple(probes), tuple(changes), numbers))
        if isinstance(answer, Solution) and answer.values.size == len(probes):
            self.solver_time_s += answer.spent_s
            return answer.values
        deck = self._loaded[0] if self._loaded else ""
        outcome = self._ended(self._end_of(answer), deck)
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
        self, deck: bytes | None, probes: Sequence[str] | None, drive: Drive | None
    ) -> Run:
        asked = None if probes is None else tuple(probes)
        return Run(deck=deck, probes=asked, threads=self._threads, driven=drive is not None)

    @staticmethod
    def _unfit(deck: str, *, trust: bool) -> str:
        """Why a deck is not run; empty when it is."""
        if len(deck) > DECK_BYTES:
            return f"the deck is larger than {DECK_BYTES >> 20} MB"
        return "" if trust else refusal(deck)

    def _adapted(self, deck: str, *, trust: bool) -> bytes:
        """A deck as the engine at hand needs it or does best with it, in the bytes that run."""
        link, text = self._link, deck
        if link is not None:
            text = with_solver(deck, link.features) if link.holds else held(deck)
        reason = "" if trust or text == deck else refusal(text)
        if reason:
            Outcome(Status.REFUSED, message=reason, hint="report this deck").check()
        return text.encode("utf-8", "surrogateescape")

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
            replace(self._limits, confined=self._limits.confined and not trust), self._engine
        )
        self.engine = self._link.engine

    def _reload(self) -> None:
        """The loaded circuit, in a fresh worker if the old one is gone or has grown."""
        if self._loaded is None or not self._engine.warm:
            raise SpiceError("nothing is loaded", hint="call load() or run() of ngspice first")
        deck, trust = self._loaded
        before = self._link
        self._ready(trust=trust)
        if self._link is not before:
            self._load(deck, trust=trust)
            if self._altered:
                self._alter(self._altered)

    def _load(self, deck: str, *, trust: bool) -> None:
        ended = self._end_of(self._talk(Load(self._adapted(deck, trust=trust))))
        self._note_memory(ended)
        trouble = [line for line in ended.log if "error" in line.lower()]
        if ended.code or trouble:
            self._loaded = None
            status, message, hint = diagnose(ended.log)
            raise SpiceError(f"{status.value}: {message}", "the deck", hint)

    def _alter(self, changes: Mapping[str, float]) -> None:
        numbers = np.fromiter(changes.values(), np.float64, len(changes))
        self._end_of(self._talk(Alter(tuple(changes), numbers)))

    def _end_of(self, answer: Answer) -> Ended:
        """What must be the end of a request; a worker that says anything else is ended."""
        if not isinstance(answer, Ended):
            self._died(Garbled(f"nobody asked for {type(answer).__name__}")).check()
            raise TypeError
        return answer

    def _talk(self, request: Request) -> Answer:
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
                    self._late(solver_time_s=wait_s).check()
                if isinstance(request, Load) and link.loading_too_long():
                    self._stop()
                    self._stuck().check()
        except (EOFError, OSError) as error:
            self._died(error).check()
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
        request: Run,
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

    def _run(self, request: Run, exchange: Exchange) -> Outcome:
        self._unread = []
        try:
            end = exchange.until_end(self._timeout_s, self._cancelled)
        except (EOFError, ConnectionError) as error:
            return self._so_far(self._died(error), exchange)
        match end:
            case "late":
                self._stop()
                return self._so_far(self._late(), exchange)
            case "stuck":
                self._stop()
                return self._so_far(self._stuck(), exchange)
            case "cancelled":
                self._cancelled.clear()
                self._stop()
                outcome = Outcome(Status.CANCELLED, message="by its caller", engine=self.engine)
                return self._so_far(outcome, exchange)
            case "halted":
                return self._halted(exchange)
            case "ended":
                return self._ended(exchange.ended or Ended(), (request.deck or b"").decode())

    @staticmethod
    def _so_far(outcome: Outcome, exchange: Exchange) -> Outcome:
        """An end with how far the run had come."""
        last, steps, spent_s = exchange.last, exchange.steps, exchange.spent_s
        return replace(outcome, scale=last, steps=steps, solver_time_s=spent_s)

    def _halted(self, exchange: Exchange) -> Outcome:
        ended, self._unread = exchange.ended, exchange.unread
        outcome = self._so_far(Outcome(Status.HALTED, engine=self.engine), exchange)
        if ended is not None:
            self._note_memory(ended)
            self._paused = any(_PAUSED in line.lower() for line in ended.log)
            outcome = replace(
                outcome,
                solver_time_s=ended.solver_time_s,
                peak_memory_bytes=ended.peak_memory_bytes,
                log=ended.log,
            )
        if ended is None or ended.left:
            self._stop()
        return outcome

    def _late(self, *, solver_time_s: float = 0.0) -> Outcome:
        return Outcome(
            Status.TIMED_OUT,
            message=f"no end after {self._timeout_s or 0.0:g} s",
            hint=f"raise {self._timeout_name}, or shorten the run",
            solver_time_s=solver_time_s,
            engine=self.engine,
        )

    def _stuck(self) -> Outcome:
        message = "ngspice reads this deck without coming to its end"
        return Outcome(Status.TIMED_OUT, message=message, hint=patience.HINT, engine=self.engine)

    def _died(self, error: BaseException) -> Outcome:
        """The end of a worker that is gone, or is ended because it talks nonsense."""
        link, garbled = self._link, isinstance(error, Garbled)
        cause, words = ("an unknown cause", ()) if link is None else link.autopsy(end=garbled)
        self._stop()
        message = f"its process ended with {cause}"
        if garbled:
            message = f"its process was ended, for it sent {error}"
        return Outcome(
            Status.DIED,
            message=message,
            hint="run the deck with plain ngspice -b; if that dies too, the deck crashes ngspice",
            engine=self.engine,
            log=words,
        )

    def _stop(self) -> None:
        link, self._link = self._link, None
        self._baseline_bytes = self._memory_bytes = 0
        if link is not None:
            link.close()

    def _note_memory(self, ended: Ended) -> None:
        self._memory_bytes = ended.memory_bytes
        self._baseline_bytes = self._baseline_bytes or self._memory_bytes

    def _ended(self, ended: Ended, deck: str) -> Outcome:
        self._note_memory(ended)
        if ended.left:
            self._stop()
        outcome = Outcome(
            Status.COMPLETED,
            scale=ended.last,
            steps=ended.steps,
            solver_time_s=ended.solver_time_s,
            peak_memory_bytes=ended.peak_memory_bytes,
            engine=self.engine,
            log=ended.log,
        )
        if ended.missing:
            missing = ended.missing[0]
            close = get_close_matches(missing, deck.lower().split(), n=3)
            hint = f"close names in the deck: {', '.join(close)}" if close else "check the probes"
            message = f"the deck has no vector {missing}"
            return replace(outcome, status=Status.REFUSED, message=message, hint=hint)
        failed = any("aborted" in line.lower() for line in ended.log)
        if ended.code or failed or ended.left or not ended.steps:
            status, message, hint = diagnose(ended.log)
            node = troubled(ended.log)
            return replace(outcome, status=status, message=message, hint=hint, node=node)
        return outcome


def _named(values: Mapping[str, float]) -> dict[str, float]:
    changes = {name.lower(): float(value) for name, value in values.items()}
    for name, value in changes.items():
        if not math.isfinite(value) or any(c.isspace() or c in ";$`" for c in name):
            raise SpiceError(f"cannot set {name!r} to {value}", hint="a device, a finite value")
    return changes
