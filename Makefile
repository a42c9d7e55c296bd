# Needs Go alone. The tests also need PostgreSQL's server programs, which
# cmd/pgtmp finds, or installs where it can; see CONTRIBUTING.md.

GO ?= go
PGTMP = $(GO) run ./cmd/pgtmp
TOOL = $(GO) tool -modfile=configs/tools.mod
STATICCHECK = $(TOOL) staticcheck

# The packages whose tests speak to PostgreSQL directly.
PG_PACKAGES ?= ./infrastructure/database/... ./adapters/store/...

.DEFAULT_GOAL := help
.PHONY: help run demo build binary sbom release reproduce vuln pin-images test test-pg test-race waver faults faults-long rolling-from simulate simulate-night simulate-teeth fuzz bench bench-compare bench-large pictures gallery lint generate workflows verify

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Both run the binary that `make build` makes: what is compiled once is compiled.
run: binary ## Run the server with the defaults: SQLite and everything else in ./data
	@$(BINARY) serve

demo: binary ## Run a server with a sample project and simulated ad networks
	@$(BINARY) demo

build: binary sbom ## Build bin/tgtrack, one file without cgo, and its bill of materials

# The same commit gives the same bytes wherever and whenever it is built, by the
# same version of Go; `make reproduce` holds that. VERSION is what releases say
# they are; else the commit is.
VERSION ?=
LDFLAGS = -s -w $(if $(VERSION),-X github.com/tgtrack/tgtrack/cmd.Version=$(VERSION))
BINARY ?= bin/tgtrack

binary: ## Build bin/tgtrack alone
	@GO='$(GO)' .ci/compile -trimpath -buildvcs=auto -ldflags='$(LDFLAGS)' -o $(BINARY) ./cmd/tgtrack

sbom: ## Write what bin/tgtrack is made of to bin/tgtrack.cdx.json (CycloneDX)
	$(TOOL) cyclonedx-gomod bin -json -std -noserial -notimestamp -version "$$($(BINARY) version | cut -d" " -f2)" \
		-output $(BINARY).modules.json $(BINARY)
	$(GO) run ./cmd/thirdparty -bom $(BINARY).modules.json -out $(BINARY).cdx.json
	@rm $(BINARY).modules.json

release: ## Build what a release consists of into bin/release: make release VERSION=v1.2.3
	.ci/release "$(VERSION)"

reproduce: ## Build twice, in different folders, and compare the bytes
	.ci/reproduce

vuln: ## Look for known vulnerabilities that our code reaches; needs the database of vulnerabilities
	$(TOOL) govulncheck ./...

pin-images: ## Ask the registries for the digests of the images in configs/deploy, and write them there
	CRANE='$(TOOL) crane' .ci/pin-images

# What runs in process. Many of these packages wait for a database or a stream
# half of their time, so twice as many run at once as there are processors. Vet
# is left to lint: here it would go through all dependencies once more, and once
# again for the race detector. What only debuggers read is left out of the binaries,
# which are sooner linked so.
IN_PROCESS = $$($(GO) list ./... | grep -v /cmd/e2e)
AT_ONCE ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))
TEST = $(GO) test -vet=off -ldflags=-w

# The built binary is tried after all that runs in process, with the machine to
# itself: its tests wait for seconds. The faults do so, too, and run alone.
test: ## Run all tests but the faults, on SQLite and a throw-away PostgreSQL
	$(PGTMP) -- sh -c '$(TEST) -p $(AT_ONCE) -timeout 20m $(IN_PROCESS) && \
		TGTEST_PICTURES=$(CURDIR)/bin/pictures $(TEST) -p 1 -timeout 20m ./cmd/e2e ./cmd/e2e/fuzz ./cmd/e2e/cabinet'

test-pg: ## Run the tests of the packages that speak to PostgreSQL, uncached
	$(PGTMP) -- $(TEST) -count=1 -timeout 20m $(PG_PACKAGES)

# The tests below cmd/e2e run the built binary, which the detector does not see
# into: it would watch the callers alone. Nor does it watch SQLite's C, as it was
# translated to Go: each connection of that is one goroutine's at a time, and to
# watch its every byte took half of the time. What calls it is watched. (This can be
# said of that package alone: one with generic code would take the detector's eyes
# off others', which share it.)
RACE = $(TEST) -race -gcflags=modernc.org/sqlite/lib=-race=false

