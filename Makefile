# make run · make test · make check
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := requirements.txt
ALL := requirements.txt requirements-dev.txt
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes \
	--no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe

.PHONY: help run test lint format types migrations messages lock check clean

help:
	@echo "make run         the portal with demo data, web and worker in this terminal (PORT=8000)"
	@echo "make test        the whole suite on everything this machine has"
	@echo "make test ONLY=sqlite ARGS='-k placing'"
	@echo "make check       lint, types, migrations"
	@echo "make format      let ruff tidy the code"
	@echo "make messages    bring the English catalogue up to date"
	@echo "make lock        pin the packages anew"

run:
	@$(PYTHON) tools/environment.py $(RUNTIME)
	@exec $(BIN)/python tools/run.py

test: .environment
	@$(BIN)/python manage.py catalog --compile
	@exec $(BIN)/python tools/passes.py $(if $(ONLY),--only "$(ONLY)") -- $(ARGS)

check: lint types migrations

lint: .environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .environment
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .environment
	$(BIN)/mypy

migrations: .environment
	$(BIN)/python manage.py makemigrations --check --dry-run

messages: .environment
	$(BIN)/python manage.py catalog

lock: .environment
	$(PIP_COMPILE) --upgrade --output-file requirements.txt requirements.in
	$(PIP_COMPILE) --upgrade --output-file requirements-dev.txt requirements-dev.in
	$(PIP_COMPILE) --upgrade --output-file requirements-bootstrap.txt requirements-bootstrap.in

clean:
	rm -rf .venv .tools .venv.lock .pytest_cache .mypy_cache .ruff_cache

.PHONY: .environment
.environment:
	@$(PYTHON) tools/environment.py $(ALL)
