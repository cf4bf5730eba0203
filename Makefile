# Everything that can be asked of this project. `make` alone lists it. Needs Python 3.11 or newer, git and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Even from an empty environment: Python finds itself by PATH.
export PATH := $(or $(PATH),/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
# Compiled modules are what makes the second start quick.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
SOURCES := $(wildcard requirements/*.in)
JOBS ?= 2

# The first interpreter that is new enough; name another with PYTHON=…
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
# As pip does, uv trusts the certificates of this machine.
export UV_SYSTEM_CERTS := 1

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## Make the environment in .venv, where it is not current
	@:
$(STAMP): requirements/uv.txt requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found. Name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { rm -rf $(VENV); "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; }
	@echo "Setting up $(VENV) (only when the requirements change)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@index="$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)"; \
		export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; [ -n "$$UV_DEFAULT_INDEX" ] || unset UV_DEFAULT_INDEX; \
		VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt
	@touch $(STAMP)

.PHONY: demo
demo: $(STAMP) ## A local Bitbucket with Bittern in it. REPO=PATH shows a repository of yours, CHECK=1 opens every panel and ends, PORT=… sets the address
	@exec $(BIN)/python -m demo --end-with-parent $${REPO:+--repo "$$REPO"} $(if $(filter-out 0,$(CHECK)),--check) $(if $(PORT),--port $(PORT)) $(if $(SEED),--seed $(SEED))

.PHONY: test
test: $(STAMP) ## Every test. PostgreSQL, Redis, nginx, Chromium and npm are found or installed; what stays missing is skipped loudly (a failure where CI=true)
	@.ci/services
	@$(BIN)/python -m pytest -n $(JOBS) -rs $(ARGS)

.PHONY: faults
faults: $(STAMP) ## Every fault of tests/faults/index.py, and what became of each; LONG=1 in the long form (hours), SEED=… by another chance, ARGS='-k …' a part
	@.ci/services
	@$(BIN)/python -m pytest tests --faults -p no:randomly -rs $(if $(filter-out 0,$(LONG)),--long) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: attacks
attacks: $(STAMP) ## Every attack and control against real processes, on SQLite and PostgreSQL, with a table of what was withstood
	@.ci/services
	@$(BIN)/python -m pytest tests/security/test_attacks.py --attack-ids . -p no:randomly -rs $(ARGS)

.PHONY: mutants
mutants: $(STAMP) ## Take the security checks away, one at a time, and see that a test notices each. ONLY=REGEX chooses by name
	@exec nice $(BIN)/python -m tests.mutants $(if $(ONLY),'$(ONLY)')

.PHONY: lint
lint: $(STAMP) ## Formatting and lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

.PHONY: format
format: $(STAMP) ## Put the formatting right
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: types
types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

.PHONY: architecture
architecture: $(STAMP) ## Who may import whom
	@$(BIN)/lint-imports

.PHONY: figures
figures: $(STAMP) ## Lengths of functions and files, lines of test for each line of source
	@$(BIN)/python -m tests.house_figures

.PHONY: bench
bench: $(STAMP) ## Every benchmark, and docs/performance.md anew; ONLY="panels tenants" some, QUICK=1 a short run of each, LIST=1 which there are
	@.ci/services
	@$(BIN)/python -m bench.suite $(if $(filter-out 0,$(LIST)),--list) $(if $(filter-out 0,$(QUICK)),--quick) $(if $(ONLY),--only $(ONLY))

.PHONY: screenshots
screenshots: $(STAMP) ## Take docs/screenshots anew, with Chromium. ONLY="flow state-quiet" takes those whose names begin so
	@$(BIN)/python -m tests.end_to_end.take_screenshots $(ONLY)

.PHONY: requirements
requirements: $(STAMP) ## Compile requirements/*.in with hashes; UPGRADE=1 takes the newest versions that they allow
	@for source in $(SOURCES); do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			$(if $(UPGRADE),--upgrade) "$$source" -o "$${source%.in}.txt"; done

.PHONY: clean
clean: ## Remove the environment, the caches and the demo's logs; databases stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis var/demo
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
