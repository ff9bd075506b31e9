.DEFAULT_GOAL := help
.PHONY: $(shell sed -n "s/^\([a-z-]*\):.*## .*/\1/p" $(firstword $(MAKEFILE_LIST)))

PYTHON := .venv/bin/python
# Where it is set, each of some hundred processes compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

setup: ## set up .venv with everything locked, the tests' tools too (again: at once)
	@deploy/bootstrap.sh
	@$(PYTHON) -m deploy.tools.vendor --missing

demo: ## show the main job on real media: a face swap, its original, four altered copies
	@deploy/bootstrap.sh demo
	@$(PYTHON) -m deploy.demo

cast: ## run the demonstration once more, and draw docs/demo.svg from what it prints
	@deploy/bootstrap.sh demo
	@$(PYTHON) -m deploy.tools.cast

up: ## serve the embedded default on http://127.0.0.1:8000 (Ctrl-C ends all)
	@deploy/bootstrap.sh up
	@$(PYTHON) -m deploy.tools.vendor --missing
	@.venv/bin/fakeprint up

test: ## set up, lint and run the tests but slow ones, with real servers (as root it installs Debian's): make test [ROOM=takedown]
	@$(MAKE) --no-print-directory suite MARKED='-m "not slow or main"'

test-all: ## the slow ones too, all brokers, documents, browsers and chaos; says where the time went: make test-all [ROOM=matching]
	@$(MAKE) --no-print-directory suite

.PHONY: suite pytest compiled test-services
# Lint runs beside the tests, but not where one room is asked for.
suite:
	@test -e "tests/$(ROOM:tests/%=%)" || { echo "tests/ has no $(ROOM); there are: $(notdir $(patsubst %/,%,$(wildcard tests/[a-z]*/)))" >&2; exit 2; }
	@$(MAKE) --no-print-directory --jobs=2 compiled test-services
	@$(MAKE) --no-print-directory --jobs=2 --keep-going $(if $(ROOM),,checks) pytest
pytest:
	@$(PYTHON) -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder $(MARKED) $(if $(ROOM),tests/$(ROOM:tests/%=%)) $(PYTEST) || { status=$$?; \
		[ $$status != 5 ] || echo "No test is left; slow ones run by: make test-all ROOM=$(ROOM)" >&2; exit $$status; }

