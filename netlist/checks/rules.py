"""The rules a deck is checked by: what each is called, how bad it is, why it matters, what to try.

One table, so that the messages, the SARIF file and docs/checks.md say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong with a deck.

    Attributes:
        name: How reports call it.
        severity: "error" (the deck does not do what it says, or does what it should not),
            "warning" (it probably does not) or "note".
        title: What it is, in a few words.
        why: Why it matters, in one sentence.
        hint: What to try.
    """

    name: str
    severity: Severity
    title: str
    why: str
    hint: str


def _table(*rules: Rule) -> Mapping[str, Rule]:
    return {rule.name: rule for rule in rules}


RULES: Mapping[str, Rule] = _table(
    Rule(
        "unreadable",
        "error",
        "the text cannot be read",
        "ngspice refuses the deck here, or reads something else; the rest was looked at, too",
        "mend this line, or look at the one before it",
    ),
    Rule(
        "title-line",
        "warning",
        "a first line that reads as part of the circuit",
        "ngspice takes a deck's first line for its title, whatever it holds, and drops it",
        "a line of words before it, or an empty one",
    ),
    Rule(
        "raw-line",
        "warning",
        "a line or an expression that is not understood",
        "it is kept as it stands, and nothing in it was checked",
        "look for a misspelt keyword or a missing value",
    ),
    Rule(
        "block-end",
        "warning",
        "a block that does not end as it began",
        "ngspice goes on, so what follows may belong to another block than it seems",
        "a .subckt ends with .ends and its own name, a .control with one .endc",
    ),
    Rule(
        "stray-bracket",
        "warning",
        "a round bracket that has no other",
        "ngspice takes it for a blank, and whoever wrote it meant something more or less",
        "close it, or remove it",
    ),
    Rule(
        "misplaced-command",
        "error",
        "a command outside of a .control block",
        "ngspice takes it for a device or a card it does not have, and refuses the deck",
        "between .control and .endc, when the compiled code it loads can be trusted",
    ),
    Rule(
        "foreign",
        "warning",
        "a form of another simulator",
        "ngspice refuses it or reads it as something else",
        "its equal of ngspice, or run the deck where it comes from",
    ),
    Rule(
        "cdl-slash",
        "error",
        "a slash before a subcircuit's name",
        "that is CDL, the dialect of layout tools; ngspice takes the slash for a node and stops",
        "write the netlist for simulation, or remove the slashes: sed 's| / | |'",
    ),
    Rule(
        "missing-include",
        "error",
        "an included file that is not there",
        "ngspice stops at it; what it would have defined is not looked for",
        "a path from the deck's own folder",
    ),
    Rule(
        "undefined-subcircuit",
        "error",
        "a subcircuit that is not defined",
        "ngspice refuses the whole deck",
        "define it, include the file that does, or mend its name",
    ),
    Rule(
        "undefined-model",
        "error",
        "a model that is not defined",
        "ngspice refuses the device",
        "add a .model line, include the file that has it, or mend its name",
    ),
    Rule(
        "undefined-parameter",
        "error",
        "a parameter that is not defined",
        "ngspice cannot work the expression out and stops",
        "add a .param line, or declare it on the .subckt line",
    ),
    Rule(
        "left-to-others",
        "note",
        "names a library uses and does not define",
        "the file is a part of a deck, and these are for the rest of it to define",
        "check it together with the file that defines them: --with models.lib",
    ),
    Rule(
        "unknown-function",
        "error",
        "an operator or a function that ngspice lacks",
        "ngspice cannot work the formula out and stops",
        "&& and || for & and |; a .func line for a function",
    ),
    Rule(
        "name-clash",
        "error",
        "a subcircuit with the name of a parameter",
        "ngspice takes the parameter's value for the subcircuit's name, and finds no such one",
        "another name for the parameter or for the subcircuit",
    ),
    Rule(
        "undefined-node",
        "warning",
        "a node that no device has",
        "ngspice takes a probe of it for zero or refuses the line",
        "mend the name; inside a subcircuit its full name starts with the instance",
    ),
    Rule(
        "undefined-device",
        "error",
        "a device that is not there",
        "a controlled source or a coupling that names nothing stops the run",
        "name a voltage source (F, H, W) or an inductor (K) of the same subcircuit",
    ),
    Rule(
        "pin-count",
        "error",
        "another number of nodes than ports",
        "nodes are taken by position, so one too few or too many moves all that follow",
        "as many nodes as the .subckt line has ports, in its order",
    ),
    Rule(
        "recursion",
        "error",
        "a subcircuit that uses itself",
        "it has no end, and ngspice gives up on the deck",
        "look at the instances inside it, and inside what they use",
    ),
    Rule(
        "unknown-parameter",
        "warning",
        "a parameter the subcircuit does not have",
        "ngspice ignores it without a word, so the default is used instead",
        "one of the parameters on the .subckt line",
    ),
    Rule(
        "duplicate-name",
        "error",
        "a name that is taken",
        "ngspice keeps the first device and stops",
        "give it another name",
    ),
    Rule(
        "duplicate-definition",
        "warning",
        "a definition that is there already",
        "ngspice uses the first and says nothing, so this one has no effect",
        "remove one of the two, or give it another name",
    ),
    Rule(
        "floating-node",
        "warning",
        "a node with one connection",
        "nothing can flow there; it is often a misspelt name",
        "connect it, or tie it down on purpose with a large resistor",
    ),
    Rule(
        "no-dc-path",
        "warning",
        "a node without a path to ground for direct current",
        "its voltage is undefined: ngspice warns of a singular matrix and makes one up",
        "a large resistor to ground, or an initial voltage (.ic) with uic",
    ),
    Rule(
        "current-cutset",
        "error",
        "a current with nowhere to go",
        "only current sources reach this node, and their currents need not add up to zero",
        "a resistor across the source",
    ),
    Rule(
        "voltage-loop",
        "error",
        "a loop of voltage sources",
        "their voltages need not add up to zero, and the current is unlimited",
        "a small resistor in the loop",
    ),
    Rule(
        "inductor-loop",
        "warning",
        "a loop of inductors and voltage sources",
        "at direct current nothing limits the current in it",
        "a small resistor in the loop",
    ),
    Rule(
        "too-large",
        "note",
        "a deck too large to be taken apart",
        "its connections were not looked at",
        "check the subcircuits in a file of their own",
    ),
    Rule(
        "shorted",
        "warning",
        "a device between a node and itself",
        "it does nothing there; one of its nodes is probably misspelt",
        "mend one of the nodes, or remove the device",
    ),
    Rule(
        "milli-not-mega",
        "warning",
        "an M that means milli",
        "SPICE reads M as 1e-3 in upper and lower case; a million is written meg",
        "meg for a million, or a plain number such as 1e6",
    ),
    Rule(
        "femto-not-farad",
        "warning",
        "an F that means femto",
        "SPICE reads F after a number as 1e-15, also in 1F",
        "leave the unit away: 1, or 1e-15 when femto is meant",
    ),
    Rule(
        "version-suffix",
        "warning",
        "a number that another ngspice reads otherwise",
        "the suffix a means nothing up to ngspice 39, and 1e-18 from 40 on",
        "a plain number: 2 for two amperes, 2e-18 for two atto",
    ),
    Rule(
        "partly-read",
        "warning",
        "a number that is read in part",
        "ngspice stops at the first character it does not know and says nothing of the rest",
        "a plain number: 4.7k for 4k7, 2u or 2e-6 for two micro",
    ),
    Rule(
        "decimal-comma",
        "warning",
        "a comma in a number",
        "ngspice takes it for two numbers, and uses the last",
        "a point before decimals, and nothing between thousands",
    ),
    Rule(
        "param-comma",
        "error",
        "a comma in a list of parameters",
        "ngspice hangs or stops at it while it loads the deck",
        "blanks between parameters, and a point before decimals",
    ),
    Rule(
        "unit-slip",
        "warning",
        "a value that no such device has",
        "it is far outside what is built; a suffix was probably forgotten",
        "look at the suffix: p n u for capacitors, u for the sizes of transistors",
    ),
    Rule(
        "negative-value",
        "warning",
        "a negative resistance, capacitance or inductance",
        "the circuit may be unstable or the run may not converge",
        "a positive value, or a controlled source if that is what is meant",
    ),
    Rule(
        "zero-resistance",
        "note",
        "a resistance of zero",
        "ngspice replaces it by 1 mOhm and says so",
        "a voltage source of 0 V joins two nodes and measures the current",
    ),
    Rule(
        "no-value",
        "warning",
        "a resistor, capacitor or inductor without a value",
        "ngspice takes 1 mOhm, 0 F or 0 H for it, nearly without a word",
        "the value after the nodes",
    ),
    Rule(
        "unsafe-command",
        "error",
        "a command that reaches outside the simulation",
        "it is carried out as soon as the deck is loaded, on your account",
        "remove it, and run the deck only if you know its author",
    ),
    Rule(
        "file-command",
        "warning",
        "a command that writes or reads files",
        "it is carried out as soon as the deck is loaded, where the path says",
        "remove it, or check the path",
    ),
    Rule(
        "outside-include",
        "error",
        "an include that leaves the deck's folder",
        "the deck does not work elsewhere, and may show files of yours to whoever reads its output",
        "copy the file beside the deck; for a foundry's models: joulearn pdk",
    ),
)
"""Every rule by its name, in the order of docs/checks.md."""
