# What people type. Each target installs what it needs first, and builds what it runs.

ROWS ?= 200000
SEED ?= 1

# One set of flags, so that `run` and `release` share their build. The Swift runtime is linked in: the binary needs
# Debian's packages only.
RELEASE := --configuration release --product sluice --static-swift-stdlib
# On a terminal the build shows one moving line; elsewhere it would print one per file.
QUIET := $(shell [ -t 2 ] || echo --quiet)

.PHONY: help run test release format lint

help:
	@echo "make run [ROWS=200000] [SEED=1]   the main job end to end, checked against independent clients"
	@echo "make test                         all tests, against real servers"
	@echo "make release                      builds sluice"
	@echo "make format | make lint           lays the code out | says where it is not"

run:
	@ops/dev/install.sh run
	@$(MAKE) --no-print-directory release
	@ops/dev/run.sh $(ROWS) $(SEED)

# The tests that run the command line run the release build.
test:
	@ops/dev/install.sh test
	@$(MAKE) --no-print-directory release
	@echo "building the tests (minutes, the first time)"
	@swift build --build-tests $(BUILD_OPTIONS) $(QUIET)
	@SLUICE_MONGOD=$(CURDIR)/.build/tools/mongod swift test --skip-build $(TEST_OPTIONS)

release:
	@ops/dev/install.sh build
	@echo "building sluice (minutes, the first time)"
	@swift build $(RELEASE) $(QUIET)
	@echo "$$(swift build $(RELEASE) --show-bin-path)/sluice"

format:
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

lint:
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests
