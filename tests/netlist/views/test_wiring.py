"""Wires: short ones, round devices, across others and never along them."""

from __future__ import annotations

from netlist.views.sheet import Group, Pin, Point, Rect, Sheet, Symbol, Wire
from netlist.views.wiring import wired
from tests.netlist.views.legible import loose_ends, points, shorts


def at(net: str, point: Point, way: Point) -> Symbol:
    """Something small with one end."""
    (x, y), (dx, dy) = point, way
    pin = Pin(net, x, y, (x + 0.3 * dx, y + 0.5 * dy), "center", way, "gate")
    body = Rect(x - dx - 0.4, y - dy - 0.4, x - dx + 0.4, y - dy + 0.4)
    return Symbol(net, "box", x - dx, y - dy, "up", flip=False, box=body, pins=(pin,))


def device(net: str, point: Point, way: Point) -> Symbol:
    """The same as a device that is to be wired."""
    found = at(net, point, way)
    return Symbol(net, "r", found.x, found.y, "up", flip=False, box=found.box, pins=found.pins)


def own(sheet: Sheet, net: str) -> set[Point]:
    """Points of a node's wires."""
    return {point for wire in sheet.wires if wire.net == net for point in points(wire)}


def test_a_short_wire_is_drawn_and_named_once() -> None:
    group = Group([device("a", (0, 0), (1, 0)), device("a", (8, 0), (-1, 0))])
    sheet = wired([group])
    assert own(sheet, "a") == {(x, 0) for x in range(9)}
    assert [words.text for words in sheet.words] == ["a"]


def test_a_long_one_is_two_names() -> None:
    group = Group([device("a", (0, 0), (1, 0)), device("a", (40, 0), (-1, 0))])
    sheet = wired([group])
    assert sheet.wires == ()
    assert [words.text for words in sheet.words] == ["a", "a"]
    assert loose_ends(sheet) == []


def test_ends_of_boxes_have_names_alone() -> None:
    sheet = wired([Group([at("a", (0, 0), (1, 0)), at("a", (8, 0), (-1, 0))])])
    assert sheet.wires == ()


def test_groups_are_not_joined_by_wires() -> None:
    one, other = device("a", (0, 0), (1, 0)), device("a", (8, 0), (-1, 0))
    assert wired([Group([one]), Group([other])]).wires == ()


def test_a_wire_crosses_another_straight_and_is_not_joined_to_it() -> None:
    group = Group([device("a", (0, 0), (1, 0)), device("a", (10, 0), (-1, 0))])
    group.wires.append(Wire("b", (5, -4), (5, 4)))
    sheet = wired([group])
    assert (5, 0) in own(sheet, "a")
    assert sheet.dots == ()
    assert shorts(sheet) == []


def test_a_wire_does_not_run_along_another() -> None:
    walls = [
        Symbol(name, "r", 0, 0, "up", flip=False, box=Rect(left, -3, right, 3), pins=())
        for name, left, right in (("R1", -20, 4.5), ("R2", 5.5, 30))
    ]
    ends = [device("a", (5, 6), (0, -1)), device("a", (5, -6), (0, 1))]
    assert own(wired([Group([*walls, *ends])]), "a") == {(5, y) for y in range(-6, 7)}
    sheet = wired([Group([*walls, *ends], [], [Wire("b", (5, 0), (5, -1))])])
    assert own(sheet, "a") == set()
    assert shorts(sheet) == []


def test_a_wire_goes_round_a_device_and_meets_its_own_in_a_dot() -> None:
    obstacle = Symbol("R", "r", 5, 0, "up", flip=False, box=Rect(4, -1, 6, 1), pins=())
    ends = [device("a", (0, 0), (1, 0)), device("a", (10, 0), (-1, 0))]
    sheet = wired([Group([*ends, obstacle, device("a", (5, 6), (0, -1))])])
    assert {(0, 0), (10, 0), (5, 6)} <= own(sheet, "a")
    assert not own(sheet, "a") & {(x, y) for x in (4, 5, 6) for y in (-1, 0, 1)}
    assert len(sheet.dots) == 1
