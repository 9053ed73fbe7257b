"""``joulearn stats``: what a deck, a cell or a design is made of, and what that takes on a chip."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from learning.commands.command import DONE, say
from learning.commands.diff import read_deck
from netlist.circuit import Comment, Directive, Model, Parameter, Subcircuit
from netlist.errors import NetlistError
from netlist.machine.area import Area, areas, per_edge, total
from netlist.naming import nearest
from netlist.parts.cell import cell_files
from netlist.parts.process import Process
from netlist.passes.inventory import Inventory, inventory
from netlist.reading import DECK, read_text
from netlist.text.parser import parse_library


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("what", metavar="DECK", help="a SPICE deck, a cell, or a design")
    parser.add_argument(
        "--process", metavar="NAME", help="area of a cell or a design in this process"
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    what, there = options.what, Path(options.what).is_file()
    if what in cell_files() and not there:
        return _cell(options)
    if what.endswith(".toml") or (not there and not Path(what).suffix):
        return _design(options)
    if options.process:
        return _cell(options)
    try:
        rows = inventory(read_deck(Path(what)))
    except NetlistError:
        # A cell's transistors are the process's, which its file leaves to whoever includes it.
        if not _only_subcircuits(Path(what)):
            raise
        return _cell(options)
    say(options, [asdict(row) for row in rows], "".join(_lines(rows)))
    return DONE


def _only_subcircuits(path: Path) -> bool:
    try:
        statements = parse_library(read_text(path, DECK), str(path))
    except NetlistError:
        return False
    kinds = {type(statement) for statement in statements} - {Comment, Directive, Model, Parameter}
    return kinds == {Subcircuit}


def _cell(options: argparse.Namespace) -> int:
    from netlist.machine.one_cell import one_cell  # noqa: PLC0415 - a deck needs no process
    from netlist.parts.process import load_process  # noqa: PLC0415
    from netlist.parts.recognised import recognised  # noqa: PLC0415

    process = load_process(options.process or "generic180")
    cell, _ = recognised(options.what)
    found = areas(one_cell(cell, process), process.passives)
    facts = {"cell": cell.name, "slot": cell.slot, "process": process.name}
    head = f"{cell.name}, {cell.slot} cell, in {process.name}\n"
    say(
        options,
        facts | area_facts(found, None),
        head + "".join(area_lines(found, None)) + _parts(process),
    )
    return DONE


def _design(options: argparse.Namespace) -> int:
    from learning.design.read import find_design, load_design  # noqa: PLC0415 - heavy, and rarer
    from learning.errors import LearningError  # noqa: PLC0415
    from learning.experiment.prepare import prepare  # noqa: PLC0415

    try:
        path = find_design(options.what)
    except LearningError as error:
        near = nearest(options.what, cell_files())
        hint = f"a deck's path, a shipped cell{f' ({near}?)' * bool(near)}, or a design"
        raise LearningError(error.message, options.what, hint) from None
    settings = [f"process={options.process}"] if options.process else []
    experiment = prepare(load_design(path, settings))
    n_edge, process = len(experiment.network.edges), experiment.process
    found = areas(experiment.whole.circuit, process.passives)
    facts = {"design": experiment.design.name, "process": process.name, "edges": n_edge}
    head = f"{experiment.design.name}, {n_edge} edges, in {process.name}\n"
    say(
        options,
        facts | area_facts(found, n_edge),
        head + "".join(area_lines(found, n_edge)) + _parts(process),
    )
    return DONE


def _parts(process: Process) -> str:
    return f"{process.name} is parts on a board: such areas mean nothing.\n" * process.discrete


def area_facts(found: Mapping[str, Area], n_edge: int | None) -> dict[str, object]:
    """Areas for a script, square metres."""
    rows = {**found, "total": total(found)}
    if n_edge:
        rows["per_edge"] = per_edge(found, n_edge)
    return {"area": {name: {**asdict(a), "total_m2": a.total_m2} for name, a in rows.items()}}


def area_lines(found: Mapping[str, Area], n_edge: int | None) -> Iterator[str]:
    """Areas for a person, square micrometres."""
    yield f"{'slot':<14}{'transistors':>12}{'gates':>12}{'capacitors':>12}{'resistors':>12}"
    yield f"{'total':>12}\n"
    rows = [*found.items(), ("total", total(found))]
    rows += [("per edge", per_edge(found, n_edge))] if n_edge else []
    for name, area in rows:
        parts = (area.gate_m2, area.capacitor_m2, area.resistor_m2, area.total_m2)
        yield f"{name:<14}{area.transistors:>12g}"
        yield "".join(f"{part * 1e12:>12.6g}" for part in parts) + " µm²\n"
    yield "Devices alone: diffusions, wells, wires and spacing are about as much again.\n"
    yield "Parallel transistors are counted each; `joulearn show` and reports count them as one.\n"


def _lines(rows: tuple[Inventory, ...]) -> Iterator[str]:
    yield f"{'subcircuit':<20}{'uses':>6}{'transistors':>13}{'gate area':>15}   devices\n"
    for row in rows:
        area = "unknown" if row.gate_area_m2 is None else f"{row.gate_area_m2 * 1e12:.6g} µm²"
        devices = " ".join(f"{letter}:{count}" for letter, count in row.devices.items())
        name = row.name or "(whole deck)"
        yield f"{name:<20}{row.uses:>6}{row.transistors:>13g}{area:>15}   {devices}\n"
        if row.problem:
            yield f"  {row.problem}\n"
