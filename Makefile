# Hansom. `make help` lists the targets; every one of them sets up what it needs and can be repeated.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
PY := .venv/bin/python
NAME ?= routing
# Tests use both cores of a small machine.
WORKERS ?= 2

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# --- set-up -----------------------------------------------------------------------------------------------------
var/.python: requirements.txt
	@mkdir -p var
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo '[setup] Python packages'
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

var/.javascript: frontend/package-lock.json var/.python
	@echo '[setup] JavaScript packages'
	@ops/npm.sh ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/manifest.json: var/.javascript $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print 2>/dev/null)
	@echo '[setup] front end'
	@ops/npm.sh run --silent build
	@touch $@

.PHONY: system system-browser setup services
system:
	@ops/system.sh
system-browser:
	@ops/system.sh --with-browser
setup: system var/.python frontend/dist/manifest.json ## install what is missing: system packages, .venv, JavaScript, bundle
services: setup ## start the private PostgreSQL and Redis under var/
	@$(PY) ops/services.py start

# --- running ----------------------------------------------------------------------------------------------------
.PHONY: demo stop clean
demo: setup ## a city with cars, riders and a console; Ctrl-C stops it
	@exec $(PY) ops/demo.py $(DEMO)
stop: ## stop the private PostgreSQL and Redis
	@$(PYTHON) ops/services.py stop
clean: stop ## forget everything made here: database, city, keys, packages
	rm -rf var .venv frontend/node_modules frontend/dist

# --- the driver -------------------------------------------------------------------------------------------------
.PHONY: maps
maps: var/.python ## towns to train and test the driver on: make maps [ARGS="extract.osm.gz ..."]
	@$(PY) ops/training_maps.py $(ARGS)

# --- checks -----------------------------------------------------------------------------------------------------
.PHONY: test test-fast lint format lock bench screenshots prove
test: system-browser services ## every test, browser and fault tests included
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup -q $(ARGS)
test-fast: services ## without live processes and browser
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup -q -m 'not live and not browser' $(ARGS)
lint: services ## ruff, mypy, import-linter, missing migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy geofence fleet dispatch autonomy tests benchmarks ops manage.py
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
format: var/.python ## let ruff format and mend
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
lock: var/.python ## write requirements.txt from requirements.in
	.venv/bin/pip-compile -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe -o requirements.txt requirements.in
	@sed -i -E 's/^(torch==[0-9.]+)\+cpu/\1/' requirements.txt
bench: services ## one benchmark: make bench NAME=routing
	@$(PY) -m benchmarks.$(NAME) $(ARGS)
prove: services ## 100 rides by 30 cars over HTTP and sockets, every invariant checked: make prove [ARGS="--extract FILE"]
	@$(PY) ops/prove.py $(ARGS)
screenshots: system-browser services ## the README's pictures, made by the program
	@$(PY) ops/screenshots.py
