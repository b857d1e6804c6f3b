# Every verb sets up what it needs. `make` alone lists them. A company's own repository, which has a checkout of this one
# inside, starts this file from its own folder, with -f: its registry.yaml and its cdk.json are the ones that count.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup validate synth diff plan report bootstrap deploy drift test check audit compliance upgrade-check bench sandbox demo sandbox-stop docs lock format .sandbox/venv .check/venv .check/audit

# Where this checkout is, seen from the folder of the registry file.
PROJECT := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))
ROOT := $(CURDIR)$(if $(filter-out .,$(PROJECT)),/$(PROJECT))
# The pinned tools come first: Python's packages, Node 24 and the CDK CLI all live in .venv/bin.
export PATH := $(ROOT)/.venv/bin:$(PATH)
export NODE_USE_SYSTEM_CA := 1
# jsii unpacks the CDK into HOME; where nothing can be written there, into .venv. scripts/app says this and more.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export JSII_RUNTIME_PACKAGE_CACHE_ROOT ?= $(ROOT)/.venv/jsii
endif
# The CDK CLI talks to nobody but the account it deploys to.
export CDK_DISABLE_CLI_TELEMETRY := true
export CDK_DISABLE_VERSION_CHECK := 1

export REGISTRY ?= registry.yaml
# One account of several: only its stacks; deploy destinations of the replication first.
STACKS ?= $(if $(ACCOUNT),'$(ACCOUNT)/**' --exclusively,--all)
# In the recipes "$$REGISTRY", which the shell reads: a name with a space or a quote stays one name.
CDK = "$(ROOT)/scripts/cdk-alone"
SANDBOX = PYTHONPATH="$(ROOT)" python -m sandbox
# What has to be started in the folder of the project, where another folder's file has its whole path.
THERE = cd $(PROJECT) &&
FILE = $(if $(filter .,$(PROJECT)),"$$REGISTRY","$(CURDIR)/$$REGISTRY")

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(PROJECT)/Makefile$(if \
		$(filter-out .,$(PROJECT)), | grep -vE '^  make (test|check|audit|bench|docs|lock|format) ')

setup: ## Install everything into .venv and node_modules (about a minute, once)
	@bash $(PROJECT)/scripts/setup.sh

validate: setup ## Print every problem of the file (REGISTRY=file)
	@ecrctl validate "$$REGISTRY"

synth: setup ## Write the templates to cdk.out (REGISTRY=file)
	cdk synth --quiet --context "registry=$$REGISTRY"

# Templates are compared: the CLI's usual way makes change sets, publishes templates and needs the role that deploys.
diff: setup ## What a deploy would change; only reads (REGISTRY=file, ACCOUNT=id or STACKS=pattern)
	$(CDK) diff $(STACKS) --method template

# Of a pull request what it changes itself, whatever its branch lacks: from where the two parted.
export BASE ?= main
export CHANGED PULL_REQUEST
plan: setup ## What a change destroys, opens, breaks and costs (BASE=main, REGISTRY=file, CHANGED=revision, ANNOTATE=1)
	@old="$$BASE"; if [ "$$CHANGED" ]; then old=$$(git merge-base -- "$$BASE" "$$CHANGED") || exit; fi; \
	ecrctl plan --registry "$$REGISTRY" $(if $(ANNOTATE),--annotations) \
		$${PULL_REQUEST:+--pull-request "$$PULL_REQUEST"} -- "$$old" $${CHANGED:+"$$CHANGED"}

report: setup ## Write report.html, one page that shows the whole registry (REGISTRY=file)
	ecrctl report --registry "$$REGISTRY"

bootstrap: setup ## Prepare the account of the credentials, once and for new kinds of things (REGISTRY=file, TRUST_HOME=1)
	ecrctl bootstrap --registry "$$REGISTRY" $(if $(TRUST_HOME),--trust-home) $$(test -t 0 || echo --yes)

