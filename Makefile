# Two commands do everything on a machine with Python 3.11: `make demo` and `make test`.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .stamps
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
export SANNENG_HOME ?= $(CURDIR)/var

.PHONY: demo report serve test bench lint assets screenshots clean

demo: $(STAMPS)/base $(STAMPS)/assets  ## the sample school, its report and check, and the site
	SANNENG_HTTPS=0 SANNENG_SECOND_FACTOR=off $(BIN)/sanneng demo --serve

report: $(STAMPS)/base $(STAMPS)/assets  ## the same, without serving
	SANNENG_HTTPS=0 $(BIN)/sanneng demo

serve: $(STAMPS)/base $(STAMPS)/assets
	SANNENG_HTTPS=0 SANNENG_SECOND_FACTOR=off $(BIN)/sanneng serve

test: $(STAMPS)/test $(STAMPS)/assets $(STAMPS)/system  ## every check
	$(BIN)/python scripts/checks.py

lint: $(STAMPS)/test
	$(BIN)/python scripts/checks.py --lint

bench: $(STAMPS)/bench $(STAMPS)/assets
	SANNENG_HTTPS=0 $(BIN)/python -m benchmarks

screenshots: $(STAMPS)/test $(STAMPS)/assets $(STAMPS)/system
	$(BIN)/python scripts/screenshots.py

assets: $(STAMPS)/assets

$(STAMPS)/uv: requirements/uv.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/base: $(STAMPS)/uv requirements/base.txt pyproject.toml
	$(UV) --require-hashes -r requirements/base.txt
	echo "$(CURDIR)/src" > $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/sanneng.pth
	@printf '%s\n' '#!$(CURDIR)/$(BIN)/python' 'from sanneng.cli import main' 'main()' > $(BIN)/sanneng && chmod +x $(BIN)/sanneng
	$(BIN)/python scripts/messages.py compile
	@touch $@

$(STAMPS)/test: $(STAMPS)/base requirements/test.txt
	$(UV) --require-hashes -r requirements/test.txt
	@touch $@

$(STAMPS)/bench: $(STAMPS)/test requirements/bench.txt
	$(UV) --require-hashes -r requirements/bench.txt
	@touch $@

$(STAMPS)/assets: $(STAMPS)/uv package-lock.json scripts/assets.py
	$(BIN)/python scripts/assets.py
	@touch $@

$(STAMPS)/system: scripts/system_packages.py
	@mkdir -p $(STAMPS)
	$(PYTHON) scripts/system_packages.py && touch $@

clean:  ## everything that can be made again; the data in var/ stays
	rm -rf .venv $(STAMPS) node_modules out src/sanneng/web/static/vendor
