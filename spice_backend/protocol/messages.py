"""What a session and its simulator's process say to each other, as types, and how it is written.

A worker runs other people's decks and may be taken over by one, bars around it or not. So nothing
that it says is believed to be well formed: a message is a kind, one byte, and the fields of that
kind's class in MessagePack, which can hold numbers, texts and bytes and no code; every field has a
type and a bound that is checked on arrival, before anything is made of it. What does not fit is
`Garbled`, and whoever garbles is ended: the worst a worker can do is give wrong numbers, or die.

Numbers travel as the bytes of their float64, to the last bit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta

from spice_backend.arrays import Floats
from spice_backend.protocol.drive import Stretch

MOST_BYTES = 80 << 20
"""Of one message: a block of samples has a sixteenth of that."""

DECK_BYTES = 64 << 20
"""Of a deck."""

_MOST_NAMES = 1 << 20
_LOG_LINES, _LOG_CHARACTERS = 200, 4096
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Name: TypeAlias = Annotated[str, Meta(max_length=4096)]
Names: TypeAlias = Annotated[tuple[Name, ...], Meta(max_length=_MOST_NAMES)]
Unit: TypeAlias = Annotated[str, Meta(max_length=8)]
Word: TypeAlias = Annotated[str, Meta(max_length=80)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1 << 62)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0.0, le=1e18)]
Line: TypeAlias = Annotated[str, Meta(max_length=_LOG_CHARACTERS)]
Log: TypeAlias = Annotated[tuple[Line, ...], Meta(max_length=_LOG_LINES)]


class Garbled(ConnectionError):  # noqa: N818 - a connection that is no good any more
    """A message that no worker of ours would send."""


@dataclass(frozen=True, slots=True)
class Load:
    """Load a deck for `Alter` and `Solve`; answered by `Ended`."""

    deck: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Run a deck's analyses; answered by `Analysis`, `Points`, `Due`, `Moment`, then `Ended`.

    Attributes:
        deck: Its bytes; None runs what is loaded.
        probes: What to send, as ``.save`` writes it; None for everything the deck saves.
        threads: Of the simulator.
        driven: Whether external sources ask (`Due`) what to do.
        again: Go on with the halted run instead of beginning one.
        snapshots_s: Times, ascending, at whose first point everything is sent, seconds.
    """

    deck: bytes | None
    probes: Names | None
    threads: int = 1
    driven: bool = False
    again: bool = False
    snapshots_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Alter:
    """Change values of the loaded circuit; answered by `Ended`."""

    names: Names
    values: Floats


@dataclass(frozen=True, slots=True)
class Solve:
    """Change values, then find the operating point; answered by `Solution`, or else `Ended`."""

    probes: Names
    names: Names
    values: Floats


@dataclass(frozen=True, slots=True)
class Halt:
    """End the run under way at its next point, so that it can be gone on with."""


Request: TypeAlias = Load | Run | Alter | Solve | Stretch | Halt
"""What a session asks; a `Stretch` is its answer to `Due`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A worker's first words: it is loaded and confined.

    Attributes:
        engine: Name and version of its engine.
        barred: The bars around it.
        memory_bytes: Its resident memory.
        version: Of ngspice; empty of another engine.
        features: Of ngspice, by the names in `spice_backend.setup.features.Features`.
        holds: Whether it holds ``.ic`` nodes while it finds the operating point.
    """

    engine: Word
    barred: tuple[Word, ...]
    memory_bytes: Count
    version: Word = ""
    features: tuple[Word, ...] = ()
    holds: bool = True

    def __post_init__(self) -> None:
        _printable(self.engine, self.version, *self.barred, *self.features)


@dataclass(frozen=True, slots=True)
class Unable:
    """A worker's first and last words: it cannot be used, and why."""

    reason: Line


@dataclass(frozen=True, slots=True)
class Loaded:
    """A `Run`'s deck is loaded; what takes time from here on is its analyses."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The vectors of an analysis, its scale first, when everything was asked for."""

    names: Names
    units: Annotated[tuple[Unit, ...], Meta(max_length=_MOST_NAMES)]
    real: bool

    def __post_init__(self) -> None:
        _printable(*self.names, *self.units)
        if not self.names or len(self.names) != len(self.units):
            raise ValueError("an analysis needs a scale and a unit for every name")


@dataclass(frozen=True, slots=True)
class Points:
    """Accepted points in a row, flat: scale, probe, probe …, scale, …; complex numbers as two."""

    numbers: Floats

    def __post_init__(self) -> None:
        if not self.numbers.size:
            raise ValueError("a block needs a point")


