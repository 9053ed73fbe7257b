"""Every Python and shell block of the README and the documents runs as it stands.

A document's blocks run in their order, in one folder and one namespace, as a reader would type
them. Those below a line `<!-- long -->` run in `make evidence` only, with all the others.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from spice_backend.setup.find_ngspice import environment, find_ngspice

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LONG, BY_HAND = "<!-- long -->", "<!-- by hand -->"
MINUTES = 60
DECK = "* divider\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.tran 1n 10n\n.end\n"

PUBLIC = "https://github.com/bagatraya/OP_AMP"
"""A repository that a page clones; a stand-in of our own is cloned in its place."""
AMPLIFIER = """\
** sch_path: /home/me/opamp.sch
.subckt opamp VDD GND OUT INP INN BIAS
*.PININFO VDD:B GND:B OUT:O INP:I INN:I BIAS:I
XM1 n1 INN tail VDD sky130_fd_pr__pfet_01v8 L=1 W=2 nf=1 m=2
XM2 n2 INP tail VDD sky130_fd_pr__pfet_01v8 L=1 W=2 nf=1 m=2
XM3 n1 n1 GND GND sky130_fd_pr__nfet_01v8 L=1 W=1 nf=1 m=1
XM4 n2 n1 GND GND sky130_fd_pr__nfet_01v8 L=1 W=1 nf=1 m=1
XM5 tail BIAS VDD VDD sky130_fd_pr__pfet_01v8 L=1 W=2 nf=1 m=1
XM6 OUT n2 GND GND sky130_fd_pr__nfet_01v8 L=1 W=1 nf=1 m=4
XM7 OUT BIAS VDD VDD sky130_fd_pr__pfet_01v8 L=1 W=2 nf=1 m=4
.ends
"""
LABORATORY = Path("imperfect-learning-physical-systems", "small network", "MSE-DG2-Data")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _shell(example: Example) -> None:
    """Run a block of commands; of those that would call this suite, only whether they could."""
    commands = str(example.parsed).replace("make ", f"make -n -C {ROOT} ")
    commands = commands.replace(". .venv/bin/activate", "").replace(".venv/bin/python", "python")
    here, ngspice = Path.cwd(), find_ngspice()
    assert ngspice is not None, "no ngspice on this machine: make setup"
    path = os.pathsep.join([str(Path(sys.executable).parent), str(ngspice.parent), os.defpath])
    ours = {"PATH": path, "PYTHONPATH": str(ROOT), "GIT_CONFIG_GLOBAL": str(here / "git.config")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        env={**os.environ, **environment(here), **ours},
        capture_output=True, text=True, check=False, timeout=60 * MINUTES,
    )  # fmt: skip
    assert done.returncode == 0, f"{commands}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def blocks(page: Path) -> Document:
    parsers = (PythonCodeBlockParser(), *(CodeBlockParser(name, _shell) for name in ("sh", "bash")))
    return Document.parse(str(page), *parsers)


def _marked(example: Example, mark: str) -> bool:
    before: str = example.document.text[: example.region.start]
    return before.rstrip().endswith(mark)


def _short(page: Path) -> Iterator[Example]:
    return (one for one in blocks(page) if not (_marked(one, LONG) or _marked(one, BY_HAND)))


WITH_BLOCKS = [page for page in PAGES if list(blocks(page))]


def _stand_ins(folder: Path) -> None:
    """Write what pages fetch from elsewhere, in our own words and in the same shape."""
    layout = folder / "public" / "OPAMP" / "mag"
    layout.mkdir(parents=True)
    (layout / "opamp.sch.spc").write_text(AMPLIFIER, encoding="utf-8")
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@localhost", "-C", "public"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "amplifier"]):
        subprocess.run([*git, *command], check=True, capture_output=True, timeout=60)
    instead = f'[url "{(folder / "public").as_uri()}"]\n\tinsteadOf = {PUBLIC}\n'
    (folder / "git.config").write_text(instead, encoding="utf-8")
    tables = folder / LABORATORY
    tables.mkdir(parents=True)
    for name, unit_V2 in (("DG2", 3.0), ("MSE", 1e-3)):
        rows = "".join(f"{t},{unit_V2 * t * t}\n" for t in (0.1, 0.2, 0.4, 10.0))
        (tables / f"measured-{name}-exp1.csv").write_text(rows, encoding="utf-8")


@pytest.fixture
def readers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what is said to be the reader's own."""
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    for name in ("deck.cir", "a.cir", "b.cir"):
        Path(name).write_text(DECK, encoding="utf-8")
    shutil.copy(ROOT / "circuits" / "data" / "plane.csv", "mine.csv")
    Path("mine").mkdir()
    shutil.copy(ROOT / "circuits" / "cells" / "update.cir", "mine")
    _stand_ins(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", [p for p in WITH_BLOCKS if list(_short(p))], ids=_name)
def test_short_blocks_run(page: Path, readers_folder: Path) -> None:
    for example in _short(page):
        example.evaluate()


@pytest.mark.evidence
@pytest.mark.parametrize("page", WITH_BLOCKS, ids=_name)
def test_all_blocks_run(page: Path, readers_folder: Path) -> None:
    for example in blocks(page):
        if not _marked(example, BY_HAND):
            example.evaluate()


def test_only_what_needs_a_browser_or_hours_is_run_by_hand() -> None:
    by_hand = {_name(p) for p in PAGES if any(_marked(one, BY_HAND) for one in blocks(p))}
    assert by_hand == {"docs/README-pictures.md", "docs/digits.md", "docs/power.md"}


def test_every_block_is_of_a_language_that_is_known() -> None:
    """A block that nobody runs is told by its language: output, a circuit, a file, a directive."""
    told = {"text", "spice", "toml", "python", "sh", "bash", ""}
    for page in PAGES:
        text = page.read_text(encoding="utf-8").splitlines()
        fences = [line[3:] for line in text if line.startswith("```")]
        assert {name for name in fences if not name.startswith("{")} <= told, page


def test_no_command_is_hidden_by_its_indentation_or_without_a_language() -> None:
    """What stands four blanks in after an empty line is a block that has no language."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not [part for part in text.split("```")[::2] if re.search(r"\n\n {4}\S", part)], page
        assert not re.search(r"^```\n(joulearn|python|make) ", text, re.MULTILINE), page


def test_a_block_that_fails_is_seen(tmp_path: Path, readers_folder: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\njoulearn show nothing\n```\n\n```python\n1 / 0\n```\n", "utf-8")
    shell, python = blocks(page)
    with pytest.raises(AssertionError, match="no such shipped design"):
        shell.evaluate()
    with pytest.raises(ZeroDivisionError):
        python.evaluate()
