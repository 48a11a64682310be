# Set-up, checks and the demo. Both `make run` and `make test` work on a fresh machine: they install what is missing.

PYTHON := .venv/bin/python
READY := .venv/.ready
SETUP := scripts/setup.sh
DEMO := resources/demo/gas-meter.umi
DATASHEETS := $(addprefix --datasheet resources/datasheets/,example-gas-meter.toml example-modules.toml)
SAY = @printf '\n==> %s\n'

.DEFAULT_GOAL := help
.PHONY: help run test lint types imports unit bench screenshots clean test-packages

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

run: $(READY) ## open the window on the demonstration recording, then print its conversation
	$(SAY) "The window on $(DEMO)"
	-@.venv/bin/umiscope open $(DEMO) $(DATASHEETS)
	$(SAY) "The conversation in $(DEMO)"
	@.venv/bin/umiscope decode $(DEMO) $(DATASHEETS)

test: $(READY) test-packages lint types imports unit ## run every check: style, types, import rules, tests

lint: $(READY) ## check style and formatting
	$(SAY) "Style and formatting"
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: $(READY) ## check types, as seen from this system and from Windows
	$(SAY) "Types, on this system"
	@.venv/bin/mypy
	$(SAY) "Types, on Windows"
	@.venv/bin/mypy --platform win32 --cache-dir .mypy_cache/windows

imports: $(READY) ## check who imports whom
	$(SAY) "Who imports whom"
	@.venv/bin/lint-imports --no-logo

unit: $(READY) ## run the tests
	$(SAY) "Tests"
	@$(PYTHON) -m pytest -n 2

bench: $(READY) ## measure speed
	@$(PYTHON) -m bench

screenshots: $(READY) ## draw the pictures of the window in docs/pictures
	@$(PYTHON) -m scripts.pictures

clean: ## remove the environment, caches and builds
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

test-packages:
	@$(SETUP) test-packages

$(READY): pyproject.toml $(SETUP)
	@$(SETUP) environment
	@touch $@