@dataclass(frozen=True, slots=True)
class Due:
    """A decision is due at this time of the simulation."""

    time_s: Seconds


@dataclass(frozen=True, slots=True)
class Moment:
    """Every vector at one point, scale included."""

    time_s: float
    names: Names
    values: Floats

    def __post_init__(self) -> None:
        _printable(*self.names)
        if len(self.names) != self.values.size:
            raise ValueError("a moment needs a value for every name")


@dataclass(frozen=True, slots=True)
class Solution:
    """An operating point.

    Attributes:
        spent_s: Wall time inside the simulator, seconds.
        values: Of the probes, in their order.
    """

    spent_s: Seconds
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A request is done with.

    Attributes:
        code: The simulator's return code, 0 for good.
        missing: Probes that the deck does not have.
        steps: Points accepted.
        last: The last of them on its scale.
        solver_time_s: Wall time, without that spent waiting for decisions, seconds.
        peak_memory_bytes: Largest resident memory so far.
        memory_bytes: Resident memory now.
        left: Whether the library asked to be unloaded: it must not be called again.
        log: The simulator's last lines.
    """

    code: int = 0
    missing: Names = ()
    steps: Count = 0
    last: float = 0.0
    solver_time_s: Seconds = 0.0
    peak_memory_bytes: Count = 0
    memory_bytes: Count = 0
    left: bool = False
    log: Log = ()

    def __post_init__(self) -> None:
        _printable(*self.missing, *self.log)


Answer: TypeAlias = Ready | Unable | Loaded | Analysis | Points | Due | Moment | Solution | Ended
"""What a worker says."""

_REQUESTS = {b"L": Load, b"R": Run, b"A": Alter, b"S": Solve, b"T": Stretch, b"H": Halt}
_ANSWERS = {
    b"r": Ready,
    b"u": Unable,
    b"l": Loaded,
    b"a": Analysis,
    b"p": Points,
    b"d": Due,
    b"m": Moment,
    b"s": Solution,
    b"e": Ended,
}
_KINDS = {kind: mark for mark, kind in {**_REQUESTS, **_ANSWERS}.items()}


def encode(message: Request | Answer) -> bytes:
    """Write a message.

    Args:
        message: What to say.

    Returns:
        Its bytes.
    """
    return _KINDS[type(message)] + _encoder().encode(message)


def decode_request(body: bytes) -> Request:
    """Read what a session asked.

    Args:
        body: A message's bytes.

    Returns:
        The request.

    Raises:
        Garbled: When it is none, or out of its bounds.
    """
    return _decoded(body, _REQUESTS)  # type: ignore[no-any-return]


def decode_answer(body: bytes) -> Answer:
    """Read what a worker said, believing nothing.

    Args:
        body: A message's bytes.

    Returns:
        The answer.

    Raises:
        Garbled: When it is none, or out of its bounds.
    """
    return _decoded(body, _ANSWERS)  # type: ignore[no-any-return]


def printable(text: str, most: int = _LOG_CHARACTERS) -> str:
    """A line as a worker may send it: control characters replaced, cut to a length.

    Args:
        text: Any text.
        most: Characters to keep.

    Returns:
        The line.
    """
    return _UNPRINTABLE.sub("�", text.replace("\t", " ").rstrip())[:most]


def _decoded(body: bytes, kinds: dict[bytes, Any]) -> Any:
    kind = kinds.get(body[:1])
    if kind is None:
        raise Garbled(f"a message of no known kind: {body[:1]!r}")
    try:
        return _decoder(kind).decode(memoryview(body)[1:])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Garbled(f"a message that is no {kind.__name__}: {str(error)[:200]}") from error


def _printable(*texts: str) -> None:
    if _UNPRINTABLE.search("".join(texts)):
        raise ValueError("a control character in a name or a line")


@cache
def _encoder() -> msgspec.msgpack.Encoder:
    return msgspec.msgpack.Encoder(enc_hook=_as_bytes)


@cache
def _decoder(kind: type[Any]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind, dec_hook=_as_numbers)


def _as_bytes(numbers: object) -> bytes:
    return np.ascontiguousarray(numbers, dtype=np.float64).tobytes()


def _as_numbers(_kind: Callable[..., Any], data: object) -> Floats:
    if not isinstance(data, bytes):
        raise ValueError("numbers must come as bytes")  # noqa: TRY004 - msgspec passes this one on
    # An own copy in line: a view into a message need not stand on a multiple of eight bytes.
    return np.frombuffer(data, dtype=np.float64)
