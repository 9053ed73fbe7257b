"""numba looks into nobody's folder, and keeps what it compiles in one of this user's."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import NumbaError

from learning.twin import compiled

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
import learning.twin.kernel
from numba.core import config
import yaml
print(config.CACHE_DIR, config.CACHE_LOCATOR_CLASSES, config.DEBUG_CACHE, sep="|")

@learning.twin.compiled.compiled()
def f(x):
    return x + 1

print(f(1))
"""
_COMPILED = re.compile(r"^@_?compiled$", re.MULTILINE)
EVIL = "cache_dir: {folder}/evil\ncache_locator_classes: evil.Locator\ndebug_cache: 1\n"
CONFIGURATIONS = {
    "a cache": EVIL,
    "no mapping": "[1, 2]",
    "no YAML": "{",
    "no text": "\0\udcff",
    "a program": "!!python/object/apply:os.mkdir ['{folder}/mark']",
}


class Evil:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (self.mark,)


def ran(folder, **variables):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    (folder / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-P", "program.py"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("way", CONFIGURATIONS)
def test_a_configuration_in_the_current_folder_is_not_read(tmp_path, way):
    text = CONFIGURATIONS[way].replace("{folder}", str(tmp_path))
    (tmp_path / ".numba_config.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    evil = tmp_path / "evil"
    evil.mkdir()
    for name in ("x.nbi", "__pycache__/x.nbi"):
        (evil / name).parent.mkdir(exist_ok=True)
        (evil / name).write_bytes(pickle.dumps(Evil(str(tmp_path / "mark"))))
    cache = tmp_path / "own"
    told = ran(tmp_path, XDG_CACHE_HOME=str(cache), NUMBA_CACHE_DIR="evil")
    assert told == [f"{cache}/joulearn/numba/{compiled.sources()}||0", "2"]
    assert not (tmp_path / "mark").exists()
    assert sorted(path.name for path in evil.iterdir()) == ["__pycache__", "x.nbi"]


def test_a_cache_is_this_users_alone_or_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    within = compiled.cache_folder()
    folder = tmp_path / "joulearn" / "numba"
    assert within == folder / compiled.sources()
    for place in (within, folder):
        assert place.stat().st_mode & 0o077 == 0
        place.chmod(0o777)
        assert compiled.cache_folder() is None
        place.chmod(0o700)
    within.rmdir()
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    assert compiled.cache_folder() is None
    folder.unlink()
    folder.write_text("a file")
    assert compiled.cache_folder() is None
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert (
        compiled.cache_folder()
        == tmp_path / "home" / ".cache" / "joulearn" / "numba" / compiled.sources()
    )


def test_every_file_that_compiles_functions_names_the_cache():
    """Or what one of them has of another's functions would stay as it was when that one changes."""
    package = Path(compiled.__file__).parents[1]
    holding = {
        p
        for p in package.rglob("*.py")
        if re.search(r"^@_?compiled$", p.read_text("utf-8"), re.MULTILINE)
    }
    known = {path for pattern in compiled._SOURCES for path in package.glob(pattern)}
    assert holding <= known
    assert all(list(package.glob(pattern)) for pattern in compiled._SOURCES)


def test_without_a_cache_functions_are_compiled_all_the_same(tmp_path):
    (tmp_path / "joulearn").write_text("no folder")
    assert ran(tmp_path, XDG_CACHE_HOME=str(tmp_path)) == ["||0", "2"]


def test_a_function_that_only_borrows_its_arrays_makes_none():
    borrows = compiled.compiled(lends=True)(lambda x: x[0])
    assert borrows(np.ones(1)) == 1.0
    with pytest.raises(NumbaError, match="Only accept returning of array passed"):
        compiled.compiled(lends=True)(lambda n: np.zeros(n)[0])(1)
