# Everything a newcomer needs; each target prepares what it needs and is instant when that is done.
#
#   make report YEAR=2021   the annual progress report over 2021 (set-up included)
#   make final              the final evaluation (set-up included)
#   make portfolio          what all Regio Deals together show (set-up included)
#   make site               all reports and the pages around them (set-up included)
#   make test               the test suite (set-up included)
#   make lab                JupyterLab on the notebooks

PYTHON ?= python3
YEAR   ?= 2021
DEAL   ?= parkstad-limburg
ENGINE ?= auto
FORMAT ?= html
LAB    ?=

VENV     := .venv
LAB_VENV := .venv-lab
READY    := $(VENV)/.ready
TEST_READY := $(VENV)/.ready-test
CLUSTER_READY := $(VENV)/.ready-cluster
LAB_READY := $(LAB_VENV)/.ready

export UV_COMPILE_BYTECODE := 1
# The certificates and the package index of the organisation's own machines, as pip uses them.
export UV_SYSTEM_CERTS ?= 1
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
# A service account may have no home, or one that it cannot write in.
ifndef UV_CACHE_DIR
export UV_CACHE_DIR := $(shell d="$${XDG_CACHE_HOME:-$$HOME/.cache}/uv"; \
  mkdir -p "$$d" 2>/dev/null && test -w "$$d" && echo "$$d" || echo "$(CURDIR)/build/uv-cache")
endif

.PHONY: help setup report final portfolio site run check cluster test coverage test-slow walk bench docs lint lab lock clean

help:
	@sed -n '3,8s/^# *//p' Makefile
	@echo "make check              check deal, indicators, records and snapshots"
	@echo "make run YEAR=2021      run the notebooks, without the report"
	@echo "make cluster            install what regiodeal ... --cluster needs (docs/cluster.md)"
	@echo "make lint               style, types, and the one-way road of imports (part of make test)"
	@echo "make coverage           the test suite, and which lines it does not reach"
	@echo "make walk               look at every page of build/site in a browser"
	@echo "make bench              time and memory beside other ways to do the same (minutes)"
	@echo "make lock               renew the lock files after a change in pyproject.toml"

setup: $(READY)

# Install with uv, from the index that pip.conf names: pip reads that file, uv does not.
define uv_install
	@index="$${UV_DEFAULT_INDEX:-$$($(1)/bin/python -m pip config list 2>/dev/null \
	    | sed -nE "s/^(global|install)\.index-url='(.*)'$$/\1 \2/p" | sort | tail -n 1 | cut -d ' ' -f 2)}"; \
	  if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	  $(1)/bin/uv pip install --quiet --python $(1)/bin/python $(2)
endef

# Where the package stands, from where the environment is: Python 3.11 reads the whole path in the language of the
# system, and does not start where that is C and the path has accents.
define relative_place
	@for place in $(1)/lib/python*/site-packages/_regiodeal_evaluation.pth; do echo ../../../.. > "$$place"; done
endef

# A virtual environment from a hashed lock: made by Python's venv, filled by uv, with bytecode compiled.
define make_environment
	@echo "Setting up $(1) (once)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another with PYTHON=...") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv --clear $(1) || { echo "Python's venv module is needed (on Debian: apt-get install python3-venv)"; exit 1; }
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(call uv_install,$(1),--no-deps --require-hashes -r $(2))
	$(call uv_install,$(1),--no-deps --no-build-isolation --editable .)
	$(call relative_place,$(1))
	@$(1)/bin/python -m evaluation.run.notebook_outputs --renew
	@touch $(1)/.ready
endef

# Two at once would spoil each other's environment: the second waits, and then finds it ready.
ifndef SET_UP
$(READY): requirements.lock requirements-uv.lock pyproject.toml
$(TEST_READY): $(READY) requirements-test.lock
$(CLUSTER_READY): $(READY) requirements-cluster.lock
$(LAB_READY): requirements-lab.lock requirements-uv.lock pyproject.toml
$(READY) $(TEST_READY) $(CLUSTER_READY) $(LAB_READY):
	@$(PYTHON) evaluation/base/one_at_a_time.py build/set-up.lock $(MAKE) --silent SET_UP=1 $@
else
$(READY): requirements.lock requirements-uv.lock pyproject.toml
	$(call make_environment,$(VENV),requirements.lock)

