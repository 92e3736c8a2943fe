# `make help` lists the targets. Each does its own set-up in .venv; nothing is installed anywhere else.
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell \
	$(name) -c 'import sys; print("$(name)" if (3, 11) <= sys.version_info < (3, 14) else "")' 2>/dev/null)))
VENV ?= .venv
BIN := $(VENV)/bin

# glibc keeps freed memory for the next batch instead of giving it back page by page; other systems ignore these.
export MALLOC_MMAP_THRESHOLD_ := 1073741824
export MALLOC_TRIM_THRESHOLD_ := 1073741824
export MALLOC_TOP_PAD_ := 67108864

# The fast setting compiles more than it runs: without the compilers' costly passes, as in tests/conftest.py.
FAST := IMG2TWEET_FAST=1 NUMBA_OPT=0 \
	XLA_FLAGS="--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"

LOWEST := .venv-lowest

.PHONY: help run test test-lowest lint unit notebooks results benchmark badges clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: $(VENV)/.installed  ## execute the notebooks; results, figures and a page under runs/
	$(BIN)/python notebooks/run_all.py

test: lint unit notebooks  ## ruff, pytest, and nbval over every notebook in its fast setting

lint: $(VENV)/.installed  ## ruff
	$(BIN)/ruff check .

unit: $(VENV)/.installed  ## pytest
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered

notebooks: $(VENV)/.installed  ## nbval over every notebook in its fast setting
	$(FAST) $(BIN)/python -m pytest -n 2 --dist loadfile --nbval --nbval-current-env notebooks

test-lowest: $(LOWEST)/.installed  ## pytest with the lower bounds of pyproject.toml, on Python 3.11
	$(LOWEST)/bin/python -m pytest -n 2 --dist loadfile

results: $(VENV)/.installed  ## train and evaluate what results/ lacks of configs/ (hours; stop and go on as you like)
	$(BIN)/python -m img2tweet_tf results

benchmark: $(VENV)/.installed  ## speed and memory, as ratios
	$(BIN)/python tests/benchmarks

badges: $(VENV)/.installed  ## write the notebooks' Colab badges from the address in pyproject.toml
	$(BIN)/python notebooks/badges.py

clean:  ## remove runs/ and the environments
	rm -rf runs $(VENV) $(LOWEST)

# Without compiling: Python does that for the modules that are used, when they are; all take a minute.
$(VENV)/.installed: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "img2tweet needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --no-compile -r requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --editable .
	@touch $@

$(LOWEST)/.installed: pyproject.toml
	python3.11 -m venv $(LOWEST)
	sed -nE 's/^    "([a-z0-9-]+)[>=]=([0-9.]+)",.*/\1==\2/p' pyproject.toml > $(LOWEST)/lowest.txt
	$(LOWEST)/bin/python -m pip install --disable-pip-version-check -c $(LOWEST)/lowest.txt --editable '.[dev]'
	@touch $@
