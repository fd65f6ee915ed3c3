# Gongshi. `make run` and `make test` work from a bare checkout: all they ask for is Python 3.11 or newer.
#
#   make run         set up, load the reference scenario, solve it, release it, serve it (Ctrl-C stops)
#   make test        set up, then every check: format, lint, types, import contracts, tests
#   make lint        the checks of `make test` without the tests
#   make test-long   the tests that take minutes, and those of the service once more on PostgreSQL
#   make bench       the benchmarks that need no data from outside
#   make setup       .venv with what a user needs            make setup-dev    .venv with what a developer needs
#   make lock        make the lock files again (UPGRADE=1: with the newest versions)
#   make clean       remove .venv, caches and built files; never var/, where the data is

SHELL := /bin/sh
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
PY := $(VENV)/bin/python

# What a build server or a shell happens to set must not change what the checks do: hypothesis, pytest and rich all
# look at these, and PYTHONPATH could put another checkout before this one.
unexport CI GITHUB_ACTIONS FORCE_COLOR PY_COLORS PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A .venv holds absolute paths, so one that was copied or moved with the checkout is made again.
ifneq ($(shell cat $(VENV)/.root 2>/dev/null),$(CURDIR))
MOVED := moved
endif

# pip obeys the lock file to the letter (every file by its hash), then the project itself is installed without
# asking for anything: its build backend is in the lock file too.
define install
	@echo "Installing from $(1) into $(VENV) ..."
	@$(PY) -m pip install -qq --require-hashes --no-deps -r $(1)
	@$(PY) -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
endef

.PHONY: help run test test-long lint bench setup setup-dev lock clean moved

help:
	@sed -n 's/^#   //p' Makefile

run: setup
	@exec $(VENV)/bin/gongshi demo

test: lint
	$(PY) -m pytest -n 2 --dist worksteal

test-long: setup-dev
	$(PY) -m pytest -m long --timeout 3600
	GONGSHI_TESTED_DATABASE=postgresql $(PY) -m pytest -n 2 --dist worksteal tests/api

lint: setup-dev
	$(PY) -m ruff format --check
	$(PY) -m ruff check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache

bench: setup-dev
	$(PY) -m benchmarks

setup: $(VENV)/.ready-run
setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready-run: requirements.txt pyproject.toml $(VENV)/.root
	$(call install,requirements.txt)

$(VENV)/.ready-dev: requirements-dev.txt pyproject.toml $(VENV)/.root
	$(call install,requirements-dev.txt)

# `python3 -m venv` is a package of its own on Debian: a root (a container) gets it installed, others are told.
$(VENV)/.root: $(MOVED)
	@python=; for each in $(PYTHON) python3.11 python3 python3.12 python3.13 python3.14; do \
	  if $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Gongshi needs Python 3.11 or newer; here: $$(python3 --version 2>&1 || echo none)." \
	    "Install one, or name it: make PYTHON=/path/to/python3 ..." >&2; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing python3-venv ..."; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null \
	      || exit 1; \
	  else \
	    echo "This Python cannot make virtual environments: install python3-venv (Debian, Ubuntu)." >&2; exit 1; \
	  fi; \
	fi; \
	echo "Making $(VENV) with $$($$python --version) ..."; \
	rm -rf $(VENV) && $$python -m venv $(VENV) && printf '%s\n' '$(CURDIR)' >$@

moved:

# The only target that needs a tool from outside: uv, in an environment of its own. The files carry hashes and no
# addresses, so pip takes the packages from wherever this machine is told to. Runtime first, then the rest on top.
COMPILE = $(VENV)-lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(if $(UPGRADE),--upgrade)

lock: $(VENV)/.root
	@$(PY) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv
	$(COMPILE) --group build -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt
	@rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(VENV)-lock dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
