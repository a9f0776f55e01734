# make lab    set everything up, and open a copy of the notebooks that is yours in JupyterLab
# make test   set everything up and run every test, the notebooks included
# make run    execute the notebooks without a browser and write HTML into build/
# make help   list the rest

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
LAB := .venv/.ready-for-lab
TEST := .venv/.ready-for-test
LAB_EXTRAS := lab,cloud,cluster,word2vec
TEST_EXTRAS := $(LAB_EXTRAS),fast,site,test,browser
LAB_FLAGS ?=
NBVAL ?= --nbval
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))

# One thread a process: small models do not gain from more, and results stay the same on every machine.
export OMP_NUM_THREADS ?= 1
export JUPYTER_CONFIG_PATH := $(CURDIR)/.jupyter
export PYTHONWARNINGS ?= ignore::UserWarning:jupyter_client

.DEFAULT_GOAL := help
.PHONY: help setup check lab test test-quick test-code test-processors evidence fuzz test-notebooks run notebooks site slides lint lock style size colab clean

help:
	@grep -E '^# make' Makefile | sed 's/^# //'
	@printf '%s\n' 'make setup      only set everything up' \
		'make check      try what a notebook does, and say what is in its way' \
		'make test-quick the tests that need a minute in all: no notebooks, no browser, nothing slow' \
		'make test-processors  the notebooks and the models as other processors would compute them (an hour)' \
		'make evidence   measure anew what the notebooks say, and write docs/evidence.md (half an hour)' \
		'make fuzz       ten thousand odd inputs for the public functions' \
		'make test-code  all tests but the notebooks' \
		'make notebooks  execute the notebooks in place, as they are committed' \
		'make site       the executed notebooks, the docs and the package as pages with search, into build/site' \
		'make slides     slides of the four parts, to be shown without a network, into build/slides' \
		'make style      measure cells and prose of the notebooks' \
		'make size       how big the package is, and how far one walks through it' \
		'make colab      copies of the notebooks for Google Colab, into colab' \
		'make lock       choose the exact versions of requirements.lock anew' \
		'make clean      remove what the other commands made, but never a copy of the notebooks'

setup: $(LAB)

check:
	@$(if $(wildcard $(BIN)/python*),$(BIN)/python,$(PYTHON)) -m workshop check

# uv installs in seconds; where it cannot (a mirror that only pip knows of, say), pip does the same.
define install
	$(BIN)/uv pip install --quiet --python .venv --constraint requirements.lock --editable '$(1)' \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '$(1)'
	@touch $@
endef

.venv/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; install one, or say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Could not make .venv; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.lock)"
	@touch $@

$(LAB): .venv/.made pyproject.toml requirements.lock
	$(call install,.[$(LAB_EXTRAS)])

$(TEST): .venv/.made pyproject.toml requirements.lock
	$(call install,.[$(TEST_EXTRAS)])

lab: $(LAB)
	$(BIN)/python -m workshop lab $(LAB_FLAGS)

test: lint test-code test-notebooks

test-code: $(TEST)
	$(BIN)/python -m pytest -n 2 --dist loadscope -q

test-quick: $(TEST)
	$(BIN)/python -m pytest -n 2 --dist loadscope -q -m "not slow and not browser"

evidence: $(TEST)
	$(BIN)/python -m benchmarks.evidence

fuzz: $(TEST)
	FUZZ_EXAMPLES=60 $(BIN)/python -m pytest -q tests/fuzz

test-notebooks: $(TEST)
	$(BIN)/python -m pytest $(NBVAL) --nbval-current-env --nbval-cell-timeout=120 --nbval-sanitize-with tests/nbval.cfg \
		--override-ini testpaths=notebooks --override-ini addopts= -p no:cacheprovider -n 2 --dist loadscope -q notebooks

# PROCESSORS=--other tries the notebooks under one kernel, the one most unlike this machine's own.
test-processors: $(TEST)
	$(BIN)/python tools/processors.py $(PROCESSORS)

lint: $(TEST)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy workshop

run: $(LAB)
	$(BIN)/python tools/run_notebooks.py $(NOTEBOOKS)

notebooks: $(TEST)
	$(BIN)/python tools/run_notebooks.py --in-place $(NOTEBOOKS)

site: $(TEST)
	rm -rf build/site
	$(BIN)/python -m sphinx -q -E -b html -c docs -d build/.doctrees . build/site
	@echo "The site is in build/site; open build/site/index.html"

slides: $(LAB)
	$(BIN)/python tools/slides.py --output build/slides

size: $(TEST)
	$(BIN)/python tools/size.py

style: $(TEST)
	$(BIN)/python tools/notebook_style.py $(NOTEBOOKS)

colab: $(TEST)
	$(BIN)/python tools/colab.py

lock: $(TEST)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --fork-strategy fewest \
		--upgrade --no-annotate --quiet --custom-compile-command 'make lock' --output-file requirements.lock

clean:
	rm -rf .venv build .pytest_cache .ruff_cache .hypothesis *.egg-info
