# make demo: the whole line on an embedded county.  make test: all checks.  make docs: the documentation, into out/docs/html.  All set up what they need in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test bench docs reference clean

demo: .venv/installed
	$(BIN)/quarterhour demo out/demo

test: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: .venv/installed-test
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.siting

# The pages of docs/generated, from the code.
reference: .venv/installed
	$(BIN)/python -m docs.reference docs/generated

docs: .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	$(BIN)/python -m sphinx -W -q -b html docs out/docs/html

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/installed-test: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch .venv/installed $@

clean:
	rm -rf .venv out
