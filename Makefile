# Each target makes what it needs: `make serve` or `make test` may be the first command of a clone.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
export NO_MKDOCS_2_WARNING := 1
# A shell that forbids compiled files makes every process compile all of them anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help serve site check test javascript update lint format screenshots bench lock clean

help: ## Show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 20

serve: $(VENV)/site-installed ## Serve the site at http://127.0.0.1:8000 and rebuild on change
	@echo "Building the site; it will be at http://127.0.0.1:8000 (Ctrl-C stops it)."
	@LLMDOCS_SITE_URL=http://127.0.0.1:8000/ $(RUN) -m mkdocs serve --dev-addr 127.0.0.1:8000

site: $(VENV)/site-installed ## Build the site into site/
	@echo "Building the site into site/."
	@$(RUN) -m mkdocs build --strict

# What the tests are to concern, if not everything: of the command line, for a shell may have
# variables of these names for something else.
given = $(if $(filter command,$(origin $(1))),$($(1)))
CONCERNING = $(or $(call given,PROVIDER),$(call given,PAGE))

test: $(VENV)/installed ## Run every test; PROVIDER=groq, PAGE=llms/groq: those that concern it
ifeq ($(CONCERNING),)
	@echo "Running every test; this takes nine minutes on two cores."
	@$(RUN) -m pytest --numprocesses 3 --leave-report
else
	@$(VENV)/bin/llmdocs guide check "$(CONCERNING)"
	@$(RUN) -m pytest --numprocesses 2 --concerning "$(CONCERNING)"
endif

javascript: $(VENV)/javascript/installed ## Install the JavaScript clients that tests try (needs npm)

update: $(VENV)/installed ## Rewrite outputs, captured errors, .env.example and the names of credentials
	@LITELLM_DISABLE_REDACT_SECRETS=false $(RUN) -m pytest tests/recipes/test_snippets.py tests/settings/test_settings.py tests/recipes/test_mistakes.py tests/redaction/test_credentials.py tests/pages/test_promise.py --update-examples

check: $(VENV)/site-installed ## Check pages, snippets, recipes and tables, and code style, in seconds
	@failed=; \
	$(VENV)/bin/llmdocs guide check || failed="$$failed guide"; \
	$(RUN) -m ruff check --quiet . || failed="$$failed ruff"; \
	$(RUN) -m ruff format --quiet --check . || failed="$$failed format"; \
	[ -z "$$failed" ] || { echo "Failed:$$failed. The messages are above."; exit 1; }

lint: $(VENV)/installed ## Check code style, types, imports, spelling and English prose
	@failed=; \
	$(RUN) -m ruff check . || failed="$$failed ruff"; \
	$(RUN) -m ruff format --check . || failed="$$failed format"; \
	$(RUN) -m mypy || failed="$$failed mypy"; \
	$(VENV)/bin/lint-imports || failed="$$failed imports"; \
	$(VENV)/bin/typos || failed="$$failed typos"; \
	$(RUN) -m tools.english_prose || failed="$$failed prose"; \
	[ -z "$$failed" ] || { echo "Failed:$$failed. The messages are above."; exit 1; }

format: $(VENV)/installed ## Fix code style and typography
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .
	$(VENV)/bin/llmdocs guide typography --fix

screenshots: $(VENV)/installed ## Take pictures of the site into screenshots/ (needs Chromium)
	@$(RUN) -m tools.screenshots

bench: $(VENV)/installed ## Compare the snippets, the client and the site's build with their floors
	@$(RUN) -m tools.bench
	@$(RUN) -m tools.bench_build

COMPILE := uv pip compile --universal --generate-hashes --no-header --no-emit-index-url

lock: ## Renew what is locked in requirements/ (needs uv and npm)
	$(COMPILE) --all-extras pyproject.toml -o requirements/dev.txt
	$(COMPILE) --extra site --excludes requirements/site.excludes.txt --constraint requirements/dev.txt pyproject.toml requirements/site.in -o requirements/site.txt
	cd requirements/javascript && npm update --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## Remove .venv and site/
	rm -rf $(VENV) site

# pip says a page where a line will do. What has failed it says on stderr; a pipe forgets that it has.
define pip-install
	@rm -f $(VENV)/failed
	@{ $(RUN) -u -m pip install --disable-pip-version-check --require-hashes --only-binary :all: -r $(1) || touch $(VENV)/failed; } | \
	awk -v all="$$(grep -c == $(1))" '/^(Collecting|Processing|Requirement already)/ { printf "\rInstalling locked packages: %d of %d", ++n, all; fflush() } END { print "" }'
	@[ ! -e $(VENV)/failed ]
endef

# The stamps come last: an interrupted installation is taken up again.
$(VENV)/site-installed: requirements/site.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "llmdocs needs Python 3.11 or newer; this is %d.%d. Name another: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Making $(VENV) with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv"; exit 1; }
	$(call pip-install,requirements/site.txt)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/installed: requirements/dev.txt $(VENV)/site-installed
	$(call pip-install,requirements/dev.txt)
	@touch $@

# Beside the environment, so that `make clean` takes both away; no package runs a program of its own.
$(VENV)/javascript/installed: requirements/javascript/package.json requirements/javascript/package-lock.json | $(VENV)/installed
	@mkdir -p $(@D)
	@cp $^ $(@D)
	@cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
