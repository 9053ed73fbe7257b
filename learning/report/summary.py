"""A finished run in the words and figures a terminal can show.

The sentences and the ledger's order live here and the report borrows them, so that the two never
tell different stories.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill

from learning.fidelity.plants import SPICE
from learning.measure.audit import RESIDUAL_LIMIT
from learning.measure.disagreement import BILL_LIMIT, TABLES_LIMIT
from learning.measure.ledger import BLOCKS
from learning.report.buildable import area_words, chip_words
from learning.report.comparison import comparison, number, standings
from learning.report.quantity import engineering, percent, scientific, times
from learning.report.retention import keeping_words
from learning.report.unit_rows import RATIO, told_energy, unit_rows
from learning.result.result import Result, UsedFile
from learning.tasks.columns import told
from netlist.parts import slots

WIDTH = 100
"""Columns of the summary."""

NO_AUDIT = "not audited (measure.audit = false): nothing vouches for the ledger"
"""What takes the balance's place in a run without one."""

_NAMES = {block.name: block.title for block in slots.BLOCKS}
"""The ledger's blocks as readers see them."""

_ENDINGS = {
    "completed": "It stopped at the last epoch the design allows.",
    "tolerance reached": "It stopped because the error reached the tolerance.",
    "no progress": "It stopped because the error no longer fell.",
}

_LEARNED = 2.0
"""An error that fell by less than this factor is hardly a lesson learned."""


