# Run `make` to list the commands.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Its own module file keeps the linter's 200 dependencies out of ours. The first
# run builds it, which takes a few minutes; later ones find it in Go's cache.
LINT := go tool -modfile=tools/go.mod golangci-lint

# A module of its own, too: what the tests ask about Stripe and Compose.
WITNESS := internal/witness
WITNESS_LINT := go tool -C $(WITNESS) -modfile=../../tools/go.mod golangci-lint

# What others made for servers such as ours, in JavaScript.
NODE := tools/node

# One after another, also under make -j: some write what others read.
.NOTPARALLEL:

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# First of all, before anything runs: what this machine lacks for a target is
# installed where that may be, and named where not.
NEEDS := needs-dev needs-test needs-unit needs-chaos needs-bench needs-upgrade-test
.PHONY: $(NEEDS)
$(NEEDS): needs-%:
	@tools/setup $*

.PHONY: dev
dev: needs-dev build ## Run everything on this machine, with a Stripe simulator and a demo tenant
	@exec bin/golive dev

# In pure Go, as the image has them: nobody needs a C compiler for it. With
# TAGS=production, as the image is built, too: without golive dev and stripe-sim, and
# without the simulator, mail server and Postgres starter behind them.
TAGS ?=
.PHONY: build
build: ## Build bin/api, bin/worker and bin/golive (TAGS=production: without what is for development)
	@CGO_ENABLED=0 go build -tags "$(TAGS)" -o bin/ ./cmd/...

# The built page is committed, so that nobody needs Node to run it.
.PHONY: page page-dev page-check screenshots
page: web/node_modules ## Build the page from web/src into web/dist (needs Node 20.19)
	@npm --prefix web run build

page-dev: web/node_modules ## Serve the page from its sources, beside a running make dev
	@npm --prefix web run dev

screenshots: web/node_modules ## Take the pictures of the page in docs/page anew
	@npm --prefix web run gallery
	@npm --prefix web run gallery-shots -- ../docs/page home products product-changed review schedule-empty scheduled scheduled-calendar \
		deployment-running deployment-live deployment-failed history settings settings-people settings-audit settings-payments \
		orders order disputes dispute payouts payout reconciliation events

page-check: web/node_modules ## Check the page: types, lint, format, unit tests
	@npm --prefix web run check

web/node_modules: web/package-lock.json
	@command -v npm >/dev/null || { echo "Building the page needs Node 20.19 or newer, with npm." >&2; exit 1; }
	@npm --prefix web ci
	@touch $@

.PHONY: test
test: needs-test drift lint vet unit fuzz ## Run everything that CI runs

# Packages whose tests start real processes: they have the machine to themselves, one after
# the other, because leases and patience are as long there as in production.
PROCESSES := ./cmd/golive ./internal/chaos ./internal/e2e

# Tests build the binaries and the witness, too: compiled beforehand, that takes no
# time of theirs. Without input, the witness ends at once.
.PHONY: unit
unit: needs-unit $(NODE)/node_modules/.package-lock.json web/node_modules ## Run the Go tests with the race detector, on a real Postgres
	@go build ./...
	@go run -C $(WITNESS) ./stripe </dev/null
	go test -race -timeout 20m $$(go list ./... | grep -vxF "$$(go list $(PROCESSES))")
	go test -race -timeout 20m -p 1 $(PROCESSES)
	go test -C $(WITNESS) -race ./...

# Each target by itself, as go test has it. What it finds lies in testdata/fuzz of the
# package, and is a test from then on.
FUZZTIME ?= 5s
.PHONY: fuzz
fuzz: needs-unit ## Feed all that reads what others write with nonsense, FUZZTIME each (5s)
	@grep -rE '^func Fuzz' --include='*_test.go' internal | sed -E 's,^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*).*,\1 \2,' | sort | \
	while read -r package name; do \
		go test "./$$package" -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x </dev/null || exit 1; \
	done

.PHONY: upgrade-test
upgrade-test: needs-upgrade-test ## Let a worker of BASE=<commit> (the newest tag, else the commit before) share deployments with this one
	@tools/upgrade-test "$(BASE)"

$(NODE)/node_modules/.package-lock.json: $(NODE)/package-lock.json
	@cd $(NODE) && npm ci --loglevel=error

.PHONY: vet
vet: ## Run go vet
	go vet ./...
	go vet -tags upgrade ./internal/e2e
	go vet -tags production ./cmd/...
	go vet -C $(WITNESS) ./...

# Another checkout may be linted at the same time.
.PHONY: lint
lint: ## Run the linter, including formatting (.golangci.yaml)
	$(LINT) run --allow-parallel-runners ./...
	$(WITNESS_LINT) run --allow-parallel-runners ./...

.PHONY: format
format: ## Format all Go code
	$(LINT) fmt ./...
	$(WITNESS_LINT) fmt ./...

.PHONY: generate
generate: ## Regenerate the GraphQL code from graph/schema
	go tool gqlgen generate

# Compared with a copy, not with the last commit: work in progress may be
# uncommitted, but it may not be out of step with its sources.
.PHONY: drift
drift: web/node_modules ## Fail if generated code or the built page is out of date
	@before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; cp -R graph web/dist web/documents.json "$$before"; \
	$(MAKE) --no-print-directory generate page; \
	diff -r "$$before/graph" graph && diff -rq "$$before/dist" web/dist && diff -q "$$before/documents.json" web/documents.json || \
	{ echo "Generated code was out of date. It has been regenerated: review and commit it." >&2; exit 1; }

.PHONY: chaos
chaos: needs-chaos ## Kill, stop and starve everything: CHAOS_RUNS random runs (300) and CHAOS_ORDERS orders (10,000), drawn by CHAOS_SEED
	CHAOS_RUNS=$${CHAOS_RUNS:-300} CHAOS_ORDERS=$${CHAOS_ORDERS:-10000} go test -C internal/chaos -count=1 -parallel 1 -timeout 180m
	CHAOS_RUNS=$${CHAOS_RUNS:-300} go test -C internal/order -count=1 -run AnyOrderOfEvents -timeout 90m -v

# PARTS="go-live lists" measures some of it (internal/bench/main.go names them all).
PARTS ?=
.PHONY: bench
bench: needs-bench web/node_modules ## Measure how fast everything is, each figure beside its floor: PARTS of it, or all
	go run ./internal/bench $(PARTS)

.PHONY: bench-attack
bench-attack: needs-bench ## Attack the API in every known way, and measure what honest callers notice
	go run ./internal/bench attack
