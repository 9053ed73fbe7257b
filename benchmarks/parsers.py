"""Reading and writing large flat decks, beside PySpice's and spicelib's parsers, side by side.

The same decks for all: resistors, capacitors, transistors and instances in turn, one a line. What
each library does with them differs, and is named: joulearn and PySpice turn every line into data
(PySpice in two steps, parsing and building its circuit); spicelib keeps lines as text, sorted by
their first word, and takes one apart when it is asked about, which is timed for a sample of
resistors. Processor time, the best of three, so that a busy machine does not count.

    python -m benchmarks.parsers [--largest N] [--json]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from netlist import emit, parse

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 3
SAMPLE = 100


def flat_deck(elements: int) -> str:
    """A deck of so many elements, one a line."""
    kinds = (
        "R{0} n{0} n{1} 1k",
        "C{0} n{0} 0 10p",
        "M{0} n{0} n{1} 0 0 nch w=1u l=0.18u",
        "X{0} n{0} n{1} vdd 0 inv w=2u",
    )
    lines = (kinds[i % len(kinds)].format(i, i + 1) for i in range(elements))
    models = (".model nch nmos level=1", ".subckt inv a y vdd gnd w=1u", "R1 a y 1k", ".ends inv")
    return "\n".join(("* flat", *lines, *models, ".end\n"))


def _best_s(work: Callable[[], Any]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def _ours(text: str) -> dict[str, float]:
    circuit = parse(text)
    return {"read_s": _best_s(lambda: parse(text)), "write_s": _best_s(lambda: emit(circuit))}


def _pyspice(text: str) -> dict[str, float]:
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from PySpice.Spice.Parser import SpiceParser

        circuit = SpiceParser(source=text).build_circuit()
        return {
            "read_s": _best_s(lambda: SpiceParser(source=text).build_circuit()),
            "write_s": _best_s(lambda: str(circuit)),
        }


def _spicelib(text: str) -> dict[str, float]:
    from spicelib import SpiceEditor

    with tempfile.TemporaryDirectory() as folder:
        deck, out = Path(folder) / "flat.net", Path(folder) / "out.net"
        deck.write_text(text, encoding="utf-8")

        def look_up() -> None:
            for index in range(SAMPLE):
                editor.get_component_nodes(f"R{4 * index}")

        editor = SpiceEditor(deck)
        return {
            "read_s": _best_s(lambda: SpiceEditor(deck)),
            "write_s": _best_s(lambda: editor.save_netlist(out)),
            "nodes_of_one_s": _best_s(look_up) / SAMPLE,
        }


LIBRARIES: dict[str, Callable[[str], dict[str, float]]] = {
    "joulearn": _ours,
    "PySpice": _pyspice,
    "spicelib": _spicelib,
}


def measure(sizes: tuple[int, ...] = SIZES) -> Iterator[dict[str, Any]]:
    """Times of every library on every deck, as they come."""
    for elements in sizes:
        text = flat_deck(elements)
        for name, read in LIBRARIES.items():
            with contextlib.redirect_stdout(None):
                found = read(text)
            yield {"library": name, "version": version(name), "elements": elements, **found}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=SIZES[-1], metavar="N")
    parser.add_argument("--json", action="store_true")
    options, _ = parser.parse_known_args()
    rows = measure(tuple(size for size in SIZES if size <= options.largest))
    if options.json:
        print(json.dumps(list(rows), indent=1))
        return
    print(f"{'library':18}{'elements':>9}{'read/s':>11}{'write/s':>11}  elements per second")
    for row in rows:
        name = f"{row['library']} {row['version']}"
        read, write = (row["elements"] / row[key] for key in ("read_s", "write_s"))
        each = row.get("nodes_of_one_s")
        note = f"  and {1e3 * each:.3g} ms for the nodes of one element" if each else ""
        print(f"{name:18}{row['elements']:9d}{read:11.0f}{write:11.0f}{note}", flush=True)


if __name__ == "__main__":
    main()
