"""Anybody's deck: what it computes is kept, what it never ends is ended, and memory has a limit."""

import sys
from pathlib import Path

import pytest

from spice_backend.batch import run_batch
from spice_backend.errors import DeckError, LateError, SpiceError
from spice_backend.safety import patience
from spice_backend.session.outcome import Status
from spice_backend.session.record import record
from spice_backend.session.session import Session
from spice_backend.simulate import simulate
from spice_backend.waveforms.waveform import read_raw

OWN = """runs its own analysis
V1 a 0 1
R1 a 0 1k
.control
{commands}
.endc
.end
"""
ENDLESS = "t\n.param q=1k, z=2k\nV1 a 0 1\nR1 a b {q}\nR2 b 0 1k\n.op\n.end\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "deck.cir"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("commands", "kept"),
    [
        ("tran 1u 10u\nwrite mine.raw v(a)", ["log.txt", "mine.raw"]),
        ("tran 1u 10u\nwrdata mine.txt v(a)\nquit", ["log.txt", "mine.txt"]),
        ("op\nprint v(a) > said.txt", ["log.txt", "said.txt"]),
        ("shell mkdir -p more/below\ntran 1u 10u\nwrite more/below/x.raw", ["log.txt", "more"]),
        ("tran 1u 10u\nset filetype=ascii\nwrite mine.raw v(a)\nquit 0", ["log.txt", "mine.raw"]),
    ],
)
def test_what_a_trusted_deck_writes_is_kept(tmp_path, commands, kept):
    out = tmp_path / "out"
    facts = simulate(written(tmp_path, OWN.format(commands=commands)), out, trust=True)
    assert (facts.analyses, facts.end, facts.files) == (0, None, tuple(kept))
    assert sorted(path.name for path in out.iterdir()) == kept
    assert (out / "log.txt").read_text().strip()
    if (out / "mine.raw").exists():
        assert read_raw(out / "mine.raw")["values"].values[-1, -1] == pytest.approx(1.0)


def test_what_is_there_when_a_trusted_deck_fails_or_is_ended_is_kept(tmp_path):
    fails = OWN.format(commands="tran 1u 10u\nwrite mine.raw v(a)\nquit 3")
    with pytest.raises(SpiceError, match="failed"):
        simulate(written(tmp_path, fails), tmp_path / "a", trust=True)
    late = OWN.format(commands="tran 1u 10u\nwrite mine.raw v(a)\nwhile 1\nlet x = 1\nend")
    with pytest.raises(LateError, match=r"no end after 3 s(.|\n)*try: raise --timeout"):
        simulate(written(tmp_path, late), tmp_path / "b", trust=True, timeout_s=3)
    for name in "ab":
        kept = sorted(path.name for path in (tmp_path / name).iterdir())
        assert kept == ["log.txt", "mine.raw"]


def test_a_trusted_run_goes_over_what_an_earlier_one_left_and_through_no_link(tmp_path):
    out, secret = tmp_path / "out", tmp_path / "secret"
    (out / "more").mkdir(parents=True)
    (out / "more" / "old").write_text("old")
    secret.write_text("secret")
    for name in ("mine.raw", "log.txt", "waveforms.raw", "waveforms.nc", "more/x.raw"):
        (out / name).symlink_to(secret)
    commands = "shell mkdir -p more\ntran 1u 10u\nwrite mine.raw\nwrite more/x.raw"
    deck = OWN.format(commands=commands).replace(".control", ".tran 1u 10u\n.control")
    simulate(written(tmp_path, deck), out, trust=True)
    assert secret.read_text() == "secret"
    assert (out / "more" / "old").read_text() == "old"
    for name in ("mine.raw", "log.txt", "waveforms.raw", "waveforms.nc", "more/x.raw"):
        assert (out / name).is_file()
        assert not (out / name).is_symlink()


