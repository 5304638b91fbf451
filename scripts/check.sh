#!/usr/bin/env bash
# Runs the project's checks and stops at the first that fails.
#
#   scripts/check.sh              all of them, in the order below
#   scripts/check.sh lint race    these only
#
# FUZZTIME       how long each fuzz target runs (default 10s)
# ZKSIM_FORBID_SKIP=1   what cannot be checked here is a failure, not a remark
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

# The linter is pinned here and not in go.mod, whose requirements stay those of
# the program itself.
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
fuzztime=${FUZZTIME:-10s}

work=$(mktemp -d)
step=
started=0
counts=
finish() {
	local status=$?
	rm -rf "$work"
	if [ "$status" -ne 0 ] && [ -n "$step" ]; then
		printf '\nFAILED: %s, after %ds; to run it again: scripts/check.sh %s\n' \
			"$step" "$((SECONDS - started))" "$step" >&2
	fi
}
trap finish EXIT
trap 'exit 130' INT TERM

# unavailable WHAT says that a part of a check cannot run here.
unavailable() {
	if [ "${ZKSIM_FORBID_SKIP:-}" = 1 ]; then
		echo "$1, and ZKSIM_FORBID_SKIP=1 forbids going on without it" >&2
		return 1
	fi
	echo "    not run: $1"
}

# gotest ARGS... runs go test, shows one line for each package while it runs,
# and shows the output of the tests only when one fails. The whole output stays
# in $work/test.log.
gotest() {
	local log=$work/test.log status=0
	go test -v "$@" 2>&1 | tee "$log" |
		{ grep --line-buffered -E '^(ok|FAIL|\?)[[:space:]]' || true; } || status=$?
	if [ "$status" -ne 0 ]; then
		grep -vE '^[[:space:]]*(=== (RUN|PAUSE|CONT|NAME)|--- PASS)|^(ok|\?)[[:space:]]|^PASS$' "$log" >&2 || true
	fi
	return "$status"
}

# count RESULT is the number of top-level tests with that result in the log.
count() { grep -cE "^--- $1: " "$work/test.log" || true; }

# Formatting of the Go files, and the syntax of the shell scripts.
check_format() {
	local files
	files=$(gofmt -l .)
	if [ -n "$files" ]; then
		printf 'not formatted; run gofmt -w on:\n%s\n' "$files" >&2
		return 1
	fi
	for script in .ci/run scripts/*.sh deploy/slurm/*.sh deploy/slurm/*.sbatch; do
		bash -n "$script"
	done
	if command -v shellcheck >/dev/null; then
		shellcheck .ci/run scripts/*.sh deploy/slurm/*.sh deploy/slurm/*.sbatch
	else
		unavailable 'shellcheck is not installed'
	fi
}

check_vet() { go vet ./...; }

# Staticcheck with the checks named in staticcheck.conf.
check_lint() { go run "$staticcheck" ./...; }

check_test() {
	gotest -count=1 -timeout 20m ./...
	grep -E '^[[:space:]]*--- SKIP: ' "$work/test.log" || true
	local passed skipped
	passed=$(count PASS) skipped=$(count SKIP)
	if [ "$passed" -eq 0 ]; then
		echo 'go test ./... ran no test' >&2
		return 1
	fi
	counts="tests: $passed passed, 0 failed, $skipped skipped"
}

# The model of go-zookeeper against the library itself, in a module of its own.
check_gozk() {
	cd judge/gozk
	go vet ./...
	go run "$staticcheck" ./...
	gotest -count=1 ./...
	cd ../..
}

# The race detector needs cgo and a C compiler.
check_race() { CGO_ENABLED=1 gotest -race -short -count=1 -timeout 30m ./...; }

check_determinism() { scripts/determinism.sh; }

# A short soak: random scenarios, and a few seeds of the embedded ones.
check_soak() { SCENARIOS=500 SEEDS=3 CHECKS=0 scripts/soak.sh; }

# A sweep as an array on a Slurm of this machine's own.
check_slurm() {
	local status=0
	deploy/slurm/test.sh || status=$?
	if [ "$status" -eq 77 ]; then
		unavailable 'Slurm is not installed'
		return
	fi
	return "$status"
}

# Every platform that a release is built for, and the release script itself.
check_targets() {
	local target
	while read -r target <&3; do
		echo "    vet $target"
		GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go vet ./...
	done 3<scripts/targets
	scripts/release.sh "$work/dist"
}

# Every fuzz target of every package, for a short while each.
check_fuzz() {
	local package name targets=0
	go test -list '^Fuzz' ./... >"$work/list"
	awk '/^Fuzz/ { names[++n] = $1 }
	     /^ok/   { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }' "$work/list" >"$work/fuzz"
	while read -r package name <&3; do
		targets=$((targets + 1))
		fuzz "$package" "$name"
	done 3<"$work/fuzz"
	echo "    $targets fuzz targets"
}

# fuzz PACKAGE NAME runs one target. Until Go 1.27 the fuzzing engine itself can
# fail when the time is up (go.dev/issue/75804). Such a failure says "context
# deadline exceeded" on a line of its own and writes no failing input; a failure
# of the target writes its input, or names the test file and line.
fuzz() {
	local log=$work/fuzz.log input
	if go test -run '^$' -fuzz "^$2\$" -fuzztime "$fuzztime" -fuzzminimizetime 10x "$1" >"$log" 2>&1; then
		printf '    %s %s: %s\n' "$1" "$2" "$(grep '^fuzz: elapsed' "$log" | tail -n 1)"
		return 0
	fi
	input=$(sed -n 's/^ *Failing input written to //p' "$log")
	if [ -z "$input" ] && grep -qE '^ +context deadline exceeded$' "$log"; then
		printf '    %s %s: no failing input; the engine stopped late\n' "$1" "$2"
		return 0
	fi
	cat "$log" >&2
	if [ -n "$input" ]; then
		echo "The input, to keep as ${1#zksim/}/$input:" >&2
		cat "$(go list -f '{{.Dir}}' "$1")/$input" >&2
	fi
	return 1
}

all='format vet lint test gozk race soak determinism slurm targets fuzz'
if [ $# -eq 0 ]; then
	# shellcheck disable=SC2086 # the list is split into its words on purpose
	set -- $all
fi
for name in "$@"; do
	if ! declare -F "check_$name" >/dev/null; then
		echo "scripts/check.sh: no check \"$name\": want one of $all" >&2
		exit 2
	fi
done

for step in "$@"; do
	started=$SECONDS
	printf '\n==> [%5ds] %s\n' "$SECONDS" "$step"
	"check_$step"
	echo "    $step took $((SECONDS - started))s"
done
step=
printf '\nAll checks passed in %ds: %s\n' "$SECONDS" "$*"
if [ -n "$counts" ]; then
	echo "$counts"
fi
