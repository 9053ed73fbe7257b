"""What a probe is called: ``v(a)`` is the simulator's vector ``a``, ``i(v1)`` is ``v1#branch``.

Simulators fold case, so a probe's one normal form is in lower case whatever the deck writes. All
probes are made and read here; a probe put together elsewhere is one that sooner or later is not
found.
"""

from __future__ import annotations

_BRANCH = "#branch"


def voltage(node: str) -> str:
    """The probe of a node's voltage against ground, volts."""
    return f"v({node.lower()})"


def current(source: str) -> str:
    """The probe of a voltage source's current from plus to minus inside it, amperes."""
    return f"i({source.lower()})"


def of_device(device: str, quantity: str) -> str:
    """The probe of what a device itself tells, such as ``@m1[id]``.

    Args:
        device: The simulator's name of the device, ``m.x1.m2`` inside an instance.
        quantity: One of its output parameters.

    Returns:
        The probe.
    """
    return f"@{device.lower()}[{quantity.lower()}]"


def is_of_device(probe: str) -> bool:
    """Whether a probe is what a device itself tells."""
    return probe.startswith("@")


def vector_name(probe: str) -> str:
    """The simulator's vector for a probe as a deck's ``.save`` writes it.

    Args:
        probe: ``v(node)``, ``i(source)``, ``@device[parameter]`` or a vector's own name.

    Returns:
        The name in lower case: ``node``, ``source#branch``, or the name itself.
    """
    name = probe.strip().lower()
    if name.startswith("v(") and name.endswith(")"):
        return name[2:-1]
    if name.startswith("i(") and name.endswith(")"):
        return f"{name[2:-1]}{_BRANCH}"
    return name


def probe_of(vector: str, unit: str) -> str:
    """The probe that asks for a vector: the way back from `vector_name`, as raw files write it.

    Args:
        vector: The simulator's name of the vector.
        unit: Its unit, "V" for a voltage.

    Returns:
        ``v(node)``, ``i(source)``, or the name itself.
    """
    if vector.endswith(_BRANCH):
        return current(vector.removesuffix(_BRANCH))
    plain = unit == "V" and not is_of_device(vector) and "(" not in vector
    return voltage(vector) if plain and not vector.endswith("-sweep") else vector


def is_node(vector: str) -> bool:
    """Whether a vector of a transient is a node's voltage."""
    return "#" not in vector and not is_of_device(vector) and vector != "time"
