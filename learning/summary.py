"""A finished run in the words and figures a terminal can show.

The sentences and the ledger's order live here and the report borrows them, so that the two never
tell different stories.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import Any, TypeAlias

from learning.quantity import engineering, percent, scientific, times

Result: TypeAlias = Mapping[str, Any]
"""What ``result.json`` holds: SI units in the key names."""

WIDTH = 100
"""Columns of the summary."""

RESIDUAL_LIMIT = 1e-3
"""A balance that closes worse than this part of the supplied energy is not to be trusted."""

BLOCKS = {
    "network_free": "network, free",
    "network_clamped": "network, clamped",
    "update": "update cells",
    "clamp": "clamp (nudge)",
    "bias": "bias",
    "control": "control",
    "drivers": "input drivers",
}
"""The ledger's blocks in its order, with the names readers see."""

_ENDINGS = {
    "tolerance": "It stopped because the error reached the tolerance.",
    "epochs": "It stopped at the last epoch the design allows.",
    "no progress": "It stopped because the error no longer fell.",
}


def summary(result: Result) -> str:
    """Tell a run's outcome as plain text.

    Args:
        result: The contents of ``result.json``.

    Returns:
        Lines of at most 100 columns: headline, run, ledger, balance, inference, accuracy and
        warnings; ends with a newline.
    """
    sections = [
        [_line(f"{result['design']}: {result.get('description') or 'no description'}")],
        [_line(sentence) for sentence in headline(result)],
        list(_run(result)),
        list(_ledger_table(result)),
        list(_balance(result)),
        list(_inference(result)),
        [_line(f"warning: {warning}", "  ") for warning in result.get("warnings") or ()],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def headline(result: Result) -> tuple[str, str, str]:
    """Put the outcome into three sentences.

    Args:
        result: The contents of ``result.json``.

    Returns:
        What was learned, why the run ended, and what everything around the network cost.
    """
    error = result["error_V2"]
    initial, final = error["initial"], error["final"]
    change = f"error {scientific(initial)} V² → {scientific(final)} V²"
    if final < initial:
        gain = f"{times(initial / final)} lower" if final > 0 else "down to nothing"
        change = f"The network learned: {change}, {gain}"
    else:
        gain = f"{times(final / initial)} as much" if initial > 0 else "up from nothing"
        change = f"The network did not learn: {change}, {gain}"
    epochs = result["epochs"]
    noun = "epoch" if epochs == 1 else "epochs"
    span = engineering(result["simulated_time_s"], "s")
    ending = _ENDINGS.get(result["status"], f"It stopped: {result['status']}.")
    ratio = times(result["overhead_ratio"]).replace("×", " times")
    overhead = f"Everything around the network burned {ratio} what the network burned."
    return f"{change}, in {epochs} {noun} / {span} of circuit time.", ending, overhead


def ledger(energy_J: Mapping[str, float]) -> tuple[tuple[str, str, float], ...]:
    """Order the ledger and name its blocks.

    Args:
        energy_J: Energy by block, joules; "total" is not a block.

    Returns:
        (key, name, energy in joules) in the ledger's order, unknown blocks last.
    """
    keys = [key for key in BLOCKS if key in energy_J]
    keys += [key for key in energy_J if key not in BLOCKS and key != "total"]
    return tuple((key, BLOCKS.get(key, key.replace("_", " ")), energy_J[key]) for key in keys)


def share(part: float, whole: float) -> float:
    """The fraction a part is of a whole; not a number when there is no whole."""
    return part / whole if whole else float("nan")


def _line(text: str, indent: str = "") -> str:
    return fill(" ".join(text.split()), WIDTH, subsequent_indent=indent)


def _run(result: Result) -> Iterator[str]:
    cells = ", ".join(f"{pin} {name}" for pin, name in result["cells"].items())
    engine = result["engine"]
    yield _field("circuit", f"{result['transistors']} transistors, {result['process']}; {cells}")
    yield _field("run", f"{result['presentations']} presentations, seed {result['seed']}")
    yield _field(
        "engine",
        f"{engine['name']} {engine['version']}, {engineering(result['wall_time_s'], 's')} wall, "
        f"{engineering(result['solver_time_s'], 's')} solver",
    )


def _field(name: str, text: str) -> str:
    return fill(f"{name:<12}{text}", WIDTH, subsequent_indent=" " * 12)


def _ledger_table(result: Result) -> Iterator[str]:
    energy, power = result["energy_J"], result["power_W"]
    rows = [*ledger(energy), ("total", "total", energy["total"])]
    rule = "-" * 62
    yield _row("block", "energy", "mean power", "share")
    yield rule
    for key, name, joules in rows:
        if key == "total":
            yield rule
        fraction = percent(share(joules, energy["total"]))
        yield _row(name[:24], engineering(joules, "J"), engineering(power.get(key), "W"), fraction)


def _row(name: str, energy: str, power: str, fraction: str) -> str:
    return f"{name:<24}{energy:>13}{power:>14}{fraction:>11}"


def _balance(result: Result) -> Iterator[str]:
    balance = result["energy_balance"]
    for key in ("supplied", "dissipated", "stored"):
        yield f"{key:<24}{engineering(balance[f'{key}_J'], 'J'):>13}"
    residual = balance["residual"]
    verdict = "closes" if residual <= RESIDUAL_LIMIT else "DOES NOT CLOSE"
    limit = f"{RESIDUAL_LIMIT:g}"
    yield f"{'residual':<24}{scientific(residual, digits=2):>13}   {verdict} (limit {limit})"


def _inference(result: Result) -> Iterator[str]:
    cost = result["inference"]
    yield _field(
        "inference",
        f"{engineering(cost['energy_per_query_J'], 'J')} per query, settles in "
        f"{engineering(cost['settling_time_s'], 's')}, {engineering(cost['power_W'], 'W')}",
    )
    right = result.get("accuracy")
    if right:
        figures = (f"{name} {percent(part)}" for name, part in right.items() if part is not None)
        yield _field("accuracy", ", ".join(figures))
