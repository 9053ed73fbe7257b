"""Running other people's decks: on a copy, within limits, and leaving nothing behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from spice_backend.conformance.scratch import Scratch
from spice_backend.errors import SpiceError
from spice_backend.setup import plain_ngspice

WRITES = """\
writes and removes
R1 a 0 1
V1 a 0 1
.control
op
print v(a)
wrdata out.txt v(a)
shell rm other.cir
.endc
.end
"""
ENDLESS = "t\nR1 a 0 1\n.control\nwhile 1\nlet x = 1\nend\n.endc\n.end\n"


def _folder(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "decks"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "deck.cir").write_text(text, encoding="utf-8")
    (folder / "below" / "other.cir").write_text("t\n", encoding="utf-8")
    return folder


def test_a_deck_runs_on_a_copy_that_is_put_back(tmp_path: Path) -> None:
    folder, deck = _folder(tmp_path, WRITES), Path("below/deck.cir")
    with Scratch(folder) as copy:
        first = copy.run(deck, {})
        assert sorted(p.name for p in (copy.folder / "below").iterdir()) == [
            "deck.cir",
            "other.cir",
        ]
        second = copy.run(deck, {deck: WRITES.replace("V1 a 0 1", "V1 a 0 2")})
        assert (copy.folder / deck).read_text(encoding="utf-8") == WRITES
        home = copy.folder.parent
    assert not home.exists()
    assert "v(a) = 1.000000e+00" in first.printed
    assert "v(a) = 2.000000e+00" in second.printed
    assert list(first.written) == ["below/out.txt"]
    assert sorted(p.name for p in (folder / "below").iterdir()) == ["deck.cir", "other.cir"]


def test_a_folder_that_temporary_files_go_to_is_copied_without_its_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path, WRITES)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with Scratch(folder) as copy, Scratch(folder) as another:
        for one in (copy, another):
            assert [path.name for path in one.folder.iterdir()] == ["below"]
        copy.run(Path("below/deck.cir"), {})
        assert [path.name for path in copy.folder.iterdir()] == ["below"]


def test_a_deck_without_end_is_killed(tmp_path: Path) -> None:
    with Scratch(_folder(tmp_path, ENDLESS)) as copy:
        ran = copy.run(Path("below/deck.cir"), {}, timeout_s=1)
    assert ran.code is None
    assert 0.9 < ran.wall_s < 20


def test_without_ngspice_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_ngspice, "find_ngspice", lambda: None)
    with pytest.raises(SpiceError, match="no ngspice executable"):
        Scratch(tmp_path)


def test_a_stopped_copy_runs_nothing(tmp_path: Path) -> None:
    with Scratch(_folder(tmp_path, ENDLESS)) as copy:
        threading.Timer(0.5, copy.stop).start()
        ran = copy.run(Path("below/deck.cir"), {}, timeout_s=60)
        assert ran.code is not None
        assert ran.code < 0
        assert ran.wall_s < 20
        with pytest.raises(SpiceError, match="no run: this copy was stopped"):
            copy.run(Path("below/deck.cir"), {})
