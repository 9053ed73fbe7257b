"""What the simulator calls a probe: ``v(a)`` is its vector ``a``, ``i(v1)`` is ``v1#branch``."""

from __future__ import annotations


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
        return f"{name[2:-1]}#branch"
    return name
