"""Circuits as text and as data: parsing, emitting, networks, cells, and the deck made of them.

Only the names others use; what they do is told in the module that defines each. `assemble` is the
function here, while ``from netlist.assemble import …`` still finds its module.
"""

from netlist.assemble import (
    BLOCKS,
    Assembly,
    Blueprint,
    ControlLine,
    Crossing,
    Rail,
    Target,
    Transient,
    assemble,
    with_transient,
)
from netlist.cell import CONTRACTS, Cell, Contract, library_path, load_cell
from netlist.circuit import (
    Behavioural,
    Circuit,
    Comment,
    Directive,
    Expression,
    Instance,
    Model,
    Parameter,
    Params,
    Primitive,
    Raw,
    Source,
    Statement,
    Subcircuit,
    Value,
    Waveform,
)
from netlist.emitter import emit, emit_statements
from netlist.errors import NetlistError
from netlist.flatten import Device, Leaf, leaves
from netlist.number import format_number, parse_number
from netlist.parser import parse, parse_library
from netlist.process import Process, load_process
from netlist.roles import Placement, with_roles
from netlist.span import Span
from netlist.topology import (
    Network,
    Port,
    layered,
    random_regular,
    read_network,
    square_lattice,
)

__all__ = [
    "BLOCKS",
    "CONTRACTS",
    "Assembly",
    "Behavioural",
    "Blueprint",
    "Cell",
    "Circuit",
    "Comment",
    "Contract",
    "ControlLine",
    "Crossing",
    "Device",
    "Directive",
    "Expression",
    "Instance",
    "Leaf",
    "Model",
    "NetlistError",
    "Network",
    "Parameter",
    "Params",
    "Placement",
    "Port",
    "Primitive",
    "Process",
    "Rail",
    "Raw",
    "Source",
    "Span",
    "Statement",
    "Subcircuit",
    "Target",
    "Transient",
    "Value",
    "Waveform",
    "assemble",
    "emit",
    "emit_statements",
    "format_number",
    "layered",
    "leaves",
    "library_path",
    "load_cell",
    "load_process",
    "parse",
    "parse_library",
    "parse_number",
    "random_regular",
    "read_network",
    "square_lattice",
    "with_roles",
    "with_transient",
]
