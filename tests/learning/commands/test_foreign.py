"""Files of others that a design names: not a word of what stands in them is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from learning.cli import main

IDEAL = Path(__file__).parents[1] / "ideal.toml"
SECRET = "hunter2"
LINES = f"{SECRET} {SECRET} {SECRET}\n"
TABLE = f"a,b,y\n1,2,3\n4,{SECRET},6\n"
ROWS = f"root:{SECRET}:0\nother,{SECRET},x,y\n"
GRAPH = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="undirected">'
    f'<node id="{SECRET}$"/><node id="b"/><edge source="{SECRET}$" target="b"/></graph></graphml>'
)
CELL = f".subckt update {SECRET}\n.ends\n"
PROCESS = f'{SECRET} = "a"\n'


def _task(text: str, file: Path) -> str:
    made = re.sub(r"\[task\].*?\n\n", "", text, flags=re.DOTALL)
    return f'{made}\n[task]\nkind = "csv"\ncsv = "{file}"\n'


def _labelled(text: str, file: Path) -> str:
    return _task(text, file) + 'label_columns = ["nothing"]\n'


def _network(text: str, file: Path) -> str:
    section = 'topology = "square"\nrows = 3\ncolumns = 3\nperiodic = true\n'
    assert section in text
    return text.replace(section, f'topology = "file"\nfile = "{file}"\n')


def _cell(text: str, file: Path) -> str:
    return text.replace('update = "update_ideal"', f'update = "{file}"')


def _process(text: str, file: Path) -> str:
    return text.replace('process = "generic180"', f'process = "{file}"')


WAYS = {
    "table": (_task, "t.csv", TABLE),
    "rows": (_task, "passwd", ROWS),
    "columns": (_labelled, "t.csv", f"{SECRET},b\n1,2\n3,4\n"),
    "names": (_task, "t.csv", f"1,2\n{SECRET},3\n"),
    "classes": (_task, "t.csv", f"a,b,c\n1,2,{SECRET}\n2,1,{SECRET.upper()}\n"),
    "targets": (_task, "t:1.csv", f"a,b,{SECRET}\n1,2,x\n2,1,y\n3,1,x\n"),
    "edges": (_network, "net.txt", LINES),
    "one-way": (_network, "net.txt", f"a {SECRET}\n{SECRET} a\n"),
    "graph": (_network, "net.graphml", GRAPH),
    "cell": (_cell, "mine.cir", CELL),
    "process": (_process, "mine.toml", PROCESS),
}


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], Path]:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def made(way: str, file: Path) -> Path:
        edit, _, content = WAYS[way]
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(content, encoding="utf-8")
        to = tmp_path / "stranger" / "design.toml"
        to.parent.mkdir(exist_ok=True)
        to.write_text(edit(IDEAL.read_text(encoding="utf-8"), file), encoding="utf-8")
        return to

    return made


@pytest.mark.parametrize("way", WAYS)
def test_a_stranger_s_design_tells_nothing_of_a_private_file(
    way: str,
    design: Callable[[str, Path], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    private = tmp_path / "private" / WAYS[way][1]
    stranger = design(way, private)
    assert main(["show", str(stranger)]) == 2
    said = capsys.readouterr()
    assert SECRET.casefold() not in (said.out + said.err).casefold()
    assert str(private) in said.err
    assert "what stands in it is not shown" in said.err


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", ["beside", "hidden", "link"])
def test_in_the_design_s_folder_only_what_is_there_to_be_seen(
    way: str,
    place: str,
    design: Callable[[str, Path], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, name = tmp_path / "stranger", WAYS[way][1]
    private = {
        "beside": folder / name,
        "hidden": folder / ".keys" / name,
        "link": tmp_path / "private" / name,
    }[place]
    stranger = design(way, private)
    if place == "link":
        (folder / name).symlink_to(private)
        edit = WAYS[way][0]
        stranger.write_text(edit(IDEAL.read_text(encoding="utf-8"), folder / name))
    assert main(["show", str(stranger)]) == 2
    said = capsys.readouterr().err
    assert ("what stands in it is not shown" in said) is (place != "beside")
    if place != "beside":
        assert SECRET.casefold() not in said.casefold()


def test_what_its_user_named_is_quoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "elsewhere" / "t.csv"
    table.parent.mkdir()
    table.write_text(TABLE, encoding="utf-8")
    assert main(["show", "csv", "--set", f"task.csv={table}"]) == 2
    assert f"column 'b' holds '{SECRET}'" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["9" * 5000, "~nobody-here/x", "a\0b", "/"])
def test_words_that_are_no_path(
    word: str,
    design: Callable[[str, Path], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stranger = design("table", tmp_path / "private" / "t.csv")
    assert main(["show", str(stranger), "--set", f"description={word}"]) == 2
    assert SECRET not in capsys.readouterr().err
