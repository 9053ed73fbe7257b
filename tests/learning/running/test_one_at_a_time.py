"""A run's folder: one run at a time, and nothing written through what somebody left in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from learning.design.read import load_design
from learning.errors import LearningError
from learning.fidelity.plants import PLANTS
from learning.running.controller import learn
from learning.running.folder import RunFolder
from learning.running.lock import held
from learning.running.tally import load_tally
from learning.writing import open_own
from tests.learning.fidelity.exact_plant import open_exact

IDEAL = Path(__file__).parents[1] / "ideal.toml"
SHORT = ("schedule.epochs=1", "task.examples=2")
NAMES = (
    *("design.toml", "deck.cir", "log.txt", "checkpoint.dat", "checkpoint.spare.dat"),
    *("checkpoint.previous.dat", "checkpoint.old.dat", "result.json.part", "deck.cir.part"),
)


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plant without a simulator: what counts here is the folder."""
    monkeypatch.setitem(PLANTS, "exact", open_exact)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("how", [{"resume": True}, {"overwrite": True}, {}])
def test_a_second_run_in_a_folder_is_refused(tmp_path: Path, how: dict[str, bool]) -> None:
    folder, design = tmp_path / "run", load_design(IDEAL, SHORT)
    learn(design, folder, plant="exact")
    before = contents(folder)
    with (
        held(folder),
        pytest.raises(LearningError, match=r"another run is at work here\n  try: to wait for"),
    ):
        learn(design, folder, plant="exact", **how)
    assert contents(folder) == before
    assert learn(design, folder, plant="exact", resume=True).status == "completed"


def test_a_run_holds_its_folder_while_it_runs(tmp_path: Path) -> None:
    folder, design = tmp_path / "run", load_design(IDEAL, SHORT)

    def intrude(_: object) -> None:
        with pytest.raises(LearningError, match="another run is at work here"):
            learn(design, folder, plant="exact", resume=True)

    learn(design, folder, plant="exact", watch=intrude)


def test_a_run_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    tmp_path.joinpath("run").mkdir()
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom learning.running.lock import held\n"
        "with held(Path(sys.argv[1])):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = str(Path(__file__).resolve().parents[3])
    words = [sys.executable, "-c", program, str(tmp_path / "run")]
    subprocess.run(words, check=False, env={**os.environ, "PYTHONPATH": root})
    with held(tmp_path / "run"):
        pass


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["symbolic", "hard", "dangling"])
def test_no_link_is_followed(tmp_path: Path, name: str, how: str) -> None:
    folder, secret = tmp_path / "run", tmp_path / "secret"
    folder.mkdir()
    if how != "dangling":
        secret.write_text("secret")
    if how == "hard":
        os.link(secret, folder / name)
    else:
        (folder / name).symlink_to(secret)
    learn(load_design(IDEAL, SHORT), folder, plant="exact", overwrite=True)
    assert secret.exists() == (how != "dangling")
    assert how == "dangling" or secret.read_text() == "secret"
    ours = folder / name
    if not name.endswith(".part") and os.path.lexists(ours):
        assert ours.stat().st_nlink == 1
        assert not ours.is_symlink()


@pytest.mark.parametrize("name", ["log.txt", "checkpoint.spare.dat", "design.toml", "deck.cir"])
def test_no_link_is_followed_by_a_run_that_goes_on(tmp_path: Path, name: str) -> None:
    folder, secret = tmp_path / "run", tmp_path / "secret"
    learn(load_design(IDEAL, SHORT), folder, plant="exact")
    secret.write_text("secret")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)
    assert learn(load_design(IDEAL, SHORT), folder, plant="exact", resume=True).tally.epochs == 1
    assert secret.read_text() == "secret"


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    left = folder / ".deck.cir.abcd1234.part"
    left.write_text("half a de")
    learn(load_design(IDEAL, SHORT), folder, plant="exact")
    assert not left.exists()


def test_a_pipe_in_a_files_place_is_put_away(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log.txt")
    os.close(open_own(tmp_path / "log.txt", os.O_WRONLY))
    assert (tmp_path / "log.txt").is_file()


def test_what_takes_the_place_again_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("a")
    os.link(tmp_path / "a", tmp_path / "b")
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with pytest.raises(OSError, match="b is no plain file of this folder alone"):
        open_own(tmp_path / "b", os.O_WRONLY)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LearningError, match="cannot write here: Not a directory"):
        RunFolder(tmp_path / "file" / "run").make()


def test_a_run_of_a_version_that_knew_fewer_keys_is_gone_on_with(tmp_path: Path) -> None:
    """Its checkpoint holds a design without them; what they default to is what it did."""
    folder, design = tmp_path / "run", load_design(IDEAL, SHORT)
    learn(design, folder, plant="exact")
    run = RunFolder(folder)
    tally = load_tally(run.checkpoint)
    kept = [line for line in tally.design.splitlines() if not line.startswith("patience")]
    assert len(kept) == len(tally.design.splitlines()) - 1
    tally.design = "\n".join(kept) + "\n"
    tally.save(run.checkpoint)
    assert learn(design, folder, plant="exact", resume=True).tally.epochs == 1
    other = load_design(IDEAL, (*SHORT, "learning.patience=3"))
    with pytest.raises(LearningError, match=r"made from another design: patience = 3"):
        learn(other, folder, plant="exact", resume=True)
    tally.design = "no_such_key = 1\n"
    tally.save(run.checkpoint)
    with pytest.raises(LearningError, match=r"made from another design"):
        learn(design, folder, plant="exact", resume=True)


@pytest.mark.parametrize(
    ("name", "what", "resume"),
    [
        *(
            (name, "folder", resume)
            for name in ("files", "files/task", "files/task/csv", "files/task/csv/t.csv")
            for resume in (False, True)
        ),
        *(("files/task", what, False) for what in ("dangling", "pipe", "file")),
    ],
)
def test_no_folder_of_the_copies_leads_out(
    tmp_path: Path, name: str, what: str, resume: bool
) -> None:
    folder, outside, table = tmp_path / "run", tmp_path / "outside", tmp_path / "t.csv"
    table.write_text("a,b,y\n0.1,0.2,0.15\n0.3,0.4,0.35\n0.2,0.1,0.15\n", encoding="utf-8")
    over = ("task.kind=csv", f"task.csv={table}", "task.test_fraction=0.0")
    design = load_design(IDEAL, ("schedule.epochs=1", *over))
    if resume:
        learn(design, folder, plant="exact")
        shutil.rmtree(folder / "files")
    outside.mkdir()
    (outside / "t.csv").write_text("theirs", encoding="utf-8")
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    if what == "pipe":
        os.mkfifo(place)
    elif what == "file":
        place.write_text("x", encoding="utf-8")
    else:
        place.symlink_to(outside if what == "folder" else tmp_path / "nowhere")
    refused = ""
    try:
        learn(design, folder, plant="exact", resume=resume, overwrite=not resume)
    except LearningError as error:
        refused = error.message
    assert [path.name for path in outside.iterdir()] == ["t.csv"]
    assert (outside / "t.csv").read_text(encoding="utf-8") == "theirs"
    assert not (tmp_path / "nowhere").exists()
    if refused:
        assert resume
        assert re.search("cannot read this|another design|not what the run was begun", refused)
        return
    copy = folder / "files" / "task" / "csv" / "t.csv"
    assert copy.read_bytes() == table.read_bytes()
    assert copy.resolve().is_relative_to(folder.resolve())