def summary(result: Result) -> str:
    """Tell a run's outcome as plain text.

    Args:
        result: A run's figures.

    Returns:
        Lines of at most 100 columns: what disagrees, headline, run, ledger, declared costs,
        balance, inference, retention, units, accuracy and warnings; ends with a newline.
    """
    sections = [
        [_line(f"{result.design}: {result.description or 'no description'}")],
        [_line(f"NOT TO BE TRUSTED: {one}") for one in result.disagreements],
        [_line(sentence) for sentence in (*headline(result), comparison(result)) if sentence],
        list(_run(result)),
        list(_ledger_table(result)),
        list(_declared_table(result)),
        list(_balance(result)),
        list(_inference(result)),
        list(_keeping(result)),
        list(_units(result)),
        list(_answers(result)),
        [_line(f"warning: {warning}", "  ") for warning in result.warnings],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def headline(result: Result) -> tuple[str, str, str]:
    """Put the outcome into three sentences.

    Args:
        result: A run's figures.

    Returns:
        What was learned, why the run ended, and what everything around the network cost.
    """
    epochs = result.epochs
    noun = "epoch" if epochs == 1 else "epochs"
    span = engineering(result.simulated_time_s, "s")
    ending = _ENDINGS.get(result.status, f"It stopped: {result.status}.")
    endings = " ".join(sentence for sentence in (ending, enough(result)) if sentence)
    return f"{lesson(result)}, in {epochs} {noun} / {span} of circuit time.", endings, price(result)


def enough(result: Result) -> str:
    """Say what it took to reach the design's tolerance.

    Args:
        result: A run's figures.

    Returns:
        One sentence; empty where no tolerance was reached, or nobody knows what it took.
    """
    reached = result.to_tolerance
    if reached is None or reached.energy_J is None:
        return ""
    spent = f"{reached.presentations} presentations and {engineering(reached.energy_J, 'J')}"
    return f"It took {spent} of learning to reach {scientific(reached.tolerance_V2)} V²."


def lesson(result: Result) -> str:
    """Say whether the error fell, and how far.

    Args:
        result: A run's figures.

    Returns:
        A clause without a full stop.
    """
    initial, final = result.error_V2.initial, result.error_V2.final
    change = f"error {scientific(initial)} V² → {scientific(final)} V²"
    if final < initial:
        gain = f"{times(initial / final)} lower" if final > 0 else "down to nothing"
        hardly = final > 0 and initial / final < _LEARNED
        return f"The network {'hardly learned' if hardly else 'learned'}: {change}, {gain}"
    gain = f"{times(final / initial)} as much" if initial > 0 else "no error to begin with"
    return f"The network did not learn: {change}, {gain}"


def price(result: Result) -> str:
    """Put the overhead ratio into words.

    Args:
        result: A run's figures.

    Returns:
        One sentence.
    """
    ratio = result.overhead_ratio
    if ratio is None:
        return "The networks took no energy, so that there is no overhead ratio."
    words = times(ratio).replace("×", " times")
    return f"Everything around the network burned {words} what the network burned."


def balance_verdict(result: Result) -> tuple[bool | None, str]:
    """Judge the energy balance: the audit's two sides, and the run's bill against the audit.

    Args:
        result: A run's figures.

    Returns:
        Whether it closes (None without an audit), and a clause that says so.
    """
    balance = result.energy_balance
    if balance is None:
        return None, NO_AUDIT
    off, by_tables = balance.bill_residual, result.fidelity.name != SPICE
    most = TABLES_LIMIT if by_tables else BILL_LIMIT
    closes = balance.residual <= RESIDUAL_LIMIT and (off is None or off <= most)
    verdict = "closes" if closes else "DOES NOT CLOSE"
    residual = f"residual {scientific(balance.residual, digits=2)}, limit {RESIDUAL_LIMIT:g}"
    if off is None:
        return closes, f"{verdict}: {residual}"
    bill = f"the run's bill off by {scientific(off, digits=2)}, limit {most:g}"
    return closes, f"{verdict}: {residual}; {bill}"


def accuracies(result: Result) -> tuple[tuple[str, str], ...]:
    """Share of examples in the right class.

    Args:
        result: A run's figures.

    Returns:
        (which examples, percent); empty when the task has no classes.
    """
    right = result.accuracy
    if right is None:
        return ()
    named = (("training", right.train), ("unseen", right.test))
    return tuple((name, percent(part)) for name, part in named if part is not None)


def repetition(result: Result) -> str:
    """The command that, given in a run's folder, repeats the run.

    Args:
        result: A run's figures.
    """
    return f"joulearn learn design.toml --seed {result.seed} --out again"


def where(result: Result) -> str:
    """The process, and at which corner, temperature and supply it was run.

    Args:
        result: A run's figures.
    """
    found = [result.process, f"corner {result.corner}" if result.corner else ""]
    if result.temperature_C is not None:
        found.append(f"{result.temperature_C:g} °C".replace("-", "−"))
    if result.rail_V is not None:
        found.append(f"{result.rail_V:g} V")
    return ", ".join(part for part in found if part)


def cells(result: Result) -> tuple[tuple[str, str], ...]:
    """The cell in every slot; one of the user's own by its file.

    Args:
        result: A run's figures.

    Returns:
        (slot, cell).
    """
    made = result.made_of.cells if result.made_of else {}
    return tuple(
        (slot, told_file(made[slot]) if slot in made and made[slot].own else name)
        for slot, name in result.cells.items()
    )


def told_file(file: UsedFile) -> str:
    """A file by its path, whose it is, and the beginning of its digest.

    Args:
        file: The file.
    """
    return f"{file.path} ({'yours, ' if file.own else ''}SHA-256 {file.sha256[:12]}…)"


def ledger(energy_J: Mapping[str, float]) -> tuple[tuple[str, str, float], ...]:
    """Order the ledger and name its blocks.

    Args:
        energy_J: Energy by block, joules; "total" is not a block.

    Returns:
        (key, name, energy in joules) in the ledger's order, unknown blocks last.
    """
    keys = [key for key in BLOCKS if key in energy_J]
    keys += [key for key in energy_J if key not in BLOCKS and key != "total"]
    return tuple((key, _NAMES.get(key, key.replace("_", " ")), energy_J[key]) for key in keys)


def share(part: float, whole: float) -> float:
    """The fraction a part is of a whole; not a number when there is no whole."""
    return part / whole if whole else float("nan")


def _line(text: str, indent: str = "") -> str:
    return fill(" ".join(text.split()), WIDTH, subsequent_indent=indent)


def _run(result: Result) -> Iterator[str]:
    engine, edges = result.engine, len(result.network.edges)
    yield _field("circuit", f"{edges} edges, {result.transistors} transistors in {where(result)}")
    if area_words(result):
        yield _field("area", area_words(result))
    if result.chip is not None:
        yield _field("chip", ": ".join(chip_words(result)))
    yield _field("cells", ", ".join(f"{slot} = {name}" for slot, name in cells(result)))
    if result.made_of is not None and result.made_of.data is not None:
        yield _field("data", told_file(result.made_of.data))
    for index, line in enumerate(told(result.table) if result.table else ()):
        yield _field("" if index else "table", line)
    yield _field(
        "run",
        f"{result.presentations} presentations and {result.evaluation_presentations} with "
        f"learning off, seed {result.seed}",
    )
    yield _field(
        "engine",
        f"{engine.name} {engine.version}, {engineering(result.wall_time_s, 's')} wall, "
        f"{engineering(result.solver_time_s, 's')} solver",
    )
    versions = (f"{name} {number}" for name, number in result.versions.items())
    yield _field("versions", ", ".join(versions))
    yield _field("repeat", f"in the run's folder: {repetition(result)}")


def _field(name: str, text: str) -> str:
    return fill(
        f"{name:<12}{text}",
        WIDTH,
        subsequent_indent=" " * 12,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _ledger_table(result: Result) -> Iterator[str]:
    energy, power = result.energy_J, result.power_W
    rows = [*ledger(energy), ("total", "total", energy["total"])]
    rule = "-" * 62
    yield _row("block", "energy", "mean power", "share")
    yield rule
    for key, name, joules in rows:
        if key == "total":
            yield rule
        fraction = percent(share(joules, energy["total"]))
        yield _row(name[:24], engineering(joules, "J"), engineering(power.get(key), "W"), fraction)


def _declared_table(result: Result) -> Iterator[str]:
    """A table of its own, so that nobody takes a declared figure for a simulated one."""
    if result.energy_with_declared_J is None:
        return
    yield "declared, not simulated       energy   source"
    yield "-" * 62
    for name, cost in result.declared.items():
        head = f"{name.replace('_', ' ')[:24]:<24}{engineering(cost.energy_J, 'J'):>13}   "
        yield fill(f"{head}{cost.source}", WIDTH, subsequent_indent=" " * 40)
    yield "-" * 62
    total = engineering(result.energy_with_declared_J, "J")
    yield f"{'simulated and declared':<24}{total:>13}"


def _row(name: str, energy: str, power: str, fraction: str) -> str:
    return f"{name:<24}{energy:>13}{power:>14}{fraction:>11}"


def _balance(result: Result) -> Iterator[str]:
    balance, (_, verdict) = result.energy_balance, balance_verdict(result)
    yield _field("balance", verdict)
    if balance is not None:
        sides = (
            f"{key} {engineering(joules, 'J')}"
            for key, joules in (
                ("supplied", balance.supplied_J),
                ("dissipated", balance.dissipated_J),
                ("stored", balance.stored_J),
                ("billed", balance.bill_J),
            )
            if joules is not None
        )
        yield _field("", ", ".join(sides))
        yield _field("", f"measured over: {balance.window}")


def _inference(result: Result) -> Iterator[str]:
    cost = result.inference
    settling_s = cost.settling_time_s
    settles = "does not settle" if settling_s is None else f"settles in {_seconds(settling_s)}"
    yield _field(
        "inference",
        f"{engineering(cost.energy_per_query_J, 'J')} per query, {settles}, "
        f"{engineering(cost.power_W, 'W')}, learning off",
    )
    right = accuracies(result)
    if right:
        yield _field("accuracy", ", ".join(f"{part} {name}" for name, part in right))


def _keeping(result: Result) -> Iterator[str]:
    for index, words in enumerate(keeping_words(result)):
        yield _field("" if index else "retention", words)


def _units(result: Result) -> Iterator[str]:
    """Energy in units of edges, updates and queries, published figures below their unit."""
    rows = unit_rows(result)
    if not rows:
        return
    yield f"{'energy':<40}{'whole machine':>16}{'networks only':>16}"
    yield "-" * 72
    for row in rows:
        yield f"{row.unit:<40}{row.machine:>16}{row.networks:>16}"
        for one in row.published:
            told = f"  published: {one.name}, {told_energy(one)} ({one.counted}; {one.source})"
            yield fill(told, WIDTH, subsequent_indent=" " * 4)
    yield _line(RATIO)


def _answers(result: Result) -> Iterator[str]:
    """Errors of the network and of what it is compared with."""
    rows = standings(result)
    if not rows:
        return
    yield f"{'mean squared error':<50}{'training':>16}{'unseen':>16}"
    yield "-" * 82
    for row in rows:
        train, test = (scientific(e, "V²") for e in (row.errors.train_V2, row.errors.test_V2))
        yield f"{row.name:<50}{train:>16}{test:>16}"
        if row.r2 is not None:
            yield f"{'  R²':<50}{number(row.r2[0]):>16}{number(row.r2[1]):>16}"


def _seconds(time_s: float) -> str:
    return engineering(time_s, "s")
