# Waymark: what one types. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_PORT ?= 8000
export FLASK_APP := wsgi

.PHONY: help install demo demo-data test check load lock messages clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Stamps say what is installed; they are made anew when a requirement file changes.
$(VENV)/installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Compiled catalogues are made from the .po files; they are not kept in the repository.
$(VENV)/translated: $(wildcard app/translations/*/LC_MESSAGES/messages.po) $(VENV)/installed
	$(BIN)/pybabel --quiet compile --directory app/translations
	@touch $@

install: $(VENV)/installed $(VENV)/translated ## Set up the environment only

demo-data: install ## Build the demonstration without serving it
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo build

demo: demo-data ## Build the demonstration and serve it (DEMO_PORT changes the port)
	@$(BIN)/flask demo serve --port $(DEMO_PORT)

# Files of tests run beside each other, one process for each processor; each has servers of its own.
WORKERS ?= auto
test: install $(VENV)/installed-dev ## Run every test that can run on this machine
	@unset DATABASE_URL $$(env | grep -oE '^WAYMARK_[A-Z_]*' || true); \
	$(BIN)/python -m pytest -rsfE -n $(WORKERS) --dist loadfile $(TESTS)

check: install $(VENV)/installed-dev ## Format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

load: install $(VENV)/installed-dev ## Load test on PostgreSQL, beside a bare Flask application
	@$(BIN)/python loadtests/run.py $(LOAD)

lock: $(VENV)/installed-dev ## Pin requirements anew from the .in files
	$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header requirements-dev.in -o requirements-dev.txt

messages: $(VENV)/installed ## Collect the interface's strings for the translators
	$(BIN)/pybabel --quiet extract -F babel.cfg -k _l --add-location=file --sort-by-file -o app/translations/messages.pot .
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-pot-creation-date -i app/translations/messages.pot -d app/translations

clean: ## Remove the environment and caches (the instance stays)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