# Stacks at the same time; docs/scale.md says how many are too many.
CONCURRENCY ?= 4
deploy: setup ## Deploy in the right order (REGISTRY=file, ACCOUNT=id or STACKS=pattern, CONCURRENCY=4, GUARD=options, FORCE=1 in spite of drift)
	@set -e; app=$$(mktemp -d); trap 'rm -rf "$$app"' EXIT; \
	cdk synth --quiet --context "registry=$$REGISTRY" --output "$$app"; \
	ecrctl before-deploy --registry "$$REGISTRY" --app "$$app" $(if $(FORCE),--force) \
		$(if $(filter --all,$(STACKS)),--all-accounts) -- $(GUARD); \
	cdk deploy --app "$$app" $(STACKS) --concurrency $(CONCURRENCY); \
	ecrctl after-deploy --registry "$$REGISTRY" --app "$$app"

drift: setup ## Compare what the file declares with what AWS has; only reads (REGISTRY=file)
	@ecrctl drift --registry "$$REGISTRY"

test: setup .sandbox/venv ## All tests, the sandbox included
	python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup .check/venv tests/browser/node_modules/.ready ## Style, types, every validator over every example, and the page of a report in a browser
	python -m ruff check .
	python -m ruff format --check .
	python -m mypy
	python -m pytest tests/compliance tests/linters -m compliance
	python -m pytest tests/browser -m browser

audit: setup .check/audit ## Which locked packages have a known hole (asks the package servers), and their SBOMs
	@python $(PROJECT)/scripts/audit.py

compliance: setup .check/venv ## cdk-nag (four packs), cfn-lint and checkov over one file (REGISTRY=file)
	$(THERE) python -m pytest tests/compliance -m compliance --of $(FILE) -k "not awake"

upgrade-check: setup ## What another version of this project would change in AWS, from templates alone (VERSION=v0.2.0)
	ecrctl upgrade-check HEAD "$(VERSION)" --registry "$$REGISTRY"

bench: setup .sandbox/venv benchmarks/node_modules/.ready ## How fast, against level-2 constructs in Python and JavaScript; and a simulation
	python -m benchmarks
	python -m benchmarks.lifecycle
	python -m benchmarks.drift
	python -m benchmarks.images
	python -m benchmarks.usage
	python -m benchmarks.promote

sandbox: setup .sandbox/venv ## Deploy the registry to a local AWS and push an image (REGISTRY=file, PORT=4578)
	$(SANDBOX) up "$$REGISTRY" $(if $(PORT),--port $(PORT))

demo: setup .sandbox/venv ## Show examples/app in the sandbox: built, pushed, released, promoted, rolled back (PORT=4578)
	$(SANDBOX) demo $(if $(PORT),--port $(PORT))

sandbox-stop: setup ## Stop the local AWS and throw its content away
	$(SANDBOX) down

docs: setup ## Renew the JSON Schemas, the YAML reference and the rule table
	python scripts/create_only.py
	python -m scripts.coverage
	python -m registry.reference
	python -m scripts.reliability

format: setup ## Put the code into its style
	python -m ruff check --fix .
	python -m ruff format .

lock: setup ## Renew the pinned requirements from the *.in files, and package-lock.json
	@for name in requirements requirements-native requirements-dev requirements-sandbox requirements-checkov requirements-audit; do \
		uv pip compile $$name.in -o $$name.txt --generate-hashes --universal --python-version 3.11 \
			--no-emit-index-url --no-emit-find-links --quiet || exit 1; done
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	cd benchmarks && npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	cd tests/browser && npm install --package-lock-only --ignore-scripts --no-audit --no-fund

.sandbox/venv:
	@$(THERE) bash scripts/venv.sh $@ requirements-sandbox.txt

.check/venv:
	@$(THERE) bash scripts/venv.sh $@ requirements-checkov.txt

.check/audit:
	@$(THERE) bash scripts/venv.sh $@ requirements-audit.txt

benchmarks/node_modules/.ready: benchmarks/package.json benchmarks/package-lock.json | setup
	@echo "Installing the JavaScript CDK for the benchmark ..."
	@cd benchmarks && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

tests/browser/node_modules/.ready: tests/browser/package.json tests/browser/package-lock.json | setup
	@echo "Installing a browser for the tests of the report ..."
	@cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
