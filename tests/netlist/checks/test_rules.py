"""Every rule's example in docs/checks.md breaks that rule and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netlist.checks import RULES, check_deck

DOCS = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: (severity, deck)
    for name, severity, deck in re.findall(
        r"^### ([\w-]+) \((\w+)\)\n(?:(?!^#).*\n)*?```spice\n((?:.*\n)*?)```", DOCS, re.MULTILINE
    )
}


def test_every_rule_is_explained_in_its_order() -> None:
    explained = re.findall(r"^### ([\w-]+)", DOCS, re.MULTILINE)
    assert set(explained) == set(RULES)
    assert list(EXAMPLES) == [name for name in explained if name != "too-large"]


def test_a_few_lines_can_be_too_large_to_take_apart(tmp_path: Path) -> None:
    levels = "".join(f".subckt l{i} a\nX1 a l{i + 1}\nX2 a l{i + 1}\n.ends\n" for i in range(60))
    deck = f"t\nV1 a 0 1\nX1 a l0\n{levels}.subckt l60 a\nR1 a 0 1k\n.ends\n"
    (finding,) = check_deck(deck, "deck.cir", tmp_path)
    assert finding.name == "too-large"
    assert str(2**60 + 1) in finding.message


def test_definitions_too_deep_in_each_other(tmp_path: Path) -> None:
    opened = "".join(f".subckt s{i} a\nR1 a 0 1\n" for i in range(3000))
    deck = f"t\nV1 a 0 1\n{opened}" + ".ends\n" * 3000
    (finding,) = check_deck(deck, "deck.cir", tmp_path)
    assert finding.name == "too-large"
    assert finding.message == "definitions stand 3001 deep in each other, more than 100"


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_an_example_breaks_its_rule(name: str, tmp_path: Path) -> None:
    severity, deck = EXAMPLES[name]
    assert severity == RULES[name].severity
    findings = check_deck(deck, "deck.cir", tmp_path)
    (finding,) = [f for f in findings if f.name == name]
    assert finding.span.file == "deck.cir"
    assert finding.line == deck.splitlines()[finding.span.line - 1]
    assert 1 <= finding.span.column <= len(finding.line) + 1
    text = finding.text()
    assert text.startswith(f"{finding.span}: {severity} [{name}] ")
    assert f"  why: {RULES[name].why}\n  try: " in text
    others = {f.name for f in findings} - {name}
    allowed = {
        "outside-include": {"missing-include"} if not Path("/etc/hostname").exists() else set(),
    }
    assert others <= allowed.get(name, set()), "the example breaks another rule as well"


def test_an_example_without_its_mistake_is_clean(tmp_path: Path) -> None:
    """The same decks, mended: what is reported is the mistake and not the style."""
    mended = {
        "undefined-subcircuit": ("lod", "load"),
        "block-end": ("lad", "load"),
        "misplaced-command": ("pre_osdi resistor.osdi", "* nothing"),
        "foreign": (".step param x 1 2 3", ".temp 27"),
        "no-value": ("R1 a b", "R1 a b 1k"),
        "undefined-model": ("nchannel", "nch"),
        "undefined-parameter": ("rr*2", "r*2"),
        "undefined-node": ("ouut", "out"),
        "undefined-device": ("vsense", "v1"),
        "pin-count": ("a 0 0 load", "a 0 load"),
        "unknown-parameter": ("res=2k", "r=2k"),
        "duplicate-name": ("r1 a", "r2 a"),
        "duplicate-definition": (".model nch nmos level=1 vto", ".model other nmos level=1 vto"),
        "floating-node": ("ouut", "0"),
        "no-dc-path": ("C2 mid 0 1p", "R2 mid 0 1k"),
        "current-cutset": ("C1 a 0 1p", "R2 a 0 1k"),
        "voltage-loop": ("V2 b a", "R2 b a"),
        "inductor-loop": ("L1 a 0 1u", "L1 a b 1u\nR2 b 0 1"),
        "shorted": ("a a", "a 0"),
        "milli-not-mega": ("10M", "10meg"),
        "femto-not-farad": ("1F", "1f"),
        "unit-slip": ("w=10 ", "w=10u "),
        "negative-value": ("-50", "50"),
        "zero-resistance": ("R1 a b 0", "V2 a b 0"),
        "unsafe-command": ("shell touch /tmp/been-here", "run"),
        "file-command": ("write out.raw", "run"),
    }
    for name, (old, new) in mended.items():
        deck = EXAMPLES[name][1]
        assert old in deck
        assert check_deck(deck.replace(old, new), "deck.cir", tmp_path) == (), name
