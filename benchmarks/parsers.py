"""Reading and writing large flat decks, beside PySpice's and spicelib's parsers, side by side.

The same decks for all: resistors, capacitors, transistors and instances in turn, one a line. What
each library does with them differs, and is named: joulearn and PySpice turn every line into data
(PySpice in two steps, parsing and building its circuit); spicelib keeps lines as text, sorted by
their first word, and takes one apart when it is asked about, which is timed for a sample of
resistors. Processor time, the best of up to three, so that a busy machine does not count. Each
library has a process of its own and a bound: what takes longer is stopped, and said to be.

    python -m benchmarks.parsers [--largest N] [--bound SECONDS] [--json]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import multiprocessing
import queue
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
ENOUGH_S = 4.0
"""Processor time after which no round is added."""
BOUND_S = 30.0
"""Wall time for one thing that a library does, all its rounds together."""
SAMPLE = 100

Times = Iterator[tuple[str, float]]


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


def _best_s(work: Callable[[Any], Any], prepare: Callable[[], Any] = lambda: None) -> float:
    """The shortest of a few rounds; what `prepare` does before each is not counted."""
    took: list[float] = []
    while len(took) < ROUNDS and sum(took) < ENOUGH_S:
        prepared = prepare()
        began = time.process_time()
        work(prepared)
        took.append(time.process_time() - began)
    return min(took)


def _ours(text: str) -> Times:
    yield "read_s", _best_s(lambda _: parse(text))
    circuit = parse(text)
    yield "write_s", _best_s(lambda _: emit(circuit))


def _pyspice(text: str) -> Times:
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from PySpice.Spice.Parser import SpiceParser

        yield "read_s", _best_s(lambda _: SpiceParser(source=text).build_circuit())
        circuit = SpiceParser(source=text).build_circuit()
        yield "write_s", _best_s(lambda _: str(circuit))


def _spicelib(text: str) -> Times:
    """Each round has a fresh editor: a second save of one takes a fraction of the first."""
    from spicelib import SpiceEditor

    with tempfile.TemporaryDirectory() as folder:
        deck, out = Path(folder) / "flat.net", Path(folder) / "out.net"
        deck.write_text(text, encoding="utf-8")
        yield "read_s", _best_s(lambda _: SpiceEditor(deck))

        def look_up(editor: Any) -> None:
            for index in range(SAMPLE):
                editor.get_component_nodes(f"R{4 * index}")

        yield "nodes_of_one_s", _best_s(look_up, lambda: SpiceEditor(deck)) / SAMPLE
        yield (
            "write_s",
            _best_s(lambda editor: editor.save_netlist(out), lambda: SpiceEditor(deck)),
        )


LIBRARIES: dict[str, Callable[[str], Times]] = {
    "joulearn": _ours,
    "PySpice": _pyspice,
    "spicelib": _spicelib,
}


def _work(name: str, elements: int, told: multiprocessing.Queue[tuple[str, float]]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        for found in LIBRARIES[name](flat_deck(elements)):
            told.put(found)
    told.put(("", 0.0))


def _times(name: str, elements: int, bound_s: float) -> tuple[dict[str, float], bool]:
    """What a library took for each thing, and whether it was stopped at one."""
    told: multiprocessing.Queue[tuple[str, float]] = multiprocessing.Queue()
    worker = multiprocessing.Process(target=_work, args=(name, elements, told), daemon=True)
    worker.start()
    found: dict[str, float] = {}
    try:
        while (came := told.get(timeout=bound_s))[0]:
            found[came[0]] = came[1]
    except queue.Empty:
        return found, True
    finally:
        worker.kill()
        worker.join()
    return found, False


def measure(sizes: tuple[int, ...] = SIZES, bound_s: float = BOUND_S) -> Iterator[dict[str, Any]]:
    """Times of every library on every deck, as they come; None for what was stopped."""
    for elements in sizes:
        for name in LIBRARIES:
            found, stopped = _times(name, elements, bound_s)
            yield {
                "library": name,
                "version": version(name),
                "elements": elements,
                "read_s": None,
                "write_s": None,
                **found,
                "stopped_after_s": bound_s if stopped else None,
            }


def _rate(row: dict[str, Any], key: str) -> str:
    """Elements per second; of what was stopped, what they are fewer than."""
    if row[key] is not None:
        return f"{row['elements'] / row[key]:.0f}"
    return f"<{row['elements'] / row['stopped_after_s']:.0f}" if row["stopped_after_s"] else "-"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=SIZES[-1], metavar="N")
    parser.add_argument("--bound", type=float, default=BOUND_S, metavar="SECONDS")
    parser.add_argument("--json", action="store_true")
    options, _ = parser.parse_known_args()
    rows = measure(tuple(size for size in SIZES if size <= options.largest), options.bound)
    if options.json:
        print(json.dumps(list(rows), indent=1))
        return
    print(f"{'library':18}{'elements':>9}{'read/s':>11}{'write/s':>11}  elements per second")
    for row in rows:
        name = f"{row['library']} {row['version']}"
        each, stopped = row.get("nodes_of_one_s"), row["stopped_after_s"]
        notes = [f"{1e3 * each:.3g} ms for the nodes of one element"] if each else []
        notes += [f"stopped after {stopped:g} s"] if stopped else []
        print(
            f"{name:18}{row['elements']:9d}{_rate(row, 'read_s'):>11}{_rate(row, 'write_s'):>11}"
            f"  {', '.join(notes)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
