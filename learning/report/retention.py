"""How a machine keeps what it learned, in words: retention, droop, start-up, breaks and waits."""

from __future__ import annotations

from collections.abc import Iterator

from learning.report.quantity import engineering, scientific
from learning.result.result import Result


def keeping_words(result: Result) -> tuple[str, ...]:
    """Retention, droop and start-up, each with how it was found; a wait and broken edges.

    Args:
        result: A run's figures.

    Returns:
        Clauses for a reader; none for a result without such figures.
    """
    return (*_bench_words(result), *_wear_words(result))


def _wear_words(result: Result) -> Iterator[str]:
    """What a wait and broken edges did, as the run had it."""
    if result.held is not None:
        held = f"{scientific(result.held.error_V2)} V² after {_s(result.held.hold_s)} of waiting"
        yield f"error {scientific(result.error_V2.final)} V² after learning, {held}"
    broken = result.broken
    if broken is not None:
        edges = ", ".join(map(str, broken.edges)) or "none"
        before = broken.error_before_V2
        sound = "" if before is None else f"error {scientific(before)} V² before, "
        yield (
            f"broken edges ({broken.kind}): {edges}; {sound}"
            f"{scientific(result.error_V2.initial)} V² right after, "
            f"{scientific(result.error_V2.final)} V² after learning again"
        )


def _s(time_s: float) -> str:
    return engineering(time_s, "s")


def _bench_words(result: Result) -> tuple[str, ...]:
    found = result.keeping
    if found is None:
        return ()
    leaks, droops, start = (
        (
            f"{_told(found.droop_s)} as the models leak, {engineering(found.leak_A, 'A')} at "
            f"{engineering(found.capacitance_F, 'F')}; {_told(found.run_droop_s)} with the "
            f"simulator's gmin, which the run had ({engineering(found.run_leak_A, 'A')}) (bench)"
        ),
        (
            f"droop between updates: {engineering(found.between_updates_V, 'V')} in a "
            f"presentation, {engineering(found.run_between_updates_V, 'V')} with gmin (bench)"
        ),
        (
            f"start-up: bias lines stand {engineering(found.start_s, 's')} after their rail "
            "begins to rise (bench)"
        ),
    )
    return (leaks, droops) if found.start_s is None else (leaks, droops, start)


def _told(droop_s: float | None) -> str:
    if droop_s is None:
        return "no gate ever moves by 1 %"
    return f"the first gate has moved by 1 % after {engineering(droop_s, 's')}"
