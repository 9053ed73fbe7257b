"""A circuit put together from several files, checked: every finding at its own file's line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from netlist.checks.check import circuit_findings
from netlist.checks.finding import Finding, Lines
from netlist.checks.values import SIZES_M
from netlist.circuit import Circuit, Instance, Primitive, Statement
from netlist.errors import NetlistError
from netlist.passes.sizes import Size, transistor_sizes
from netlist.span import Span


class _Files(Lines):
    """The lines of several files; those of a file nobody handed in are not shown."""

    def __init__(self, texts: Mapping[str, str], name: str) -> None:
        super().__init__("", name)
        self._of = {file: Lines(text, file) for file, text in texts.items()}

    def finding(
        self, name: str, message: str, span: Span | None, word: str = "", hint: str = ""
    ) -> Finding:
        """As `Lines.finding`, in the file the statement comes from."""
        lines = self._of.get(span.file) if span is not None else None
        if lines is not None:
            return lines.finding(name, message, span, word, hint)
        return super().finding(name, message, span, word, hint)

    def number(self, span: Span | None, place: int, value: float) -> str:
        """As `Lines.number`, in the file the statement comes from."""
        lines = self._of.get(span.file) if span is not None else None
        return "" if lines is None else lines.number(span, place, value)


def check_circuit(circuit: Circuit, texts: Mapping[str, str], name: str) -> tuple[Finding, ...]:
    """Check a circuit that was put together.

    Args:
        circuit: The circuit, whole: nothing is included.
        texts: Of the files it was put together from, by the name its statements carry.
        name: Of the circuit, for what stands in no file.

    Returns:
        What is wrong, at the file and line each statement comes from.
    """
    lines = _Files(texts, name)
    return (*circuit_findings(circuit, lines), *_channels(circuit, lines))


def _channels(circuit: Circuit, lines: Lines) -> Iterator[Finding]:
    """Transistors of a size nobody builds, whatever way their sizes reach them."""
    try:
        sizes = transistor_sizes(circuit)
    except NetlistError:
        return  # what cannot be worked out is the simulator's to say
    for size in sizes:
        for letter, value in (("w", size.width_m), ("l", size.length_m)):
            if not SIZES_M[0] <= value < SIZES_M[1] and size.model:
                yield _channel(circuit, lines, letter, value, size)


def _channel(circuit: Circuit, lines: Lines, letter: str, value: float, size: Size) -> Finding:
    written = next((s for s in circuit.statements() if _writes(s, letter, value)), None)
    told = "wide" if letter == "w" else "long"
    message = f"a transistor of model {size.model} is {value:g} m {told}"
    found = lines.finding(
        "unit-slip", message, written.span if written is not None else None, letter
    )
    return replace(found, hint="metres are meant: 1e-6 or 1u is a micrometre")


def _writes(statement: Statement, letter: str, value: float) -> bool:
    if not isinstance(statement, Instance | Primitive):
        return False
    given = {p.name.lower(): p.value for p in statement.parameters}
    return given.get(letter) == value
