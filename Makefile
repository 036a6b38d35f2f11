# spanledger. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

OCB       := go tool -modfile=tools/ocb.mod builder
LINT      := go tool -modfile=tools/lint.mod golangci-lint
COLLECTOR := build/otelcol-spanledger/otelcol-spanledger
GATEWAY   := build/otelcol-spanledger-gateway/otelcol-spanledger-gateway
# The race detector needs a C compiler; without one the tests still run.
RACE      := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
FUZZTIME  ?= 30s

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, start on examples/quickstart.yaml and feed a simulated fleet (SCENARIO=outage, FILE=traces.jsonl)
	@go build -o build/spanledger-loadgen ./cmd/spanledger-loadgen
	@build/spanledger-loadgen demo --collector $(COLLECTOR) --config examples/quickstart.yaml \
	  $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(FILE),--file $(FILE)) $(if $(FOR),--for $(FOR))

.PHONY: test
test: build ## every test: unit, stories, laws, end to end on the built binary
	go vet ./...
	go test $(RACE) -shuffle=on -timeout 20m ./...
	@# allocations are gated without the race detector, which changes them
	@set -o pipefail; go test -count=1 -run Alloc ./processor/... ./internal/... | { grep -v '\[no test' || true; }
	@test/setup.sh
	cd test && PATH="$(CURDIR)/build/tools:$$PATH" go test $(RACE) -count=1 -timeout 20m ./...

.PHONY: build
build: ## the lean distribution otelcol-spanledger
	@mkdir -p build
	@echo "building $(COLLECTOR) (the first time takes minutes: the collector's modules are compiled)"
	@$(OCB) --config builder-config.yaml > build/ocb.log 2>&1 || { cat build/ocb.log; exit 1; }

.PHONY: build-gateway
build-gateway: ## the gateway distribution otelcol-spanledger-gateway
	@mkdir -p build
	@$(OCB) --config builder-config-gateway.yaml > build/ocb-gateway.log 2>&1 || { cat build/ocb-gateway.log; exit 1; }

.PHONY: test-gateway
test-gateway: build-gateway ## examples/scale on the gateway distribution: two tiers, two shares, one truth
	cd test && go test -tags gateway -count=1 -timeout 5m -run TwoShares ./e2e

.PHONY: lint
lint: ## golangci-lint with .golangci.yml
	$(LINT) run ./...

.PHONY: fmt
fmt: ## format
	$(LINT) fmt ./...

.PHONY: generate
generate: ## mdatagen: metadata, own telemetry, documentation
	go generate ./...

.PHONY: golden
golden: ## rewrite expected results of stories and golden files; read the diff before you commit
	go test $$(grep -rl --include=*_test.go 'scenario\.' . | grep -v '^./test/' | xargs -n1 dirname | sort -u) -update

.PHONY: accuracy
accuracy: ## right answers per oracle file (ORACLES=DIR for other files of the same form)
	@cd test && go run ./accuracy $(if $(ORACLES),--oracles $(abspath $(ORACLES)))

.PHONY: bench
bench: ## medians and ratios to protobuf decoding, with the peers
	@cd test && go run ./bench

.PHONY: bench-diff
bench-diff: ## the benchmark of another revision (BASE=REV, default main) and of this one, in turn
	@test/bench/diff.sh $(BASE)

.PHONY: crash
crash: build ## kill -9 the collector 200 times under load (CRASH_KILLS=n) and hold its books against the truth
	cd test && CRASH_KILLS=$${CRASH_KILLS:-200} go test -count=1 -timeout 30m -v -run TestBooksSurviveKill ./crash

.PHONY: soak
soak: build ## keep the collector under load for SOAK_DURATION (default 30m, 1m is enough to see) and hold books and memory against the truth
	cd test && SOAK_DURATION=$${SOAK_DURATION:-30m} go test -count=1 -timeout 0 -v -run TestSoak ./crash

.PHONY: clients
clients: ## record the real client SDKs against the local provider stand-in and print their books against its log (needs Node to record)
	@test/clients/record.sh

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (default 30s)
	@set -e; for pkg in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg; done; done

.PHONY: catalog
catalog: ## rebuild the embedded catalogue from its pinned sources (needs Node)
	go run ./cmd/spanledger-catalog build --fetch

.PHONY: tidy
tidy: ## fail where a go.mod is not as go mod tidy leaves it
	go mod tidy -diff
	cd test && go mod tidy -diff

.PHONY: check
check: fmt generate tidy lint test ## all of it, then fail on a dirty tree
	@git diff --exit-code

.PHONY: clean
clean: ## remove build/
	rm -rf build
