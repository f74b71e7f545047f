# make run    the main job under Airflow, from nothing        make test   everything tested
# make demo   the journey without Airflow, under a minute     make check  format, lint, types, import contracts

PYTHON ?= python3
PORT   ?= 8080
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test demo check lock bench clean

# One command a line: make starts each without a shell between, so that a signal to make reaches it.
run:
	@$(PYTHON) include/airtight_launch/environment.py
	@$(BIN)/python -m airtight_launch run --port $(PORT)

demo:
	@$(PYTHON) include/airtight_launch/environment.py
	@$(BIN)/python -m airtight_launch demo

test:
	@$(PYTHON) include/airtight_launch/environment.py --dev
	@$(BIN)/python -m pytest $(TESTS)

check:
	@$(PYTHON) include/airtight_launch/environment.py --dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/airtight check

# The lock is written by uv, from pyproject.toml: python3 -m pip install uv
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes -q pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes -q --extra dev -c requirements.txt \
	    pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) var
