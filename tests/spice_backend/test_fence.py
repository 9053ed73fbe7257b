"""What a trusted deck's shell lines can reach: its own folder, and nothing that changes outside."""

from __future__ import annotations

import ctypes
import socket
import subprocess
from pathlib import Path

import pytest

from spice_backend.batch import run_batch
from spice_backend.conformance.scratch import Scratch
from spice_backend.simulate import simulate

LANDLOCK = int(ctypes.CDLL(None).syscall(444, None, 0, 1))
"""The version this kernel has; below 1 there is no fence, below 4 and 6 parts of it are missing."""

DECK = """fence
.include {outside}/models.inc
V1 a 0 {{x}}
R1 a 0 1
.op
.control
run
write mine.raw
shell sh {script}
.endc
.end
"""
SCRIPT = """
touch inside
touch {outside}/made
mkdir {outside}/folder
ln -s /etc/passwd {outside}/link
echo changed > {outside}/kept
rm {outside}/models.inc
mv {outside}/kept moved
kill -9 {victim} && touch killed
python3 -c 'import socket; socket.create_connection(("127.0.0.1", {port}), 5)' && touch connected
"""


@pytest.mark.parametrize("door", ["batch", "simulate", "roundtrip"])
def test_a_trusted_deck_changes_nothing_outside_of_its_folder(door: str, tmp_path: Path) -> None:
    outside, folder, out = tmp_path / "outside", tmp_path / "decks", tmp_path / "out"
    for made in (outside, folder, out):
        made.mkdir()
    (outside / "kept").write_text("as it was\n")
    (outside / "models.inc").write_text(".param x=2\n")
    deck, script = folder / "deck.cir", folder / "script.sh"
    deck.write_text(DECK.format(outside=outside, script=script))
    with (
        subprocess.Popen(["sleep", "60"]) as victim,
        socket.create_server(("127.0.0.1", 0)) as here,
    ):
        port = here.getsockname()[1]
        script.write_text(SCRIPT.format(outside=outside, victim=victim.pid, port=port))
        left = run(door, deck, out)
        survived = victim.poll() is None
        victim.kill()
    assert {"mine.raw", "inside"} <= left
    names = sorted(path.name for path in outside.iterdir())
    assert LANDLOCK < 1 or names == ["kept", "models.inc"]
    assert LANDLOCK < 1 or (outside / "kept").read_text() == "as it was\n"
    assert ("connected" not in left) or LANDLOCK < 4
    assert (survived and "killed" not in left) or LANDLOCK < 6


def run(door: str, deck: Path, out: Path) -> set[str]:
    """Run a deck through one of the doors that run trusted decks; what it left."""
    if door == "roundtrip":
        with Scratch(deck.parent) as scratch:
            return {Path(name).name for name in scratch.run(Path(deck.name), {}).written}
    if door == "simulate":
        simulate(deck, out, trust=True, timeout_s=60)
    else:
        run_batch(deck, out / "deck.raw", 60)
    return {path.name for path in out.iterdir()}


def test_models_are_read_wherever_they_stand(tmp_path: Path) -> None:
    models, decks, out = tmp_path / "pdk" / "models.lib", tmp_path / "decks", tmp_path / "out"
    for folder in (models.parent, decks):
        folder.mkdir()
    models.write_text(".lib tt\n.model d d is=1e-14\n.endl\n")
    (decks / "deck.cir").write_text(f"t\n.lib {models} tt\nI1 0 a 1m\nD1 a 0 d\n.op\n.end\n")
    done = simulate(decks / "deck.cir", out, trust=True, timeout_s=60)
    assert (done.analyses, done.steps) == (1, 1)
    assert sorted(path.name for path in decks.iterdir()) == ["deck.cir"]