# In a fresh clone the processes of the tests would each compile the same two thousand modules at the same time.
compiled: setup
	@test -d tests/__pycache__ || printf '%s\n' tests/*/ | xargs -P 2 -n 15 $(PYTHON) -m pytest -q --collect-only >/dev/null 2>&1 || true
test-services:
	@deploy/test-services.sh

test-times: setup ## how long these take: make test-times [PARTS="test fresh rooms all row coverage coverage-all"] [RUNS=10] [OUT=FILE]
	@$(PYTHON) -m tests.bench.suite

mutants: setup ## what small mutations of the rules' code the tests notice: make mutants [SEED=N] [COUNT=150] [TESTS=COMMIT] [OUT=FILE]
	@$(PYTHON) -m tests.bench.mutants

test-days: setup ## the days of fact-checkers and reviewers in the browser, in every language that they are walked in
	@deploy/test-services.sh
	@DAYS=all $(PYTHON) -m pytest -q tests/browser/test_checker_day.py tests/browser/test_moderator_day.py

smoke: ## run deploy/compose.yaml here without an engine, and the main job on it (root, Debian 13)
	@deploy/smoke.sh

soak: setup ## steady load on that composition, and what grows: make soak [MINUTES=30] [OUT=FILE] [SERIES=FILE] (root, Debian 13)
	@deploy/test-services.sh smoke
	@$(PYTHON) -m tests.bench.soak

upgrade-check: setup ## serve with an earlier release and this one on one schema: make upgrade-check [OLD=COMMIT|FOLDER] [NEW=COMMIT]
	@$(PYTHON) -m tests.system.upgrade

images: ## build the images by buildah and try them: make images [BASE=debian|IMAGE] [VERSION=…]
	@deploy/images.sh "$(BASE)" $(VERSION)

audit: setup ## known vulnerabilities of the locked packages, by OSV; without network it says so and passes
	@$(PYTHON) -m deploy.tools.supply audit

sbom: setup ## the bill of materials (CycloneDX): make sbom OUT=FILE
	@test -n "$(OUT)" || { echo 'usage: make sbom OUT=FILE' >&2; exit 2; }
	@$(PYTHON) -m deploy.tools.supply sbom "$(OUT)"

sdk: setup ## generate the clients' types and operations anew from deploy/openapi.json
	@$(PYTHON) -m deploy.tools.sdk

extension: setup ## build the browser extension as an archive: make extension OUT=FILE.zip
	@test -n "$(OUT)" || { echo 'usage: make extension OUT=FILE.zip' >&2; exit 2; }
	@$(PYTHON) -m deploy.tools.extension "$(OUT)"

packages: setup ## build the distributions, install each in a bare environment, write sizes and seconds: make packages OUT=FILE
	@test -n "$(OUT)" || { echo 'usage: make packages OUT=FILE' >&2; exit 2; }
	@$(PYTHON) -m deploy.tools.packages measure "$(OUT)"

check: setup audit checks ## lint, types, import walls, licences, known vulnerabilities, house rules
	@$(PYTHON) -m pytest -q tests/test_house.py tests/test_house_rooms.py tests/test_house_documents.py

.PHONY: checks
checks:
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --check --quiet .
	@echo "checks: ruff found nothing"
	@.venv/bin/lint-imports --no-logo --cache-dir .cache/import-linter
	@$(PYTHON) -m mypy
	@$(PYTHON) -m deploy.tools.licences --check
	@$(PYTHON) -m deploy.tools.architecture --check
	@$(PYTHON) -m deploy.tools.site

licences: setup ## write LICENCES.md anew from what is installed
	$(PYTHON) -m deploy.tools.licences

architecture: setup ## draw docs/rooms.svg anew from the list of rooms and their docstrings
	@$(PYTHON) -m deploy.tools.architecture

docs: setup ## build the docs site in .cache/site/html, strictly: make docs [SERVE=1]
	@$(PYTHON) -m deploy.tools.site $(if $(SERVE),--serve)

catalogues: setup ## bring the console's catalogues up to date with its texts; says what lacks a translation
	@$(PYTHON) -m deploy.tools.catalogues

vendor: setup ## fetch what the console and its tests take from npm, as deploy/tools/vendored.json pins it
	@$(PYTHON) -m deploy.tools.vendor

screenshots: setup ## shoot every page of the console, light, dark, Arabic, phone: make screenshots OUT=FOLDER
	@deploy/test-services.sh
	@$(PYTHON) -m tests.browser.screenshots

visual: setup ## compare pages with their reference images: make visual [OUT=FOLDER] [NAMES="design-light …"] [ACCEPT=1]
	@deploy/test-services.sh
	@$(PYTHON) -m tests.browser.visual

bench-accuracy: setup ## how well copies are found and decided, edits drawn: make bench-accuracy EVAL=FOLDER [SEED=N] [HELD_OUT=1] [QUICK=1] [ACCEPT=1] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-accuracy EVAL=FOLDER (see tests/bench/accuracy/drawn/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.accuracy.drawn "$(EVAL)"

bench-unrelated: setup ## how many pairs of unrelated footage are accused: make bench-unrelated EVAL=FOLDER [COPIES=N] [SEED=N] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-unrelated EVAL=FOLDER (see tests/bench/accuracy/drawn/unrelated.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.accuracy.drawn.unrelated "$(EVAL)"

bench-recipes: setup ## fixed edits beside vPDQ and single fingerprints: make bench-recipes EVAL=FOLDER [QUICK=1] [SOURCES=N] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-recipes EVAL=FOLDER (see tests/bench/accuracy/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.accuracy "$(EVAL)"

bench-calibration: setup ## what confidence is computed from, and how true it is: make bench-calibration EVAL=FOLDER
	@test -n "$(EVAL)$(OPINIONS)" || { echo 'usage: make bench-calibration EVAL=FOLDER [SOURCES=N] [OUT=FILE] [OPINIONS=FILE]' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.accuracy.calibration $(if $(EVAL),"$(EVAL)")

bench-faces: setup ## how well faces are told apart: make bench-faces EVAL=FOLDER [QUICK=1] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-faces EVAL=FOLDER (see tests/bench/faces/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.faces "$(EVAL)"

bench-mosaics: setup ## how often mosaics tell a fake from its original, and nobody by them: make bench-mosaics EVAL=FOLDER [HELD_OUT=1] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-mosaics EVAL=FOLDER (see tests/bench/mosaics/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.mosaics "$(EVAL)"

bench-sound: setup ## how well sound alone is found, edits drawn: make bench-sound EVAL=FOLDER [SEED=N] [HELD_OUT=1] [QUICK=1] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-sound EVAL=FOLDER (see tests/bench/sound/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.sound "$(EVAL)"

bench-pictures: setup ## how well single pictures are found and decided: make bench-pictures EVAL=FOLDER [SEED=N] [HELD_OUT=1] [SOURCES=N] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-pictures EVAL=FOLDER (see tests/bench/pictures/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.pictures "$(EVAL)"

bench-blur: setup ## what is seen in blurred previews, of faces and of fakes: make bench-blur EVAL=FOLDER [QUICK=1] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-blur EVAL=FOLDER (see tests/bench/blur/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.blur "$(EVAL)"

bench-first: setup ## accuracy and speed on your own clips: make bench-first EVAL=FOLDER
	@test -n "$(EVAL)" || { echo 'usage: make bench-first EVAL=FOLDER (see tests/bench/accuracy/first.py)' >&2; exit 2; }
	@$(PYTHON) tests/bench/accuracy/first.py "$(EVAL)"

bench-sampling: setup ## how often to look at a video: make bench-sampling EVAL=FOLDER [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-sampling EVAL=FOLDER (see tests/bench/accuracy/sampling.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.accuracy.sampling "$(EVAL)"

bench-fingerprint: setup ## CPU cost of a fingerprint against decoding alone: make bench-fingerprint [QUICK=1] [OUT=FILE]
	@$(PYTHON) tests/bench/speed/fingerprint.py

bench-split: setup ## what a second worker brings for ten minutes of video: make bench-split [MINUTES=N] [OUT=FILE]
	@$(PYTHON) -m tests.bench.speed.split

bench-speed: setup ## lookups at 0.1, 1 and 10 million frames: make bench-speed [QUICK=1] [EVAL=FOLDER] [OUT=FILE] [SVG=FILE]
	@$(PYTHON) -m tests.bench.speed $(EVAL)

bench-registry: setup ## roles, imports, watches, the record and webhooks, tried and counted: make bench-registry [QUICK=1] [OUT=FILE]
	@$(PYTHON) -m tests.bench.registry

bench-takedown: setup ## one fake in 500 places, to the file for the judge: make bench-takedown [EVAL=FOLDER] [QUICK=1] [OUT=FILE]
	@$(PYTHON) -m tests.bench.takedown

bench-operations: setup ## what running it costs: room of lookups, dropping a day of them, connections: make bench-operations [QUICK=1] [OUT=FILE]
	@$(PYTHON) -m tests.bench.operations

capacity: setup ## the size of machines for an NGO, a newsroom and a platform, from measured costs: make capacity [CORE=EUROS] [GB=EUROS] [DISK=EUROS]
	@$(PYTHON) -m tests.bench.capacity $(if $(CORE),--core $(CORE)) $(if $(GB),--gb $(GB)) $(if $(DISK),--disk $(DISK))

bench-console: setup ## weight and speed of the console's pages, and of hashing in the browser: make bench-console [EVAL=FOLDER] [OUT=FILE]
	@deploy/test-services.sh
	@$(PYTHON) -m tests.bench.console $(EVAL)

bench-doors: setup ## the same clip at every door, command line, API, browser and client: make bench-doors EVAL=FOLDER [QUICK=1] [OUT=FILE]
	@test -n "$(EVAL)" || { echo 'usage: make bench-doors EVAL=FOLDER (see tests/bench/doors/__main__.py)' >&2; exit 2; }
	@deploy/test-services.sh
	@$(PYTHON) -m tests.bench.doors "$(EVAL)"

chaos: setup ## kill, cut, fill and slow at random under load: make chaos [FAULTS=200] [MINUTES=15] [SEED=…] [BROKER=…] [QUICK=1] [OUT=FILE]
	@deploy/test-services.sh
	@$(PYTHON) -m tests.system.chaos

interop: setup ## others' tests and tools against it: make interop PEERS=FOLDER [OUT=FILE]
	@test -n "$(PEERS)" || { echo 'usage: make interop PEERS=FOLDER (see tests/bench/interop/__main__.py)' >&2; exit 2; }
	@$(PYTHON) -m tests.bench.interop "$(PEERS)"

fuzz: setup ## hostile files through all that reads foreign bytes: make fuzz [MINUTES=30] [SEED=N] [OUT=FOLDER] [TARGETS="media …"] [CASE=FILE]
	@$(PYTHON) -m tests.hostile.fuzz

bench-hostile: setup ## hostile files and load that hurts, through a whole deployment: make bench-hostile [QUICK=1] [PARTS="files …"] [OUT=FILE]
	@$(PYTHON) -m tests.bench.hostile

bench-provenance: setup ## manifests, feeds between registries, others' readers: make bench-provenance [QUICK=1] [OUT=FILE]
	@$(PYTHON) -m tests.bench.provenance

clean: ## remove what the targets made: .venv, .uv, .demo and caches
	rm -rf .venv .uv .demo .cache .pytest_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
