"""The command line: a thin front over the packages, which decides words and exit codes.

Exit codes: 0 done, 1 the run failed or was interrupted, 2 bad input. No traceback reaches a user;
every message says where, what and what to try.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from learning.controller import learn
from learning.design import Design, dump_design, find_design, load_design
from learning.errors import LearningError
from learning.experiment import Experiment, deck, ideal_slots, prepare, transistors
from learning.folder import RunFolder, write_text
from learning.ledger import Ledger
from learning.probe import main_probes
from learning.progress import ProgressLine
from learning.report import write_report
from learning.result import finish
from learning.sketch import sketch
from learning.summary import summary
from netlist.errors import NetlistError
from spice_backend.errors import DeckError, SpiceError
from spice_backend.simulate import simulate

DONE, FAILED, BAD_INPUT = 0, 1, 2

_DESCRIPTION = """\
Circuits that teach themselves, simulated transistor by transistor, and a bill for every joule.
"""

_EPILOG = """\
examples:
  joulearn learn regression --out runs/first
  joulearn learn csv --set task.csv=mine.csv --out runs/mine
  joulearn show iris

DESIGN is the name of a shipped design or the path of a .toml file.
exit codes: 0 done, 1 the run failed, 2 bad input
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the command's name; None takes them from the shell.

    Returns:
        The exit code.
    """
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (LearningError, NetlistError, DeckError) as error:
        return _refuse(str(error), BAD_INPUT)
    except SpiceError as error:
        return _refuse(f"the simulation failed: {error}", FAILED)
    except KeyboardInterrupt:
        return _refuse(_interrupted(options), FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except OSError as error:
        return _refuse(f"{error.filename or 'file'}: {error.strerror or error}", FAILED)
    return code


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"joulearn: {message}\n")
    return code


def _interrupted(options: argparse.Namespace) -> str:
    if options.command != "learn" or not RunFolder(options.out).checkpoint.exists():
        return "interrupted"
    return f"interrupted; go on with: joulearn learn {options.design} --out {options.out} --resume"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="joulearn",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_netlist(commands)
    _add_simulate(commands)
    _add_learn(commands)
    _add_report(commands)
    _add_show(commands)
    return parser


_Commands = Any
"""What argparse returns from ``add_subparsers``; its class is private."""


def _command(commands: _Commands, name: str, help_text: str, example: str) -> Any:
    command = commands.add_parser(
        name,
        help=help_text,
        description=help_text,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return command


def _add_design(command: Any) -> None:
    command.add_argument(
        "design", metavar="DESIGN", help="a shipped design's name, or a .toml file"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a key of the design, such as learning.nudge=0.25; may be repeated",
    )
    command.add_argument("--seed", type=int, metavar="N", help="replace the design's seed")


def _add_netlist(commands: _Commands) -> None:
    command = _command(
        commands,
        "netlist",
        "write the self-contained SPICE deck of a design",
        "joulearn netlist regression -o deck.cir && ngspice -b deck.cir",
    )
    _add_design(command)
    command.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the deck"
    )
    command.set_defaults(run=_run_netlist)


def _add_simulate(commands: _Commands) -> None:
    command = _command(
        commands,
        "simulate",
        "run any deck that contains its analysis, and keep its waveforms",
        "joulearn simulate deck.cir --out runs/deck",
    )
    command.add_argument("deck", type=Path, metavar="DECK", help="a SPICE deck with a .tran line")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    command.add_argument(
        "--trust",
        action="store_true",
        help="run a deck that contains commands (.control) or reads other files",
    )
    command.set_defaults(run=_run_simulate)


def _add_learn(commands: _Commands) -> None:
    command = _command(
        commands,
        "learn",
        "let a network teach itself, and bill every joule",
        "joulearn learn regression --out runs/a --set learning.power_weight=0.05 --seed 3",
    )
    _add_design(command)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    kept = command.add_mutually_exclusive_group()
    kept.add_argument("--resume", action="store_true", help="go on from the folder's checkpoint")
    kept.add_argument("--overwrite", action="store_true", help="replace the run in the folder")
    command.set_defaults(run=_run_learn)


def _add_report(commands: _Commands) -> None:
    command = _command(
        commands,
        "report",
        "write a run's report again and print its summary",
        "joulearn report runs/first",
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="the run's folder")
    command.set_defaults(run=_run_report)


def _add_show(commands: _Commands) -> None:
    command = _command(
        commands,
        "show",
        "print a design, every default filled in, and a drawing of its network",
        "joulearn show xor --set network.rows=5",
    )
    _add_design(command)
    command.set_defaults(run=_run_show)


def _design(options: argparse.Namespace) -> Design:
    return load_design(find_design(options.design), options.set, options.seed)


def _whole_deck(experiment: Experiment) -> str:
    task, schedule = experiment.task, experiment.schedule
    assembly = experiment.assembly(schedule, task.train, experiment.gates_V)
    probes = main_probes(assembly, Ledger(assembly))
    return deck(assembly, experiment.transient(schedule, probes))


def _run_netlist(options: argparse.Namespace) -> int:
    experiment = prepare(_design(options))
    text = _whole_deck(experiment)
    write_text(options.output, text)
    facts = {"deck": str(options.output), **_facts(experiment)}
    _say(options, facts, f"{options.output}: {_sentence(facts)}\n")
    return DONE


def _facts(experiment: Experiment) -> dict[str, Any]:
    task = experiment.task.train
    assembly = experiment.assembly(experiment.schedule, task, experiment.gates_V)
    return {
        "design": experiment.design.name,
        "process": experiment.process.name,
        "nodes": len(experiment.network.nodes),
        "edges": len(experiment.network.edges),
        "transistors": transistors(assembly.circuit),
        "examples": len(task),
        "presentations": len(experiment.schedule.presentations),
        "simulated_time_s": experiment.schedule.stop_s,
        "ideal_cells": list(ideal_slots(experiment)),
    }


def _sentence(facts: dict[str, Any]) -> str:
    ideal = f", ideal cells: {', '.join(facts['ideal_cells'])}" if facts["ideal_cells"] else ""
    return (
        f"{facts['edges']} edges, {facts['transistors']} transistors in {facts['process']}, "
        f"{facts['presentations']} presentations in {facts['simulated_time_s']:.4g} s{ideal}"
    )


def _run_simulate(options: argparse.Namespace) -> int:
    facts = simulate(options.deck, options.out, trust=options.trust)
    text = (
        f"{options.out / 'waveforms.nc'}: {facts['steps']} points of {facts['signals']} signals "
        f"up to {facts['end']:.6g} in {facts['solver_time_s']:.2f} s of {facts['engine']}\n"
    )
    _say(options, facts, text)
    return DONE


def _run_learn(options: argparse.Namespace) -> int:
    design, folder = _design(options), RunFolder(options.out)
    with ProgressLine(sys.stderr, quiet=options.json) as line:
        learned = learn(
            design,
            options.out,
            resume=options.resume,
            overwrite=options.overwrite,
            watch=line.show,
        )
    result = finish(learned, folder)
    write_report(options.out)
    _say(options, result, summary(result) + f"\nreport: {folder.report}\n")
    return DONE


def _run_report(options: argparse.Namespace) -> int:
    report = write_report(options.folder)
    result = json.loads(RunFolder(options.folder).result.read_text(encoding="utf-8"))
    _say(options, result, summary(result) + f"\nreport: {report}\n")
    return DONE


def _run_show(options: argparse.Namespace) -> int:
    experiment = prepare(_design(options))
    facts = _facts(experiment)
    text = f"{dump_design(experiment.design)}\n{sketch(experiment.network)}\n{_sentence(facts)}\n"
    _say(options, facts, text)
    return DONE


def _say(options: argparse.Namespace, facts: Any, text: str) -> None:
    if options.json:
        json.dump(facts, sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    sys.exit(main())
