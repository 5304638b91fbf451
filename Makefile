# make check is what CI runs after its installs; the other targets are its parts
# and the jobs around it. The scripts say which variables they take.

# The test packages that know the -update flag.
GOLDEN_PACKAGES ?= $(sort $(dir $(shell grep -rl 'flag[.]Bool.*"update"' --include='*_test.go' .)))
PACKAGES ?= ./...
RUN ?= .
BENCH ?= .
COUNT ?= 6

.PHONY: check test race lint determinism fuzz golden figures coverage-doc bench bench-peers judge soak site release clean

check:
	scripts/check.sh

test:
	go test $(PACKAGES)

race lint determinism fuzz:
	scripts/check.sh $@

golden:
	@test -n "$(strip $(GOLDEN_PACKAGES))" || { echo 'golden: no test package has the -update flag' >&2; exit 1; }
	go test $(GOLDEN_PACKAGES) -run '$(RUN)' -update

# Every figure of docs/gallery.md, into docs/figures.
figures:
	scripts/figures.sh

coverage-doc:
	go test ./docs -update

bench:
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) $(PACKAGES)

bench-peers:
	scripts/bench-peers.sh

# The model against every recording that comes with it, against the second
# opinions and against the closed forms, at full size.
judge:
	ZKSIM_FREE_RUNS=1000 go test -count=1 -run 'Guided|Simulations|Rejected|Caught' ./conformance
	ZKSIM_HISTORIES=1000000 go test -count=1 -run SecondOpinion ./model
	ZKSIM_CLOSED_RUNS=100000 go test -count=1 -timeout 1h -run ClosedForms ./experiments

soak:
	scripts/soak.sh

# The program with the engine for the browser in it, for zksim site.
site:
	go generate ./web
	go build -tags site ./cmd/zksim

release:
	scripts/release.sh

clean:
	rm -rf dist web/dist zksim zksim.exe *.test *.out *.prof *.pprof
