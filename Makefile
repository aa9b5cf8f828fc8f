# Two commands: `make demo` and `make test`. All set-up stays in this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo

.PHONY: demo compare test test-rust test-python test-frames python docs docs-outputs lint clean

# The whole job on simulated customers, or on TRANSACTIONS=file.csv; OPTIONS are handed on.
demo:
	cargo run --release --locked --features cli -- demo \
		$(if $(TRANSACTIONS),--transactions "$(TRANSACTIONS)") $(OPTIONS) -o $(OUT)

# Which figures differ from those of the commit BASE.
compare:
	$(PYTHON) tests/compare_builds.py $(BASE)

test: test-rust test-python

test-rust:
	cargo test --locked --features cli

test-python: python
	$(BIN)/python -m pytest

# Frames under pandas 2; under the newest they are tested with the rest.
test-frames: python $(VENV)/pandas2/ready
	PYTHONPATH=python $(VENV)/pandas2/bin/python -m pytest tests/python/test_frames.py

$(VENV)/pandas2/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)/pandas2
	$(VENV)/pandas2/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/pandas2/bin/python -m pip install --quiet --group test-pandas2
	touch $@

# The Python package, built into a virtual environment of its own.
python: $(VENV)/ready
	$(BIN)/maturin develop --locked --quiet --profile dev

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --group test
	touch $@

# The documentation as a site, in docs/_build/html; warnings are errors.
docs: python
	cargo build --locked --features cli
	$(BIN)/python -m pip install --quiet --group docs
	$(BIN)/python -m sphinx -W --keep-going -n -q -E docs docs/_build/html

# Gives the pages of the documentation the outputs that their examples print now.
docs-outputs: python
	WINBACK_UPDATE_DOCS=1 $(BIN)/python -m pytest -q tests/python/test_docs.py \
		tests/python/test_notebooks.py tests/python/test_command_line.py

lint: python
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features cli -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --features cli
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf target $(VENV) demo docs/_build docs/notebooks docs/reference/api
