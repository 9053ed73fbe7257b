"""The numerical twin: the same learning without a circuit, fast enough to sweep and plan with.

The public names stand in ``__init__.pyi``; each is imported when it is first used, because training
brings a compiler along that nobody else needs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