# What only tests need comes on top: who makes a report does not wait for it.
$(TEST_READY): $(READY) requirements-test.lock
	$(call uv_install,$(VENV),--no-deps --require-hashes -r requirements-test.lock)
	@touch $@

# What a cluster needs, on the machine that asks and on its workers.
$(CLUSTER_READY): $(READY) requirements-cluster.lock
	$(call uv_install,$(VENV),--require-hashes -r requirements-cluster.lock)
	@touch $@

$(LAB_READY): requirements-lab.lock requirements-uv.lock pyproject.toml
	$(call make_environment,$(LAB_VENV),requirements-lab.lock)
endif

cluster: $(CLUSTER_READY)

report: $(READY)
	@$(VENV)/bin/regiodeal report --deal $(DEAL) --year $(YEAR) --engine $(ENGINE) --format $(FORMAT)

final portfolio: $(READY)
	@$(VENV)/bin/regiodeal report $@ --deal $(DEAL) --engine $(ENGINE) --format $(FORMAT)

site: $(READY)
	@$(VENV)/bin/regiodeal site --deal $(DEAL) --engine $(ENGINE) --format $(FORMAT)

run: $(READY)
	@$(VENV)/bin/regiodeal run --deal $(DEAL) --year $(YEAR)

check: $(READY)
	@$(VENV)/bin/regiodeal check --deal $(DEAL)

# axe-core for the browser tests; where there is no npm they are skipped.
tests/browser/node_modules: tests/browser/package.json tests/browser/package-lock.json
	@command -v npm >/dev/null && npm ci --silent --prefix tests/browser && touch $@ || echo "No axe-core: the browser tests are skipped"

test: lint tests/browser/node_modules
	@$(VENV)/bin/python -m pytest

# The same tests, with the lines of the package that none of them reaches; the floor stands in pyproject.toml.
coverage: $(TEST_READY)
	@COVERAGE_SOURCE=$(CURDIR)/evaluation $(VENV)/bin/python -m pytest --cov --cov-report=term:skip-covered

# What takes minutes: kills at fifty moments.
test-slow: $(TEST_READY)
	@$(VENV)/bin/python -m pytest -m slow

# Time and memory beside the same work in plain pandas; each prints its ratio on the last line.
bench: $(TEST_READY)
	@for file in benchmarks/*.py; do echo "$$file"; $(VENV)/bin/python $$file || exit 1; done

# Every page of build/site in the Chromium of this machine, light and dark, on a phone, by keyboard, without scripts.
walk: $(TEST_READY) tests/browser/node_modules
	@$(VENV)/bin/python -m tests.browser.walk build/site

# The API reference from the docstrings, to open in a browser.
docs: $(TEST_READY)
	@PYTHONWARNINGS=ignore $(VENV)/bin/pdoc --docformat numpy --no-show-source --output-directory build/docs/api evaluation && echo "build/docs/api/index.html"

lint: $(TEST_READY)
	@$(VENV)/bin/ruff check --quiet . && $(VENV)/bin/ruff format --quiet --check .
	@said=$$($(VENV)/bin/lint-imports --no-cache 2>&1) || { echo "$$said"; exit 1; }
	@$(VENV)/bin/mypy

# In a container: make lab LAB="--no-browser --ip=0.0.0.0"
lab: $(LAB_READY)
	@$(LAB_VENV)/bin/regiodeal lab $(if $(LAB),-- $(LAB))

# uv writes no addresses of registries into these files; a uv.lock would.  Each package has one version, whatever the
# Python: another numpy or scipy sums in another order, and numbers would differ in their last digits.
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-emit-index-url
# Jupyter's servers bring a reader of addresses that every import of nbformat then takes two seconds to prepare; nothing
# here checks addresses, so it stays out.
NOT_NEEDED := --no-emit-package rfc3987-syntax --no-emit-package lark
lock: $(READY)
	@echo "uv" | $(COMPILE) - -o requirements-uv.lock
	@$(COMPILE) --extra build pyproject.toml -o requirements.lock
	@$(COMPILE) --extra build --extra cluster --constraint requirements.lock pyproject.toml -o requirements-cluster.lock
	@$(COMPILE) $(NOT_NEEDED) --extra build --extra test --constraint requirements.lock --constraint requirements-cluster.lock pyproject.toml -o requirements-test.lock
	@$(COMPILE) $(NOT_NEEDED) --extra build --extra lab --constraint requirements.lock pyproject.toml -o requirements-lab.lock

clean:
	rm -rf build $(VENV) $(LAB_VENV)
