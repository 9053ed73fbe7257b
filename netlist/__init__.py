"""Circuits as text and as data: parsing, emitting, networks, cells, and the deck made of them.

Only the names others use; they stand in ``__init__.pyi``, each is imported when it is first used,
and what it does is told in the module that defines it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
