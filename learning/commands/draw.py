"""``joulearn draw``: a cell as a picture or for xschem, or a deck's connections as a graph."""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from learning.commands.command import DONE, say
from learning.errors import LearningError
from learning.writing import require_writable, write_bytes, write_text
from netlist.checks.title import surveyed
from netlist.circuit import Circuit, Subcircuit
from netlist.errors import NetlistError
from netlist.naming import find_file
from netlist.parts.cell import cell_files
from netlist.parts.drawn import in_metres, whole_cell, with_top
from netlist.passes.connectivity import connectivity, write_graphml
from netlist.reading import DECK, read_text

if TYPE_CHECKING:
    from netlist.views.drawing import Form


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("deck", metavar="CELL|DECK", help="a shipped cell, or a file")
    parser.add_argument(
        "--subcircuit", metavar="NAME", help="the one to draw; the whole by default"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE",
        help="a .svg, .png or .pdf for a picture, a .sch for xschem, a .graphml for the "
        "connections of the whole deck",
    )  # fmt: skip
    parser.add_argument(
        "--process", choices=["sky130"], help="of a .sch: transistors by the foundry's own symbols"
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    circuit, path, text = _read(options.deck)
    kind = options.output.suffix.lower()
    require_writable(options.output, "-o")
    if kind == ".graphml":
        graph, content = connectivity(circuit), BytesIO()
        write_graphml(graph, content)
        write_bytes(options.output, content.getvalue())
        devices = sum(1 for vertex in graph if vertex.startswith("device:"))
        facts = {"file": str(options.output), "devices": devices}
        facts["nodes"] = graph.number_of_nodes() - devices
        say(options, facts, f"{options.output}: {devices} devices, {facts['nodes']} nodes\n")
        return DONE
    if kind == ".sch":
        return _schematic(circuit, options, options.subcircuit or _whole(circuit, path, text))
    if options.process:
        raise LearningError(
            "a picture has no symbols of a process",
            where=f"--process {options.process}",
            hint="-o cell.sch",
        )
    forms: dict[str, Form] = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
    if kind not in forms:
        raise LearningError(
            f"no picture can be written as {kind or 'a file without a suffix'}",
            where=str(options.output),
            hint=f"a picture: {', '.join(forms)}; for xschem: .sch; connections: .graphml",
        )
    # Imported when asked for: schemdraw brings a plotting library that other commands do not need.
    from netlist.views.drawing import draw_subcircuit  # noqa: PLC0415

    circuit = _with_transistors(circuit)
    name = options.subcircuit or _whole(circuit, path, text)
    write_bytes(options.output, draw_subcircuit(circuit, name, forms[kind]))
    facts = {"file": str(options.output), "subcircuit": name}
    say(options, facts, f"{options.output}: subcircuit {name}\n")
    return DONE


def _read(name: str) -> tuple[Circuit, Path, str]:
    shipped = cell_files()
    refusal = NetlistError(
        "there is no such file and no such shipped cell",
        where=name,
        hint=f"cells: {', '.join(shipped)}",
    )
    path = find_file(name, shipped, refusal)
    text = with_top(read_text(path, DECK))
    return surveyed(text, str(path))[0], path, text


def _schematic(circuit: Circuit, options: argparse.Namespace, name: str) -> int:
    """A schematic and its symbol, and those of every subcircuit in it, beside each other."""
    from netlist.views.xschem import xschem_files  # noqa: PLC0415

    output: Path = options.output
    circuit = _with_transistors(circuit)
    files = xschem_files(circuit, name, called=output.stem, foundry=bool(options.process))
    written = {output.with_name(file): text for file, text in files.items()}
    for beside, text in written.items():
        # Somebody may have gone on drawing there.
        if beside != output and beside.exists() and read_text(beside, DECK) != text:
            raise LearningError(
                "this file, which would be written as well, is there and is another",
                where=str(beside),
                hint="-o in a folder of its own, or move the file away",
            )
    for beside, text in written.items():
        write_text(beside, text)
    facts = {"files": [str(one) for one in written], "subcircuit": name}
    others = ", ".join(one.name for one in written if one != output)
    say(options, facts, f"{output}: subcircuit {name}; beside it {others}\n")
    return DONE


def _with_transistors(circuit: Circuit) -> Circuit:
    """The same with a foundry's calls as transistors, unless one is of another device."""
    with suppress(NetlistError):
        return replace(circuit, body=in_metres(circuit.body))
    return circuit


def _whole(circuit: Circuit, path: Path, text: str) -> str:
    found = [s for s in circuit.body if isinstance(s, Subcircuit)]
    if not found:
        raise NetlistError(
            "this file has no subcircuit to draw", str(path), "-o deck.graphml for its connections"
        )
    return whole_cell(found, path.stem, text).name
