# Social SLA. `make` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Python 3.11 by its own name, or python3 where that is one.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
BIN := .venv/bin
export PYTHONPATH := $(CURDIR)/plugins:$(CURDIR)
# Nobody's telemetry, in no step.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
# Only for parsing and linting: the tools resolve profiles.yml but open no warehouse.
CHECK_ENV := SOCIAL_SLA_PSEUDONYM_KEY=only-for-parsing-not-a-secret SOCIAL_SLA_WAREHOUSE=$(CURDIR)/.run/check/warehouse.duckdb

.PHONY: help env run up down test test-long test-servers bench check expectations format lock clean \
	check-format check-lint check-types check-dbt check-sql check-yaml check-docker summary explain

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: ## Install the locked packages into .venv (reused while the lock is the same)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 is needed ($(PYTHON) is not one): make PYTHON=/path/to/python3.11 …"; exit 1; }
	@$(PYTHON) plugins/social_sla/local/python_environment.py

run: env ## Sandbox, Airflow, extraction, marts, release, review; MESSAGES=file.csv takes real messages
	@$(BIN)/python -m social_sla.cli run $(if $(MESSAGES),--messages "$(MESSAGES)")

up: env ## Start the sandbox and Airflow with its pages and leave them running
	@$(BIN)/python -m social_sla.cli up $(if $(MESSAGES),--messages "$(MESSAGES)") $(if $(PORT),--port $(PORT))

down: env ## Stop what `make up` has started
	@$(BIN)/python -m social_sla.cli down $(if $(MESSAGES),--messages "$(MESSAGES)")

summary: env ## What is landed, published and reviewed
	@$(BIN)/python -m social_sla.cli summary

explain: env ## How a clock came to its figure: CLOCK=<clock_id>
	@test -n "$(CLOCK)" || { echo "Say which clock: make explain CLOCK=<clock_id of fct_sla_clock>"; exit 2; }
	@$(BIN)/python -m social_sla.cli explain "$(CLOCK)"

test: env ## All tests but the long ones
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long"

test-long: env ## The tests that take minutes each: incremental builds in any order, decisions from flag to pack
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m long

test-servers: env ## Compare with real servers (Request Tracker, Bluesky, Synapse), installed where possible, else skipped
	@$(SHELL) tests/servers/install_request_tracker
	@$(SHELL) tests/servers/install_bluesky
	@$(SHELL) tests/servers/install_synapse
	@SOCIAL_SLA_TEST_SERVERS=1 $(BIN)/python -m pytest tests/servers -rs -n 2 --dist loadfile

bench: env ## Speed and memory of clock engine and connectors, as tables and a scaling curve
	@$(BIN)/python -m tests.bench.clocks $(if $(TICKETS),--tickets $(TICKETS))
	@$(BIN)/python -m tests.bench.connectors

check: env check-format check-lint check-types check-dbt check-sql check-yaml check-docker ## Format, lint, types, dbt, SQL, YAML, Docker files
	@echo "make check: all good"

check-format:
	@$(BIN)/ruff format --check .

check-lint:
	@$(BIN)/ruff check .

check-types:
	@$(BIN)/mypy

check-dbt:
	@mkdir -p .run/check
	@$(CHECK_ENV) $(BIN)/dbt --quiet --no-use-colors --log-path .run/check/logs parse --no-partial-parse \
		--project-dir dbt_project --profiles-dir dbt_project --target-path $(CURDIR)/.run/check/target

check-sql:
	@$(CHECK_ENV) $(BIN)/sqlfluff lint --disable-progress-bar --processes 2 dbt_project/models dbt_project/tests

check-yaml:
	@$(BIN)/yamllint --strict .

check-docker:
	@$(BIN)/hadolint Dockerfile
	@$(SHELL) .ci/check-compose

expectations: env ## Write the gate's expectations/ anew from its declarations
	@$(BIN)/python -m social_sla.quality.context

format: env ## Format Python, and what ruff can repair
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

lock: env ## Make the locks anew: requirements.lock, and those of the test servers
	@$(LOCK) requirements.in requirements-dev.in --output-file requirements.lock
	@for server in bluesky synapse; do \
		$(LOCK) tests/servers/$$server/requirements.in --output-file tests/servers/$$server/requirements.txt; done

clean: ## Remove what runs and tools have made (not .venv)
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m social_sla.cli down; fi
	@rm -rf .run .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
	@find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
