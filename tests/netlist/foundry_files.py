"""A tiny foundry: binned cards in the shapes real libraries have, as a wheel and as a tree."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

PLAIN = """\
* cards as plain numbers, {corner}
.model fab_n.0 nmos
* a comment inside a card
+ lmin = 2e-6 lmax = 1e-4 wmin = 1e-6 wmax = 1e-4 level = 8

+ vth0 = {vto} u0 = 0.03
.model fab_n.1 nmos
+ lmin = 1e-7 lmax = 2e-6 wmin = 1e-6 wmax = 1e-4 level = 8 version = 3.3 vth0 = 0.3 u0 = 0.03
.model fab_n.2 nmos
+ lmin = 1e-7 lmax = 1e-4 wmin = 2e-7 wmax = 1e-6 level = 8 vth0 = 0.2 u0 = 0.03
.model fab_p pmos level=1 vto=-0.4 kp=5e-5
"""

SECTIONED = """\
* sections, parameters, mismatch
.lib typical
.param fab_dvt = 0.01
.lib 'fab.lib' cards
.endl typical
.LIB ss
.param fab_dvt = '0.05 + 0.01'
.lib "fab.lib" cards
.ENDL
.lib cards
.subckt fab_nfet d g s b l=1 w=1 mult=1
.model fab_n.0 nmos lmin=1e-7 lmax=1e-4 wmin=1e-7 wmax=1e-4 level=8
+ vth0={0.4+fab_dvt+MC_SWITCH*AGAUSS(0,1.0,1)*(fab_slope/sqrt(l*w*mult))} u0='mu_n/2'
.ends
.model fab_p pmos level=1 vto=-0.4 kp=5e-5
.param fab_slope = 3e-3 mu_n = 0.06 ; a comment
.endl
"""

WRAPPER = """\
.subckt nfet d g s b w=1e-6 l=1e-6 m=1
M0 d g s b fab_n w={w} l={l} m={m}
.ends
.subckt pfet d g s b w=1e-6 l=1e-6 m=1
M0 d g s b fab_p w={w} l={l} m={m}
.ends
"""

PROCESS = """\
models = "fab.cir"
rail_V = 3
gate_V = 1.5

[corners]
tt = "typical"
ss = "slow"

[foundry]
licence = "none, made up"

[foundry.package]
name = "fab-models"
version = "1.0"
sha256 = "{sha256}"
files = ["fab/models/{{corner}}.spice"]

[foundry.tree]
folders = ["fabB", "fabA"]
files = ["libs.tech/{{corner}}.spice"]
"""


def make_wheel(path: Path) -> Path:
    """A wheel with the plain cards of two corners and a licence."""
    with zipfile.ZipFile(path, "w") as archive:
        for corner, vto in (("typical", 0.4), ("slow", 0.5)):
            text = PLAIN.format(corner=corner, vto=vto)
            archive.writestr(f"fab/models/{corner}.spice", text)
        info = "fab_models-1.0.dist-info"
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: fab-models\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
        archive.writestr(f"{info}/licenses/LICENSE.md", "do as you like")
    return path


def make_process(folder: Path, wheel: Path) -> str:
    """The process file that goes with a wheel; its path."""
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "fab.cir").write_text(WRAPPER, encoding="utf-8")
    (folder / "fab.toml").write_text(PROCESS.format(sha256=sha256), encoding="utf-8")
    return str(folder / "fab.toml")
