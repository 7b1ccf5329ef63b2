# make demo | test | lint | bench: each sets itself up on a machine that has Python 3.11+ and make, and starts in seconds after.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
STATIC := gunj_widgets/widgets/static/hub.js
JS_SOURCES := $(shell find js/src -type f 2>/dev/null) js/build.mjs js/size.json js/package-lock.json
# What an editable install depends on: names, entry points, the build hook.
PROJECT := pyproject.toml hatch_build.py

# Where tests have a long form; tests/test_structure.py holds it to be all of them.
SOAK := tests/live tests/browser/test_open_close.py tests/connection/test_resume.py

EDITABLE := $(BIN)/pip install -q --no-deps --no-build-isolation -e .

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export npm_config_update_notifier := false

.PHONY: help demo test lint bench soak pins wheel clean

help:
	@echo "make demo    the embedded operator and a notebook on it      make demo ARGS=--check  without a browser"
	@echo "make test    vitest and pytest                               make test ARGS='-k codec'"
	@echo "make lint    ruff, mypy, import contracts, biome, tsc"
	@echo "make bench   benchmarks/run.py                               make soak   all tests in their long forms"
	@echo "make pins    renew requirements/*.txt                        make wheel  dist/"

# Prerequisites are made in the order they are listed.
demo: $(VENV)/.stamp-demo $(STATIC)
	@$(BIN)/gunj-widgets demo $(ARGS)

test: js/node_modules/.stamp $(VENV)/.stamp-dev $(STATIC)
	@scripts/chromium.sh $(VENV)
	@cd js && npm run --silent test
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

lint: js/node_modules/.stamp $(VENV)/.stamp-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd js && npm run --silent lint && npm run --silent check
	@$(BIN)/python scripts/check_tree.py

bench: $(VENV)/.stamp-dev $(STATIC)
	@$(BIN)/python benchmarks/run.py $(ARGS)

soak: $(VENV)/.stamp-dev $(STATIC)
	@scripts/chromium.sh $(VENV)
	@GUNJ_SOAK=1 $(BIN)/python -m pytest -s $(SOAK) $(ARGS)

wheel: $(VENV)/.stamp-dev $(STATIC)
	@$(BIN)/python -m hatchling build

# --- set-up: each stamp is as new as what it was made from ------------------------------------------------------------

$(VENV)/.stamp-venv: scripts/venv.sh
	@test -x $(BIN)/pip || scripts/venv.sh $(VENV)
	@touch $@

$(VENV)/.stamp-node: $(VENV)/.stamp-venv requirements/node.txt scripts/node.sh
	@scripts/node.sh $(VENV)
	@touch $@

$(VENV)/.stamp-demo: $(VENV)/.stamp-node requirements/demo.txt $(PROJECT)
	@echo "installing requirements/demo.txt into $(VENV)"
	@$(BIN)/pip install -q -r requirements/demo.txt
	@$(EDITABLE)
	@touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-node requirements/dev.txt $(PROJECT)
	@echo "installing requirements/dev.txt into $(VENV)"
	@$(BIN)/pip install -q -r requirements/dev.txt
	@$(EDITABLE)
	@touch $@

js/node_modules/.stamp: $(VENV)/.stamp-node js/package-lock.json
	@cd js && npm ci --silent --no-progress
	@touch $@

# The build hook builds what is older than its sources.
$(STATIC): $(JS_SOURCES)
	@$(EDITABLE)

# --- upkeep -----------------------------------------------------------------------------------------------------------

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url \
	--annotation-style line --upgrade

pins: $(VENV)/.stamp-venv
	@$(BIN)/pip install -q uv
	@$(COMPILE) pyproject.toml --extra dev --group build -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --extra demo --group build -c requirements/dev.txt -o requirements/demo.txt
	@$(COMPILE) --group node -o requirements/node.txt

clean:
	rm -rf $(VENV) js/node_modules gunj_widgets/widgets/static dist build
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
