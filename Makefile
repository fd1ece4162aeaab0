# Needs python3 (3.11 or newer), git and make. Everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SITE := examples/harbour
SEEDS := ../shared/seeds
PEERS := $(patsubst bench/duplicates/requirements/%.txt,%,$(wildcard bench/duplicates/requirements/*.txt))
CHAINS := $(patsubst bench/whole/chains/requirements/%.txt,%,$(wildcard bench/whole/chains/requirements/*.txt))
.DEFAULT_GOAL := help
.PHONY: help demo test test-compat test-ray lint gate bench bench-large bench-peers bench-keep bench-check bench-model bench-parts bench-duplicates peers train fuzz torture planted wheel lock docs dist clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/runtime ## build the example site into dist/, check it, and say how to load it
	$(BIN)/broadsheet build $(SITE)
	$(BIN)/broadsheet verify dist/harbour/0.1.0

test: .venv/dev ## run all tests
	$(BIN)/python -m pytest -n 2 $(PYTEST)

test-compat: .venv/dev ## load releases with old and new versions of `datasets`, which the package index must have
	$(BIN)/python tests/compat/run.py

test-ray: build/ray.done ## build on Ray clusters of this machine, whose workers and machines are killed
	build/ray/bin/python -m pytest -p no:cacheprovider tests/test_cluster.py

lint: .venv/dev ## ruff, mypy, import-linter, and whether generated files are as generated
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python $(SITE)/make_pages.py --check
	$(BIN)/python docs/make_docs.py --check

gate: .venv/dev ## score segmentation where the labelled pages are
	$(BIN)/python bench/gate.py

bench: .venv/dev ## time whole builds of generated crawls of 2,000 and 20,000 pages, task by task, against floors
	$(BIN)/python bench/whole/run.py $(BENCH)

bench-large: .venv/dev ## the same on 20,000 and 200,000 pages of bare text: some hours, 10 GB of disk
	$(BIN)/python bench/whole/run.py --pages 20000,200000 --kinds text $(BENCH)

bench-peers: .venv/dev $(CHAINS:%=build/peers/chain-%.done) ## time the build of web pages against chains of other libraries
	$(BIN)/python bench/whole/run.py --kinds '' --peers $(BENCH)

bench-keep: .venv/dev $(CHAINS:%=build/peers/chain-%.done) ## measure all of that but the large, and keep it in bench/results
	$(BIN)/python bench/whole/run.py --peers --keep $(BENCH)

bench-check: .venv/dev ## measure 2,000 pages, and fail where a ratio fell by over 20 % since the last kept
	$(BIN)/python bench/whole/run.py --pages 2000 --peers --check $(BENCH)

bench-model: .venv/dev ## what the last kept result says of larger crawls, as in docs/scaling.md
	$(BIN)/python bench/whole/model.py

bench-parts: .venv/dev ## time segmentation, masking and measures, and reading and validation against the libraries below
	$(BIN)/python bench/segment.py
	$(BIN)/python bench/read.py
	$(BIN)/python bench/validate.py
	$(BIN)/python bench/privacy.py
	$(BIN)/python bench/measure.py

peers: $(PEERS:%=build/peers/%.done) ## install the libraries that bench-duplicates compares with, each in its own folder

bench-duplicates: .venv/dev build/peers/ours.done ## compare the removal of repeats with other libraries; BENCH="--pages 20000", "--growth", "--worst", …
	$(BIN)/python bench/duplicates/run.py $(BENCH)

train: .venv/dev ## fit the segmenter's weights anew; WCXB names the folder of labelled pages
	$(BIN)/python bench/train/fit.py $(WCXB)

fuzz: .venv/dev ## read some 30,000 damaged files
	FUZZ_CASES=1000 $(BIN)/python -m pytest -n 2 tests/test_fuzz.py

torture: .venv/dev ## kill a build 200 times, and fail each of its calls to the system once
	TORTURE=200 FAULTS=all $(BIN)/python -m pytest -s tests/test_torture.py tests/test_publish.py

planted: .venv/dev ## plant each bug of tests/planted and see a test catch it
	$(BIN)/python tests/planted/run.py

wheel: .venv/dev ## build the wheel and the source archive into build/
	$(BIN)/python -m build --outdir build

docs: .venv/dev ## write the generated parts of README.md, docs/ and DATASHEET.md
	$(BIN)/python docs/make_docs.py

dist: .venv/runtime ## build the releases in dist/ that the repository holds anew
	rm -rf dist/harbour
	$(BIN)/broadsheet build --quiet $(SITE)
	@test -d $(SEEDS) || { echo "no $(SEEDS): dist/aleppo-standoff stays as it is"; exit 0; }; \
	rm -rf dist/aleppo-standoff && \
	$(BIN)/broadsheet build --quiet $(SEEDS) --config examples/aleppo/dataset.toml --standoff

lock: .venv/dev ## pin all dependencies anew, for every supported Python
	$(PIP) 'uv>=0.8'
	for set in runtime dev ray; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links --upgrade requirements/$$set.in --output-file requirements/$$set.txt || exit 1; \
	done

clean: ## remove what make has made, but not the releases in dist/
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# An environment is as new as the files that it was made from.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Broadsheet needs Python 3.11 or newer; run make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/runtime: requirements/runtime.txt pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements/dev.txt .venv/runtime
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

build/ray.done: requirements/ray.txt pyproject.toml
	@rm -rf build/ray && mkdir -p build
	$(PYTHON) -m venv build/ray
	build/ray/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	build/ray/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

build/peers/chain-%.done: bench/whole/chains/requirements/%.txt
	@rm -rf build/peers/chain-$* && mkdir -p build/peers
	$(PYTHON) -m venv build/peers/chain-$*
	build/peers/chain-$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

build/peers/%.done: bench/duplicates/requirements/%.txt
	@rm -rf build/peers/$* && mkdir -p build/peers
	$(PYTHON) -m venv build/peers/$*
	build/peers/$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
