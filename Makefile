# Every verb sets up what it needs. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup synth diff bootstrap deploy test check bench sandbox sandbox-stop docs lock format

# The pinned tools come first: Python's packages, Node 24 and the CDK CLI all live in .venv/bin.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export NODE_USE_SYSTEM_CA := 1
# The CDK CLI talks to nobody but the account it deploys to.
export CDK_DISABLE_CLI_TELEMETRY := true
export CDK_DISABLE_VERSION_CHECK := 1

REGISTRY ?= registry.yaml
# One account of several: only its stacks; deploy destinations of the replication first.
STACKS ?= $(if $(ACCOUNT),'$(ACCOUNT)/**' --exclusively,--all)
CDK = cdk --context registry=$(REGISTRY)

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: .venv/.ready ## Install everything into .venv and node_modules (about a minute, once)

synth: setup ## Write the templates to cdk.out (REGISTRY=file)
	$(CDK) synth --quiet

diff: setup ## What a deploy would change (REGISTRY=file, STACKS=pattern)
	$(CDK) diff $(STACKS)

bootstrap: setup ## Prepare the account of the credentials, once and for new kinds of things (REGISTRY=file, TRUST_HOME=1)
	ecrctl bootstrap --registry $(REGISTRY) $(if $(TRUST_HOME),--trust-home)

deploy: setup ## Deploy in the right order (REGISTRY=file, ACCOUNT=id or STACKS=pattern, GUARD=options, FORCE=1 in spite of drift)
	ecrctl bootstrap --check --registry $(REGISTRY) $(if $(filter --all,$(STACKS)),--all-accounts)
	ecrctl clear-failed --registry $(REGISTRY) --yes
	$(if $(FORCE),,ecrctl drift --before-deploy --registry $(REGISTRY))
	ecrctl lifecycle guard --registry $(REGISTRY) $(GUARD)
	$(CDK) deploy $(STACKS) --concurrency 4
	ecrctl settings --registry $(REGISTRY) --yes
	ecrctl retire --check --registry $(REGISTRY)

test: setup .sandbox/venv/.ready ## All tests, the sandbox included
	python -m pytest -n 2 --dist loadfile

check: setup .check/venv/.ready ## Style, types, and every validator over every example
	ruff check .
	ruff format --check .
	mypy
	python -m pytest tests/compliance -m compliance

bench: setup benchmarks/node_modules/.ready ## How fast, against level-2 constructs in Python and JavaScript; and a simulation
	python -m benchmarks
	python -m benchmarks.lifecycle
	python -m benchmarks.drift

sandbox: setup .sandbox/venv/.ready ## Deploy the registry to a local AWS and push an image (REGISTRY=file, PORT=4578)
	python -m sandbox up $(REGISTRY) $(if $(PORT),--port $(PORT))

sandbox-stop: setup ## Stop the local AWS and throw its content away
	python -m sandbox down

docs: setup ## Renew the JSON Schemas, the YAML reference and the rule table
	python -m registry.generated

format: setup ## Put the code into its style
	ruff check --fix .
	ruff format .

lock: setup ## Renew the pinned requirements from the *.in files, and package-lock.json
	@for name in requirements requirements-native requirements-dev requirements-sandbox requirements-checkov; do \
		uv pip compile $$name.in -o $$name.txt --generate-hashes --universal --python-version 3.11 \
			--no-emit-index-url --no-emit-find-links --quiet || exit 1; done
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	cd benchmarks && npm install --package-lock-only --ignore-scripts --no-audit --no-fund

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	$$name -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes

.venv/.ready: requirements.txt requirements-native.txt requirements-dev.txt package.json package-lock.json scripts/setup.sh
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed; on Debian: apt install python3-venv" >&2; exit 1; }
	@PYTHON="$(PYTHON)" bash scripts/setup.sh

.sandbox/venv/.ready: requirements-sandbox.txt
	@echo "Installing the local AWS into .sandbox/venv ..."
	@rm -rf .sandbox/venv && $(PYTHON) -m venv .sandbox/venv
	@.sandbox/venv/bin/python $(PIP_INSTALL) -r requirements-sandbox.txt
	@touch $@

.check/venv/.ready: requirements-checkov.txt
	@echo "Installing checkov into .check/venv ..."
	@rm -rf .check/venv && $(PYTHON) -m venv .check/venv
	@.check/venv/bin/python $(PIP_INSTALL) -r requirements-checkov.txt
	@touch $@

benchmarks/node_modules/.ready: setup benchmarks/package.json benchmarks/package-lock.json
	@echo "Installing the JavaScript CDK for the benchmark ..."
	@cd benchmarks && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
