"""Every benchmark in turn."""

import importlib
import pkgutil

import benchmarks

for module in sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__)):
    if not module.startswith("_"):
        print(f"== {module}")
        importlib.import_module(f"benchmarks.{module}").main()
