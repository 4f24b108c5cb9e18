# bakegen: every task of the project. `make help` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

bin := .venv/bin
with_engine := eval "$$(scripts/engine env)"; export PATH="$(CURDIR)/$(bin):$$PATH";

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/.done ## Make .venv from the lock file

.venv/.done: requirements.lock pyproject.toml scripts/setup
	@scripts/setup

.PHONY: engine
engine: ## Use this machine's Docker with buildx, or set one up (root on Debian)
	@scripts/engine start

.PHONY: demo
demo: setup engine ## Emit, build real images for amd64 and arm64, smoke test them, show them
	@$(with_engine) scripts/demo

.PHONY: test
test: setup lint engine ## Every check and every test
	@$(with_engine) pytest -n 2 --dist worksteal -m 'not engine'
	@$(with_engine) pytest -m engine

.PHONY: unit
unit: setup ## The tests that need no Docker engine
	@$(bin)/pytest -n 2 --dist worksteal tests --ignore tests/engine --ignore tests/buildx

.PHONY: lint
lint: setup ## Formatting, style, types, imports, shell, Dockerfiles, workflows
	@$(bin)/ruff format --check .
	@$(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/lint-imports
	@$(bin)/shellcheck -x scripts/setup scripts/demo scripts/engine scripts/engine.d/*.sh .ci/run $$(grep -rlE "^#!/.*sh" stacks)
	@$(bin)/hadolint --config .hadolint.yaml stacks/*/*/Dockerfile
	@$(bin)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(bin)/zizmor --offline --quiet .github/workflows

.PHONY: format
format: setup ## Format the code
	@$(bin)/ruff format .
	@$(bin)/ruff check --fix .

.PHONY: generate
generate: setup ## Make the generated files anew: schemas, language reference, catalogue
	@$(bin)/bakegen schema bakegen.toml -o schemas/bakegen.schema.json
	@$(bin)/bakegen schema stack.toml -o schemas/stack.schema.json
	@$(bin)/bakegen schema policy.toml -o schemas/policy.schema.json
	@$(bin)/python scripts/language.py docs/language.md
	@$(bin)/python scripts/catalogue.py docs/catalogue.md

.PHONY: images
images: setup engine ## Build, test and record everything that this machine can (hours; scripts/images.toml)
	@$(with_engine) python scripts/images.py

.PHONY: bench
bench: setup engine ## Measure bakegen against its peer, side by side
	@$(with_engine) python benchmarks/plan.py

.PHONY: wheel
wheel: setup ## Build the wheel
	@$(bin)/python -m build --no-isolation --wheel

.PHONY: lock
lock: setup ## Lock the dependencies, with hashes
	@$(bin)/uv pip compile --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml \
	  --no-header --no-annotate --upgrade --quiet -o requirements.lock

.PHONY: clean
clean: ## Remove what the other targets made here
	@rm -rf .venv build dist .bakegen .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
