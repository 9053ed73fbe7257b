"""Pages of the site that stand at the repository's root, where code hosts look for them.

A page of the site that holds only the name of such a file is replaced by it; links that are right
in the repository are turned into those that are right in the site.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

_ROOT = Path(__file__).resolve().parents[2]
_PAGES = {
    "contributing": "CONTRIBUTING.md",
    "security": "SECURITY.md",
    "changelog": "CHANGELOG.md",
}
_ELSEWHERE = {"README.md#a-cell-of-your-own": "tutorial/my-cell.md", "README.md": "index.md"}
"""What the site says in pages of its own."""


def _read(_: Sphinx, name: str, source: list[str]) -> None:
    if name in _PAGES:
        text = (_ROOT / _PAGES[name]).read_text(encoding="utf-8")
        source[0] = _links(text, "docs/", "")
    else:
        source[0] = _links(source[0], "", "../" * name.count("/"))


def _links(text: str, below: str, up: str) -> str:
    """Links of a page: `below` is what leads into this folder from it, `up` to this folder."""
    for page, file in _PAGES.items():
        text = re.sub(rf"\]\((?:\.\./)*{re.escape(file)}(#[^)]*)?\)", rf"]({up}{page}.md\1)", text)
    for link, page in _ELSEWHERE.items():
        text = re.sub(rf"\]\((?:\.\./)*{re.escape(link)}\)", f"]({up}{page})", text)
    return text.replace(f"]({below}", "](") if below else text


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
