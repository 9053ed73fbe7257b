"""Checks of a deck: what is wrong with it, where, why it matters and what to try."""

from netlist.checks.assembled import check_circuit
from netlist.checks.check import check_deck, check_file
from netlist.checks.finding import Finding
from netlist.checks.rules import RULES, Rule
from netlist.checks.sarif import sarif

__all__ = ["RULES", "Finding", "Rule", "check_circuit", "check_deck", "check_file", "sarif"]
