# Needs Python 3.11 or newer with venv, make and git. Everything else goes into .venv.
#   make review   run the worked example and say where its report lies
#   make test     run the whole test suite
#   make lint     formatting, lint and types
#   make bench    the benchmarks (half an hour); writes docs/benchmarks.md

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
REVIEW := health-partnerships
LINTERS := ruff mypy types-defusedxml types-openpyxl types-requests

# The moment at which the worked example is taken to run (2026-11-23 12:00 UTC): the same work gives the same bytes.
EXAMPLE_DATE := 1795435200

.DEFAULT_GOAL := help
.PHONY: help review test lint bench constraints clean

help:
	@sed -n 's/^#   //p' Makefile

review: $(VENV)/.installed
	SOURCE_DATE_EPOCH=$(EXAMPLE_DATE) $(BIN)/evidence-review --review $(REVIEW) run
	SOURCE_DATE_EPOCH=$(EXAMPLE_DATE) $(BIN)/evidence-review --review $(REVIEW) report --to all
	@echo
	@echo "The report: $(CURDIR)/reports/$(REVIEW)/report.html (and .docx, .odt, .pdf, .md beside it)"

test: $(VENV)/.tested
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.linted
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict evidence_review
# No test runs on these systems: at least nothing is called that they do not have.
	$(BIN)/mypy --strict --platform win32 --cache-dir .mypy_cache/win32 evidence_review
	$(BIN)/mypy --strict --platform darwin --cache-dir .mypy_cache/darwin evidence_review

bench: $(VENV)/.tested
	$(BIN)/python benchmarks/run_all.py

# The exact versions that CI installs, taken from .venv. Read the difference before you commit it.
constraints: $(VENV)/.tested $(VENV)/.linted
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made setup.cfg pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable '.[documents]'
	@touch $@

$(VENV)/.tested: $(VENV)/.made setup.cfg pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.linted: $(VENV)/.tested
	$(PIP) install --constraint constraints.txt $(LINTERS)
	@touch $@
