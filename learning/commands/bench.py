"""``joulearn bench``: a cell alone, measured by its slot's contract, with bounds it must keep."""

from __future__ import annotations

import argparse
from pathlib import Path

from learning.benches.benched import Benched
from learning.commands.command import DONE, FAILED, say
from learning.design.read import find_design, load_design
from learning.errors import LearningError
from learning.report.cell_text import cell_text
from learning.studies.single.cell_bench import bench, facts
from learning.writing import stage
from netlist.errors import NetlistError
from netlist.number import parse_number

_SHOWN = "regression"


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    parser.add_argument("cell", metavar="CELL", help="a shipped cell, or a .cir file of yours")
    parser.add_argument("--process", default="generic180", metavar="NAME", help="device models")
    parser.add_argument("--corners", nargs="+", default=[], metavar="C", help="such as tt ss ff")
    parser.add_argument(
        "--temperatures", nargs="+", type=float, default=[], metavar="T", help="degrees Celsius"
    )
    parser.add_argument(
        "--mismatch", type=int, default=0, metavar="N", help="so many mismatched chips besides"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the chips")
    parser.add_argument("--slot", metavar="SLOT", help="what it is, where its pins leave a choice")
    for option, metavar, told in (
        ("--beside", "SLOT=CELL", "a cell that gives it its lines; may be repeated"),
        ("--parameter", "NAME=VALUE", "a parameter of the cell; may be repeated"),
        ("--bound", "FIGURE=VALUE", "a limit of your own; may be repeated"),
    ):
        parser.add_argument(option, action="append", default=[], metavar=metavar, help=told)
    parser.add_argument("--nudge", type=float, metavar="ETA", help="of a clamp")
    parser.add_argument("--settle", type=float, metavar="S", help="free part of a presentation, s")
    parser.add_argument("--window", type=float, metavar="S", help="part in which it acts, s")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for tables, curves and pictures")


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    _require(options)
    found = bench(
        options.cell,
        process=options.process,
        corners=options.corners,
        temperatures=options.temperatures,
        mismatch=options.mismatch,
        seed=options.seed,
        slot=options.slot,
        beside=dict(_pairs(options.beside, "--beside")),
        parameters=_numbers(options.parameter, "--parameter"),
        bounds=_numbers(options.bound, "--bound"),
        nudge=options.nudge,
        settle_s=options.settle,
        window_s=options.window,
        out=options.out,
        watch=lambda condition: stage(f"measuring at {condition}"),
    )
    where = f"\nfiles: {options.out}\n" if options.out else ""
    say(options, facts(found), cell_text(found) + _instead(found) + where)
    return DONE if found.passed else FAILED


def _instead(found: Benched) -> str:
    """What the design of `make learn` has in this slot, for who benched a cell that fails."""
    design = load_design(find_design(_SHOWN))
    cell = getattr(design.cells, found.slot)
    if found.passed or cell in {None, found.cell}:
        return ""
    return f"\n{_SHOWN} has {cell} in this slot: joulearn bench {cell}\n"


def _require(options: argparse.Namespace) -> None:
    if options.mismatch < 0:
        raise LearningError(f"{options.mismatch} chips are none", "--mismatch", "0 or more")
    for name in ("settle", "window"):
        value = getattr(options, name)
        if value is not None and not 2e-6 <= value <= 1e-2:  # noqa: PLR2004
            raise LearningError(
                f"a presentation with {value:g} s cannot be played",
                f"--{name}",
                "from 2e-6 to 1e-2 s; lines take 1e-6 s to move",
            )


def _pairs(given: list[str], option: str) -> list[tuple[str, str]]:
    found = [text.partition("=") for text in given]
    for name, equals, value in found:
        if not (name and equals and value):
            text = f"{name}{equals}{value}"
            raise LearningError(f"{text!r} names no value", option, f"{option} NAME=VALUE")
    return [(name, value) for name, _, value in found]


def _numbers(given: list[str], option: str) -> dict[str, float]:
    found = {}
    for name, text in _pairs(given, option):
        try:
            found[name] = parse_number(text)
        except NetlistError as error:
            raise LearningError(error.message, f"{option} {name}", error.hint) from None
    return found
