"""Findings as SARIF: the fields that readers rely on."""

from __future__ import annotations

import json
from pathlib import Path

from netlist.checks import RULES, check_deck, sarif


def test_a_log() -> None:
    findings = check_deck("t\nV1 a 0 1\nR1 a 0 1M\nX1 a b\n", "amp/d.cir", Path())
    log = json.loads(json.dumps(sarif(findings, "1.2.3")))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("joulearn", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert len(run["results"]) == len(findings) == 2
    for finding, result in zip(findings, run["results"], strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.name
        assert result["level"] == finding.severity
        assert finding.message in result["message"]["text"]
    first = run["results"][0]["locations"][0]["physicalLocation"]
    assert first["artifactLocation"]["uri"] == "amp/d.cir"
    assert first["region"] == {
        "startLine": 3, "startColumn": 8, "endColumn": 10, "snippet": {"text": "R1 a 0 1M"},
    }  # fmt: skip


def test_no_findings() -> None:
    assert sarif((), "1")["runs"][0]["results"] == []
