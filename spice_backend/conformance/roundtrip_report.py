"""What a round trip through a folder amounts to: shares, and each of the rest with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from netlist.text.deckfile import Kind
from spice_backend.conformance.printed import ABSOLUTE, OF_LARGEST, RELATIVE
from spice_backend.conformance.roundtrip import Result, Verdict

_ORDER = (
    Result.DIFFERENT,
    Result.UNWRITTEN,
    Result.RANDOM,
    Result.TIMEOUT,
    Result.FAILS,
    Result.UNTRUSTED,
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Counts of a folder; a share is None when there is nothing to count.

    Attributes:
        verdicts: Every file that was looked at.
        left: Files that were not, because somebody stopped.
    """

    verdicts: tuple[Verdict, ...]
    left: int = 0

    def decks(self) -> tuple[Verdict, ...]:
        """The decks among the files."""
        return tuple(v for v in self.verdicts if v.kind is Kind.DECK)

    def count(self, result: Result) -> int:
        """How many decks ended so."""
        return sum(v.result is result for v in self.decks())

    @property
    def read(self) -> float | None:
        """Share of decks of which nothing is left unread."""
        return _share(sum(not v.unread for v in self.decks()), len(self.decks()))

    @property
    def same(self) -> float | None:
        """Share of decks with the same result, among those that ngspice computes in time."""
        same = self.count(Result.SAME)
        return _share(same, same + self.count(Result.DIFFERENT))

    def differs(self) -> bool:
        """Whether any deck gives another result."""
        return self.count(Result.DIFFERENT) > 0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def facts(shares: Shares) -> dict[str, Any]:
    """What ``--json`` prints.

    Args:
        shares: Of a folder.

    Returns:
        Names and numbers; every file that is not plainly well, with its reason.
    """
    return {
        "decks": len(shares.decks()),
        "libraries": sum(v.kind is Kind.LIBRARY for v in shares.verdicts),
        "scripts": sum(v.kind is Kind.SCRIPT for v in shares.verdicts),
        "left": shares.left,
        "read_share": shares.read,
        "same_share": shares.same,
        "results": {result.name.lower(): shares.count(result) for result in Result},
        "tolerance": {"relative": RELATIVE, "absolute": ABSOLUTE, "of_largest": OF_LARGEST},
        "rest": [
            {
                "file": str(v.path),
                "kind": v.kind.value,
                "unread": v.unread,
                "result": v.result.name.lower(),
                "reason": v.reason,
            }
            for v in shares.verdicts
            if v.unread or v.reason
        ],
    }


def text(shares: Shares) -> str:
    """What a person reads: the shares, then each of the rest.

    Args:
        shares: Of a folder.

    Returns:
        Lines, the last one ended too.
    """
    return "".join(f"{line}\n" for line in (*_headline(shares), *_rest(shares.verdicts)))


def _headline(shares: Shares) -> Iterator[str]:
    decks = shares.decks()
    if shares.left:
        looked = len(shares.verdicts)
        yield f"stopped after {looked} of {looked + shares.left} files; what follows is of these"
    yield (
        f"{len(decks)} decks, {sum(v.kind is Kind.LIBRARY for v in shares.verdicts)} libraries, "
        f"{sum(v.kind is Kind.SCRIPT for v in shares.verdicts)} scripts of commands"
    )
    clean = sum(not v.unread for v in decks)
    yield f"read with nothing left raw: {clean} of {len(decks)} decks{_percent(shares.read)}"
    same, different = shares.count(Result.SAME), shares.count(Result.DIFFERENT)
    if same or different:
        yield (
            f"same ngspice result from the emitted text: {same} of {same + different} decks"
            f"{_percent(shares.same)}"
        )
        yield (
            f"  a number may differ by {RELATIVE:g} of itself, by {ABSOLUTE:g}, "
            f"or in raw data by {OF_LARGEST:g} of its vector's largest"
        )
    for result in _ORDER[1:]:
        if shares.count(result):
            yield f"  not compared, {result.value}: {shares.count(result)}"


def _percent(share: float | None) -> str:
    return "" if share is None else f", {100 * share:.1f} %"


def _rest(verdicts: Sequence[Verdict]) -> Iterator[str]:
    raw = [v for v in verdicts if v.unread]
    if raw:
        yield "not wholly read:"
        yield from (f"  {v.path}: {_first_line(v.unread, str(v.path))}" for v in raw)
    for result in _ORDER:
        found = [v for v in verdicts if v.kind is Kind.DECK and v.result is result]
        if found:
            yield f"{result.value}:"
            yield from (f"  {v.path}: {_first_line(v.reason, str(v.path))}" for v in found)


def _first_line(reason: str, path: str) -> str:
    return reason.split("\n", 1)[0].removeprefix(f"{path}:")
