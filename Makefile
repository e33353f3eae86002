# Each target stands alone on a fresh checkout: it makes what it needs in .venv, and a second run finds it made.
#   make test         the whole suite, once for every instruction set that this machine runs
#   make bench        the side-by-side benchmark, under two minutes
#   make bench-full   the whole grid of benchmarks/
#   make lint         every check of style, and of the stubs against the package
#   make format       rewrites Python and C as lint wants them
#   make dist         sdist and wheel in dist/
#   make clean        removes all that these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# What an installed copy is made from; it is editable, so that a change of other Python needs no new one.
C_SOURCES := $(wildcard $(addsuffix /*.[ch],src/lanes src/pool src/pages))
SOURCES := pyproject.toml setup.py $(C_SOURCES) $(wildcard src/kernels/*.px[di] src/kernels/*.pyx) \
    stablemath_core/_reductions.py

.PHONY: test bench bench-full lint format dist clean

test: $(VENV)/with-test
	@set -e; \
	sets=$$(env -u STABLEMATH_ISA $(BIN)/python -c \
	    'import stablemath_core as sm; print(*sm.show_config(mode="dicts")["instruction_sets"]["runnable"])'); \
	for set in $$sets; do \
	    echo "== $$set (of: $$sets)"; \
	    STABLEMATH_ISA=$$set $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8; \
	done

bench: $(VENV)/with-bench
	$(BIN)/python -m stablemath_core bench

bench-full: $(VENV)/with-bench
	$(BIN)/python -m benchmarks

# cython-lint looks for its helper on the path.
lint: $(VENV)/with-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint src/kernels
	$(BIN)/clang-format --dry-run -Werror $(C_SOURCES)
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest --mypy-config-file pyproject.toml \
	    --allowlist .stubtest-allowlist --ignore-unused-allowlist stablemath_core

format: $(VENV)/with-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(C_SOURCES)

dist: $(VENV)/with-dev
	$(BIN)/python -m build --outdir dist .

clean:
	rm -rf $(VENV) build dist *.egg-info stablemath_core/*.so stablemath_core/*.c src/kernels/*.c \
	    .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/made:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made $(SOURCES)
	$(PIP) --editable .
	@touch $@

# with-<extra>: what that extra of pyproject.toml names is there; the package itself is, and not built again
$(VENV)/with-%: $(VENV)/installed
	$(PIP) 'stablemath_core[$*]'
	@touch $@

# A stamp is no intermediate file to be cleared away.
.SECONDARY:
