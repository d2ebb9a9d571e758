# `make demo` and `make test` are all that a newcomer needs; `make help` lists the rest.

PYTHON ?= python3
WORKERS ?= auto
N ?= 100000

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCKED := $(PIP) install --require-hashes --only-binary=:all:
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# Tests start hundreds of Python processes, which would compile every module each time.
unexport PYTHONDONTWRITEBYTECODE

# `make demo SERVE=0` returns when the shop is made, and needs the core alone.
SERVE ?= 1
DEMO := $(if $(filter 0,$(SERVE)),$(VENV)/.package,$(VENV)/.serve)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint reference docs clients soak bench bench-stream bench-peers wheel smoke lock clean distclean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
		while IFS="$$(printf '\t')" read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

demo: $(DEMO) ## set everything up, make a shop in demo/, show it, and serve it live (SERVE=0: return)
	$(BIN)/coterie demo $(if $(filter 0,$(SERVE)),,--serve)

test: lint $(VENV)/.clients ## lint, then every test; without PostgreSQL or the real data those tests are skipped
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder # `tests/conftest.py` orders them

lint: $(VENV)/.dev ## ruff (rules and format) and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

reference: $(VENV)/.dev ## write docs/reference anew from docstrings, commands and settings
	$(BIN)/python -m tools.reference

docs: $(VENV)/.dev ## run every example of README, docs/ and the docstrings
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup tests/docs

clients: ## install the Segment and RudderStack libraries that tests send events with, Node's where there is npm
	rm -f $(VENV)/.clients
	$(MAKE) $(VENV)/.clients

soak: $(VENV)/.dev $(VENV)/.clients ## the tests marked soak, N=100000 examples each
	COTERIE_SOAK=$(N) $(BIN)/pytest -n $(WORKERS) --dist loadgroup -o faulthandler_timeout=0 -m soak

bench-stream: $(VENV)/.dev ## measure the stream as events arrive (EVENTS=2000000 PEOPLE=100000)
	$(BIN)/python benchmarks/flow.py --events $(or $(EVENTS),2000000) --people $(or $(PEOPLE),100000)

bench-peers: $(VENV)/.dev build/peers/.made ## measure it beside Flink and Bytewax (EVENTS=2000000 PEOPLE=200000; needs Java 17)
	$(BIN)/python benchmarks/peers.py --events $(or $(EVENTS),2000000) --people $(or $(PEOPLE),200000)

bench: $(VENV)/.dev ## run every measurement of benchmarks/ at a modest size
	@set -e; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file; done

wheel: $(VENV)/.package ## build the wheel into dist/
	rm -rf dist
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

smoke: wheel ## install the wheel and the core alone in a fresh environment, and try it
	rm -rf build/smoke
	$(BIN)/python -m venv build/smoke
	build/smoke/bin/python -m pip --disable-pip-version-check install --quiet \
		--require-hashes --only-binary=:all: -r requirements/core.lock
	build/smoke/bin/python -m pip --disable-pip-version-check install --quiet \
		--no-deps --no-index dist/*.whl
	build/smoke/bin/python -m pip check
	build/smoke/bin/python -I tests/wheel/smoke.py
	build/smoke/bin/coterie --help

lock: $(BIN)/uv ## write requirements/*.lock anew from pyproject.toml (UPGRADE=1: newest versions)
	$(COMPILE) pyproject.toml -o requirements/core.lock
	$(COMPILE) --group build -c requirements/core.lock -o requirements/build.lock
	$(COMPILE) pyproject.toml --extra serve --extra stream --extra discover -c requirements/core.lock \
		-o requirements/serve.lock
	$(COMPILE) pyproject.toml --all-extras --group build --group dev \
		-c requirements/serve.lock -c requirements/build.lock -o requirements/dev.lock
	$(COMPILE) --no-annotate tests/clients/python.in -o tests/clients/python.lock
	$(COMPILE) --no-annotate benchmarks/peers/peers.in -o benchmarks/peers/peers.lock

clean: ## remove what was built, and the caches
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

distclean: clean ## remove the environment and the demo as well
	rm -rf $(VENV) demo

# Each stamp is newer than what it was made from, so that a second `make` has nothing to do.

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON). On Debian: sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Coterie needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name a newer one: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "This Python cannot make environments: its venv package is missing. Type" >&2; \
		echo "    sudo apt-get install python$$version-venv" >&2; \
		echo "and then the same make command again." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.core: requirements/core.lock requirements/build.lock $(VENV)/.made
	@echo "Installing the core from requirements/core.lock: about 200 MB, once"
	$(LOCKED) -r requirements/core.lock -r requirements/build.lock
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.core
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.serve: requirements/serve.lock $(VENV)/.package
	@echo "Installing what serves it live, and studies, from requirements/serve.lock: about 150 MB, once"
	$(LOCKED) -r requirements/serve.lock
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.package
	$(LOCKED) -r requirements/dev.lock
	@touch $@

# In environments of their own: their dependencies are others than ours.
$(VENV)/.clients: tests/clients/python.lock tests/clients/package-lock.json $(VENV)/.made
	$(BIN)/python -m venv $(VENV)/clients/python
	$(VENV)/clients/python/bin/python -m pip --disable-pip-version-check install --quiet \
		--require-hashes --only-binary=:all: -r tests/clients/python.lock
	@if command -v npm >/dev/null; then \
		cp tests/clients/package.json tests/clients/package-lock.json $(VENV)/clients/ && \
		npm ci --prefix $(VENV)/clients --ignore-scripts --no-audit --no-fund --loglevel=error; \
	else echo "There is no npm, so the tests of the Node library are skipped"; fi
	@touch $@

# Peers of the benchmarks: Flink's jars come as a Python package of 330 MB.
build/peers/.made: benchmarks/peers/peers.lock $(wildcard benchmarks/peers/flink/*.java)
	@command -v javac >/dev/null || { echo "There is no javac. On Debian: sudo apt-get install openjdk-17-jdk-headless" >&2; exit 1; }
	$(PYTHON) -m venv build/peers/python
	build/peers/python/bin/python -m pip --disable-pip-version-check install --quiet \
		--require-hashes --no-deps -r benchmarks/peers/peers.lock
	rm -rf build/peers/classes
	javac -Werror -Xlint:all,-deprecation,-serial -d build/peers/classes \
		-cp "$$(echo build/peers/python/lib/python3*/site-packages/pyflink/lib/flink-dist-*.jar)" \
		benchmarks/peers/flink/*.java
	@touch $@

$(BIN)/uv: | $(VENV)/.made
	$(PIP) install uv
