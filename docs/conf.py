"""Sphinx reads this: `make docs` builds the pages in this folder into build/docs."""

from __future__ import annotations

import sys
from pathlib import Path

from learning import __version__

sys.path.insert(0, str(Path(__file__).parent / "_extension"))

project = "joulearn"
author = "the joulearn developers"
copyright = "the joulearn developers, GPL-3.0-or-later"  # noqa: A001  Sphinx's own name
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_gallery.gen_gallery",
    "line_breaks",
    "mathml",
    "references",
    "root_pages",
]
exclude_patterns = ["README-pictures.md", "_extension", "examples/README.rst"]
default_role = "literal"
smartquotes = False  # what is quoted here is mostly there to be typed: --set, "twin"
nitpicky = False

myst_enable_extensions = ["dollarmath", "deflist", "attrs_block"]
myst_heading_anchors = 4

autodoc_typehints = "both"
autodoc_typehints_description_target = "documented"
python_maximum_signature_line_length = 88
autodoc_member_order = "groupwise"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_math_renderer = "mathml"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["joulearn.css"]
html_title = f"joulearn {__version__}"

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"__init__\.py",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "abort_on_example_error": True,
}
