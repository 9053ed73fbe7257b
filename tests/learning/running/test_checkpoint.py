"""Checkpoints under damage, kills and a full disk."""

import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from learning.errors import LearningError, StorageError
from learning.running.checkpoint import CheckpointFile
from learning.running.folder import RunFolder
from learning.writing import write_text


def test_the_newest_generation_comes_back(tmp_path):
    file = CheckpointFile(tmp_path / "checkpoint.dat")
    for number in range(5):
        file.save(b"state %d" % number)
        assert file.load() == (b"state %d" % number, "")


@pytest.mark.parametrize("seed", range(40))
def test_damage_of_the_newest_costs_nothing_and_is_said(tmp_path, seed):
    rng = random.Random(seed)
    file = CheckpointFile(tmp_path / "checkpoint.dat")
    payloads = [rng.randbytes(rng.randrange(1, 3000)) for _ in range(4)]
    for payload in payloads:
        file.save(payload)
    data = bytearray(file.path.read_bytes())
    used = len(payloads[-1]) + 60
    if seed % 2:
        data[rng.randrange(used)] ^= 1 << rng.randrange(8)
    else:
        del data[rng.randrange(used) :]
    file.path.write_bytes(data)
    remark = "the newest checkpoint was damaged; its copy was used"
    assert file.load() == (payloads[-1], remark)
    copy = next(f for f in file.files if f.name == "checkpoint.spare.dat")
    copy.write_bytes(data)
    remark = "the newest checkpoint was damaged; the one before was used"
    assert file.load() == (payloads[-2], remark)
    file.save(b"after")
    assert file.load() == (b"after", "")


def test_no_checkpoint_and_no_whole_one_are_told_apart(tmp_path):
    file = CheckpointFile(tmp_path / "checkpoint.dat")
    with pytest.raises(LearningError, match=r"there is no checkpoint to go on from\n  try: run w"):
        file.load()
    file.save(b"state")
    for one in file.files:
        one.write_bytes(b"rubbish")
    with pytest.raises(LearningError, match=r"it is damaged, and so is the one before\n  try: run"):
        file.load()


def test_room_alone_is_no_checkpoint(tmp_path):
    """An interrupt before the first epoch leaves reserved room, or a part of the first save."""
    file = CheckpointFile(tmp_path / "checkpoint.dat")
    assert not file.empty
    file.reserve()
    assert file.empty
    with pytest.raises(LearningError, match=r"nothing has been kept yet.*\n  try: begin"):
        file.load()
    spare = next(one for one in file.files if one.name == "checkpoint.spare.dat")
    file.save(b"x" * 5000)
    half = file.path.read_bytes()[:3000]
    for one in file.files:
        one.unlink(missing_ok=True)
    file.reserve()
    spare.write_bytes(half)
    with pytest.raises(LearningError, match="the run ended before its first epoch was over"):
        file.load()
    file.save(b"state")
    assert file.load() == (b"state", "")
    assert not file.empty


def test_a_process_killed_while_saving_leaves_a_whole_generation(tmp_path):
    """Fifteen processes save as fast as they can and are killed at random moments."""
    program = (
        "import sys; from pathlib import Path\n"
        "from learning.running.checkpoint import CheckpointFile\n"
        "file = CheckpointFile(Path(sys.argv[1]))\n"
        "for n in range(10**9): file.save(b'%d' % n + b'x' * 20000); print(n, flush=True)\n"
    )
    rng, path = random.Random(1), tmp_path / "checkpoint.dat"
    for _ in range(15):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(rng.randrange(1, 20))]
            process.kill()
            said += process.stdout.readlines()
        last = int([line for line in said if line.endswith("\n")][-1])
        saved = int(CheckpointFile(path).load()[0].partition(b"x")[0])
        assert saved in (last, last + 1)


def test_a_full_disk_does_not_stop_the_next_checkpoints(tmp_path, monkeypatch):
    """Every allocation and every longer file fails from now on, as on a full disk."""
    file = CheckpointFile(tmp_path / "checkpoint.dat")
    file.reserve()
    file.save(b"x" * 5000)
    fallocate = os.posix_fallocate

    def full(handle, offset, length):
        if offset + length > os.fstat(handle).st_size:
            raise OSError(28, os.strerror(28))
        fallocate(handle, offset, length)

    monkeypatch.setattr(os, "posix_fallocate", full)
    for number in range(1, 100):
        payload = b"x" * (5000 + 300 * number)
        file.save(payload)
        assert file.load() == (payload, "")
    with pytest.raises(StorageError, match=r"cannot keep a checkpoint: No space left on device"):
        file.save(b"x" * 1_000_000)
    assert file.load() == (payload, "")


def test_a_folder_that_cannot_hold_a_run_is_refused_before_it(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(LearningError, match=r"cannot write here: .*\n  try: --out with a folder"):
        RunFolder(blocked).claim(overwrite=False)


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "deck.cir"
    write_text(path, "old")
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from learning.writing import write_text\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_text(Path(sys.argv[1]), 'x' * 5000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert "learning.errors.StorageError" in done.stderr
    assert "cannot write: File too large" in done.stderr
    assert path.read_text() == "old"
    assert [file.name for file in Path(tmp_path).iterdir()] == ["deck.cir"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000
