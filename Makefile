# Needs only python3 (3.11 or newer) with its venv module; everything is installed into .venv.
#   PYTHON=python3.13 make demo      with another interpreter
#   make test ARGS="-k lease"        with options for the command behind the target
#   make test JOBS=1                 one test at a time; most of them wait, so two cores carry three

BIN := .venv/bin
BENCH ?= launch
JOBS ?= 3

.PHONY: help demo test lint format bench realdata clean venv

help:  ## show this list
	@echo "Scrapewarden keeps many scrapers running on machines with little memory."
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s%s\n", $$1, $$2 }' Makefile

demo: venv  ## watch the whole system at work on its own database and job board
	@$(BIN)/supervisor demo $(ARGS)

test: venv  ## run all tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: venv  ## check style, types and the direction of imports
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: venv  ## lay the code out the way lint wants it
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

bench: venv  ## measure: benchmarks/launch.py, or another by BENCH=name
	@$(BIN)/python benchmarks/$(BENCH).py $(ARGS)

realdata: venv  ## how much of the real data beside the checkout is understood; ARGS="--misses pay-money" lists
	@$(BIN)/python tests/realdata/report.py $(ARGS)

venv:  ## build .venv or bring it up to date (the others do it by themselves)
	@PYTHON='$(PYTHON)' sh .ci/build-venv

clean:  ## remove .venv, builds and caches; databases stay
	@rm -rf .venv .venv.lock build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
