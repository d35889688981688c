# Each target makes what it needs: `make serve` or `make test` may be the first command of a clone.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve site test update lint format bench lock clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 16

serve: $(VENV)/installed ## Serve the site at http://127.0.0.1:8000 and rebuild on change
	@echo "Building the site; it will be at http://127.0.0.1:8000 (Ctrl-C stops it)."
	@LLMDOCS_SITE_URL=http://127.0.0.1:8000/ $(RUN) -m mkdocs serve --dev-addr 127.0.0.1:8000

site: $(VENV)/installed ## Build the site into site/
	@echo "Building the site into site/."
	@$(RUN) -m mkdocs build --strict

test: $(VENV)/installed ## Run every test
	@echo "Running every test; this takes about five minutes."
	@$(RUN) -m pytest --numprocesses 2 --dist loadgroup

update: $(VENV)/installed ## Rewrite outputs, captured errors, .env.example and the names of credentials
	@$(RUN) -m pytest tests/test_snippets.py tests/test_settings.py tests/test_mistakes.py tests/test_credentials.py --update-examples

lint: $(VENV)/installed ## Check code style, types, imports, spelling and English prose
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/typos
	$(RUN) -m tests.english_prose

format: $(VENV)/installed ## Mend code style and typography
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .
	$(VENV)/bin/llmdocs guide typography --fix

bench: $(VENV)/installed ## Compare the snippets, the client and the site's build with their floors
	@$(RUN) -m tests.bench
	@$(RUN) -m tests.bench_build

lock: ## Renew requirements/dev.txt (needs uv)
	uv pip compile --universal --generate-hashes --all-extras --no-header --no-emit-index-url pyproject.toml -o requirements/dev.txt

clean: ## Remove .venv and site/
	rm -rf $(VENV) site

# The stamp comes last: an interrupted installation is taken up again.
$(VENV)/installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "llmdocs needs Python 3.11 or newer; this is %d.%d. Name another: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Making $(VENV) with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing the locked requirements; the first time this takes a minute or two."
	@$(RUN) -m pip install --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	@$(RUN) -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
