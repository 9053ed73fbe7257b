"""What the shell is told, asked of a shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from learning.cli import main
from learning.commands.table import COMMANDS


def _offered(script: Path, *words: str) -> set[str]:
    """What bash offers for the last of some words."""
    asked = (
        f"source {script}; COMP_WORDS=({' '.join(repr(w) for w in words)}); "
        f"COMP_CWORD={len(words) - 1}; _shtab_joulearn; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(
        ["bash", "-c", asked], capture_output=True, text=True, check=True, cwd=script.parent
    )
    return set(done.stdout.split())


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["completion", "bash"]) == 0
    path = tmp_path / "joulearn.bash"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    (tmp_path / "mine.toml").touch()
    return path


def test_bash_completes_commands_options_designs_and_keys(script: Path) -> None:
    assert _offered(script, "joulearn", "") >= {command.name for command in COMMANDS}
    assert _offered(script, "joulearn", "learn", "--ov") == {"--overwrite"}
    assert _offered(script, "joulearn", "learn", "regr") == {
        *("regression", "regression_long", "regression_twin", "regression_twin_memory"),
        "regression_multiplier",
    }
    assert "mine.toml" in _offered(script, "joulearn", "learn", "mi")
    found = _offered(script, "joulearn", "show", "iris", "--set", "schedule.ep")
    assert found == {"schedule.epochs="}


def test_zsh_gets_a_script_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("#compdef joulearn")
    assert "schedule.epochs=" in told