@pytest.mark.parametrize("name", ["log.txt", "waveforms.nc", "waveforms.raw"])
def test_no_link_is_followed_by_what_is_written_here(tmp_path, name):
    out, secret = tmp_path / "out", tmp_path / "secret"
    out.mkdir()
    secret.write_text("secret")
    (out / name).symlink_to(secret)
    (out / f"{name}.part").symlink_to(secret)
    deck = "t\nv1 a 0 1\nr1 a 0 1\n.tran 1u 10u\n.end\n"
    facts = simulate(written(tmp_path, deck), out)
    assert secret.read_text() == "secret"
    assert not (out / name).is_symlink()
    assert facts.files == ("log.txt", "waveforms.nc", "waveforms.raw")
    assert (out / name).stat().st_mode & 0o044 == 0o044


def test_a_deck_needs_no_end_but_an_analysis(tmp_path):
    """As plain ngspice has it; a cell alone is told what it lacks."""
    facts = simulate(written(tmp_path, "t\nv1 a 0 1\nr1 a 0 1\n.tran 1u 10u"), tmp_path / "out")
    assert (facts.end, facts.unit) == (pytest.approx(1e-5), "s")
    with pytest.raises(DeckError, match=r"asks for no analysis(.|\n)*joulearn check"):
        simulate(written(tmp_path, "* x\n.subckt x a\nr1 a 0 1\n.ends\n"), tmp_path / "out")


def test_a_deck_that_is_read_for_ever_is_given_up_without_a_timeout(tmp_path, monkeypatch):
    monkeypatch.setattr(patience, "_SECONDS", 1.0)
    message = (
        r"ngspice reads this deck without coming to its end(.|\n)*\n  try: a comma between two"
    )
    with pytest.raises(LateError, match=message):
        simulate(written(tmp_path, ENDLESS), tmp_path / "out")
    with pytest.raises(LateError, match=message):
        simulate(tmp_path / "deck.cir", tmp_path / "out", trust=True)
    with Session() as session:
        with pytest.raises(LateError, match=message):
            session.load(ENDLESS)
        assert session.run("t\nv1 a 0 1\nr1 a 0 1\n.op\n.end\n", ["v(a)"], lambda _: True).ok


def test_a_deck_that_runs_for_long_is_not_taken_for_one_that_is_read_for_ever(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(patience, "_SECONDS", 0.2)
    monkeypatch.setattr(patience, "_SECONDS_PER_MEGABYTE", 0.0)
    long = "t\nv1 a 0 sin(0 1 1e6)\nr1 a b 1e3\nc1 b 0 1e-9\n.tran 1e-9 1 0 1e-9\n.end\n"
    out = run_batch(written(tmp_path, long), tmp_path / "x.raw", 4, timeout_name="--timeout")
    assert (out.status, out.message, out.hint) == (
        Status.TIMED_OUT, "no end after 4 s", "raise --timeout"
    )  # fmt: skip


def test_waveforms_in_memory_have_a_limit(tmp_path, monkeypatch):
    deck = "t\nv1 a 0 1\nr1 a 0 1\n.tran 1n 100u\n.end\n"
    with Session(timeout_s=600) as session:
        outcome, datasets = record(session, deck, most_bytes=1 << 16)
    assert (outcome.status, datasets) == (Status.FAILED, [])
    assert "it saves more than 6.10352e-05 GB by" in outcome.message
    monkeypatch.setattr(sys.modules["spice_backend.simulate"], "_MOST_BYTES", 1 << 16)
    with pytest.raises(SpiceError, match=r"it saves more than .* GB(.|\n)*try: save less \(\.save"):
        simulate(written(tmp_path, deck), tmp_path / "out")
    facts = simulate(tmp_path / "deck.cir", tmp_path / "kept", trust=True)
    assert facts.files == ("log.txt", "waveforms.raw")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "out").write_text("a file")
    deck = written(tmp_path, "t\nv1 a 0 1\nr1 a 0 1\n.tran 1u 10u\n.end\n")
    for trust in (False, True):
        with pytest.raises(FileExistsError):
            simulate(deck, tmp_path / "out", trust=trust)
    with pytest.raises(DeckError, match="cannot read this deck: no such file"):
        simulate(tmp_path / "none.cir", tmp_path / "x", trust=True)