test-race: ## Run the tests that run in process with the race detector, which needs a C compiler
	$(PGTMP) -- env CGO_ENABLED=1 $(RACE) -p $(AT_ONCE) -timeout 40m $(IN_PROCESS)

WAVER ?= ./...

waver: ## Run tests many times to find those that fail now and then: make waver WAVER=./domain/...
	$(PGTMP) -- .ci/waver $(WAVER)

# Those that take their time, with a cluster, a quorum or a host that hangs,
# are called TestLong…; `.ci/run` leaves them to faults-long.
faults: ## Break the service and what it depends on, under load
	$(PGTMP) -- $(TEST) -count=1 -timeout 15m -parallel 1 -skip '^TestLong' ./cmd/e2e/faults

faults-long: ## Break it in the ways that take minutes; not in .ci/run
	$(PGTMP) -- $(TEST) -count=1 -timeout 40m -parallel 1 -run '^TestLong' ./cmd/e2e/faults

rolling-from: ## Let TestRollingUpgrade start from the commit of now, after a change of the unreleased schema
	git rev-parse HEAD >cmd/e2e/faults/testdata/rolling-from

SEEDS ?= 1000
FIRST ?= 1
STEPS ?= 45

# -postgres in SIMULATE plays them over PostgreSQL, -story tells each.
simulate: ## Play random histories and hold what came of them against what happened: make simulate SEEDS=10000 FIRST=1
	GOGC=400 $(TEST) -count=1 -timeout 3h ./cmd/simulation -run TestSimulate -seeds $(SEEDS) -first $(FIRST) -steps $(STEPS) $(SIMULATE)

NIGHT ?= 1h

simulate-night: ## Play new histories for an hour, longer ones too
	$(MAKE) simulate SEEDS=0 FIRST=$$(date +%s)00000 STEPS=100 SIMULATE="-for $(NIGHT) $(SIMULATE)"

simulate-teeth: ## Plant the faults of cmd/simulation/teeth one by one, see that each is found, and write down how soon
	$(TEST) -count=1 -timeout 3h ./cmd/simulation -run '^TestTeeth$$' -teeth -v

FUZZTIME ?= 20000x

fuzz: ## Fuzz every decoder, the event API and postback templates, each for FUZZTIME
	@targets=$$($(TEST) -list '^Fuzz' $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u)) || { echo "$$targets"; exit 1; }; \
	echo "$$targets" | awk '/^Fuzz/ { names[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print names[i], $$2; n = 0 }' | \
	while read -r name package; do \
		echo "--- $$name in $$package"; \
		$(TEST) -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null || exit 1; \
	done

bench: binary ## Measure requests a second beside an empty handler, and deliveries; 15 minutes
	$(GO) run ./cmd/loadgen bench --binary bin/tgtrack --json bin/bench.json $(BENCH)

bench-compare: binary ## Measure it beside another commit: make bench-compare BASE=commit
	$(GO) run ./cmd/loadgen compare --binary bin/tgtrack --base "$(BASE)" --json bin/bench-compare.json $(BENCH)

bench-large: binary ## Measure databases of 10 million people, and their pages; 90 minutes, 30 GB
	$(GO) run ./cmd/loadgen large --binary bin/tgtrack --json bin/bench-large.json $(BENCH)

pictures: ## Make the pictures of the documentation again, from the demo
	TGTEST_DOCS=$(CURDIR)/docs/pictures $(GO) test -count=1 -run TestDemo ./cmd/e2e/cabinet

GALLERY ?= $(CURDIR)/bin/gallery

gallery: ## Make pictures of every page: both languages, light and dark, wide and phone, 3 to 10,000 rows; 15 minutes
	@mkdir -p $(GALLERY)
	$(GO) test -count=1 -timeout 1h -run TestManyRows ./cmd/e2e/cabinet -gallery $(GALLERY)

lint: ## Check format, go vet and staticcheck
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(STATICCHECK) ./...

workflows: ## Check the workflows of GitHub Actions
	$(TOOL) actionlint -shellcheck= -pyflakes=

generate: ## Make generated files again
	$(GO) generate ./...

verify: ## Check that generated files, the wiring too, and module files are up to date
	$(MAKE) generate
	git --no-pager diff --exit-code
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(MAKE) workflows reproduce
