"""Strings from a design, a table and a deck, written to hurt, in everything that a person opens."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from learning.cli import main

EVIL = """<script>alert("x")</script>&amp;'"""
FIRST, SECOND, THIRD = f"{EVIL}1", f"{EVIL}2", f"{EVIL}3"
WET, DRY = f"wet{EVIL}", f"dry{EVIL}"


class Reader(HTMLParser):
    """What a browser would make of a page: its elements, attributes and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def quoted(text: str) -> str:
    """As a cell of a CSV file."""
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    rows = ["0.1,0.2," + quoted(WET), "0.3,0.1," + quoted(DRY)] * 3
    table = folder / "a&b<script>'.csv"
    table.write_text(
        "\n".join([",".join(map(quoted, (FIRST, SECOND, THIRD))), *rows]) + "\n", encoding="utf-8"
    )
    text = (Path(__file__).parent / "ideal.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[task\].*?\n\n", "", text, flags=re.DOTALL)
    text = text.replace('targets = ["2"]', 'targets = ["2", "6"]').replace(
        'name = "ideal"', f"name = {json.dumps(EVIL)}"
    )
    text = re.sub(r'description = ".*"', f"description = {json.dumps(EVIL)}", text)
    (folder / "design.toml").write_text(
        f"{text}\n[task]\nkind = 'csv'\ncsv = {json.dumps(table.name)}\ntest_fraction = 0.0\n"
        f"input_columns = [{json.dumps(FIRST)}, {json.dumps(SECOND)}]\n"
        f"label_columns = [{json.dumps(THIRD)}]\n",
        encoding="utf-8",
    )
    assert main(["learn", str(folder / "design.toml"), "--out", str(folder / "run")]) == 0
    assert main(["report", str(folder / "run")]) == 0
    return folder / "run"


def test_a_report_of_hostile_strings_shows_them_and_obeys_none(run: Path) -> None:
    html = (run / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(html)
    assert "script" not in reader.tags
    assert "<script" not in html.lower()
    assert not [name for name, _ in reader.attributes if name.lower().startswith("on")]
    # The design is shown as TOML, whose strings are escaped like those of JSON.
    for word in (EVIL, json.dumps(FIRST), json.dumps(THIRD), "a&b<script>'.csv"):
        assert word in reader.text, word


def test_the_charts_are_well_formed_by_themselves(run: Path) -> None:
    html = (run / "report.html").read_text(encoding="utf-8")
    charts = re.findall(r"<svg\b.*?</svg>", html, flags=re.DOTALL)
    assert len(charts) >= 4
    for chart in charts:
        names = {element.tag.rpartition("}")[2] for element in ET.fromstring(chart).iter()}
        assert "script" not in names
        assert "foreignObject" not in names


def test_json_and_log_give_the_strings_back(run: Path) -> None:
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    assert (result["design"], result["description"]) == (EVIL, EVIL)


HOSTILE_DECK = """<script>alert('title')</script>&
r<b>1 in&x <i>node</i> 1k
r2 in&x 0 1k
r3 <i>node</i> lonely"x 2k
x1 in&x <sub>circuit</sub>
v1 in&x 0 1
.op
.end
"""


def test_a_hostile_deck_in_sarif_json_and_drawing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deck = tmp_path / "a&b<script>.cir"
    deck.write_text(HOSTILE_DECK, encoding="utf-8")
    sarif = tmp_path / "out.sarif"
    main(["check", str(deck), "--sarif", str(sarif), "--json"])
    facts = json.loads(capsys.readouterr().out)
    log = json.loads(sarif.read_text(encoding="utf-8"))
    results = log["runs"][0]["results"]
    assert results
    assert "<sub>circuit</sub>" in json.dumps(facts)
    # Viewers render "markdown", and "text" as it stands; links in "text" need [brackets](of these).
    assert not re.search(r'"markdown"', json.dumps(log))
    messages = [result["message"]["text"] for result in results]
    assert any("<sub>circuit</sub>" in message for message in messages)
    uris = [
        one["physicalLocation"]["artifactLocation"]["uri"]
        for r in results
        for one in r["locations"]
    ]
    assert all("<" not in uri for uri in uris), uris


@pytest.mark.parametrize("kind", ["svg", "graphml"])
def test_a_hostile_deck_is_drawn_as_text(tmp_path: Path, kind: str) -> None:
    deck = tmp_path / "deck.cir"
    body = HOSTILE_DECK.replace("x1 in&x <sub>circuit</sub>\n", "")
    if kind == "svg":
        body, pins = body.replace('lonely"x', "a$lonely$x"), "in&x <i>node</i> a$lonely$x"
        body = body.replace("r<b>1", f".subckt <b>cell</b> {pins}\nr<b>1").replace(
            "v1 in", f".ends\nx1 {pins} <b>cell</b>\nv1 in"
        )
    deck.write_text(body, encoding="utf-8")
    out = tmp_path / f"deck.{kind}"
    assert main(["draw", str(deck), "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    tree = ET.fromstring(text)
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert not {"script", "i", "b"} & names
    shown = "".join(tree.itertext()) if kind == "svg" else unescape(text)
    assert "<i>node</i>" in shown
    assert "in&x" in shown
    if kind == "svg":
        assert "a$lonely$x" in shown
