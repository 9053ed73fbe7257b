"""Readers take time in proportion to what they read: eight times as much, eight times as long.

Each is timed at one size and at eight times that size in the same run, the best of several of each;
a reader whose time grows with the square would take sixty-four times as long.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from learning.design.origin import key_lines
from learning.tasks.records import read_records
from netlist.checks import check_deck
from netlist.errors import NetlistError
from netlist.machine.topology import read_network
from netlist.text.emitter import emit
from netlist.text.parser import parse, parse_library
from spice_backend.decks.whole_deck import read_deck

SMALL, FACTOR, MOST = 1200, 8, 28

Prepare = Callable[[int, Path], Callable[[], object]]


def ports(n: int, _: Path) -> Callable[[], object]:
    names = "\n+ ".join(f"p{i}" for i in range(n))
    text = f".subckt s {names}\nR1 p0 p1 1\n.ends\n"
    return lambda: parse_library(text)


def parameters(n: int, _: Path) -> Callable[[], object]:
    text = "t\n.param " + " ".join(f"a{i}={i}" for i in range(n)) + "\nR1 a 0 1\n"
    return lambda: emit(parse(text))


def formulas_of_parameters(n: int, folder: Path) -> Callable[[], object]:
    lines = "".join(f".param a{i}=1 b{i}={{a{i}}}\n" for i in range(n // 40))
    return lambda: check_deck(f"t\n{lines}V1 a 0 1\nR1 a 0 1\n", "d.cir", folder)


def wrong_names(n: int, folder: Path) -> Callable[[], object]:
    cells = "".join(f".subckt s{i} a\nR1 a 0 1\n.ends\n" for i in range(n // 40))
    wrong = "".join(f"X{i} a z{i}\nM{i} a a 0 0 m{i}\n" for i in range(n // 40))
    return lambda: check_deck(f"t\nV1 a 0 1\n{cells}{wrong}", "d.cir", folder)


def stranded_nodes(n: int, folder: Path) -> Callable[[], object]:
    lines = (f"C{i} a f{i} 1p\nRx{i} f{i} g{i} 1\nCx{i} g{i} a 1p\n" for i in range(n // 40))
    text = f"t\nV1 a 0 1\nR1 a 0 1\n{''.join(lines)}"
    return lambda: check_deck(text, "d.cir", folder)


def subcircuits_of_a_library(n: int, folder: Path) -> Callable[[], object]:
    text = "".join(f".subckt s{i} a\nR1 a 0 1\n.ends\n" for i in range(n // 40))
    return lambda: check_deck(text, "d.cir", folder)


def includes(n: int, folder: Path) -> Callable[[], object]:
    own = folder / f"includes-{n}"
    own.mkdir()
    names = [f"{i}.inc" for i in range(n // 80)]
    for name in names:
        (own / name).write_text(".param a=1\n")
    deck = "t\nV1 a 0 1\nR1 a 0 1\n" + "".join(f".include {name}\n" for name in names)
    (own / "deck.cir").write_text(deck)
    return lambda: (read_deck(own / "deck.cir"), check_deck(deck, "deck.cir", own))


def sections(n: int, folder: Path) -> Callable[[], object]:
    own = folder / f"sections-{n}"
    own.mkdir()
    (own / "p.lib").write_text(
        "".join(f".lib s{i}\n.param a{i}=1\n.endl\n" for i in range(n // 20))
    )
    lines = "".join(f".lib p.lib s{i}\n" for i in range(n // 20))
    (own / "deck.cir").write_text(f"t\n{lines}R1 a 0 1\n")
    return lambda: read_deck(own / "deck.cir")


def long_lists_in_toml(n: int, _: Path) -> Callable[[], object]:
    text = "a = [\n" + "1, # one\n" * n + "]\n[b]\nc = 1\n"
    return lambda: key_lines(text)


def dotted_keys_in_toml(n: int, _: Path) -> Callable[[], object]:
    text = "".join(f"a.b{i}.c = {i}\n" for i in range(n // 4))
    return lambda: key_lines(text)


def columns_of_a_table(n: int, folder: Path) -> Callable[[], object]:
    path, columns = folder / f"table-{n}.csv", n // 20
    rows = [",".join(f"c{i}" for i in range(columns)), *[",".join(["1.5"] * columns)] * 10]
    path.write_text("\n".join(rows))
    return lambda: read_records(path, path.name)


def nodes_of_graphml(n: int, folder: Path) -> Callable[[], object]:
    count, path = n // 20, folder / f"network-{n}.graphml"
    place = '<data key="x">0</data><data key="y">0</data>'  # so that none is looked for
    nodes = "".join(f'<node id="n{i}">{place}</node>\n' for i in range(count))
    edges = "".join(f'<edge source="n{i}" target="n{(i + 1) % count}"/>\n' for i in range(count))
    path.write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="x" for="node" attr.name="x" attr.type="double"/>'
        '<key id="y" for="node" attr.name="y" attr.type="double"/>'
        f'<graph edgedefault="undirected">\n{nodes}{edges}</graph></graphml>\n'
    )
    return lambda: read_network(path)


def a_section_of_a_large_file(n: int, folder: Path) -> Callable[[], object]:
    """Asked for again and again: the file is gone through once."""
    own = folder / f"large-{n}"
    own.mkdir()
    (own / "p.lib").write_text(".lib s\n.param a=1\n.endl\n" + "* filler\n" * (4 * n))
    (own / "deck.cir").write_text("t\n" + ".lib p.lib s\n" * (n // 4))
    return lambda: read_deck(own / "deck.cir")


def waveforms(n: int, _: Path) -> Callable[[], object]:
    rows = "\n".join(f"+ {i}u {i % 7}.25" for i in range(n))
    text = f"t\nV1 a 0 PWL(\n{rows}\n+ )"
    return lambda: emit(parse(text))


def broken_lines(n: int, _: Path) -> Callable[[], object]:
    texts = (f"M1 a b {'(' * n}", f".save v({'a' * 10 * n}", f"V1 a 0 PWL({'1 ' * 4 * n}=")

    def read() -> None:
        for text in texts:
            with pytest.raises(NetlistError, match="not"):
                parse_library(text)

    return read


READERS: tuple[Prepare, ...] = (
    *(ports, parameters, formulas_of_parameters, wrong_names, stranded_nodes),
    *(subcircuits_of_a_library, includes, sections, long_lists_in_toml, dotted_keys_in_toml),
    *(columns_of_a_table, nodes_of_graphml, a_section_of_a_large_file, waveforms, broken_lines),
)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_eight_times_as_much_takes_about_eight_times_as_long(
    reader: Prepare, tmp_path: Path
) -> None:
    small, large = reader(SMALL, tmp_path), reader(SMALL * FACTOR, tmp_path)
    small()  # what is loaded and built at the first use is no part of it
    bound = MOST * max(seconds(small, 3), 1e-3)
    assert any(seconds(large, 1) < bound for _ in range(3))  # an interruption hits one of them


def test_a_reader_that_takes_the_square_would_be_found() -> None:
    def read(n: int) -> Callable[[], object]:
        return lambda: [a for a in range(n) for b in range(n) if a + b < 0]

    small, large = read(300), read(300 * FACTOR)
    bound = MOST * max(seconds(small, 3), 1e-3)
    assert not any(seconds(large, 1) < bound for _ in range(3))


def seconds(read: Callable[[], object], times: int) -> float:
    """The best processor time of several runs, of this thread and without collections.

    A collection walks over every object of the process, the leavings of thousands of other tests
    included; its time is none of the reader's.
    """
    best = float("inf")
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            began = time.thread_time()
            read()
            best = min(best, time.thread_time() - began)
    finally:
        gc.enable()
    return best
