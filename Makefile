# Everything a person types. `make run`, then open the address it prints.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Loops are compiled once, while packages come in, rather than by each process of the tests.
COMPILE := from qalqan.trail.index.warm import compile_all; compile_all()

.PHONY: run test check bench soak docs lock clean

run: .venv/ready
	QALQAN_HOME=$${QALQAN_HOME:-var/demo} $(BIN)/qalqan demo --serve

test: .venv/ready-dev .venv-iso/ready
	bash tests/peers/install & peers=$$!; $(BIN)/python -c '$(COMPILE)' && wait $$peers
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: .venv/ready-dev
	$(BIN)/ruff format --check src tests bench soak docs
	$(BIN)/ruff check src tests bench soak docs
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

bench: .venv/ready-dev .venv-iso/ready
	$(BIN)/python bench/run.py

soak: .venv/ready-dev
	bash tests/peers/install long
	$(BIN)/python soak/run.py

docs: .venv/ready-dev
	$(BIN)/python docs/generate.py

clean:
	rm -rf .venv .venv-iso var

# A lock holds versions and hashes, never where they came from; `uv` is needed only to renew it.
lock:
	uv pip compile pyproject.toml --group build --group dev --extra spark --extra postgres --extra s3 --extra bench \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q \
	  --python-version 3.11 -o requirements-dev.lock
	uv pip compile pyproject.toml --group build -c requirements-dev.lock --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header -q --python-version 3.11 -o requirements.lock
	uv pip compile --group iso --no-deps --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	  --no-header -q --python-version 3.11 -o requirements-iso.lock

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Qalqan needs Python 3.11 or newer; $(PYTHON) is older."; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "This Python can't make an environment: install python3-venv (Debian: apt-get install python3-venv)."; exit 1; }
	@touch $@

# Python compiles what it imports; compiling all of what is installed takes as long as installing.
.venv/ready: requirements.lock pyproject.toml | .venv/python
	$(BIN)/pip install -q --no-compile --require-hashes -r requirements.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-dev: requirements-dev.lock pyproject.toml | .venv/python
	$(BIN)/pip install -q --no-compile --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@ .venv/ready

# What tests measure our ISO 20022 messages against; it brings pins of its own.
.venv-iso/ready: requirements-iso.lock | .venv/python
	@$(PYTHON) -m venv .venv-iso
	.venv-iso/bin/pip install -q --require-hashes --no-deps -r requirements-iso.lock
	@touch $@
