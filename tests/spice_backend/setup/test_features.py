"""Captured words of several versions, and whatever ngspice is on this machine."""

import re
import subprocess

import pytest

from spice_backend.decks.solver import LARGE_DEVICES, is_large, solver_name, with_solver
from spice_backend.errors import SpiceError
from spice_backend.session.session import Session
from spice_backend.setup.features import Features, program_features, read_features
from spice_backend.setup.find_ngspice import find_ngspice

DEBIAN_39 = """******
** ngspice-39 : Circuit level simulation program
** Creation Date: Sun Feb  5 13:44:35 UTC 2023
**
** CIDER 1.b1 (CODECS simulator) included
** XSPICE extensions included
** Relevant compilation options (refer to user's manual):
** OpenMP multithreading for BSIM3, BSIM4 enabled
** X11 interface not compiled into ngspice
**
** ngspice shared library.
******
osdi: no such command available in ngspice"""

BUILT_46 = """******
** ngspice-46+ : Circuit level simulation program
** Compiled with KLU Direct Linear Solver
** Creation Date: Wed Nov 25 00:49:51 UTC 2026
**
** XSPICE extensions included
** Relevant compilation options (refer to user's manual):
** X11 interface not compiled into ngspice
**
** ngspice shared library.
******
osdi: too few args."""

BARE_43 = """** ngspice-43 : Circuit level simulation program
** Compiled with Sparse Direct Linear Solver
osdi: no such command available in ngspice"""

SMALL = "t\nv1 a 0 1\nr1 a 0 1\n.op\n.end\n"
ARMS = "".join(f"r{i} a b{i} 1000\ns{i} b{i} 0 3000\n" for i in range(LARGE_DEVICES // 8))
LARGE = (
    f"t\n.subckt many a\n{ARMS.replace('s', 'rs')}.ends\nv1 a 0 1\n"
    + "".join(f"x{index} a many\n" for index in range(4))
    + ".op\n.end\n"
)


def test_features_are_read_and_not_guessed_from_the_version():
    assert read_features(DEBIAN_39.splitlines()) == Features(
        "39", xspice=True, cider=True, openmp=True
    )
    new = read_features(BUILT_46.splitlines())
    assert new == Features("46+", klu=True, xspice=True, osdi=True)
    assert str(new) == "ngspice 46+ (klu, xspice, osdi)"
    assert read_features(BARE_43.splitlines()) == Features("43")
    assert str(Features("43")) == "ngspice 43 (nothing besides)"
    with pytest.raises(SpiceError, match="does not say which version it is"):
        read_features(["hello"])


def test_library_and_program_here_say_what_they_are():
    with Session(timeout_s=600) as session:
        assert session.features is None
        session.start()
        features = session.features
    assert features is not None
    assert session.engine == f"ngspice {features.version}"
    said = subprocess.run(
        [str(find_ngspice()), "--version"], capture_output=True, text=True, check=False
    )
    program = program_features()
    assert f"ngspice-{program.version} " in said.stdout
    assert program.klu is ("KLU" in said.stdout)
    assert "code models" not in features.names
    with Session(timeout_s=600, engine="neospice") as session:
        session.start()
        assert session.features is None


def test_a_program_may_be_named_and_must_be_there(tmp_path, monkeypatch):
    fake = tmp_path / "ngspice"
    fake.write_text("#!/bin/sh\necho '** ngspice-99 : x'\n")
    monkeypatch.setenv("JOULEARN_NGSPICE", str(fake))
    with pytest.raises(SpiceError, match=r"(?s)ngspice does not answer: .*Permission denied"):
        program_features()
    fake.chmod(0o755)
    assert program_features() == Features("99")
    fake.write_text("#!/bin/sh\necho '** ngspice-99 : x'\nkill -KILL $$\n")
    with pytest.raises(SpiceError, match="was ended by SIGKILL while it was asked"):
        program_features()
    monkeypatch.setenv("JOULEARN_NGSPICE", str(tmp_path / "none"))
    with pytest.raises(SpiceError, match=r"JOULEARN_NGSPICE=\S+none: there is no such file"):
        find_ngspice()
    monkeypatch.delenv("JOULEARN_NGSPICE")
    monkeypatch.setattr("spice_backend.setup.plain_ngspice.find_ngspice", lambda: None)
    with pytest.raises(SpiceError, match="no ngspice executable"):
        program_features()


def test_large_circuits_get_KLU_where_it_is_there():
    old, new = Features("39"), Features("46+", klu=True)
    assert is_large(LARGE)
    assert with_solver(LARGE, new) == re.sub(r"(?=\.end\n$)", ".options klu=1\n", LARGE)
    assert with_solver(LARGE, old) == LARGE
    assert with_solver(SMALL, new) == SMALL
    assert with_solver(SMALL, None) == SMALL
    assert (solver_name(LARGE, new), solver_name(LARGE, old)) == ("KLU", "Sparse")
    assert solver_name(SMALL, new) == "Sparse"
    chosen = LARGE.replace(".op\n", ".options sparse\n.op\n")
    assert (with_solver(chosen, new), solver_name(chosen, new)) == (chosen, "Sparse")
    assert solver_name(SMALL.replace(".op\n", ".options klu\n.op\n"), new) == "KLU"
    assert not is_large("t\nx1 a b nowhere\n.end\n")


def test_a_large_circuit_is_solved_with_whatever_is_here():
    with Session(timeout_s=600) as session:
        session.load(LARGE)
        (amperes,) = session.solve(["i(v1)"], {})
    assert amperes == pytest.approx(-LARGE_DEVICES / 2 / 4000, rel=1e-9)
