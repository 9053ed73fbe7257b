"""How far a run is, as a line for a person and as facts for a program."""

from __future__ import annotations

from dataclasses import asdict

from learning.commands.alive import Alive
from learning.report.quantity import scientific
from learning.running.learned import Progress


def show_progress(alive: Alive, progress: Progress) -> None:
    """Show how far a run is.

    Args:
        alive: Where it is shown.
        progress: How far the run is.
    """
    done = progress.presentations >= progress.total
    facts = {"stage": "learning", **asdict(progress)}
    alive.step(describe(progress), facts, last=done)


def describe(progress: Progress) -> str:
    """Put progress into a line.

    Args:
        progress: How far the run is.

    Returns:
        Presentations done, rate, time left, epoch and error.
    """
    minutes, seconds = divmod(round(progress.left_s), 60)
    left = f"{minutes} min {seconds:02d} s left" if minutes else f"{seconds} s left"
    if progress.presentations >= progress.total:
        left = "all shown"
    return (
        f"{progress.presentations}/{progress.total} presentations, "
        f"{progress.rate_per_s:.1f}/s, {left}, epoch {progress.epochs}, "
        f"error {scientific(progress.error_V2)} V²"
    )
