# Two commands: `make demo` and `make test`. All set-up stays in this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo

# All of Rust is built with one set of features, so that nothing is compiled twice.
ALL := --locked --workspace --features cli

# Tests on real data are ignored where there are none.
IGNORED := $(if $(WINBACK_DATA),-- --include-ignored)

# Cargo and pytest choose how many jobs they run.
unexport MAKEFLAGS

.PHONY: demo compare release quality bench-peers attainable targeted-lists compare-campaigns purchase-bases purchase-log-scores campaign-errors fuzz faults mutants evidence licences build test test-rust test-light \
	test-python test-frames test-spark python docs docs-outputs lint lint-rust lint-python clean

# The whole job on simulated customers, or on TRANSACTIONS=file.csv; OPTIONS are handed on. The
# compiler optimises little here: that is fast enough, and compiling takes less than half as long.
demo:
	cargo run --locked --features cli -- demo \
		$(if $(TRANSACTIONS),--transactions "$(TRANSACTIONS)") $(OPTIONS) -o $(OUT)

# The Python package compiled for speed.
release: $(VENV)/ready
	cargo build --release $(ALL) --lib
	install -m 644 target/release/lib_core.$(if $(filter Darwin,$(shell uname)),dylib,so) \
		python/winback/_core.abi3.so

# How good the default model is on public logs, beside its parts and rivals.
quality: release
	$(BIN)/python benches/quality.py --data-folder $(or $(WINBACK_DATA),../shared/data) $(OPTIONS)

# How fast it is beside the libraries of its field; the page is docs/reference/speed.md. Needs a quiet machine.
bench-peers: release $(VENV)/peers/ready
	PYTHONPATH=python $(VENV)/peers/bin/python benches/peers.py $(OPTIONS)

$(VENV)/peers/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)/peers
	$(VENV)/peers/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/peers/bin/python -m pip install --quiet --group peers
	touch $@

# Which share of the skill that could be had it reaches on simulated shops.
attainable: release
	$(BIN)/python benches/attainable.py $(OPTIONS)

# Which share of an oracle's profit targeted lists earn on simulated shops with known effects.
targeted-lists: release
	$(BIN)/python benches/targeted_lists.py $(OPTIONS)

# Figures of campaigns beside those of scikit-uplift, causalml and statsmodels, on hundreds of cases.
compare-campaigns: python $(VENV)/campaign-peers/ready
	PYTHONPATH=python $(VENV)/campaign-peers/bin/python benches/compare_campaigns.py $(OPTIONS)

$(VENV)/campaign-peers/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)/campaign-peers
	$(VENV)/campaign-peers/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/campaign-peers/bin/python -m pip install --quiet --group campaign-peers
	touch $@

# Models of purchases on thousands of simulated bases: laws kept, and what intervals hold.
purchase-bases: release
	$(BIN)/python benches/purchase_bases.py
	$(BIN)/python benches/purchase_intervals.py --data-folder $(or $(WINBACK_DATA),../shared/data)

# What the chances of a purchase by all models are worth on public logs.
purchase-log-scores: release
	$(BIN)/python benches/purchase_log_scores.py --data-folder $(or $(WINBACK_DATA),../shared/data) $(OPTIONS)

# How often effects of campaigns are wrong: tests without an effect, intervals with one.
campaign-errors: release
	$(BIN)/python benches/campaign_errors.py $(OPTIONS)

# Damaged files of every kind, read and used for so many minutes; what is found is in target/fuzz.
fuzz: build
	target/debug/fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(OPTIONS)

# Every write, sync, rename and opened file of a command fails in turn, or the process dies there.
faults: build
	$(PYTHON) tests/faults.py target/debug/winback $(OPTIONS)

# Small faults in a copy of the code, one at a time: do the tests see them?
mutants: $(VENV)/mutants/ready
	$(VENV)/mutants/bin/python tests/mutants.py $(OPTIONS)

$(VENV)/mutants/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)/mutants
	$(VENV)/mutants/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/mutants/bin/python -m pip install --quiet --group mutants
	touch $@

# All of these attacks, comparisons of ways that must not matter, and the package built again and without
# a network; what came of it is docs/evidence.md.
evidence: python $(VENV)/mutants/ready
	PYTHONPATH=python $(BIN)/python tests/evidence.py $(OPTIONS)

# The licences of the crates that a wheel holds.
licences:
	$(PYTHON) .ci/licences.py

# Which figures differ from those of the commit BASE.
compare:
	$(PYTHON) tests/compare_builds.py $(BASE)

test: test-rust test-python

build:
	cargo build $(ALL) --lib --bins --examples --tests

test-rust: build
	cargo test $(ALL) $(IGNORED)

# The library without what a service can leave out, in a folder of its own.
test-light: build
	tests/light_build.sh

test-python: python
	$(BIN)/python -m pytest -n auto --dist worksteal

# Frames under pandas 2; under the newest they are tested with the rest.
test-frames: python $(VENV)/pandas2/ready
	PYTHONPATH=python $(VENV)/pandas2/bin/python -m pytest tests/python/test_frames.py

# winback.spark in an environment of its own, some of it by Spark Connect; SPARK=spark3 is the older one.
SPARK ?= spark
SPARK_TESTS = PYTHONPATH=python $(VENV)/$(SPARK)/bin/python -m pytest -W default -q \
	-o pythonpath="tests/spark tests/python"
test-spark: python $(VENV)/$(SPARK)/ready
	$(SPARK_TESTS) tests/spark
	WINBACK_SPARK=connect $(SPARK_TESTS) tests/spark/test_customers.py

$(VENV)/$(SPARK)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)/$(SPARK)
	$(VENV)/$(SPARK)/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/$(SPARK)/bin/python -m pip install --quiet --group test-$(SPARK)
	touch $@

$(VENV)/pandas2/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)/pandas2
	$(VENV)/pandas2/bin/python -m pip install --quiet --upgrade pip
	$(VENV)/pandas2/bin/python -m pip install --quiet --group test-pandas2
	touch $@

# The Python package, in a virtual environment that finds it in this folder.
python: $(VENV)/ready build
	install -m 644 target/debug/lib_core.$(if $(filter Darwin,$(shell uname)),dylib,so) \
		python/winback/_core.abi3.so

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --group test --group docs
	echo "$(CURDIR)/python" > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/winback.pth"
	touch $@

# The documentation as a site, in docs/_build/html; warnings are errors.
docs: python
	$(BIN)/python -m sphinx -W --keep-going -n -q -E docs docs/_build/html

# Gives the pages of the documentation the outputs that their examples print now.
docs-outputs: python
	WINBACK_UPDATE_DOCS=1 $(BIN)/python -m pytest -q tests/python/test_docs.py \
		tests/python/test_notebooks.py tests/python/test_command_line.py

lint: lint-rust lint-python

# The library must build without the command line, too.
lint-rust:
	cargo fmt --all --check
	cargo clippy $(ALL) --all-targets -- -D warnings
	cargo clippy --locked --workspace --lib --examples -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(ALL) --lib --examples --no-deps

lint-python: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf target $(VENV) demo docs/_build docs/notebooks docs/reference/api
