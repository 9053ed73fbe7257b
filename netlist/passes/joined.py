"""Nodes that belong together: groups that grow as pairs are joined (disjoint sets).

networkx has the same under ``utils.UnionFind``; this stands here because importing networkx takes
longer than checking a deck of a thousand lines.
"""

from __future__ import annotations


class Joined:
    """Groups of nodes; a node that nobody joined is a group of its own."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def group(self, node: str) -> str:
        """The node that stands for a node's group.

        Args:
            node: Any node.

        Returns:
            The same node for each of a group, until the group is joined with another.
        """
        above = self._above
        while (over := above.setdefault(node, node)) != node:
            above[node] = above[over]
            node = over
        return node

    def join(self, *nodes: str) -> None:
        """Make one group of the groups of some nodes.

        Args:
            nodes: Any number of nodes.
        """
        for node in nodes[1:]:
            self._above[self.group(node)] = self.group(nodes[0])
