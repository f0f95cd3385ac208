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

.PHONY: test
test: needs-test drift lint vet unit ## Run everything that CI runs

# Tests build the binaries and the witness, too: compiled beforehand, that takes no
# time of theirs. Without input, the witness ends at once.
.PHONY: unit
unit: needs-unit ## Run the Go tests with the race detector, on a real Postgres
	@go build ./...
	@go run -C $(WITNESS) ./stripe </dev/null
	go test -race -timeout 20m ./...
	go test -C $(WITNESS) -race ./...

.PHONY: upgrade-test
upgrade-test: needs-upgrade-test ## Let a worker of BASE=<commit> (the newest tag, else the commit before) share deployments with this one
	@tools/upgrade-test "$(BASE)"

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
drift: ## Fail if generated code is out of date
	@before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; cp -R graph "$$before"; \
	$(MAKE) --no-print-directory generate; \
	diff -r "$$before/graph" graph || \
	{ echo "Generated code was out of date. It has been regenerated: review and commit it." >&2; exit 1; }

.PHONY: chaos
chaos: needs-chaos ## Kill, stop and starve everything: CHAOS_RUNS random runs (300), drawn by CHAOS_SEED
	CHAOS_RUNS=$${CHAOS_RUNS:-300} go test -C internal/chaos -count=1 -parallel 1 -timeout 90m

.PHONY: bench
bench: needs-bench ## Measure how fast a go-live is, each figure beside its floor
	go run ./internal/bench
