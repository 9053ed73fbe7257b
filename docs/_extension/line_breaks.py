"""Where a line may break: a browser breaks it after any hyphen, of `--out` and 1.7e-4 as well.

The style sheet keeps what is marked here whole.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

_SMALL = re.compile(r"([-\u2212]?\d[\d.]*e-\d+)")
_AS_TYPED = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)
_NARROW = 32
"""Letters of what is typed that the narrowest window has room for."""


class LineBreaks(SphinxPostTransform):
    """Mark numbers with a negative exponent, and what is typed and has short words only."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Do it."""
        for text in list(self.document.findall(nodes.Text)):
            parts = _SMALL.split(text.astext())
            if len(parts) > 1 and not isinstance(text.parent, _AS_TYPED):
                text.parent.replace(text, [_part(*one) for one in enumerate(parts) if one[1]])
        for typed in self.document.findall(nodes.literal):
            if all(len(word) <= _NARROW for word in typed.astext().split()):
                typed["classes"].append("whole-words")


def _part(index: int, words: str) -> nodes.Node:
    return nodes.inline("", words, classes=["number"]) if index % 2 else nodes.Text(words)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register it."""
    app.add_post_transform(LineBreaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
