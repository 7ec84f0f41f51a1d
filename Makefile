# make run: install, read the sample reports, serve what was found at http://127.0.0.1:8000
# make test: install and run every test     make check: lint and types     make train: models/ from corpus/
# make openapi: docs/openapi.json as the routes are now
# make audit: known vulnerabilities of the pinned dependencies, where the service that knows them can be reached
# make schemathesis: long chains of made-up calls against the real service; takes about an hour
# make soak: ten minutes of 16 clients against the real service
# make fuzz: 10,000 damaged files of each format through the readers; takes hours
# make bench: every table of the README, with date and machine, hours; DATA=FOLDER adds what is measured on others' data
# make costs: benchmarks/scale.md, what a corpus costs by its size, measured and multiplied; most of an hour
# Torch is the CPU build; `make TORCH=torch==2.13.0 run` takes the default build of your package index instead.

PYTHON ?= python3.11
TORCH ?=
PORT ?= 8000
export TRENDNLP_HOME ?= .trendnlp
BIN := .venv/bin

DATA ?=

.PHONY: run test fuzz schemathesis soak bench costs check audit openapi train install install-dev weights clean

run: install weights
	$(BIN)/trendnlp ingest samples
	$(BIN)/trendnlp findings --limit 25
	$(BIN)/trendnlp serve --port $(PORT)

test: install-dev weights
	TRENDNLP_HOME= $(BIN)/python -m pytest -n 2 --dist loadfile

fuzz: install-dev
	FUZZ_MUTANTS=10000 $(BIN)/python -m pytest tests/test_read_fuzz.py

bench: install-dev weights
	$(BIN)/pip install -q -c constraints.txt -e '.[bench]'
	$(BIN)/python benchmarks/all.py $(if $(DATA),--data $(DATA))

costs: install-dev weights
	$(BIN)/python benchmarks/costs.py --model fast cascade > benchmarks/scale.md.part && mv benchmarks/scale.md.part benchmarks/scale.md

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

openapi: install-dev
	$(BIN)/trendnlp openapi > docs/openapi.json

schemathesis: install-dev
	SCHEMATHESIS_CHAINS=1000 $(BIN)/python -m pytest tests/test_schemathesis.py

soak: install-dev
	TRENDNLP_HOME= $(BIN)/python benchmarks/load.py --seconds 600

audit: install-dev
	$(BIN)/python .ci/audit.py constraints.txt

train: install weights
	$(BIN)/trendnlp train --corpus corpus --out models

install: .venv/installed
install-dev: .venv/installed-dev

# The accurate model's base weights, 440 MB, once for every checkout of this user. Without them the fast model labels.
weights: install
	@$(BIN)/trendnlp models pull >/dev/null || echo "going on with the fast model alone"

.venv/torch:
	$(PYTHON) -m venv .venv
	@echo "installing torch (this takes a while)"
	@if [ -n "$(TORCH)" ]; then $(BIN)/pip install -q "$(TORCH)"; \
	else $(BIN)/pip install -q torch==2.13.0+cpu 2>/dev/null || $(BIN)/pip install -q torch==2.13.0; fi
	touch $@

.venv/installed: .venv/torch pyproject.toml constraints.txt
	@echo "installing trendnlp"
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf .venv .trendnlp
