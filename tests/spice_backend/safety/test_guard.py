"""Nobody gets in: malicious decks, the guard alone, and the bars alone."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from learning.design.read import load_design
from learning.experiment.experiment import deck as deck_of
from learning.experiment.prepare import prepare
from spice_backend.decks.whole_deck import read_deck
from spice_backend.errors import DeckError
from spice_backend.safety.confinement import Limits
from spice_backend.safety.guard import logical_lines, refusal
from spice_backend.session import session as session_module
from spice_backend.session.outcome import Status
from spice_backend.session.session import Session
from spice_backend.simulate import simulate

_spec = importlib.util.spec_from_file_location("malice", Path(__file__).parent / "malice.py")
assert _spec is not None
assert _spec.loader is not None
malice = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(malice)

SECRET = "r_secret_word a 0 12345"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder outside the deck's, with a secret, commands, and a home of its own."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    secret, mark = outside / "secret.txt", outside / "mark"
    secret.write_text(SECRET + "\n")
    (outside / "commands.inc").write_text(f".control\nshell touch {mark}\n.endc\n")
    (outside / ".spiceinit").write_text(f"shell touch {mark}\n")
    (inside / ".spiceinit").write_text(f"shell touch {mark}\n")
    (inside / "link.inc").symlink_to(secret)
    monkeypatch.setenv("HOME", str(outside))
    monkeypatch.chdir(inside)
    return inside, outside, mark, secret


def written(place, way):
    inside, outside, mark, secret = place
    file = inside / "deck.cir"
    with file.open("w", newline="") as stream:
        stream.write(malice.deck(malice.WAYS[way], str(outside), str(mark), str(secret)))
    return file


@pytest.mark.parametrize("way", malice.WAYS)
def test_no_malicious_deck_is_run_without_trust(place, way):
    with pytest.raises(DeckError, match=r"\n  try: "):
        simulate(written(place, way), place[0] / "out")
    assert not place[2].exists()
    assert not (place[0] / "out").exists()


def test_there_are_enough_ways():
    assert len(malice.WAYS) >= 30


def test_with_the_guard_open_the_bars_still_hold(place, monkeypatch):
    """Every malicious deck straight into the simulator: nothing is run, written or read."""
    monkeypatch.setattr(session_module, "refusal", lambda _: "")
    told = []
    with Session(timeout_s=600) as session:
        session.start()
        assert session.bars == ("limits", "files", "programs and network")
        for way in malice.WAYS:
            text = written(place, way).read_text(errors="replace")
            outcome = session.run(text, None, lambda _: True)
            told += [line for line in outcome.log if "12345" in line]
    assert not place[2].exists()
    assert told == []


def test_trust_runs_what_is_trusted(place):
    """Commands of a trusted deck are run, in the folder of its results."""
    inside, outside, mark, _ = place
    deck, out = (
        written((inside, outside, Path("mark"), mark), "shell in a control block"),
        inside / "out",
    )
    facts = simulate(deck, out, trust=True)
    assert (out / "mark").exists()
    assert facts.signals == 1


def test_a_spiceinit_is_never_read(place):
    (place[0] / "good.cir").write_text(f"good\n{malice.CIRCUIT}.tran 1e-6 1e-5\n.end\n")
    simulate(place[0] / "good.cir", place[0] / "out")
    assert not place[2].exists()


def test_includes_from_the_decks_own_folder_stand_in_it(place):
    (place[0] / "sub").mkdir()
    (place[0] / "sub" / "more.inc").write_text("r2 a 0 2e3\n.lib corner.lib fast\n")
    (place[0] / "sub" / "corner.lib").write_text(
        ".lib slow\nr3 a 0 1\n.endl\n.lib fast\nr3 a 0 3e3\n.endl\n"
    )
    deck = place[0] / "good.cir"
    deck.write_text(f'good\n{malice.CIRCUIT}.include "sub/more.inc"\n.op\n.end\n')
    text = read_deck(deck)
    assert [line.text for line in logical_lines(text)] == [
        "v1 a 0 1", "r1 a 0 1e3", "r2 a 0 2e3", "r3 a 0 3e3", ".op", ".end"
    ]  # fmt: skip
    simulate(deck, place[0] / "out")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (".include missing.inc", r"cannot read missing\.inc: no such file\n  try: an existing"),
        (".lib deck.cir", r"this include names no file"),
        (".lib deck.cir tt", r"the library has no section tt\n  try: a section it has"),
        (".include a\0b", r"no file can have this name\n  try: an existing file"),
        (".include ~/x.inc", r"x\.inc, outside the deck.s folder\n  try: --trust"),
        (".include deck.cir", r"includes go round in circles\n  try: remove one of them"),
    ],
)
def test_includes_that_cannot_be_used_are_named(place, line, message):
    deck = place[0] / "deck.cir"
    deck.write_text(f"good\n{malice.CIRCUIT}{line}\n.op\n.end\n")
    with pytest.raises(DeckError, match=message):
        read_deck(deck)


def test_a_deck_larger_than_the_limit_and_one_that_is_not_there_are_named(place, monkeypatch):
    with pytest.raises(DeckError, match=r"cannot read none\.cir: No such file or directory\n  try"):
        read_deck(place[0] / "none.cir")
    monkeypatch.setattr("spice_backend.decks.whole_deck._SIZE_BYTES", 10)
    deck = place[0] / "deck.cir"
    deck.write_text(f"good\n{malice.CIRCUIT}.op\n")
    with pytest.raises(DeckError, match=r"the deck is larger than 64 MB\n  try: a smaller one"):
        read_deck(deck)
    (place[0] / "x.inc").write_text("r5 a 0 1\n")
    deck.write_text("good\n.include x.inc\n")
    with pytest.raises(DeckError, match=r"the deck is larger than 64 MB\n  try: a smaller one"):
        read_deck(deck)


@pytest.mark.parametrize(
    "line",
    [
        "m1 d g s b nch w=1e-6 l=1e-6",
        ".model nch nmos (level=1 vto=0.7 kp='2*1e-4')",
        "b1 a 0 v=v(c) > 0.5 ? 1 : {x}",
        ".param x = {2*y} z='x > 1 ? 1 : 0'",
        ".options reltol=1e-4 method=gear klu",
        ".meas tran x find v(a) at=1e-6",
        ".print tran v(a) i(v1)",
        ".save all @m1[id]",
        ".if (x == 1)",
        "a1 [d1] [a1] dac1",
        ".model dac1 dac_bridge(out_low=0 out_high=1.8)",
        "e1 a 0 table {v(c)} = (0,0) (1,1)",
        "v2 b 0 pwl(0 0 1e-6 1) r=0",
        "* a comment with /etc/passwd in it",
        "r9 a 0 1k ; comment $ with marks > here",
        ".func f(x) {x*x}",
        '.model nch nmos level=54 version="4.8"',
    ],
)
def test_harmless_lines_are_not_refused(line):
    assert refusal(f"title\n{malice.CIRCUIT}{line}\n.end\n") == ""


def test_every_shipped_design_passes_the_guard():
    for file in sorted(Path("circuits/designs").glob("*.toml")):
        experiment = prepare(load_design(file, ["schedule.epochs=1"], None))
        train = experiment.task.train
        assembly = experiment.assembly(experiment.schedule, train, experiment.gates_V)
        text = deck_of(assembly, experiment.transient(experiment.schedule, ("all",)))
        assert refusal(text) == "", file


def test_a_reason_names_its_line():
    assert refusal("title\nr1 a 0 1\n+ tc1=1\n.include x\n") == (
        "it includes another file (line 4: .include x)"
    )
    assert refusal("title\nr1 a 0 1\x01") == "it contains a control character (line 2)"
    smashing = "title\nb1 a 0 v=v(\nr1 a 0 1\n.op\n.end\n"
    assert refusal(smashing).startswith("brackets that do not match, past which ngspice reads on")
    assert refusal(".op\n") == "a title that begins like a command (line 1)"


@pytest.mark.parametrize(
    ("limits", "body", "names"),
    [
        (Limits(memory_bytes=180 << 20), "dense", ("SIG", "exit code", "out of memory", "malloc")),
        (Limits(cpu_s=2), "endless", ("SIGXCPU", "SIGKILL")),
    ],
)
def test_a_deck_that_wants_too_much_ends_its_own_run_and_nothing_else(limits, body, names):
    pairs = "".join(f"r{i}_{j} n{i} n{j} 1e3\n" for i in range(400) for j in range(i))
    decks = {
        "dense": f"dense\nv1 n0 0 1\n{pairs}.op\n.end\n",
        "endless": f"endless\n{malice.CIRCUIT}.tran 1e-9 1 0 1e-9\n.end\n",
    }
    with Session(timeout_s=600, limits=limits) as session:
        outcome = session.run(decks[body], ["v(n1)" if body == "dense" else "v(a)"], lambda _: True)
        assert outcome.status in (Status.DIED, Status.FAILED), outcome
        assert any(name in outcome.message for name in names), outcome
        small, values = f"small\n{malice.CIRCUIT}.op\n.end\n", []
        assert session.run(small, ["v(a)"], lambda s: values.append(s.values) or True).ok
    assert np.vstack(values)[0, 0] == pytest.approx(1.0)
