"""Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from netlist.checks.finding import Finding
from netlist.checks.rules import RULES

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Iterable[Finding], version: str) -> dict[str, Any]:
    """Put findings into a SARIF log.

    Args:
        findings: The findings.
        version: Version of the program that found them.

    Returns:
        The log, ready for `json.dump`.
    """
    order = {name: index for index, name in enumerate(RULES)}
    rules = [
        {
            "id": rule.name,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.why},
            "help": {"text": rule.hint},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in RULES.values()
    ]
    driver = {"name": "joulearn", "version": version, "rules": rules}
    results = [_result(finding, order[finding.name]) for finding in findings]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
        ],
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    span = finding.span
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endColumn": span.column + finding.length,
        "snippet": {"text": finding.line},
    }
    location = {
        "artifactLocation": {"uri": quote(span.file.replace("\\", "/"), safe="/:@")},
        "region": region,
    }
    return {
        "ruleId": finding.name,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": f"{finding.message}\ntry: {finding.advice}"},
        "locations": [{"physicalLocation": location}],
    }
