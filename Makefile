# One target each; continuous integration calls only these.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.DEFAULT_GOAL := help
.PHONY: help setup learn test lint format typecheck docs wheel minimum bench evidence clean

help:  ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

setup: $(STAMP)  ## make .venv with joulearn in it, and find or install ngspice

$(STAMP): pyproject.toml .ci/make-venv
	@.ci/patiently 'making $(VENV)' .ci/make-venv $(VENV)
	@.ci/patiently 'installing joulearn and its libraries there, some minutes' \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,docs]'
	@$(BIN)/python -m spice_backend.setup.install
	@touch $@

learn: setup  ## watch a 32-edge transistor network teach itself, then open runs/regression/report.html
	@$(BIN)/joulearn learn regression --out runs/regression --overwrite

test: setup  ## the whole test suite, under ten minutes on two cores
	$(BIN)/python -m pytest -n 2

lint: setup  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup  ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: setup  ## types, strictly
	$(BIN)/mypy

docs: setup  ## the documentation site, in build/docs/index.html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs

wheel: setup  ## the wheel, built, installed alone and tried on a small design
	.ci/smoke $(BIN)/python

minimum: setup  ## the tests with the oldest versions that pyproject.toml allows
	.ci/minimum $(BIN)/python

bench: setup  ## side-by-side benchmarks
	$(BIN)/python -m benchmarks

evidence: setup  ## the long runs behind every figure in the README
	$(BIN)/python -m pytest -m evidence --override-ini addopts="--import-mode=importlib -s"

clean:  ## remove what the targets made
	rm -rf $(VENV) .ngspice runs build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis docs/gallery
